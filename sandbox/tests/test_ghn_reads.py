"""GHN sandbox: addresses of both models, shops, services, times, tickets."""

from datetime import datetime

import pytest


def data(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()['data']


def test_new_model_has_34_provinces_and_wards_in_pages(ghn):
    provinces = data(ghn.get('v3/master-data/province/all', offset=0, limit=200))
    assert len(provinces) == 34
    assert {'_id', 'name', 'extension_names', 'type', 'parent_id', 'status'} == set(
        provinces[0])
    city = next(row for row in provinces if row['name'] == 'Hồ Chí Minh')
    path = 'v3/master-data/ward/all-by-province-id'
    first = data(ghn.get(path, province_id=city['_id'], offset=0, limit=100))
    rest = data(ghn.get(path, province_id=city['_id'], offset=100, limit=100))
    wards = {row['_id']: row for row in first + rest}
    assert len(first) == 100 and len(wards) == len(first) + len(rest) == 170
    assert wards[1003646]['name'] == 'Phường Vũng Tàu'
    assert 'Sai Gon' in next(
        row for row in wards.values() if row['name'] == 'Phường Sài Gòn')['extension_names']
    assert {row['status'] for row in wards.values()} == {1, 2, 10}
    for row in provinces:
        assert data(ghn.post(path, {'province_id': row['_id'], 'offset': 0, 'limit': 200}))
    assert ghn.get(path, province_id=city['_id'], limit=201).status_code == 400
    assert ghn.get(path, province_id=202).status_code == 400


def test_legacy_model(ghn):
    assert len(data(ghn.post('master-data/province', data=''))) == 63
    districts = data(ghn.get('master-data/district', province_id=202))
    assert 1442 in {row['DistrictID'] for row in districts}
    assert len(data(ghn.post('master-data/district'))) > len(districts)
    wards = data(ghn.post('master-data/ward', {'district_id': 1442}))
    assert {row['WardCode'] for row in wards} >= {'20101', '20107'}
    codes = [row['WardCode'] for number in (1587, 1490)
             for row in data(ghn.get('master-data/ward', district_id=number))]
    assert any(code.startswith('0') for code in codes)
    assert any('A' in code for code in codes)
    assert data(ghn.get('master-data/ward', district_id=3997)) is None
    assert ghn.get('master-data/ward').status_code == 400


def test_shops(ghn):
    answer = data(ghn.get('v2/shop/all', offset=0, limit=200))
    assert [shop['name'] for shop in answer['shops']] == [
        'Kho Hồ Chí Minh', 'Kho Hà Nội', 'Kho chưa có địa chỉ']
    assert answer['last_offset'] == 3 and answer['shops'][2]['district_id'] == 0
    assert data(ghn.post('v2/shop/all', {'offset': 2}))['shops'] == answer['shops'][2:]
    new = {'name': 'Kho 3', 'phone': '0912333444', 'address': '1 A', 'district_id': 1442,
           'ward_code': '20107'}
    first, second = (data(ghn.post('v2/shop/register', new))['shop_id'] for _ in range(2))
    assert first != second and ghn.ledger() == ['create_shop'] * 2
    assert ghn.post('v2/shop/register', new | {'ward_code': '1'}).status_code == 400


def test_services(ghn):
    path = 'v2/shipping-order/available-services'
    body = {'shop_id': 200123, 'from_district': 1454, 'to_district': 1442}
    assert [row['service_type_id'] for row in data(ghn.post(path, body))] == [2, 5]
    for shop in (1, 200200):
        answer = ghn.post(path, body | {'shop_id': shop})
        assert (answer.status_code, answer.content) == (200, b'')
    ghn.settings(services_refuse_districts=True)
    assert 'FromDistrictID' in ghn.post(path, body).json()['message']


@pytest.mark.parametrize('now, first, seconds', [
    ('2026-11-22T04:00:00+00:00', '22-11-2026 (12h00 - 18h00)', 43200),
    ('2026-11-22T06:00:00+00:00', '23-11-2026 (07h00 - 12h00)', 111600),
    ('2026-11-21T18:00:00+00:00', '22-11-2026 (07h00 - 12h00)', 25200)])
def test_pick_shifts_count_from_today_in_vietnam(ghn, now, first, seconds):
    ghn.sandbox.post('/clock', {'now': now})
    rows = data(ghn.post('v2/shift/date', data=''))
    assert rows[0]['title'] == f'Ca lấy {first}' and rows[0]['from_time'] == seconds
    assert [row['id'] for row in rows] == [1, 2, 3]


def test_promise_ends_the_day_in_vietnam(ghn):
    ghn.sandbox.post('/clock', {'now': '2026-11-22T20:00:00+00:00'})    # 03:00 of 23rd
    answer = data(ghn.post('v2/shipping-order/leadtime', {
        'to_district_id': 1442, 'to_ward_code': '20107'}))
    assert answer['leadtime_order']['to_estimate_date'] == '2026-11-24T16:59:59Z'
    moment = datetime.fromisoformat(answer['leadtime_order']['to_estimate_date'])
    assert answer['leadtime'] == moment.timestamp()
    created = data(ghn.create())
    assert created['expected_delivery_time'] == '2026-11-24T16:59:59Z'


def test_stations(ghn):
    rows = data(ghn.get('v2/station/get', district_id='1442', offset=0, limit=1000))
    assert [row['locationName'] for row in rows] == ['Bưu cục Quận 1']
    ghn.settings(stations_need_captcha=True)
    assert ghn.get('v2/station/get', district_id='1442').status_code == 400


def test_tickets(ghn):
    code = ghn.new_order()
    form = {'order_code': code, 'category': 'Khiếu nại', 'description': 'Hàng vỡ',
            'c_email': 'shop@example.com'}
    ticket = data(ghn.post('ticket/create', data=form))
    assert ghn.post('ticket/create', data=form | {'category': '?'}).status_code == 400
    ghn.sandbox.post(f'/ghn/tickets/{ticket["id"]}/answer', {'text': 'Đã đền bù'})
    seen = data(ghn.get('ticket/detail', ticket_id=ticket['id']))
    assert seen['conversations'][0]['body'] == 'Đã đền bù'
    assert len(data(ghn.post('ticket/index', {'offset': 0, 'limit': 10}))) == 1
