from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .return_cases import RefundCase


class CancelCase(RefundCase):
    def _confirmed(self, paid=True, **vals):
        order = self._orders(**vals)
        order.action_confirm()
        order.gtg_paid_at = paid and fields.Datetime.now()
        return order

    def _cancelled(self, order):
        """:return: the cancellation, as the staff sees it"""
        order.with_user(self.staff).action_cancel()
        return order.gtg_cancel_request_ids.with_user(self.staff)

    def _told(self, one):
        return self.env["mail.mail"].search(
            [
                ("model", "=", "gtg.cancel.request"),
                ("res_id", "=", one.id),
                ("subject", "like", "on its way"),
            ]
        )

    def _credited(self, order):
        bill = order._create_invoices()
        bill.action_post()
        return bill


@tagged("post_install", "-at_install")
class TestCancelMoney(CancelCase):
    """A cancelled order gives back what was paid, as a return does."""

    # === BY HAND === #

    def test_transfer_by_hand_is_a_task_and_told_when_it_went(self):
        accountant = self._user("ketoan", "gtg_order_flow.group_shop_staff")
        self.phone.refund_user_id = accountant
        order = self._confirmed()
        one = self._cancelled(order)
        self.assertEqual((one.refund_state, one.amount), ("due", 200000))
        self.assertEqual((order.gtg_money, order.gtg_next_action), ("refunding", "refund"))
        action = order.with_user(self.staff).action_gtg_next()
        self.assertEqual((action["res_model"], action["res_id"]), (one._name, one.id))
        self.assertFalse(order.gtg_refunded_at, "looking at it gives nothing back")
        one.action_refund()
        self.assertEqual(one.refund_state, "waiting")
        self.assertEqual(one.activity_ids.user_id, accountant)
        self.assertEqual(order.gtg_money, "refunding")
        self.assertFalse(self._told(one))
        one.action_refund_done()
        one.action_refund_done()
        self.assertEqual((one.refund_state, order.gtg_money), ("done", "refunded"))
        self.assertEqual(len(self._told(one)), 1)
        self.assertIn("200,000", self._told(one).body_html)
        self.assertFalse(one.activity_ids)

    def test_who_pays_for_all_companies_may_not_see_this_one(self):
        there = self._user("ketoan-kia", "gtg_order_flow.group_shop_staff")
        other = self.env["res.company"].create({"name": "Other shop"})
        there.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.phone.refund_user_id = there
        order = self._confirmed(user_id=self.staff.id)
        one = self._cancelled(order)
        one.action_refund()
        self.assertEqual(one.refund_state, "waiting")
        self.assertEqual(one.activity_ids.user_id, self.staff)

    def test_the_buyers_request_carries_the_money(self):
        order = self._confirmed()
        request = self.env["gtg.cancel.request"].with_user(self.staff).create(
            {"order_id": order.id}
        )
        request.action_accept()
        self.assertEqual(order.gtg_cancel_request_ids, request)
        self.assertEqual((request.refund_state, request.amount), ("due", 200000))

    def test_unpaid_order_owes_nothing(self):
        self.assertFalse(self._cancelled(self._confirmed(paid=False)))

    def test_money_that_comes_when_it_is_cancelled(self):
        order = self._confirmed(paid=False)
        self._cancelled(order)
        payment = self._paid_online(order)
        payment.state = "pending"
        payment._set_done()
        one = order.gtg_cancel_request_ids
        self.assertEqual((one.refund_state, one.amount), ("due", 200000))

    def test_deposit_goes_back(self):
        order = self._confirmed(paid=False)
        self._paid_online(order, 60000)
        one = self._cancelled(order)
        self.assertEqual((one.refund_state, one.amount), ("due", 60000))
        self.assertEqual(order.gtg_money, "refunding")
        one.amount = 60001
        with self.assertRaisesRegex(UserError, "No more than"):
            one.action_refund()

    def test_not_twice_what_a_return_gave(self):
        order = self._delivered(2)
        part = self._received(order, products=self.tea, quantity=1)
        part.action_refund()
        part.action_refund_done()
        rest = self._received(order, products=self.tea, quantity=1)
        cups = self._received(order, products=self.cup)
        (rest | cups).amount = 0
        rest.action_refund_done()
        cups.action_refund_done()
        self.assertEqual(order.gtg_money, "refunded")
        self.assertFalse(self._cancelled(order), "all of it is settled")

    def test_marketplace_pays_its_buyers(self):
        channel = self.env["gtg.sale.channel"].create(
            {"name": "Shopee of the test", "code": "mp_test", "kind": "marketplace"}
        )
        order = self._confirmed(gtg_channel_id=channel.id, gtg_channel_ref="MP1")
        bill = self._credited(order)
        one = self._cancelled(order)
        self.assertEqual((one.refund_state, one.amount), ("none", 0))
        self.assertIn("marketplace gives", one.refund_text)
        self.assertEqual(one.sudo().credit_note_ids.reversed_entry_id, bill)
        one.action_refund()
        self.assertEqual(one.refund_state, "none")

    def test_goes_on_after_all(self):
        order = self._confirmed()
        one = self._cancelled(order)
        order.action_draft()
        self.assertEqual((one.refund_state, one.amount), ("none", 0))
        self.assertEqual(order.gtg_money, "paid")
        order.action_confirm()
        again = self._cancelled(order)
        self.assertEqual((again, again.refund_state), (one, "due"))

    def test_only_the_buttons_write_the_money(self):
        one = self._cancelled(self._confirmed())
        with self.assertRaises(AccessError):
            one.refund_state = "done"
        one.action_refund()
        with self.assertRaisesRegex(AccessError, "cannot be changed any more"):
            one.amount = 1
        worker = self._user("warehouse", "stock.group_stock_user")
        with self.assertRaises(AccessError):
            one.with_user(worker).action_refund_done()

    # === INVOICED === #

    def test_paid_invoice_is_credited_and_paid_back(self):
        order = self._confirmed(paid=False)
        bill = self._credited(order)
        self._pay(bill)
        one = self._cancelled(order)
        one.action_refund()
        note = one.sudo().credit_note_ids
        self.assertEqual((note.state, note.amount_total), ("draft", bill.amount_total))
        self.assertEqual(one.refund_state, "waiting")
        note.action_post()
        self.assertEqual(one.refund_state, "waiting", "posted is not paid")
        self.assertFalse(self._told(one))
        self._pay(note)
        self.assertEqual((one.refund_state, order.gtg_money), ("done", "refunded"))
        self.assertEqual(len(self._told(one)), 1)

    def test_unpaid_invoice_is_credited_without_money(self):
        order = self._confirmed(paid=False)
        bill = self._credited(order)
        one = self._cancelled(order)
        self.assertEqual((one.refund_state, one.amount), ("none", 0))
        note = one.sudo().credit_note_ids
        self.assertEqual((note.state, note.reversed_entry_id), ("draft", bill))
        note.action_post()
        self.assertEqual(bill.payment_state, "reversed")
        self.assertFalse(self._told(one))
        self.assertEqual(len(order.gtg_cancel_request_ids), 1)

    def test_note_against_an_unpaid_bill_is_no_money(self):
        order = self._confirmed()
        self._credited(order)  # paid, says a person: not in the books
        one = self._cancelled(order)
        one.action_refund()
        one.sudo().credit_note_ids.action_post()
        self.assertEqual((one.refund_state, order.gtg_money), ("waiting", "refunding"))
        self.assertIn("Pay the buyer", one.refund_text)
        self.assertFalse(self._told(one))
        one.action_refund_done()
        self.assertEqual(len(self._told(one)), 1)

    def test_note_of_accounting_is_taken_up(self):
        order = self._confirmed(paid=False)
        bill = self._credited(order)
        self._pay(bill)
        one = self._cancelled(order)
        draft = self._credit(order, pay=False)
        one.action_refund()
        self.assertEqual(one.sudo().credit_note_ids, draft)

    def test_note_that_is_posted_is_still_to_be_paid(self):
        order = self._confirmed(paid=False)
        bill = self._credited(order)
        self._pay(bill)
        one = self._cancelled(order)
        note = self._credit(order, pay=False)
        note.action_post()
        one.action_refund()
        self.assertEqual((one.refund_state, one.amount), ("waiting", 200000))
        self.assertEqual(one.sudo().credit_note_ids, note)
        self.assertEqual(order.gtg_money, "refunding")
        self._pay(note)
        self.assertEqual((one.refund_state, order.gtg_money), ("done", "refunded"))
        self.assertEqual(len(self._told(one)), 1)

    def test_note_that_was_posted_before_is_no_money_either(self):
        order = self._confirmed(paid=False)
        self._pay(self._credited(order))
        note = self._credit(order, pay=False)
        note.action_post()
        one = self._cancelled(order)
        self.assertEqual((one.refund_state, one.amount), ("due", 200000))
        one.action_refund()
        self.assertEqual(one.sudo().credit_note_ids, note)

    def test_bill_set_off_by_accounting_is_no_money(self):
        order = self._confirmed()  # paid, says a person
        bill = self._credited(order)
        note = self._credit(order, pay=False)
        note.action_post()
        self.assertEqual(bill.payment_state, "reversed")
        one = self._cancelled(order)
        one.action_refund()
        self.assertEqual((one.refund_state, one.amount), ("waiting", 200000))
        self.assertIn("Pay the buyer", one.refund_text)

    def _with_texts(self, order):
        order.order_line = [
            Command.create({"display_type": kind, "name": "Gift", "sequence": at})
            for at, kind in enumerate(("line_section", "line_note"))
        ]
        order.invalidate_recordset(["order_line"])  # in their new sequence
        return order

    def test_notes_and_sections_do_not_stop_it(self):
        unpaid = self._with_texts(self._confirmed(paid=False))
        bill = self._credited(unpaid)
        self.assertGreater(len(bill.invoice_line_ids), len(self._goods(bill)))
        one = self._cancelled(unpaid)
        note = one.sudo().credit_note_ids
        self.assertEqual((unpaid.state, note.amount_total), ("cancel", 200000))
        unpaid._gtg_owe_cancelled()
        self.assertEqual(len(unpaid.gtg_cancel_request_ids), 1)
        paid = self._with_texts(self._confirmed())
        self._credited(paid)
        one = self._cancelled(paid)
        one.action_refund()
        self.assertEqual(one.refund_state, "waiting")
        self.assertEqual(one.sudo().credit_note_ids.amount_total, 200000)

    def _goods(self, bill):
        return bill.invoice_line_ids.filtered(lambda row: row.display_type == "product")

    def test_down_payment_is_credited(self):
        order = self._confirmed(paid=False)
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create(
            {"advance_payment_method": "fixed", "fixed_amount": 60000}
        ).create_invoices()
        bill = order.invoice_ids
        bill.action_post()
        one = self._cancelled(order)
        note = one.sudo().credit_note_ids
        self.assertEqual(order.state, "cancel")
        self.assertEqual(note.reversed_entry_id, bill)
        self.assertEqual(note.amount_total, bill.amount_total)
        self._pay(bill)
        self.assertIn(bill.payment_state, ("paid", "in_payment"))

    def test_what_fails_in_accounting_does_not_stop_the_cancellation(self):
        order = self._confirmed(paid=False)
        bill = self._credited(order)

        def broken(*args, **kwargs):
            raise ValueError("an addon of others")

        self.patch(self.env.registry["account.move"], "_reverse_moves", broken)
        with self.assertLogs("odoo.addons.gtg_order_flow", "ERROR"):
            one = self._cancelled(order)
        self.assertEqual((order.state, bill.state), ("cancel", "posted"))
        self.assertIn("by hand", one.refund_text)

    def test_accounting_paid_it_all_by_itself(self):
        order = self._confirmed(paid=False)
        self._pay(self._credited(order))
        one = self._cancelled(order)
        self._credit(order)
        self.assertEqual((one.refund_state, order.gtg_money), ("done", "refunded"))
        self.assertEqual(len(self._told(one)), 1)
        one.action_refund()
        self.assertEqual(len(order.invoice_ids), 2, "no second credit note")

    # === PAYMENT PROVIDER === #

    def _asked(self, answer, invoiced=False):
        order = self._confirmed()
        self._paid_online(order)
        if invoiced:
            self._credited(order)
        calls = self._wire(answer)
        one = self._cancelled(order)
        one.action_refund()
        one.action_refund()
        self.assertFalse(calls, "never in the click's transaction")
        self.assertEqual(one.refund_state, "queued")
        return one, calls

    def test_provider_is_asked_once(self):
        one, calls = self._asked(lambda tx: tx._set_done(), invoiced=True)
        note = one.sudo().credit_note_ids
        self.assertEqual((note.state, note.amount_total), ("draft", 200000))
        self._run_cron()
        self._run_cron()
        self.assertEqual((calls, one.refund_state), ([-200000], "done"))
        self.assertEqual(one.order_id.gtg_money, "refunded")
        self.assertEqual(len(self._told(one)), 1)

    def test_provider_answers_later(self):
        one, calls = self._asked(lambda tx: tx._set_pending())
        self._run_cron()
        self.assertEqual(one.refund_state, "sending")
        self.assertFalse(self._told(one))
        with self.assertRaises(UserError):
            one.order_id.action_draft()
        one.sudo().refund_tx_id._set_done()
        self.assertEqual((one.refund_state, len(calls)), ("done", 1))
        self.assertEqual(len(self._told(one)), 1)

    def test_provider_refuses_later(self):
        one, __ = self._asked(lambda tx: tx._set_pending())
        self._run_cron()
        one.sudo().refund_tx_id._set_canceled("Card is closed")
        self.assertEqual(one.refund_state, "failed")
        self.assertIn("Card is closed", one.refund_text)
        self.assertEqual(one.order_id.gtg_money, "refunding")
        one.action_refund_done()
        self.assertEqual(one.order_id.gtg_money, "refunded")

    def test_time_out_is_looked_up_and_never_repeated_by_itself(self):
        def booked_but_lost(tx):
            raise ValidationError(self.env._("Could not establish the connection"))

        one, calls = self._asked(booked_but_lost)
        self._run_cron()
        self._run_cron()
        one.action_refund()
        self._run_cron()
        self.assertEqual((one.refund_state, len(calls)), ("unknown", 1))
        self.assertFalse(self._told(one))
        one.sudo().refund_tx_id._set_done()
        self.assertEqual((one.refund_state, len(calls)), ("done", 1))

    def test_lost_answer_then_a_person_looked(self):
        def lost(tx):
            raise ConnectionError("read timed out")

        one, calls = self._asked(lost)
        with self.assertLogs("odoo.addons.gtg_order_flow", "ERROR"):
            self._run_cron()
        self.assertEqual(one.refund_state, "unknown")
        one.action_refund_again()
        one.action_refund()
        with self.assertLogs("odoo.addons.gtg_order_flow", "ERROR"):
            self._run_cron()
        self.assertEqual(len(calls), 2)

    def test_dead_worker_leaves_it_to_a_person(self):
        one, calls = self._asked(lambda tx: tx._set_done())
        one.sudo().refund_state = "sending"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE gtg_cancel_request SET write_date = now() - interval '1 hour' "
            "WHERE id = %s",
            [one.id],
        )
        self._run_cron()
        self.assertEqual((one.refund_state, calls), ("unknown", []))

    def test_refunded_at_the_provider_meanwhile(self):
        one, calls = self._asked(lambda tx: tx._set_done())
        one.order_id.gtg_refunded_at = fields.Datetime.now()
        self._run_cron()
        self.assertFalse(calls)
        self.assertEqual((one.refund_state, one.amount), ("none", 0))

    def test_many_cancelled_orders_ask_no_more_often(self):
        few, many = self._orders(2), self._orders(8)
        orders = few | many
        orders.action_confirm()
        for order in orders:
            self._pay_part(self._credited(order), 60000)
        orders.action_cancel()
        owed = orders.gtg_cancel_request_ids
        self.assertEqual(owed.mapped("amount"), [60000] * len(orders))
        owed.action_refund()
        owed.action_refund_done()
        small = self._statements(lambda: few._gtg_owe_cancelled())
        self.assertLessEqual(
            self._statements(lambda: many._gtg_owe_cancelled()), small + 2
        )
