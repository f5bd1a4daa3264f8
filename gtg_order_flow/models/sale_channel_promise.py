from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

from odoo.addons.gtg_connector_base.lib.clock import naive_utc

from ..lib import worktime
from .order_clock import HOME

# so many calendar days hold one working day, festivals included
CALENDAR_DAYS = 3
TET = 21


class GtgSaleChannel(models.Model):
    """Until when orders of a channel are promised to leave."""

    _inherit = "gtg.sale.channel"

    promise_ship_date = fields.Boolean(
        string="Promise a ship date",
        compute="_compute_promise_ship_date",
        store=True,
        readonly=False,
        precompute=True,
        help="Sets “Ship by” when an order is confirmed and paid or cash on delivery, "
        "unless somebody has entered a date. Marketplaces set it themselves.",
    )
    promise_days = fields.Integer(
        string="Working days",
        default=1,
        help="0: the order leaves on the working day on which it was confirmed.",
    )
    promise_cutoff = fields.Float(
        string="Same day until",
        default=15,
        help="What is confirmed or paid later counts as of the next working day.",
    )
    promise_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        help="Its hours and holidays count. Empty: those of the company.",
    )

    _promise_days = models.Constraint(
        "CHECK(promise_days BETWEEN 0 AND 60)",
        "A ship date is promised 0 to 60 working days ahead.",
    )
    _promise_cutoff = models.Constraint(
        "CHECK(promise_cutoff >= 0 AND promise_cutoff <= 24)",
        "The hour is between 0 and 24.",
    )

    @api.depends("kind")
    def _compute_promise_ship_date(self):
        for channel in self:
            channel.promise_ship_date = channel.kind not in ("marketplace", "counter")

    def _gtg_work_hours(self, company):
        """:return: (time zone, calendar or none: works at any time)"""
        zone = pytz.timezone(company.partner_id.tz or HOME)
        return zone, self.promise_calendar_id or company.resource_calendar_id

    def _gtg_end_of_work(self, company, day):
        """:return: when the work of this day ends, midnight where none is done; UTC"""
        zone, calendar = self._gtg_work_hours(company)
        start = zone.localize(datetime.combine(day, time.min))
        end = zone.localize(datetime.combine(day, time(23, 59, 59)))
        work = calendar._work_intervals_batch(start, end, tz=zone)[False] if calendar else []
        last = max((until for _since, until, _attendance in work), default=end)
        if last < datetime.now(zone):  # today, after work
            last = end
        return last.astimezone(pytz.utc).replace(tzinfo=None)

    def _gtg_promised(self, company, starts):
        """The promised ship dates of orders of one company.

        :param starts: since when the orders can be shipped, naive UTC
        :return: {start: ship by, naive UTC}
        """
        self.ensure_one()
        zone, calendar = self._gtg_work_hours(company)
        if not calendar:  # works at any time
            return {s: s + timedelta(days=self.promise_days + 1) for s in starts}
        local = {s: pytz.utc.localize(s).astimezone(zone) for s in starts}
        ahead = timedelta(days=self.promise_days * CALENDAR_DAYS + TET)
        work = [
            (begin, end)
            for begin, end, _attendance in calendar._work_intervals_batch(
                min(local.values()), max(local.values()) + ahead, tz=zone
            )[False]
        ]
        promised = {}
        for start, moment in local.items():
            end = worktime.end_of_work(
                moment, self.promise_days, self.promise_cutoff, work
            ) or moment + timedelta(days=self.promise_days + 1)
            promised[start] = naive_utc(end)
        return promised
