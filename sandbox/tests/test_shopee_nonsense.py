"""Shopee sandbox: whatever is sent gets a refusal, never a crash of the sandbox."""

import copy

import pytest
import requests

import sandbox

from .shopee_caller import LABEL, Shopee

NASTY = [
    None, '', 'x', '--5', 0, -1, 1.5, 10**30, float('inf'), True, [], {}, [1], ['x'],
    [None], [[]], [{}], {'a': 1}, '\x00', '🙂' * 50,
]
POSTS = {
    'auth/token/get': {'code': 'x', 'partner_id': 2011234, 'shop_id': 1},
    'auth/access_token/get': {
        'refresh_token': 'x', 'partner_id': 2011234, 'shop_id': 1
    },
    'order/search_package_list': {
        'filter': {
            'package_status': 2, 'fulfillment_type': 2, 'logistics_channel_ids': [1]
        },
        'pagination': {'page_size': 50, 'cursor': ''},
        'sort': {'sort_type': 1, 'ascending': True},
    },
    'order/cancel_order': {
        'order_sn': 'SN', 'cancel_reason': 'OUT_OF_STOCK',
        'partial_cancel_item_list': [
            {'item_id': 1, 'model_id': 1, 'model_quantity': 1}
        ],
    },
    'order/handle_buyer_cancellation': {'order_sn': 'SN', 'operation': 'ACCEPT'},
    'order/split_order': {
        'order_sn': 'SN',
        'package_list': [{'item_list': [{'item_id': 1, 'model_id': 1}]}, {}],
    },
    'order/unsplit_order': {'order_sn': 'SN'},
    'order/set_note': {'order_sn': 'SN', 'note': 'x'},
    'order/get_buyer_invoice_info': {'queries': [{'order_sn': 'SN'}]},
    'logistics/ship_order': {
        'order_sn': 'SN', 'pickup': {'address_id': 1, 'pickup_time_id': '1'}
    },
    'logistics/update_shipping_order': {
        'order_sn': 'SN', 'pickup': {'address_id': 1, 'pickup_time_id': '1'}
    },
    'logistics/get_mass_shipping_parameter': {
        'package_list': [{'package_number': 'x'}]
    },
    'logistics/mass_ship_order': {
        'package_list': [{'package_number': 'x'}],
        'non_integrated': {
            'tracking_number': [{'package_number': 'x', 'tracking_number': 'y'}]
        },
    },
    'logistics/create_shipping_document': {
        'order_list': [
            {
                'order_sn': 'SN', 'package_number': 'x', 'tracking_number': 'x',
                'shipping_document_type': LABEL,
            }
        ]
    },
    'logistics/get_shipping_document_result': {'order_list': [{'order_sn': 'SN'}]},
    'logistics/download_shipping_document': {
        'shipping_document_type': LABEL, 'order_list': [{'order_sn': 'SN'}]
    },
    'product/update_stock': {
        'item_id': 23812345678,
        'stock_list': [{'model_id': 1, 'seller_stock': [{'stock': 1}]}],
    },
    'product/update_price': {
        'item_id': 23812345680,
        'price_list': [{'model_id': 0, 'original_price': 60000}],
    },
    'product/unlist_item': {'item_list': [{'item_id': 1, 'unlist': True}]},
    'payment/get_escrow_detail_batch': {'order_sn_list': ['SN']},
    'returns/confirm': {'return_sn': 'x'},
    'push/confirm_consumed_lost_push_message': {'last_message_id': 1},
}
GETS = {
    'order/get_order_list': {
        'time_range_field': 'update_time', 'time_from': 1, 'time_to': 2,
        'page_size': 50, 'cursor': '', 'order_status': 'UNPAID',
    },
    'order/get_order_detail': {'order_sn_list': 'x', 'response_optional_fields': ''},
    'order/get_package_detail': {'package_number_list': 'x'},
    'logistics/get_shipping_parameter': {'order_sn': 'SN', 'package_number': ''},
    'logistics/get_tracking_number': {'order_sn': 'SN', 'package_number': ''},
    'product/get_item_list': {'offset': 0, 'page_size': 1, 'item_status': 'NORMAL'},
    'product/get_item_base_info': {'item_id_list': '1'},
    'product/get_model_list': {'item_id': 1},
    'payment/get_escrow_list': {
        'release_time_from': 1, 'release_time_to': 2, 'page_size': 1, 'page_no': 1
    },
    'payment/get_wallet_transaction_list': {'page_no': 0, 'page_size': 1},
    'returns/get_return_list': {
        'page_no': 0, 'page_size': 40, 'create_time_from': 1, 'create_time_to': 2
    },
    'public/get_shops_by_partner': {'page_no': 1, 'page_size': 1},
}


@pytest.fixture(scope='module')
def shopee():
    with sandbox.start(providers=['shopee']) as box:
        yield Shopee(box)


def places(value, path=()):
    """Yield the path of every part of a JSON value."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ()
    )
    for key, part in inner:
        yield from places(part, (*path, key))


def spoiled(body):
    """Yield the body with each of its parts replaced by each nasty value."""
    for path in places(body):
        for nasty in NASTY:
            changed = copy.deepcopy(body)
            target = changed
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = nasty
            yield changed
    yield from ([], 'x', 5, None)


def check(shopee, answer, sent):
    last = shopee.sandbox.provider('shopee').calls[-1]
    assert last['verdict'] in ('ok', 'refused'), (sent, last)
    assert answer.status_code in (200, 403), (sent, answer.text)
    assert 'error' in answer.json() or answer.content.startswith(b'%PDF')


@pytest.mark.parametrize('path', POSTS)
def test_bodies(shopee, path):
    number = shopee.order()
    for body in spoiled(POSTS[path]):
        if isinstance(body, dict) and body.get('order_sn') == 'SN':
            body['order_sn'] = number
        answer = shopee.post(path, body, public=path.startswith(('auth', 'push')))
        check(shopee, answer, body)


@pytest.mark.parametrize('path', GETS)
def test_queries(shopee, path):
    shopee.order()
    for params in spoiled(GETS[path]):
        if isinstance(params, dict):
            answer = shopee.send('GET', path, params, public=path.startswith('public'))
            check(shopee, answer, params)


@pytest.mark.parametrize('body', [b'', b'{', b'\xff\xfe', b'[' * 3000])
def test_broken_json(shopee, body):
    path = '/api/v2/order/set_note'
    stamp = shopee.now
    sign = shopee.sign(path, stamp, shopee.access_token, shopee.shop_id)
    query = (
        f'partner_id={shopee.partner_id}&timestamp={stamp}&sign={sign}'
        f'&access_token={shopee.access_token}&shop_id={shopee.shop_id}'
    )
    answer = requests.post(f'{shopee.url}{path}?{query}', data=body, timeout=60)
    check(shopee, answer, body)
    assert answer.json()['error'] == 'error_param'


@pytest.mark.parametrize('redirect', ['http://[', '//localhost', 'http:/localhost', ''])
def test_odd_redirects(shopee, redirect):
    params = {
        'auth_type': 'seller', 'partner_id': shopee.partner_id,
        'redirect_uri': redirect, 'response_type': 'code',
    }
    answer = shopee.send('GET', '/auth', params, public=True)
    assert answer.status_code == 400 and answer.json()['error'] == 'error_param'
