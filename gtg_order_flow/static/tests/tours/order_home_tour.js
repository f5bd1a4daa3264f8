import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("gtg_order_flow_today", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("gtg_order_flow.menu_root", "open the orders"),
        {
            content: "the column says how many and how much",
            trigger: ".o_kanban_group:contains('New') .o_kanban_header:contains('2')",
        },
        {
            trigger: ".o_search_panel .o_search_panel_section:contains('Unclear address')",
        },
        {
            trigger: "[data-menu-xmlid='gtg_order_flow.menu_order_home']",
            run: "click",
        },
        {
            content: "a deadline opens its orders",
            trigger: ".o_gtg_home_deadlines .o_gtg_tile_danger:contains('Too late')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Nguyễn Thị Lan')",
        },
        {
            trigger: ".o_back_button, .breadcrumb-item a:contains('Today')",
            run: "click",
        },
        {
            content: "a hold opens with its reason",
            trigger: ".o_gtg_home_holds .o_gtg_tile:contains('Unclear address')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Which ward?')",
        },
    ],
});
