from odoo import fields
from odoo.tests import tagged

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestDownPayment(OrderCase):
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
