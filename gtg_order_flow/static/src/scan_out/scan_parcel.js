import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";

/** What is in the open parcel and what has been scanned of it. Knows no server. */

const EPSILON = 1e-6;

export function sameCode(code) {
    // scanners send a UPC-A code with or without its leading zero
    return String(code || "")
        .trim()
        .toUpperCase()
        .replace(/^0(?=\d{12}$)/, "");
}

/** Did the scanner type this into a field for words? One word is none, if it has a digit
 * or is a code of the parcel.
 */
export function isScanned(text, { data, code }) {
    const ours = data.lines.flatMap((line) => [
        ...line.codes.map(([own]) => own),
        ...line.product_codes,
    ]);
    return (
        !/\s/.test(text) &&
        (/\d/.test(text) || [code, data.order, ...ours].some((own) => sameCode(own) === sameCode(text)))
    );
}

export class Parcel {
    constructor(data) {
        Object.assign(this, data);
        this.lines = data.lines.map((line) => ({ ...line, scanned: 0 }));
        this.reason = "";
        this.last = null;
        this.waybills = [];
        // of this attempt to ship: an answer that got lost may be asked for again
        this.token = [...crypto.getRandomValues(new Uint32Array(4))].join("-");
    }

    get complete() {
        return this.lines.every((line) => line.quantity - line.scanned < EPSILON);
    }

    get counted() {
        const sum = (key) => this.lines.reduce((total, line) => total + line[key], 0);
        return { scanned: sum("scanned"), quantity: sum("quantity") };
    }

    /** Whether every box of several has shown its waybill. */
    get seen() {
        return this.waybills.length >= this.boxes_needed;
    }

    /**
     * @param {string} code a waybill
     * @returns {"new"|"again"|false} false: of no box of this delivery
     */
    scanBox(code) {
        const box = this.boxes.find((own) => sameCode(own) === sameCode(code));
        if (!box) {
            return false;
        }
        if (this.waybills.includes(box)) {
            return "again";
        }
        this.waybills.push(box);
        return "new";
    }

    names(code) {
        return this.codes.some((own) => own && sameCode(own) === sameCode(code));
    }

    /**
     * @param {string} typed a product's code, "5*CODE" for five of it
     * @returns {{status: "ok"|"wrong"|"many"|"lot", line?: object}}
     */
    scan(typed) {
        const [, times, code] = typed.match(/^(?:(\d{1,4})\*)?(.+)$/);
        const wanted = sameCode(code);
        const hits = [];
        for (const line of this.lines) {
            const hit = line.codes.find(([own]) => sameCode(own) === wanted);
            if (hit) {
                hits.push({ line, quantity: hit[1] * Number(times || 1) });
            }
        }
        if (!hits.length) {
            const line = this.lines.find((candidate) =>
                candidate.product_codes.some((own) => sameCode(own) === wanted)
            );
            return line ? { status: "lot", line } : { status: "wrong" };
        }
        const { line, quantity } = hits.find((hit) => this.fits(hit)) || hits[0];
        if (!this.fits({ line, quantity })) {
            return { status: "many", line };
        }
        // half a kilo is one scan
        line.scanned = Math.min(line.quantity, line.scanned + quantity);
        this.last = line.key;
        return { status: "ok", line };
    }

    fits({ line, quantity }) {
        const left = line.quantity - line.scanned;
        return left > EPSILON && quantity <= Math.max(left, Math.ceil(left)) + EPSILON;
    }

    get payload() {
        return this.lines.map((line) => [line.product_id, line.lot_id, line.scanned]);
    }

    get shipBy() {
        const time = this.ship_by && deserializeDateTime(this.ship_by);
        return time && formatDateTime(time, { format: "dd/MM HH:mm" });
    }

    get isLate() {
        return this.ship_by && deserializeDateTime(this.ship_by) < luxon.DateTime.now();
    }
}
