"""Shopee sandbox: arranging, tracking, labels, and the carrier's part."""

import io
import zipfile

import pytest
from pypdf import PdfReader

from .shopee_caller import LABEL

SHIPPED_ALREADY = ' logistics.package_already_shipped'


# === ARRANGING === #


def test_ship_once_then_never_again(shopee, box):
    number = shopee.order()
    body = shopee.pickup(number)
    answer = shopee.post('logistics/ship_order', body).json()
    assert answer['error'] == '' and 'response' not in answer
    assert shopee.code(shopee.post('logistics/ship_order', body)) == SHIPPED_ALREADY
    (effect,) = box.ledger('shopee', 'ship_order')
    assert effect['reference'] == number
    detail = shopee.detail(number, 'package_list')
    assert detail['order_status'] == 'PROCESSED'
    package = detail['package_list'][0]
    assert package['logistics_status'] == 'LOGISTICS_REQUEST_CREATED'
    assert effect['object_id'] == package['package_number']


def test_lost_answer_of_ship_order_can_be_read_back(shopee, box):
    number = shopee.order()
    body = shopee.pickup(number)
    box.faults('shopee', 'ship_order', 'lose_response')
    with pytest.raises(Exception, match='onnection'):
        shopee.post('logistics/ship_order', body)
    package = shopee.detail(number, 'package_list')['package_list'][0]
    answer = shopee.get(
        'order/get_package_detail', package_number_list=package['package_number']
    )
    (row,) = shopee.ok(answer)['package_list']
    assert row['is_shipment_arranged'] and row['tracking_number']
    assert len(box.ledger('shopee', 'ship_order')) == 1


@pytest.mark.parametrize(
    ('method', 'code'),
    [
        ({}, 'logistics.ship_order_only_support_one_type'),
        ({'pickup': {}, 'dropoff': {}}, 'logistics.ship_order_only_support_one_type'),
        ({'pickup': {}}, 'logistics.ship_order_need_address_pickup_time'),
        (
            {'pickup': {'address_id': 5, 'pickup_time_id': '1'}},
            'logistics.address_not_found',
        ),
        (
            {'pickup': {'address_id': 200041877, 'pickup_time_id': '1'}},
            'logistics.ship_order_pickup_time_invalid',
        ),
        (
            {'pickup': {'address_id': '200041877', 'pickup_time_id': '1'}},
            'error_param',
        ),
        (
            {'non_integrated': {'tracking_number': 'VTP1'}},
            'logistics.ship_order_unsupport_non_integrated',
        ),
        (
            {'dropoff': {}, 'package_number': ''},
            'logistics.ship_order_not_need_pacakge_number',
        ),
    ],
)
def test_ship_refuses(shopee, box, method, code):
    number = shopee.order()
    answer = shopee.post('logistics/ship_order', {'order_sn': number, **method})
    assert answer.status_code == 200 and shopee.code(answer) == code
    assert shopee.status(number) == 'READY_TO_SHIP'
    assert not box.ledger('shopee', 'ship_order')


def test_empty_dropoff_is_a_method(shopee):
    number = shopee.order()
    body = {'order_sn': number, 'dropoff': {}}
    shopee.ok(shopee.post('logistics/ship_order', body))
    assert shopee.status(number) == 'PROCESSED'


def test_seller_delivers_himself(shopee):
    number = shopee.order(methods=['non_integrated'])
    parameter = shopee.get('logistics/get_shipping_parameter', order_sn=number)
    assert shopee.ok(parameter)['info_needed'] == {'non_integrated': ['tracking_no']}
    bare = {'order_sn': number, 'non_integrated': {}}
    answer = shopee.post('logistics/ship_order', bare)
    assert shopee.code(answer) == 'logistics.ship_order_need_tracking_number'
    bare['non_integrated']['tracking_number'] = 'GHN123'
    shopee.ok(shopee.post('logistics/ship_order', bare))
    assert shopee.status(number) == 'SHIPPED' and shopee.tracking(number) == 'GHN123'


