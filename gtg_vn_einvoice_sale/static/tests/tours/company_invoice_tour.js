import { registry } from "@web/core/registry";
import * as tourUtils from "@website_sale/js/tours/tour_utils";

const edit = (name, text) => ({
    content: `address: ${name}`,
    trigger: `form.address_autoformat input[name=${name}]`,
    run: `edit ${text}`,
});
const answer = (field, text) => ({
    content: `invoice: ${field}`,
    trigger: `form input#${field}`,
    run: `edit ${text}`,
});
const save = {
    content: "save",
    trigger: "form button[type=submit]:contains(Save)",
    run: "click",
    expectUnloadPage: true,
};

registry.category("web_tour.tours").add("gtg_company_invoice", {
    url: "/shop",
    steps: () => [
        ...tourUtils.searchProduct("Bán chạy", { select: true }),
        {
            content: "put it into the cart",
            trigger: "#product_detail form #add_to_cart",
            run: "click",
        },
        tourUtils.goToCart(),
        tourUtils.goToCheckout(),
        {
            trigger: "#o_country_id",
            run: "selectByLabel Vietnam",
        },
        {
            trigger: "select[name='state_id']:has(option:contains(Hồ Chí Minh))",
            run: "selectByLabel TP Hồ Chí Minh",
        },
        edit("name", "Nguyễn Thị Bưởi"),
        edit("email", "buoi@example.com"),
        edit("phone", "0912345678"),
        edit("street", "12 Lê Lợi"),
        edit("city", "Phường Sài Gòn"),
        {
            content: "to the payment",
            trigger: "a[name='website_sale_main_button']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "a company pays",
            trigger: ".gtg_invoice_buyer a[name=gtg_invoice_buyer]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#kind_company", run: "click" },
        answer("vat", "0101243151"),
        answer("name", "Công ty TNHH Bưởi Năm Roi"),
        save,
        {
            content: "a mistyped digit is told, what was typed is still there",
            trigger:
                "#vat.is-invalid:value(0101243151) ~ .invalid-feedback:contains(no Vietnamese tax code)",
        },
        { trigger: ".alert-danger:contains(Nothing was saved yet)" },
        answer("vat", "0101243150"),
        answer("street", "35 Nguyễn Huệ"),
        answer("city", "Phường Bến Thành"),
        answer("email", "hoadon@buoi.example"),
        save,
        {
            content: "the payment page knows",
            trigger: ".gtg_invoice_buyer:contains(Công ty TNHH Bưởi Năm Roi)",
        },
        {
            content: "pay by transfer",
            trigger: "#o_payment_form:contains(Wire Transfer)",
        },
        ...tourUtils.pay({ expectUnloadPage: true, waitFinalizeYourPayment: true }),
        {
            content: "ordered",
            trigger: "[name='order_confirmation']",
            timeout: 60000,
        },
    ],
});
