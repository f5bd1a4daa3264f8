import { Component, onMounted, useExternalListener, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Mutex } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Parcel } from "./scan_parcel";
import { playSound } from "./scan_sound";

const SETTINGS = "gtg_scan_out_settings";
// a weight: at most three digits before the comma, so no barcode looks like one
const WEIGHT = /^\d{1,3}([.,]\d{1,3})?$/;

/** Scan a waybill, scan its items, the parcel leaves. One call opens, one ships. */
export class ScanOut extends Component {
    static template = "gtg_order_flow.ScanOut";
    static props = { ...standardActionServiceProps };
    static path = "scan-out";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.code = useRef("code");
        this.weight = useRef("weight");
        this.reason = useRef("reason");
        this.mutex = new Mutex();
        this.alerts = 0;
        this.state = useState({
            parcel: null,
            alert: null,
            message: _t("Scan a waybill or an order"),
            busy: false,
            shipped: [],
            settings: this.readSettings(),
        });
        const barcode = useService("barcode");
        useBus(barcode.bus, "barcode_scanned", (ev) => this.onScan(ev.detail.barcode));
        useExternalListener(window, "keydown", (ev) => this.onKey(ev));
        onMounted(() => this.focus());
    }

    readSettings() {
        try {
            return {
                weigh: false,
                print: true,
                ...JSON.parse(browser.localStorage.getItem(SETTINGS)),
            };
        } catch {
            return { weigh: false, print: true };
        }
    }

    toggle(name) {
        this.state.settings[name] = !this.state.settings[name];
        browser.localStorage.setItem(SETTINGS, JSON.stringify(this.state.settings));
        this.focus();
    }

    // === INPUT === //

    onKey(ev) {
        if (ev.defaultPrevented) {
            return; // the end of a scan
        }
        const typing = ev.target === this.code.el && this.code.el.value.trim();
        if (ev.key === "Escape") {
            this.state.alert ? this.dismiss() : this.cancel();
        } else if (ev.key === "Enter" && this.state.alert && !typing) {
            ev.target === this.reason.el ? this.force() : this.dismiss();
        }
    }

    onTyped(ev) {
        if (ev.key !== "Enter") {
            return;
        }
        const code = ev.target.value;
        if (code.trim()) {
            ev.preventDefault();
            ev.target.value = "";
            this.onScan(code);
        }
    }

    onWeight(ev) {
        if (ev.key !== "Enter") {
            return;
        }
        ev.preventDefault();
        const text = ev.target.value.trim();
        if (text && !WEIGHT.test(text)) {
            ev.target.value = "";
            this.onScan(text); // the scanner typed into the field
        } else {
            this.mutex.exec(() => this.finish());
        }
    }

    /** Scans are worked on one after the other; those before a refusal are dropped. */
    onScan(code) {
        const alerts = this.alerts;
        return this.mutex.exec(async () => {
            if (alerts === this.alerts) {
                await this.handle(code.trim());
            }
            this.focus();
        });
    }

    async handle(code) {
        const { alert, parcel } = this.state;
        if (!code || code.startsWith("OBT") || code.startsWith("OCD")) {
            return; // core's own command codes
        }
        if (alert && parcel) {
            // a wrong item lies in the box: it must be noticed
            return parcel.names(code) ? this.dismiss() : playSound("refused");
        }
        this.state.alert = null;
        if (!parcel) {
            return this.open(code);
        }
        if (parcel.names(code)) {
            return parcel.complete ? this.finish() : undefined;
        }
        return this.scanItem(code);
    }

    // === PARCEL === //

    async open(code) {
        const data = await this.call("gtg_scan_open", [code]);
        if (!data) {
            return;
        }
        if (data.blocks.length) {
            return this.refuse(_t("%s must not leave", data.order), data.blocks, {
                force: data.can_force ? data : null,
            });
        }
        this.start(data);
    }

    start(data, reason = "") {
        this.state.parcel = new Parcel(data);
        this.state.parcel.reason = reason;
        this.state.message = _t("Scan the items");
        playSound("opened");
    }

    force() {
        const reason = this.reason.el.value.trim();
        if (!reason) {
            this.reason.el.focus();
            return;
        }
        const data = this.state.alert.force;
        this.state.alert = null;
        this.start(data, reason);
        this.focus();
    }

    scanItem(code) {
        const { parcel } = this.state;
        const { status, line } = parcel.scan(code);
        if (status === "wrong") {
            return this.refuse(_t("Wrong item"), [
                _t("%(code)s does not belong to %(order)s. Take it out.", {
                    code,
                    order: parcel.order,
                }),
            ]);
        }
        if (status === "many") {
            return this.refuse(_t("Too many"), [
                _t("%(product)s: only %(quantity)s ordered. Take the rest out.", {
                    product: line.name,
                    quantity: this.number(line.quantity),
                }),
            ]);
        }
        if (status === "lot") {
            return this.refuse(_t("Scan the serial number"), [
                _t("%(product)s is reserved with number %(lot)s: scan that.", {
                    product: line.name,
                    lot: parcel.lines
                        .filter((other) => other.product_id === line.product_id)
                        .map((other) => other.lot)
                        .join(", "),
                }),
            ]);
        }
        playSound("item");
        if (!parcel.complete) {
            return;
        }
        if (this.state.settings.weigh) {
            this.state.message = _t("Type the weight, then Enter");
            return;
        }
        return this.finish();
    }

    async finish() {
        const { parcel } = this.state;
        if (!parcel?.complete || this.state.alert) {
            return;
        }
        const weight = Number((this.weight.el?.value || "0").replace(",", "."));
        const result = await this.call("gtg_scan_finish", [
            [parcel.id],
            parcel.payload,
            weight,
            parcel.reason,
            this.state.settings.print,
        ]);
        if (!result) {
            return;
        }
        this.state.parcel = null;
        this.state.shipped.unshift(result.order);
        this.state.message = _t("%s has left. Next parcel!", result.order);
        playSound("shipped");
        if (result.label) {
            this.print(result.label.url);
        }
        if (result.action) {
            await this.action.doAction(result.action);
        }
        this.focus();
    }

    /** Press the button instead of scanning the waybill once more. */
    onShip() {
        this.mutex.exec(() => this.finish());
    }

    cancel() {
        if (this.state.parcel && !this.state.busy) {
            this.state.parcel = null;
            this.state.message = _t("Put aside. Scan a waybill or an order");
        }
        this.focus();
    }

    /** @returns the server's answer, undefined: refused, and the screen says why */
    async call(method, args) {
        this.state.busy = true;
        try {
            return await this.orm.silent.call("stock.picking", method, args);
        } catch (error) {
            if (error instanceof RPCError) {
                const text = error.data?.message || error.message;
                this.refuse(_t("Stop"), text.split("\n"));
            } else {
                this.refuse(_t("No connection"), [
                    _t("Scan the waybill again: the screen tells whether it has left."),
                ]);
            }
        } finally {
            this.state.busy = false;
        }
    }

    refuse(title, lines, { force = null } = {}) {
        this.alerts++;
        this.state.alert = { title, lines: lines.filter(Boolean), force };
        playSound("refused");
    }

    dismiss() {
        this.state.alert = null;
        this.focus();
    }

    // === SCREEN === //

    focus() {
        const wait = this.state.parcel?.complete && this.state.settings.weigh;
        // after the next patch: the weight field may only just have appeared
        browser.setTimeout(() => {
            const target = (wait && this.weight.el) || this.code.el;
            if (target && !this.state.alert?.force) {
                target.focus();
            }
        });
    }

    print(url) {
        document.querySelector("iframe.o_gtg_scan_print")?.remove();
        const frame = document.createElement("iframe");
        frame.className = "o_gtg_scan_print d-none";
        frame.src = url;
        frame.onload = () => frame.contentWindow.print();
        document.body.append(frame);
    }

    exit() {
        this.action.doAction("gtg_order_flow.action_order_board", {
            clearBreadcrumbs: true,
        });
    }

    number(value) {
        return String(Math.round(value * 1000) / 1000);
    }

    get shipBy() {
        const text = this.state.parcel?.ship_by;
        return text && formatDateTime(deserializeDateTime(text), { format: "dd/MM HH:mm" });
    }

    get isLate() {
        const text = this.state.parcel?.ship_by;
        return text && deserializeDateTime(text) < luxon.DateTime.now();
    }
}

registry.category("actions").add("gtg_scan_out", ScanOut);