@pytest.mark.parametrize(
    ('wish', 'code'),
    [
        (
            {'fulfillment_flag': 'fulfilled_by_shopee'},
            'logistics.ship_order_pff_init',
        ),
        ({'advance_package': True}, 'logistics.error_booking_order'),
        ({'group_shipment_id': 7}, 'logistics.error_param'),
        ({'cod': False}, 'logistics.ship_order_not_ready_to_ship'),
    ],
)
def test_orders_that_are_not_the_sellers_to_ship(shopee, wish, code):
    number = shopee.order(**wish)
    answer = shopee.post('logistics/ship_order', {'order_sn': number, 'dropoff': {}})
    assert shopee.code(answer) == code


def test_cancellation_request_stops_shipping(shopee):
    number = shopee.order()
    body = shopee.pickup(number)
    shopee.move(number, 'cancel_request')
    answer = shopee.post('logistics/ship_order', body)
    assert shopee.code(answer) == 'logistics.ship_order_not_ready_to_ship'
    parameter = shopee.get('logistics/get_shipping_parameter', order_sn=number)
    assert shopee.code(parameter) == 'error_param'


def test_unknown_order_in_logistics_words(shopee):
    answer = shopee.get('logistics/get_shipping_parameter', order_sn='X').json()
    assert answer['error'] == 'logistics.invalid_error'
    assert answer['message'] == 'The order is not exist.'


def test_slot_of_yesterday_is_refused(shopee, box):
    number = shopee.order()
    body = shopee.pickup(number)
    box.post('/clock', {'advance': 2 * 86400})
    shopee.adopt(shopee.refresh().json())
    answer = shopee.post('logistics/ship_order', body)
    assert shopee.code(answer) == 'logistics.ship_order_pickup_time_invalid'


def test_ready_packages_are_found(shopee):
    ready = shopee.order()
    shopee.order(cod=False)
    shopee.shipped()
    body = {'pagination': {'page_size': 50, 'cursor': ''}}
    found = shopee.ok(shopee.post('order/search_package_list', body))
    assert [row['order_sn'] for row in found['packages_list']] == [ready]
    assert found['pagination']['total_count'] == 1
    done = {'filter': {'package_status': 3}, **body}
    found = shopee.ok(shopee.post('order/search_package_list', done))
    assert found['packages_list'][0]['is_shipment_arranged'] is True


def test_split_order_ships_package_by_package(shopee, box):
    number = shopee.order(
        items=[{'sku': 'QJ-30', 'qty': 1}, {'sku': 'NON-01', 'qty': 2}]
    )
    lines = shopee.detail(number, 'item_list')['item_list']
    rows = [
        {'item_list': [{'item_id': row['item_id'], 'model_id': row['model_id']}]}
        for row in lines
    ]
    body = {'order_sn': number, 'package_list': rows}
    split = shopee.ok(shopee.post('order/split_order', body))
    first, second = [row['package_number'] for row in split['package_list']]
    bare = shopee.post('logistics/ship_order', {'order_sn': number, 'dropoff': {}})
    assert shopee.code(bare) == 'logistics.ship_order_need_pacakge_number'
    shopee.ok(shopee.ship(number, package_number=first))
    assert shopee.status(number) == 'READY_TO_SHIP'
    shopee.ok(shopee.ship(number, package_number=second))
    assert shopee.status(number) == 'PROCESSED'
    shopee.move(number, 'pickup', packages=[first])
    assert shopee.status(number) == 'PROCESSED'
    again = shopee.post('order/split_order', body)
    assert shopee.code(again) == 'order.order_has_been_split'
    assert len(box.ledger('shopee', 'ship_order')) == 2


