from odoo import models

from .work_order import SORT_ORDERS


class StockPickingBatch(models.Model):
    _inherit = "stock.picking.batch"

    def _gtg_pick_lines(self):
        """What to fetch for the whole batch, in the order of a walk along the shelves.

        Deliveries that must not leave are left out.

        :return: list of dict(location, product, lot, quantity, deliveries)
        """
        lines = {}
        for line in (self.picking_ids - self._gtg_blocked()).move_line_ids:
            if line.state in ("done", "cancel") or not line.quantity_product_uom:
                continue
            key = (line.location_id, line.product_id, line.lot_id)
            entry = lines.setdefault(
                key,
                {
                    "location": line.location_id,
                    "product": line.product_id,
                    "lot": line.lot_id,
                    "quantity": 0,
                    "deliveries": self.env["stock.picking"],
                },
            )
            entry["quantity"] += line.quantity_product_uom
            entry["deliveries"] |= line.picking_id
        return sorted(
            lines.values(),
            key=lambda entry: (
                entry["location"].complete_name or "",
                entry["product"].default_code or "",
                entry["product"].id,
                entry["lot"].name or "",
            ),
        )

    def _gtg_in_work_order(self):
        """Number the deliveries as the warehouse works, like those of a wave."""
        for batch in self:
            sort = batch.picking_type_id.warehouse_id.gtg_wave_sort or "promised"
            found = self.env["gtg.work.order"].search(
                [("batch_id", "=", batch.id)], order=SORT_ORDERS[sort]
            )
            for number, picking in enumerate(found.picking_id, 1):
                if picking.batch_sequence != number:
                    picking.batch_sequence = number

    def _gtg_blocked(self):
        """:return: deliveries of these batches whose order is on hold"""
        orders = self.picking_ids.sale_id
        held = orders._gtg_blocks("ship").order_id | orders._gtg_blocks("print").order_id
        return self.picking_ids.filtered(lambda p: p.sale_id.sudo() in held)

    def _gtg_to_pack(self):
        """:return: what the pack list shows, in the order of the wave"""
        return (self.picking_ids - self._gtg_blocked()).filtered(
            lambda p: p.state not in ("done", "cancel")
        ).sorted(lambda p: (p.batch_sequence, p.id))
