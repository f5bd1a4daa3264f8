"""Shopee sandbox: pushes, their signature, retries and the lost queue; the state."""

import hashlib
import hmac
import json

import pytest

import sandbox

from .shopee_caller import SHOP, Listener, Shopee


@pytest.fixture(scope='module')
def box():
    with sandbox.start(providers=['shopee']) as running:
        yield running


@pytest.fixture
def ear():
    listener = Listener()
    yield listener
    listener.stop()


@pytest.fixture
def shopee(box, ear):
    box.reset()
    shopee = Shopee(box)
    box.post('/shopee/webhook', {'url': ear.url})
    return shopee


def bodies(box, ear, code=None):
    """Return the pushes received, once none is on its way."""
    assert box.provider('shopee').courier.idle()
    parsed = [json.loads(body) for _, body in ear.got]
    return [body for body in parsed if code in (None, body['code'])]


def test_pushes_of_an_orders_life(box, ear, shopee):
    number, tracking = shopee.shipped(cod=False, paid=True)
    for verb in ('pickup', 'deliver', 'complete'):
        shopee.move(number, verb)
    pushes = bodies(box, ear, 3)
    assert [push['data']['status'] for push in pushes] == [
        'READY_TO_SHIP', 'PROCESSED', 'SHIPPED', 'TO_CONFIRM_RECEIVE', 'COMPLETED'
    ]
    assert {push['shop_id'] for push in pushes} == {SHOP}
    assert pushes[0]['data']['ordersn'] == number and len(pushes[0]['msg_id']) == 32
    (four,) = bodies(box, ear, 4)
    assert four['data']['tracking_no'] == tracking
    thirty = bodies(box, ear, 30)
    assert thirty[-1]['data']['fulfillment_status'] == 'LOGISTICS_DELIVERY_DONE'


def test_push_is_signed_over_address_and_raw_body(box, ear, shopee):
    shopee.order(message='Chào shop ạ')
    bodies(box, ear)
    headers, body = ear.got[-1]
    text = ear.url.encode() + b'|' + body
    digest = hmac.new(shopee.push_key.encode(), text, hashlib.sha256).hexdigest()
    assert headers['Authorization'] == digest
    box.post('/shopee/settings', {'push_signed_with': 'partner_key'})
    shopee.order()
    bodies(box, ear)
    headers, body = ear.got[-1]
    text = ear.url.encode() + b'|' + body
    digest = hmac.new(shopee.partner_key.encode(), text, hashlib.sha256).hexdigest()
    assert headers['Authorization'] == digest


def test_body_in_the_answer_is_a_failure_and_retries_follow(box, ear, shopee):
    ear.answer = (200, b'{"ok":true}')
    number = shopee.order()
    first = len(bodies(box, ear, 3))
    assert first == 1
    for advance in (301, 1801):
        box.post('/clock', {'advance': advance})
        assert box.post('/shopee/pushes/flush')['idle']
    assert len(bodies(box, ear, 3)) == 3
    ear.answer = (200, b'')
    assert box.post('/shopee/pushes/flush')['idle']
    pushes = [p for p in box.get('/shopee/pushes') if p['reference'] == number]
    assert {push['state'] for push in pushes} == {'delivered'}
    assert len(bodies(box, ear, 3)) == 4


def lost(shopee):
    answer = shopee.send('GET', 'push/get_lost_push_message', public=True)
    return shopee.ok(answer)


def confirm(shopee, last):
    body = {'last_message_id': last}
    path = 'push/confirm_consumed_lost_push_message'
    return shopee.ok(shopee.post(path, body, public=True))


def test_lost_queue_and_its_watermark(box, ear, shopee):
    ear.answer = (500, b'')
    box.post('/shopee/settings', {'push_retry_scale': 0})
    number = shopee.order()
    for _ in range(6):
        box.post('/shopee/pushes/flush')
    page = lost(shopee)
    assert [row['code'] for row in page['push_message_list']] == [30, 3]
    original = json.loads(page['push_message_list'][1]['data'])
    assert original['data']['ordersn'] == number and original['code'] == 3
    assert lost(shopee) == page
    confirm(shopee, page['last_message_id'] - 1)
    assert [row['code'] for row in lost(shopee)['push_message_list']] == [3]
    box.post('/clock', {'advance': 3 * 86400 + 60})
    assert lost(shopee)['push_message_list'] == []


