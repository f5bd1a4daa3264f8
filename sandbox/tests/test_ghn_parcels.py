"""GHN sandbox: the life of a parcel, callbacks, labels, money, faults, state."""

import re

import pytest
import requests

import sandbox
from sandbox.ghn import barcode, lifecycle

from .ghn_caller import OLD_IDS, PARCEL, Caller, Receiver
from .waiting import until

WRONG = 'Trạng thái đơn hàng không hợp lệ'
FIELDS = {
    'ShopID', 'Time', 'OrderCode', 'ClientOrderCode', 'Type', 'Description', 'Status',
    'Reason', 'ReasonCode', 'CODAmount', 'CODTransferDate', 'Weight', 'ConvertedWeight',
    'Length', 'Width', 'Height', 'PaymentType', 'IsPartialReturn', 'PartialReturnCode',
    'Fee', 'TotalFee', 'Warehouse', 'ShipperName', 'ShipperPhone', 'PodURL'}


@pytest.fixture
def hook(ghn):
    receiver = Receiver()
    ghn.sandbox.post('/ghn/webhook', {
        'url': receiver.url, 'headers': {'X-Ghn-Secret': 's3cret'}})
    yield receiver
    receiver.stop()


def settle(ghn):
    assert ghn.sandbox.provider('ghn').courier.idle()


def verdicts(answer):
    assert answer.status_code == 200, answer.text
    return [(row['result'], row['message']) for row in answer.json()['data']]


# === CANCEL, RETURN, DELIVER AGAIN === #

def cancel(ghn, *codes, **more):
    return ghn.post('v2/switch-status/cancel', {'order_codes': list(codes), **more})


def test_cancel_before_pickup_only(ghn):
    early, late = ghn.new_order(), ghn.new_order(client_order_code='2')
    ghn.verb(late, 'pick')
    answer = cancel(ghn, early, late, reason_code='GHN-CO002', reason='hết hàng')
    assert verdicts(answer) == [(True, 'OK'), (False, WRONG)]
    detail = ghn.detail(early)
    assert detail['status'] == 'cancel' and detail['log'][-1]['reason_code'] == 'GHN-CO002'
    assert ghn.detail(late)['status'] == 'picked'
    assert ghn.ledger().count('cancel_order') == 1


def test_cancel_twice(ghn):
    code = ghn.new_order()
    assert verdicts(cancel(ghn, code)) == verdicts(cancel(ghn, code)) == [(True, 'OK')]
    ghn.settings(cancel_again_is_fine=False)
    assert verdicts(cancel(ghn, code)) == [(False, WRONG)]
    assert ghn.ledger().count('cancel_order') == 1


def test_one_unknown_code_spoils_the_cancel_of_all(ghn):
    code = ghn.new_order()
    other_shop = ghn.post(
        'v2/shipping-order/create', PARCEL, shop='200124').json()['data']['order_code']
    for unknown in ('LZZZZZ', other_shop):
        answer = cancel(ghn, code, unknown)
        assert answer.status_code == 400 and 'không tồn tại' in answer.text
    assert ghn.detail(code)['status'] == 'ready_to_pick'
    assert cancel(ghn, code, reason_code='BECAUSE').status_code == 400


@pytest.mark.parametrize('verbs, back, again', [
    ([], False, False), (['pick'], False, False), (['pick', 'deliver'], False, False),
    (['pick', 'store'], True, False), (['pick', 'deliver', 'fail'], True, False),
    (['pick', 'wait_return'], True, True), (['pick', 'delivered'], False, False),
    (['pick', 'return'], True, False), (['pick', 'return', 'returned'], False, False)])
def test_who_may_return_or_deliver_again(ghn, verbs, back, again):
    for path, expected, status in (('return', back, 'return'),
                                   ('storing', again, 'storing')):
        code = ghn.new_order(client_order_code=path)
        for verb in verbs:
            ghn.verb(code, verb)
        answer = ghn.post(f'v2/switch-status/{path}', {'order_codes': [code, 'LXXXXX']})
        assert verdicts(answer) == [
            (expected, 'OK' if expected else WRONG), (False, 'Đơn hàng không tồn tại')]
        if expected:
            assert ghn.detail(code)['status'] == status


# === STATUSES === #

def test_all_statuses_can_be_reached(ghn):
    reached = {'ready_to_pick'}
    for verb, move in lifecycle.MOVES.items():
        code = ghn.new_order(client_order_code=verb)
        if 'ready_to_pick' not in move.sources:
            ghn.verb(code, 'pick')
        if ghn.detail(code)['status'] not in move.sources:
            ghn.verb(code, 'return')
        ghn.verb(code, verb)
        assert ghn.detail(code)['status'] == move.status
        reached.add(move.status)
    assert reached == set(lifecycle.STATUSES) and len(reached) == 23


