from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.gtg_vn_einvoice.tests.correction_conformance import CorrectionTools

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestOrderCorrections(CorrectionTools, OrderCase):
    """Whatever corrects an e-invoice, its order never issues a second original."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.gtg_einvoice_watch_from = '2026-01-01'

    def sold(self):
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        self.complete(order.invoice_ids.gtg_einvoice_id)
        return order

    def assert_issues_nothing(self, order):
        """Neither its buttons nor its events make or issue anything."""
        moves, states = order.invoice_ids, order.invoice_ids.mapped('state')
        numbers = self.created()
        self.assertFalse(order.gtg_legal_deadline)
        self.invoice_many(order)
        order._gtg_invoice_due('delivered')
        self.assertNotEqual(order.gtg_next_action, 'invoice')
        self.drain('create_invoice')
        self.assertEqual(self.created(), numbers)
        self.assertEqual(order.invoice_ids, moves)
        self.assertEqual(order.invoice_ids.mapped('state'), states)
        self.assertFalse(order.gtg_open_hold_ids)

    def test_price_was_lowered(self):
        order = self.sold()
        note = self.credit(order.invoice_ids, 2, prices=[1000])
        self.issue(note)
        self.assertEqual(order.invoice_status, 'to invoice', 'says core')
        self.assert_issues_nothing(order)
        with self.assertRaisesRegex(UserError, 'by hand'):
            order.action_gtg_invoice()

    def test_adjustment_that_is_refused(self):
        order = self.sold()
        note = self.credit(order.invoice_ids, 2, prices=[1000])
        self.sandbox.post(f'/sinvoice/tenants/{self.bench.seller}/set', {
            'decrease': 'B' if self.account.decrease_style == 'official' else 'A'})
        adjustment = self.issue(note)
        self.assertEqual(adjustment.state, 'draft')
        self.assertTrue(adjustment.activity_ids, 'the accountant is told')
        self.assert_issues_nothing(order)

    def test_replacement_is_not_issued_before_it_was_edited(self):
        order = self.sold()
        original = order.invoice_ids
        new = self.corrected(self.wizard(original, 'all'))
        self.assertIn(new, order.invoice_ids)
        self.assert_issues_nothing(order)
        order.action_gtg_invoice()
        self.assertEqual((new.state, original.gtg_einvoice_state), ('draft', 'coded'))
        new.action_post()
        self.complete(self.issue(new))
        self.assertEqual(original.gtg_einvoice_state, 'replaced')
        self.assert_issues_nothing(order)

    def test_deleted_replacement(self):
        order = self.sold()
        self.corrected(self.wizard(order.invoice_ids, 'all')).unlink()
        self.assert_issues_nothing(order)

    # === MONEY AND RETURNS === #

    def pay(self, move):
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=move.ids).create(
                {})._create_payments()

    def came_back(self, order):
        one = self.env['gtg.order.return'].create({
            'order_id': order.id,
            'reason_id': self.env.ref('gtg_order_flow.return_reason_size').id,
            'line_ids': [Command.create({
                'order_line_id': order.order_line.id, 'quantity': 1})]})
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        return one

    def test_replacing_a_paid_invoice_gives_no_money_back(self):
        order = self.sold()
        original = order.invoice_ids
        self.pay(original)
        self.assertTrue(order.gtg_paid_at)
        new = self.corrected(self.wizard(original, 'all'))
        self.assertFalse(order.gtg_refunded_at or order.gtg_refund_requested_at)
        new.action_post()
        self.issue(new)
        self.assertFalse(order.gtg_refunded_at or order.gtg_refund_requested_at)
        note = self.credit(new)
        self.assertTrue(order.gtg_refunded_at or order.gtg_refund_requested_at)
        self.assertEqual(note.reversed_entry_id, new)

    def test_cancelled_order_is_corrected_not_reversed(self):
        """Its e-invoice stands at the tax office: the accountant decides how."""
        self.goods.write({'type': 'consu', 'invoice_policy': 'order'})
        order = self.make_order()
        order.gtg_paid_at = fields.Datetime.now()
        order.action_gtg_invoice()
        self.drain('create_invoice')
        original = order.invoice_ids
        self.complete(original.gtg_einvoice_id)
        order.action_cancel()
        one = order.gtg_cancel_request_ids
        self.assertEqual((one.refund_state, one.amount), ('due', order.amount_total))
        one.action_refund()
        self.assertFalse(one.credit_note_ids, 'no plain reversal')
        self.assertEqual(order.invoice_ids, original)
        self.assertEqual(one.refund_state, 'waiting')
        self.assertIn(original.gtg_einvoice_id.number, one.refund_text)
        self.assertIn(original.gtg_einvoice_id.number, ' '.join(
            original.gtg_einvoice_id.activity_ids.mapped('summary')))
        self.complete(self.issue(self.credit(original)))
        self.assertEqual(one.refund_state, 'waiting', 'the books are no money')
        one.action_refund_done()
        self.assertEqual(order.gtg_money, 'refunded')

    def test_return_credits_the_replacement(self):
        self.goods.write({'type': 'consu', 'invoice_policy': 'order'})
        order = self.make_order()
        order.picking_ids.move_ids.write({'quantity': 2, 'picked': True})
        order.picking_ids.button_validate()
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        original = order.invoice_ids
        self.complete(original.gtg_einvoice_id)
        new = self.corrected(self.wizard(original, 'all'))
        one = self.came_back(order)
        with self.assertRaisesRegex(UserError, 'being replaced'):
            one.action_refund()
        new.action_post()
        self.complete(self.issue(new))
        one.action_refund()
        self.assertEqual(one.credit_note_ids.reversed_entry_id, new)
        self.assertEqual(one.credit_note_ids.amount_total, 109000)

    def test_second_return_reaches_the_accountant(self):
        order = self.sold()
        original = order.invoice_ids.gtg_einvoice_id
        adjustment = self.issue(self.credit(original.move_id, 1))
        self.complete(adjustment)
        self.assertEqual(original.state, 'corrected')
        order._gtg_tell_accountant()
        self.assertIn(original.number, ' '.join(
            original.activity_ids.mapped('summary')))
        self.assertFalse(adjustment.activity_ids)
        self.assertTrue(original.sale_undone)
        last = self.issue(self.credit(original.move_id, 1))
        self.assertFalse(original.activity_ids)
        self.complete(last)
        self.assertFalse(original.sale_undone, 'off the board')
        order._gtg_tell_accountant()
        self.assertFalse(original.activity_ids, 'nothing is left of it')

    # === WHAT WAS NEVER INVOICED === #

    def down_payment(self, order):
        wizard = self.env['sale.advance.payment.inv'].with_context(
            active_model='sale.order', active_ids=order.ids).create({
                'advance_payment_method': 'percentage', 'amount': 30})
        wizard.create_invoices()
        order.invoice_ids.action_post()
        return order.invoice_ids

    def test_down_payment_taken_back_before_its_e_invoice(self):
        order = self.make_order()
        first = self.down_payment(order)
        self.credit(first)
        self.assertTrue(first._gtg_is_undone())
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        self.assertFalse(order.gtg_open_hold_ids.mapped('note'))
        self.assertFalse(order.gtg_legal_deadline)
        self.assertEqual(self.created(), [order.gtg_einvoice_number])
        self.assertEqual(
            order.invoice_ids.gtg_einvoice_id.amount_total, order.amount_total)

    def test_corrected_down_payment_holds_the_delivered_order(self):
        order = self.make_order()
        first = self.down_payment(order)
        self.complete(self.issue(first))
        self.issue(self.credit(first))
        numbers = self.created()
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertTrue(order.gtg_legal_deadline)
        self.assertIn('by hand', order.gtg_open_hold_ids.note)
        self.drain('create_invoice')
        self.assertEqual(self.created(), numbers)
        # the person does so
        new = order._create_invoices(final=True)
        new.action_post()
        self.assertFalse(order.gtg_legal_deadline)
        self.issue(new)
        self.assertFalse(order.gtg_open_hold_ids)
        self.assertEqual(new.gtg_einvoice_state, 'waiting_code')

    def test_delivered_after_a_correction(self):
        self.goods.invoice_policy = 'delivery'
        order = self.make_order()
        order.order_line.qty_delivered = 1
        first = order._create_invoices()
        first.action_post()
        self.complete(self.issue(first))
        self.issue(self.credit(first, 1, prices=[1000]))
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertFalse(order.gtg_legal_deadline, 'all that left was invoiced')
        order.order_line.qty_delivered = 2
        self.assertTrue(order.gtg_legal_deadline)

    # === BEFORE ANY E-INVOICE === #

    def test_returned_before_its_e_invoice(self):
        self.channel.write({'gtg_auto_einvoice': 'no', 'gtg_invoice_trigger': 'shipped'})
        order = self.make_order()
        order.gtg_shipped_at = fields.Datetime.now()
        self.credit(order.invoice_ids)
        order.gtg_return_state = 'returned'
        self.channel.gtg_invoice_trigger = 'completed'
        moves = order.invoice_ids
        order._gtg_invoice_due('completed')
        self.assertFalse(order.gtg_legal_deadline)
        self.assertEqual(order.invoice_ids, moves)

    def test_reversed_and_forgotten(self):
        self.channel.gtg_auto_einvoice = 'no'
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        wrong = order.invoice_ids
        self.assertFalse(order.gtg_legal_deadline)
        self.credit(wrong)
        self.assertFalse(wrong.gtg_legal_deadline)
        self.assertTrue(order.gtg_legal_deadline, 'delivered, and no invoice stands')
        order.action_gtg_invoice()
        self.drain('create_invoice')
        self.assertEqual(self.created(), [order.gtg_einvoice_number])
        self.assertFalse(wrong.gtg_einvoice_id)
        self.assertFalse(order.gtg_legal_deadline)

    def test_invoice_made_anew_before_any_e_invoice(self):
        self.channel.gtg_auto_einvoice = 'no'
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        wrong = order.invoice_ids
        reversal = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=wrong.ids).create({
                'journal_id': wrong.journal_id.id})
        reversal.modify_moves()
        new = reversal.new_move_ids
        self.assertTrue(order.gtg_legal_deadline, 'a draft is no invoice')
        order.action_gtg_invoice()
        self.drain('create_invoice')
        self.assertEqual(self.created(), [new.gtg_einvoice_number])
        self.assertFalse(wrong.gtg_einvoice_id)
        self.assertFalse(order.gtg_legal_deadline)
