"""How Shopee shows an order, a package, a recipient (README 5 and 6)."""

from .orders import total_amount

PENDING_TERMS = {
    'PENDING': (['SYSTEM_PENDING'], ['The order is being checked by Shopee.']),
}


# === MASKS === #


def mask_name(text):
    """Return 'N******g' for 'Nguyễn Thị Hương'."""
    return f'{text[:1]}******{text[-1:]}' if len(text) > 2 else '****'


def mask_phone(text):
    return f'******{text[-2:]}'


def mask_address(text):
    return f'{text[:2]}******'


def recipient(order, settings):
    """Return ``recipient_address``, masked unless the order or the switch says not."""
    masked = settings['masked'] if order['masked'] is None else order['masked']
    shown = dict(order['recipient'])
    if masked:
        shown['name'] = mask_name(shown['name'])
        shown['phone'] = mask_phone(shown['phone'])
        shown['full_address'] = mask_address(shown['full_address'])
    return shown


# === PARTS === #


def chargeable_grams(order, package):
    """Return the weight of a package in whole grams."""
    return round(
        sum(order['lines'][i]['weight'] * 1000 * qty for i, qty in package['lines'])
    )


def item_row(line):
    """Return one entry of ``item_list`` of the order detail."""
    return {
        'item_id': line['item_id'],
        'item_name': line['item_name'],
        'item_sku': line['item_sku'],
        'model_id': line['model_id'],
        'model_name': line['model_name'],
        'model_sku': line['model_sku'],
        'model_quantity_purchased': line['qty'],
        'model_original_price': line['original_price'],
        # README 5: the price of a bundle's part is known to escrow only.
        'model_discounted_price': 0 if line['bundle'] else line['price'],
        'wholesale': False,
        'weight': line['weight'],
        'add_on_deal': line['add_on'],
        'main_item': False,
        'add_on_deal_id': 0,
        'promotion_type': 'bundle_deal' if line['bundle'] else '',
        'promotion_id': 0,
        'promotion_list': [],
        'order_item_id': line['order_item_id'],
        'promotion_group_id': line['promotion_group_id'],
        'image_info': {'image_url': f'https://cf.shopee.vn/file/vn-{line["item_id"]}'},
        'product_location_id': ['VNZ'],
        'is_prescription_item': False,
        'is_b2c_owned_item': False,
        'hot_listing_item': False,
        'active_qty': line['qty'] - line['cancelled'],
        'cancel_requested_qty': 0,
        'cancelled_qty': line['cancelled'],
        'return_requested_qty': 0,
        'returned_qty': 0,
    }


def package_lines(order, package, skus=False):
    """Return ``item_list`` of a package; with SKUs in the package APIs."""
    rows = []
    for index, qty in package['lines']:
        line = order['lines'][index]
        row = {
            'item_id': line['item_id'],
            'model_id': line['model_id'],
            'model_quantity': qty,
            'order_item_id': line['order_item_id'],
            'promotion_group_id': line['promotion_group_id'],
            'product_location_id': 'VNZ',
        }
        if skus:
            row.update(item_sku=line['item_sku'], model_sku=line['model_sku'])
        rows.append(row)
    return rows


def package_row(order, package):
    """Return one entry of ``package_list`` of the order detail."""
    return {
        'package_number': package['package_number'],
        'logistics_status': package['status'],
        'logistics_channel_id': package['channel_id'],
        'shipping_carrier': package['carrier'],
        'allow_self_design_awb': True,
        'parcel_chargeable_weight_gram': chargeable_grams(order, package),
        'group_shipment_id': order['group_shipment_id'],
        'item_list': package_lines(order, package),
    }


