import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("gtg_vn_carriers_print_labels", {
    steps: () => [
        ...stepUtils.goToAppSteps("gtg_order_flow.menu_root", "open the orders"),
        { trigger: ".o_cp_switch_buttons .o_switch_view.o_list", run: "click" },
        {
            trigger: ".o_list_view .o_list_record_selector input[type='checkbox']",
            run: "click",
        },
        {
            trigger: "button[name='action_gtg_bulk']:contains('Print')",
            run: "click",
        },
        {
            content: "labels are offered first",
            trigger: ".modal [name='papers'] input[data-value='labels']:checked",
            run() {
                browser.open = (url) => {
                    document.body.setAttribute("data-paper", url);
                    return window;
                };
                const { fetch } = browser;
                browser.fetch = async (url) => {
                    browser.fetch = fetch;
                    throw new Error(`no connection to ${url}`);
                };
            },
        },
        { trigger: ".modal button[name='action_start']", run: "click" },
        {
            content: "the connection was lost",
            trigger: ".modal .alert:contains('Nothing counts as printed')",
            timeout: 60000,
        },
        { trigger: ".modal .o_gtg_bulk_again", run: "click" },
        {
            content: "nothing opens by itself: browsers block that",
            trigger: "body:not([data-paper]) .modal .o_gtg_bulk_open",
            run: "click",
        },
        {
            content: "opened by the click, the dialog is gone",
            trigger: "body[data-paper^='blob:']:not(:has(.modal))",
        },
    ],
});
