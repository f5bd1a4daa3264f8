"""A shop in Ho Chi Minh City with one carrier, against the carrier's sandbox."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo import SUPERUSER_ID, Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.gtg_connector_base.tests.common import ProviderCase


class Mailbox:
    """Collects the webhooks of a sandbox, so that a test hands them over as it
    likes: in another order, twice, or never."""

    def __init__(self):
        box = self
        self.letters = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                box.letters.append((dict(self.headers.items()), body))
                self.send_response(200)
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}/'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def take(self):
        letters, self.letters = self.letters, []
        return letters


class CarrierCase(ProviderCase, AccountTestInvoicingCommon):
    """``bench`` is what differs between carriers; see conformance.py."""

    bench = None

    @classmethod
    @AccountTestInvoicingCommon.setup_country('vn')
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        cls.env.user.group_ids |= cls.env.ref('base.group_system') | cls.env.ref(
            'gtg_order_flow.group_shop_manager')
        cls.start_sandbox(cls.bench.provider)
        cls.mailbox = Mailbox()
        cls.addClassCleanup(cls.mailbox.close)
        cls.warehouse = cls.env['stock.warehouse'].search(
            [('company_id', '=', cls.company.id)], limit=1)
        cls.box = cls.env['stock.package.type'].create({
            'name': 'Box 15', 'packaging_length': 150, 'width': 150, 'height': 150})
        cls.shirt = cls.env['product.product'].create({
            'name': 'Áo thun cổ tròn', 'default_code': 'AT-M', 'is_storable': True,
            'list_price': 350000, 'weight': 0.8, 'taxes_id': False})
        cls.env['stock.quant']._update_available_quantity(
            cls.shirt, cls.warehouse.lot_stock_id, 1000)
        cls.account = cls.make_account()
        cls.carrier = cls.env['delivery.carrier'].create({
            'name': 'Test carrier', 'delivery_type': cls.bench.delivery_type,
            'product_id': cls.env['product.product'].create({
                'name': 'Shipping', 'type': 'service', 'list_price': 0,
                'taxes_id': False}).id,
            'gtg_account_id': cls.account.id, 'company_id': cls.company.id})
        cls.bench.prepare(cls.sandbox, cls.mailbox, cls.account)
        cls.account.action_test_connection()
        cls.drain()
        assert cls.account.catalogue_count, cls.env['gtg.connector.task'].search([]).read()

    @classmethod
    def make_account(cls, **values):
        return cls.env['gtg.carrier.account'].create({
            'name': 'Sandbox', 'provider': cls.bench.provider, 'environment': 'custom',
            'custom_url': cls.sandbox.url(cls.bench.provider), 'rate_limit': 0,
            'company_id': cls.company.id, 'package_type_id': cls.box.id,
            **cls.bench.account_values(cls.sandbox), **values})

    def setUp(self):
        super().setUp()
        self.sandbox.reset()
        self.bench.prepare(self.sandbox, self.mailbox, self.account)
        self.mailbox.take()

    # === ORDERS === #

    def buyer(self, **values):
        return self.env['res.partner'].create({
            'name': 'Nguyễn Thị Bưởi', 'email': 'buoi@example.com',
            'phone': '+84 912 345 678', 'country_id': self.env.ref('base.vn').id,
            **self.bench.address(self.env), **values})

    def order(self, cod=True, quantity=1, confirm=True, buyer=None, **values):
        """A confirmed order; by default its waybill is wished for already."""
        order = self.env['sale.order'].create({
            'partner_id': (buyer or self.buyer()).id, 'company_id': self.company.id,
            'carrier_id': self.carrier.id, 'gtg_is_cod': cod,
            'order_line': [Command.create({
                'product_id': self.shirt.id, 'product_uom_qty': quantity,
                'price_unit': 350000})], **values})
        if confirm:
            order.action_confirm()
        return order

    def packed_order(self):
        """Two packages of one delivery, not requested yet."""
        self.carrier.gtg_auto_request = False
        order = self.order(quantity=2)
        picking = order.picking_ids
        line = picking.move_line_ids
        line.quantity = 1
        line.copy({'quantity': 1})
        for row in picking.move_line_ids:
            row.result_package_id = self.env['stock.package'].create(
                {'package_type_id': self.box.id})
        return order

    def ready_order(self, **values):
        """An order whose parcel waits for the courier."""
        order = self.order(**values)
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'ready',
                         order.gtg_parcel_ids.problem)
        return order

    # === WEBHOOKS === #

    def letters(self):
        """Webhooks the carrier has sent so far."""
        self.sandbox.post(f'/{self.bench.provider}/pushes/flush', {})
        return self.mailbox.take()

    def hand_over(self, letters, account=None):
        """Give webhooks to the account: stored and processed."""
        account = (account or self.account).with_user(SUPERUSER_ID)
        event = account.env['gtg.connector.event']
        for headers, body in letters:
            notices = account._adapter()._webhook_notices(
                account, {key: value for key, value in headers.items()}, body)
            event._store(account, notices, body)
        self.drain_inbox()

    def move(self, parcel, *steps):
        """The carrier moves the parcel, tells us, and we listen."""
        for step in steps:
            self.bench.move(self.sandbox, parcel.tracking_number, step)
        self.hand_over(self.letters())

    # === LOOKING === #

    def effects(self, kind='create'):
        return self.bench.effects(self.sandbox, kind)

    def fault(self, operation, mode, **options):
        self.sandbox.faults(self.bench.provider, self.bench.operations[operation],
                            mode, **{'times': 1, **options})

    def holds(self, order):
        return set(order._gtg_open_holds().reason_id.mapped('code'))

    def told(self, order):
        """What the staff is asked to look at."""
        return ' | '.join(order.activity_ids.mapped('summary'))

    def payload(self, letter):
        return json.loads(letter[1])