def test_mass_shipping_fails_row_by_row(shopee, box):
    orders = [shopee.order() for _ in range(2)]
    packages = [
        shopee.detail(one, 'package_list')['package_list'][0]['package_number']
        for one in orders
    ]
    shopee.ok(shopee.ship(orders[0]))
    rows = [{'package_number': one} for one in [*packages, 'OFG0']]
    answer = shopee.post(
        'logistics/get_mass_shipping_parameter', {'package_list': rows}
    )
    found = shopee.ok(answer)
    assert found['success_list'] == [{'package_number': packages[1]}]
    body = {'package_list': rows, 'pickup': shopee.pickup(orders[1])['pickup']}
    done = shopee.ok(shopee.post('logistics/mass_ship_order', body))
    assert done['success_list'] == [{'package_number': packages[1]}]
    assert len(done['fail_list']) == 2
    answer = shopee.post(
        'logistics/get_mass_tracking_number', {'package_list': rows[:2]}
    )
    assert all(row['tracking_number'] for row in shopee.ok(answer)['success_list'])
    assert len(box.ledger('shopee', 'ship_order')) == 2


# === TRACKING === #


def test_tracking_number_comes_later(shopee, box):
    box.post('/shopee/settings', {'tracking_empty': 2})
    number = shopee.order()
    shopee.ok(shopee.ship(number))
    assert shopee.code(shopee.document('create_*', number)) == (
        'common.batch_api_all_failed'
    )
    asked = [shopee.tracking(number) for _ in range(3)]
    assert asked[:2] == ['', ''] and asked[2].startswith('SPXVN')


def test_tracking_events_have_their_own_words(shopee):
    number = shopee.order()
    early = shopee.get('logistics/get_tracking_info', order_sn=number)
    assert shopee.code(early) == 'logistics.error_status_limit'
    shopee.ok(shopee.ship(number))
    shopee.move(number, 'pickup')
    shopee.move(number, 'refuse')
    shopee.move(number, 'bring_back')
    info = shopee.ok(shopee.get('logistics/get_tracking_info', order_sn=number))
    assert info['logistics_status'] == 'LOGISTICS_DELIVERY_FAILED'
    assert [row['logistics_status'] for row in info['tracking_info']] == [
        'RETURNED', 'RETURN_STARTED', 'FAILED_DELIVERED', 'PICKED_UP', 'ORDER_CREATED'
    ]
    detail = shopee.detail(number, 'cancel_reason,cancel_by')
    assert detail['order_status'] == 'CANCELLED'
    assert detail['cancel_reason'] == 'COD Rejected'


def test_cod_is_paid_at_the_door(shopee):
    number, _ = shopee.shipped(cod=True)
    shopee.move(number, 'pickup')
    assert shopee.detail(number, 'pay_time')['pay_time'] == 0
    shopee.move(number, 'deliver')
    detail = shopee.detail(number, 'pay_time,pickup_done_time,package_list')
    assert detail['order_status'] == 'TO_CONFIRM_RECEIVE'
    assert detail['pay_time'] >= detail['pickup_done_time'] > 0
    package = detail['package_list'][0]
    assert package['logistics_status'] == 'LOGISTICS_DELIVERY_DONE'
    shopee.move(number, 'complete')
    assert shopee.status(number) == 'COMPLETED'


def test_failed_pickup_is_arranged_again(shopee, box):
    number, _ = shopee.shipped()
    shopee.move(number, 'fail_pickup')
    assert shopee.status(number) == 'RETRY_SHIP'
    body = shopee.pickup(number)
    same = shopee.post('logistics/update_shipping_order', body)
    assert shopee.code(same) == 'logistics.update_shipping_order_no_param_change'
    later = str(int(body['pickup']['pickup_time_id']) + 86400)
    body['pickup']['pickup_time_id'] = later
    shopee.ok(shopee.post('logistics/update_shipping_order', body))
    assert shopee.status(number) == 'PROCESSED'


# === LABELS === #


def download(shopee, *numbers):
    rows = [{'order_sn': number} for number in numbers]
    return shopee.post(
        'logistics/download_shipping_document',
        {'shipping_document_type': LABEL, 'order_list': rows},
    )


