import json
import time
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.gtg_connector_base.lib.clock import to_unix
from odoo.addons.gtg_connector_base.lib.errors import AuthExpired, Retryable
from odoo.addons.gtg_marketplace_connector.providers.shopee import const, signing

from .common import SHOP, ShopeeCase


@tagged('post_install', '-at_install')
class TestPushes(ShopeeCase):

    def setUp(self):
        super().setUp()
        self.shop = self.connected_shop()
        self.receive_pushes()

    def test_a_push_brings_the_order(self):
        ref = self.order_at_shopee()
        self.deliver_pushes()
        pushes = self.sandbox.get('/shopee/pushes')
        self.assertEqual({push['state'] for push in pushes}, {'delivered'})
        self.drain_inbox()
        self.assertEqual(self.sale(ref).state, 'sale')
        self.assertEqual(set(self.events().mapped('state')), {'done'})

    def test_pushes_of_a_whole_life_in_any_order_and_twice(self):
        ref = self.order_at_shopee()
        self.deliver_pushes()
        self.drain_inbox()
        self.sale(ref).action_gtg_arrange_shipment()
        self.drain()
        for mode in ('duplicate_push', 'reorder_push'):
            self.sandbox.faults('shopee', '*', mode, times=2)
        self.control(f'/orders/{ref}/pickup')
        self.control(f'/orders/{ref}/deliver')
        self.control(f'/orders/{ref}/complete')
        self.deliver_pushes()
        self.drain_inbox()
        order = self.sale(ref)
        self.assertEqual(len(order), 1)
        self.assertEqual(order.gtg_goods, 'delivered')
        self.assertEqual(order.gtg_stage, 'completed')
        self.assertEqual(order.picking_ids.state, 'done')

    def test_a_forged_push_is_refused(self):
        body = json.dumps({'code': 3, 'shop_id': int(SHOP), 'timestamp': 1,
                           'data': {'ordersn': 'X', 'status': 'CANCELLED'}}).encode()
        url = self.app.webhook_url
        good = signing.push_digest(self.app.push_key, url, body)
        for headers in ({}, {'Authorization': good[::-1]},
                        {'Authorization': signing.push_digest('other', url, body)}):
            answer = self.url_open(url, data=body, headers=headers)
            self.assertEqual(answer.status_code, 401)
        self.assertFalse(self.events(object_ref='X'))
        answer = self.url_open(url, data=body, headers={'Authorization': good})
        self.assertEqual((answer.status_code, answer.content), (200, b''))
        self.assertEqual(self.events(object_ref='X').state, 'new')
        self.assertEqual(self.events(object_ref='X').account_id, self.shop.id)
        # the old kind of app signs with its API key
        again = body.replace(b'"timestamp": 1', b'"timestamp": 2')
        answer = self.url_open(url, data=again, headers={
            'Authorization': signing.push_digest(self.app.partner_key, url, again)})
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(len(self.events(object_ref='X')), 1)

    def test_strange_bodies_make_no_traceback(self):
        url = self.app.webhook_url
        for body in (b' ', b'[]', b'{"code": "x"}', b'{"code": 3, "data": "text"}',
                     b'\xff\xfe', b'{"code": 999, "shop_id": "a", "data": [1]}'):
            digest = signing.push_digest(self.app.push_key, url, body)
            answer = self.url_open(url, data=body, headers={'Authorization': digest})
            self.assertIn(answer.status_code, (200, 400), body)
            self.assertEqual(answer.content, b'', body)

    def test_a_push_that_is_quicker_than_shopee_itself(self):
        body = json.dumps({'code': 3, 'shop_id': int(SHOP), 'timestamp': 1,
                           'data': {'ordersn': 'EARLY', 'status': 'UNPAID'}}).encode()
        url = self.app.webhook_url
        self.url_open(url, data=body, headers={
            'Authorization': signing.push_digest(self.app.push_key, url, body)})
        event = self.events(object_ref='EARLY')
        for attempt in range(1, 8):
            self.drain_inbox()
            self.assertEqual((event.state, event.attempt), ('new', attempt))
            self.assertGreater(event.next_try_at, fields.Datetime.now())
        self.drain_inbox()
        self.assertEqual(event.state, 'failed')
        self.assertTrue(event.error_text)

    def test_the_seller_takes_the_authorization_back(self):
        self.control(f'/shops/{SHOP}/revoke', {'how': 'seller'})
        self.deliver_pushes()
        self.drain_inbox()
        self.assertEqual(self.shop.state, 'reconnect')
        self.assertTrue(self.shop.next_action)

    def test_an_old_message_of_a_lost_authorization_does_nothing(self):
        self.control(f'/shops/{SHOP}/revoke', {'how': 'seller'})
        self.deliver_pushes()
        pair = self.control(f'/shops/{SHOP}/connect')
        self.shop._store_token(pair['access_token'], pair['refresh_token'])
        self.drain_inbox()
        self.assertEqual(self.shop.state, 'connected')

    def test_lost_pushes_are_fetched_and_confirmed(self):
        self.control('/settings', {'push_retry_scale': 0.0})
        self.control('/webhook', {'url': 'http://127.0.0.1:9/none'})
        ref = self.order_at_shopee()
        for _attempt in range(6):
            self.control('/pushes/flush')
        self.assertFalse(self.events(object_ref=ref))
        self.app._adapter()._poll(self.app.sudo())
        self.assertTrue(self.events(object_ref=ref))
        self.drain_inbox()
        self.assertTrue(self.sale(ref))
        calls = len(self.sandbox.calls('shopee', 'get_lost_push_message'))
        self.app._adapter()._poll(self.app.sudo())
        self.assertEqual(len(self.sandbox.calls(
            'shopee', 'get_lost_push_message')), calls + 1)
        self.assertEqual(len(self.events(object_ref=ref).filtered(
            lambda event: event.topic == 'order')), 1)


