from odoo import fields, models


class GtgSaleChannel(models.Model):
    _inherit = "gtg.sale.channel"

    return_days = fields.Integer(
        string="Days to return",
        default=7,
        help="Days after delivery in which buyers may ask for a return on the portal. "
        "0: they have to contact us.",
    )
    answer_hours = fields.Integer(
        string="Hours to answer",
        default=48,
        help="Returns and cancellation requests are to be answered within.",
    )
    request_user_id = fields.Many2one(
        "res.users",
        string="Who answers",
        domain=[("share", "=", False)],
        help="Gets the to-do for every request. Empty: the salesperson of the order.",
    )
    refund_user_id = fields.Many2one(
        "res.users",
        string="Who pays buyers back",
        domain=[("share", "=", False)],
        help="Gets the to-do when money must be sent by hand. Empty: who looks after "
        "the return or the order.",
    )
    tell_delayed = fields.Boolean(string="Order delayed", default=True)
    tell_return_accepted = fields.Boolean(string="Return accepted", default=True)
    tell_return_refused = fields.Boolean(string="Return refused", default=True)
    tell_return_received = fields.Boolean(string="Returned goods here", default=True)
    tell_refunded = fields.Boolean(string="Money given back", default=True)
    tell_cancel_accepted = fields.Boolean(string="Order cancelled", default=True)
    tell_cancel_refused = fields.Boolean(string="Cancelling refused", default=True)

    tell_cancel_refunded = fields.Boolean(
        string="Money of a cancelled order given back",
        related="tell_refunded",
    )

    _days_positive = models.Constraint(
        "CHECK(return_days >= 0 AND answer_hours >= 0)",
        "Days and hours cannot be negative.",
    )
