from odoo import fields, models

BUYER_EVENTS = [
    ("received", "Order received"),
    ("confirmed", "Order confirmed"),
    ("shipped", "Order shipped"),
    ("attempt_failed", "Delivery attempt failed"),
    ("delivered", "Order delivered"),
    ("delayed", "Order delayed"),
    ("return_accepted", "Return accepted"),
    ("return_refused", "Return refused"),
    ("return_received", "Returned goods here"),
    ("refunded", "Money given back"),
    ("cancel_refunded", "Money of a cancelled order given back"),
    ("cancel_accepted", "Order cancelled"),
    ("cancel_refused", "Cancelling refused"),
]


class GtgBuyerMessage(models.Model):
    """What the buyer of an order has been told: at most once per event, and for
    events of returns and cancellation requests at most once per each of them.
    """

    _name = "gtg.buyer.message"
    _description = "Message to Buyer"
    _order = "id desc"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    event = fields.Selection(BUYER_EVENTS, required=True)
    about_id = fields.Integer(
        default=0,
        required=True,
        help="Id of the return or request that the event is about, else 0.",
    )

    _event_unique = models.Constraint(
        "UNIQUE(order_id, event, about_id)", "The buyer has been told this already."
    )
