from datetime import datetime

from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        """Reserve nothing for orders that are kept from it: held, or not paid yet.

        A forced quantity is one that a person (or a scan) put there: core only books it.
        """
        if force_qty:
            return super()._action_assign(force_qty=force_qty)
        self = self._gtg_in_work_order()
        orders = self.sale_line_id.order_id | self.picking_id.sale_id
        kept = orders._gtg_kept_from_stock()
        if not kept:
            return super()._action_assign(force_qty=force_qty)
        blocked = self.filtered(
            lambda move: (
                move.picking_code != "incoming"
                and (move.sale_line_id.order_id | move.picking_id.sale_id) & kept
            )
        )
        return super(StockMove, self - blocked)._action_assign(force_qty=force_qty)

    # === WORK ORDER === #

    def _trigger_assign(self):
        """Goods came in: who waits gets them in work order, see `_action_assign`."""
        received = self.with_context(gtg_received_for=self.reference_ids.ids)
        return super(StockMove, received)._trigger_assign()

    def _gtg_in_work_order(self):
        """:return: these moves, those of orders among themselves by urgency, promised
        date and age. What was bought for certain orders goes to them first.
        """
        ours = self.sudo().filtered("sale_line_id")
        if len(ours.sale_line_id.order_id) < 2:
            return self
        received = set(self.env.context.get("gtg_received_for", ()))

        def turn(move):
            order = move.sale_line_id.order_id
            return (
                received.isdisjoint(move.reference_ids.ids),
                move.priority != "1",
                order.gtg_ship_by or datetime.max,
                order.date_order,
                move.id,
            )

        turns = iter(ours.sorted(turn).ids)
        mine = set(ours.ids)
        return self.browse(
            [next(turns) if move.id in mine else move.id for move in self]
        )

    def _gtg_scan_by_lot(self):
        """Whether the station scans the lot or serial number instead of the product."""
        self.ensure_one()
        return self.has_tracking != "none" and self.picking_type_id.use_existing_lots
