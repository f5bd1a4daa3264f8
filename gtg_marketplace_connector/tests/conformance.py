"""What every marketplace must do, whatever it is called.

A provider plugs in with a class of its own and the facts below::

    @tagged('post_install', '-at_install')
    class TestLazada(MarketplaceConformance, LazadaCase):
        facts = MarketplaceFacts(code='lazada', ...)

`LazadaCase` offers what `ShopeeCase` in `common.py` offers: ``connected_shop``, ``poll``,
``sale``, ``drain``, ``drain_inbox``, ``receive_pushes``, ``deliver_pushes``,
``control`` and ``order_at_shop(sku, qty, **facts)``. It does not inherit tests: this class
is a plain mixin and runs only where it is mixed in.
"""

from dataclasses import dataclass, field

from odoo.addons.gtg_connector_base.lib.errors import Retryable

BAD_ANSWERS = ('status:502', 'html', 'truncated', 'empty', 'lose_response',
               'reset_before')


@dataclass(frozen=True)
class MarketplaceFacts:
    """What differs between marketplaces, in the words of their sandboxes."""

    code: str
    known_sku: str  # the case class has a product with this SKU
    unknown_sku: str
    list_operation: str  # reads that a poll makes, named as the sandbox names them
    detail_operation: str
    ship_operation: str  # the irreversible call ...
    ship_effect: str  # ... and its name in the ledger
    refresh_effect: str
    cod: dict = field(default_factory=lambda: {'cod': True})
    prepaid: dict = field(default_factory=lambda: {'cod': False, 'paid': True})
    wrong_total: dict = field(default_factory=lambda: {'total_mismatch': 1000})
    silent: dict = field(default_factory=lambda: {'push': False})
    expire_tokens: str = ''  # control path
    life: tuple = ('pickup', 'deliver', 'complete')  # verbs after shipment
    cancel: str = 'cancel'
    cancel_request: str = 'cancel_request'


class MarketplaceConformance:
    facts: MarketplaceFacts

    def order_of(self, shop, **values):
        facts = self.facts
        ref = self.order_at_shop(
            values.pop('sku', facts.known_sku), values.pop('qty', 2),
            **{**facts.cod, **facts.silent, **values})
        self.poll(shop)
        return self.sale(ref)

    def effects(self, name):
        return len(self.sandbox.ledger(self.facts.code, name))

    def verb(self, order, verb):
        self.control(f'/orders/{order.gtg_channel_ref}/{verb}')

    # === ORDERS IN === #

    def test_totals_are_the_platforms_to_the_dong(self):
        shop = self.connected_shop()
        for values in (self.facts.cod, self.facts.prepaid):
            order = self.order_of(shop, **values)
            self.assertEqual(order.state, 'sale')
            self.assertEqual(order.amount_total, order.gtg_platform_total)
            self.assertGreater(order.amount_tax, 0)
            self.assertEqual(order.gtg_money, 'cod' if values['cod'] else 'paid')

    def test_push_and_poll_make_one_order(self):
        shop = self.connected_shop()
        self.receive_pushes()
        ref = self.order_at_shop(self.facts.known_sku, 1, **self.facts.cod)
        self.deliver_pushes()
        self.poll(shop)
        self.drain_inbox()
        self.poll(shop)
        self.assertEqual(len(self.sale(ref)), 1)
        self.assertEqual(set(self.events().mapped('state')), {'done'})

    def test_unknown_sku_is_held_then_paired(self):
        shop = self.connected_shop()
        order = self.order_of(shop, sku=self.facts.unknown_sku)
        self.assertEqual(order.gtg_open_hold_ids.reason_id.code, 'unmatched_sku')
        order.order_line.gtg_listing_sku_id.product_id = self.shirt
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.amount_total, order.gtg_platform_total)

    def test_a_wrong_total_is_held(self):
        order = self.order_of(self.connected_shop(), **self.facts.wrong_total)
        self.assertEqual(order.gtg_open_hold_ids.reason_id.code, 'total_mismatch')
        self.assertEqual(order.state, 'draft')

    def test_bad_answers_lose_nothing(self):
        shop = self.connected_shop(history_days=1)
        ref = self.order_at_shop(self.facts.known_sku, 1, **self.facts.silent)
        for operation in (self.facts.list_operation, self.facts.detail_operation):
            for mode in (*BAD_ANSWERS, 'rate_limit'):
                self.sandbox.faults(self.facts.code, operation, mode, times=1)
                self.assertFails(Retryable, shop._adapter()._poll, shop)
        self.poll(shop)
        self.assertTrue(self.sale(ref))

    def test_an_expired_token_is_renewed_once(self):
        shop = self.connected_shop()
        self.control(self.facts.expire_tokens)
        self.assertTrue(self.order_of(shop))
        self.assertEqual(self.effects(self.facts.refresh_effect), 1)

    def test_strangers_are_not_believed(self):
        self.connected_shop()
        self.receive_pushes()
        answer = self.url_open(self.app.webhook_url, data=b'{"code": 3, "type": 0}')
        self.assertEqual(answer.status_code, 401)
        self.assertFalse(self.events())

    # === SHIPMENT === #

    def test_shipment_is_arranged_once_whatever_the_answer(self):
        shop = self.connected_shop()
        for mode in BAD_ANSWERS:
            order = self.order_of(shop)
            before = self.effects(self.facts.ship_effect)
            self.sandbox.faults(
                self.facts.code, self.facts.ship_operation, mode, times=1)
            order.action_gtg_arrange_shipment()
            self.drain()
            self.assertEqual(self.effects(self.facts.ship_effect), before + 1, mode)
            package = order.gtg_package_ids
            self.assertTrue(package.tracking_number, mode)
            self.assertEqual(package.label_id.raw[:4], b'%PDF', mode)

    def test_a_life(self):
        shop = self.connected_shop()
        order = self.order_of(shop)
        order.action_gtg_arrange_shipment()
        self.drain()
        for verb in self.facts.life:
            self.verb(order, verb)
            self.poll(shop)
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertEqual(order.gtg_stage, 'completed')

    def test_cancelling(self):
        shop = self.connected_shop()
        order = self.order_of(shop)
        self.verb(order, self.facts.cancel_request)
        self.poll(shop)
        self.assertEqual(order.gtg_open_hold_ids.reason_id.code, 'buyer_cancel')
        self.verb(order, 'accept_cancel')
        self.poll(shop)
        self.assertEqual(order.gtg_stage, 'cancelled')
        other = self.order_of(shop)
        self.verb(other, self.facts.cancel)
        self.poll(shop)
        self.assertEqual(other.state, 'cancel')