def test_console_sends_a_test_push_first(box, ear, shopee):
    box.post('/shopee/webhook', {'url': ''})

    def configure(**body):
        return shopee.post('push/set_app_push_config', body, public=True)

    assert shopee.code(configure()) == 'error_param'
    assert shopee.code(configure(callback_url='http://127.0.0.1:9/x')) == 'error_param'
    done = configure(callback_url=ear.url, set_push_config_off=[30])
    assert shopee.ok(done) == {'result': 'success'}
    headers, body = ear.got[0]
    assert json.loads(body)['code'] == 0 and len(headers['Authorization']) == 64
    shopee.order()
    assert {body['code'] for body in bodies(box, ear)} == {0, 3}
    answer = shopee.send('GET', 'push/get_app_push_config', public=True)
    shown = shopee.ok(answer)
    assert shown['callback_url'] == ear.url and 30 in shown['push_config_off_list']


def test_authorization_pushes(box, ear, shopee):
    box.post(f'/shopee/shops/{SHOP}/authorize')
    (one,) = bodies(box, ear, 1)
    assert one['data']['shop_id'] == SHOP and 'shop_id' not in one
    box.post(f'/shopee/shops/{SHOP}/expire_soon')
    (twelve,) = bodies(box, ear, 12)
    assert twelve['data']['shop_expire_soon'] == [SHOP] and 'partner_id' not in twelve
    box.post(f'/shopee/shops/{SHOP}/revoke')
    (two,) = bodies(box, ear, 2)
    # A seller's cancellation names the shop in a sentence only.
    assert 'shop_id' not in two and 'shop_id' not in two['data']
    assert str(SHOP) in two['data']['extra']
    shopee.order()
    assert not bodies(box, ear, 3)


def test_label_return_and_deadline_pushes(box, ear, shopee):
    number, tracking = shopee.shipped()
    shopee.ok(shopee.document('create_*', number, tracking_number=tracking))
    shopee.move(number, 'edit', ship_by_date=shopee.now + 5 * 86400)
    for verb in ('pickup', 'deliver'):
        shopee.move(number, verb)
    made = box.post('/shopee/returns', {'order_sn': number})
    pushes = {push['code']: push['data'] for push in bodies(box, ear)}
    assert pushes[15]['status'] == 'READY' and pushes[15]['ordersn'] == number
    assert pushes[29]['return_sn'] == made['return_sn']
    assert pushes[47]['changed_fields'][0]['name'] == 'ship_by_date'


def test_any_code_and_repeated_pushes(box, ear, shopee):
    number = shopee.order()
    box.post('/shopee/messages', {'code': 99, 'data': {'x': 1}})
    shopee.move(number, 'push', times=5)
    assert len(bodies(box, ear, 99)) == 1 and len(bodies(box, ear, 3)) == 6
    box.faults('shopee', 'push_3', 'duplicate_push', copies=3)
    shopee.move(number, 'push')
    assert len(bodies(box, ear, 3)) == 9


def test_many_orders_without_pushes(box, ear, shopee):
    made = box.post('/shopee/orders', {'count': 30, 'push': False})
    assert len(made['orders']) == 30 and bodies(box, ear) == []


def test_state_survives_a_restart(tmp_path):
    file = tmp_path / 'state.json'
    with sandbox.start(providers=['shopee'], state=str(file)) as first:
        shopee = Shopee(first)
        number, tracking = shopee.shipped()
    with sandbox.start(providers=['shopee'], state=str(file)) as second:
        again = Shopee(second, connect=False)
        again.adopt(vars(shopee))
        assert again.status(number) == 'PROCESSED'
        assert again.tracking(number) == tracking
        assert again.refresh().json()['error'] == ''
        assert len(second.ledger('shopee', 'ship_order')) == 1
        assert again.order() != number
