from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_is_cod = fields.Boolean(string="Cash on Delivery", copy=False)
    gtg_cod_amount = fields.Monetary(
        string="COD Amount",
        compute="_compute_gtg_cod_amount",
        store=True,
        readonly=False,
        copy=False,
        help="What the carrier collects from the buyer for this order.",
    )

    @api.depends("gtg_is_cod", "amount_total")
    def _compute_gtg_cod_amount(self):
        for order in self:
            order.gtg_cod_amount = order.amount_total if order.gtg_is_cod else 0
