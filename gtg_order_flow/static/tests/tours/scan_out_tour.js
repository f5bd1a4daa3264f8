import { registry } from "@web/core/registry";

/** A keyboard wedge: the scanner types as fast as no person does, then Enter. */
export function wedge(code) {
    for (const key of [...code, "Enter"]) {
        document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })
        );
    }
}

export function scan(code, trigger, content) {
    return [
        { content: content || `scan ${code}`, trigger: ".o_gtg_scan", run: () => wedge(code) },
        { trigger },
    ];
}

performance.setResourceTimingBufferSize(5000);

/** A step that ends when the server has answered as many calls of a method. */
export function answered(method, times) {
    const calls = () =>
        performance
            .getEntriesByType("resource")
            .filter(({ name }) => name.endsWith(`/${method}`));
    return {
        content: `${method}: ${times}`,
        trigger: ".o_gtg_scan",
        run: async () => {
            while (calls().length < times) {
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
        },
    };
}

registry.category("web_tour.tours").add("gtg_order_flow_scan_out", {
    steps: () => [
        ...scan("GHN9999", ".o_gtg_scan_alert:contains('is no waybill')"),
        ...scan(
            "GHN0666",
            ".o_gtg_scan_alert:contains('must not leave'):contains('Which street?')",
            "a held order, scanned over the last refusal"
        ),
        {
            content: "staff cannot force it",
            trigger: ".o_gtg_scan_alert:not(:has(.o_gtg_scan_force))",
        },
        ...scan("GHN0001", ".o_gtg_scan_buyer_note:contains('Gói quà giúp em')"),
        ...scan("8938505970012", ".o_gtg_scan_done[data-code='TEA']", "tea by barcode"),
        ...scan("GHN0777", ".o_gtg_scan_alert:contains('Wrong item')", "another waybill"),
        ...scan("CUP", ".o_gtg_scan_alert:contains('Wrong item')", "must be noticed first"),
        {
            content: "the scan during the alarm did not count",
            trigger: ".o_gtg_scan_line[data-code='CUP'] .o_gtg_scan_quantity:contains('0 / 2')",
        },
        {
            content: "noticed: waybill again",
            trigger: ".o_gtg_scan_alert",
            run: () => wedge("GHN0001"),
        },
        { trigger: ".o_gtg_scan:not(:has(.o_gtg_scan_alert))" },
        ...scan("8938505970012", ".o_gtg_scan_alert:contains('Too many')"),
        { trigger: ".o_gtg_scan_ok", run: "click" },
        {
            content: "this parcel is weighed",
            trigger: ".o_gtg_scan_bar button:contains('Weigh')",
            run: "click",
        },
        ...scan(
            "cup",
            ".o_gtg_scan_line[data-code='CUP'] .o_gtg_scan_quantity:contains('1 / 2')"
        ),
        {
            content: "typed by hand works as well",
            trigger: ".o_gtg_scan_code",
            run: "edit CUP && press Enter",
        },
        { trigger: ".o_gtg_scan_ship:not([disabled])" },
        {
            trigger: ".o_gtg_scan_weight input:focus",
            run: "edit 0,75 && press Enter",
        },
        { trigger: ".o_gtg_scan_message:contains('has left')" },
        {
            content: "no weighing any more",
            trigger: ".o_gtg_scan_bar button:contains('Weigh')",
            run: "click",
        },
        {
            content: "scanned faster than the server answers",
            trigger: ".o_gtg_scan_idle",
            run: () => ["GHN0777", "TEA", "CUP"].forEach(wedge),
        },
        { trigger: ".o_gtg_scan_count:contains('2')" },
        ...scan("GHN0777", ".o_gtg_scan_alert:contains('has left already')"),
    ],
});

registry.category("web_tour.tours").add("gtg_order_flow_scan_boxes", {
    steps: () => [
        ...scan("GHN0102", ".o_gtg_scan_box_count:contains('1 / 3')"),
        ...scan("TEA", ".o_gtg_scan_done[data-code='TEA']"),
        ...scan("CUP", ".o_gtg_scan_progress:contains('every box')"),
        ...scan("GHN0999", ".o_gtg_scan_alert:contains('Wrong parcel')", "of another order"),
        {
            content: "noticed",
            trigger: ".o_gtg_scan_ok",
            run: "click",
        },
        ...scan("GHN0102", ".o_gtg_scan_alert:contains('1 of 3 boxes')", "counted before"),
        { trigger: ".o_gtg_scan_ok", run: "click" },
        { trigger: ".o_gtg_scan_ship[disabled]" },
        ...scan("GHN0101", ".o_gtg_scan_box_count:contains('2 / 3')"),
        ...scan("ghn0103", ".o_gtg_scan_message:contains('has left')", "the last one ships"),
    ],
});