@pytest.mark.parametrize('final', lifecycle.FINAL)
def test_final_statuses_are_left_by_force_only(ghn, final):
    code = ghn.new_order()
    ghn.verb(code, 'status', status=final)
    with pytest.raises(RuntimeError, match='impossible'):
        ghn.verb(code, 'deliver')
    assert ghn.verb(code, 'deliver', force=True)['status'] == 'delivering'


def test_happy_path_by_advance(ghn):
    code = ghn.new_order()
    seen = [ghn.verb(code, 'advance')['status'] for _ in range(8)]
    assert seen[0] == 'picking' and seen[-2:] == ['delivered', 'delivered']
    detail = ghn.detail(code)
    assert detail['is_cod_collected'] and detail['is_cod_transferred']
    assert [row['status'] for row in detail['log']] == seen[:-1]
    with pytest.raises(RuntimeError):
        ghn.verb(code, 'advance')


# === CALLBACKS === #

def test_callbacks_tell_everything(ghn, hook):
    code = ghn.new_order()
    for verb in ('fail_pickup', 'pick', 'deliver', 'fail', 'deliver', 'delivered',
                 'cod_transfer'):
        ghn.verb(code, verb)
    settle(ghn)
    assert all(set(body) == FIELDS for body in hook.bodies)
    assert all(headers['X-Ghn-Secret'] == 's3cret' for headers, _body in hook.got)
    assert [(b['Type'], b['Status'], b['ReasonCode']) for b in hook.bodies] == [
        ('create', 'ready_to_pick', ''),
        ('switch_status', 'ready_to_pick', 'GHN-PFA2A3'),
        ('switch_status', 'picked', ''), ('switch_status', 'delivering', ''),
        ('switch_status', 'delivery_fail', 'GHN-DFC1A4'),
        ('switch_status', 'delivering', ''), ('switch_status', 'delivered', ''),
        ('cod', 'delivered', '')]
    times = [body['Time'] for body in hook.bodies]
    assert times == sorted(set(times))
    first, last = hook.bodies[0], hook.bodies[-1]
    assert (first['OrderCode'], first['ClientOrderCode'], first['ShopID']) == (
        code, 'WHOUT00042-1', 200123)
    assert (first['CODAmount'], first['TotalFee'], first['ConvertedWeight']) == (
        350000, 34000, 675)
    assert first['CODTransferDate'] is None and last['CODTransferDate'] == last['Time']
    assert hook.bodies[6]['PodURL']


def test_create_event_before_the_answer(ghn, hook):
    ghn.settings(create_event='before')
    ghn.new_order()
    assert [body['Type'] for body in hook.bodies] == ['create']
    ghn.create()
    settle(ghn)
    assert len(hook.bodies) == 1


def test_money_and_weight_changes(ghn, hook):
    ghn.settings(create_event='none')
    code = ghn.new_order()
    ghn.verb(code, 'pick')
    ghn.verb(code, 'update_weight', weight=1300, length=20, width=20, height=20)
    ghn.verb(code, 'update_fee', main_service=50000)
    ghn.verb(code, 'update_cod', cod_amount=100000)
    ghn.verb(code, 'update_payment_type', payment_type_id=2)
    ghn.verb(code, 'delivered')
    child = ghn.verb(code, 'partial_return')['partial_return_code']
    settle(ghn)
    weight, fee, cod, payer = hook.bodies[1:5]
    assert (weight['Type'], weight['Weight'], weight['ConvertedWeight'],
            weight['TotalFee']) == ('update_weight', 1300, 1600, 41000)
    assert (fee['Type'], fee['TotalFee'], fee['Fee']['MainService']) == (
        'update_fee', 50000, 50000)
    assert (cod['Type'], cod['CODAmount']) == ('update_cod', 100000)
    assert (payer['Type'], payer['PaymentType']) == ('update_payment_type', 2)
    part = hook.bodies[-1]
    assert (part['Type'], part['IsPartialReturn'], part['PartialReturnCode']) == (
        'update_partial_return', True, child)
    assert ghn.detail(child)['status'] == 'return'
    soc = ghn.post('v2/shipping-order/soc', {'order_code': code}).json()['data']
    assert [row['value'] for row in soc['payment']] == [34000, 7000, 9000]


