from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.gtg_vn_einvoice.tests.correction_conformance import CorrectionTools

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestDownPayment(CorrectionTools, OrderCase):
    """The invoice after a down payment names the rest, in Vietnamese."""

    def down_payment(self, order):
        self.env['sale.advance.payment.inv'].create({
            'sale_order_ids': [(6, 0, order.ids)],
            'advance_payment_method': 'percentage', 'amount': 50}).create_invoices()
        order.invoice_ids.action_post()
        return order.invoice_ids

    def test_the_rest_names_the_e_invoice_of_the_first(self):
        order = self.make_order()
        first = self.down_payment(order)
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertEqual(order.invoice_ids, first)
        self.assertIn(first.display_name, order.gtg_open_hold_ids.note)
        einvoice = self.issue(first)
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.drain('create_invoice')
        rest = order.invoice_ids - first
        self.assertEqual(rest.gtg_einvoice_id.amount_total, 109000)
        rows = self.sandbox.get('/sinvoice/invoices')
        self.assertEqual([row['total'] for row in rows], [109000, 109000])
        names = [[item['itemName'] for item in row['body']['itemInfo']] for row in rows]
        self.assertEqual(names[0], [f'Tiền trả trước của đơn hàng {order.name}'])
        self.assertEqual(names[1][1:], [
            f'Trừ tiền trả trước đã lập hóa đơn {einvoice.number} ngày '
            f'{einvoice._gtg_issue_day():%d/%m/%Y}'])
        self.assertFalse(order.gtg_open_hold_ids)
        self.bench.approve(self.sandbox, rest.gtg_einvoice_id)
        self.drain('poll_code')
        self.drain('fetch_files')
        self.assertEqual(rest.gtg_einvoice_id.xml_state, 'ok')

    def test_words_of_a_person_stay(self):
        order = self.make_order()
        first = self.down_payment(order)
        first.invoice_line_ids.filtered('is_downpayment').name = 'Thanh toán đợt 1: may áo theo hợp đồng 12'
        self.issue(first)
        row, = self.sandbox.get('/sinvoice/invoices')
        self.assertEqual(row['body']['itemInfo'][0]['itemName'],
                         'Thanh toán đợt 1: may áo theo hợp đồng 12')

    def test_what_is_credited_is_not_taken_off(self):
        order = self.make_order()
        first = self.down_payment(order)
        first._reverse_moves(cancel=True)
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        row, = self.sandbox.get('/sinvoice/invoices')
        self.assertEqual(row['total'], 218000)
        self.assertEqual(len(row['body']['itemInfo']), 1)

    # === WHICH E-INVOICE HAS THE NUMBER === #

    def the_rest(self, order):
        """The invoice of the rest, made by hand and posted."""
        self.company.gtg_auto_einvoice = False
        rest = order._create_invoices(final=True)
        rest.action_post()
        self.assertLess(sum(rest.invoice_line_ids.filtered(
            'is_downpayment').mapped('price_subtotal')), 0)
        return rest

    def taken_off(self, rest):
        """:return: the words about what was paid before, as they were sent"""
        self.issue(rest)
        rest.action_gtg_issue()  # idempotent
        row = self.sandbox.get('/sinvoice/invoices')[-1]
        self.assertEqual(row['total'], 109000)
        return row['body']['itemInfo'][1]['itemName']

    def test_a_replaced_one_is_named_by_what_replaces_it(self):
        order = self.make_order()
        first = self.down_payment(order)
        self.complete(self.issue(first))
        new = self.corrected(self.wizard(first, 'all'))
        new.action_post()
        new.action_gtg_issue()
        rest = self.the_rest(order)
        with self.assertRaisesRegex(UserError, 'being replaced'):
            rest.action_gtg_issue()
        self.drain('create_invoice')
        self.complete(new.gtg_einvoice_id)
        self.assertEqual(first.gtg_einvoice_state, 'replaced')
        again = self.corrected(self.wizard(new, 'all'))
        again.action_post()
        self.complete(self.issue(again))
        self.assertEqual(new.gtg_einvoice_state, 'replaced')
        name = self.taken_off(rest)
        self.assertIn(again.gtg_einvoice_number, name)
        self.assertNotIn(first.gtg_einvoice_number, name)
        self.assertNotIn(f'{new.gtg_einvoice_number} ', name)

    def test_another_program_may_have_issued_the_first(self):
        order = self.make_order()
        first = self.down_payment(order)
        rest = self.the_rest(order)
        with self.assertRaisesRegex(UserError, 'Issue that of'):
            rest.action_gtg_issue()
        first.l10n_vn_e_invoice_number = 'C26TZZ77'
        with self.assertRaisesRegex(UserError, 'symbol, number and date'):
            rest.action_gtg_issue()
        first.l10n_vn_e_invoice_number = False
        day = self.company.gtg_einvoice_watch_from
        self.company.gtg_einvoice_watch_from = fields.Date.add(first.invoice_date, days=1)
        with self.assertRaisesRegex(UserError, 'symbol, number and date'):
            rest.action_gtg_issue()
        self.company.gtg_einvoice_watch_from = day
        first.write({'gtg_outside_series': 'C26TZZ', 'gtg_outside_number': '77',
                     'gtg_outside_date': first.invoice_date})
        self.assertIn(first.gtg_outside_key, self.taken_off(rest))

    def test_one_that_was_made_anew_before_its_e_invoice(self):
        order = self.make_order()
        first = self.down_payment(order)
        reversal = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=first.ids).create({
                'journal_id': first.journal_id.id})
        reversal.modify_moves()
        anew = reversal.new_move_ids
        anew.action_post()
        self.complete(self.issue(anew))
        self.assertIn(anew.gtg_einvoice_number, self.taken_off(self.the_rest(order)))

    def test_the_rest_goes_on_whoever_makes_invoices(self):
        order = self.make_order()
        first = self.down_payment(order)
        self.company.gtg_auto_invoice = False
        rest = order._create_invoices(final=True)
        rest.action_post()
        self.assertIn(first.display_name, order.gtg_open_hold_ids.note)
        self.issue(first)
        self.drain('create_invoice')
        self.assertTrue(rest.gtg_einvoice_number)
        self.assertFalse(order.gtg_open_hold_ids)

    def test_what_was_issued_is_not_asked_about_again(self):
        order = self.make_order()
        first = self.down_payment(order)
        self.issue(first)
        rest = self.the_rest(order)
        self.taken_off(rest)
        self.bench.refuse(self.sandbox, first.gtg_einvoice_id, 'Sai mã số thuế')
        self.drain('poll_code')
        self.assertEqual(first.gtg_einvoice_state, 'refused')
        einvoice = rest.gtg_einvoice_id
        self.assertEqual(rest._gtg_issue_einvoice(), einvoice)
