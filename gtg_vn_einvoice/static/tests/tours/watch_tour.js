import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("gtg_einvoice_watch", {
    steps: () => [
        { trigger: ".o_kanban_record:has([data-code=late]):contains(2)" },
        { trigger: ".o_kanban_record:has([data-code=late]):contains(working days late)" },
        { trigger: ".o_kanban_record:has([data-code=late])", run: "click" },
        { trigger: ".o_list_view .o_data_row:nth-child(2)" },
        { trigger: ".o_list_view thead .o-checkbox input", run: "click" },
        { trigger: "button[name=action_gtg_issue_bulk]", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=total]:contains(2)" },
    ],
});
