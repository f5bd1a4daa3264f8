"""GHN sandbox: who may call, what create demands, one parcel per client code."""


import pytest

from .ghn_caller import BOX, OLD_ADDRESS, OLD_IDS, PARCEL, Caller
from .waiting import at_once

CREATE = 'v2/shipping-order/create'


def refused(answer, code_message=None, text='', status=400):
    body = answer.json()
    assert answer.status_code == body['code'] == status, answer.text
    assert body.get('code_message') == code_message, answer.text
    assert text in body['message']
    assert body['data'] is None


# === WHO MAY CALL, IN THE ORDER OF THE CHECKS === #

def test_token_comes_first(ghn):
    refused(ghn.post(CREATE, PARCEL, token='wrong', shop='1'), None,
            'Token is not valid!', 401)
    refused(ghn.post(CREATE, PARCEL, token=None), 'USER_ERR_COMMON', 'Token is required!')
    ghn.settings(old_token_answer=True)
    refused(ghn.post(CREATE, PARCEL, token='wrong'), None, 'code=401, message=Token')


@pytest.mark.parametrize('shop, code', [
    ('999', 'SHOP_NOT_FOUND'), (None, 'SHOP_NOT_FOUND'), ('abc', 'SHOP_NOT_FOUND'),
    ('200200', 'CLIENT_NOT_OWNER_OF_SHOP')])
def test_shop_comes_before_the_body(ghn, shop, code):
    refused(ghn.post(CREATE, data='{broken', shop=shop), code)


def test_json_comes_before_fields(ghn):
    refused(ghn.post(CREATE, data='{broken'), 'USER_ERR_COMMON',
            'code=400, message=Syntax error: offset=')


@pytest.mark.parametrize('field, value', [
    ('weight', 0.8), ('weight', '800'), ('cod_amount', 350000.5), ('to_ward_code', 20107),
    ('is_new_to_address', 1), ('items', {}), ('payment_type_id', True)])
def test_types_are_strict(ghn, field, value):
    refused(ghn.create(**{field: value}), 'USER_ERR_COMMON', f'field={field}')


def test_changes_are_post_only_and_reads_take_both(ghn):
    for path in (CREATE, 'v2/switch-status/cancel', 'v2/shipping-order/update',
                 'v2/shipping-order/updateCOD', 'v2/a5/gen-token'):
        answer = ghn.get(path)
        assert (answer.status_code, answer.json()['code']) == (405, 405)
    code = ghn.new_order()
    path = 'v2/shipping-order/detail'
    assert (ghn.get(path, order_code=code).json()
            == ghn.post(path, {'order_code': code}).json())
    assert ghn.post('v2/shipping-order/updatecod', {}).status_code == 404


def test_ten_calls_a_second_then_429(ghn_running):
    ghn_running.reset()
    ghn = Caller(ghn_running)
    answers = [ghn.get('v2/shift/date') for _ in range(14)]
    assert answers[0].status_code == 200
    refused(answers[-1], None, 'Too many requests', 429)


# === CREATE: CHECKS IN ORDER === #

@pytest.mark.parametrize('changes, text', [
    ({'weight': 0}, "Key: 'ShiipCreate.Weight' Error"),
    ({'weight': None}, "'Weight' failed on the 'required' tag"),
    ({'length': None}, "'Length' failed"),
    ({'to_name': '', 'to_phone': ''}, "'ToPhone' failed"),
    ({'content': '', 'items': []}, "'Content' failed"),
    ({'to_ward_name': None}, "'ToWardName' failed"),
    ({'is_new_to_address': False}, "'ToDistrictName' failed"),
    ({'required_note': None}, 'Sai thông tin Required Note'),
    ({'required_note': 'CHO XEM'}, 'Sai thông tin Required Note'),
    ({'payment_type_id': 3}, 'Payment Type'),
    ({'service_type_id': 1}, 'dịch vụ'),
    ({'service_type_id': 5, 'items': None}, 'Cân nặng không hợp lệ'),
    ({'length': 151}, 'Kích thước (dài) vượt quá mức cho phép: 150'),
    ({'height': 151}, 'Kích thước (cao) vượt quá mức cho phép: 150'),
    ({'cod_amount': 50000001}, 'cod_amount'),
    ({'insurance_value': 5000001}, 'insurance_value'),
    ({'client_order_code': 'X' * 51}, 'client_order_code'),
    ({'content': 'x' * 2001}, 'content'),
    ({'pick_shift': [9]}, 'Ca lấy'),
    ({'to_district_name': 'Quận 1'}, 'quận/huyện'),
])
def test_create_refuses_bad_fields(ghn, changes, text):
    for answer in (ghn.create(**changes), ghn.preview(**changes)):
        refused(answer, 'USER_ERR_COMMON', text)
    assert ghn.ledger() == []


