from odoo import Command, fields
from odoo.tests import tagged

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestReturnedBefore(OrderCase):
    """Goods that came back before the order was invoiced are not left on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods.write({'type': 'consu', 'invoice_policy': 'order'})
        cls.company.gtg_auto_invoice = False

    def returned_order(self, quantity=2, back=1, done=True, refund=True):
        """Delivered, part of it came back and was paid back, nothing is invoiced.

        :return: (order, its return)
        """
        order = self.make_order(order_line=[Command.create({
            'product_id': self.goods.id, 'product_uom_qty': quantity,
            'price_unit': 109000, 'tax_ids': [Command.set(self.included['8%'].ids)]})])
        order.picking_ids.move_ids.write({'quantity': quantity, 'picked': True})
        order.picking_ids.button_validate()
        now = fields.Datetime.now()
        order.write({'gtg_delivered_at': now, 'gtg_paid_at': now})
        one = self.returned(order, back, refund)
        if done:
            one.action_refund_done()
        self.assertFalse(order.invoice_ids)
        return order, one

    def returned(self, order, quantity, refund=True):
        one = self.received(order, quantity)
        if refund:
            one.action_refund()
        return one

    def sold(self, order):
        """:return: what invoices and credit notes of the order, posted or not, make"""
        return sum(-move.amount_total if move.move_type == 'out_refund'
                   else move.amount_total for move in order.invoice_ids)

    def test_the_invoice_brings_the_credit_note(self):
        order, one = self.returned_order()
        order.action_gtg_invoice()
        note = one.credit_note_ids
        self.assertEqual((note.state, note.amount_total), ('draft', 109000))
        self.assertIn(note.display_name, ' '.join(one.activity_ids.mapped('summary')))
        order.action_gtg_invoice()
        self.assertEqual(len(order.invoice_ids), 2, 'once')
        self.drain('create_invoice')
        original = (order.invoice_ids - note).gtg_einvoice_id
        self.bench.approve(self.sandbox, original)
        self.drain('poll_code')
        note.action_post()
        self.drain('create_invoice')
        self.assertEqual(note.gtg_einvoice_id.amount_total, -109000)
        self.assertEqual(self.sold(order), 109000)

    def test_money_still_to_be_paid_names_the_credit_note(self):
        order, one = self.returned_order(done=False)
        order._create_invoices().action_post()
        note = one.credit_note_ids
        self.assertEqual((note.state, note.amount_total), ('draft', 109000))
        self.assertEqual(one.refund_state, 'waiting')
        self.assertIn(note.display_name, one.refund_text)

    def test_what_stays_out_of_the_invoice_is_not_credited(self):
        self.goods.invoice_policy = 'delivery'
        order, one = self.returned_order()
        order.action_gtg_invoice()
        self.assertFalse(one.credit_note_ids)
        self.assertEqual(self.sold(order), 109000)

    def test_refund_after_an_invoice_of_what_was_kept(self):
        self.goods.invoice_policy = 'delivery'
        order, one = self.returned_order(done=False, refund=False)
        order.action_gtg_invoice()
        self.assertEqual(one.refund_state, 'due')
        one.action_refund()
        self.assertEqual(self.sold(order), 109000, 'the buyer kept one')
        self.assertFalse(one.credit_note_ids)

    def test_two_returns_of_the_same_line(self):
        order, one = self.returned_order(quantity=4)
        other = self.returned(order, 2)
        order.action_gtg_invoice()
        self.assertEqual(
            [sum(a.credit_note_ids.mapped('amount_total')) for a in (one, other)],
            [109000, 218000])
        self.assertEqual(self.sold(order), 109000)
