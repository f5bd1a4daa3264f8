"""Shopee's payloads -> the neutral dataclasses of `lib.orders` (README 4, 5, 7).

Tolerant where Shopee is loose (numbers as text, missing optional fields, null for
empty), strict where an order would be wrong without the value (`Unreadable`).
"""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import isfinite

from odoo.addons.gtg_connector_base.lib.clock import UTC

from ...lib import orders as o
from . import const

# what the platform pays for the buyer; comes back to the seller with the payout
PLATFORM_PAID = ('voucher_from_shopee', 'coins', 'payment_promotion',
                 'credit_card_promotion', 'voucher_from_external_party')


# === SINGLE VALUES === #

def text(value):
    """Text without the characters that a database refuses, '' for null."""
    if value is None or isinstance(value, (dict, list, bool)):
        return ''
    return str(value).replace('\0', '').strip()


def number(value, default=None):
    """Decimal of a number or numeric text; `default` when there is none.

    :raise Unreadable: something that is no finite number
    """
    if value is None or value == '':
        return default
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        raise o.Unreadable(f'not a number: {value!r}'[:80]) from None
    if isinstance(value, bool) or not found.is_finite() or abs(found) > 10**15:
        raise o.Unreadable(f'not a number: {value!r}'[:80])
    return found


def money(value):
    return number(value, Decimal(0))


def moment(value):
    """Aware UTC time of Unix seconds; None for 0, null and nonsense."""
    try:
        seconds = int(number(value, Decimal(0)))
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (o.Unreadable, OverflowError, ValueError, OSError):
        return None


def reference(value):
    """An id as text: numbers lose a trailing '.0', never their digits."""
    if isinstance(value, (float, Decimal)) and isfinite(value) and (
            value == int(value)):
        value = int(value)
    return text(value)


def dicts(value):
    return [row for row in value if isinstance(row, dict)] if isinstance(
        value, list) else []


def flag(value):
    return value is True or text(value).lower() in ('true', '1')


# === ORDERS === #

def order(payload, escrow=None):
    """One order of get_order_detail.

    :param dict escrow: ``order_income`` of get_escrow_detail, when it is needed
        (see `needs_escrow`)
    :raise Unreadable: no number, no lines, no status, or an impossible price
    """
    ref = reference(payload.get('order_sn'))
    status = text(payload.get('order_status')).upper()
    if not ref or not status:
        raise o.Unreadable('order without number or status')
    lines = order_lines(payload, escrow or {})
    if not lines:
        raise o.Unreadable(f'order {ref} without lines')
    neutral = const.ORDER_STATUS.get(status, o.UNKNOWN)
    recipient_address = recipient(payload)
    return o.Order(
        ref=ref,
        status=neutral,
        platform_status=status,
        currency=text(payload.get('currency')).upper(),
        created_at=moment(payload.get('create_time')),
        update_time=moment(payload.get('update_time')),
        lines=lines,
        packages=packages(payload),
        recipient=recipient_address,
        buyer_ref=_buyer(payload),
        buyer_name=text(payload.get('buyer_username')),
        buyer_note=text(payload.get('message_to_seller')),
        seller_note=text(payload.get('note')),
        is_cod=flag(payload.get('cod')),
        payment_method=text(payload.get('payment_method')),
        paid_at=moment(payload.get('pay_time')),
        ship_by=moment(payload.get('ship_by_date')),
        shipped_at=moment(payload.get('pickup_done_time')),
        split=flag(payload.get('split_up')),
        platform_fulfilled=(
            text(payload.get('fulfillment_flag')) == 'fulfilled_by_shopee'),
        cancel_reason=' / '.join(filter(None, (
            text(payload.get('cancel_by')),
            text(payload.get('buyer_cancel_reason')
                 or payload.get('cancel_reason'))))),
        **totals(payload, neutral, lines, escrow),
    )


def _buyer(payload):
    ref = reference(payload.get('buyer_user_id'))
    return '' if ref in ('0', '-1') or o.is_masked(ref) else ref


def invoice_buyer(row):
    """What get_buyer_invoice_info says of one order (README 4).

    :return: `InvoiceBuyer`; None when nothing is asked, or a part is masked
    """
    detail, kind = row.get('invoice_detail'), text(row.get('invoice_type'))
    if not isinstance(detail, dict) or kind not in const.INVOICE_BUYERS:
        return None
    neutral, names = const.INVOICE_BUYERS[kind]
    values = {field: next(filter(None, (text(detail.get(key)) for key in keys)), '')
              for field, keys in names.items()}
    if not values['name'] or any(map(o.is_masked, values.values())):
        return None
    return o.InvoiceBuyer(neutral, **values)


def recipient(payload):
    """VN: state = province, city = district level, district = ward (README 4)."""
    address = payload.get('recipient_address')
    address = address if isinstance(address, dict) else {}
    region = text(address.get('region') or payload.get('region')).upper()
    return o.Recipient(
        name=text(address.get('name')),
        phone=text(address.get('phone')),
        street=text(address.get('full_address')),
        ward=text(address.get('district')),
        district=text(address.get('city')),
        province=text(address.get('state')),
        zipcode=text(address.get('zipcode')),
        country=region if len(region) == 2 else '',
    )


