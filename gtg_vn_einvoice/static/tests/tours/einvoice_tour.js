import { browser } from "@web/core/browser/browser";
import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";

let opened;

/** What the button opens or downloads is read here: no other tab is watched. */
function catchOpened() {
    const kept = (answer) => {
        opened = answer;
        document.body.classList.add("gtg_opened");
    };
    browser.open = (url) => {
        kept(fetch(url));
        return window;
    };
    download._download = async ({ url, data }) => {
        const form = new FormData();
        for (const [name, value] of Object.entries(data)) {
            form.append(name, value);
        }
        form.append("csrf_token", odoo.csrf_token);
        kept(fetch(url, { method: "POST", body: form }));
    };
}

async function checkPreview() {
    const answer = await opened;
    const text = await answer.text();
    // in tests of a browser Odoo gives reports as HTML
    const ours = /BẢN XEM TRƯỚC, KHÔNG PHẢI HÓA ĐƠN[^]*Ký hiệu: <b>1C\w+<[^]*chưa cấp/;
    if (!answer.ok || !(text.startsWith("%PDF") || ours.test(text))) {
        throw new Error(`${answer.url}: ${answer.status} ${text}`);
    }
}

registry.category("web_tour.tours").add("gtg_einvoice_issue", {
    steps: () => [
        { trigger: "button[name=action_gtg_preview]", run: catchOpened },
        { trigger: "button[name=action_gtg_preview]", run: "click" },
        { trigger: "body.gtg_opened", run: checkPreview },
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
