import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("gtg_order_flow_portal_return", {
    steps: () => [
        {
            content: "the order has arrived",
            trigger: ".o_gtg_steps li.text-success:contains('Delivered')",
        },
        {
            content: "send something back",
            trigger: "a.o_gtg_ask_return",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "one tin",
            trigger: ".o_gtg_return_form tr:contains('Oolong tea') input[type='number']",
            run: "edit 1",
        },
        {
            trigger: "select[name='reason_id']",
            run: "selectByLabel Does not fit",
        },
        {
            trigger: "textarea[name='note']",
            run: "edit Tin is too big",
        },
        {
            trigger: "button.o_gtg_send",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the request stands on the order",
            trigger: ".o_gtg_return:contains('Requested')",
        },
    ],
});
