from datetime import date

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestParts(OrderCase):
    """An order that goes out in several deliveries: one invoice per delivery."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shirts = cls.env['product.product'].create({
            'name': 'Áo', 'type': 'consu', 'invoice_policy': 'delivery'})

    def shirt_order(self, quantity=10, **values):
        return self.make_order(order_line=[Command.create({
            'product_id': self.shirts.id, 'product_uom_qty': quantity,
            'price_unit': 10000,
            'tax_ids': [Command.set(self.included['8%'].ids)]})], **values)

    def send(self, order, quantity, backorder=True):
        """The open delivery leaves with some of its pieces."""
        delivery = order.picking_ids.filtered(lambda p: p.state not in ('done', 'cancel'))
        delivery.move_ids.write({'quantity': quantity, 'picked': True})
        delivery.with_context(
            skip_backorder=True,
            picking_ids_not_to_backorder=[] if backorder else delivery.ids,
        ).button_validate()
        self.assertEqual(delivery.state, 'done')
        return delivery

    def test_each_delivery_gets_its_invoice(self):
        self.company.gtg_invoice_trigger = 'shipped'
        order = self.shirt_order()
        with freeze_time('2026-11-16 03:00:00'):
            self.send(order, 6)
            self.assertFalse(order.gtg_sale_day)
            self.assertEqual(order.gtg_legal_deadline, date(2026, 11, 17))
            self.assertFalse(self.invoice_many(order).line_ids.filtered('message'))
            self.drain('create_invoice')
        first = order.invoice_ids
        self.assertEqual(first.amount_total, 60000)
        self.assertFalse(order.gtg_legal_deadline, 'the rest has not left')
        with self.assertRaises(UserError):
            order.action_gtg_invoice()
        with freeze_time('2026-11-20 03:00:00'):
            self.send(order, 4)  # the rule wants the rest by itself
            self.drain('create_invoice')
        second = order.invoice_ids - first
        self.assertEqual(second.amount_total, 40000)
        self.assertFalse(order.gtg_legal_deadline)
        self.assertEqual(
            self.bench.created(self.sandbox),
            [first.gtg_einvoice_id.number, second.gtg_einvoice_id.number])

    def test_the_day_is_that_of_the_first_piece_without_invoice(self):
        self.company.write({'gtg_invoice_trigger': 'shipped', 'gtg_auto_invoice': False})
        order = self.shirt_order()
        for day, quantity in ((16, 3), (17, 3), (18, 3)):
            with freeze_time(f'2026-11-{day} 17:30:00'):  # the next day in Vietnam
                self.send(order, quantity)
            if day == 16:
                self.invoice_many(order)
        self.assertEqual(order.gtg_part_day, date(2026, 11, 18))
        with freeze_time('2026-11-30 03:00:00'):
            self.send(order, 1)
        self.assertEqual(order.gtg_sale_day, date(2026, 11, 30))
        self.assertEqual(order.gtg_legal_deadline, date(2026, 11, 19), 'it stays late')
        self.invoice_many(order)
        self.assertFalse(order.gtg_part_day)
        self.assertFalse(order.gtg_legal_deadline)

    def test_the_trigger_says_what_handed_over_means(self):
        self.company.gtg_auto_invoice = False
        market = self.env['gtg.sale.channel'].sudo().create({
            'name': 'Sàn', 'code': 'san_test', 'kind': 'marketplace',
            'company_id': self.company.id})
        own, platform = self.shirt_order(), self.shirt_order()
        platform.gtg_channel_id = market
        for order in (own, platform):
            self.send(order, 6)
        self.assertTrue(own.gtg_part_day)
        self.assertFalse(platform.gtg_part_day, 'the platform tells it of the order')
        market.gtg_invoice_trigger = 'shipped'
        self.assertTrue(platform.gtg_part_day)

    def test_one_delivery_under_way_is_no_part(self):
        order = self.shirt_order()
        self.send(order, 10)
        self.assertFalse(order.gtg_part_day)
        self.assertFalse(order.gtg_legal_deadline)

    def test_what_does_not_come_does_not_keep_the_rest(self):
        order = self.shirt_order()
        self.send(order, 6, backorder=False)
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        self.assertEqual(order.invoice_ids.amount_total, 60000)
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)

    def test_delivered_by_the_carrier_and_not_by_odoo_is_no_part(self):
        order = self.shirt_order()
        self.send(order, 6)
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertFalse(order.invoice_ids)
        self.assertIn('has not left the stock', order.gtg_open_hold_ids.note)

    def test_discounts_above_the_part_wait_for_the_rest(self):
        order = self.shirt_order()
        order.order_line = [Command.create({
            'product_id': self.goods.id, 'product_uom_qty': 1, 'price_unit': -70000,
            'tax_ids': [Command.set(self.included['8%'].ids)]})]
        self.send(order, 6)
        with self.assertRaisesRegex(UserError, 'when the rest has left'), (
                self.env.cr.savepoint()):
            order.action_gtg_invoice()
        self.assertFalse(order.invoice_ids)

    def bring_back(self, delivery, quantity):
        """Some pieces of a delivery come back; nobody has credited them."""
        wizard = self.env['stock.return.picking'].with_context(
            active_id=delivery.id, active_ids=delivery.ids,
            active_model='stock.picking').create({})
        wizard.product_return_moves.write({'quantity': quantity, 'to_refund': True})
        back = wizard._create_return()
        back.move_ids.write({'quantity': quantity, 'picked': True})
        back.button_validate()
        self.assertEqual(back.state, 'done')

    def test_what_came_back_is_not_taken_off_the_next_invoice(self):
        self.company.gtg_invoice_trigger = 'shipped'
        order = self.shirt_order()
        delivery = self.send(order, 6)
        self.invoice_many(order)
        self.drain('create_invoice')
        first = order.invoice_ids
        self.assertEqual(first.amount_total, 60000)
        self.bring_back(delivery, 2)
        self.send(order, 4)
        self.drain('create_invoice')
        self.assertEqual(order.invoice_ids, first)
        self.assertIn('Credit that first', order.gtg_open_hold_ids.note)
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)

    def test_what_came_back_before_any_invoice_is_not_sold(self):
        self.company.gtg_invoice_trigger = 'shipped'
        order = self.shirt_order()
        self.bring_back(self.send(order, 6), 2)
        self.send(order, 4)
        self.drain('create_invoice')
        self.assertEqual(order.invoice_ids.amount_total, 80000)

    def test_what_is_sent_after_a_return_was_never_invoiced(self):
        self.company.gtg_invoice_trigger = 'shipped'
        order = self.shirt_order(8)
        self.send(order, 6)
        self.invoice_many(order)
        self.drain('create_invoice')
        first = order.invoice_ids
        self.bench.approve(self.sandbox, first.gtg_einvoice_id)
        self.drain('poll_code')
        one = self.env['gtg.order.return'].create({
            'order_id': order.id,
            'reason_id': self.env.ref('gtg_order_flow.return_reason_size').id,
            'line_ids': [Command.create({
                'order_line_id': order.order_line.id, 'quantity': 2})]})
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        one.action_refund()
        one.credit_note_ids.action_post()
        self.drain('create_invoice')
        self.assertEqual(
            (order.order_line.qty_delivered, order.order_line.qty_invoiced), (4, 4))
        self.assertFalse(order._gtg_never_invoiced())
        self.assertFalse(order.gtg_legal_deadline)
        self.send(order, 2)
        self.assertTrue(order.gtg_legal_deadline)
        self.assertTrue(order.gtg_open_hold_ids)
        with self.assertRaisesRegex(UserError, 'by hand'), self.env.cr.savepoint():
            order.action_gtg_invoice()
        # a person does so
        new = order._create_invoices(final=True)
        new.action_post()
        self.drain('create_invoice')
        self.assertEqual(new.gtg_einvoice_id.amount_total, 20000)
        self.assertFalse(order._gtg_never_invoiced())
        self.assertFalse(order.gtg_legal_deadline)
        self.assertFalse(order.gtg_open_hold_ids)
