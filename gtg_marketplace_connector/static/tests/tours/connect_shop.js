import { registry } from "@web/core/registry";

// Starts with the answer of the marketplace's consent page.
registry.category("web_tour.tours").add("gtg_marketplace_connect_shop", {
    steps: () => [
        {
            content: "the shop is connected",
            trigger: ".o_form_view .o_arrow_button_current:contains('Connected')",
        },
        {
            content: "it says which shop it is",
            trigger: ".o_form_view div[name='shop_ref']:contains('226417938')",
        },
        {
            content: "fetch orders now",
            trigger: "button[name='action_fetch_now']",
            run: "click",
        },
        {
            content: "read the listings",
            trigger: "button[name='action_fetch_listings']:enabled",
            run: "click",
        },
        {
            content: "what has no product yet waits to be paired",
            trigger: ".o_list_view .o_data_row:contains('NON-01')",
        },
    ],
});
