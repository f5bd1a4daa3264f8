import { Component, onMounted, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { OrderTotal, typedLine } from "./order_total";

const MODEL = "gtg.order.entry";

// one order by keyboard alone: Enter goes on, Ctrl+Enter saves
export class OrderEntry extends Component {
    static template = "gtg_order_flow.OrderEntry";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.root = useRef("root");
        this.state = useState({
            ...this.emptyOrder(0, ""), channels: [], carriers: [], provinces: [], made: [],
            may_price: false,
        });
        this.told = useState(new OrderTotal(this.orm));
        useEffect(
            () => this.told.ask(this.typed()),
            () => [OrderTotal.key(this.typed())]
        );
        onWillStart(async () => {
            const start = await this.orm.call(MODEL, "start", []);
            Object.assign(this.state, start);
            this.state.channel_id = start.channels[0]?.id || 0;
        });
        onMounted(() => this.focus("phone"));
        onWillUnmount(() => this.told.forget());
    }

    emptyOrder(channelId, carrierId) {
        return {
            phone: "", name: "", street: "", ward: "", province: "", channel_id: channelId,
            carrier_id: carrierId, fee: "", discount: "", ship_date: "",
            payment: "cod", lines: [], buyer_note: "", seller_note: "",
            customer: false, known: "", product: "", found: [], chosen: 0,
            errors: {}, saving: false, key: this.newKey(),
        };
    }

    newKey() {
        const bytes = crypto.getRandomValues(new Uint8Array(16));
        return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }

    // === WHAT IS SHOWN === //

    money(amount) {
        return formatCurrency(amount, this.state.currency_id);
    }

    // what core reckons, until it has answered: price by quantity
    amount(line, index) {
        if (this.told.fresh && index in this.told.amounts) {
            return this.told.amounts[index];
        }
        return line.price * (Number(String(line.quantity).replace(",", ".")) || 0);
    }

    get placeholder() {
        return this.state.may_price
            ? _t("SKU, barcode or name; 3*SKU for three, SKU=0 for a gift")
            : _t("SKU, barcode or name; 3*SKU for three");
    }

    error(field) {
        return this.state.errors[field] || this.told.errors[field];
    }

    get from() {
        return this.state.channels.find((channel) => channel.id === Number(this.state.channel_id));
    }

    // === KEYBOARD === //

    focus(name) {
        const field = this.root.el?.querySelector(`[data-step="${name}"]`);
        field?.focus();
        field?.select?.();
    }

    next(from) {
        const steps = [...this.root.el.querySelectorAll("[data-step]")].filter(
            (step) => !step.disabled
        );
        const to = steps[steps.indexOf(from) + 1];
        to?.focus();
        to?.select?.();
    }

    async onKeydown(event) {
        const step = event.target.dataset.step;
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            return this.save();
        }
        if (!step || event.isComposing) {
            return;
        }
        if (step === "product" && ["ArrowDown", "ArrowUp", "Escape"].includes(event.key)) {
            event.preventDefault();
            return this.moveChoice(event.key);
        }
        if (event.key !== "Enter" || event.target.tagName === "BUTTON") {
            return;
        }
        if (event.target.tagName === "TEXTAREA" && event.shiftKey) {
            return;
        }
        event.preventDefault();
        if (step === "phone") {
            await this.findCustomer();
        } else if (step === "product") {
            await this.addProduct();
        } else if (/^(quantity|price)_/.test(step)) {
            this.focus("product");
        } else {
            this.next(event.target);
        }
    }

    // === CUSTOMER === //

    async findCustomer() {
        const phone = this.state.phone.trim();
        const found = await this.orm.call(MODEL, "find_customer", [phone]);
        if (phone !== this.state.phone.trim()) {
            return; // typed on meanwhile
        }
        this.state.errors = { ...this.state.errors, phone: found.error || "" };
        if (found.error) {
            return this.focus("phone");
        }
        this.state.phone = this.state.known = found.phone;
        this.state.customer = found.customer;
        if (!found.customer) {
            return this.focus("name");
        }
        const { name, street, ward, province, channel_id } = found.customer;
        Object.assign(this.state, { name, street, ward, province });
        if (channel_id) {
            this.state.channel_id = channel_id;
            this.onChannel();
        }
        this.focus(street ? "product" : "street");
    }

    async onPhoneBlur() {
        if (this.state.phone.trim() && this.state.phone.trim() !== this.state.known) {
            await this.findCustomer();
        }
    }

    onChannel() {
        if (this.state.payment === "cod" && this.from && !this.from.cod_allowed) {
            this.state.payment = "paid";
        }
    }

    // === PRODUCTS === //

    typedProduct() {
        return typedLine(this.state.product, this.state.may_price);
    }

    async onProductInput() {
        const { text } = this.typedProduct();
        clearTimeout(this.waiting);
        if (text.length < 2) {
            this.state.found = [];
            return;
        }
        this.waiting = setTimeout(() => this.search(text), 200);
    }

    async search(text) {
        const found = await this.orm.call(MODEL, "find_products", [
            text, Number(this.state.channel_id), this.state.customer?.id || 0,
        ]);
        if (text === this.typedProduct().text) {
            this.state.found = found;
            this.state.chosen = 0;
        }
        return found;
    }

    moveChoice(key) {
        const last = this.state.found.length - 1;
        if (key === "Escape") {
            this.state.found = [];
        } else {
            const by = key === "ArrowDown" ? 1 : -1;
            this.state.chosen = Math.min(Math.max(this.state.chosen + by, 0), last);
        }
    }

    async addProduct() {
        clearTimeout(this.waiting);
        const { text } = this.typedProduct();
        if (!text) {
            return this.focus(this.state.lines.length ? "payment" : "product");
        }
        const chosen = this.state.chosen;
        const shown = this.state.found;
        const found = await this.search(text);
        const same = shown.length === found.length ? chosen : 0;
        if (!found.length) {
            this.state.errors = {
                ...this.state.errors,
                product: _t("No product has this SKU, barcode or name."),
            };
            return this.focus("product");
        }
        this.take(found[same] || found[0]);
    }

    take(product) {
        const { quantity, own_price } = this.typedProduct();
        const line = this.state.lines.find(
            (line) => line.product_id === product.id && line.own_price === own_price
        );
        if (line) {
            line.quantity = Number(line.quantity) + quantity;
        } else {
            const key = this.newKey();
            this.state.lines.push({ ...product, product_id: product.id, quantity, own_price, key });
        }
        Object.assign(this.state, { product: "", found: [], chosen: 0 });
        this.state.errors = { ...this.state.errors, product: "", lines: "" };
        this.focus("product");
    }

    drop(index) {
        this.state.lines.splice(index, 1);
        this.state.errors = {};
        this.focus("product");
    }

    // === SAVING === //

    typed() {
        const {
            phone, name, street, ward, province, payment, buyer_note, seller_note, key,
            fee, discount, ship_date,
        } = this.state;
        return {
            phone, name, street, ward, province, payment, buyer_note, seller_note, key,
            fee, discount, ship_date,
            channel_id: Number(this.state.channel_id),
            carrier_id: Number(this.state.carrier_id),
            lines: this.state.lines.map(({ product_id, quantity, own_price }) => ({
                product_id, quantity, price: own_price,
            })),
        };
    }

    async save() {
        if (this.state.saving) {
            return;
        }
        this.state.saving = true;
        try {
            const { total, fresh, errors } = this.told;
            // one that lacks the fee is not what the buyer was told
            const shown = fresh && !Object.keys(errors).length ? total : null;
            const answer = await this.orm.call(MODEL, "save", [{ ...this.typed(), shown }]);
            if (answer.errors) {
                this.state.errors = answer.errors;
                this.focusError(Object.keys(answer.errors)[0]);
                this.told.ask(this.typed()); // prices may have changed meanwhile
            } else {
                this.done(answer.order);
            }
        } finally {
            this.state.saving = false;
        }
    }

    focusError(field) {
        const steps = { lines: "product", form: "phone" };
        this.focus(field.startsWith("line_") ? field.replace("line_", "quantity_") : steps[field] || field);
    }

    done(order) {
        this.state.made.unshift(order);
        this.notification.add(order.told || this.money(order.total), {
            title: order.name,
            type: order.told ? "warning" : "success",
        });
        Object.assign(this.state, this.emptyOrder(this.state.channel_id, this.state.carrier_id));
        this.focus("phone");
    }

    open(order) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sale.order",
            res_id: order.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("gtg_order_entry", OrderEntry);
