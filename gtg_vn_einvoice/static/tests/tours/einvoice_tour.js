import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("gtg_einvoice_issue", {
    steps: () => [
        { trigger: "button[name=action_gtg_preview]" },
        { trigger: "button[name=action_gtg_issue]", run: "click" },
        {
            trigger: ".o_field_widget[name=gtg_einvoice_state]:contains(Being issued)",
        },
        { trigger: ".o_form_view:not(:has(button[name=action_gtg_issue]))" },
    ],
});

registry.category("web_tour.tours").add("gtg_einvoice_read", {
    steps: () => [
        { trigger: ".o_field_widget[name=gtg_einvoice_state]:contains(With code)" },
        { trigger: ".o_field_widget[name=gtg_authority_code] span:not(:empty)" },
        { trigger: ".o_field_widget[name=gtg_lookup_code] span:not(:empty)" },
        { trigger: ".o_field_widget[name=gtg_xml_file]" },
        { trigger: "button[name=action_gtg_open_einvoice]", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=xml_state]:contains(Agrees)" },
        { trigger: ".o_field_widget[name=amount_words]:contains(đồng)" },
    ],
});