def order_lines(payload, escrow):
    """README 4: key of a line is (item, model, order_item, promotion_group)."""
    rows = dicts(payload.get('item_list'))
    sums = _escrow_amounts(escrow)
    found, keys = [], {}
    for row in rows:
        item, model = reference(row.get('item_id')), reference(row.get('model_id'))
        quantity = number(row.get('model_quantity_purchased'), Decimal(0))
        price = number(row.get('model_discounted_price'))
        list_price = money(row.get('model_original_price'))
        if price is None:
            price = list_price
        if not item or quantity <= 0 or price < 0:
            raise o.Unreadable('line without item, quantity or price')
        key = _line_key(row)
        keys[key] = keys.get(key, 0) + 1
        if keys[key] > 1:  # never lose a line to an equal key
            key = f'{key}-{keys[key]}'
        total = sums.get((item, model or '0'))
        if price or total is None or total[1] != quantity:
            total = None
        else:  # README 7: a bundle shows 0, the escrow knows the price of the line
            price, total = total[0] / quantity, total[0]
        found.append(o.OrderLine(
            line_key=key, item_ref=item, model_ref=model or '0',
            sku=text(row.get('model_sku')) or text(row.get('item_sku')),
            name=' - '.join(filter(None, (
                text(row.get('item_name')), text(row.get('model_name'))))),
            quantity=quantity, price=price, list_price=list_price, total=total))
    return tuple(found)


def _line_key(row):
    return '-'.join(reference(row.get(name)) or '0' for name in (
        'item_id', 'model_id', 'order_item_id', 'promotion_group_id'))


def _escrow_amounts(escrow):
    """(item, model) -> (line total, quantity); README 7: escrow prices are totals."""
    amounts = {}
    for row in dicts(escrow.get('items')):
        key = (reference(row.get('item_id')), reference(row.get('model_id')) or '0')
        total, quantity = amounts.get(key, (Decimal(0), Decimal(0)))
        amounts[key] = (total + money(row.get('discounted_price')),
                        quantity + money(row.get('quantity_purchased')))
    return amounts


def totals(payload, status, lines, escrow=None):
    """What the buyer pays and which parts explain it (README 7)."""
    total = number(payload.get('total_amount'))
    if not total and status in (o.UNPAID, o.PENDING, o.CANCELLED):
        total = None  # filled only after payment
    if escrow:
        return {
            'total': total,
            'shipping': money(escrow.get('buyer_paid_shipping_fee')),
            'seller_discount': money(escrow.get('voucher_from_seller')),
            'platform_discount': sum(
                (money(escrow.get(key)) for key in PLATFORM_PAID), Decimal(0)),
        }
    shipping = money(payload.get('estimated_shipping_fee'))
    if total == sum((line.amount for line in lines), Decimal(0)):
        shipping = Decimal(0)  # the estimate is no fact: this buyer ships for free
    return {'total': total, 'shipping': shipping}


def needs_escrow(payload, found):
    """Whether the order alone does not explain its total (bundles, vouchers)."""
    return found.status not in (o.UNPAID, o.PENDING) and bool(
        found.difference or any(not line.price for line in found.lines)
        or found.shipping != money(payload.get('estimated_shipping_fee')))


def packages(payload):
    return tuple(
        package(row, payload) for row in dicts(payload.get('package_list'))
        if text(row.get('package_number')))


def package(row, payload=None):
    """A package of an order, or of get_package_detail."""
    payload = payload or {}
    word = text(row.get('fulfillment_status') or row.get('logistics_status')).upper()
    status = const.PACKAGE_STATUS.get(word, o.PACKAGE_WAITING)
    tracking = text(row.get('tracking_number'))
    return o.Package(
        number=text(row.get('package_number')),
        status=status,
        carrier=text(row.get('shipping_carrier') or payload.get('shipping_carrier')),
        tracking_number='' if tracking == '-' else tracking,
        arranged=flag(row.get('is_shipment_arranged'))
        or status not in (o.PACKAGE_WAITING, o.PACKAGE_READY, o.PACKAGE_RETRY),
        # README 7: combined, booked and platform-fulfilled parcels are not ours to ship
        shippable=not money(row.get('group_shipment_id'))
        and not flag(payload.get('advance_package'))
        and not text(payload.get('booking_sn'))
        and text(payload.get('fulfillment_flag')) != 'fulfilled_by_shopee',
        quantities=tuple(
            (_line_key(item), number(item.get('model_quantity'), Decimal(0)))
            for item in dicts(row.get('item_list'))),
    )


# === SHIPMENT === #