@pytest.mark.parametrize('phone', ['+84912345678', '84912345678', '091234567', '***',
                                   '0112345678', '09123456789'])
def test_phone(ghn, phone):
    refused(ghn.create(to_phone=phone), 'PHONE_INVALID')


def test_several_missing_fields_are_named_in_lines(ghn):
    text = ghn.create(to_name=None, weight=0).json()['message']
    assert [line.split("'")[1] for line in text.split('\n')] == [
        'ShiipCreate.ToName', 'ShiipCreate.Weight']


def test_required_before_enum_before_phone_before_limits_before_names(ghn):
    wrong = {'weight': 0, 'required_note': 'NO', 'to_phone': '1', 'length': 500,
             'to_ward_name': 'Nowhere'}
    steps = [('weight', 'USER_ERR_COMMON', 'Weight'),
             ('required_note', 'USER_ERR_COMMON', 'Required Note'),
             ('to_phone', 'PHONE_INVALID', ''),
             ('length', 'USER_ERR_COMMON', 'Kích thước'),
             ('to_ward_name', 'WARD_NAME_NOT_VALID', '')]
    for field, code, text in steps:
        refused(ghn.create(**wrong), code, text)
        wrong.pop(field)
    assert ghn.create(**wrong).status_code == 200


@pytest.mark.parametrize('changes, code', [
    ({'to_province_name': 'TP Hồ Chí Minh'}, 'PROVINCE_NAME_NOT_VALID'),
    ({'to_province_name': 'Há»“ ChÃ\xad Minh'}, 'PROVINCE_NAME_NOT_VALID'),
    ({'to_ward_name': 'Sài Gòn'}, 'WARD_NAME_NOT_VALID'),
    ({'to_ward_name': 'Phường 10'}, 'WARD_NAME_NOT_VALID'),
    ({'to_ward_name': 'Phường Thử Nghiệm'}, 'WARD_NAME_NOT_VALID'),
    ({'to_ward_name': 'Phường Ba Đình'}, 'WARD_NAME_NOT_VALID'),
    (OLD_ADDRESS | {'to_province_name': 'Sài Thành'}, 'PROVINCE_NAME_NOT_VALID'),
    (OLD_ADDRESS | {'to_district_name': 'Quận 99'}, 'DISTRICT_NAME_NOT_VALID'),
    (OLD_ADDRESS | {'to_ward_name': 'Phường 99'}, 'WARD_NAME_NOT_VALID'),
    (OLD_IDS | {'to_ward_code': '99999'}, 'WARD_NAME_NOT_VALID'),
    (OLD_IDS | {'to_district_id': 1454}, 'WARD_NAME_NOT_VALID'),
])
def test_names_must_be_of_the_catalogue(ghn, changes, code):
    refused(ghn.create(**changes), code)


def test_both_address_models_at_the_same_price(ghn):
    prices = {ghn.preview(**address).json()['data']['total_fee']
              for address in ({}, OLD_ADDRESS, OLD_IDS)}
    assert prices == {34000}
    code = ghn.new_order(**OLD_IDS, client_order_code='old')
    assert ghn.detail(code)['to_ward_code'] == '20107'
    assert ghn.detail(ghn.new_order())['to_ward_id_v2'] > 1000000


