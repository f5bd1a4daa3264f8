from odoo import fields, models

BUYER_EVENTS = [
    ("received", "Order received"),
    ("confirmed", "Order confirmed"),
    ("shipped", "Order shipped"),
    ("attempt_failed", "Delivery attempt failed"),
    ("delivered", "Order delivered"),
]


class GtgBuyerMessage(models.Model):
    """What the buyer of an order has been told: at most once per event."""

    _name = "gtg.buyer.message"
    _description = "Message to Buyer"
    _order = "id desc"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    event = fields.Selection(BUYER_EVENTS, required=True)

    _event_unique = models.Constraint(
        "UNIQUE(order_id, event)", "The buyer has been told this already."
    )
