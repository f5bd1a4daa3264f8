from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command, fields
from odoo.tests import HttpCase, tagged

from odoo.addons.gtg_vn_einvoice.tests.common import EinvoiceCase
from odoo.addons.gtg_vn_einvoice.tests.test_sinvoice import SInvoiceBench


class OrderCase(EinvoiceCase):
    bench = SInvoiceBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= (
            cls.env.ref('gtg_order_flow.group_shop_manager')
            | cls.env.ref('sales_team.group_sale_manager'))
        cls.company.write({'gtg_auto_invoice': True, 'gtg_auto_einvoice': True,
                           'gtg_einvoice_watch_from': '2026-01-01'})
        cls.goods.write({'invoice_policy': 'order', 'type': 'service'})
        cls.channel = cls.env['gtg.sale.channel'].sudo().create({
            'name': 'Zalo', 'code': 'zalo_test', 'kind': 'zalo',
            'company_id': cls.company.id})

    def make_order(self, partner=None, **values):
        order = self.env['sale.order'].create({
            'partner_id': (partner or self.buyer).id, 'company_id': self.company.id,
            'gtg_channel_id': self.channel.id,
            'order_line': [Command.create({
                'product_id': self.goods.id, 'product_uom_qty': 2, 'price_unit': 109000,
                'tax_ids': [Command.set(self.included['8%'].ids)]})], **values})
        order.action_confirm()
        return order

    def refused_order(self):
        """An order whose e-invoice the provider refuses: it does not know the series.

        :return: (order, series)
        """
        series = self.unknown_series()
        (self.account.series_ids - series).active = False
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        return order, series

    def received(self, order, quantity):
        """:return: return of the order's only line, its goods received in good state"""
        one = self.env['gtg.order.return'].create({
            'order_id': order.id,
            'reason_id': self.env.ref('gtg_order_flow.return_reason_size').id,
            'line_ids': [Command.create({
                'order_line_id': order.order_line.id, 'quantity': quantity})]})
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        return one

    def invoice_many(self, orders):
        """The button on the list, driven as the dialog does.

        :return: the bulk step
        """
        action = orders.with_context(gtg_bulk='invoice').action_gtg_bulk()
        bulk = orders.env['gtg.order.bulk'].browse(action['params']['bulk_id'])
        while bulk.action_chunk()['waiting']:
            pass
        return bulk


class WebsiteBuyerCase(OrderCase, HttpCase):
    """A customer of the website."""

    customer_name = customer_email = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env['website'].sudo().search([], limit=1)
        cls.website.company_id = cls.company
        cls.customer = cls.env['res.partner'].create({
            'name': cls.customer_name, 'email': cls.customer_email,
            'street': '1 Hàng Bạc', 'city': 'Phường Hoàn Kiếm',
            'country_id': cls.env.ref('base.vn').id})


