"""Shopee sandbox: reading orders, listings, money; cancelling; returns."""

import pytest

from .shopee_caller import SHOP

DEFAULTS = {
    'order_sn', 'region', 'currency', 'cod', 'order_status', 'message_to_seller',
    'create_time', 'update_time', 'days_to_ship', 'ship_by_date',
}


def listing(shopee, **changes):
    params = {
        'time_range_field': 'update_time',
        'time_from': shopee.now - 86400,
        'time_to': shopee.now + 1,
        'page_size': 100,
        'request_order_status_pending': 'true',
        'response_optional_fields': 'order_status',
    }
    return shopee.get('order/get_order_list', **(params | changes))


def numbers(shopee, **changes):
    rows = shopee.ok(listing(shopee, **changes))['order_list']
    return [row['order_sn'] for row in rows]


# === LISTS === #


def test_list_without_optional_fields_has_only_numbers(shopee):
    number = shopee.order()
    rows = shopee.ok(listing(shopee, response_optional_fields=''))['order_list']
    assert rows == [{'order_sn': number}]


def test_list_pages_with_a_cursor(shopee):
    made = [shopee.order() for _ in range(5)]
    found, cursor = [], ''
    for size in (2, 2, 2):
        page = shopee.ok(listing(shopee, page_size=size, cursor=cursor))
        found += [row['order_sn'] for row in page['order_list']]
        cursor = page['next_cursor']
        assert page['more'] is bool(cursor)
    assert found == made


def test_order_that_changes_while_paging_is_met_again_not_lost(shopee, box):
    made = [shopee.order(create_time=shopee.now - 100 + n) for n in range(4)]
    page = shopee.ok(listing(shopee, page_size=2))
    shopee.move(made[0], 'edit', message='đổi')
    rest = numbers(shopee, cursor=page['next_cursor'])
    assert rest == [made[2], made[3], made[0]]


@pytest.mark.parametrize(
    ('start', 'end', 'fine'),
    [
        (15 * 86400, 0, True),
        (15 * 86400 + 1, 0, False),
        (0, 0, False),
        (0, 10, False),
    ],
)
def test_list_window(shopee, start, end, fine):
    answer = listing(shopee, time_from=shopee.now - start, time_to=shopee.now - end)
    assert answer.status_code == 200
    expected = '' if fine else 'order.order_list_invalid_time'
    assert shopee.code(answer) == expected


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        ({'page_size': 101}, 'page_size must be 100 or less.'),
        ({'page_size': ''}, 'page_size is a required field.'),
        ({'time_range_field': 'paid'}, 'time_range_field'),
        ({'order_status': 'RETRY_SHIP'}, 'order_status RETRY_SHIP is invalid'),
        ({'order_status': 'READY_TO_SHIP,SHIPPED'}, 'is invalid'),
        ({'cursor': 'x,y'}, 'cursor'),
    ],
)
def test_list_refuses(shopee, changes, text):
    body = listing(shopee, **changes).json()
    assert body['error'] == 'error_param' and text in body['message']


def test_list_filters_by_status_and_window_of_creation(shopee):
    unpaid = shopee.order(cod=False)
    ready = shopee.order()
    old = shopee.order(create_time=shopee.now - 10 * 86400)
    assert numbers(shopee, order_status='UNPAID') == [unpaid]
    assert numbers(shopee, order_status='READY_TO_SHIP') == [ready]
    assert numbers(
        shopee,
        time_range_field='create_time',
        time_from=shopee.now - 11 * 86400,
        time_to=shopee.now - 9 * 86400,
    ) == [old]


def test_pending_is_shown_to_who_asks(shopee):
    number = shopee.order(pending=True)
    assert shopee.status(number) == 'PENDING'
    detail = shopee.detail(number, request_order_status_pending='false')
    assert detail['order_status'] == 'UNPAID' and 'pending_terms' not in detail
    shopee.move(number, 'release')
    assert shopee.status(number) == 'READY_TO_SHIP'


def test_other_shops_orders_are_unknown(shopee, box):
    other = shopee.order(shop_id=SHOP + 1)
    assert numbers(shopee) == []
    answer = shopee.get('order/get_order_detail', order_sn_list=other)
    assert shopee.code(answer) == 'error_not_found'


# === DETAILS === #


def test_detail_gives_defaults_and_what_was_named(shopee):
    number = shopee.order(message='Giao giờ hành chính')
    assert set(shopee.detail(number)) - {'pending_terms', 'pending_description'} == (
        DEFAULTS
    )
    detail = shopee.detail(number, 'total_amount,note,unheard_of')
    assert detail['note'] == '' and 'item_list' not in detail
    assert 'unheard_of' not in detail
    assert detail['message_to_seller'] == 'Giao giờ hành chính'