@tagged('post_install', '-at_install')
class TestPoll(ShopeeCase):

    def test_many_pages_and_batches(self):
        shop = self.connected_shop()
        with patch.multiple(const, PAGE_SIZE=3, DETAIL_BATCH=2):
            refs = [self.order_at_shopee(push=False) for _index in range(8)]
            self.poll(shop)
        self.assertEqual(set(self.env['sale.order'].search(
            [('gtg_shop_id', '=', shop.id)]).mapped('gtg_channel_ref')), set(refs))
        self.assertTrue(shop.order_cursor)

    def test_a_list_that_repeats_itself_ends(self):
        shop = self.connected_shop()
        ref = self.order_at_shopee(push=False)
        pages = []

        def endless(client, *args, **kwargs):
            pages.append(args)
            return {'more': True, 'next_cursor': 'again',
                    'order_list': [{'order_sn': ref}]}
        adapter = shop._adapter()
        with patch('odoo.addons.gtg_marketplace_connector.providers.shopee.client.'
                   'ShopeeClient.order_list', endless):
            self.assertFails(Retryable, adapter._poll, shop)
        self.assertLess(len(pages), 5)
        self.assertTrue(self.sale(ref), 'what was named is not lost')
        self.assertFalse(shop.order_cursor, 'and the rest is asked for again')

    def test_an_expired_token_is_renewed_once_on_the_way(self):
        shop = self.connected_shop()
        refs = [self.order_at_shopee(push=False) for _index in range(2)]
        self.control(f'/shops/{SHOP}/expire_tokens')
        self.poll(shop)
        self.assertTrue(all(self.sale(ref) for ref in refs))
        self.assertEqual(len(self.sandbox.ledger('shopee', 'token_refresh')), 1)

    def test_a_lost_refresh_token_asks_for_a_person(self):
        shop = self.connected_shop()
        shop._store_token('gone', 'used up before')
        self.env.flush_all()
        self.assertFails(AuthExpired, shop._adapter()._poll, shop)
        self.env.invalidate_all()
        self.assertEqual(shop.state, 'reconnect')
        self.assertIn('connect again', shop.next_action.lower())

    def test_every_kind_of_bad_answer_loses_nothing(self):
        shop = self.connected_shop(history_days=1)
        ref = self.order_at_shopee(push=False)
        for mode in ('status:502', 'html', 'truncated', 'empty', 'rate_limit',
                     'lose_response', 'reset_before'):
            for operation in ('get_order_list', 'get_order_detail'):
                self.sandbox.faults('shopee', operation, mode, times=1)
                self.assertFails(Retryable, shop._adapter()._poll, shop)
                self.assertFalse(self.sale(ref), f'{operation} {mode}')
                self.assertFalse(shop.order_cursor)
        self.poll(shop)
        self.assertTrue(self.sale(ref))

    def sick(self, refs, operation='get_order_detail'):
        self.control('/settings', {'sick_orders': {ref: [operation] for ref in refs}})

    def test_one_order_that_shopee_always_fails_at_holds_up_no_other(self):
        shop = self.connected_shop()
        for operation, item in (('get_order_detail', {}),
                                ('get_escrow_detail', {'bundle': True})):
            refs = [self.control('/orders', {
                'cod': True, 'push': False,
                'items': [{'sku': 'AT-SG-DEN-L', 'qty': 2, **item}]})['order_sn']
                for _index in range(3)]
            before = shop.order_cursor
            self.sick(refs[:1], operation)
            self.poll(shop)
            self.assertEqual([bool(self.sale(ref)) for ref in refs],
                             [False, True, True], operation)
            self.assertTrue(shop.order_cursor)
            self.assertTrue(not before or shop.order_cursor >= before)
            self.poll(shop)
            event = self.events(object_ref=refs[0])
            self.assertEqual(event.mapped('state'), ['new'], 'it waits, once')
            self.drain_inbox()
            self.assertEqual((event.state, event.attempt), ('new', 1))
            self.sick([])
            self.drain_inbox()
            self.assertEqual(event.state, 'done')
            self.assertTrue(self.sale(refs[0]))

    def test_a_sick_order_alone_in_the_list_stops_the_poll_only_until_it_is_known(self):
        shop = self.connected_shop()
        month = 30 * 86400
        old = self.order_at_shopee(push=False, create_time=int(time.time()) - month)
        self.assertTrue(old)
        shop.history_days = 40  # so that it is alone in the first window
        new = self.order_at_shopee(push=False)
        self.sick([old])
        self.assertFails(Retryable, shop._adapter()._poll, shop)
        self.assertFalse(self.sale(new), 'it could have been Shopee itself')
        for _attempt in range(3):
            self.drain_inbox()
        self.poll(shop)
        self.assertTrue(self.sale(new))
        event = self.events(object_ref=old)
        self.assertEqual(event.mapped('state'), ['new'])
        event.state = 'failed'  # a person knows: the poll goes on, too
        shop.order_cursor = False
        self.poll(shop)
        self.assertTrue(shop.order_cursor)
        self.assertEqual(self.events(object_ref=old), event)

    def test_shopee_in_trouble_stops_the_poll(self):
        shop = self.connected_shop(history_days=1)
        refs = [self.order_at_shopee(push=False) for _index in range(5)]
        self.sick(refs)
        self.assertFails(Retryable, shop._adapter()._poll, shop)
        self.assertFalse(shop.order_cursor)
        self.assertLess(len(self.sandbox.calls('shopee', 'get_order_detail')), 5)
        self.sick([])
        self.poll(shop)
        self.assertTrue(all(self.sale(ref) for ref in refs))

    def test_the_cursor_stays_behind_the_moment_the_list_was_asked_for(self):
        shop = self.connected_shop(history_days=1)
        ref = self.order_at_shopee(push=False)
        adapter = type(shop._adapter())
        listed = adapter._changed_refs
        asked = []

        def slow(model, client, start, end):
            found = listed(model, client, start, end)
            asked.append(end)
            self.sandbox.post('/clock', {'advance': 1200})
            self.control(f'/orders/{ref}/cancel_request')
            self.sandbox.post('/clock', {'advance': -1200})
            return found
        with patch.object(adapter, '_changed_refs', slow):
            self.poll(shop)
        self.assertEqual(self.sale(ref).gtg_platform_state, 'cancel_requested')
        self.assertLessEqual(to_unix(shop.order_cursor), asked[0])

    def test_success_spelt_otherwise(self):
        shop = self.connected_shop()
        self.control('/settings', {'success_error': '-', 'all_200': True})
        ref = self.order_at_shopee(push=False)
        self.poll(shop)
        self.assertTrue(self.sale(ref))
