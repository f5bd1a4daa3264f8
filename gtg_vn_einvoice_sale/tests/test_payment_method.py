import json

from odoo import fields
from odoo.tests import tagged

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestPaymentMethod(OrderCase):
    """The e-invoice of an order says how its buyer pays."""

    def printed(self, order):
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertFalse(order.gtg_open_hold_ids, order.gtg_open_hold_ids.note)
        payload = json.loads(order.invoice_ids.gtg_einvoice_id.sudo().payload)
        return payload['payments'][0]['paymentMethodName']

    def transaction(self, order, mode, amount, state='pending'):
        provider = self.env['payment.provider'].sudo().search([
            ('custom_mode', '=', mode)], limit=1).copy({
                'company_id': self.company.id, 'state': 'test'})
        return self.env['payment.transaction'].sudo().create({
            'provider_id': provider.id, 'amount': amount, 'state': state,
            'payment_method_id': self.env.ref('payment.payment_method_unknown').id,
            'partner_id': order.partner_id.id, 'reference': order.name + mode,
            'currency_id': order.currency_id.id, 'operation': 'online_direct',
            'sale_order_ids': [(6, 0, order.ids)]})

    def test_nobody_knows(self):
        self.account.payment_method = 'Khác'
        self.assertEqual(self.printed(self.make_order()), 'Khác')

    def test_at_the_door(self):
        self.channel.cod_allowed = True
        order = self.make_order(gtg_is_cod=True)
        self.transaction(order, 'cash_on_delivery', 218000)
        self.assertEqual(self.printed(order), 'TM')

    def test_what_the_carrier_passes_on_was_cash(self):
        self.channel.cod_allowed = True
        self.company.gtg_auto_einvoice = False
        order = self.make_order(gtg_is_cod=True)
        order.gtg_delivered_at = fields.Datetime.now()
        order.gtg_cod_collected_at = fields.Datetime.now()
        self.pay(order.invoice_ids, self.company_data['default_journal_bank'], 218000)
        self.assertEqual(order.invoice_ids._gtg_payment_text(self.account), 'TM')

    def test_a_part_before_and_the_rest_at_the_door(self):
        self.channel.cod_allowed = True
        order = self.make_order(gtg_is_cod=True, gtg_cod_amount=118000)
        self.transaction(order, 'wire_transfer', 100000)
        self.assertEqual(self.printed(order), 'TM/CK')

    def test_by_transfer_on_the_website(self):
        order = self.make_order()
        self.transaction(order, 'wire_transfer', 218000)
        self.assertEqual(self.printed(order), 'CK')

    def test_a_cancelled_transfer_says_nothing(self):
        order = self.make_order()
        self.transaction(order, 'wire_transfer', 218000, state='cancel')
        self.assertEqual(self.printed(order), 'TM/CK')

    def test_paid_to_the_platform(self):
        order = self.make_order(gtg_paid_at=fields.Datetime.now())
        self.channel.sudo().kind = 'marketplace'
        self.assertEqual(self.printed(order), 'CK')

    def test_money_that_came_wins_over_what_was_planned(self):
        self.company.gtg_auto_einvoice = False
        order = self.make_order()
        self.transaction(order, 'wire_transfer', 218000)
        order.gtg_delivered_at = fields.Datetime.now()
        self.pay(order.invoice_ids, self.company_data['default_journal_cash'], 218000)
        self.assertEqual(order.invoice_ids._gtg_payment_text(self.account), 'TM')
