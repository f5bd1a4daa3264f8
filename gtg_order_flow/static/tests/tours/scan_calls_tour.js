import { registry } from "@web/core/registry";

/** A keyboard wedge: the scanner types as fast as no person does, then Enter. */
function wedge(code) {
    for (const key of [...code, "Enter"]) {
        document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })
        );
    }
}

registry.category("web_tour.tours").add("gtg_order_flow_scan_calls", {
    steps: () => [
        {
            content: "two parcels, one after the other",
            trigger: ".o_gtg_scan_idle",
            run: () => ["GHN0001", "TEA", "CUP"].forEach(wedge),
        },
        { trigger: ".o_gtg_scan_count:contains('1')" },
        {
            trigger: ".o_gtg_scan_idle",
            run: () => ["GHN0002", "TEA", "CUP"].forEach(wedge),
        },
        { trigger: ".o_gtg_scan_count:contains('2')" },
    ],
});
