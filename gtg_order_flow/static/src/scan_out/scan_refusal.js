import { _t } from "@web/core/l10n/translation";

export function number(value) {
    return String(Math.round(value * 1000) / 1000);
}

/** @returns {[string, string[]]|undefined} title and lines; nothing: the item is right */
export function refusal(parcel, code, status, line) {
    const { order } = parcel;
    if (status === "wrong" && parcel.complete) {
        const text = _t("%(code)s is no waybill of %(order)s. Take that box away.", { code, order });
        return [_t("Wrong parcel"), [text]];
    }
    if (status === "wrong") {
        const text = _t("%(code)s does not belong to %(order)s. Take it out.", { code, order });
        return [_t("Wrong item"), [text]];
    }
    if (status === "many") {
        const text = _t("%(product)s: only %(quantity)s ordered. Take the rest out.", {
            product: line.name,
            quantity: number(line.quantity),
        });
        return [_t("Too many"), [text]];
    }
    if (status === "lot") {
        const lots = parcel.lines.filter((other) => other.product_id === line.product_id);
        const text = _t("%(product)s is reserved with number %(lot)s: scan that.", {
            product: line.name,
            lot: lots.map((other) => other.lot).join(", "),
        });
        return [_t("Scan the serial number"), [text]];
    }
}