def test_detail_of_a_cod_order(shopee):
    number = shopee.order(
        cod=True, items=[{'sku': 'AT-SG-DEN-L', 'qty': 2}], voucher=20000
    )
    detail = shopee.detail(
        number, 'item_list,package_list,total_amount,pay_time,recipient_address'
    )
    assert detail['cod'] is True and detail['order_status'] == 'READY_TO_SHIP'
    assert detail['total_amount'] == 2 * 129000 + 16500 - 20000
    assert detail['pay_time'] == 0 and detail['ship_by_date'] > shopee.now
    (line,) = detail['item_list']
    assert line['model_sku'] == 'AT-SG-DEN-L' and line['model_name'] == 'Đen,L'
    assert line['model_discounted_price'] == 129000
    assert line['model_quantity_purchased'] == 2 and line['weight'] == 0.25
    (package,) = detail['package_list']
    assert package['logistics_status'] == 'LOGISTICS_READY'
    assert package['parcel_chargeable_weight_gram'] == 500


def test_buyer_is_masked_unless_switched_off(shopee, box):
    address = {'full_address': '12 Nguyễn Huệ', 'state': 'TP. Hồ Chí Minh'}
    buyer = {'name': 'Nguyễn Hương', 'phone': '84903123418'}
    number = shopee.order(buyer=buyer, address=address)
    masked = shopee.detail(number, 'recipient_address')['recipient_address']
    assert masked['name'] == 'N******g' and masked['phone'] == '******18'
    assert masked['full_address'] == '12******'
    assert masked['state'] == 'TP. Hồ Chí Minh' and masked['town'] == ''
    box.post('/shopee/settings', {'masked': False})
    clear = shopee.detail(number, 'recipient_address')['recipient_address']
    assert clear['name'] == 'Nguyễn Hương' and clear['full_address'] == '12 Nguyễn Huệ'


def test_detail_of_unknown_orders(shopee, box):
    number = shopee.order()
    mixed = {'order_sn_list': f'{number},2611220A1B2C3D'}
    rows = shopee.ok(shopee.get('order/get_order_detail', **mixed))['order_list']
    assert [row['order_sn'] for row in rows] == [number]
    box.post('/shopee/settings', {'unknown_orders': 'error'})
    answer = shopee.get('order/get_order_detail', **mixed).json()
    assert answer['error'] == 'error_not_found'
    assert answer['message'] == 'Wrong parameters, detail: the order is not found.'


def test_detail_batch_is_fifty(shopee):
    too_many = ','.join(f'26112200000{n:03d}' for n in range(51))
    answer = shopee.get('order/get_order_detail', order_sn_list=too_many)
    assert shopee.code(answer) == 'error_param'


def test_bundle_hides_the_price_and_escrow_knows_it(shopee):
    number = shopee.order(items=[{'sku': 'NON-01', 'qty': 2, 'bundle': True}])
    (line,) = shopee.detail(number, 'item_list')['item_list']
    assert line['model_discounted_price'] == 0 and line['order_item_id'] == 1
    escrow = shopee.ok(shopee.get('payment/get_escrow_detail', order_sn=number))
    assert escrow['order_income']['items'][0]['discounted_price'] == 2 * 59000


def test_unknown_sku_and_wrong_total_for_tests(shopee):
    number = shopee.order(
        items=[{'sku': 'LA-99', 'qty': 1, 'price': 70000}], total_mismatch=1000
    )
    detail = shopee.detail(number, 'item_list,total_amount')
    assert detail['item_list'][0]['item_sku'] == 'LA-99'
    assert detail['total_amount'] == 70000 + 16500 + 1000


# === CANCELLING === #


def test_seller_cancels_once(shopee, box):
    number = shopee.order(items=[{'sku': 'QJ-30', 'qty': 1}])
    bare = {'order_sn': number, 'cancel_reason': 'OUT_OF_STOCK'}
    assert shopee.code(shopee.post('order/cancel_order', bare)) == 'error_param'
    line = shopee.detail(number, 'item_list')['item_list'][0]
    body = bare | {
        'item_list': [{'item_id': line['item_id'], 'model_id': line['model_id']}]
    }
    shopee.ok(shopee.post('order/cancel_order', body))
    detail = shopee.detail(number, 'cancel_by,cancel_reason,package_list')
    assert detail['order_status'] == 'CANCELLED' and detail['cancel_by'] == 'seller'
    assert detail['package_list'][0]['logistics_status'] == 'LOGISTICS_INVALID'
    again = shopee.post('order/cancel_order', body)
    assert shopee.code(again) == 'order.error_limit'
    assert len(box.ledger('shopee', 'cancel_order')) == 1