def test_street_conflict_geocoder_and_route(ghn):
    street = {'to_address': '5 đường xung đột'}
    refused(ghn.create(**street), None, 'To address conflict')
    assert ghn.preview(**street, to_ward_name='Phường Bến Thành').status_code == 200
    assert ghn.preview(to_address='***').status_code == 200
    ghn.settings(closed_places=['Phường Sài Gòn'])
    refused(ghn.create(), 'ROUTE_NOT_FOUND_SERVICE')
    ghn.settings(geocoder_down=True)
    refused(ghn.create(), 'TO_ADDRESS_CONVERT_FAIL')


def test_sender(ghn):
    refused(ghn.post(CREATE, PARCEL, shop='200125'), 'FROM_ADDRESS_CONVERT_FAIL')
    sender = {'from_name': 'Kho', 'from_phone': '0912000111', 'from_address': '1 Lê Duẩn',
              'from_ward_name': 'Phường Hải Châu', 'from_province_name': 'Đà Nẵng',
              'is_new_from_address': True}
    answer = ghn.post(CREATE, PARCEL | sender, shop='200125')
    assert answer.json()['data']['total_fee'] == 49000
    sender.pop('from_phone')
    refused(ghn.create(**sender), 'FROM_ADDRESS_CONVERT_FAIL')


# === PRICES, WEIGHTS, SERVICES === #

def test_fee_preview_create_and_soc_agree(ghn):
    size = {'weight': 2300, 'insurance_value': 2000000}
    fee = ghn.post('v2/shipping-order/fee', {
        'service_type_id': 2, 'to_district_id': 1442, 'to_ward_code': '20107',
        'length': 15, 'width': 15, 'height': 15, **size}).json()['data']
    preview = ghn.preview(**OLD_IDS, **size).json()['data']
    created = ghn.create(**OLD_IDS, **size).json()['data']
    soc = ghn.post('v2/shipping-order/soc', {'order_code': created['order_code']}).json()
    assert fee['insurance_fee'] == 10000 and fee['service_fee'] == 44500
    assert (fee['total'] == preview['total_fee'] == created['total_fee']
            == sum(row['value'] for row in soc['data']['payment']) == 54500)
    assert preview['order_code'] == ''
    assert preview == created | {'order_code': ''}


def test_size_can_make_a_parcel_heavier(ghn):
    detail = ghn.detail(ghn.new_order(length=40, width=30, height=20))
    assert (detail['converted_weight'], detail['calculate_weight']) == (4800, 4800)


def test_heavy_is_priced_by_box(ghn):
    heavy = {'service_type_id': 5, 'weight': 24000, 'length': None, 'width': None,
             'height': None}
    boxes = ghn.preview(**heavy, items=[BOX, BOX]).json()['data']['total_fee']
    rows = ghn.preview(**heavy, items=[BOX | {'quantity': 2}]).json()['data']['total_fee']
    assert rows > boxes
    for name in ('weight', 'length', 'width', 'height'):
        refused(ghn.create(**heavy, items=[BOX | {name: None}]), 'USER_ERR_COMMON')
    refused(ghn.preview(**heavy | {'weight': 0}, items=[BOX]), 'USER_ERR_COMMON', 'Weight')
    assert ghn.preview(**heavy | {'weight': 60000}, items=[BOX] * 5).status_code == 200


def test_from_twenty_kilograms_the_light_service_has_no_price(ghn):
    assert ghn.preview(weight=19999).status_code == 200
    refused(ghn.preview(weight=20000), 'SERVICE_NOT_FOUND_CONFIG_FEE')
    ghn.settings(strict_service_type=False)
    assert ghn.preview(weight=50000).status_code == 200
    refused(ghn.preview(weight=50001), 'USER_ERR_COMMON', 'Cân nặng')


