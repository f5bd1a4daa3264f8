import { registry } from "@web/core/registry";
import * as tourUtils from "@website_sale/js/tours/tour_utils";

const edit = (name, text) => ({
    content: `address: ${name}`,
    trigger: `form.address_autoformat input[name=${name}]`,
    run: `edit ${text}`,
});

registry.category("web_tour.tours").add("gtg_vn_carriers_checkout", {
    url: "/shop",
    steps: () => [
        ...tourUtils.searchProduct("Áo thun cổ tròn", { select: true }),
        {
            content: "put it into the cart",
            trigger: "#product_detail form #add_to_cart",
            run: "click",
        },
        tourUtils.goToCart(),
        tourUtils.goToCheckout(),
        {
            content: "two levels: province and ward, no district",
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
            content: "to the delivery methods",
            trigger: "a[name='website_sale_main_button']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the price comes from the carrier",
            trigger:
                "[name='o_delivery_method']:contains(Test carrier) [name='price'] .oe_currency_value:not(:text(0))",
        },
        {
            trigger:
                "[name='o_delivery_method']:contains(Test carrier) input[name='o_delivery_radio']:enabled",
            run: "click",
        },
        {
            content: "and is part of the total",
            trigger: "tr[name='o_order_delivery'] .oe_currency_value:not(:text(0))",
        },
        tourUtils.confirmOrder(),
        {
            content: "the courier takes the money",
            trigger: "#o_payment_form:contains(Cash on Delivery)",
        },
        ...tourUtils.pay({ expectUnloadPage: true, waitFinalizeYourPayment: true }),
        {
            content: "ordered",
            trigger: "[name='order_confirmation']:contains(collect payment upon delivery)",
            timeout: 60000,
        },
    ],
});
