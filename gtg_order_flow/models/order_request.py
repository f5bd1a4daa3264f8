from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError


class GtgOrderRequest(models.AbstractModel):
    """What somebody asks about an order, and what the shop answers until when."""

    _name = "gtg.order.request"
    _description = "Request about an Order"
    _inherit = ["gtg.own.fields", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    order_id = fields.Many2one(
        "sale.order", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", store=True)
    channel_id = fields.Many2one(related="order_id.gtg_channel_id", store=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", domain=[("share", "=", False)], tracking=True
    )
    by_buyer = fields.Boolean(string="Asked by the Buyer", readonly=True)
    note = fields.Text(string="What the Buyer says")
    answer = fields.Text(
        string="Our Answer", help="The buyer reads this, above all when we refuse."
    )
    deadline = fields.Datetime(string="Answer by", readonly=True)
    answered_at = fields.Datetime(readonly=True)
    answered_by_id = fields.Many2one("res.users", readonly=True)

    def _gtg_own_fields(self):
        return super()._gtg_own_fields() | {
            "state",
            "by_buyer",
            "deadline",
            "answered_at",
            "answered_by_id",
        }

    def _gtg_fixed_fields(self):
        return super()._gtg_fixed_fields() | {"order_id"}

    @api.model_create_multi
    def create(self, vals_list):
        orders = self.env["sale.order"].browse(
            {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        )
        # Two transactions that ask about the same order both write its row: the
        # later one is refused by PostgreSQL and run again, when it sees the first.
        orders.sudo().write({"gtg_asked_at": fields.Datetime.now()})
        orders.flush_recordset(["gtg_asked_at"])
        requests = super().create(vals_list)
        requests.sudo()._gtg_await_answer()
        return requests

    def _gtg_await_answer(self):
        for request in self.filtered(lambda request: request.state == "requested"):
            channel = request.channel_id.sudo()
            request.deadline = fields.Datetime.now() + timedelta(
                hours=channel.answer_hours or 48
            )
            request.user_id = (
                request.user_id
                or channel.request_user_id
                or request.order_id.user_id
                or request.order_id.team_id.user_id
            )
            if request.user_id:
                request.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=fields.Date.context_today(request, request.deadline),
                    summary=request._gtg_activity_summary(),
                    user_id=request.user_id.id,
                )

    def _gtg_activity_summary(self):
        return self.env._("Answer the buyer of %s", self.order_id.name)

    def _gtg_claim(self, *states):
        """Lock the requests for this transaction; only those in `states` go on.

        Of two people who press at once one gets the lock; the other is told, or,
        when the first has finished, finds the new state.

        :return: the requests that are still in one of `states`
        :raise UserError: somebody else is at it right now
        """
        self.check_access("write")
        self.flush_recordset()
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._("Somebody else works on this right now. Reload the page.")
            ) from error
        self.invalidate_recordset()
        return self.filtered(lambda request: request.state in states)

    def _gtg_set_answered(self, state):
        self.sudo().write(
            {
                "state": state,
                "answered_at": fields.Datetime.now(),
                "answered_by_id": self.env.uid,
            }
        )
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])

    def _gtg_check_answer(self):
        """:raise UserError: refusing needs a reason that the buyer can read"""
        if any(not (request.answer or "").strip() for request in self):
            raise UserError(
                self.env._("Write in Our Answer why: the buyer reads it. Then refuse.")
            )

    def _gtg_tell(self, event):
        """Tell the buyer of each request, at most once per request and event."""
        for request in self:
            request.order_id._gtg_tell_buyer(event, about=request)

    def _gtg_open(self):
        """:return: action that shows these requests"""
        action = {
            "type": "ir.actions.act_window",
            "name": self.env["ir.model"]._get(self._name).name,
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
        }
        if len(self) == 1:
            action.update(view_mode="form", res_id=self.id)
        return action
