

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .return_cases import RefundCase


@tagged("post_install", "-at_install")
class TestReturnMoney(RefundCase):
    def test_credit_note_over_what_came(self):
        order = self._delivered(3, paid=False)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        self.assertEqual(order.gtg_money, "paid")
        one = self._received(order, products=self.tea, quantity=2)
        one.action_refund()
        one.action_refund()
        note = one.with_user(self.env.user).credit_note_ids
        self.assertEqual(len(note), 1)
        self.assertEqual((note.state, note.move_type), ("draft", "out_refund"))
        self.assertEqual(note.amount_total, 300000)
        self.assertEqual(note.reversed_entry_id, bill)
        self.assertEqual(note.invoice_line_ids.product_id, self.tea)
        self.assertEqual(one.refund_state, "waiting")
        note.action_post()
        self._pay(note)
        self.assertEqual((one.refund_state, one.state), ("done", "closed"))

    def test_provider_is_asked_once_and_outside_of_the_click(self):
        order = self._delivered(2)
        self._paid_online(order)
        calls = self._wire(lambda tx: tx._set_done())
        one = self._received(order, products=self.tea, quantity=1)
        one.action_refund()
        one.action_refund()
        self.assertFalse(calls)
        self.assertEqual(one.refund_state, "queued")
        self._run_cron()
        self._run_cron()
        self.assertEqual(calls, [-150000])
        self.assertEqual((one.refund_state, one.state), ("done", "closed"))
        self.assertEqual(order.gtg_money, "paid")

    def test_provider_answers_later(self):
        order = self._delivered()
        self._paid_online(order)
        self._wire(lambda tx: tx._set_pending())
        one = self._received(order)
        one.action_refund()
        self._run_cron()
        self.assertEqual(one.refund_state, "sending")
        one.sudo().refund_tx_id._set_done()
        self.assertEqual(one.refund_state, "done")
        self.assertEqual(order.gtg_money, "refunded")

    def test_provider_refuses_later(self):
        order = self._delivered()
        self._paid_online(order)
        calls = self._wire(lambda tx: tx._set_pending())
        one = self._received(order)
        one.action_refund()
        self._run_cron()
        one.sudo().refund_tx_id._set_error("Card is closed")
        self.assertEqual(one.refund_state, "failed")
        self.assertIn("Card is closed", one.refund_text)
        one.action_refund_done()
        self.assertEqual(one.state, "closed")
        self.assertEqual(len(calls), 1)

    def test_card_of_a_brand_is_refunded_as_its_method_can(self):
        order = self._delivered()
        self._paid_online(order)
        method = order.transaction_ids.payment_method_id
        brand = method.copy({"code": "gtg_brand", "primary_payment_method_id": method.id})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_method SET support_refund = 'none' WHERE id = %s", [brand.id]
        )
        brand.invalidate_recordset()
        order.transaction_ids.payment_method_id = brand
        calls = self._wire(lambda tx: tx._set_done())
        one = self._received(order)
        one.action_refund()
        self._run_cron()
        self.assertEqual((len(calls), one.refund_state), (1, "done"))

    def _timed_out(self):
        """Core turns a time-out into a ValidationError, and that into an error."""
        order = self._delivered()
        self._paid_online(order)

        def booked_but_lost(tx):
            raise ValidationError(self.env._("Could not establish the connection"))

        calls = self._wire(booked_but_lost)
        one = self._received(order, products=self.tea, quantity=1)
        one.action_refund()
        self._run_cron()
        return one, calls

    def test_time_out_is_no_refusal(self):
        one, calls = self._timed_out()
        self.assertEqual(one.refund_state, "unknown")
        self.assertIn("establish the connection", one.refund_text)
        one.action_refund()
        self._run_cron()
        self.assertEqual(len(calls), 1, "a person looks at the provider first")
        one.action_refund_again()
        one.action_refund()
        self._run_cron()
        self.assertEqual(len(calls), 2)

    def test_webhook_ends_a_time_out(self):
        one, __ = self._timed_out()
        one.sudo().refund_tx_id._set_error("Card is closed")
        self.assertEqual(one.refund_state, "failed")
        one, __ = self._timed_out()
        one.sudo().refund_tx_id._set_done()
        self.assertEqual(one.refund_state, "done")

    def test_webhook_comes_after_a_person_was_mistaken(self):
        one, calls = self._timed_out()
        one.action_refund_again()
        one.action_refund()
        one.sudo().refund_tx_id._set_done()
        self._run_cron()
        self.assertEqual((one.refund_state, len(calls)), ("done", 1))

    def test_lost_answer_is_never_repeated_by_itself(self):
        order = self._delivered()
        self._paid_online(order)

        def lost(tx):
            raise ConnectionError("read timed out")

        calls = self._wire(lost)
        one = self._received(order)
        one.action_refund()
        with self.assertLogs("odoo.addons.gtg_order_flow", "ERROR"):
            self._run_cron()
        self._run_cron()
        self.assertEqual(len(calls), 1)
        self.assertEqual(one.refund_state, "unknown")
        one.action_refund()
        self.assertEqual(one.refund_state, "unknown", "first a person has to look")
        one.action_refund_again()
        self.assertEqual(one.refund_state, "due")

    def test_dead_worker_leaves_it_to_a_person(self):
        order = self._delivered()
        one = self._received(order)
        one.sudo().refund_state = "sending"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE gtg_order_return SET write_date = now() - interval '1 hour' "
            "WHERE id = %s",
            [one.id],
        )
        self._run_cron()
        self.assertEqual(one.refund_state, "unknown")

    def _billed(self, online=True):
        order = self._delivered(2)
        if online:
            self._paid_online(order)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        return order

    def test_accounting_gave_everything_back_before_the_goods_came(self):
        order = self._billed()
        calls = self._wire(lambda tx: tx._set_done())
        one = self._ask(order)
        one.action_accept()
        self._credit(order)
        self.assertEqual(order.gtg_money, "refunded")
        one.action_all_good()
        one.action_receive()
        self.assertEqual((one.state, one.refund_state, one.amount), ("closed", "none", 0))
        one.action_refund()
        self._run_cron()
        self.assertFalse(calls)

    def test_told_refunded_while_asked_is_not_sent(self):
        order = self._billed()
        calls = self._wire(lambda tx: tx._set_done())
        one = self._received(order)
        one.action_refund()
        order.gtg_refunded_at = fields.Datetime.now()
        self._run_cron()
        self.assertFalse(calls)
        self.assertEqual((one.state, one.amount), ("closed", 0))

    def test_accounting_gave_a_part_back_after_the_goods_came(self):
        order = self._billed()
        calls = self._wire(lambda tx: tx._set_done())
        one = self._received(order, products=self.tea)
        self._credit(order, quantity=1)
        one.action_refund()
        self._run_cron()
        self.assertEqual((one.refund_state, one.amount), ("due", 150000))
        self.assertIn("on another way", one.refund_text)
        self.assertFalse(calls, "a person reads the new amount first")
        one.action_refund()
        self._run_cron()
        self.assertEqual(calls, [-150000])

    def test_note_over_what_a_return_paid_takes_nothing_off(self):
        order = self._billed()
        calls = self._wire(lambda tx: tx._set_done())
        first = self._received(order, products=self.tea, quantity=1)
        first.action_refund()
        self._run_cron()
        self._credit(order, quantity=1, pay=False).action_post()
        second = self._received(order, products=self.tea, quantity=1)
        second.action_refund()
        self._run_cron()
        self.assertEqual(calls, [-150000, -150000])

    def test_what_accounting_took_off_counts_once(self):
        order = self._billed()
        self._credit(order, quantity=1)
        first = self._received(order, products=self.tea, quantity=1)
        self.assertEqual((first.state, first.amount), ("closed", 0))
        second = self._received(order, products=self.cup)
        self.assertEqual((second.refund_state, second.amount), ("due", 100000))

    def test_no_second_credit_note_over_the_same_goods(self):
        order = self._billed(online=False)
        one = self._received(order, products=self.tea)
        draft = self._credit(order, quantity=1, pay=False)
        with self.assertRaisesRegex(UserError, "post or delete"):
            one.action_refund()
        draft.action_post()
        self._pay(draft)
        one.action_refund()
        one.action_refund()
        note = one.sudo().credit_note_ids
        self.assertEqual(note.invoice_line_ids.quantity, 1)
        self.assertEqual(note.amount_total, one.amount)

    def test_discount_of_the_order_is_shared_out(self):
        order = self._orders()
        voucher = self.env["product.product"].create(
            {"name": "Voucher", "type": "service", "taxes_id": False}
        )
        order.order_line[1].unlink()
        order.order_line = [
            Command.create({"product_id": voucher.id, "price_unit": -50000})
        ]
        order.order_line[0].product_uom_qty = 2
        order.action_confirm()
        self._deliver(order)
        now = fields.Datetime.now()
        order.write({"gtg_delivered_at": now, "gtg_paid_at": now})
        first = self._received(order, products=self.tea, quantity=1)
        self.assertEqual(first.amount, 125000)
        first.amount = 150000
        first.action_refund()
        second = self._received(order, products=self.tea, quantity=1)
        self.assertEqual(second.amount, 100000, "no more than is left of 250,000")
        second.amount = 125000
        with self.assertRaisesRegex(UserError, "No more than"):
            second.action_refund()

    def test_agreed_before_the_goods_came(self):
        order = self._delivered(2)
        one = self._ask(order, products=self.tea)
        one.amount = 100000
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        self.assertEqual((one.refund_state, one.amount), ("due", 100000))
        one.amount = 0
        one.action_refund_done()
        self.assertEqual((one.state, one.amount), ("closed", 0))

    def test_agreed_but_goods_are_missing(self):
        one = self._ask(self._delivered(2), products=self.tea)
        one.amount = 200000
        one.action_accept()
        one.line_ids.good = 1
        one.action_receive()
        self.assertEqual(one.amount, 150000)

    def test_replacement_confirmed_by_a_rule(self):
        one = self._received(self._delivered(1), wish="exchange")
        self.env["gtg.order.rule"].create({"name": "All", "confirm": True})
        one.action_replace()
        self.assertEqual((one.replacement_id.state, one.state), ("sale", "closed"))

    def test_goods_or_money_never_both(self):
        one = self._ask(self._delivered(1))
        one.wish = "exchange"
        one.wish = "refund"
        one.action_accept()
        fixed = self.assertRaisesRegex(AccessError, "cannot be changed any more")
        with fixed:
            one.wish = "exchange"
        with fixed:
            one.order_id = self._delivered(1)
        one.action_all_good()
        one.action_receive()
        one.amount -= 1
        one.action_refund()
        self.assertEqual(one.refund_state, "waiting")
        with fixed:
            one.amount += 1
        one.sudo().wish = "exchange"  # imported by the system
        one.action_replace()
        self.assertFalse(one.replacement_id)
        one.action_refund_done()
        self.assertEqual(one.state, "closed")

    def test_exchange_is_a_free_order_of_its_own(self):
        order = self._delivered(2)
        one = self._received(order, products=self.cup, quantity=1, wish="exchange")
        self.assertEqual(one.refund_state, "none")
        self.assertEqual(self._axes(order)[:2], ("paid", "delivered"))
        one.action_replace()
        one.action_replace()
        new = one.replacement_id
        self.assertEqual((new.state, new.amount_total), ("sale", 0))
        self.assertEqual(new.gtg_channel_id, order.gtg_channel_id)
        self.assertEqual(new.order_line.product_id, self.cup)
        self.assertEqual(new.gtg_money, "paid")
        self.assertEqual(one.state, "closed")
        self._deliver(new)
        self.assertEqual(new.gtg_goods, "shipped")

    def test_exchange_changes_no_invoice(self):
        (self.tea | self.cup).invoice_policy = "delivery"
        order = self._delivered(2)
        order._create_invoices().action_post()
        one = self._received(order, products=self.cup, quantity=1, wish="exchange")
        one.action_replace()
        self.assertFalse(order._get_invoiceable_lines(final=True))
        new = one.replacement_id
        self._deliver(new)
        self.assertFalse(new._get_invoiceable_lines(final=True))
        self.assertEqual(order._gtg_returnable()[order.order_line[1]], 1)
        with self.assertRaises(ValidationError):
            self._ask(order, products=self.cup, quantity=2)

    def test_exchange_of_everything_owes_no_money(self):
        order = self._delivered(1)
        self._received(order, wish="exchange")
        self.assertEqual(self._axes(order)[:2], ("paid", "delivered"))

    def test_unpaid_order_owes_nothing(self):
        order = self._delivered(paid=False)
        one = self._received(order)
        self.assertEqual((one.state, one.refund_state), ("closed", "none"))
        self.assertEqual(order.gtg_stage, "cancelled")
