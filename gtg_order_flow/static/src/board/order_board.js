import { registry } from "@web/core/registry";
import { KanbanHeader } from "@web/views/kanban/kanban_header";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

// core shows a column's sum or its count; a shop wants both
class OrderBoardHeader extends KanbanHeader {
    static template = "gtg_order_flow.OrderBoardHeader";
}

class OrderBoardRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, KanbanHeader: OrderBoardHeader };
}

registry.category("views").add("gtg_order_board", {
    ...kanbanView,
    Renderer: OrderBoardRenderer,
});
