"""Works a Shopee order with pyshopee against the sandbox; see README.md."""

import contextlib
import io
import os
import sys
import time
import types
from urllib.parse import parse_qs, urlsplit

import requests

# The package opens a browser for authorization; nothing here needs one.
sys.modules['selenium'] = types.ModuleType('selenium')
sys.modules['selenium'].webdriver = None

from pyshopee2.client import Client  # noqa: E402

CONTROL = os.environ.get('SANDBOX_CONTROL', 'http://127.0.0.1:8900')
LABEL = 'THERMAL_AIR_WAYBILL'


def ask(method, path, body=None):
    answer = requests.request(method, CONTROL + path, json=body, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def step(text):
    sys.stdout.write(f'ok  {text}\n')


def quiet(function, *args, **values):
    """Call the SDK without what it prints (keys and tokens among it)."""
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*args, **values)


def good(function, **values):
    body = quiet(function, **values)
    assert body['error'] == '', body
    return body.get('response', body)


def main():
    shopee = next(row for row in ask('GET', '/providers') if row['code'] == 'shopee')
    ask('POST', '/shopee/reset')
    keys = shopee['credentials']
    shop_id = int(next(iter(keys['shops'])))
    client = Client(
        shop_id, keys['partner_id'], keys['partner_key'], 'http://localhost:8069/back'
    )
    client.host = shopee['url']

    # === AUTHORIZE, BY THE OLD SIGNED LINK === #
    page = requests.get(client.shop_authorization(client.redirect_url), timeout=10)
    assert 'Confirm authorization' in page.text
    fields = {key: one[0] for key, one in parse_qs(urlsplit(page.url).query).items()}
    fields['account'] = f'shop:{shop_id}'
    back = requests.post(
        keys['auth_url'], data=fields, allow_redirects=False, timeout=10
    )
    landed = parse_qs(urlsplit(back.headers['Location']).query)
    client.code = landed['code'][0]
    quiet(client.get_token)
    step('authorized by the signed link and exchanged the code')
    old = client.refresh_token
    quiet(client.get_access_token, shop_id, keys['partner_id'], '', old)
    assert client.refresh_token != old
    assert good(client.shop.get_shop_info)['region'] == 'VN'
    step('refreshed')

    # === READ === #
    made = ask('POST', '/shopee/orders', {'items': [{'sku': 'QJ-31', 'qty': 1}]})
    number = made['order_sn']
    now = int(time.time())
    listed = good(
        client.order.get_order_list,
        time_range_field='update_time',
        time_from=now - 86400,
        time_to=now + 60,
        page_size=50,
    )
    assert listed['order_list'] == [{'order_sn': number}]
    detail = good(
        client.order.get_order_detail,
        order_sn_list=number,
        response_optional_fields='item_list,total_amount',
    )['order_list'][0]
    assert detail['total_amount'] == made['total']
    step('found the order and read it')

    # === SHIP === #
    parameter = good(client.logistics.get_shipping_parameter, order_sn=number)
    address = parameter['pickup']['address_list'][0]
    pickup = {
        'address_id': address['address_id'],
        'pickup_time_id': address['time_slot_list'][0]['pickup_time_id'],
    }
    good(client.logistics.ship_order, order_sn=number, pickup=pickup)
    again = quiet(client.logistics.ship_order, order_sn=number, pickup=pickup)
    assert again['error'] == ' logistics.package_already_shipped'
    found = good(client.logistics.get_tracking_number, order_sn=number)
    tracking = found['tracking_number']
    step(f'arranged the shipment once, got {tracking}')
    row = {'order_sn': number, 'shipping_document_type': LABEL}
    good(
        client.logistics.create_shipping_document,
        order_list=[{**row, 'tracking_number': tracking}],
    )
    result = good(client.logistics.get_shipping_document_result, order_list=[row])
    assert result['result_list'][0]['status'] == 'READY'
    try:
        quiet(
            client.logistics.download_shipping_document,
            shipping_document_type=LABEL,
            order_list=[{'order_sn': number}],
        )
        raise AssertionError('the SDK read a PDF as JSON')
    except ValueError:
        step('made a label (this SDK cannot read files: it wants JSON)')

    # === MONEY === #
    for verb in ('pickup', 'deliver', 'complete'):
        ask('POST', f'/shopee/orders/{number}/{verb}')
    escrow = good(client.payment.get_escrow_detail, order_sn=number)
    released = good(
        client.payment.get_escrow_list,
        release_time_from=now - 60,
        release_time_to=now + 600,
    )
    paid = released['escrow_list'][0]['payout_amount']
    assert paid == escrow['order_income']['escrow_amount']
    step(f'delivered and paid out {paid}')
    ledger = ask('GET', '/shopee/ledger')
    assert [row['operation'] for row in ledger].count('ship_order') == 1
    step('the ledger has one ship_order')


if __name__ == '__main__':
    main()
