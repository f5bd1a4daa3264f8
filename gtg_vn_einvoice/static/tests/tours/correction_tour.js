import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("gtg_einvoice_correct", {
    steps: () => [
        { trigger: "button[name=action_gtg_correct]", run: "click" },
        {
            trigger: ".modal .o_field_widget[name=what] label:contains(goods came back)",
            run: "click",
        },
        { trigger: ".modal .alert:contains(an adjustment that lowers)" },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit 1 áo trả lại",
        },
        {
            trigger: ".modal .o_field_widget[name=agreement_ref] input",
            run: "edit BB-01/2026",
        },
        {
            trigger: ".modal .o_field_widget[name=agreed_on] input",
            run: "click",
        },
        { trigger: ".o_date_picker .o_today", run: "click" },
        {
            trigger: ".modal .o_data_row:first .o_field_widget[name=chosen] input",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row:first .o_data_cell[name=quantity]",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row:first .o_data_cell[name=quantity] input",
            run: "edit 1",
        },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        {
            trigger: ".o_form_view:has(.o_field_widget[name=gtg_original_id]) button[name=action_post]",
            run: "click",
        },
        { trigger: "button[name=action_gtg_issue]", run: "click" },
        {
            trigger: ".o_field_widget[name=gtg_einvoice_state]:contains(Being issued)",
        },
    ],
});
