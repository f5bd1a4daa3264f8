from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib import worktime

STARTS = [
    ("unpaid", "Order not paid"),
    ("to_ship", "Order paid or COD, not shipped"),
    ("short", "Order out of stock"),
    ("address", "Address or phone number unclear"),
    ("review", "Order not confirmed"),
    ("ship_by", "Promised ship date comes near"),
    ("packed", "Packed, not taken by the carrier"),
    ("unscanned", "Left us, not scanned by the marketplace's carrier"),
]
# ship-by counts backwards, "today" has its own hour
UNITS = [("hours", "Hours"), ("days", "Days"), ("today", "Same day until")]
HOME = "Asia/Ho_Chi_Minh"


class GtgOrderClock(models.Model):
    """Until when something must have happened with an order, and who is told when it
    has not.
    """

    _name = "gtg.order.clock"
    _description = "Order Clock"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for every company."
    )
    channel_ids = fields.Many2many(
        "gtg.sale.channel", string="Channels", help="Empty: orders of every channel."
    )
    starts = fields.Selection(
        STARTS, string="Runs while", required=True, default="to_ship"
    )
    delay = fields.Integer(string="Time", default=1)
    unit = fields.Selection(UNITS, required=True, default="days")
    until_hour = fields.Float(
        string="Until",
        default=17.5,
        help="What begins later than this is due at this hour of the next day.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        help="Count only this working time, without its holidays. Empty: count around "
        "the clock.",
    )
    tell_owner = fields.Boolean(
        string="Remind the owner",
        default=True,
        help="An activity for the salesperson, else for the person in charge of the "
        "channel, else for the leader of the sales team.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Write to the buyer",
        domain=[("model", "=", "sale.order")],
        ondelete="set null",
        help="Sent once. Never to buyers of a marketplace.",
    )

    tell_delayed = fields.Boolean(
        string="Tell the buyer: delayed",
        help="The message “Order delayed”, once, when the promised date is over; not "
        "where the channel switched it off, and never to buyers of a marketplace.",
    )

    _delay_positive = models.Constraint(
        "CHECK(delay >= 0 AND delay <= 1000)", "The time is between 0 and 1000."
    )
    _until_in_day = models.Constraint(
        "CHECK(until_hour >= 0 AND until_hour < 24)", "The hour is between 0 and 24."
    )

    @api.constrains("template_id")
    def _check_template(self):
        for clock in self:
            if clock.template_id and clock.template_id.model != "sale.order":
                raise ValidationError(
                    self.env._(
                        "%s: choose an e-mail template for sales orders.", clock.name
                    )
                )

    @api.constrains("tell_delayed", "starts", "delay", "unit")
    def _check_delayed(self):
        for clock in self:
            if clock.tell_delayed and (
                clock.starts != "ship_by" or clock.delay or clock.unit == "today"
            ):
                raise ValidationError(
                    self.env._(
                        "%s: buyers are told of a delay when the promised ship date is "
                        "over. Let it run for that date, with the time 0.",
                        clock.name,
                    )
                )

    # === CHANGES REACH THE RUNNING ORDERS === #

    @api.model_create_multi
    def create(self, vals_list):
        clocks = super().create(vals_list)
        clocks._gtg_set_again()
        return clocks

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() - {"name", "template_id", "tell_owner", "tell_delayed", "sequence"}:
            self._gtg_set_again()
        return res

    def unlink(self):
        res = super().unlink()
        self._gtg_set_again()
        return res

    @api.model
    def _gtg_set_again(self):
        order = self.env["sale.order"].sudo()
        running = order.search(
            [
                ("gtg_arrived_at", "!=", False),
                ("gtg_stage", "in", ("new", "processing")),
            ]
        )
        for name in ("gtg_deadline", "gtg_deadline_clock_id"):
            self.env.add_to_compute(order._fields[name], running)

    # === DEADLINES === #

    def _gtg_deadlines(self, orders):
        """:return: {order: (start, deadline)} of the orders for which this clock runs,
        both naive UTC
        """
        self.ensure_one()
        fitting = orders.filtered(
            lambda order: (
                (not self.company_id or order.company_id == self.company_id)
                and (not self.channel_ids or order.gtg_channel_id in self.channel_ids)
            )
        )
        begun = {order: order._gtg_clock_start(self.starts) for order in fitting}
        begun = {order: start for order, start in begun.items() if start}
        if not begun:
            return {}
        if self.starts == "ship_by":
            return {o: (start, self._gtg_before(o, start)) for o, start in begun.items()}
        work = self._gtg_worktime(begun)
        return {
            order: (start, self._gtg_after(order, start, work))
            for order, start in begun.items()
        }

    def _gtg_before(self, order, end):
        if self.unit == "today":
            return self._gtg_same_day(order, end, next_day=False)
        return end - timedelta(**{self.unit: self.delay})

    def _gtg_after(self, order, start, work):
        if self.unit == "today":
            return self._gtg_same_day(order, start)
        if self.calendar_id:
            zone = pytz.timezone(self.calendar_id.tz or HOME)
            local = pytz.utc.localize(start).astimezone(zone)
            add = worktime.add_hours if self.unit == "hours" else worktime.add_days
            end = add(local, self.delay, work)
            if end:
                return end.astimezone(pytz.utc).replace(tzinfo=None)
        return start + timedelta(**{self.unit: self.delay})

    def _gtg_same_day(self, order, moment, next_day=True):
        zone = pytz.timezone(order.company_id.partner_id.tz or HOME)
        local = pytz.utc.localize(moment).astimezone(zone)
        hours, minutes = divmod(round(self.until_hour * 60), 60)
        end = local.replace(
            hour=hours, minute=minutes, second=0, microsecond=0, tzinfo=None
        )
        if next_day and end <= local.replace(tzinfo=None):
            end += timedelta(days=1)
        return zone.localize(end).astimezone(pytz.utc).replace(tzinfo=None)

    def _gtg_worktime(self, begun):
        """:return: [(from, to)] when people work, long enough for all these orders"""
        if not self.calendar_id or self.unit == "today":
            return []
        zone = pytz.timezone(self.calendar_id.tz or HOME)
        days = self.delay * (1 if self.unit == "days" else 0.2) * 2 + 30
        first = pytz.utc.localize(min(begun.values())).astimezone(zone)
        last = pytz.utc.localize(max(begun.values())).astimezone(zone)
        intervals = self.calendar_id._work_intervals_batch(
            first, last + timedelta(days=days)
        )[False]
        return [(begin, end) for begin, end, _attendance in intervals]
