from odoo import fields, models
from odoo.exceptions import UserError

CANCEL_STATES = [
    ("requested", "Requested"),
    ("accepted", "Accepted, order cancelled"),
    ("refused", "Refused"),
]


class GtgCancelRequest(models.Model):
    """An order is cancelled: because the buyer asks, or we do it. Until a buyer is
    answered the order is held; then what was paid goes back.

    Hooks for others: `_gtg_after_answered()`, once per request, `_gtg_after_refunded()`.
    """

    _name = "gtg.cancel.request"
    _description = "Cancellation Request"
    _inherit = "gtg.order.refund"

    state = fields.Selection(
        CANCEL_STATES,
        default="requested",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )

    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "The amount to give back cannot be negative."
    )
    _open_unique = models.UniqueIndex(
        "(order_id) WHERE state = 'requested'",
        "The cancellation of this order is asked for already.",
    )

    def _compute_display_name(self):
        for request in self:
            request.display_name = self.env._("Cancel %s", request.order_id.name)

    def _gtg_await_answer(self):
        res = super()._gtg_await_answer()
        for request in self.filtered(lambda request: request.state == "requested"):
            request.order_id._gtg_hold("buyer_cancel", note=request.note or "")
        return res

    def _gtg_activity_summary(self):
        return self.env._("The buyer wants to cancel %s", self.order_id.name)

    def action_accept(self):
        """Cancel the order; what was paid is to be given back."""
        for request in self._gtg_claim("requested"):
            order = request.order_id.sudo()
            if order._gtg_handed_over():
                raise UserError(
                    self.env._(
                        "%s has been handed over meanwhile and cannot be cancelled. "
                        "Refuse the request and tell the buyer so.",
                        order.name,
                    )
                )
            request._gtg_set_answered("accepted")
            if order.state != "cancel":
                if order.locked:
                    order.action_unlock()
                order.action_cancel()
            order._gtg_owe_cancelled()
            request._gtg_tell("cancel_accepted")
            request.sudo()._gtg_after_answered()
        return True

    def action_refuse(self):
        """The order goes on."""
        for request in self._gtg_claim("requested"):
            request._gtg_check_answer()
            request._gtg_set_answered("refused")
            request.order_id._gtg_release("buyer_cancel")
            request._gtg_tell("cancel_refused")
            request.sudo()._gtg_after_answered()
        return True

    def _gtg_after_answered(self):
        """Once per request: accepted or refused. Extend; call super."""
