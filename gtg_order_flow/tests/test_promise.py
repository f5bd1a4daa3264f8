from datetime import datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import BaseCase, freeze_time, tagged

from ..lib import worktime
from .common import OrderFlowCase

# 09:00 of Monday, 2 March 2026 in Vietnam
MONDAY = "2026-03-02 02:00:00"


class TestEndOfWork(BaseCase):
    week = [
        (datetime(2026, 3, day, hour), datetime(2026, 3, day, hour + 4))
        for day in (2, 3, 4, 5, 6, 9, 10)
        for hour in (8, 13)
    ]

    def _end(self, day, hour, days, cutoff=15):
        start = datetime(2026, 3, day, hour)
        return worktime.end_of_work(start, days, cutoff, self.week)

    def test_days_of_work(self):
        for (day, hour, days), expected in {
            (2, 9, 0): 2,
            (2, 9, 1): 3,
            (2, 15, 0): 3,  # after the cut-off
            (2, 18, 1): 4,
            (6, 9, 1): 9,  # over the weekend
            (7, 9, 0): 9,  # bought on Saturday
            (6, 16, 1): 10,
        }.items():
            end = self._end(day, hour, days)
            self.assertEqual(end, datetime(2026, 3, expected, 17), (day, hour, days))
        self.assertIsNone(self._end(9, 9, 2))
        self.assertEqual(self._end(2, 16, 0, cutoff=24), datetime(2026, 3, 2, 17))


