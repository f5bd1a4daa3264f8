import logging
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.gtg_connector_base.models.transaction import contained, tell_cron

_logger = logging.getLogger(__name__)

BATCH = 200
STALE_HOURS = 14 * 24  # so long after its last reminder a cart is looked at no more


class GtgCartStep(models.Model):
    """One reminder of an abandoned cart: when, with which words.

    On top of core: the website's setting says whether at all, since when and from
    which age on a cart counts as abandoned; core's scheduled action runs it. Where no
    step is switched on, core sends its one e-mail as ever.
    """

    _name = "gtg.cart.step"
    _description = "Cart Reminder"
    _order = "delay_hours, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    delay_hours = fields.Float(
        string="Hours after",
        default=24,
        required=True,
        help="Hours after the buyer left the cart; never before the website calls it "
        "abandoned.",
    )
    website_id = fields.Many2one("website", help="Empty: for every website.")
    company_id = fields.Many2one(related="website_id.company_id")
    template_id = fields.Many2one(
        "mail.template",
        required=True,
        domain=[("model", "=", "sale.order")],
        ondelete="restrict",
        string="E-mail",
    )
    since = fields.Datetime(
        string="Switched on",
        default=fields.Datetime.now,
        readonly=True,
        copy=False,
        help="Carts that were due before are left alone.",
    )
    reminder_ids = fields.One2many("gtg.cart.reminder", "step_id")
    sent_count = fields.Integer(string="Sent", compute="_compute_result")
    recovered_count = fields.Integer(string="Bought", compute="_compute_result")
    revenue = fields.Monetary(compute="_compute_result")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")

    _delay_positive = models.Constraint(
        "CHECK(delay_hours >= 0)", "The hours cannot be negative."
    )

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    @api.depends_context("company")
    def _compute_result(self):
        rows = self.env["gtg.cart.reminder"]._read_group(
            [("step_id", "in", self.ids), ("company_id", "=", self.env.company.id)],
            ["step_id"],
            ["__count", "recovered_at:count", "revenue:sum"],
        )
        result = {step: figures for step, *figures in rows}
        for step in self:
            figures = result.get(step._origin, (0, 0, 0))
            step.sent_count, step.recovered_count, step.revenue = figures

    def write(self, vals):
        if vals.get("active"):
            now = fields.Datetime.now()
            self.filtered(lambda step: not step.active).write({"since": now})
        return super().write(vals)

    # === SENDING === #

    @api.model
    def _gtg_remind(self):
        """Send what is due, one cart after the other; called by core's cron."""
        steps = self.search([])
        for website in self.env["website"].search([]):
            if website.send_abandoned_cart_email:
                own = steps.filtered(lambda s, w=website: not s.website_id - w)
                own._gtg_remind_of_website(website)
        # the queue of mails runs hourly by itself: too late for a short delay
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _gtg_remind_of_website(self, website):
        """:param self: the steps of the website, earliest first"""
        if not self:
            return
        oldest = fields.Datetime.now() - timedelta(
            hours=max(self.mapped("delay_hours")) + STALE_HOURS
        )
        since = website.send_abandoned_cart_email_activation_time
        carts = self.env["sale.order"].search(
            [
                ("is_abandoned_cart", "=", True),
                ("website_id", "=", website.id),
                ("gtg_channel_id.kind", "in", ("website", False)),
                ("date_order", ">=", max(since or oldest, oldest)),
                ("partner_id.email", "!=", False),
            ],
            order="id",
        )
        for start in range(0, len(carts), BATCH):
            batch = carts[start : start + BATCH]
            for cart, step in self._gtg_due(batch._gtg_still_wanted()).items():
                # somebody else: another worker reminds, or the buyer is just buying
                with contained(self.env, _logger, "Remind of cart %s", cart.id) as turn:
                    cart._gtg_send_reminder(step)
                if not turn.conflict:
                    tell_cron(self.env, 1)

    def _gtg_due(self, carts):
        """:return: {cart: the one step that is due now}"""
        sent = {}
        for order, step, sent_at in self.env["gtg.cart.reminder"]._read_group(
            [("order_id", "in", carts.ids)], ["order_id", "step_id"], ["sent_at:max"]
        ):
            sent.setdefault(order.id, {})[step.id] = sent_at
        now = fields.Datetime.now()
        due = {}
        for cart in carts:
            done = sent.get(cart.id, {})
            if cart.cart_recovery_email_sent and not done:
                continue  # core or a person has written already
            # a step that was switched on after it was due for this cart is none of its
            steps = (
                step
                for step in self
                if step.id not in done
                and cart.date_order + timedelta(hours=step._gtg_hours(cart)) >= step.since
            )
            step = next(steps, None)
            if step and step._gtg_is_due(cart, done, now):
                due[cart] = step
        return due

    def _gtg_hours(self, cart):
        return max(self.delay_hours, cart.website_id.cart_abandoned_delay or 1)

    def _gtg_is_due(self, cart, done, now):
        """:param dict done: {id of step: when} of what was sent for the cart"""
        self.ensure_one()
        hours = self._gtg_hours(cart)
        if cart.date_order + timedelta(hours=hours) > now:
            return False
        # a server that stood still does not send all reminders in one night
        before = self.browse(done).exists()
        gap = hours - max(before.mapped("delay_hours"), default=0)
        last = max(done.values(), default=None)
        return not last or last + timedelta(hours=max(gap, 1)) <= now


class GtgCartReminder(models.Model):
    """A reminder that was sent: at most one per cart and step, and what it brought."""

    _name = "gtg.cart.reminder"
    _description = "Sent Cart Reminder"
    _order = "id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    step_id = fields.Many2one(
        "gtg.cart.step", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    website_id = fields.Many2one("website", ondelete="set null")
    partner_id = fields.Many2one(related="order_id.partner_id")
    email = fields.Char()
    sent_at = fields.Datetime(required=True)
    recovered_at = fields.Datetime(
        string="Bought on", help="The buyer bought the cart after this reminder."
    )
    revenue = fields.Monetary(string="Bought for", help="In the company's currency.")
    currency_id = fields.Many2one(related="company_id.currency_id")

    _once = models.Constraint(
        "UNIQUE(order_id, step_id)", "The buyer has had this reminder already."
    )


class Website(models.Model):
    _inherit = "website"

    @api.model
    def _send_abandoned_cart_email(self):
        """Core's scheduled action: our steps, where there are any."""
        steps = self.env["gtg.cart.step"]
        if not steps.search_count([], limit=1):
            return super()._send_abandoned_cart_email()
        return steps._gtg_remind()