def test_return_fee_is_one_more_payment(ghn):
    near = ghn.new_order()
    far = ghn.new_order(client_order_code='2', to_ward_name='Phường Cầu Giấy',
                        to_province_name='Hà Nội')
    for code, fee in ((near, 5000), (far, 24500)):
        for verb in ('pick', 'return', 'returned'):
            ghn.verb(code, verb)
        soc = ghn.post('v2/shipping-order/soc', {'order_code': code}).json()['data']
        assert soc['payment'][-1]['value'] == soc['detail']['return'] == fee


@pytest.mark.parametrize('status, state', [
    (500, 'waiting'), (408, 'waiting'), (429, 'waiting'), (302, 'waiting'),
    (404, 'lost'), (401, 'lost'), (201, 'delivered')])
def test_retry_table(ghn, hook, status, state):
    hook.answers = [status]
    provider = ghn.sandbox.provider('ghn')
    begun = provider.time()
    ghn.new_order()
    settle(ghn)
    push, = provider.pushes
    assert push.state == state
    if state == 'waiting':
        assert begun + 30 <= push.due <= provider.time() + 30
    ghn.sandbox.post('/clock', {'advance': 31})
    until(lambda: push.state in ('delivered', 'lost'))
    assert len(hook.got) == (2 if state == 'waiting' else 1)
    assert all(body == hook.bodies[0] for body in hook.bodies)


def test_eleven_retries_over_hours_or_ten_of_the_older_policy(ghn):
    provider = ghn.sandbox.provider('ghn')
    assert len(provider.push_delays) == 11
    assert (provider.push_delays[0], provider.push_delays[-1]) == (30, 12 * 3600)
    assert not provider.push_retried(404) and provider.push_accepted(204, '')
    ghn.settings(old_webhook_policy=True)
    assert provider.push_delays == (5,) * 10
    assert provider.push_retried(404) and not provider.push_accepted(204, '')


def test_duplicate_lost_and_reordered_callbacks(ghn, hook):
    code = ghn.new_order()
    settle(ghn)
    for mode, verb in (('duplicate_push', 'pick'), ('drop_push', 'store')):
        ghn.sandbox.faults('ghn', 'switch_status', mode)
        ghn.verb(code, verb)
        settle(ghn)
    ghn.sandbox.faults('ghn', 'switch_status', 'reorder_push')
    ghn.verb(code, 'deliver')
    ghn.verb(code, 'delivered')
    settle(ghn)
    assert [body['Status'] for body in hook.bodies] == [
        'ready_to_pick', 'picked', 'picked', 'delivered', 'delivering']


# === CHANGES BY THE SHOP === #

def test_update_cod(ghn, hook):
    code = ghn.new_order()
    path = 'v2/shipping-order/updateCOD'
    assert ghn.post(path, {'order_code': code, 'cod_amount': 0}).json()['data'] is None
    assert ghn.detail(code)['cod_amount'] == 0
    settle(ghn)
    assert hook.bodies[-1]['Type'] == 'update_cod'
    for body in ({'cod_amount': 5000001}, {}, {'cod_amount': -1}):
        assert ghn.post(path, {'order_code': code, **body}).status_code == 400
    ghn.settings(cod_locked_places=['Hồ Chí Minh'])
    answer = ghn.post(path, {'order_code': code, 'cod_amount': 1})
    assert answer.json()['code_message'] == 'PERMISSION_DENIED_EDIT_COD'
    ghn.settings(cod_locked_places=[])
    ghn.verb(code, 'pick')
    ghn.verb(code, 'delivered')
    assert ghn.post(path, {'order_code': code, 'cod_amount': 1}).status_code == 400
    assert ghn.ledger() == ['create_order', 'update_cod']


def test_update_depends_on_the_status(ghn):
    code = ghn.new_order()
    path = 'v2/shipping-order/update'

    def update(**fields):
        return ghn.post(path, {'order_code': code, **fields})

    assert update(weight=1600, note='Gọi trước').status_code == 200
    assert ghn.detail(code)['calculate_weight'] == 1600
    assert update(cod_amount=1).json()['code_message'] == 'OTP_NOT_VALID'
    ghn.settings(otp='123456')
    assert update(cod_amount=1, otp='1').json()['code_message'] == 'OTP_NOT_VALID'
    assert update(cod_amount=1, otp='123456').status_code == 200
    assert ghn.detail(code)['cod_amount'] == 1
    assert update(weight=30001).status_code == update(length=151).status_code == 400
    ghn.verb(code, 'pick')
    assert update(weight=900).status_code == 400
    assert update(to_phone='0912000000').status_code == 200
    ghn.verb(code, 'delivered')
    assert update(note='x').status_code == 400


# === LABELS === #