def hand_over(offer, preference='any'):
    """The way a parcel goes to the carrier, from get_shipping_parameter (README 4).

    :param str preference: any, pickup or dropoff
    :return: (method, details for ship_order)
    :raise Unreadable: no offered way can be filled in
    """
    needed = offer.get('info_needed')
    needed = needed if isinstance(needed, dict) else {}
    ways = ('pickup', 'dropoff') if preference == 'any' else (preference,)
    for way in ways:
        if way in needed:
            details = (_pickup if way == 'pickup' else _dropoff)(
                needed[way] or [], offer.get(way) or {})
            if details is not None:
                return way, details
    raise o.Unreadable('Shopee offers no such hand-over: ' + (
        ', '.join(sorted(needed)) or 'none'))


def _pickup(fields, offer):
    if 'address_id' not in fields:
        return {}
    places = dicts(offer.get('address_list'))
    place = _flagged(places, 'address_flag', 'pickup_address', 'default_address')
    if not place:
        return None
    slot = _flagged(dicts(place.get('time_slot_list')), 'flags', 'recommended')
    # README 4: some channels take a pickup without a time
    return {'address_id': int(number(place.get('address_id'))),
            **({'pickup_time_id': text(slot.get('pickup_time_id'))} if slot else {})}


def _dropoff(fields, offer):
    branches = dicts(offer.get('branch_list'))
    if 'branch_id' in fields and not branches:
        return None
    if 'sender_real_name' in fields or 'tracking_no' in fields:
        return None  # nobody here knows these
    return ({'branch_id': int(number(branches[0].get('branch_id')))}
            if 'branch_id' in fields else {})


def _flagged(rows, key, *flags):
    for one in flags:
        for row in rows:
            if one in (row.get(key) or []):
                return row
    return rows[0] if rows else None


# === LISTINGS === #

def listing(base, models=None):
    """A listing from get_item_base_info and, with choices, get_model_list."""
    item = reference(base.get('item_id'))
    if not item:
        raise o.Unreadable('listing without id')
    name = text(base.get('item_name'))
    if flag(base.get('has_model')) and models:
        tiers = dicts(models.get('tier_variation'))
        skus = tuple(_listing_sku(item, row, tiers, base)
                     for row in dicts(models.get('model')))
    else:
        skus = (_listing_sku(item, {**base, 'model_id': 0}, [], base),)
    return o.Listing(item_ref=item, name=name,
                     status=text(base.get('item_status')), skus=skus)


def _listing_sku(item, row, tiers, base):
    options = []
    for tier, index in zip(tiers, row.get('tier_index') or [], strict=False):
        choices = dicts(tier.get('option_list'))
        if isinstance(index, int) and 0 <= index < len(choices):
            options.append(text(choices[index].get('option')))
    prices = dicts(row.get('price_info'))
    stock = row.get('stock_info_v2')
    summary = stock.get('summary_info') if isinstance(stock, dict) else None
    barcode = text(row.get('gtin_code'))
    return o.ListingSku(
        item_ref=item, model_ref=reference(row.get('model_id')) or '0',
        sku=text(row.get('model_sku')) or text(base.get('item_sku')),
        barcode='' if barcode == '00' else barcode, name=', '.join(options),
        price=number(prices[0].get('current_price')) if prices else None,
        stock=number((summary or {}).get('total_available_stock')))


# === SHOP, TOKENS, PUSHES === #

def shop_info(payload, shop_ref):
    return o.ShopInfo(
        ref=str(shop_ref), name=text(payload.get('shop_name')),
        region=text(payload.get('region')).upper(),
        status=text(payload.get('status')),
        authorization_expires_at=moment(payload.get('expire_time')))


def tokens(payload, now):
    """The token pair of an exchange or a refresh.

    :param int now: Unix seconds, because a life of 10^9 s and more is a date (README 2)
    """
    access, refresh = text(payload.get('access_token')), text(
        payload.get('refresh_token'))
    if not access or not refresh:
        raise o.Unreadable('answer without tokens')
    lifetime = int(number(payload.get('expire_in'), Decimal(0)))
    shops = payload.get('shop_id_list')
    shops = shops if isinstance(shops, list) else [payload.get('shop_id')]
    return o.TokenPair(
        access, refresh, lifetime - now if lifetime > 10**9 else lifetime,
        tuple(filter(None, (reference(shop) for shop in shops))))


_SHOP_IN_TEXT = re.compile(r'shop id (\d+)', re.IGNORECASE)


def push_shops(push):
    """Shops that a push is about; README 6: sometimes only a sentence names them."""
    data = push.get('data')
    data = data if isinstance(data, dict) else {}
    found = [push.get('shop_id'), data.get('shop_id'), data.get('shopid')]
    for key in ('shop_id_list', 'shop_expire_soon'):
        rows = data.get(key)
        found += rows if isinstance(rows, list) else []
    found = [row.get('shop_id') if isinstance(row, dict) else row for row in found]
    refs = [ref for ref in map(reference, found) if ref.isascii() and ref.isdigit()]
    return list(dict.fromkeys(refs)) or _SHOP_IN_TEXT.findall(
        text(data.get('extra')))


def push_order(push):
    """The order a push names, '' when none (both spellings, README 6)."""
    data = push.get('data')
    data = data if isinstance(data, dict) else {}
    return reference(data.get('ordersn') or data.get('order_sn'))
