from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestReturns(OrderCase, HttpCase):
    """What comes back is taken off the e-invoice, once, or somebody is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods.write({'type': 'consu', 'invoice_policy': 'order'})

    def invoiced_order(self, quantity=3, partner=None):
        """Delivered, with a valid e-invoice."""
        order = self.make_order(partner=partner, order_line=[Command.create({
            'product_id': self.goods.id, 'product_uom_qty': quantity,
            'price_unit': 109000, 'tax_ids': [Command.set(self.included['8%'].ids)]})])
        order.picking_ids.move_ids.write({'quantity': quantity, 'picked': True})
        order.picking_ids.button_validate()
        order.write({'gtg_delivered_at': fields.Datetime.now(),
                     'gtg_paid_at': fields.Datetime.now()})
        self.drain('create_invoice')
        self.approve(order.invoice_ids.gtg_einvoice_id)
        return order

    def approve(self, einvoice):
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.drain('fetch_files')

    def returned(self, order, quantity):
        """:return: (return, its credit note in draft)"""
        one = self.received(order, quantity)
        one.action_refund()
        return one, one.credit_note_ids

    def test_posted_credit_note_is_adjusted_by_itself(self):
        order = self.invoiced_order()
        original = order.invoice_ids.gtg_einvoice_id
        one, note = self.returned(order, 1)
        self.assertFalse(note.gtg_einvoice_id)
        note.action_post()
        self.drain('create_invoice')
        adjustment = note.gtg_einvoice_id
        self.assertEqual(adjustment.amount_total, -109000)
        self.assertEqual(adjustment.agreement_ref, one.name, 'a business: the return')
        self.assertFalse(original.activity_ids)
        self.assertEqual(self.bench.created(self.sandbox),
                         [original.number, adjustment.number])
        self.approve(adjustment)
        self.assertEqual(original.state, 'corrected')
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)

    def test_in_the_browser(self):
        for login, groups in (('shop', 'gtg_order_flow.group_shop_staff'),
                              ('books', 'account.group_account_invoice')):
            new_test_user(self.env, login, groups, company_id=self.company.id,
                          company_ids=[self.company.id])
        order = self.invoiced_order()
        original = order.invoice_ids.gtg_einvoice_id
        self.channel.gtg_auto_einvoice = 'no'
        self.start_tour(f'/odoo/action-gtg_order_flow.action_order_board/{order.id}',
                        'gtg_return_received', login='shop')
        note = order.gtg_return_ids.credit_note_ids
        self.assertEqual((note.state, note.amount_total), ('draft', 109000))
        url = f'/odoo/action-account.action_move_out_refund_type/{note.id}'
        self.start_tour(url, 'gtg_return_adjusted', login='books')
        self.drain('create_invoice')
        adjustment = note.gtg_einvoice_id
        self.approve(adjustment)
        self.start_tour(url, 'gtg_return_read', login='books')
        self.assertEqual(adjustment.original_id, original)
        rows = self.sandbox.get('/sinvoice/invoices')
        self.assertEqual([row['invoiceNo'] for row in rows],
                         [original.number, adjustment.number])
        row = rows[1]
        self.assertEqual((row['status'], row['adjustment_of']),
                         ('adjustment', original.number))
        self.assertEqual((row['net'], row['tax'], row['total']),
                         (-100926, -8074, -109000))
        self.assertEqual(row['body']['itemInfo'][0]['quantity'], 1)

    def test_several_returns_end_at_nothing(self):
        order = self.invoiced_order()
        for quantity in (1, 2):
            _one, note = self.returned(order, quantity)
            note.action_post()
            self.drain('create_invoice')
            self.assertTrue(note.gtg_einvoice_number, note.gtg_einvoice_message)
        left, count = order.invoice_ids.gtg_einvoice_id.filtered(
            lambda e: not e.original_id)._gtg_left()
        self.assertEqual((left, count), ({'8%': (0, 0)}, 2))

    def test_without_the_setting_the_accountant_is_told(self):
        order = self.invoiced_order()
        original = order.invoice_ids.gtg_einvoice_id
        self.channel.gtg_auto_einvoice = 'no'
        _one, note = self.returned(order, 1)
        note.action_post()
        self.assertFalse(note.gtg_einvoice_id)
        self.assertIn(note.name, ' '.join(original.activity_ids.mapped('summary')))
        self.assertEqual(self.issue(note).agreement_ref, _one.name)
        self.assertFalse(original.activity_ids)

    def test_trouble_holds_the_order_and_is_retried_there(self):
        order = self.invoiced_order()
        (self.account.series_ids).active = False
        _one, note = self.returned(order, 1)
        note.action_post()
        self.assertEqual(note.state, 'posted')
        self.assertIn('series', order.gtg_open_hold_ids.note)
        original = note.gtg_original_id
        self.assertIn(note.name, ' '.join(original.activity_ids.mapped('summary')))
        self.account.with_context(active_test=False).series_ids.active = True
        order.action_gtg_invoice()
        self.drain('create_invoice')
        self.assertTrue(note.gtg_einvoice_number)
        self.assertFalse(order.gtg_open_hold_ids)
        self.assertFalse(original.activity_ids)
        self.assertEqual(len(order.invoice_ids), 2, 'nothing is invoiced again')

    def test_money_given_back_elsewhere_makes_the_credit_note(self):
        order = self.invoiced_order()
        one = self.received(order, 2)
        one.action_refund_done()
        note = one.credit_note_ids
        self.assertEqual((note.state, note.amount_total), ('posted', 218000))
        self.drain('create_invoice')
        self.assertEqual(note.gtg_einvoice_id.amount_total, -218000)

    def test_other_money_than_goods_is_for_a_person(self):
        order = self.invoiced_order()
        one = self.received(order, 2)
        one.amount = 100000
        one.action_refund_done()
        self.assertFalse(one.credit_note_ids)
        self.assertIn('Make the credit note yourself', order.gtg_open_hold_ids.note)
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)

    def test_marketplace_sale_wants_no_agreement(self):
        order = self.invoiced_order()
        move = order.invoice_ids
        self.assertIsNone(move._gtg_agreement_exempt())
        self.channel.kind = 'marketplace'
        sentence, name = move._gtg_agreement_exempt()
        self.assertIn('digital platform', sentence)
        self.assertEqual(name, order.name)

    def test_the_channel_chooses_whether_a_business_must_agree(self):
        order = self.invoiced_order()
        order.partner_id.write({'is_company': True, 'vat': '0101243150'})
        move, einvoice = order.invoice_ids, order.invoice_ids.gtg_einvoice_id

        def agreement():
            return self.env['gtg.einvoice.correct'].create({
                'einvoice_id': einvoice.id, 'what': 'amount'}).agreement

        for kind, chosen, told in (
            ('website', False, 'needed'), ('website', 'yes', 'not_needed'),
            ('marketplace', False, 'not_needed'), ('marketplace', 'no', 'needed'),
        ):
            self.channel.write({'kind': kind, 'gtg_no_agreement': chosen})
            self.assertEqual(agreement(), told, (kind, chosen))
        self.assertIsNone(move._gtg_agreement_exempt())

    def test_lower_price_leaves_the_order_invoiced(self):
        order = self.invoiced_order()
        move = order.invoice_ids
        wizard = self.env['gtg.einvoice.correct'].with_context(
            **move.action_gtg_correct()['context']).create({
                'what': 'amount', 'reason': 'Sai giá', 'agreement_ref': 'BB-1',
                'agreed_on': move.invoice_date})
        wizard.way = 'adjust'
        wizard.line_ids.write({'chosen': True, 'price_unit': 9000})
        note = self.env['account.move'].browse(wizard.action_confirm()['res_id'])
        note.action_post()
        self.assertEqual(self.issue(note).amount_total, -27000)
        self.assertFalse(order._get_invoiceable_lines(final=True))
