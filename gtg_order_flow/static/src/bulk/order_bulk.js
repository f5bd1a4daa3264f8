import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

// drives one bulk step: asks the server for one chunk after the other
export class OrderBulk extends Component {
    static template = "gtg_order_flow.OrderBulk";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        const { bulk_id, total, done, failed, waiting } = this.props.action.params;
        this.bulkId = bulk_id;
        this.state = useState({ total, done, failed, waiting, error: "" });
        this.gone = false;
        onMounted(() => this.run());
        onWillUnmount(() => {
            this.gone = true;
        });
    }

    get percent() {
        const { total, waiting } = this.state;
        return total ? Math.round((100 * (total - waiting)) / total) : 100;
    }

    async run() {
        this.state.error = "";
        try {
            while (!this.gone && this.state.waiting) {
                const now = await this.orm.silent.call(
                    "gtg.order.bulk", "action_chunk", [[this.bulkId]]
                );
                Object.assign(this.state, now);
                if (now.busy) {
                    await new Promise((done) => setTimeout(done, 1000));
                }
            }
            if (!this.gone) {
                await this.finish();
            }
        } catch (error) {
            this.state.error =
                error.data?.message || _t("The server does not answer. Is there a connection?");
        }
    }

    async finish() {
        const next = await this.orm.call("gtg.order.bulk", "action_finish", [[this.bulkId]]);
        await this.action.doAction(next);
    }

    async stop() {
        this.gone = true;
        await this.action.doAction({ type: "ir.actions.act_window_close" });
    }
}

registry.category("actions").add("gtg_order_bulk", OrderBulk);
