import { registry } from "@web/core/registry";
import * as tourUtils from "@website_sale/js/tours/tour_utils";

const edit = (name, text) => ({
    content: `address: ${name}`,
    trigger: `form.address_autoformat input[name=${name}]`,
    run: `edit ${text}`,
});

registry.category("web_tour.tours").add("gtg_order_flow_cart_left", {
    url: "/shop",
    steps: () => [
        ...tourUtils.searchProduct("Trà ô long Mộc Châu", { select: true }),
        {
            content: "put it into the cart",
            trigger: "#product_detail form #add_to_cart",
            run: "click",
        },
        tourUtils.goToCart(),
        tourUtils.goToCheckout(),
        { trigger: "#o_country_id", run: "selectByLabel Vietnam" },
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
            content: "on to the payment",
            trigger: "a[name='website_sale_main_button']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "and the buyer leaves",
            trigger: "#o_payment_form, [name='o_delivery_method']",
        },
    ],
});

registry.category("web_tour.tours").add("gtg_order_flow_cart_recovered", {
    steps: () => [
        {
            content: "the link of the mail: take the cart up again",
            trigger: "p:contains(restore) a:contains(Click here)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#cart_products:contains(Trà ô long Mộc Châu)" },
        tourUtils.goToCheckout(),
        tourUtils.confirmOrder(),
        {
            content: "the courier takes the money",
            trigger: "#o_payment_form:contains(Cash on Delivery)",
        },
        ...tourUtils.pay({ expectUnloadPage: true, waitFinalizeYourPayment: true }),
        {
            content: "bought",
            trigger: "[name='order_confirmation']",
            timeout: 60000,
        },
    ],
});