@tagged('post_install', '-at_install')
class TestOrders(OrderCase):
    """An order is delivered and gets one e-invoice, or says why not."""

    def test_delivered_order_is_invoiced_once(self):
        order = self.make_order()
        order.gtg_shipped_at = fields.Datetime.now()
        self.assertFalse(order.invoice_ids, 'not before the buyer has it')
        order.gtg_delivered_at = fields.Datetime.now()
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [order.gtg_einvoice_number])
        self.assertEqual(order.invoice_ids.amount_total, 218000)
        self.assertEqual(order.invoice_ids.gtg_einvoice_id.amount_total, 218000)
        self.assertEqual(order.gtg_einvoice_state, 'waiting_code')
        self.assertFalse(order.gtg_open_hold_ids)

    def test_masked_buyer_is_a_consumer(self):
        self.channel.gtg_invoice_trigger = 'shipped'
        order = self.make_order(partner=self.person)
        order.gtg_shipped_at = fields.Datetime.now()
        self.drain('create_invoice')
        self.assertIn('Bán cho người tiêu dùng',
                      order.invoice_ids.gtg_einvoice_id.sudo().payload)

    def test_channel_decides(self):
        self.channel.gtg_auto_einvoice = 'no'
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertEqual(order.invoice_ids.state, 'posted')
        self.assertFalse(order.gtg_einvoice_state)
        self.channel.gtg_auto_invoice = 'no'
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertFalse(order.invoice_ids)

    def test_bad_data_holds_the_order_until_corrected(self):
        self.buyer.vat = '0101243151'
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertTrue(order.gtg_delivered_at)
        self.assertIn('0101243151', order.gtg_open_hold_ids.note)
        self.assertEqual(order.gtg_next_action, 'invoice')
        self.buyer.vat = '0101243150'
        order.action_gtg_next()
        self.assertFalse(order.gtg_open_hold_ids)
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [order.gtg_einvoice_number])

    def test_refusal_of_the_provider_holds_the_order_until_retried(self):
        order, series = self.refused_order()
        hold = order.gtg_open_hold_ids
        self.assertTrue(hold.provider_text)
        self.assertTrue(hold.can_retry)
        self.assertEqual(order.gtg_einvoice_state, 'draft')
        series.active = False
        self.account.with_context(active_test=False).series_ids.filtered(
            lambda s: s.code_kind == 'later' and s.form == '1' and s != series
        ).active = True
        hold.action_retry()
        self.drain('create_invoice')
        self.assertEqual(hold.state, 'released')
        self.assertEqual(self.bench.created(self.sandbox), [order.gtg_einvoice_number])

    # === WHAT MUST NOT BE INVOICED YET === #

    def goods_order(self):
        """Goods invoiced when delivered, and shipping that is invoiced at once."""
        goods = self.env['product.product'].create({
            'name': 'Áo', 'type': 'consu', 'invoice_policy': 'delivery'})
        return self.make_order(order_line=[
            Command.create({
                'product_id': product.id, 'product_uom_qty': 1, 'price_unit': 109000,
                'tax_ids': [Command.set(self.included['8%'].ids)]})
            for product in (goods, self.goods)])

    def test_never_the_shipping_fee_alone(self):
        order = self.goods_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertFalse(order.invoice_ids)
        self.assertIn('has not left the stock', order.gtg_open_hold_ids.note)
        order.picking_ids.move_ids.write({'quantity': 1, 'picked': True})
        order.picking_ids.button_validate()
        order.action_gtg_next()
        self.drain('create_invoice')
        self.assertEqual(order.invoice_ids.amount_total, 218000)
        self.assertEqual(len(self.bench.created(self.sandbox)), 1)

    def test_amounts_in_doubt_are_not_invoiced(self):
        order = self.make_order()
        order._gtg_hold('total_mismatch', 'The marketplace says 1 more.')
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertFalse(order.invoice_ids)
        self.assertIn('einvoice', order.gtg_open_hold_ids.reason_id.mapped('code'))

    def test_a_delivery_is_true_whatever_the_invoice_does(self):
        order = self.make_order()
        self.env['account.journal'].search([
            ('type', '=', 'sale'), ('company_id', '=', self.company.id)]).active = False
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertTrue(order.gtg_delivered_at)
        self.assertTrue(order.gtg_open_hold_ids.note)

    def test_the_books_have_the_vietnamese_day(self):
        order = self.make_order().with_context(tz=False)
        with freeze_time('2026-11-30 18:30:00'):  # 1 December 01:30 in Vietnam
            order.gtg_delivered_at = fields.Datetime.now()
        self.assertEqual(str(order.invoice_ids.invoice_date), '2026-12-01')

    def test_an_undone_sale_reaches_the_accountant(self):
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        einvoice = order.invoice_ids.gtg_einvoice_id
        card = self.env.ref('gtg_vn_einvoice_sale.watch_undone').with_company(
            self.company)
        self.assertEqual(card.count, 0)
        order.gtg_return_state = 'returned'
        self.assertIn(einvoice.number, ' '.join(
            einvoice.activity_ids.mapped('summary')))
        self.env.invalidate_all()
        self.assertEqual(card.count, 1)
        self.assertEqual(
            self.env['gtg.einvoice'].search(card.action_open()['domain']), einvoice)
        einvoice.sale_undone = False  # the accountant lets it stand
        self.env.invalidate_all()
        self.assertEqual(card.count, 0)

    def test_an_undone_sale_that_nobody_sold_reaches_people(self):
        """Order and invoice by crons, parcel refused: no person has touched it."""
        order = self.make_order(user_id=False).with_user(SUPERUSER_ID)
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        einvoice = order.invoice_ids.gtg_einvoice_id
        self.assertEqual(einvoice.move_id.create_uid.id, SUPERUSER_ID)
        order.gtg_return_state = 'returned'
        user = einvoice.activity_ids.user_id
        self.assertTrue(user.active)
        self.assertTrue(user.has_group('account.group_account_invoice'))
