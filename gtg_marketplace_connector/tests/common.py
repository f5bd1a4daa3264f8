"""A connected Shopee shop against the sandbox, in the test's own process."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase

from odoo.addons.gtg_connector_base.tests.common import ProviderCase

SHOP = '226417938'


class ShopeeCase(ProviderCase, HttpCase):
    drain_rounds = 8

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_sandbox('shopee')
        cls.env.company.country_id = cls.env.ref('base.vn')
        keys = cls.sandbox.provider('shopee').credentials()
        cls.app = cls.env['gtg.marketplace.app'].create({
            'name': 'Sandbox', 'provider': 'shopee', 'environment': 'custom',
            'custom_url': cls.sandbox.url('shopee'),
            'partner_id': str(keys['partner_id']), 'partner_key': keys['partner_key'],
            'push_key': keys['push_key'], 'rate_limit': 0})
        cls.tax = cls.env['account.tax'].create({
            'name': 'VAT 8 test', 'amount': 8, 'price_include_override': 'tax_excluded',
            'type_tax_use': 'sale'})
        cls.shirt = cls._product('AT-SG-DEN-L', 'Áo thun đen L')
        cls.jeans = cls._product('QJ-30', 'Quần jean 30')
        cls.warehouse = cls.env['stock.warehouse'].search(
            [('company_id', '=', cls.env.company.id)], limit=1)
        for product in cls.shirt + cls.jeans:
            cls.env['stock.quant']._update_available_quantity(
                product, cls.warehouse.lot_stock_id, 100)

    @classmethod
    def _product(cls, sku, name):
        return cls.env['product.product'].create({
            'name': name, 'default_code': sku, 'is_storable': True, 'list_price': 200000,
            'weight': 0.25, 'taxes_id': [(6, 0, cls.tax.ids)]})

    def setUp(self):
        super().setUp()
        self.sandbox.reset()

    def connected_shop(self, **vals):
        """A shop as it is after the consent page (which test_connect walks through)."""
        pair = self.control(f'/shops/{SHOP}/connect')
        shop = self.env['gtg.marketplace.shop'].create({
            'name': SHOP, 'app_id': self.app.id, 'shop_ref': SHOP, 'rate_limit': 0,
            'label_format': 'thermal', **vals})
        shop._store_token(pair['access_token'], pair['refresh_token'],
                          fields.Datetime.now() + timedelta(seconds=14400))
        shop._gtg_connected()
        self.app._gtg_connected()
        for account in (shop, self.app):
            self.env['gtg.connector.pace']._of(account)
        self.reset_pace()
        return shop

    def control(self, path, payload=None):
        return self.sandbox.post(f'/shopee{path}', payload or {})

    def order_at_shopee(self, sku='AT-SG-DEN-L', qty=2, **values):
        """A buyer orders; returns the order number."""
        made = self.control('/orders', {
            'cod': True, 'items': [{'sku': sku, 'qty': qty}], **values})
        return made['order_sn']

    def sale(self, ref):
        return self.env['sale.order'].search([('gtg_channel_ref', '=', ref)])

    def poll(self, shop):
        self.env['gtg.connector.health']._of(shop).next_poll_at = False
        shop._adapter()._poll(shop.sudo())
        self.env.invalidate_all()

    def receive_pushes(self):
        """Let the sandbox post its messages to this server."""
        self.env['ir.config_parameter'].set_param('web.base.url', self.base_url())
        keys = self.sandbox.provider('shopee').credentials()
        self.env.flush_all()
        self.control('/webhook', {
            'url': self.app.webhook_url, 'push_key': keys['push_key']})

    def deliver_pushes(self):
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            self.control('/pushes/flush')
        self.env.invalidate_all()

    def assertFails(self, kind, method, *args):
        """Like assertRaises, which in Odoo would also undo what has been done."""
        try:
            method(*args)
        except kind:
            return
        self.fail(f'no {kind.__name__}')

    def events(self, **values):
        return self.env['gtg.connector.event'].search(
            [(key, '=', value) for key, value in values.items()])