@tagged("post_install", "-at_install")
class TestPromise(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = "Asia/Ho_Chi_Minh"
        cls.hours = cls.env["resource.calendar"].create(
            {
                "name": "Monday to Friday, 8 to 17",
                "tz": "UTC",  # hours are those of the shop wherever the server stands
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "Work",
                            "dayofweek": str(day),
                            "hour_from": 8,
                            "hour_to": 17,
                        }
                    )
                    for day in range(5)
                ],
            }
        )
        cls.phone.write(
            {"promise_ship_date": True, "promise_calendar_id": cls.hours.id}
        )

    def _order(self, **vals):
        order = self._orders(**{"gtg_channel_id": self.phone.id, **vals})
        order.gtg_arrived_at = MONDAY  # it takes the transaction's time
        return order

    @freeze_time(MONDAY)
    def test_confirmed_cod_is_promised(self):
        order = self._order(gtg_is_cod=True)
        self.assertFalse(order.gtg_ship_by)
        order.action_confirm()
        self.assertEqual(str(order.gtg_ship_by), "2026-03-03 10:00:00")

    @freeze_time(MONDAY)
    def test_company_that_works_at_any_time(self):
        self.phone.promise_calendar_id = False
        self.env.company.resource_calendar_id = False
        order = self._order(gtg_is_cod=True)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(str(order.gtg_ship_by), "2026-03-04 02:00:00")

    @freeze_time(MONDAY)
    def test_unpaid_waits_for_the_money(self):
        order = self._order()
        order.action_confirm()
        self.assertFalse(order.gtg_ship_by)
        with freeze_time("2026-03-06 03:00:00"):
            order.action_gtg_paid()
        self.assertEqual(str(order.gtg_ship_by), "2026-03-09 10:00:00")

    @freeze_time(MONDAY)
    def test_a_holiday_does_not_count(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Shop closed",
                "calendar_id": self.hours.id,
                "date_from": "2026-03-02 17:00:00",
                "date_to": "2026-03-04 16:59:59",
            }
        )
        order = self._order(gtg_is_cod=True)
        order.action_confirm()
        self.assertEqual(str(order.gtg_ship_by), "2026-03-05 10:00:00")

    @freeze_time(MONDAY)
    def test_what_somebody_agreed_goes_first(self):
        agreed = self._order(commitment_date="2026-03-20 03:00:00", gtg_is_cod=True)
        typed = self._order(gtg_ship_by="2026-03-10 03:00:00", gtg_is_cod=True)
        (agreed | typed).action_confirm()
        self.assertEqual(str(agreed.gtg_ship_by), "2026-03-20 03:00:00")
        self.assertEqual(str(typed.gtg_ship_by), "2026-03-10 03:00:00")
        typed.commitment_date = "2026-03-12 03:00:00"
        self.assertEqual(str(typed.gtg_ship_by), "2026-03-12 03:00:00")

    @freeze_time(MONDAY)
    def test_others_promise_nothing(self):
        zalo = self.env["gtg.sale.channel"].new({"kind": "zalo"})
        self.assertTrue(zalo.promise_ship_date)
        market = self.env["gtg.sale.channel"].create(
            {"name": "Market", "code": "market", "kind": "marketplace"}
        )
        self.assertFalse(market.promise_ship_date)
        order = self._order(gtg_channel_id=market.id, gtg_paid_at=fields.Datetime.now())
        order.commitment_date = "2026-03-20 03:00:00"
        order.action_confirm()
        self.assertFalse(order.gtg_ship_by)
        shipped = self._order(gtg_is_cod=True, gtg_shipped_at=MONDAY)
        shipped.action_confirm()
        self.assertFalse(shipped.gtg_ship_by)

    def test_statements_do_not_grow(self):
        counts = []
        for many in (5, 40):
            orders = self._orders(many, gtg_channel_id=self.phone.id, gtg_is_cod=True)
            orders.with_context(gtg_arrives_later=True).state = "sale"
            orders.gtg_ship_by = False
            counts.append(self._statements(orders._gtg_promise))
            self.assertTrue(all(order.gtg_ship_by for order in orders))
        self.assertLessEqual(counts[1], counts[0])

    # === LONGER === #

    def _longer(self, orders, user=None, **vals):
        wizard = self.env["gtg.ship.date"].with_user(user or self.staff)
        return wizard.create(
            {
                "order_ids": [Command.set(orders.ids)],
                "ship_by": "2026-03-12 10:00:00",
                "reason": "Waits for the supplier",
                **vals,
            }
        ).action_change()

    @freeze_time(MONDAY)
    def test_longer_is_told_once(self):
        order = self._order(gtg_is_cod=True)
        order.action_confirm()
        self._longer(order, ship_by="2090-03-12 10:00:00")
        self.assertEqual(str(order.gtg_ship_by), "2090-03-12 10:00:00")
        self.assertIn(
            "Waits for the supplier", "".join(order.message_ids.mapped("body"))
        )
        self._longer(order, ship_by="2090-03-13 10:00:00")
        about = [("order_id", "=", order.id), ("event", "=", "delayed")]
        self.assertEqual(self.env["gtg.buyer.message"].search_count(about), 1)
        mails = self.env["mail.mail"].search([("res_id", "=", order.id)])
        delayed = mails.filtered(
            lambda mail: "takes a little longer" in (mail.subject or "")
        )
        self.assertIn("leaves us by <strong>03/12/2090", delayed.body_html)

    @freeze_time(MONDAY)
    def test_the_day_is_that_of_the_buyer(self):
        order = self._order(gtg_is_cod=True)
        order.action_confirm()
        # one in the morning of the 13th in Vietnam
        self._longer(order, ship_by="2090-03-12 18:00:00")
        mails = self.env["mail.mail"].search([("res_id", "=", order.id)])
        self.assertIn("leaves us by <strong>03/13/2090", "".join(mails.mapped("body_html")))
        with freeze_time("2090-03-12 18:00:01"):
            self.assertFalse(order._gtg_ship_day(), "over: the portal says nothing")

    @freeze_time(MONDAY)
    def test_longer_refuses(self):
        order = self._order(gtg_is_cod=True)
        with self.assertRaisesRegex(UserError, "only confirmed orders"):
            self._longer(order)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "still to come"):
            self._longer(order, ship_by="2026-03-01 10:00:00")
        with self.assertRaises(AccessError):
            self._longer(order, user=self._user("stranger", "base.group_user"))
        order.gtg_shipped_at = MONDAY
        with self.assertRaisesRegex(UserError, "have not left"):
            self._longer(order)
        boss = self._user("promise-boss", "gtg_order_flow.group_shop_manager")
        with self.assertRaisesRegex(UserError, "have not left"):
            self._longer(order, user=boss)
