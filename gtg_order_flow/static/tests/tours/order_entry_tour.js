import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("gtg_order_flow_entry", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("gtg_order_flow.menu_root", "open the orders"),
        {
            trigger: "[data-menu-xmlid='gtg_order_flow.menu_order_entry']",
            run: "click",
        },
        {
            content: "the cursor stands in the phone number",
            trigger: "#gtg_phone:focus",
            run: "edit 123",
        },
        { trigger: "#gtg_phone", run: "press Enter" },
        {
            content: "a number that is none is said so",
            trigger: ".invalid-feedback:contains('Vietnamese number')",
        },
        { trigger: "#gtg_phone:focus", run: "edit 84987654321" },
        { trigger: "#gtg_phone", run: "press Enter" },
        { trigger: ".o_gtg_known:contains('Known customer')" },
        { trigger: "#gtg_name:value('Trần Văn Nam')" },
        {
            content: "the address is known: straight to the goods",
            trigger: "#gtg_product:focus",
            run: "edit 3*tea",
        },
        { trigger: "#gtg_product", run: "press Enter" },
        { trigger: ".o_gtg_lines tr:contains('Oolong tea')" },
        { trigger: "#gtg_product:focus", run: "edit NOPE" },
        { trigger: "#gtg_product", run: "press Enter" },
        { trigger: ".invalid-feedback:contains('No product has this SKU')" },
        { trigger: "#gtg_product:focus", run: "edit Clay" },
        { trigger: "#gtg_product", run: "press Enter" },
        { trigger: ".o_gtg_lines tr:contains('Clay cup')" },
        { trigger: ".o_gtg_fresh:contains('500')" },
        {
            content: "a gift is a line of its own",
            trigger: "#gtg_product:focus",
            run: "edit 2*cup=0",
        },
        { trigger: "#gtg_product", run: "press Enter" },
        { trigger: ".o_gtg_lines tr:nth-child(3):contains('Clay cup')" },
        {
            content: "another price by agreement",
            trigger: ".o_gtg_lines tr:nth-child(2) input[aria-label='Unit price']",
            run: "edit 45000",
        },
        {
            trigger: ".o_gtg_lines tr:nth-child(2) input[aria-label='Unit price']",
            run: "press Enter",
        },
        { trigger: ".o_gtg_fresh:contains('495')" },
        { trigger: "#gtg_product:focus", run: "press Enter" },
        { trigger: "#gtg_payment:focus", run: "press Enter" },
        { trigger: "#gtg_carrier:focus", run: "selectByLabel Our courier" },
        {
            content: "the carrier's fee is in the total",
            trigger: ".o_gtg_fresh:contains('525')",
        },
        { trigger: "#gtg_carrier", run: "press Enter" },
        { trigger: "#gtg_fee:focus", run: "press Enter" },
        { trigger: "#gtg_discount:focus", run: "edit 20000" },
        { trigger: ".o_gtg_fresh:contains('505')" },
        { trigger: "#gtg_discount", run: "press Enter" },
        { trigger: "#gtg_ship_date:focus", run: "press Enter" },
        { trigger: "#gtg_buyer_note:focus", run: "press Ctrl+Enter" },
        {
            content: "saved, confirmed, ready for the next call",
            trigger: ".o_gtg_made button:contains('Trần Văn Nam')",
            timeout: 60000,
        },
        { trigger: ".o_gtg_entry:not(:has(.o_gtg_lines tr)) #gtg_phone:focus" },
    ],
});
