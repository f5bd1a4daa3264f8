from odoo import models
from odoo.tools import SQL


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _gtg_touch(self, wait=False):
        """Write the rows without changing them, so that a transaction which holds (or
        cancels) these orders at the same moment is refused by PostgreSQL and run again.

        :param bool wait: for rows locked by others; else they are passed over
        :return: ids of the orders that nobody else changes now
        """
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE sale_order SET write_date = write_date
                 WHERE id IN (SELECT id FROM sale_order WHERE id = ANY(%s)
                               ORDER BY id FOR NO KEY UPDATE %s)
             RETURNING id
                """,
                self.ids,
                SQL() if wait else SQL("SKIP LOCKED"),
            )
        )
        return [row[0] for row in rows]

    def _gtg_after_hold(self, reason):
        """What is put on hold leaves its wave: nobody shall pick or pack it."""
        res = super()._gtg_after_hold(reason)
        if reason.blocks_ship or reason.blocks_print:
            confirmed = self.sudo().filtered(lambda order: order.state == "sale")
            pickings = confirmed.picking_ids.filtered(
                lambda p: p.batch_id and p.state not in ("done", "cancel")
            )
            batches = pickings.batch_id
            for batch in batches:
                names = ", ".join((pickings & batch.picking_ids).mapped("name"))
                batch._message_log(
                    body=self.env._(
                        "%(names)s left the wave: %(reason)s. Take the goods out.",
                        names=names,
                        reason=reason.name,
                    )
                )
            pickings.batch_id = False
            batches.filtered(lambda batch: not batch.picking_ids).action_cancel()
        return res
