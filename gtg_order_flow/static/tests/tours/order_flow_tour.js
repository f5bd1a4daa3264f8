import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("gtg_order_flow_phone_order", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("gtg_order_flow.menu_root", "open the orders"),
        {
            content: "type a new order",
            trigger: ".o_control_panel .o-kanban-button-new",
            run: "click",
        },
        {
            content: "who calls",
            trigger: ".o_field_widget[name='partner_id'] input",
            run: "edit Nguyễn Thị Lan",
        },
        {
            trigger: ".ui-menu-item > a:contains('Nguyễn Thị Lan')",
            run: "click",
        },
        {
            content: "pays the carrier",
            trigger: ".o_field_widget[name='gtg_is_cod'] input",
            run: "click",
        },
        {
            content: "what",
            trigger: ".o_field_x2many_list_row_add > button:contains('Add a product'), .o_field_x2many_list_row_add > a:contains('Add a product')",
            run: "click",
        },
        {
            trigger: "div[name='product_id'] input, div[name='product_template_id'] input",
            run: "edit Oolong tea",
        },
        {
            trigger: ".ui-menu-item a:contains('Oolong tea')",
            run: "click",
        },
        {
            content: "the amount is there",
            trigger: ".o_field_widget[name='gtg_cod_amount']:contains('150'), .o_field_widget[name='gtg_cod_amount'] input:value('150,000')",
        },
        ...stepUtils.saveForm(),
        {
            content: "a new order, nothing reserved",
            trigger: ".o_gtg_card .o_field_widget[name='gtg_stage']:contains('New')",
        },
        {
            content: "the next step is said and done by one button",
            trigger: ".o_statusbar_buttons button[name='action_gtg_next']:contains('Confirm')",
            run: "click",
        },
        {
            trigger: ".o_gtg_card .o_field_widget[name='gtg_stage']:contains('Processing')",
        },
        {
            trigger: ".o_gtg_card .o_field_widget[name='gtg_goods']:contains('Stock reserved')",
        },
        {
            trigger: ".o_gtg_card .o_field_widget[name='gtg_money']:contains('Cash on delivery')",
        },
        {
            content: "hold it",
            trigger: ".o_statusbar_buttons button[name='action_gtg_hold']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='note'] textarea",
            run: "edit Buyer asks for another address",
        },
        {
            trigger: ".modal button[name='action_hold']",
            run: "click",
        },
        {
            trigger: ".o_gtg_card .o_field_widget[name='gtg_info']:contains('On hold')",
        },
        {
            trigger: ".o_gtg_holds td:contains('Buyer asks for another address')",
        },
        {
            content: "and let it go",
            trigger: ".o_gtg_holds button[name='action_release']",
            run: "click",
        },
        {
            trigger: ".o_gtg_card .o_field_widget[name='gtg_info']:contains('Approved')",
        },
        {
            trigger: ".o_statusbar_buttons button[name='action_gtg_next']:contains('Pack and ship')",
        },
        {
            content: "back to the board",
            trigger: ".o_back_button, .breadcrumb-item a:contains('Orders')",
            run: "click",
        },
        {
            content: "it stands under Processing, with its next step",
            trigger: ".o_kanban_group:contains('Processing') .o_kanban_record:contains('Nguyễn Thị Lan') button:contains('Pack and ship')",
        },
    ],
});