def test_label_is_a_page_of_100_by_150_mm_with_real_data(shopee):
    buyer = {'name': 'Nguyễn Thị Hương', 'phone': '84903123418'}
    number, tracking = shopee.shipped(
        buyer=buyer, items=[{'sku': 'AT-SG-DEN-L', 'qty': 2}], message='Gọi trước'
    )
    parameter = shopee.ok(shopee.document('get_*_parameter', number))
    row = parameter['result_list'][0]
    assert row['suggest_shipping_document_type'] == LABEL
    early = shopee.document('get_*_result', number).json()['response']
    assert early['result_list'][0]['fail_error'] == (
        'logistics.shipping_document_should_print_first'
    )
    shopee.ok(shopee.document('create_*', number, tracking_number=tracking))
    result = shopee.ok(shopee.document('get_*_result', number))
    assert result['result_list'][0]['status'] == 'READY'
    answer = download(shopee, number)
    assert answer.headers['Content-Type'] == 'application/pdf'
    (page,) = PdfReader(io.BytesIO(answer.content)).pages
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [100, 150]
    text = page.extract_text()
    for part in (tracking, number, 'Nguyễn Thị Hương', '84903123418', 'AT-SG-DEN-L',
                 '274.500', 'Gọi trước', '500 g'):
        assert part in text, part


def test_label_is_processed_for_a_while_and_may_fail(shopee, box):
    box.post('/shopee/settings', {'document_processing': 2})
    number, tracking = shopee.shipped()
    shopee.ok(shopee.document('create_*', number, tracking_number=tracking))
    assert shopee.code(download(shopee, number)) == 'logistics.download_later'

    def status():
        answer = shopee.document('get_*_result', number)
        return answer.json()['response']['result_list'][0]['status']

    assert [status() for _ in range(3)] == ['PROCESSING', 'PROCESSING', 'READY']
    box.post('/shopee/settings', {'document_processing': 0, 'document_fails': True})
    shopee.ok(shopee.document('create_*', number, tracking_number=tracking))
    assert status() == 'FAILED'
    assert len(box.ledger('shopee', 'create_shipping_document')) == 1


def test_labels_of_some_rows(shopee):
    number, tracking = shopee.shipped()
    waiting = shopee.order()
    rows = [
        {'order_sn': number, 'tracking_number': tracking},
        {'order_sn': waiting, 'tracking_number': 'X'},
        {'order_sn': 'unknown', 'tracking_number': 'X'},
    ]
    answer = shopee.post('logistics/create_shipping_document', {'order_list': rows})
    body = answer.json()
    assert body['error'] == ''
    assert [row['fail_error'] for row in body['response']['result_list']] == [
        '', 'logistics.package_can_not_print', 'logistics.order_not_exist'
    ]
    assert [row['order_sn'] for row in body['warning']] == [waiting, 'unknown']
    wrong = shopee.document('create_*', number, tracking_number='SPX0').json()
    assert wrong['error'] == 'common.batch_api_all_failed'
    assert wrong['response']['result_list'][0]['fail_error'] == (
        'logistics.tracking_number_invalid'
    )


def test_label_of_many_and_as_zip(shopee, box):
    pairs = [shopee.shipped() for _ in range(3)]
    for number, tracking in pairs:
        shopee.ok(shopee.document('create_*', number, tracking_number=tracking))
    numbers = [number for number, _ in pairs]
    assert len(PdfReader(io.BytesIO(download(shopee, *numbers).content)).pages) == 3
    box.post('/shopee/settings', {'document_format': 'zip'})
    packed = zipfile.ZipFile(io.BytesIO(download(shopee, *numbers).content))
    assert packed.read('airwaybill.pdf').startswith(b'%PDF')


def test_no_label_after_pickup(shopee):
    number, tracking = shopee.shipped()
    shopee.ok(shopee.document('create_*', number, tracking_number=tracking))
    shopee.move(number, 'pickup')
    assert shopee.code(download(shopee, number)) == 'logistics.order_status_error'
