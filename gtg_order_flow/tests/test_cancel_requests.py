from contextlib import closing

from psycopg2 import errors

from odoo import api, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import OrderFlowCase
from .two_cursors import TwoCursorsCase


@tagged("post_install", "-at_install")
class TestCancelRequests(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(100)
        self.order = self._orders()
        self.order.action_confirm()

    def _ask(self, order=None):
        return (
            self.env["gtg.cancel.request"]
            .with_user(self.staff)
            .create({"order_id": (order or self.order).id, "note": "Ordered twice"})
        )

    def _mail(self, request):
        return self.env["mail.mail"].search(
            [("model", "=", "gtg.cancel.request"), ("res_id", "=", request.id)]
        )

    def test_held_until_answered_then_cancelled_and_money_owed(self):
        self.order.gtg_paid_at = fields.Datetime.now()
        request = self._ask()
        self.assertEqual(self.order.gtg_info, "on_hold")
        with self.assertRaisesRegex(UserError, "Ordered twice"):
            self._deliver(self.order)
        request.action_accept()
        self.assertEqual(self.order.state, "cancel")
        self.assertEqual(self.order.gtg_money, "refunding")
        self.assertFalse(self.order.gtg_open_hold_ids)
        self.assertIn("is cancelled", self._mail(request).subject)
        request.action_refuse()
        self.assertEqual(request.state, "accepted")

    def test_unpaid_order_owes_nothing(self):
        self._ask().action_accept()
        self.assertEqual(self.order.gtg_money, "unpaid")
        self.assertEqual(self.order.gtg_stage, "cancelled")

    def test_cancelled_on_another_way_the_buyer_is_told_too(self):
        request = self._ask()
        self.order.with_user(self.staff).action_cancel()
        self.assertEqual(request.state, "accepted")
        self.assertEqual(len(self._mail(request)), 1)
        self.assertIn("is cancelled", self._mail(request).subject)
        with self.assertRaises(AccessError):
            request.state = "refused"

    def test_refused_goes_on(self):
        request = self._ask()
        with self.assertRaisesRegex(UserError, "Our Answer"):
            request.action_refuse()
        request.answer = "It is on the van"
        request.action_refuse()
        self.assertEqual(self.order.gtg_info, "approved")
        self.assertIn("It is on the van", self._mail(request).body_html)
        self._deliver(self.order)
        self.assertEqual(self.order.gtg_goods, "shipped")

    def test_handed_over_cannot_be_cancelled(self):
        request = self._ask()
        self.order._gtg_release("buyer_cancel")
        self._deliver(self.order)
        with self.assertRaisesRegex(UserError, "handed over"):
            request.action_accept()
        with self.assertRaisesRegex(UserError, "Make a return"):
            self.order.action_cancel()
        self.assertEqual(self.order.state, "sale")

    def test_locked_order(self):
        self.order.action_lock()
        self._ask().action_accept()
        self.assertEqual(self.order.state, "cancel")

    def test_cancelled_on_another_way_answers_the_request(self):
        request = self._ask()
        self.order.action_cancel()
        self.assertEqual(request.state, "accepted")
        self.assertFalse(request.activity_ids)

    def test_access(self):
        request = self._ask()
        worker = self._user("warehouse", "stock.group_stock_user")
        with self.assertRaises(AccessError):
            request.with_user(worker).action_accept()


@tagged("post_install", "-at_install")
class TestTwoPeople(TwoCursorsCase):
    """The lock that returns and cancellation requests share."""

    def _ask(self, cr):
        env = api.Environment(cr, 1, {})
        return env["gtg.cancel.request"].create({"order_id": self.order_id})

    def _again(self, cr, request):
        return request.with_env(api.Environment(cr, 1, {}))

    def test_two_ask_at_once(self):
        with closing(self.registry.cursor()) as one, mute_logger("odoo.sql_db"):
            with closing(self.registry.cursor()) as two:
                two.execute("SELECT 1 FROM sale_order LIMIT 1")
                self._ask(one)
                one.commit()
                with self.assertRaises(errors.SerializationFailure):
                    self._ask(two)

    def test_one_accepts_while_the_other_refuses(self):
        with self.registry.cursor() as cr:
            request = self._ask(cr)
        with closing(self.registry.cursor()) as one, mute_logger("odoo.sql_db"):
            with closing(self.registry.cursor()) as two:
                with closing(self.registry.cursor()) as late:
                    late.execute("SELECT 1 FROM sale_order LIMIT 1")
                    self._again(one, request).action_accept()
                    one.flush()
                    with self.assertRaisesRegex(UserError, "Somebody else"):
                        self._again(two, request).action_refuse()
                    two.rollback()
                    one.commit()
                    with self.assertRaises(errors.SerializationFailure):
                        self._again(late, request).action_refuse()
                self._again(two, request).action_refuse()
                two.commit()
        with self.registry.cursor() as cr:
            request = self._again(cr, request)
            self.assertEqual(request.state, "accepted")
            self.assertEqual(request.order_id.state, "cancel")
