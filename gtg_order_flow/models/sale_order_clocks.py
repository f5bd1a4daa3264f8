import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import split_every

from odoo.addons.gtg_connector_base.models.transaction import contained

_logger = logging.getLogger(__name__)

BATCH = 200


class SaleOrder(models.Model):
    """Clocks of an order: which run, which runs out first, and who is told."""

    _inherit = "sale.order"

    gtg_short_since = fields.Datetime(
        string="Out of stock since", compute="_compute_gtg_short_since", store=True
    )
    gtg_deadline = fields.Datetime(
        string="Due",
        compute="_compute_gtg_deadline",
        store=True,
        index="btree_not_null",
        help="When the first of the order's clocks runs out.",
    )
    gtg_deadline_clock_id = fields.Many2one(
        "gtg.order.clock",
        string="Due for",
        compute="_compute_gtg_deadline",
        store=True,
        ondelete="set null",
        groups="base.group_user",
    )

    @api.depends("state", "gtg_goods")
    def _compute_gtg_short_since(self):
        now = fields.Datetime.now()
        for order in self:
            short = order.state == "sale" and order.gtg_goods == "waiting"
            order.gtg_short_since = short and (order.gtg_short_since or now)

    @api.depends(
        "state",
        "date_order",
        "payment_term_id",
        "gtg_arrived_at",
        "gtg_channel_id",
        "gtg_money",
        "gtg_pays_first",
        "gtg_goods",
        "gtg_stage",
        "gtg_short_since",
        "order_line.move_ids.reservation_date",
        "gtg_paid_at",
        "gtg_packed_at",
        "gtg_ship_by",
        "gtg_unscanned_since",
        "gtg_hold_ids.state",
    )
    def _compute_gtg_deadline(self):
        first = {}
        for order, clock, _start, end in self._gtg_running_clocks():
            if order not in first or end < first[order][0]:
                first[order] = (end, clock.id)
        for order in self:
            end, clock_id = first.get(order, (False, False))
            order.gtg_deadline = end
            order.gtg_deadline_clock_id = clock_id

    def _gtg_running_clocks(self):
        """:return: [(order, clock, start, deadline)]"""
        orders = self.filtered(
            lambda order: (
                order.gtg_arrived_at and order.gtg_stage in ("new", "processing")
            )
        )
        if not orders:
            return []
        clocks = self.env["gtg.order.clock"].with_context(active_test=True).sudo()
        return [
            (order, clock, start, end)
            for clock in clocks.search([])
            for order, (start, end) in clock._gtg_deadlines(orders).items()
        ]

    def _gtg_clock_start(self, starts):
        """:param str starts: one of `STARTS`
        :return: since when the order is in the state that this kind of clock watches,
            False when it is not. Reads fields only: many orders are asked.
        """
        self.ensure_one()
        confirmed = self.state == "sale" and max(self.date_order, self.gtg_arrived_at)
        unshipped = confirmed and not self.gtg_shipped_at and not self.gtg_delivered_at
        holds = self.gtg_hold_ids.filtered(lambda hold: hold.state == "open")
        start = False
        if starts == "unpaid" and self.state != "draft" and self.gtg_money == "unpaid":
            start = not self._gtg_pays_later() and (confirmed or self.gtg_arrived_at)
        elif starts == "to_ship" and unshipped and self.gtg_money in ("paid", "cod"):
            start = self._gtg_has_goods() and (self.gtg_paid_at or confirmed)
        elif starts == "short" and unshipped:
            start = (
                not any(hold.reason_id.blocks_reservation for hold in holds)
                and not self._gtg_waits_for_money()
                and self._gtg_short_start()
            )
        elif starts == "address":
            unclear = holds.filtered(lambda h: h.reason_id.code in ("address", "phone"))
            start = min(unclear.mapped("create_date"), default=False)
        elif starts == "review" and self.gtg_stage == "new":
            start = self.gtg_arrived_at
        elif starts == "ship_by" and not self.gtg_shipped_at:
            start = not self.gtg_delivered_at and self.gtg_ship_by
        elif starts == "packed" and unshipped:
            start = self.gtg_packed_at
        elif starts == "unscanned":
            start = self.gtg_unscanned_since
        return start and start.replace(microsecond=0)

    def _gtg_address_is_unclear(self):
        """For the message to the buyer: yes, unless the phone number alone is wrong."""
        codes = self._gtg_open_holds().reason_id.mapped("code")
        return "address" in codes or "phone" not in codes

    def _gtg_has_goods(self):
        return any(line.product_id.type == "consu" for line in self.order_line)

    # === WHO IS TOLD === #

    def _gtg_owner(self):
        """:return: the user who looks after the order, possibly nobody"""
        self.ensure_one()
        return (
            self.user_id or self.gtg_channel_id.sudo().user_id or self.team_id.user_id
        )

    def _gtg_remind(self, told):
        """:param dict told: {order: (user, summary)}
        :return: an activity per order, in its order
        """
        kind = self.env.ref("mail.mail_activity_data_todo").id
        model = self.env["ir.model"]._get_id("sale.order")
        today = fields.Date.context_today(self)
        return (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create(
                [
                    {
                        "res_model_id": model,
                        "res_id": order.id,
                        "activity_type_id": kind,
                        "user_id": user.id,
                        "summary": summary,
                        "date_deadline": today,
                    }
                    for order, (user, summary) in told.items()
                ]
            )
        )

    def _gtg_warn(self, summary):
        """A person must look at the order: one open activity per sentence."""
        self.ensure_one()
        summary = summary[:200]
        if not self.activity_ids.filtered(lambda a: a.summary == summary):
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=summary,
                user_id=(self._gtg_owner() or self.env.ref("base.user_admin")).id,
            )

    # === SCHEDULED === #

    @api.model
    def _gtg_cron_clocks(self):
        """Tell what has run out. Never raises; what fails is tried again next time."""
        ends = time.monotonic() + 300
        for name, records, do in self._gtg_clock_jobs():
            for ids in split_every(BATCH, records.ids):
                if time.monotonic() > ends:
                    return
                self._gtg_do_batch(name, do, records.browse(ids))

    @api.model
    def _gtg_do_batch(self, name, do, records):
        """One transaction for all, or one for each where that is impossible."""
        with contained(self.env, _logger, "%s: %s", name, records) as turn:
            do(records)
        if turn.error and len(records) > 1:
            for record in records:
                self._gtg_do_batch(name, do, record)

    def _gtg_clock_jobs(self):
        """:return: [(name, records, what is done with a batch of them)]"""
        orders, holds = self.sudo(), self.env["gtg.order.hold"].sudo()
        reminders = self.env["gtg.order.reminder"].sudo()
        now = fields.Datetime.now()
        due = [("gtg_deadline", "<=", now), ("gtg_stage", "in", ("new", "processing"))]
        late = [
            ("state", "=", "open"),
            ("deadline", "<=", now),
            ("reminded_at", "=", False),
        ]
        # two orders that came in at the same moment did not see each other
        fresh = [("gtg_arrived_at", ">", now - timedelta(minutes=20))]
        return [
            ("checks", orders.search(fresh), lambda batch: batch._gtg_check()),
            ("clocks", orders.search(due), lambda batch: batch._gtg_tell_due(now)),
            ("holds", holds.search(late), lambda batch: batch._gtg_tell_late()),
            (
                "activities",
                reminders.search([("activity_id", "!=", False)]),
                lambda batch: batch._gtg_forget(),
            ),
        ]

    def _gtg_tell_due(self, now):
        """Tell, once, of every clock of these orders that has run out."""
        due = [
            (order, clock, start)
            for order, clock, start, end in self._gtg_running_clocks()
            if end <= now
        ]
        short = self.browse(o.id for o, clock, __ in due if clock.starts == "short")
        free = short - short.browse(o.id for o in short._gtg_lacking())
        due = [row for row in due if row[0] not in free or row[1].starts != "short"]
        claimed = self.env["gtg.order.reminder"].sudo()._gtg_claim(due)
        for reminders in claimed.grouped("clock_id").values():
            reminders._gtg_tell()
