import re
from urllib.parse import parse_qs, urlsplit

import requests

from odoo.tests import new_test_user, tagged

from ..hooks import uninstall_hook
from .common import SHOP, ShopeeCase


@tagged('post_install', '-at_install')
class TestConnect(ShopeeCase):

    def setUp(self):
        super().setUp()
        self.env['ir.config_parameter'].set_param('web.base.url', self.base_url())
        groups = ('gtg_order_flow.group_shop_manager,'
                  'gtg_connector_base.group_connector_manager')
        self.user = new_test_user(self.env, 'lan', groups=groups)
        self.other = new_test_user(self.env, 'minh', groups=groups)
        self.authenticate('lan', 'lan')

    def begin(self, shop=None, user=None):
        record = shop or self.app
        action = record.with_user(user or self.user)
        action = action.action_connect() if shop else action.action_connect_shop()
        self.env.flush_all()
        return action['url']

    def consent(self, url, account=f'shop:{SHOP}'):
        """What the seller does on Shopee's page; returns where it sends back to."""
        page = requests.get(url, timeout=60)
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        answer = requests.post(
            url.partition('?')[0], data={**form, 'account': account, 'days': '30'},
            allow_redirects=False, timeout=60)
        return answer.headers['Location'].replace('&amp;', '&')

    def visit(self, url):
        answer = self.url_open(url, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def test_a_shop_is_connected(self):
        back = self.consent(self.begin())
        self.assertTrue(back.startswith(self.app.redirect_url + '?'))
        answer = self.visit(back)
        self.assertEqual(answer.status_code, 303, answer.text)
        shop = self.env['gtg.marketplace.shop'].search([('shop_ref', '=', SHOP)])
        self.assertEqual(shop.state, 'connected')
        self.assertEqual(shop.region, 'VN')
        self.assertEqual(shop.name, 'Áo Thun Sài Gòn')
        self.assertEqual(shop.channel_id.kind, 'marketplace')
        self.assertTrue(shop.authorization_expires_at)
        self.assertEqual(self.app.state, 'connected')
        self.assertIn(str(shop.id), answer.headers['Location'])
        # the end is near enough to warn
        shop.authorization_expires_at = '2026-11-25 00:00:00'
        self.assertIn('ends soon', shop.next_action)

    def test_the_way_back_serves_once_and_its_user_only(self):
        back = self.consent(self.begin(user=self.other))
        self.assertEqual(self.visit(back).status_code, 400)
        back = self.consent(self.begin())
        self.assertEqual(self.visit(back).status_code, 303)
        answer = self.visit(back)
        self.assertEqual(answer.status_code, 400)
        self.assertIn('press &#34;Connect&#34; again', answer.text)
        self.assertEqual(len(self.sandbox.ledger('shopee', 'token_exchange')), 1)
        without = re.sub(r'state=[^&]*', 'state=guess', self.consent(self.begin()))
        self.assertEqual(self.visit(without).status_code, 400)

    def test_too_late(self):
        back = self.consent(self.begin())
        self.env['gtg.marketplace.connect'].search([]).expires_at = '2020-01-01 00:00:00'
        self.assertEqual(self.visit(back).status_code, 400)
        self.assertFalse(self.sandbox.ledger('shopee', 'token_exchange'))

    def test_another_shop_than_the_one_to_reconnect(self):
        shop = self.connected_shop()
        back = self.consent(self.begin(shop), account='shop:226417939')
        answer = self.visit(back)
        self.assertEqual(answer.status_code, 400)
        self.assertIn('Another shop', answer.text)
        self.assertEqual(shop.shop_ref, SHOP)
        self.assertFalse(self.env['gtg.marketplace.shop'].search(
            [('shop_ref', '=', '226417939')]))

    def test_a_swapped_shop_id_is_noticed(self):
        back = self.consent(self.begin()).replace(f'shop_id={SHOP}', 'shop_id=226417939')
        self.assertEqual(self.visit(back).status_code, 400)
        self.assertFalse(self.env['gtg.marketplace.shop'].search([]))

    def test_a_main_account_brings_all_its_shops(self):
        back = self.consent(self.begin(), account='main:1203398')
        self.assertEqual(self.visit(back).status_code, 303)
        shops = self.env['gtg.marketplace.shop'].search([])
        self.assertEqual(set(shops.mapped('shop_ref')), {SHOP, '226417939'})
        self.assertEqual(set(shops.mapped('state')), {'connected'})

    def test_the_seller_refuses(self):
        state = parse_qs(urlsplit(self.begin()).query)['state'][0]
        answer = self.visit(f'{self.app.redirect_url}?state={state}&error=access_denied')
        self.assertEqual(answer.status_code, 400)

    def test_staff_may_not_connect(self):
        new_test_user(self.env, 'nhan', groups='gtg_order_flow.group_shop_staff')
        self.authenticate('nhan', 'nhan')
        self.assertEqual(self.visit(
            f'{self.app.redirect_url}?state=x&code=y&shop_id=1').status_code, 404)

    def test_reconnecting_goes_on_where_it_stopped(self):
        shop = self.connected_shop()
        ref = self.order_at_shopee(push=False)
        self.control(f'/shops/{SHOP}/revoke', {'how': 'seller'})
        shop._store_token('gone', 'gone')
        shop.state = 'reconnect'
        self.assertEqual(self.visit(self.consent(self.begin(shop))).status_code, 303)
        self.reset_pace()
        self.assertEqual(shop.state, 'connected')
        self.poll(shop)
        self.assertTrue(self.sale(ref))

    def test_the_test_buttons_prove_it(self):
        shop = self.connected_shop()
        message = self.app.action_test_connection()['params']['message']
        self.assertIn('1', message)
        self.assertIn('Áo Thun', shop.action_test_connection()['params']['message'])

    def test_uninstalling_leaves_nothing_to_a_later_installation(self):
        shop = self.connected_shop()
        ref = self.order_at_shopee(push=False)
        self.poll(shop)
        self.sale(ref).action_gtg_arrange_shipment()
        shop._ask_again('X', 'x')
        uninstall_hook(self.env)
        for name in ('token', 'health', 'pace', 'event', 'task'):
            self.assertFalse(self.env[f'gtg.connector.{name}'].search([
                ('account_model', '=like', 'gtg.marketplace.%')]), name)

    def test_in_the_browser(self):
        """The person comes back from the seller's page to the connected shop."""
        back = self.consent(self.begin())
        self.start_tour(back.partition(self.base_url())[2],
                        'gtg_marketplace_connect_shop', login='lan')
        skus = self.env['gtg.marketplace.listing.sku'].search([])
        self.assertEqual(set(skus.filtered('product_id').mapped('sku')),
                         {'AT-SG-DEN-L', 'QJ-30'})
