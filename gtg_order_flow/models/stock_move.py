from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        """Reserve nothing for orders that a hold keeps from it.

        A forced quantity is one that a person (or a scan) put there: core only books it.
        """
        if force_qty:
            return super()._action_assign(force_qty=force_qty)
        orders = self.sale_line_id.order_id | self.picking_id.sale_id
        held = orders._gtg_blocks("reservation").order_id
        if not held:
            return super()._action_assign(force_qty=force_qty)
        blocked = self.filtered(
            lambda move: (
                move.picking_code != "incoming"
                and (move.sale_line_id.order_id | move.picking_id.sale_id) & held
            )
        )
        return super(StockMove, self - blocked)._action_assign(force_qty=force_qty)

    def _gtg_scan_by_lot(self):
        """Whether the station scans the lot or serial number instead of the product."""
        self.ensure_one()
        return self.has_tracking != "none" and self.picking_type_id.use_existing_lots
