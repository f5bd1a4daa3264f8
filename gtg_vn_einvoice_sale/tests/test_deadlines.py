from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form, new_test_user, tagged

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestDeadlines(OrderCase):
    """An order that was handed over and has no invoice is seen by the accountant."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({
            'gtg_auto_invoice': False, 'gtg_einvoice_watch_from': '2026-01-01'})

    def card(self, code):
        return self.env.ref(f'gtg_vn_einvoice_sale.watch_{code}').with_company(
            self.company)

    def delivered(self, at='2026-11-19 17:30:00', **values):
        """By default on Friday the 20th in Vietnam, which is due on Monday."""
        order = self.make_order(**values)
        order.gtg_delivered_at = at
        return order

    def test_order_is_late_until_invoiced(self):
        order = self.delivered()
        self.assertEqual(order.gtg_legal_deadline, date(2026, 11, 23))
        with freeze_time('2026-11-23 16:59:59'):
            self.assertEqual(
                [self.card(code).count for code in ('orders', 'orders_late')], [1, 0])
        with freeze_time('2026-11-23 17:00:00'):
            self.env.invalidate_all()
            late = self.card('orders_late')
            self.assertEqual((late.count, late.days_late), (1, 1))
            self.assertTrue(late.hint)
            self.assertEqual(
                order.search(late.action_open()['domain']), order)
        self.invoice_many(order)
        self.assertFalse(order.gtg_legal_deadline)
        self.drain('create_invoice')
        self.assertFalse(order.invoice_ids.gtg_legal_deadline)
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)

    def test_gift_has_an_invoice_too(self):
        order = self.make_order()
        order.order_line.price_unit = 0
        order.gtg_delivered_at = '2026-11-19 17:30:00'
        self.assertEqual(order.gtg_legal_deadline, date(2026, 11, 23))
        self.invoice_many(order)
        self.assertFalse(order.gtg_legal_deadline)
        self.drain('create_invoice')
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)
        nothing = self.make_order()
        nothing.order_line.product_uom_qty = 0
        nothing.gtg_delivered_at = '2026-11-19 17:30:00'
        self.assertFalse(nothing.gtg_legal_deadline)

    def test_draft_invoice_is_no_invoice(self):
        order = self.delivered()
        move = order._create_invoices(final=True)
        self.assertTrue(order.gtg_legal_deadline)
        move.invoice_date = '2026-12-15'
        move.action_post()
        self.assertFalse(order.gtg_legal_deadline)
        self.assertEqual(
            move.gtg_legal_deadline, date(2026, 11, 23), 'counts from the hand-over')

    def test_trigger_decides_the_day(self):
        order = self.make_order()
        order.gtg_shipped_at = '2026-11-16 03:00:00'
        self.assertFalse(order.gtg_legal_deadline)
        self.company.gtg_invoice_trigger = 'shipped'
        self.assertEqual(order.gtg_legal_deadline, date(2026, 11, 17))
        self.channel.gtg_invoice_trigger = 'delivered'
        self.assertFalse(order.gtg_legal_deadline)
        self.channel.gtg_invoice_trigger = 'completed'
        order.gtg_delivered_at = '2026-11-18 03:00:00'
        self.assertEqual(order.gtg_legal_deadline, date(2026, 11, 19))

    def test_trigger_decides_the_day_of_what_is_not_issued_yet(self):
        order = self.delivered('2026-11-18 03:00:00')
        order.gtg_shipped_at = '2026-11-16 03:00:00'
        move = order._create_invoices(final=True)
        move.invoice_date = '2026-11-18'
        move.action_post()
        self.assertEqual(order.invoice_status, 'invoiced')
        self.assertEqual(move.gtg_legal_deadline, date(2026, 11, 19))
        self.company.gtg_invoice_trigger = 'shipped'
        self.assertEqual(move.gtg_legal_deadline, date(2026, 11, 17))
        self.channel.gtg_invoice_trigger = 'delivered'
        self.assertEqual(move.gtg_legal_deadline, date(2026, 11, 19))

    def test_what_needs_no_invoice_of_ours(self):
        returned = self.delivered()
        returned.gtg_return_state = 'returned'
        self.assertFalse(returned.gtg_legal_deadline)
        order = self.delivered()
        self.channel.gtg_invoiced_elsewhere = True
        self.assertFalse(order.gtg_legal_deadline)
        self.channel.gtg_invoiced_elsewhere = False
        self.assertTrue(order.gtg_legal_deadline)
        self.company.gtg_einvoice_watch_from = '2026-12-01'
        self.assertFalse(order.gtg_legal_deadline)

    def test_what_the_platform_issues_is_asked_for(self):
        self.channel.gtg_invoiced_elsewhere = True
        order = self.delivered()
        order._create_invoices(final=True).action_post()
        move = order.invoice_ids
        self.assertFalse(move.gtg_legal_deadline)
        self.env.invalidate_all()
        card = self.card('outside')
        self.assertEqual(card.count, 1)
        self.assertEqual(move.search(card.action_open()['domain']), move)
        move.write({'gtg_outside_series': 'C26TSP', 'gtg_outside_number': '12',
                    'gtg_outside_date': '2026-11-20'})
        self.env.invalidate_all()
        self.assertFalse(self.card('outside').count)
        self.channel.gtg_invoiced_elsewhere = False
        self.assertFalse(move.gtg_legal_deadline, 'it has its invoice')
        order.action_gtg_invoice()
        self.drain('create_invoice')
        self.assertFalse(self.bench.created(self.sandbox))

    def test_holiday_moves_orders_too(self):
        order = self.delivered()
        self.env['gtg.holiday'].create({'name': 'Typhoon', 'day': '2026-11-23'})
        self.assertEqual(order.gtg_legal_deadline, date(2026, 11, 24))

    def test_many_at_once_with_some_failing(self):
        orders = self.env['sale.order'].union(
            *[self.delivered() for _number in range(4)])
        first, doubted, broken, last = orders
        doubted._gtg_hold('total_mismatch', 'The marketplace says 1 more.')
        broken.sudo().order_line.tax_ids = self.rates['8%'].copy({
            'name': 'No rate of the law', 'amount': 7})
        clerk = new_test_user(
            self.env, 'clerk', 'account.group_account_invoice',
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        bulk = self.invoice_many(orders.with_user(clerk))
        self.drain('create_invoice')
        self.assertEqual((bulk.done, bulk.failed), (2, 2))
        self.assertEqual(self.bench.created(self.sandbox), [
            first.gtg_einvoice_number, last.gtg_einvoice_number])
        self.assertEqual(orders.invoice_ids, (first | last).invoice_ids,
                         'nothing half made is left behind')
        self.assertTrue(doubted.gtg_legal_deadline)
        self.assertTrue(broken.gtg_legal_deadline)
        form = bulk.action_finish()
        self.assertEqual((form['res_model'], form['res_id']), (bulk._name, bulk.id))
        Form(bulk)  # opens with the clerk's rights
        why = bulk.failed_line_ids.mapped('message')
        self.assertIn('The marketplace says 1 more.', why[0])
        self.assertIn('No rate of the law', why[1])

        doubted._gtg_release('total_mismatch')
        bulk.action_again()
        bulk.action_chunk()
        self.drain('create_invoice')
        self.assertEqual((bulk.done, bulk.failed, bulk.waiting), (3, 1, 0))
        self.assertEqual(len(orders.invoice_ids), 3)
        self.assertEqual(len(self.bench.created(self.sandbox)), 3)

    def test_lost_answer_repeats_nothing(self):
        """The page asks again for a chunk that was done: its rows know."""
        orders = self.delivered() | self.delivered()
        bulk = self.invoice_many(orders)
        self.assertEqual(bulk.action_chunk()['waiting'], 0)
        self.invoice_many(orders)  # and so does the click that starts all anew
        self.drain('create_invoice')
        self.assertEqual(len(orders.invoice_ids), 2)
        self.assertEqual(len(self.bench.created(self.sandbox)), 2)

    def test_statements_do_not_grow_with_the_orders(self):
        def deliver(count):
            orders = self.env['sale.order'].union(
                *[self.make_order() for _number in range(count)])
            self.env.flush_all()
            self.env.invalidate_all()
            orders.write({'gtg_delivered_at': '2026-11-19 17:30:00'})
            before = self.env.cr.sql_log_count
            orders.mapped('gtg_legal_deadline')
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        deliver(2)
        self.assertLessEqual(deliver(12), deliver(3) + 1)