@pytest.mark.parametrize('changes, code', [
    ({'weight': 0}, 'USER_ERR_COMMON'), ({'service_type_id': None}, 'USER_ERR_COMMON'),
    ({'service_type_id': 5}, 'USER_ERR_COMMON'), ({'cod_value': 10000001}, 'USER_ERR_COMMON'),
    ({'to_ward_code': None}, 'USER_ERR_COMMON'), ({'to_ward_code': '1'}, 'WARD_NAME_NOT_VALID'),
    ({'from_district_id': 1442}, 'USER_ERR_COMMON'),
    ({'to_district_id': 3998, 'to_ward_code': '3999001'}, 'WARD_NAME_NOT_VALID'),
    ({'to_district_id': 3998, 'to_ward_code': '3998001'}, 'ROUTE_NOT_FOUND_SERVICE')])
def test_fee_refusals(ghn, changes, code):
    body = {'service_type_id': 2, 'to_district_id': 1442, 'to_ward_code': '20107',
            'weight': 800}
    refused(ghn.post('v2/shipping-order/fee', body | changes), code)


# === ONE PARCEL PER CLIENT CODE === #

def test_same_client_code_gives_the_first_order(ghn):
    first = ghn.create().json()
    again = ghn.create(cod_amount=1, to_name='Người khác').json()
    assert again == first
    assert ghn.detail(first['data']['order_code'])['cod_amount'] == 350000
    other_shop = ghn.post(CREATE, PARCEL, shop='200124').json()['data']
    assert other_shop['order_code'] != first['data']['order_code']
    assert ghn.ledger() == ['create_order'] * 2


def test_no_client_code_no_dedupe(ghn):
    for code in (None, '', None):
        ghn.create(client_order_code=code)
    assert len({row['object_id'] for row in ghn.sandbox.ledger('ghn')}) == 3


def test_cancelled_order_keeps_its_client_code(ghn):
    code = ghn.new_order()
    ghn.post('v2/switch-status/cancel', {'order_codes': [code]})
    assert ghn.new_order() == code
    ghn.settings(recreate_after_cancel=True)
    assert ghn.new_order() != code


def test_two_at_once_make_one_parcel(ghn):
    ghn.settings(create_seconds=50)
    answers = at_once(
        ghn.sandbox, ghn.create, 4, lambda answers: len(answers) == 3)
    ghn.settings(create_seconds=0)
    busy = [a for a in answers if a.status_code == 400]
    assert len(busy) == 3 and len(answers) == 4
    for answer in busy:
        refused(answer, None, 'Too many request. This request is processing')
    assert ghn.ledger() == ['create_order']
    assert ghn.create().status_code == 200
    assert ghn.ledger() == ['create_order']


def test_detail_by_client_code(ghn):
    path = 'v2/shipping-order/detail-by-client-code'
    refused(ghn.get(path, client_order_code='WH/OUT/1'), None, 'Đơn hàng không tồn tại')
    code = ghn.new_order(client_order_code='WH/OUT/1')
    by_get = ghn.get(path, client_order_code='WH/OUT/1').json()['data']
    assert by_get['order_code'] == code and 'log' not in by_get
    ghn.settings(client_code_answers_list=True)
    rows = ghn.post(path, {'client_order_code': 'WH/OUT/1'}).json()['data']
    assert [row['order_code'] for row in rows] == [code]


def test_other_clients_see_nothing(ghn):
    code = ghn.new_order()
    other = '7f0c2f6e-2222-11f0-9b1a-0242ac120002'
    for path, body in [('v2/shipping-order/detail', {'order_code': code}),
                       ('v2/a5/gen-token', {'order_codes': [code]})]:
        refused(ghn.post(path, body, token=other), None, 'không tồn tại')
    refused(ghn.post('v2/shipping-order/soc', {'order_code': 'LZZZZZ'}),
            'ORDER_NOT_FOUND', 'Không tìm thấy thông tin đơn hàng', 404)
