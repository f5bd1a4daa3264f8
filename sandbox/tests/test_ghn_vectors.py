"""The shared GHN vectors against the sandbox: requests of a real SDK are replayed,
rules are asked over HTTP."""

import json
from pathlib import Path

import pytest
import requests

from sandbox.ghn import callback, lifecycle

from .ghn_caller import BOX, OLD_IDS

FILE = Path(__file__).parents[2].parent / 'shared' / 'vectors' / 'ghn.json'
if not FILE.exists():
    pytest.skip('no shared vectors here', allow_module_level=True)
VECTORS = json.loads(FILE.read_text('utf-8'))


def of_kind(kind):
    rows = [row for row in VECTORS if row['kind'] == kind]
    assert rows
    return pytest.mark.parametrize('vector', rows, ids=[row['name'] for row in rows])


def keys(value):
    """Names of all fields, level by level."""
    if isinstance(value, dict):
        return {name: keys(inner) for name, inner in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None


@of_kind('sdk_request')
def test_request_of_the_sdk(ghn, vector):
    wire = vector['expected']
    body = wire['body_json']
    if body and 'order_code' in json.dumps(body) and 'client_order_code' not in body:
        text = json.dumps(body).replace('LQ7T4W', ghn.new_order())
        body = json.loads(text)
    elif 'detail-by-client-code' in wire['path']:
        ghn.new_order(client_order_code=body['client_order_code'])
    sent = b'' if wire['body_is_empty'] else json.dumps(
        body, ensure_ascii=False, separators=(',', ':')).encode()
    if body == wire['body_json']:
        assert len(sent) == wire['body_utf8_bytes']
    answer = requests.request(
        wire['http_method'], ghn.sandbox.url('ghn') + wire['path'], data=sent,
        headers=wire['headers'], timeout=60)
    assert answer.status_code == answer.json()['code'] == 200, answer.text
    assert answer.json()['data']


@of_kind('sdk_reply')
def test_reply_has_the_recorded_shape(ghn, vector):
    """What the SDK was fed is what this sandbox says in the same case."""
    name = vector['name'].split('/')[1]
    if name == 'create':
        answer = ghn.create()
    elif name == 'preview':
        answer = ghn.preview()
    elif name == 'create_http400_wardname':
        answer = ghn.create(**OLD_IDS | {'to_ward_code': '1'})
    elif name == 'token_invalid_401':
        answer = ghn.post('v2/shipping-order/detail', {'order_code': 'L'}, token='bad')
    elif name == 'cancel':
        answer = ghn.post(
            'v2/switch-status/cancel', {'order_codes': [ghn.new_order()]})
    else:
        pytest.skip(f'no case for {name}')
    recorded = vector['inputs']['server_body']
    assert answer.status_code == vector['inputs']['server_http_status']
    assert answer.json()['message'] == recorded['message']
    assert answer.json().get('code_message') == recorded.get('code_message')
    assert contains(keys(answer.json()), keys(recorded))


def contains(whole, part):
    if isinstance(part, dict):
        return all(name in whole and contains(whole[name], inner)
                   for name, inner in part.items())
    if isinstance(part, list) and part:
        return contains(whole[0], part[0])
    return True


@of_kind('converted_weight')
def test_converted_weight(ghn, vector):
    values = dict(vector['inputs'])
    detail = ghn.detail(ghn.new_order(**values))
    for name, grams in vector['expected'].items():
        assert detail[name] == grams


@of_kind('heavy_dimensions')
def test_heavy_dimensions(ghn, vector):
    rows = [BOX | row for row in vector['inputs']['items']]
    detail = ghn.detail(ghn.new_order(
        service_type_id=5, weight=sum(row['weight'] for row in rows), items=rows,
        length=None, width=None, height=None))
    for name, value in vector['expected'].items():
        assert detail[name] == value


@of_kind('service_type')
def test_service_type(ghn, vector):
    """The light service is offered exactly where the rule says so."""
    answer = ghn.preview(weight=vector['inputs']['total_weight_g'])
    assert (answer.status_code == 200) == (vector['expected'] == 2)


@of_kind('status')
def test_status(ghn, vector):
    status, expected = vector['inputs']['status'], vector['expected']
    assert (status in lifecycle.STATUSES) == expected['known']
    if not expected['known']:
        return
    assert (status in lifecycle.FINAL) == expected['terminal_in_docs']
    for path, allowed in (('cancel', 'shop_may_cancel'),
                          ('return', 'shop_may_request_return'),
                          ('storing', 'shop_may_request_redelivery')):
        code = ghn.new_order(client_order_code=path)
        if status != 'ready_to_pick':
            ghn.verb(code, 'status', status=status)
        ghn.settings(cancel_again_is_fine=False)
        row = ghn.post(f'v2/switch-status/{path}', {'order_codes': [code]}).json()
        assert row['data'][0]['result'] == expected[allowed]


@of_kind('webhook')
def test_callback_has_the_fields_of_the_vectors(ghn, vector):
    ghn.new_order()
    record = next(iter(ghn.sandbox.provider('ghn').orders.records.values()))
    payload = vector['inputs']['payload']
    made = callback.payload(record, payload['Type'], payload['Time'])
    assert set(made) == set(payload)
    for name, value in payload.items():
        if value is not None and made[name] is not None:
            assert type(made[name]) is type(value), name


@of_kind('error_class')
def test_errors_that_the_sandbox_makes_look_like_the_vectors(ghn, vector):
    body = vector['inputs']['body']
    answer = {
        'phone': lambda: ghn.create(to_phone='1'),
        'route': lambda: (ghn.settings(closed_places=['Hồ Chí Minh']), ghn.create())[1],
        'owner': lambda: ghn.post('v2/shipping-order/fee', {}, shop='200200'),
        'token401': lambda: ghn.post('v2/shipping-order/fee', {}, token='x'),
        'required_note': lambda: ghn.create(required_note='?'),
        'server500': lambda: (
            ghn.sandbox.faults('ghn', 'create', 'status:500'), ghn.create())[1],
        'throttle429': lambda: (
            ghn.sandbox.faults('ghn', 'create', 'rate_limit'), ghn.create())[1],
        'order_missing': lambda: ghn.get('v2/shipping-order/detail', order_code='LX'),
    }[vector['name'].split('/')[1]]()
    assert answer.status_code == vector['inputs']['http_status'] == answer.json()['code']
    assert answer.json().get('code_message') == body.get('code_message')
    if 'code_message' not in body:
        assert answer.json()['message'] == body['message']
