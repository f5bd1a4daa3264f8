from odoo import fields, models
from odoo.tools import SQL

from .order_return import RETURN_STATES


class GtgReturnReport(models.Model):
    """What comes back, why and through which channel: one row per product returned."""

    _name = "gtg.return.report"
    _description = "Return Numbers"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "return_id"
    _depends = {
        "gtg.order.return": [
            "create_date", "order_id", "reason_id", "state", "company_id", "channel_id",
        ],
        "gtg.order.return.line": [
            "return_id", "order_line_id", "product_id", "quantity", "good", "damaged",
            "missing",
        ],
        "sale.order": ["currency_rate"],
        "sale.order.line": ["price_total", "product_uom_qty"],
    }

    return_id = fields.Many2one("gtg.order.return", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    date = fields.Datetime("Asked on", readonly=True)
    reason_id = fields.Many2one("gtg.return.reason", readonly=True)
    state = fields.Selection(RETURN_STATES, readonly=True)
    channel_id = fields.Many2one("gtg.sale.channel", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", readonly=True)
    quantity = fields.Float("Returned", digits="Product Unit", readonly=True)
    good = fields.Float(digits="Product Unit", readonly=True)
    damaged = fields.Float(digits="Product Unit", readonly=True)
    missing = fields.Float(digits="Product Unit", readonly=True)
    value = fields.Monetary(
        "Sold for", readonly=True, help="What the buyer paid for it, with tax."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT l.id, l.return_id, r.order_id, r.create_date AS date, r.reason_id,
                   r.state, r.channel_id, r.company_id, l.product_id, t.categ_id,
                   l.quantity, l.good, l.damaged, l.missing,
                   l.quantity * sol.price_total / NULLIF(sol.product_uom_qty, 0)
                       / COALESCE(NULLIF(o.currency_rate, 0), 1) AS value
              FROM gtg_order_return_line l
              JOIN gtg_order_return r ON r.id = l.return_id
              JOIN sale_order o ON o.id = r.order_id
              JOIN sale_order_line sol ON sol.id = l.order_line_id
              JOIN product_product p ON p.id = l.product_id
              JOIN product_template t ON t.id = p.product_tmpl_id
            """
        )
