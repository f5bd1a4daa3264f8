import { Component, onWillStart, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

// today's work: every tile opens what it counts
export class OrderHome extends Component {
    static template = "gtg_order_flow.OrderHome";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ sections: [], views: {}, currency_id: false });
        onWillStart(() => this.load());
    }

    async load() {
        Object.assign(this.state, await this.orm.call("gtg.order.home", "today", []));
    }

    money(amount) {
        return formatCurrency(amount, this.state.currency_id);
    }

    open(section, tile) {
        const { list, kanban, search } = this.state.views;
        const orders = tile.model === "sale.order";
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: `${section.title}: ${tile.label}`,
            res_model: tile.model,
            domain: tile.domain,
            views: orders
                ? [[list, "list"], [kanban, "kanban"], [false, "form"]]
                : [[false, "list"], [false, "form"]],
            search_view_id: orders ? [search, "search"] : undefined,
        });
    }
}

registry.category("actions").add("gtg_order_home", OrderHome);
