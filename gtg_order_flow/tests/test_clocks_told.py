from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .clock_case import ClockCase


@tagged("post_install", "-at_install")
class TestClocksTold(ClockCase):
    """Who is told that it is due."""

    def test_owner_is_reminded_once_and_the_reminder_ends(self):
        self._clock("unpaid", name="Call the buyer")
        order = self._confirmed()
        self._run()
        self.assertFalse(order.activity_ids)
        self._age(order, days=2)
        self._run()
        self._run()
        activity = order.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.owner)
        self.assertEqual(activity.summary, "Call the buyer")
        order.action_gtg_paid()
        self._run()
        self.assertFalse(order.activity_ids)

    def test_order_of_nobody_is_told_to_a_shop_manager(self):
        self.env.ref("gtg_order_flow.group_shop_manager").user_ids = False
        manager = self._user("boss", "gtg_order_flow.group_shop_manager")
        self._clock("unpaid")
        order = self._confirmed()
        order.write({"user_id": False, "team_id": False})
        order.gtg_channel_id.user_id = False
        self._age(order, days=2)
        self._run()
        self.assertEqual(order.activity_ids.user_id, manager)

    def test_person_in_charge_of_the_channel_without_a_salesperson(self):
        self._clock("unpaid")
        self.phone.user_id = self.staff
        order = self._confirmed()
        order.user_id = False
        self._age(order, days=2)
        self._run()
        self.assertEqual(order.activity_ids.user_id, self.staff)

    def test_buyer_is_told_once_and_marketplace_buyers_never(self):
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Shopee", "code": "shopee1", "kind": "marketplace"}
        )
        self._clock("unpaid", template_id=self.template.id, tell_owner=False)
        order, other = self._confirmed(), self._confirmed(gtg_channel_id=shop.id)
        self._age(order | other, days=2)
        before = self._mails(order | other)
        self._run()
        self._run()
        mail = self._mails(order | other) - before
        self.assertEqual(mail.res_id, order.id)
        self.assertEqual(len(mail), 1)
        self.assertIn("waits for your payment", mail.subject)
        self.assertIn("access_token=", mail.body_html)

    @mute_logger("odoo.addons.gtg_order_flow.models.order_reminder", "odoo.addons.mail")
    def test_a_broken_template_stops_no_other(self):
        self.template.body_html = "<p t-out=\"1 / (object.partner_id.ref != 'BREAK')\"/>"
        self._clock("unpaid", template_id=self.template.id)
        poison = self.buyer.copy({"ref": "BREAK"})
        bad, good = self._confirmed(partner_id=poison.id), self._confirmed()
        self._age(bad | good, days=2)
        before = self._mails(bad | good)
        self._run()
        self._run()
        self.assertEqual((self._mails(bad | good) - before).mapped("res_id"), good.ids)
        self.assertEqual(len(good.activity_ids), 1)
        logs = [m for m in bad.message_ids if "nobody was reminded" in m.body]
        self.assertEqual(len(logs), 1)

    def test_late_hold_is_told_to_its_owner_once(self):
        order = self._orders()
        hold = order._gtg_hold("manual")
        hold.write(
            {"user_id": self.owner.id, "deadline": "2026-03-02 05:00:00"}
        )
        self._run()
        self._run()
        self.assertEqual(order.activity_ids.user_id, self.owner)
        self.assertIn("late", order.activity_ids.summary)
        hold.deadline = "2026-03-03 05:00:00"
        self._run()
        self.assertEqual(len(order.activity_ids), 2)

    def test_reason_gives_owner_and_time_and_the_wizard_others(self):
        reason = self.env.ref("gtg_order_flow.hold_reason_manual")
        reason.write({"user_id": self.owner.id, "deadline_hours": 5})
        order, other = self._orders(2, user_id=False)
        hold = order._gtg_hold("manual")
        self.assertEqual(hold.user_id, self.owner)
        self.assertAlmostEqual(
            hold.deadline,
            fields.Datetime.now() + timedelta(hours=5),
            delta=timedelta(minutes=1),
        )
        self.assertEqual(hold.blocks, "Printing, Shipping")
        wizard = self.env["gtg.order.hold.wizard"].with_user(self.staff)
        wizard.create(
            {
                "order_ids": [Command.set(other.ids)],
                "user_id": self.staff.id,
                "deadline": "2026-03-02 05:00:00",
            }
        ).action_hold()
        self.assertEqual(other.gtg_open_hold_ids.user_id, self.staff)
        self.assertEqual(other.gtg_open_hold_ids.deadline, datetime(2026, 3, 2, 5))

    def test_orders_of_the_same_moment_are_compared_later(self):
        first, second = self._orders(2)
        # two transactions that did not see each other
        second.gtg_arrived_at += timedelta(microseconds=20)
        self.assertEqual(second.gtg_info, "to_review")
        self._run()
        self.assertEqual(second.gtg_open_hold_ids.reason_id.code, "duplicate")
        self.assertEqual(first.gtg_info, "to_review")

    def test_access(self):
        clock = self._clock("unpaid")
        with self.assertRaises(AccessError):
            clock.with_user(self.staff).delay = 5
        manager = self._user("shop-manager", "gtg_order_flow.group_shop_manager")
        order = self._confirmed()
        clock.with_user(manager).delay = 5
        self.assertEqual(order.gtg_deadline, order.date_order + timedelta(days=5))
        with Form(self.env["gtg.order.clock"].with_user(manager)) as form:
            form.name = "Mine"
            form.unit = "today"
            form.until_hour = 12
        portal = self._user("portal-lan", "base.group_portal")
        for model in ("gtg.order.clock", "gtg.order.reminder", "gtg.order.rule"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).search_read([], ["id"])
