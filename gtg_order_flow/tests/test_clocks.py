from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from ..lib import worktime
from .clock_case import HOME, ClockCase


@tagged("post_install", "-at_install")
class TestClocks(ClockCase):
    """When something is due."""

    def test_unpaid_counts_from_the_confirmation(self):
        clock = self._clock("unpaid", delay=2)
        draft = self._orders()
        self.assertFalse(draft.gtg_deadline)
        order = self._confirmed()
        self.assertEqual(order.gtg_deadline, order.date_order + timedelta(days=2))
        self.assertEqual(order.gtg_deadline_clock_id, clock)
        order.action_gtg_paid()
        self.assertFalse(order.gtg_deadline)

    def test_cod_and_later_payment_are_not_unpaid(self):
        self._clock("unpaid")
        self.assertFalse(self._confirmed(gtg_is_cod=True).gtg_deadline)
        term = self.env["account.payment.term"].create(
            {
                "name": "30 days",
                "line_ids": [Command.create({"value_amount": 100, "nb_days": 30})],
            }
        )
        self.assertFalse(self._confirmed(payment_term_id=term.id).gtg_deadline)

    def _promised(self, vals=None, **ago):
        vals = {"gtg_channel_id": self.phone.id, "gtg_is_cod": True, **(vals or {})}
        order = self._confirmed(**vals)
        order.gtg_ship_by = fields.Datetime.now() - timedelta(**ago)
        return order

    def _told_delayed(self, orders):
        told = self.env["gtg.buyer.message"].search(
            [("order_id", "in", orders.ids), ("event", "=", "delayed")]
        )
        return told.order_id

    def _delays(self, order):
        subjects = self._mails(order).mapped("subject")
        return sum("takes a little longer" in subject for subject in subjects)

    def test_buyers_are_told_of_a_broken_promise_once(self):
        self.env.ref("gtg_order_flow.clock_promise").active = True
        late, later, old = (
            self._promised(hours=1),
            self._promised(hours=-1),
            self._promised(days=30),
        )
        shipped = self._promised(hours=1)
        shipped.gtg_shipped_at = fields.Datetime.now()
        draft = self._orders(gtg_ship_by=late.gtg_ship_by)
        self._run()
        every = late + later + old + shipped + draft
        self.assertEqual(self._told_delayed(every), late)
        self.assertEqual(self._delays(late), 1)
        self.assertIn("takes longer", "".join(late.message_ids.mapped("body")))
        late.gtg_ship_by += timedelta(minutes=5)  # broken anew: told already
        self._run()
        self.assertEqual(self._delays(late), 1)
        later.gtg_ship_by = fields.Datetime.now()
        self._run()
        self.assertEqual(self._told_delayed(every), late + later)

    def test_who_does_not_wait_for_goods_is_not_told_of_a_delay(self):
        self.env.ref("gtg_order_flow.clock_promise").active = True
        unpaid = self._promised({"gtg_is_cod": False}, hours=1)
        refunding, leaving, packed, waiting = (
            self._promised(hours=1) for _order in range(4)
        )
        refunding.gtg_refund_requested_at = fields.Datetime.now()
        leaving._gtg_hold("buyer_cancel", note="Found it cheaper")
        packed.gtg_packed_at = fields.Datetime.now()
        waiting._gtg_hold("address", note="Which street?")
        service = self.env["product.product"].create({"name": "Advice", "type": "service"})
        advice = self._promised(
            {"order_line": [Command.create({"product_id": service.id})]}, hours=1
        )
        paid = self._promised({"gtg_is_cod": False}, hours=1)
        paid.action_gtg_paid()
        self._run()
        every = unpaid + refunding + leaving + packed + waiting + advice + paid
        self.assertEqual(self._told_delayed(every), waiting + paid)

    def test_nobody_is_told_whom_channel_or_clock_leave_out(self):
        clock = self.env.ref("gtg_order_flow.clock_promise")
        clock.active = True
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Some shop", "kind": "marketplace", "code": "someshop"}
        )
        quiet = self.env["gtg.sale.channel"].create(
            {"name": "Quiet", "kind": "phone", "code": "quiet", "tell_delayed": False}
        )
        orders = self._promised(hours=1) + self._promised(hours=1)
        orders[0].gtg_channel_id = shop
        orders[1].gtg_channel_id = quiet
        clock_off = self._promised(hours=1)
        self._run()
        self.assertFalse(self._told_delayed(orders))
        self.assertEqual(self._told_delayed(clock_off), clock_off)
        clock.tell_delayed = False
        silent = self._promised(hours=1)
        self._run()
        self.assertFalse(self._told_delayed(silent))
        self.assertTrue(silent.activity_ids, "the owner is")
        with self.assertRaisesRegex(ValidationError, "with the time 0"):
            self._clock("ship_by", tell_delayed=True, delay=2)
        with self.assertRaisesRegex(ValidationError, "with the time 0"):
            self._clock("to_ship", tell_delayed=True, delay=0)

    def test_paid_is_shipped_in_time(self):
        self._stock(5)
        self._clock("to_ship", delay=3)
        order = self._confirmed()
        self.assertFalse(order.gtg_deadline)
        order.gtg_paid_at = "2026-03-02 05:00:00"
        self.assertEqual(order.gtg_deadline, datetime(2026, 3, 5, 5))
        self._deliver(order)
        self.assertFalse(order.gtg_deadline)

    def test_same_day_until_the_hour_of_the_shop(self):
        self._clock("to_ship", unit="today", until_hour=17.5)
        order = self._confirmed()
        for paid, due in (
            ((2026, 3, 2, 9, 0), (2026, 3, 2, 17, 30)),
            ((2026, 3, 2, 0, 5), (2026, 3, 2, 17, 30)),
            ((2026, 3, 2, 18, 0), (2026, 3, 3, 17, 30)),
        ):
            order.gtg_paid_at = self._utc(*paid)
            self.assertEqual(order.gtg_deadline, self._utc(*due))

    def _calendar(self):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Shop",
                "tz": HOME.zone,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": day,
                            "dayofweek": day,
                            "hour_from": 8,
                            "hour_to": 18,
                            "day_period": "morning",
                        }
                    )
                    for day in "01234"
                ],
            }
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Tết",
                "calendar_id": calendar.id,
                "date_from": self._utc(2026, 3, 9),
                "date_to": self._utc(2026, 3, 9, 23, 59),
            }
        )
        return calendar

    def test_working_hours_and_holidays(self):
        # Friday 6 March 2026, 17:00; Monday is a holiday
        clock = self._clock(
            "to_ship", unit="hours", delay=3, calendar_id=self._calendar().id
        )
        order = self._confirmed()
        order.gtg_paid_at = self._utc(2026, 3, 6, 17)
        self.assertEqual(order.gtg_deadline, self._utc(2026, 3, 10, 10))
        clock.write({"unit": "days", "delay": 2})
        self.assertEqual(order.gtg_deadline, self._utc(2026, 3, 11, 18))
        clock.calendar_id = False
        self.assertEqual(order.gtg_deadline, self._utc(2026, 3, 8, 17))

    def test_working_time(self):
        day = datetime(2026, 3, 2)
        work = [
            (day.replace(hour=8), day.replace(hour=12)),
            (day.replace(hour=13), day.replace(hour=17)),
            (day.replace(day=3, hour=8), day.replace(day=3, hour=12)),
        ]
        for start, hours, end in (
            (day.replace(hour=7), 4, day.replace(hour=12)),
            (day.replace(hour=11), 2, day.replace(hour=14)),
            (day.replace(hour=20), 1, day.replace(day=3, hour=9)),
            (day.replace(hour=9), 0, day.replace(hour=9)),
            (day.replace(hour=9), 99, None),
        ):
            self.assertEqual(worktime.add_hours(start, hours, work), end)
        noon = day.replace(hour=12)
        self.assertEqual(worktime.add_days(noon, 0, work), day.replace(hour=17))
        self.assertEqual(worktime.add_days(noon, 1, work), work[2][1])
        self.assertIsNone(worktime.add_days(noon, 2, work))

    def test_out_of_stock_runs_until_there_is_stock(self):
        self._clock("short", unit="hours", delay=5)
        order = self._confirmed()
        self.assertTrue(order.gtg_deadline)
        order.gtg_pays_first = True
        self.assertFalse(order.gtg_deadline, "kept from the stock on purpose")
        order.gtg_pays_first = False
        self.assertTrue(order.gtg_deadline)
        self._stock(5)
        order.action_gtg_allocate()
        self.assertFalse(order.gtg_deadline)

    def test_not_reserved_is_not_out_of_stock(self):
        self._clock("short", unit="hours", delay=0)
        kind = self.warehouse.out_type_id
        kind.reservation_method = "manual"
        by_hand = self._confirmed()
        self.assertEqual(by_hand.gtg_goods, "waiting")
        self.assertFalse(by_hand.gtg_deadline, "a person reserves it")
        kind.write({"reservation_method": "by_date", "reservation_days_before": 0})
        commitment = fields.Datetime.now() + timedelta(days=20)
        later = self._confirmed(commitment_date=commitment)
        self.assertGreater(
            later.gtg_deadline, fields.Datetime.now() + timedelta(days=10)
        )
        kind.reservation_method = "at_confirm"
        short = self._confirmed()
        freed = self._confirmed()
        self._stock(1)
        freed._gtg_reserve()
        self.assertEqual(freed.gtg_goods, "allocated")
        freed.picking_ids.do_unreserve()
        self._run()
        self.assertFalse(freed.activity_ids | short.activity_ids, "one for either")
        freed._gtg_reserve()
        self._run()
        self.assertTrue(short.activity_ids, "now the other has none")
        self.assertFalse(freed.activity_ids)

    def test_kits_are_named_and_past_days_not_promised(self):
        order = self._confirmed()
        kit, other = order.order_line
        other.move_ids.sale_line_id = kit  # as the components of a kit are
        self.assertEqual(order._gtg_missing_goods(), [(kit.product_id.name, False)])
        soon = fields.Datetime.now() + timedelta(days=3)
        bought = self.env["stock.move"].create(
            [
                {
                    "product_id": product.id,
                    "product_uom_qty": 9,
                    "location_id": self.env.ref("stock.stock_location_suppliers").id,
                    "location_dest_id": self.warehouse.lot_stock_id.id,
                    "picking_type_id": self.warehouse.in_type_id.id,
                    "date": soon,
                }
                for product in self.tea | self.cup
            ]
        )
        bought._action_confirm()

        def days():
            self.env.flush_all()
            self.env.invalidate_all()
            return {row[1] for row in order._gtg_missing_goods()}

        self.assertEqual(days(), {vietnam_date(soon)})
        bought[0].date = soon - timedelta(days=10)
        self.assertEqual(days(), {False}, "nobody knows when it comes")

    def test_what_is_missing_is_told_to_the_buyer(self):
        order = self._confirmed()
        for starts in ("short", "address"):
            template = self.env.ref(f"gtg_order_flow.mail_buyer_{starts}")
            self.assertTrue(self._clock(starts, template_id=template.id))
            template.send_mail(order.id)
        bodies = "".join(self._mails(order).mapped("body_html"))
        self.assertIn(self.tea.name, bodies)
        self.assertIn("house number", bodies)

    def test_a_wrong_phone_number_is_no_wrong_address(self):
        order = self._confirmed()
        order._gtg_hold("phone")
        template = self.env.ref("gtg_order_flow.mail_buyer_address")
        body = self.env["mail.mail"].browse(template.send_mail(order.id)).body_html
        self.assertIn("cannot call you", body)
        self.assertIn(self.buyer.phone, body)
        self.assertNotIn("house number", body)
        order._gtg_hold("address")
        again = self.env["mail.mail"].browse(template.send_mail(order.id))
        self.assertIn("house number", again.body_html)

    def test_unclear_address_runs_with_the_hold(self):
        self._clock("address", unit="hours", delay=5)
        order = self._orders()
        self.assertFalse(order.gtg_deadline)
        order._gtg_hold("address")
        self.assertTrue(order.gtg_deadline)
        order._gtg_release("address")
        self.assertFalse(order.gtg_deadline)

    def test_ship_by_counts_backwards(self):
        self._clock("ship_by", unit="hours", delay=6)
        order = self._confirmed(gtg_ship_by="2026-03-05 12:00:00")
        self.assertEqual(order.gtg_deadline, datetime(2026, 3, 5, 6))

    def test_the_first_of_several_counts_in_the_channel_only(self):
        zalo = self.env.ref("gtg_order_flow.channel_zalo")
        slow = self._clock("unpaid", delay=9)
        fast = self._clock(
            "unpaid", delay=1, channel_ids=[Command.link(zalo.id)], name="fast"
        )
        order, other = self._confirmed(), self._confirmed(gtg_channel_id=zalo.id)
        self.assertEqual(order.gtg_deadline_clock_id, slow)
        self.assertEqual(other.gtg_deadline_clock_id, fast)
        fast.active = False
        self.assertEqual(other.gtg_deadline_clock_id, slow)
        slow.unlink()
        self.assertFalse(order.gtg_deadline or other.gtg_deadline)

    def test_statements_do_not_grow_with_the_orders(self):
        for starts in ("unpaid", "to_ship", "short", "address", "review"):
            self._clock(starts)
        self._clock("to_ship", unit="hours", calendar_id=self._calendar().id)
        orders = self._confirmed(60, gtg_is_cod=True)

        def count(batch, function):
            return self._statements(lambda: function(batch))

        def change(batch):
            batch.date_order = "2026-03-02 05:00:00"

        def tell(batch):
            batch._gtg_tell_due(fields.Datetime.now())

        for function in (change, tell):
            count(orders[:4], function)
            few, many = (count(b, function) for b in (orders[4:14], orders[14:]))
            self.assertLessEqual(many, few + 3)
        self.assertEqual(set(orders.mapped("gtg_deadline_clock_id.starts")), {"to_ship"})
