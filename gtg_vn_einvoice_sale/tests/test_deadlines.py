from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

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
        order.action_gtg_invoice_many()
        self.assertFalse(order.gtg_legal_deadline)
        self.drain('create_invoice')
        self.assertFalse(order.invoice_ids.gtg_legal_deadline)
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)

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

    def test_holiday_moves_orders_too(self):
        order = self.delivered()
        self.env['gtg.holiday'].create({'name': 'Typhoon', 'day': '2026-11-23'})
        self.assertEqual(order.gtg_legal_deadline, date(2026, 11, 24))

    def test_many_at_once_with_one_in_doubt(self):
        good, bad = self.delivered(), self.delivered()
        bad._gtg_hold('total_mismatch', 'The marketplace says 1 more.')
        told = (good | bad).action_gtg_invoice_many()['params']
        self.assertEqual(told['type'], 'warning')
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [good.gtg_einvoice_number])
        self.assertTrue(bad.gtg_legal_deadline)

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
