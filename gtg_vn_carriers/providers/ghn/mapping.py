"""Between GHN's JSON and our dataclasses. No I/O."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from odoo.addons.gtg_connector_base.lib.clock import from_iso
from odoo.addons.gtg_connector_base.lib.money import dec
from odoo.addons.gtg_vn_carriers.lib import shipping, tracking

from . import const

# === REQUESTS === #


def service_type(weight, boxes=1):
    """GHN's service: 2 below 20 kg in one box, else 5 (README 6).

    :param int weight: grams of all boxes
    """
    light = weight < const.HEAVY_FROM and boxes == 1
    return const.LIGHT if light else const.HEAVY


def converted_weight(length, width, height):
    """Volumetric weight in grams of a box in centimetres (README 6)."""
    return length * width * height // 5


def charged_weight(weight, length, width, height):
    """Grams that GHN charges for one box."""
    return max(weight, converted_weight(length, width, height))


def heavy_size(boxes):
    """Size of an order of the heavy service: its boxes stacked (README 6).

    :param boxes: `shipping.Box` of each physical box
    :rtype: shipping.Box
    """
    sides = [sorted((b.length, b.width, b.height), reverse=True) for b in boxes]
    return shipping.Box(
        sum(b.weight for b in boxes), max(s[0] for s in sides),
        max(s[1] for s in sides), sum(s[2] for s in sides))


def create_body(shipment):
    """Body of create and preview for one parcel.

    :param shipping.Shipment shipment: checked by `check`
    """
    box, to = shipment.box, shipment.to
    service = int(shipment.service or service_type(box.weight))
    body = {
        'payment_type_id': const.PAYER[shipment.payer],
        'required_note': const.INSPECTION[shipment.inspection],
        'service_type_id': service,
        'client_order_code': shipment.reference,
        'to_name': to.name[:const.MAX_NAME],
        'to_phone': to.phone,
        'weight': box.weight, 'length': box.length, 'width': box.width,
        'height': box.height,
        'cod_amount': int(shipment.cod),
        'insurance_value': int(min(shipment.value, const.MAX_VALUE)),
        'content': shipment.content[:const.MAX_CONTENT],
        'note': shipment.note[:const.MAX_NOTE],
        **_address(to),
    }
    if service == const.HEAVY:  # README 6: each row is one physical box
        body['items'] = [{
            'name': shipment.content[:const.MAX_ITEM_NAME] or shipment.reference,
            'code': shipment.reference, 'quantity': 1, 'price': int(shipment.value),
            'weight': box.weight, 'length': box.length, 'width': box.width,
            'height': box.height}]
    else:
        body['items'] = [{
            'name': item.name[:const.MAX_ITEM_NAME], 'code': item.code,
            'quantity': max(1, item.quantity), 'price': int(item.price),
            'weight': item.weight} for item in shipment.items]
    return body


def _address(to):
    # README 3: a street that a marketplace masked is refused, ward and province
    # alone are accepted
    street = to.street
    if not street.strip() or shipping.masked(street):
        street = ', '.join(part for part in (to.ward, to.province) if part)
    address = {'to_address': street[:const.MAX_NAME]}
    if to.two_level:
        return {**address, 'is_new_to_address': True, 'to_ward_name': to.ward,
                'to_province_name': to.province}
    if to.ward_code:
        return {**address, 'to_ward_code': to.ward_code,
                'to_district_id': to.district_id}
    return {**address, 'to_ward_name': to.ward, 'to_district_name': to.district,
            'to_province_name': to.province}


def fee_body(to, box, cod=Decimal(0), value=Decimal(0), service=''):
    """Body of the fee call, which knows the three-level ids only (README 3)."""
    service = int(service or service_type(box.weight))
    body = {
        'service_type_id': service, 'to_district_id': to.district_id,
        'to_ward_code': to.ward_code, 'weight': box.weight, 'length': box.length,
        'width': box.width, 'height': box.height,
        'insurance_value': int(min(value, const.MAX_VALUE)), 'cod_value': int(cod),
    }
    if service == const.HEAVY:
        body['items'] = [{
            'name': 'box', 'quantity': 1, 'weight': box.weight, 'length': box.length,
            'width': box.width, 'height': box.height}]
    return body


def check(shipment, limits):
    """The shipment with its phone in domestic form, or a refusal of our own.

    :raise Rejected: GHN would refuse it, or a person must complete it
    """
    shipping.check_box(shipment.box, limits)
    shipping.check_cod(shipment.cod, limits)
    phone = shipping.local_phone(shipment.to.phone)
    return shipping.replace_phone(shipment, phone)


# === ANSWERS === #


def waybill(data):
    """:raise ValueError: the answer names no parcel"""
    code = str(data.get('order_code') or '')
    if not code:
        raise ValueError('no order_code in the answer')
    return shipping.Waybill(
        code, dec(data.get('total_fee')), data.get('sort_code') or '',
        from_iso(data.get('expected_delivery_time')))


def quote(data):
    """Quote of preview (``total_fee``) or fee (``total``)."""
    total = data.get('total_fee', data.get('total'))
    if total is None:
        raise ValueError('no price in the answer')
    return shipping.Quote(dec(total), from_iso(data.get('expected_delivery_time')))


def snapshot(data):
    """A parcel as ``detail`` tells it (README 5).

    :param data: the object, or a list holding it (old form)
    :raise ValueError: it names no parcel
    """
    if isinstance(data, list):
        data = data[0] if data else {}
    if not isinstance(data, dict) or not data.get('order_code'):
        raise ValueError('no order_code in the answer')
    events = []
    for row in data.get('log') or ():
        at = _instant(row.get('updated_date'))
        if at and row.get('status'):
            events.append(event(row['status'], at,
                                reason_code=row.get('reason_code') or ''))
    updated = _instant(data.get('updated_date'))
    created = _instant(data.get('created_date')) or _instant(data.get('order_date'))
    status = data.get('status') or ''
    if status and updated and not any(e.code == status for e in events):
        # the history is absent before the first move
        first = status == 'ready_to_pick' and created
        events.append(event(status, created if first else updated))
    collected = _instant(data.get('cod_collect_date'))
    transferred = _instant(data.get('cod_transfer_date'))
    return shipping.Snapshot(
        tracking=str(data['order_code']),
        reference=data.get('client_order_code') or '',
        status=status, updated_at=updated, created_at=created, events=tuple(events),
        cod=dec(data['cod_amount']) if data.get('cod_amount') is not None else None,
        cod_collected_at=collected if _flag(data, 'is_cod_collected') else None,
        cod_transferred_at=(transferred or updated)
        if _flag(data, 'is_cod_transferred', transferred) else None,
        weight=int(dec(data.get('weight'))),
        converted_weight=int(dec(data.get('converted_weight'))),
        extra={'to_phone': data.get('to_phone') or '',
               'shop_id': str(data.get('shop_id') or ''),
               'partial_return': bool(data.get('is_partial_return'))},
    )


def _flag(data, name, default=True):
    value = data.get(name)
    return bool(default) if value is None else value in (True, 1, 'true', '1')


def _instant(text):
    try:
        return from_iso(text)
    except (ValueError, TypeError, AttributeError):
        return None


def units(rows, level, scheme):
    """Catalogue rows that an address may use (README 3).

    :param str scheme: ``new`` (two levels) or ``old`` (three)
    :return: list of dict ``ext_id, name, names, parent``
    """
    result = []
    for row in rows or ():
        if scheme == 'new':
            if row.get('status') != 1:
                continue
            result.append({
                'ext_id': str(row['_id']), 'name': row['name'],
                'names': list(row.get('extension_names') or ()),
                'parent': str(row.get('parent_id') or '')})
            continue
        if row.get('Status', 1) != 1 or row.get('IsEnable', 1) in (0, False):
            continue
        key, name, parent = _OLD[level]
        result.append({
            'ext_id': str(row[key]), 'name': row[name],
            'names': list(row.get('NameExtension') or ()),
            'parent': str(row.get(parent) or '')})
    return result


_OLD = {
    'province': ('ProvinceID', 'ProvinceName', ''),
    'district': ('DistrictID', 'DistrictName', 'ProvinceID'),
    'ward': ('WardCode', 'WardName', 'DistrictID'),
}

# === EVENTS === #


def event(code, at, place='', reason_code='', reason='', pushed=False):
    """A `tracking.Event` of one of GHN's statuses; unknown ones are flagged."""
    known = const.STATUSES.get(code)
    attention = known.attention if known else f'Unknown status “{code}”.'
    both = ' / '.join(filter(None, reason_texts(reason_code)))
    if code == 'ready_to_pick' and (reason_code or '').startswith('GHN-P'):
        # README 4: how GHN reports a pickup that failed
        attention = f'Pickup failed: {reason or both or reason_code}'
    return tracking.Event(
        code=code, status=known.status if known else '', at=at, place=place or '',
        reason_code=reason_code or '', reason=reason or both, pushed=pushed,
        attention=attention)


