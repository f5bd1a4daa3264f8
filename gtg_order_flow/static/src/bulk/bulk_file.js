import { Component, onMounted, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { fetchPdf } from "../scan_out/scan_label";

const SECONDS = 300; // hundreds of delivery slips are drawn meanwhile
let shown; // the address of the last file: its tab may still be loading

// the file of a bulk print: fetched whole, opened by a click (no pop-up blocker stops
// that), and only then is anything counted as printed
export class BulkFile extends Component {
    static template = "gtg_order_flow.BulkFile";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        const { bulk_id, url, picking_ids, left_out } = this.props.action.params;
        Object.assign(this, { bulkId: bulk_id, url, pickingIds: picking_ids });
        this.state = useState({ leftOut: left_out, file: false, error: "" });
        onMounted(() => this.fetch());
    }

    async fetch() {
        try {
            this.file = await fetchPdf(this.url, SECONDS);
            this.state.file = true;
        } catch {
            this.state.error = _t("The file did not come. Nothing counts as printed yet.");
        }
    }

    /** Anew: what was put on hold meanwhile is left out. */
    async again() {
        const next = await this.orm.call(
            "gtg.order.bulk", "action_follow_up", [[this.bulkId]]
        );
        await this.action.doAction(next);
    }

    async open() {
        URL.revokeObjectURL(shown);
        shown = URL.createObjectURL(this.file);
        if (!browser.open(shown, "_blank")) {
            this.state.error = _t("The browser did not open the file. Allow pop-ups here.");
            return;
        }
        await this.orm.call(
            "gtg.order.bulk", "action_printed", [[this.bulkId], this.pickingIds]
        );
        await this.action.doAction({ type: "ir.actions.act_window_close" });
    }
}

registry.category("actions").add("gtg_order_bulk_file", BulkFile);
