"""Anybody can call the webhook address: nothing gets in that the provider did not
sign, and nonsense is refused in one line of the log (X18)."""

import json

import pytest
import requests

from . import webhooks

BIG = b'{"code": 3, "data": "' + b'x' * 600_000 + b'"}'
DEEP = b'[' * 200_000
GARBAGE = {
    'not json': b'hello', 'empty': b'', 'no object': b'[1, 2]', 'a text': b'"3"',
    'deep': DEEP, 'deep object': b'{"data":' * 50_000,
    'nul': b'\x00\x00\x00', 'nul inside': b'{"code": 3\x00}', 'no utf-8': b'\xff\xfe{',
    'huge number': b'{"code": ' + b'9' * 5000 + b'}', 'infinite': b'{"code": 1e999}',
    'nan': b'{"code": NaN, "OrderCode": NaN, "Time": NaN}',
    'surrogate': b'{"code": 3, "shop_id": 1, "data": {"ordersn": "\\ud800"}}',
}


@pytest.fixture
def stored(world):
    """Number of messages that were let in."""
    return lambda: world.sql('SELECT count(*) FROM gtg_connector_event')[0][0]


def quiet(server):
    """The log shows neither an error nor a traceback."""
    assert webhooks.unexpected(server) == []
    assert 'Traceback' not in server.log.read_text(errors='replace')


def plain(answer):
    """What a stranger reads tells nothing about the inside."""
    for word in ('Traceback', 'odoo', 'psycopg', 'File "'):
        assert word not in answer.text
    return answer.status_code


def test_shopee_lets_nobody_else_in(world, stored):
    with world.server() as server:
        _order, letters = webhooks.shopee_order(world)
        genuine, before = letters[0], stored()
        digest = genuine.headers['Authorization']
        other = webhooks.signed(world, genuine.body, url=genuine.url + '/')
        address, _slash, token = genuine.url.rpartition('/')
        admin = world.session()
        app = admin.create('gtg.marketplace.app', {
            'name': 'Second', 'provider': 'shopee', 'environment': 'custom',
            'custom_url': world.sandbox.url('shopee'), 'partner_id': '1',
            'partner_key': 'other', 'push_key': 'other'})
        elsewhere = admin.one(
            'gtg.marketplace.app', [('id', '=', app)], ['webhook_url'])['webhook_url']
        cases = {
            'changed body': ({'body': genuine.body.replace(b'"', b' "', 1)}, 401),
            'changed digest': ({'headers': {'Authorization': webhooks.other(
                digest)}}, 401),
            'short digest': ({'headers': {'Authorization': digest[:10]}}, 401),
            'upper case': ({'headers': {'Authorization': 'Bearer ' + digest}}, 401),
            'no text': ({'headers': {'Authorization': 'é\xff'.encode('latin-1')}}, 401),
            'missing header': ({'headers': {}}, 401),
            'empty header': ({'headers': {'Authorization': ''}}, 401),
            'signed for another address': ({'headers': other.headers}, 401),
            'wrong token': ({'url': f'{address}/{webhooks.other(token)}'}, 404),
            'empty token': ({'url': f'{address}/%20'}, 404),
            'another provider': ({'url': genuine.url.replace('shopee', 'ghn')}, 404),
            'no provider': ({'url': genuine.url.replace('shopee', 'nobody')}, 404),
            "another account's address": ({'url': elsewhere}, 401),
            'too long': ({'body': BIG}, 413),
        }
        found = {name: plain(genuine.send(**changes))
                 for name, (changes, _status) in cases.items()}
        assert found == {name: status for name, (_c, status) in cases.items()}
        assert plain(requests.get(genuine.url, timeout=120)) in (404, 405)
        for name, body in GARBAGE.items():
            assert plain(genuine.send(body=body)) in (400, 401), name
        assert stored() == before
        assert genuine.send().status_code == 200
        assert int(stored()) == int(before) + 1
        quiet(server)


def test_ghn_lets_nobody_else_in(world, stored):
    with world.server() as server:
        _parcel, number, _order = webhooks.waybill(world)
        _made, letters = webhooks.held_back(world, 'ghn', '*', lambda: (
            world.sandbox.call('POST', f'/ghn/orders/{number}/picking', {})))
        genuine = letters[0]
        ((name, secret),) = [(key, value) for key, value in genuine.headers.items()
                             if key.lower() != 'content-type']
        (other,) = world.sql(
            "SELECT '/gtg/webhook/ghn/' || webhook_token FROM gtg_connector_health"
            " WHERE account_model = 'gtg.carrier.account' ORDER BY id DESC LIMIT 1")[0]
        same = (f'{world.url}{other}' == genuine.url)
        if same:
            (other,) = world.sql(
                "SELECT '/gtg/webhook/ghn/' || webhook_token FROM gtg_connector_health"
                " WHERE account_model = 'gtg.carrier.account' ORDER BY id LIMIT 1")[0]
        before = stored()
        cases = {
            'missing header': ({'headers': {}}, 401),
            'wrong secret': ({'headers': {name: webhooks.other(secret)}}, 401),
            'empty secret': ({'headers': {name: ''}}, 401),
            'broken basic': ({'headers': {'Authorization': 'Basic ?'}}, 401),
            'no text': ({'headers': {name: b'\xff\xfe'}}, 401),
            'wrong token': ({'url': webhooks.other(genuine.url)}, 404),
            'another provider': ({'url': genuine.url.replace('ghn', 'shopee')}, 404),
            "another account's address": ({'url': world.url + other}, 401),
            'too long': ({'body': BIG}, 413),
        }
        found = {case: plain(genuine.send(**changes))
                 for case, (changes, _status) in cases.items()}
        assert found == {case: status for case, (_c, status) in cases.items()}
        for case, body in GARBAGE.items():
            assert plain(genuine.send(body=body, headers={})) == 401, case
            assert plain(genuine.send(body=body)) == 400, case
        foreign = {**genuine.payload, 'ShopID': 999}
        assert genuine.send(body=json.dumps(foreign).encode()).status_code == 200
        assert stored() == before
        assert genuine.send().status_code == 200
        assert int(stored()) == int(before) + 1
        quiet(server)