@pytest.mark.parametrize(
    ('operation', 'status'), [('ACCEPT', 'CANCELLED'), ('REJECT', 'READY_TO_SHIP')]
)
def test_buyers_cancellation_is_answered(shopee, operation, status):
    number = shopee.order()
    body = {'order_sn': number, 'operation': operation}
    early = shopee.post('order/handle_buyer_cancellation', body)
    assert shopee.code(early) == 'order.cancel_order_invalid_status'
    shopee.move(number, 'cancel_request', reason='Đặt nhầm')
    detail = shopee.detail(number, 'buyer_cancel_reason')
    assert detail['order_status'] == 'IN_CANCEL'
    assert detail['buyer_cancel_reason'] == 'Đặt nhầm'
    shopee.ok(shopee.post('order/handle_buyer_cancellation', body))
    assert shopee.status(number) == status


def test_control_verb_in_the_wrong_status_is_refused(shopee):
    number = shopee.order()
    with pytest.raises(RuntimeError, match='409.*READY_TO_SHIP'):
        shopee.move(number, 'pickup')


# === NOTES AND INVOICES === #


def test_note(shopee):
    number = shopee.order()
    body = {'order_sn': number, 'note': 'Gọi trước khi giao'}
    shopee.ok(shopee.post('order/set_note', body))
    detail = shopee.detail(number, 'note,note_update_time')
    assert detail['note'] == 'Gọi trước khi giao' and detail['note_update_time']


def test_invoice_wish_appears_when_the_buyer_sets_it(shopee, box):
    number = shopee.order()
    query = {'queries': [{'order_sn': number}, {'order_sn': 'X'}]}

    def rows():
        answer = shopee.post('order/get_buyer_invoice_info', query)
        return shopee.ok(answer)['invoice_info_list']

    asked, unknown = rows()
    assert asked['error'] == 'receipt settings not found'
    assert asked['invoice_detail'] is None and unknown['error'] == 'order not found'
    wish = {
        'type': 'company', 'company_name': 'CÔNG TY TNHH MINH PHÁT',
        'company_tax_id': '0312345678',
    }
    shopee.move(number, 'edit', invoice=wish)
    row = rows()[0]
    assert row['invoice_type'] == 'company' and row['error'] == ''
    assert row['invoice_detail']['company_tax_id'] == '0312345678'
    box.post('/shopee/settings', {'invoice_masked': True})
    assert rows()[0]['invoice_detail']['company_tax_id'] == '****'
    twice = {'queries': [{'order_sn': number}] * 2}
    answer = shopee.post('order/get_buyer_invoice_info', twice)
    assert shopee.code(answer) == 'error_param'


# === LISTINGS === #


def test_listings_by_item_and_model(shopee):
    params = {'offset': 0, 'page_size': 2, 'item_status': ['NORMAL', 'UNLIST']}
    page = shopee.ok(shopee.get('product/get_item_list', **params))
    assert page['has_next_page'] and page['next_offset'] == 2
    first = page['item'][0]['item_id']
    answer = shopee.get('product/get_item_base_info', item_id_list=f'{first},999')
    (info,) = shopee.ok(answer)['item_list']
    assert info['item_name'] == 'Áo thun Sài Gòn' and info['has_model']
    assert 'price_info' not in info and info['weight'] == '0.25'
    models = shopee.ok(shopee.get('product/get_model_list', item_id=first))
    assert [row['model_sku'] for row in models['model']] == [
        'AT-SG-DEN-M', 'AT-SG-DEN-L', 'AT-SG-TRANG-M', 'AT-SG-TRANG-L'
    ]
    assert models['model'][0]['price_info'][0]['current_price'] == 129000
    repeated = shopee.get('product/get_item_base_info', item_id_list=[first, 999])
    assert len(shopee.ok(repeated)['item_list']) == 1


def test_stock_price_and_unlisting(shopee, box):
    box.post(
        f'/shopee/listings/{23812345678}/edit',
        {'models': {'AT-SG-DEN-L': {'reserved': 5}}},
    )

    def stock(quantity, model_id):
        row = {'model_id': model_id, 'seller_stock': [{'stock': quantity}]}
        body = {'item_id': 23812345678, 'stock_list': [row]}
        return shopee.post('product/update_stock', body)

    shopee.ok(stock(12, 198765432101))
    low = stock(4, 198765432102).json()
    assert low['error'] == 'error_busi_update_stock_failed'
    assert low['response']['failure_list'][0]['failed_reason'].startswith('Stock should')
    whole = stock(1, 0)
    assert shopee.code(whole) == 'error_edit_item_stock_for_item_has_model'
    assert shopee.code(stock('9', 198765432101)) == 'product.error_param'
    assert box.ledger('shopee', 'update_stock')[0]['reference'] == 'AT-SG-DEN-M'

    def price(amount):
        row = {'model_id': 0, 'original_price': amount}
        body = {'item_id': 23812345680, 'price_list': [row]}
        return shopee.ok(shopee.post('product/update_price', body))

    assert price(61000)['success_list']
    off = {'item_list': [{'item_id': 23812345680, 'unlist': True}]}
    assert shopee.ok(shopee.post('product/unlist_item', off))['success_list']
    params = {'offset': 0, 'page_size': 9, 'item_status': 'UNLIST'}
    page = shopee.ok(shopee.get('product/get_item_list', **params))
    assert [row['item_id'] for row in page['item']] == [23812345680]


