from odoo import api, fields, models


class SaleOrder(models.Model):
    """Shipped for us and for the channel, but its carrier has not seen the parcel: lost
    on the way to the carrier, or never handed over.
    """

    _inherit = "sale.order"

    gtg_unscanned_since = fields.Datetime(
        string="Not scanned since",
        compute="_compute_gtg_unscanned_since",
        store=True,
        index="btree_not_null",
        help="When it left us, as long as the carrier has not scanned it.",
    )

    @api.depends("state", "gtg_shipped_at", "gtg_delivered_at", "gtg_return_state")
    def _compute_gtg_unscanned_since(self):
        unscanned = self.filtered(
            lambda order: (
                order.state == "sale"
                and order.gtg_shipped_at
                and not order.gtg_delivered_at
                and not order.gtg_return_state
            )
        )._gtg_unscanned()
        for order in self:
            order.gtg_unscanned_since = order in unscanned and order.gtg_shipped_at

    def _gtg_unscanned(self):
        """Channels extend it, in batch; `_compute_gtg_unscanned_since` needs their
        fields as dependencies.

        :return: those of these shipped orders whose carrier is known to have
            scanned not all parcels
        """
        return self.browse()
