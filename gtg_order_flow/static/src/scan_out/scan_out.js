import { Component, onMounted, useExternalListener, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Mutex } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { fetchLabel, printLabel, repeat } from "./scan_label";
import { Parcel, isScanned, sameCode } from "./scan_parcel";
import { number, refusal } from "./scan_refusal";
import { keepSettings, readSettings } from "./scan_settings";
import { playSound } from "./scan_sound";

// a weight: at most three digits before the comma, so no barcode looks like one
const WEIGHT = /^\d{1,3}([.,]\d{1,3})?$/;

/** Scan a waybill, scan its items, the parcel leaves. One call opens, one ships. */
export class ScanOut extends Component {
    static template = "gtg_order_flow.ScanOut";
    static props = { ...standardActionServiceProps };
    static path = "scan-out";
    number = number;

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
            unprinted: [], // have left; their labels have not come yet
            settings: readSettings(),
        });
        const barcode = useService("barcode");
        useBus(barcode.bus, "barcode_scanned", (ev) => this.onScan(ev.detail.barcode));
        useExternalListener(window, "keydown", (ev) => this.onKey(ev));
        onMounted(() => this.focus());
    }

    toggle(name) {
        this.state.settings[name] = !this.state.settings[name];
        keepSettings(this.state.settings);
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
            ev.preventDefault(); // no button is pressed as well
            ev.target === this.reason.el ? this.force() : this.accept();
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
        if (alert?.again && alert.codes.some((own) => sameCode(own) === sameCode(code))) {
            return this.again();
        }
        if (alert?.must) {
            return playSound("refused"); // a scan on does not lose the label
        }
        if (alert && parcel) {
            // a wrong item lies in the box: it must be noticed
            return parcel.names(code) ? this.dismiss() : playSound("refused");
        }
        this.state.alert = null;
        if (!parcel) {
            return this.open(code);
        }
        const box = parcel.scanBox(code);
        if (box || parcel.names(code)) {
            return this.scanWaybill(code, box);
        }
        return this.scanItem(code);
    }

    /** The key or button of a refusal: what it offers, else it is just noticed. */
    accept() {
        return this.state.alert.again ? this.mutex.exec(() => this.again()) : this.dismiss();
    }

    async again() {
        const { again } = this.state.alert || {};
        this.state.alert = null;
        await again?.();
        this.focus();
    }

    // === PARCEL === //

    async open(code) {
        const data = await this.call("gtg_scan_open", [code], [code], () => this.open(code));
        if (!data) {
            return;
        }
        if (data.left) {
            return this.refuse(_t("Has left"), [data.left], {
                again: () => this.print({ ...data, order: code, codes: [code] }),
                offer: _t("Print its label again: Enter, or scan it once more"),
                codes: [code],
            });
        }
        if (data.blocks.length) {
            return this.refuse(_t("%s must not leave", data.order), data.blocks, {
                force: data.can_force ? { data, code } : null,
            });
        }
        this.start(data, code);
    }

    start(data, code, reason = "") {
        this.state.parcel = new Parcel(data);
        this.state.parcel.reason = reason;
        this.state.parcel.scanBox(code);
        this.state.message = _t("Scan the items");
        playSound("opened");
    }

    force() {
        const reason = this.reason.el.value.trim();
        if (!reason || isScanned(reason, this.state.alert.force)) {
            this.reason.el.value = "";
            this.reason.el.focus();
            this.state.alert.wordless = Boolean(reason);
            return reason && playSound("refused");
        }
        const { data, code } = this.state.alert.force;
        this.state.alert = null;
        return this.mutex.exec(async () => {
            await this.startForced(data, code, reason);
            this.focus();
        });
    }

    async startForced(data, code, reason) {
        if (data.boxes_needed) {
            // their labels are printed before they leave: not while a hold is open
            const again = () => this.startForced(data, code, reason);
            data = await this.call("gtg_scan_force", [[data.id], reason], [code], again);
        }
        if (data) {
            this.start(data, code, reason);
        }
    }

    scanItem(code) {
        const { parcel } = this.state;
        const { status, line } = parcel.scan(code);
        const no = refusal(parcel, code, status, line);
        if (no) {
            return this.refuse(...no);
        }
        playSound("item");
        return this.next();
    }

    /** The open parcel's own number: one of its boxes, or "ship it". */
    scanWaybill(code, box) {
        const { parcel } = this.state;
        if (box === "new") {
            playSound("item");
            return this.next();
        }
        if (!parcel.complete) {
            return;
        }
        if (parcel.seen) {
            return this.finish();
        }
        return this.refuse(_t("Scan the other boxes"), [
            _t("%(code)s is counted. %(seen)s of %(needed)s boxes are scanned.", {
                code,
                seen: parcel.waybills.length,
                needed: parcel.boxes_needed,
            }),
        ]);
    }

    /** What is missing before it may leave: items, waybills, weight. */
    async next() {
        const { parcel, settings } = this.state;
        if (!parcel.complete) {
            return;
        }
        if (!parcel.seen) {
            this.state.message = _t("Scan the waybill of every box");
            if (settings.print && parcel.label) {
                // several boxes: each needs its label before it can be scanned
                await this.print({ id: parcel.id, label: parcel.label, parcel });
            }
            return;
        }
        if (settings.weigh) {
            this.state.message = _t("Type the weight, then Enter");
            return;
        }
        return this.finish();
    }

    async finish() {
        const { parcel } = this.state;
        if (!parcel?.complete || !parcel.seen || this.state.alert) {
            return;
        }
        const weight = Number((this.weight.el?.value || "0").replace(",", "."));
        return this.send(parcel, weight);
    }

    async send(parcel, weight) {
        const result = await this.call(
            "gtg_scan_finish",
            [
                [parcel.id],
                parcel.payload,
                weight,
                parcel.reason,
                this.state.settings.print,
                [...parcel.waybills],
                parcel.token,
            ],
            parcel.codes,
            () => this.send(parcel, weight)
        );
        if (!result) {
            return;
        }
        this.state.parcel = null;
        this.state.shipped.unshift(result.order);
        this.state.message = _t("%s has left. Next parcel!", result.order);
        playSound("shipped");
        if (result.label) {
            const { id, codes } = parcel;
            await this.print({ id, label: result.label, codes, order: result.order });
        }
        if (result.action) {
            await this.action.doAction(result.action);
        }
        this.focus();
    }

    onPrint(job) {
        return this.mutex.exec(() => this.print(job));
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

    /**
     * A call that may be made twice: a lost answer is asked for again by itself, then
     * by the packer, with a key or by scanning one of `codes`.
     *
     * @returns the server's answer, undefined: refused, and the screen says why
     */
    async call(method, args, codes, again) {
        this.state.busy = true;
        try {
            return await repeat(() =>
                this.orm.silent.call("stock.picking", method, args)
            );
        } catch (error) {
            if (error instanceof RPCError) {
                const text = error.data?.message || error.message;
                this.refuse(_t("Stop"), text.split("\n"));
            } else {
                this.refuse(
                    _t("No connection"),
                    [_t("It is not known yet whether it has arrived. Nothing is done twice.")],
                    { again, codes, offer: _t("Try again: Enter, or scan the waybill") }
                );
            }
        } finally {
            this.state.busy = false;
        }
    }

    refuse(title, lines, options = {}) {
        this.alerts++;
        const codes = (options.codes || []).filter(Boolean);
        this.state.alert = { ...options, title, lines: lines.filter(Boolean), codes };
        playSound("refused");
    }

    dismiss() {
        this.state.alert = null;
        this.focus();
    }

    // === SCREEN === //

    focus() {
        const { parcel } = this.state;
        const wait = parcel?.complete && parcel.seen && this.state.settings.weigh;
        // after the next patch: the weight field may only just have appeared
        browser.setTimeout(() => {
            const target = (wait && this.weight.el) || this.code.el;
            if (target && !this.state.alert?.force) {
                target.focus();
            }
        });
    }

    /** The label counts as printed when it has arrived here. */
    async print(job) {
        const { id, label, parcel, order, codes } = job;
        const others = this.state.unprinted.filter((other) => other.id !== id);
        this.state.busy = true;
        try {
            printLabel(await fetchLabel(label.url));
        } catch {
            if (order) {
                this.state.unprinted = [...others, job];
            }
            return this.refuse(
                _t("The label did not come"),
                [order, _t("Without a label the parcel must not go to the courier.")],
                {
                    again: () => this.print(job),
                    offer: _t("Fetch the label again: Enter"),
                    codes,
                    must: true,
                }
            );
        } finally {
            this.state.busy = false;
        }
        this.state.unprinted = others;
        if (parcel) {
            parcel.label = false;
        }
        // unheard, it only stays to be printed
        this.orm.silent.call("stock.picking", "gtg_scan_printed", [[id]]).catch(() => {});
    }

    exit() {
        this.action.doAction("gtg_order_flow.action_order_board", {
            clearBreadcrumbs: true,
        });
    }
}

registry.category("actions").add("gtg_scan_out", ScanOut);