def package_detail(order, package, settings):
    """Return one entry of get_package_detail."""
    terms, descriptions = PENDING_TERMS.get(order['status'], ([], []))
    return {
        'order_sn': order['order_sn'],
        'package_number': package['package_number'],
        'fulfillment_status': package['status'],
        'update_time': order['update_time'],
        'logistics_channel_id': package['channel_id'],
        'shipping_carrier': package['carrier'],
        'allow_self_design_awb': True,
        'days_to_ship': order['days_to_ship'],
        'ship_by_date': order['ship_by_date'],
        'pending_terms': terms,
        'pending_description': descriptions,
        'tracking_number': shown_tracking(package),
        'pickup_done_time': package['pickup_done_time'],
        'is_split_up': order['split'],
        'item_list': package_lines(order, package, skus=True),
        'recipient_address': recipient(order, settings),
        'parcel_chargeable_weight_gram': chargeable_grams(order, package),
        'group_shipment_id': order['group_shipment_id'],
        'is_shipment_arranged': package['arranged'],
        'can_split_order': len(order['lines']) > 1 and not order['split'],
        'can_unsplit_order': order['split'],
        'is_pre_order': False,
    }


def shown_tracking(package):
    """README 7: no number while the carrier has not answered."""
    return '' if package['tracking_wait'] else package['tracking_number']


# === THE ORDER === #


def shown_status(order, with_pending, settings):
    """README 5: who does not ask for PENDING sees another status instead."""
    if order['status'] == 'PENDING' and not with_pending:
        return settings['pending_shown_as']
    return order.get('status_shown') or order['status']


def order_detail(order, names, with_pending, settings):
    """Return an order with the default fields and the optional ones asked for."""
    detail = {
        'order_sn': order['order_sn'],
        'region': 'VN',
        'currency': order.get('currency', 'VND'),
        'cod': order['cod'],
        'order_status': shown_status(order, with_pending, settings),
        'message_to_seller': order['message'],
        'create_time': order['create_time'],
        'update_time': order['update_time'],
        'days_to_ship': order['days_to_ship'],
        'ship_by_date': order['ship_by_date'],
    }
    if order['advance']:
        detail.update(booking_sn=f'BK{order["order_sn"]}', advance_package=True)
    if with_pending:
        terms, texts = PENDING_TERMS.get(order['status'], ([], []))
        detail.update(pending_terms=terms, pending_description=texts)
    wanted = set(names)
    optional = _optional(order, settings)
    detail.update({name: optional[name] for name in optional if name in wanted})
    if 'shipping_carrier' in wanted:
        detail['checkout_shipping_carrier'] = 'Nhanh'
    if 'actual_shipping_fee' in wanted:
        detail['reverse_shipping_fee'] = 0
    return detail


def _optional(order, settings):
    """Return all fields that come only by name."""
    first = order['packages'][0]
    done = [p['pickup_done_time'] for p in order['packages']]
    paid = order['cod'] or order['pay_time']
    return {
        'buyer_user_id': order['buyer_user_id'],
        'buyer_username': order['buyer_username'],
        'estimated_shipping_fee': order['shipping_fee'],
        'recipient_address': recipient(order, settings),
        'actual_shipping_fee': order['shipping_fee'] if all(done) else 0,
        'goods_to_declare': False,
        'note': order['note'],
        'note_update_time': order['note_time'],
        'item_list': [item_row(line) for line in order['lines']],
        'pay_time': order['pay_time'],
        'dropshipper': None,
        'dropshipper_phone': None,
        'split_up': order['split'],
        'buyer_cancel_reason': order['buyer_cancel_reason'],
        'cancel_by': order['cancel_by'],
        'cancel_reason': order['cancel_reason'],
        'actual_shipping_fee_confirmed': bool(order['completed_at']),
        'buyer_cpf_id': None,
        'fulfillment_flag': order['fulfillment_flag'],
        'pickup_done_time': max(done) if all(done) else 0,
        'package_list': [package_row(order, package) for package in order['packages']],
        'shipping_carrier': first['carrier'],
        'payment_method': order['payment_method'],
        'total_amount': total_amount(order) if paid else 0,
        'invoice_data': None,
        'order_chargeable_weight_gram': sum(
            chargeable_grams(order, package) for package in order['packages']
        ),
        'return_request_due_date': 0,
        'edt': None,
        'payment_info': [],
        'international_label': None,
    }
