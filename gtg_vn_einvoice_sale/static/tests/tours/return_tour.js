import { registry } from "@web/core/registry";

const press = (name) => ({ trigger: `button[name=${name}]:enabled`, run: "click" });
const tours = registry.category("web_tour.tours");

tours.add("gtg_return_received", {
    steps: () => [
        press("action_gtg_return"),
        {
            trigger: ".o_field_widget[name=reason_id] input",
            run: "edit fit",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Does not fit)",
            run: "click",
        },
        { trigger: ".o_data_row .o_data_cell[name=quantity]", run: "click" },
        {
            trigger: ".o_data_row .o_data_cell[name=quantity] input",
            run: "edit 1",
        },
        { trigger: ".o_form_button_save:enabled", run: "click" },
        press("action_accept"),
        press("action_all_good"),
        {
            trigger: ".o_data_row .o_data_cell[name=good]:contains(1)",
        },
        press("action_receive"),
        press("action_refund"),
        {
            content: "who may not see the books reads what comes next",
            trigger: ".o_field_widget[name=refund_text]:contains(Post and pay the credit note)",
        },
    ],
});

tours.add("gtg_return_adjusted", {
    steps: () => [
        press("action_post"),
        { trigger: ".o_field_widget[name=gtg_original_id]" },
        press("action_gtg_issue"),
        {
            trigger: ".o_field_widget[name=gtg_einvoice_state]:contains(Being issued)",
        },
    ],
});

tours.add("gtg_return_read", {
    steps: () => [
        press("action_gtg_open_einvoice"),
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(With code)" },
        { trigger: ".o_field_widget[name=correction_kind]:contains(Adjustment)" },
        { trigger: ".o_field_widget[name=amount_total]:contains(-109)" },
        { trigger: ".o_field_widget[name=original_id] a", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Corrected)" },
    ],
});
