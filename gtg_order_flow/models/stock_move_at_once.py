import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.models.transaction import contained, wake_cron

_logger = logging.getLogger(__name__)

LAST_PIECES = 100  # more than others reserve of one product in the same second
LOOK_BACK = timedelta(minutes=15)
GIVE_OUT = "gtg_order_flow.cron_give_out"


class StockMove(models.Model):
    """Several people want the same goods in the same second."""

    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        if not force_qty:
            self._gtg_claim_last_pieces()
        return super()._action_assign(force_qty=force_qty)

    def _gtg_claim_last_pieces(self):
        """Reserving passes by stock that somebody else is just reserving, and writes
        the quantity beside it: the last piece would be reserved twice. Where few are
        left we wait; PostgreSQL refuses us if they are gone then, and all is run again.
        Where plenty is left nobody waits for anybody.
        """
        products = self.product_id.filtered("is_storable")
        if not products:
            return
        self.env["stock.quant"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM stock_quant
                 WHERE quantity > reserved_quantity
                   AND (product_id, location_id) IN (
                       SELECT q.product_id, q.location_id
                         FROM stock_quant q JOIN stock_location l ON l.id = q.location_id
                        WHERE l.usage = 'internal' AND q.product_id IN %s
                     GROUP BY q.product_id, q.location_id
                       HAVING sum(q.quantity - q.reserved_quantity) <= %s)
                 ORDER BY id
                   FOR NO KEY UPDATE
                """,
                products._ids,
                LAST_PIECES,
            ),
            log_exceptions=False,
        )

    # === GOODS CAME IN === #

    def _trigger_assign(self):
        res = super()._trigger_assign()
        if self and not self.env.context.get("gtg_looks_again"):
            wake_cron(self.env, GIVE_OUT, again_after=60)
        return res

    @api.model
    def _gtg_cron_give_out(self):
        """Who began to wait (was approved, released, paid) while goods were booked did
        not see them, nor did the receipt see him: look again when both are written.
        """
        came = self.sudo().search(
            [
                ("state", "=", "done"),
                ("write_date", ">=", fields.Datetime.now() - LOOK_BACK),
                ("location_dest_usage", "=", "internal"),
                ("product_id.is_storable", "=", True),
            ]
        )
        again = False
        for (product, _place), moves in came.grouped(
            lambda m: (m.product_id, m.location_dest_id)
        ).items():
            with contained(self.env, _logger, "Give out %s", product) as turn:
                moves.with_context(gtg_looks_again=True)._trigger_assign()
            again |= turn.conflict
        if again:
            wake_cron(self.env, GIVE_OUT)
