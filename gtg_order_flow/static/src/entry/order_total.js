const MODEL = "gtg.order.entry";
const WAIT = 250; // milliseconds after the last key

// "3*TEA" is three of TEA, "TEA=90000" another price, "TEA=0" a gift
export function typedLine(typed, mayPrice) {
    const line = { quantity: 1, own_price: "", text: typed.trim() };
    const many = line.text.match(/^(\d+)\s*[*xX]\s*(.+)$/);
    if (many) {
        Object.assign(line, { quantity: Number(many[1]), text: many[2].trim() });
    }
    const priced = mayPrice && line.text.match(/^(.+?)\s*=\s*(\d[\d.,]*)$/);
    if (priced) {
        Object.assign(line, { text: priced[1].trim(), own_price: priced[2] });
    }
    return line;
}

// the total as core reckons it, with taxes, delivery and discount
export class OrderTotal {
    total = 0;
    tax = 0;
    fee = 0;
    amounts = {};
    errors = {};
    fresh = true;
    asked = 0;

    constructor(orm) {
        this.orm = orm;
    }

    // what the total depends on
    static key(typed) {
        const { phone, channel_id, carrier_id, fee, discount, lines } = typed;
        // carriers ask more for far places, and for collecting cash
        const quoted = carrier_id
            ? [typed.street, typed.ward, typed.province, typed.payment]
            : [];
        return JSON.stringify([phone, quoted, channel_id, carrier_id, fee, discount, lines]);
    }

    ask(values) {
        this.forget();
        this.fresh = false;
        this.waiting = setTimeout(() => this.fetch(values, this.asked), WAIT);
    }

    forget() {
        clearTimeout(this.waiting);
        this.asked += 1;
    }

    async fetch(values, asked) {
        const answer = values.lines.length
            ? await this.orm.silent.call(MODEL, "total", [values])
            : { total: 0, tax: 0, fee: 0, amounts: {}, errors: {} };
        if (asked === this.asked) {
            Object.assign(this, answer, { fresh: true });
        }
    }
}
