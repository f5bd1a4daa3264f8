import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("gtg_order_flow_bulk_approve", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("gtg_order_flow.menu_root", "open the orders"),
        {
            trigger: ".o_cp_switch_buttons .o_switch_view.o_list",
            run: "click",
        },
        {
            content: "all orders of the list",
            trigger: ".o_list_view .o_list_record_selector input[type='checkbox']",
            run: "click",
        },
        {
            trigger: ".o_selection_container button:contains('Approve')",
            run: "click",
        },
        {
            content: "one failed, and it is said why",
            trigger: ".o_form_view .alert-warning:contains('could not be done')",
            timeout: 60000,
        },
        {
            trigger: "[name='failed_line_ids'] td:contains('The ward is missing')",
        },
        {
            trigger: "[name='failed_line_ids'] .o_data_row button[name='action_open_order']",
            run: "click",
        },
        {
            content: "its cause is ended on the order",
            trigger: ".o_gtg_holds button[name='action_release']",
            run: "click",
        },
        {
            trigger: ".o_gtg_card .o_field_widget[name='gtg_info']:contains('To review')",
        },
        {
            trigger: ".o_back_button, .breadcrumb-item a:contains('Approve')",
            run: "click",
        },
        {
            trigger: "button[name='action_again']",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('Approve: done for 9 orders')",
            timeout: 60000,
        },
    ],
});
