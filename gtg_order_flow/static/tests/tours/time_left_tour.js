import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const FIELD = ".o_kanban_record .o_gtg_time_left";

registry.category("web_tour.tours").add("gtg_order_flow_time_left", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("gtg_order_flow.menu_root", "open the orders"),
        { content: "soon", trigger: `${FIELD}.text-warning:contains(/^2 h 1\\d min left$/)` },
        { content: "over", trigger: `${FIELD}.text-danger:contains(/^3\\d min late$/)` },
        {
            content: "far away",
            trigger: `${FIELD}:not(.text-warning):contains('2 days left')`,
        },
        {
            content: "three hours pass, nobody reloads",
            trigger: FIELD,
            run: () => {
                luxon.Settings.now = () => Date.now() + 3 * 3600 * 1000;
                document.dispatchEvent(new Event("visibilitychange"));
            },
        },
        { content: "now it is late", trigger: `${FIELD}.text-danger:contains(/^4\\d min late$/)` },
        { trigger: `${FIELD}.text-danger:contains(/^3 h 3\\d min late$/)` },
    ],
});
