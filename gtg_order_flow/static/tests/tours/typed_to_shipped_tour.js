import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { scan, wedge } from "./scan_out_tour";

const KEYS_AT_MOST = 20;
const keys = [];
let order = "";

function count({ key }) {
    keys.push(key);
}

registry.category("web_tour.tours").add("gtg_order_flow_typed_to_shipped", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("gtg_order_flow.menu_root", "open the orders"),
        {
            trigger: "[data-menu-xmlid='gtg_order_flow.menu_order_entry']",
            run: "click",
        },
        {
            content: "from here on no mouse",
            trigger: "#gtg_phone:focus",
            run: () => window.addEventListener("keydown", count, true),
        },
        { trigger: "#gtg_phone:focus", run: "edit 0987654321 && press Enter" },
        { trigger: "#gtg_product:focus", run: "edit TEA && press Enter" },
        { trigger: ".o_gtg_lines tr:contains('Oolong tea')" },
        { trigger: "#gtg_product:focus", run: "press Ctrl+Enter" },
        {
            content: "confirmed",
            trigger: ".o_gtg_made button:contains('Trần Văn Nam')",
            timeout: 60000,
            run: ({ anchor }) => {
                order = anchor.querySelector("span").textContent;
                window.removeEventListener("keydown", count, true);
                if (keys.length < 15 || keys.length > KEYS_AT_MOST) {
                    throw new Error(`${keys.length} keys: ${keys.join(" ")}`);
                }
            },
        },
        {
            trigger: "[data-menu-xmlid='gtg_order_flow.menu_warehouse']",
            run: "click",
        },
        {
            trigger: ".dropdown-item[data-menu-xmlid='gtg_order_flow.menu_scan_out']",
            run: "click",
        },
        ...scan("GHN0999", ".o_gtg_scan_alert:contains('is no waybill')"),
        {
            content: "the number on the delivery slip",
            trigger: ".o_gtg_scan",
            run: () => wedge(order),
        },
        { trigger: ".o_gtg_scan_line[data-code='TEA']" },
        ...scan("8938505970012", ".o_gtg_scan_message:contains('has left')"),
    ],
});
