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
            run() {
                browser.open = (url) => document.body.setAttribute("data-paper", url);
                this.anchor.click();
            },
        },
        {
            content: "labels are offered first",
            trigger: ".modal [name='papers'] input[data-value='labels']:checked",
        },
        { trigger: ".modal button[name='action_start']", run: "click" },
        {
            content: "the file opens, the dialog is gone",
            trigger: "body[data-paper*='/gtg/labels?ids=']:not(:has(.modal))",
            timeout: 30000,
        },
    ],
});
