from datetime import timedelta
from types import SimpleNamespace

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestRule(OrderCase):
    """Which orders are invoiced by themselves, when, and in which series."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.gtg_einvoice_watch_from = '2026-01-01'
        cls.consumer = cls.env['res.partner'].create({'name': 'Nguyễn Thị Bưởi'})

    def delivered(self, partner=None, **values):
        order = self.make_order(partner=partner or self.consumer, **values)
        order.gtg_delivered_at = fields.Datetime.now()
        return order

    def assert_invoiced(self, order):
        self.assertEqual(order.invoice_ids.state, 'posted')
        self.assertEqual(order.gtg_einvoice_state, 'queued')

    def assert_left(self, order):
        self.assertFalse(order.invoice_ids)
        self.assertFalse(order.gtg_open_hold_ids, 'nothing is wrong with it')
        self.assertTrue(order.gtg_legal_deadline, 'the law wants an invoice of it')

    # === WHO === #

    def test_every_order(self):
        self.assert_invoiced(self.delivered())

    def test_only_on_request(self):
        self.company.gtg_invoice_who = 'asked'
        self.assert_left(self.delivered())
        self.assert_invoiced(self.delivered(gtg_invoice_asked=True))
        self.assert_invoiced(self.delivered(partner=self.buyer))

    def test_only_business_buyers(self):
        self.company.gtg_invoice_who = 'business'
        self.assert_left(self.delivered(gtg_invoice_asked=True))
        self.assert_invoiced(self.delivered(partner=self.buyer))
        household = self.env['res.partner'].create({
            'name': 'Hộ kinh doanh Bưởi', 'vat': '001188001234',
            'street': '1 Hàng Bạc', 'country_id': self.env.ref('base.vn').id})
        self.assert_invoiced(self.delivered(partner=household))

    def test_above_an_amount(self):
        self.company.write({'gtg_invoice_who': 'above', 'gtg_invoice_above': 218000})
        self.assert_invoiced(self.delivered())
        self.company.gtg_invoice_above = 218001
        self.assert_left(self.delivered())
        self.assert_invoiced(self.delivered(gtg_invoice_asked=True))
        self.assert_invoiced(self.delivered(partner=self.buyer))

    def test_amount_is_in_dong(self):
        self.company.write({'gtg_invoice_who': 'above', 'gtg_invoice_above': 2000000})
        dollar = self.env.ref('base.USD')
        dollar.active = True
        self.env['res.currency.rate'].create({
            'currency_id': dollar.id, 'company_id': self.company.id,
            'name': '2026-01-01', 'inverse_company_rate': 25000})
        pricelist = self.env['product.pricelist'].create({
            'name': 'USD', 'currency_id': dollar.id, 'company_id': self.company.id})
        order = self.make_order(partner=self.consumer, pricelist_id=pricelist.id)
        order.order_line.write({'price_unit': 45, 'product_uom_qty': 2})
        self.assertTrue(order._gtg_is_chosen(), '90 dollars are 2,250,000 dong')
        order.order_line.price_unit = 35
        self.assertFalse(order._gtg_is_chosen(), '70 dollars are 1,750,000 dong')

    def test_channel_chooses_differently(self):
        self.company.gtg_invoice_who = 'asked'
        self.channel.write({'gtg_invoice_who': 'above', 'gtg_invoice_above': 200000})
        self.assert_invoiced(self.delivered())
        self.channel.gtg_invoice_who = 'business'
        self.assert_left(self.delivered())
        self.company.gtg_invoice_who = 'every'
        self.channel.gtg_invoice_who = False
        self.assert_invoiced(self.delivered())

    def test_who_asks_later_gets_it_at_once(self):
        self.company.gtg_invoice_who = 'asked'
        order = self.delivered()
        staff = new_test_user(
            self.env, 'rule_staff', 'sales_team.group_sale_salesman_all_leads',
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        order.with_user(staff).gtg_invoice_asked = True
        self.assert_invoiced(order)
        order.with_user(staff).gtg_invoice_asked = True
        self.drain('create_invoice')
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)

    def test_who_asks_before_the_moment_waits_for_it(self):
        self.company.gtg_invoice_who = 'asked'
        order = self.make_order(partner=self.consumer)
        order.gtg_invoice_asked = True
        self.assertFalse(order.invoice_ids)
        order.gtg_delivered_at = fields.Datetime.now()
        self.assert_invoiced(order)

    def test_buyer_data_are_a_request(self):
        self.company.gtg_invoice_who = 'asked'
        order = self.delivered()
        self.assertFalse(order._gtg_set_invoice_buyer({
            'kind': 'person', 'name': 'Nguyễn Thị Bưởi', 'id_number': '001188001234',
            'street': '1 Hàng Bạc', 'city': 'Phường Hoàn Kiếm', 'email': 'b@example.com',
            'state_id': str(self.env.ref('base.vn').state_ids[0].id)}))
        self.assert_invoiced(order)
        self.assertIn('001188001234', order.invoice_ids.gtg_einvoice_id.sudo().payload)
        order = self.make_order(partner=self.consumer, gtg_invoice_asked=True)
        order._gtg_set_invoice_buyer({'kind': 'none'})
        order.gtg_delivered_at = fields.Datetime.now()
        self.assert_left(order)

    def test_request_of_a_marketplace(self):
        self.company.gtg_invoice_who = 'asked'
        order = self.delivered()
        order._gtg_take_invoice_buyer(SimpleNamespace(
            kind='person', name='Trần Văn Na', id_number='', tax_code='',
            address='5 Lê Lợi, Phường Sài Gòn', email=''))
        self.assert_invoiced(order)
        self.assertIn('Trần Văn Na', order.invoice_ids.gtg_einvoice_id.sudo().payload)

    # === THE OTHERS === #

    def test_the_cash_register_issues_the_others(self):
        self.company.gtg_invoice_who = 'asked'
        order = self.delivered()
        self.company.gtg_rest_elsewhere = True
        self.assertFalse(order.gtg_legal_deadline)
        self.assertFalse(self.delivered().gtg_legal_deadline)
        self.channel.gtg_rest_elsewhere = 'no'
        self.assertTrue(order.gtg_legal_deadline)
        self.company.gtg_auto_invoice = False
        self.channel.gtg_rest_elsewhere = False
        business = self.delivered(partner=self.buyer)
        self.assertTrue(business.gtg_legal_deadline, 'chosen ones are ours')

    def left_to_the_register(self):
        self.company.write({'gtg_invoice_who': 'asked', 'gtg_rest_elsewhere': True})
        return self.delivered()

    def test_its_invoice_for_the_books_is_not_issued(self):
        order = self.left_to_the_register()
        move = order._create_invoices()
        move.action_post()
        self.assertFalse(move.gtg_einvoice_id)
        self.assertFalse(move.gtg_legal_deadline)
        self.assertFalse(move.gtg_einvoice_possible)
        with self.assertRaisesRegex(UserError, 'cash register'):
            move.action_gtg_issue()
        with self.assertRaisesRegex(UserError, 'cash register'):
            order.action_gtg_invoice()
        with self.assertRaisesRegex(UserError, 'cash register'):  # core's S-Invoice
            self.env['account.move.send']._generate_and_send_invoices(
                move, sending_methods=[], extra_edis={'vn_sinvoice_send'})
        order.gtg_invoice_asked = True
        self.assertTrue(move.gtg_legal_deadline)
        self.assertTrue(move._gtg_can_issue())

    def test_who_asks_after_the_register_waits_for_a_person(self):
        order = self.left_to_the_register()
        self.consumer.vat = '001188001234'
        self.assertFalse(order.gtg_legal_deadline, 'a tax code comes too late')
        for name in ('Trần Văn Na', 'Trần Văn Ổi'):
            order._gtg_take_invoice_buyer(SimpleNamespace(
                kind='person', name=name, id_number='', tax_code='',
                address='5 Lê Lợi, Phường Sài Gòn', email=''))
            self.assertFalse(order.invoice_ids)
            self.assertIn('cash register', order.gtg_open_hold_ids.note)
        self.assertTrue(order.gtg_legal_deadline, 'somebody has to look')
        order._gtg_release('invoice_buyer')
        order.action_gtg_invoice()
        self.assert_invoiced(order)

    def test_who_asks_for_what_was_sold_before_us(self):
        self.company.gtg_invoice_who = 'asked'
        order = self.delivered()
        self.company.gtg_einvoice_watch_from = order.gtg_sale_day + timedelta(days=1)
        order.gtg_invoice_asked = True
        self.assertFalse(order.invoice_ids)
        self.assertTrue(order.gtg_open_hold_ids)

    # === WHILE IT WAITS === #

    def test_asked_again_when_it_is_sent(self):
        platform, doubtful = self.delivered(), self.delivered(gtg_channel_id=(
            self.channel.copy({'code': 'other_test'})).id)
        self.channel.gtg_invoiced_elsewhere = True
        doubtful._gtg_hold('total_mismatch', 'x')
        self.drain('create_invoice')
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [])
        self.assertIn('the platform issues', str(platform.gtg_open_hold_ids.mapped(
            lambda hold: hold._gtg_sentence())))
        doubtful._gtg_release('total_mismatch')
        doubtful.invoice_ids.action_gtg_issue()
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [doubtful.gtg_einvoice_number])

    # === WHEN === #

    def test_each_moment(self):
        for event, before in (
            ('shipped', []), ('delivered', ['shipped']),
            ('completed', ['shipped', 'delivered']),
        ):
            with self.subTest(event):
                self.channel.gtg_invoice_trigger = event
                order = self.make_order(partner=self.consumer)
                for name in before:
                    order[f'gtg_{name}_at'] = fields.Datetime.now()
                self.assertFalse(order.invoice_ids)
                if event == 'completed':
                    order.gtg_paid_at = fields.Datetime.now()
                    self.assertEqual(order.gtg_stage, 'completed')
                else:
                    order[f'gtg_{event}_at'] = fields.Datetime.now()
                self.assert_invoiced(order)

    # === CONFIRMED BY HAND === #

    def by_hand(self):
        move = self.make_order()._create_invoices()
        move.action_post()
        return move

    def test_an_invoice_confirmed_by_hand_obeys_the_same(self):
        self.company.gtg_auto_invoice = False
        self.assertEqual(self.by_hand().gtg_einvoice_state, 'queued')
        self.channel.gtg_auto_einvoice = 'no'
        self.assertFalse(self.by_hand().gtg_einvoice_id)
        self.company.gtg_auto_einvoice = False
        self.channel.gtg_auto_einvoice = False
        self.assertFalse(self.by_hand().gtg_einvoice_id)
        self.channel.gtg_auto_einvoice = 'yes'
        self.assertEqual(self.by_hand().gtg_einvoice_state, 'queued')
        self.channel.gtg_invoiced_elsewhere = True
        self.assertFalse(self.by_hand().gtg_einvoice_id)

    def test_a_down_payment_is_a_decision(self):
        order = self.make_order()
        self.env['sale.advance.payment.inv'].create({
            'sale_order_ids': [(6, 0, order.ids)],
            'advance_payment_method': 'percentage', 'amount': 50}).create_invoices()
        order.invoice_ids.action_post()
        self.assertFalse(order.invoice_ids.gtg_einvoice_id)

    def test_journal_is_obeyed_by_orders_too(self):
        journal = self.company_data['default_journal_sale']
        journal.gtg_auto_einvoice = 'no'
        order = self.delivered()
        self.assertEqual(order.invoice_ids.state, 'posted')
        self.assertFalse(order.gtg_einvoice_state)
        self.channel.gtg_auto_einvoice = 'yes'
        self.assert_invoiced(self.delivered())

    def test_what_is_wrong_by_hand_holds_the_order(self):
        self.company.gtg_auto_invoice = False
        self.buyer.vat = '0101243151'
        move = self.by_hand()
        self.assertEqual(move.state, 'posted')
        order = move._gtg_sale_orders()
        self.assertIn('0101243151', order.gtg_open_hold_ids.note)
        self.buyer.vat = '0101243150'
        order.action_gtg_next()
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [order.gtg_einvoice_number])

    # === SERIES === #

    def test_series_of_the_shop(self):
        series = self.series('at_once')
        self.channel.with_company(self.company).gtg_series_id = series
        order = self.delivered()
        self.assertEqual(order.invoice_ids.gtg_einvoice_id.series_id, series)
        other = self.series('none')
        order = self.make_order()
        move = order._create_invoices()
        move.gtg_series_id = other
        self.assertEqual(move._gtg_series(), other, 'the invoice itself says more')

    def test_series_of_the_shop_follows_the_year(self):
        new = self.series('later')
        old = new.copy({'name': f'{new.name[0]}25{new.name[3:]}', 'sequence': 1})
        self.series('none').sequence = 0  # what the company would take
        self.channel.with_company(self.company).gtg_series_id = old
        self.assertEqual(self.delivered().invoice_ids.gtg_einvoice_id.series_id, new)
        new.active = False
        self.assertNotEqual(
            old._of_this_year(), new, 'switched off: another of the same form')
        self.assertEqual(old._of_this_year().form, old.form)