def test_orders_take_from_stock_and_cancelling_gives_back(shopee):
    def left():
        answer = shopee.get('product/get_model_list', item_id=23812345679)
        stock = shopee.ok(answer)['model'][0]['stock_info_v2']
        return stock['summary_info']['total_available_stock']

    before = left()
    number = shopee.order(cod=False, items=[{'sku': 'QJ-30', 'qty': 3}])
    assert left() == before - 3
    shopee.move(number, 'cancel')
    assert left() == before


def test_shop_surroundings(shopee):
    addresses = shopee.ok(shopee.get('logistics/get_address_list'))['address_list']
    assert 'PICK_UP_ADDRESS' in addresses[0]['address_type']
    channels = shopee.ok(shopee.get('logistics/get_channel_list'))
    assert any(
        row['enabled'] and not row['mask_channel_id']
        for row in channels['logistics_channel_list']
    )
    warehouse = shopee.get('shop/get_warehouse_detail')
    assert shopee.code(warehouse) == 'warehouse.error_not_in_whitelist'


# === MONEY AND RETURNS === #


def test_escrow_adds_up_and_is_released_on_completion(shopee):
    number, _ = shopee.shipped(items=[{'sku': 'QJ-30', 'qty': 1}], voucher=9000)
    span = {'release_time_from': shopee.now - 9, 'release_time_to': shopee.now + 99}
    released = shopee.get('payment/get_escrow_list', **span)
    assert shopee.ok(released)['escrow_list'] == []
    for verb in ('pickup', 'deliver', 'complete'):
        shopee.move(number, verb)
    (row,) = shopee.ok(shopee.get('payment/get_escrow_list', **span))['escrow_list']
    escrow = shopee.ok(shopee.get('payment/get_escrow_detail', order_sn=number))
    income = escrow['order_income']
    assert row['payout_amount'] == income['escrow_amount'] == (
        income['original_cost_of_goods_sold']
        - income['voucher_from_seller']
        + income['buyer_paid_shipping_fee']
        - income['actual_shipping_fee']
        - income['commission_fee']
        - income['seller_transaction_fee']
    )
    body = {'order_sn_list': [number, 'X']}
    batch = shopee.ok(shopee.post('payment/get_escrow_detail_batch', body))
    assert [one['escrow_detail']['order_sn'] for one in batch] == [number]
    by_get = shopee.get('payment/get_escrow_detail_batch', order_sn_list=number)
    assert 'format should be string[]' in by_get.json()['message']
    wallet = shopee.get(
        'payment/get_wallet_transaction_list', page_no=0, page_size=40
    )
    assert shopee.ok(wallet)['transaction_list'][0]['amount'] == row['payout_amount']


def test_escrow_of_an_unknown_order(shopee):
    assert shopee.code(shopee.get('payment/get_escrow_detail')) == 'error_param'
    answer = shopee.get('payment/get_escrow_detail', order_sn='X')
    assert shopee.code(answer) == 'order_not_found'


def test_return_is_listed_and_accepted_once(shopee, box):
    number, _ = shopee.shipped(items=[{'sku': 'AT-SG-DEN-L', 'qty': 2}])
    for verb in ('pickup', 'deliver'):
        shopee.move(number, verb)
    made = box.post(
        '/shopee/returns', {'order_sn': number, 'items': {'AT-SG-DEN-L': 1}}
    )
    assert shopee.status(number) == 'TO_RETURN'
    page = shopee.ok(shopee.get('returns/get_return_list', page_size=40))
    assert page['return'][0]['refund_amount'] == 129000
    body = {'return_sn': made['return_sn']}
    shopee.ok(shopee.post('returns/confirm', body))
    again = shopee.post('returns/confirm', body).json()
    assert again['message'] == 'Invalid return status: ACCEPTED'
    assert shopee.status(number) == 'COMPLETED'
    detail = shopee.get('returns/get_return_detail', return_sn=made['return_sn'])
    assert shopee.ok(detail)['status'] == 'ACCEPTED'
    escrow = shopee.ok(shopee.get('payment/get_escrow_detail', order_sn=number))
    assert escrow['order_income']['seller_return_refund'] == -129000
    assert escrow['return_order_sn_list'] == [made['return_sn']]