def test_label_pages(ghn):
    codes = [ghn.new_order(), ghn.new_order(client_order_code='2', to_name='<b>Ý')]
    token = ghn.post('v2/a5/gen-token', {'order_codes': codes}).json()['data']['token']
    for page in ('printA5', 'print80x80', 'print52x70'):
        answer = ghn.call('GET', f'/a5/public-api/{page}', token=None, shop=None,
                          params={'token': token})
        assert answer.status_code == 200 and 'text/html' in answer.headers['Content-Type']
        assert all(code in answer.text for code in codes)
        assert '&lt;b&gt;Ý' in answer.text and '<b>Ý' not in answer.text
    ghn.settings(print_format='pdf')
    answer = ghn.call('GET', '/a5/public-api/printA5', params={'token': token})
    assert answer.content.startswith(b'%PDF-') and codes[1].encode() in answer.content
    assert answer.content.count(b'/Type /Page ') == 2


def test_label_token_is_all_or_nothing_and_ends(ghn):
    code = ghn.new_order()
    path = 'v2/a5/gen-token'
    assert ghn.post(path, {'order_codes': [code, 'LZZZZZ']}).status_code == 400
    assert ghn.post(path, {'order_codes': []}).status_code == 400
    token = ghn.post(path, {'order_codes': [code]}).json()['data']['token']
    ghn.sandbox.post('/clock', {'advance': 30 * 60 + 1})
    answer = ghn.call('GET', '/a5/public-api/printA5', params={'token': token})
    assert answer.status_code == 400 and code not in answer.text
    assert ghn.get('v2/shipping-order/print').status_code == 404


def test_heavy_orders_have_a_label_for_each_box(ghn):
    box = {'name': 'Thùng', 'quantity': 1, 'weight': 12000, 'length': 60, 'width': 40,
           'height': 20}
    code = ghn.new_order(service_type_id=5, weight=24000, items=[box, box])
    for index, expected in ((None, {f'{code}_1', f'{code}_2'}), ([1], {f'{code}_2'})):
        token = ghn.post('v2/a5/gen-token', {
            'order_codes': [code], 'item_index': index}).json()['data']['token']
        page = ghn.call('GET', '/a5/public-api/printA5', params={'token': token}).text
        assert set(re.findall(f'{code}_.', page)) == expected


def test_barcode_is_code_39():
    patterns = barcode.CODE39.values()
    assert len(set(patterns)) == len(barcode.CODE39)
    assert all(pattern.count('1') == 3 for pattern in patterns)
    drawn, width = barcode.bars('L4')
    assert len(drawn) == 4 * 5 and drawn[-1][0] + drawn[-1][1] == width


# === FAULTS, STATE === #

def test_own_faults(ghn):
    for mode, status in (('infrastructure', 400), ('body_400', 200), ('busy', 400)):
        ghn.sandbox.faults('ghn', 'create', mode)
        answer = ghn.create()
        assert answer.status_code == status and answer.json()['code'] == 400
        assert 'code_message' not in answer.json()
    assert ghn.ledger() == []


def test_frame_faults_in_the_words_of_ghn(ghn):
    ghn.sandbox.faults('ghn', 'create', 'status:500')
    assert ghn.create().json()['code_message'] == 'SERVER_ERROR_COMMON'
    ghn.sandbox.faults('ghn', 'create', 'rate_limit')
    assert ghn.create().json()['code'] == 429
    assert ghn.ledger() == []
    for mode in ('empty', 'lose_response'):
        ghn.sandbox.faults('ghn', 'create', mode)
        try:
            assert ghn.create(client_order_code=mode).content == b''
        except requests.ConnectionError:
            assert mode == 'lose_response'
        assert ghn.get('v2/shipping-order/detail-by-client-code',
                       client_order_code=mode).status_code == 200
    ghn.sandbox.faults('ghn', 'create', 'expire_token')
    assert ghn.create().status_code == 401


def test_state_survives_a_restart(tmp_path):
    file = tmp_path / 'state.json'
    with sandbox.start(providers=['ghn'], state=file) as running:
        ghn = Caller(running)
        code = ghn.new_order(**OLD_IDS)
        ghn.verb(code, 'pick')
        token = ghn.post(
            'v2/a5/gen-token', {'order_codes': [code]}).json()['data']['token']
    with sandbox.start(providers=['ghn'], state=file) as running:
        ghn = Caller(running)
        assert ghn.detail(code)['status'] == 'picked'
        assert ghn.new_order(**OLD_IDS) == code
        assert ghn.new_order(client_order_code='2') != code
        assert ghn.call('GET', '/a5/public-api/printA5', params={'token': token}).ok
        assert ghn.verb(code, 'advance')['status'] == 'storing'
        assert ghn.ledger() == ['create_order'] * 2
