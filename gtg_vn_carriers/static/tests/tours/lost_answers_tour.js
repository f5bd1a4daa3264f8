import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { answered, scan, wedge } from "@gtg_order_flow/../tests/tours/scan_out_tour";

const Real = browser.XMLHttpRequest;

/** The server gets the next calls of a method and answers: the answers never arrive. */
function loseAnswers(method, times) {
    let left = times;
    browser.XMLHttpRequest = class extends Real {
        addEventListener(type, listener) {
            super.addEventListener(type, (ev) =>
                type === "load" && this.lost
                    ? this.dispatchEvent(new Event("error"))
                    : listener(ev)
            );
        }

        send(body) {
            this.lost = String(body).includes(method) && left-- > 0;
            super.send(body);
        }
    };
}

function ship(code, times, trigger) {
    return [
        ...scan(code, ".o_gtg_scan_line[data-code='AT-M']"),
        {
            content: "the connection will break",
            trigger: ".o_gtg_scan",
            run: () => loseAnswers("gtg_scan_finish", times),
        },
        ...scan("AT-M", trigger),
    ];
}

registry.category("web_tour.tours").add("gtg_vn_carriers_lost_answers", {
    steps: () => [
        ...ship("LOST1", 1, ".o_gtg_scan_count:contains('1')"),
        { content: "the label came", trigger: "iframe.o_gtg_scan_print:not(:visible)" },
        ...ship("LOST2", 3, ".o_gtg_scan_alert:contains('No connection')"),
        { trigger: ".o_gtg_scan_alert", run: () => wedge("") },
        { trigger: ".o_gtg_scan_count:contains('2')" },
        ...ship("LOST3", 99, ".o_gtg_scan_alert:contains('No connection')"),
        {
            content: "somebody reloads the page",
            trigger: ".o_gtg_scan_no",
            run: "click",
        },
        { trigger: ".o_gtg_scan_cancel", run: "click" },
        ...scan("LOST3", ".o_gtg_scan_alert:contains('has left already')"),
        {
            content: "scanned once more: its label",
            trigger: ".o_gtg_scan_alert",
            run: () => {
                document.querySelectorAll("iframe.o_gtg_scan_print").forEach((f) => f.remove());
                wedge("LOST3");
            },
        },
        { trigger: ".o_gtg_scan:not(:has(.o_gtg_scan_alert))" },
        { trigger: "iframe.o_gtg_scan_print:not(:visible)" },
        answered("gtg_scan_printed", 3),
    ],
});
