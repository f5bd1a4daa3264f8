from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_cancel_money import CancelCase


@tagged("post_install", "-at_install")
class TestCancelPaidAgain(CancelCase):
    """Part payments, payments after a refund, orders that are taken up again."""

    def _second(self, order, amount=None):
        payment = self._paid_online(order, amount)
        payment.state = "pending"
        payment._set_done()

    # === PART OF A BILL === #

    def test_part_of_a_bill_goes_back(self):
        order = self._confirmed(paid=False)
        bill = self._credited(order)
        self._pay_part(bill, 60000)
        self.assertEqual(order.gtg_money, "unpaid")
        one = self._cancelled(order)
        self.assertEqual((one.refund_state, one.amount), ("due", 60000))
        self.assertEqual(order.gtg_money, "refunding")
        one.action_refund()
        note = one.sudo().credit_note_ids
        note.action_post()
        self.assertEqual((one.refund_state, note.amount_residual), ("waiting", 60000))
        self._pay(note)
        self.assertEqual((one.refund_state, order.gtg_money), ("done", "refunded"))
        self.assertEqual(len(self._told(one)), 1)
        self.assertEqual(len(order.gtg_cancel_request_ids), 1)

    def test_part_of_a_bill_that_is_paid_after_cancelling(self):
        order = self._confirmed(paid=False)
        bill = self._credited(order)
        self._cancelled(order)
        self._pay_part(bill, 60000)
        self.env["sale.order"]._gtg_cron_clocks()
        owed = order.gtg_cancel_request_ids.filtered(lambda r: r.refund_state == "due")
        self.assertEqual(owed.amount, 60000)
        self.env["sale.order"]._gtg_cron_clocks()
        self.assertEqual(sum(order.gtg_cancel_request_ids.mapped("amount")), 60000)

    # === PAID AGAIN === #

    def test_second_payment_after_the_refund(self):
        order = self._confirmed(paid=False)
        self._second(order)
        one = self._cancelled(order)
        one.action_refund_done()
        self.assertEqual(order.gtg_money, "refunded")
        self._second(order)
        again = order.gtg_cancel_request_ids - one.sudo()
        self.assertEqual((again.refund_state, again.amount), ("due", 200000))
        self.assertEqual(order.gtg_money, "refunding")
        order._gtg_read_money()
        self.assertEqual(again.refund_state, "due", "nobody has paid it back")
        calls = self._wire(lambda tx: tx._set_done())
        again.action_refund()
        self._run_cron()
        self.assertEqual((calls, again.refund_state), ([-200000], "done"))
        self.assertEqual(order.gtg_money, "refunded")
        order._gtg_owe_cancelled()
        self.assertEqual(len(order.gtg_cancel_request_ids), 2)

    def test_second_payment_while_the_first_goes_back(self):
        order = self._confirmed(paid=False)
        self._second(order, 60000)
        one = self._cancelled(order)
        self._second(order, 140000)
        self.assertEqual(one.amount, 60000)
        one.action_refund_done()
        again = order.gtg_cancel_request_ids - one.sudo()
        self.assertEqual((again.refund_state, again.amount), ("due", 140000))
        self.assertEqual(order.gtg_money, "refunding")

    def test_online_after_a_transfer_that_was_given_back(self):
        order = self._confirmed()  # a transfer, says a person
        one = self._cancelled(order)
        one.amount = 150000  # a fee is kept, as agreed
        one.action_refund_done()
        self.assertEqual(order.gtg_money, "refunded")
        self._second(order)
        again = order.gtg_cancel_request_ids - one.sudo()
        self.assertEqual((again.refund_state, again.amount), ("due", 200000))
        again.action_refund_done()
        order._gtg_owe_cancelled()
        self.assertEqual(len(order.gtg_cancel_request_ids), 2)

    def test_books_that_follow_later_are_no_second_payment(self):
        order = self._confirmed()
        bill = self._credited(order)
        one = self._cancelled(order)
        one.action_refund_done()
        self._pay(bill)  # the transfer of before
        self.env["sale.order"]._gtg_cron_clocks()
        self.assertEqual(order.gtg_money, "refunded")
        self.assertEqual(sum(order.gtg_cancel_request_ids.mapped("amount")), 200000)

    def test_second_payment_refunded_at_the_provider(self):
        order = self._confirmed(paid=False)
        self._second(order)
        one = self._cancelled(order)
        one.action_refund_done()
        self._second(order)
        again = order.gtg_cancel_request_ids - one.sudo()
        second = order.transaction_ids.sorted("id")[-1:]
        self._wire(lambda tx: tx._set_done())
        second._refund(amount_to_refund=200000)
        again.action_refund()
        self.assertEqual((again.refund_state, again.amount), ("none", 0))

    # === TAKEN UP AGAIN === #

    def test_given_back_is_not_taken_up_again(self):
        order = self._confirmed()
        one = self._cancelled(order)
        one.action_refund_done()
        with self.assertRaisesRegex(UserError, "duplicate the order"):
            order.action_draft()
        self.assertEqual(order.state, "cancel")

    def test_not_paid_back_yet_is_taken_up_again(self):
        self.phone.refund_user_id = self._user(
            "ketoan2", "gtg_order_flow.group_shop_staff"
        )
        order = self._confirmed(paid=False)
        self._pay(self._credited(order))
        one = self._cancelled(order)
        accounting = self._credit(order, pay=False)
        one.action_refund()
        self.assertEqual(one.refund_state, "waiting")
        order.action_draft()
        self.assertEqual((one.refund_state, one.amount), ("none", 0))
        self.assertEqual(accounting.state, "draft", "not ours to cancel")
        by_hand = self._confirmed()
        two = self._cancelled(by_hand)
        two.action_refund()
        self.assertTrue(two.activity_ids)
        by_hand.action_draft()
        self.assertFalse(two.activity_ids)
        self.assertEqual(by_hand.gtg_money, "paid")
        by_hand.action_confirm()
        again = self._cancelled(by_hand)
        self.assertEqual((again.refund_state, again.amount), ("due", 200000))

    def test_posted_credit_note_is_not_taken_back(self):
        order = self._confirmed(paid=False)
        self._pay(self._credited(order))
        one = self._cancelled(order)
        one.action_refund()
        one.sudo().credit_note_ids.action_post()
        with self.assertRaisesRegex(UserError, "is being given back"):
            order.action_draft()

    def test_staff_cancel_what_has_a_draft_invoice(self):
        order = self._confirmed(paid=False)
        draft = order._create_invoices()
        order.with_user(self.staff).action_cancel()
        self.assertEqual((order.state, draft.state), ("cancel", "cancel"))

    def test_hold_for_money_ends_with_the_money_only(self):
        order = self._orders()
        order._gtg_hold("unpaid")
        order.gtg_is_cod = True
        order._gtg_end_told()
        self.assertEqual(order.gtg_info, "on_hold")
        order.gtg_paid_at = fields.Datetime.now()
        order._gtg_end_told()
        self.assertEqual(order.gtg_info, "to_review")
