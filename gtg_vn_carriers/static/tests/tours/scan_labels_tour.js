import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { answered, scan, wedge } from "@gtg_order_flow/../tests/tours/scan_out_tour";

const Real = browser.fetch;

/** The next labels never arrive, and nobody says so. */
function stallLabels() {
    browser.fetch = (url, options) =>
        url.startsWith("/gtg/labels")
            ? new Promise((resolve, reject) => {
                  const { signal } = options;
                  signal.addEventListener("abort", () => reject(signal.reason));
              })
            : Real(url, options);
}

registry.category("web_tour.tours").add("gtg_vn_carriers_lost_label", {
    steps: () => [
        ...scan("STALL1", ".o_gtg_scan_line[data-code='AT-M']"),
        { trigger: ".o_gtg_scan", run: stallLabels },
        { trigger: ".o_gtg_scan", run: () => wedge("AT-M") },
        {
            content: "the station does not wait for ever",
            trigger: ".o_gtg_scan_alert:contains('The label did not come')",
            timeout: 60000,
        },
        { trigger: ".o_gtg_scan_alert", run: () => wedge("STALL2") },
        {
            content: "the next parcel waits until this is seen",
            trigger: ".o_gtg_scan_idle",
            run: () => new Promise((resolve) => setTimeout(resolve, 500)),
        },
        {
            trigger: ".o_gtg_scan:has(.o_gtg_scan_idle) .o_gtg_scan_alert:contains('did not come')",
        },
        {
            content: "put off on purpose: it stays in sight",
            trigger: ".o_gtg_scan_no",
            run() {
                browser.fetch = Real;
                this.anchor.click();
            },
        },
        {
            trigger: ".o_gtg_scan:not(:has(.o_gtg_scan_alert)) .o_gtg_scan_unprinted",
            run: "click",
        },
        { trigger: "iframe.o_gtg_scan_print:not(:visible)" },
        { trigger: ".o_gtg_scan:not(:has(.o_gtg_scan_unprinted))" },
        answered("gtg_scan_printed", 1),
    ],
});

registry.category("web_tour.tours").add("gtg_vn_carriers_forced_boxes", {
    steps: () => [
        ...scan("BOX1", ".o_gtg_scan_alert:contains('Which street?')"),
        {
            content: "a scan into the field is no reason",
            trigger: ".o_gtg_scan_force input",
            run: "edit BOX1 && press Enter",
        },
        {
            content: "nor is an article without digits",
            trigger: ".o_gtg_scan_alert:has(.o_gtg_scan_wordless) .o_gtg_scan_force input",
            run: "edit at-m && press Enter",
        },
        {
            content: "one word is a reason",
            trigger: ".o_gtg_scan_alert:has(.o_gtg_scan_wordless) .o_gtg_scan_force input",
            run: "edit gấp && press Enter",
        },
        ...scan("2*AT-M", ".o_gtg_scan_done[data-code='AT-M']"),
        { content: "labels of all boxes", trigger: "iframe.o_gtg_scan_print:not(:visible)" },
        ...scan("BOX2", ".o_gtg_scan_message:contains('has left')"),
        { trigger: ".o_gtg_scan:not(:has(.o_gtg_scan_alert))" },
        answered("gtg_scan_printed", 1),
    ],
});