def reason_texts(code):
    """(Vietnamese, English) of a reason code, empty for an unknown one."""
    return const.REASONS.get((code or '').removeprefix('GHN-'), ('', ''))


@dataclass(frozen=True)
class Callback:
    """A webhook of GHN (README 7). ``at`` is exact to the millisecond."""

    shop_id: str
    tracking: str
    reference: str
    kind: str
    status: str
    at: datetime
    place: str = ''
    reason: str = ''
    reason_code: str = ''
    cod: Decimal | None = None
    cod_transferred_at: datetime | None = None
    weight: int = 0
    converted_weight: int = 0
    fee: Decimal = Decimal(0)
    partial_return: str = ''
    proof_url: str = ''

    @property
    def dedupe_key(self):
        """README 7: the same status at another time is another fact."""
        return '|'.join((self.tracking, self.kind, tracking.moment(self.at),
                         self.status))

    @property
    def event(self):
        return event(self.status, self.at, self.place, self.reason_code, self.reason,
                     pushed=True)


KINDS = frozenset((
    'create', 'switch_status', 'update_weight', 'update_fee', 'update_cod',
    'update_payment_type', 'cod', 'update_partial_return'))


def callback(payload):
    """Read a webhook body that was parsed from JSON.

    :raise ValueError: it is not GHN's
    """
    if not isinstance(payload, dict):
        raise ValueError('not an object')
    at = from_iso(str(payload.get('Time') or ''))
    code = _text(payload, 'OrderCode') or _text(payload, 'ClientOrderCode')
    if not at or not code or not re.fullmatch(r'[\w./-]{1,60}', code):
        raise ValueError('OrderCode or Time is missing')
    number = payload.get('CODAmount')
    return Callback(
        shop_id=_text(payload, 'ShopID'), tracking=_text(payload, 'OrderCode'),
        reference=_text(payload, 'ClientOrderCode'),
        kind=_text(payload, 'Type').lower(), status=_text(payload, 'Status'), at=at,
        place=_text(payload, 'Warehouse'), reason=_text(payload, 'Reason'),
        reason_code=_text(payload, 'ReasonCode'),
        cod=dec(number) if number is not None else None,
        cod_transferred_at=_instant(payload.get('CODTransferDate')),
        weight=int(dec(payload.get('Weight'))),
        converted_weight=int(dec(payload.get('ConvertedWeight'))),
        fee=dec(payload.get('TotalFee')),
        partial_return=_text(payload, 'PartialReturnCode'),
        proof_url=_text(payload, 'PodURL'))


def _text(payload, name):
    value = payload.get(name)
    return '' if value is None else str(value)


def tracking_url(code, environment='production'):
    """Page where the buyer follows the parcel."""
    page = const.TRACKING_PAGES.get(environment, const.TRACKING_PAGES['production'])
    return page + code
