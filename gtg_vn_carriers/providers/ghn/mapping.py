"""Between GHN's JSON and our dataclasses. No I/O."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from odoo.addons.gtg_connector_base.lib.clock import from_iso
from odoo.addons.gtg_connector_base.lib.errors import Rejected
from odoo.addons.gtg_connector_base.lib.money import dec

from ...lib import shipping, tracking
from . import const

_ = str  # marks texts for the translators; they are translated when shown

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
        'insurance_value': int(min(value, const.MAX_VALUE)),
        'cod_value': int(min(cod, const.MAX_COD_FEE)),  # README 6
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
    if shipment.service == str(const.LIGHT) and shipment.box.weight >= const.HEAVY_FROM:
        raise Rejected(_('The light service takes less than 20 kg.'), code='service', hint=_(
            'Leave the service empty, or choose the heavy one.'))
    phone = shipping.local_phone(shipment.to.phone)
    if len(phone) != 10:
        raise Rejected(
            _('GHN takes phone numbers of ten digits only.'), code='phone',
            hint=_('Enter a mobile number on the delivery address, then retry.'))
    return shipping.replace_phone(shipment, phone)


# === ANSWERS === #


def waybill(data):
    """A parcel that exists now, however odd the rest of the answer is.

    :raise ValueError: the answer names no parcel
    """
    code = _text(data, 'order_code')
    if not code:
        raise ValueError('no order_code in the answer')
    return shipping.Waybill(
        code, _amount(data.get('total_fee')) or Decimal(0), _text(data, 'sort_code'),
        _instant(data.get('expected_delivery_time')))


def quote(data):
    """Quote of preview (``total_fee``) or fee (``total``)."""
    total = data.get('total_fee', data.get('total'))
    if total is None:
        raise ValueError('no price in the answer')
    return shipping.Quote(dec(total), _instant(data.get('expected_delivery_time')))


def snapshot(data, shop_id=''):
    """A parcel as ``detail`` tells it (README 5).

    :param data: the object, or a list holding it (old form)
    :param str shop_id: of several parcels, the one of this shop
    :raise ValueError: it names no parcel
    """
    if isinstance(data, list):
        data = _own_row(data, shop_id)
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
        cod=_amount(data['cod_amount']) if data.get('cod_amount') is not None else None,
        cod_collected_at=(collected or updated)
        if _flag(data, 'is_cod_collected', collected) else None,
        cod_transferred_at=(transferred or updated)
        if _flag(data, 'is_cod_transferred', transferred) else None,
        weight=_whole(data.get('weight')) or 0,
        converted_weight=_whole(data.get('converted_weight')) or 0,
        extra={'to_phone': data.get('to_phone') or '',
               'shop_id': str(data.get('shop_id') or ''),
               'sort_code': _text(data, 'sort_code'),
               'partial_return': bool(data.get('is_partial_return'))},
    )


def _own_row(rows, shop_id):
    """The row of our shop that is not cancelled, else the next best."""
    return min((row for row in rows if isinstance(row, dict)), default={}, key=lambda row: (
        str(row.get('shop_id') or shop_id) != shop_id, row.get('status') == 'cancel'))


def _amount(value):
    """The number, or None if it cannot be read."""
    try:
        return dec(value)
    except ValueError:
        return None


def _whole(value):
    """The same without decimals; no weight or code of GHN is that large."""
    number = _amount(value)
    return int(number) if number is not None and abs(number) < 10**9 else None


def _flag(data, name, default):
    value = data.get(name)
    return bool(default) if value is None else value in (True, 1, 'true', '1')


def _instant(text):
    try:
        return from_iso(text)
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None


def units(rows, level, scheme):
    """Catalogue rows that an address may use (README 3).

    :param str scheme: ``new`` (two levels) or ``old`` (three)
    :return: list of dict ``ext_id, name, names, parent``
    """
    result = []
    for row in rows or ():
        if scheme == 'new':
            if _whole(row.get('status')) != 1:
                continue
            result.append({
                'ext_id': str(row['_id']), 'name': row['name'],
                'names': list(row.get('extension_names') or ()),
                'parent': str(row.get('parent_id') or '')})
            continue
        if _whole(row.get('Status', 1)) != 1 or not _whole(row.get('IsEnable', 1)):
            continue
        # README 3: locked, or for pickups only
        if row.get('SupportType') is not None and _whole(row['SupportType']) in (0, 1):
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
        """What it says about the journey; changes of weight, fee or cash carry the
        status of their moment too, but nothing has happened to the parcel."""
        if self.kind not in ('create', 'switch_status'):
            return None
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
    at = _instant(_text(payload, 'Time'))
    code = _text(payload, 'OrderCode') or _text(payload, 'ClientOrderCode')
    if not at or not code or not re.fullmatch(r'[\w./-]{1,60}', code):
        raise ValueError('OrderCode or Time is missing')
    cod = payload.get('CODAmount')
    return Callback(
        shop_id=_text(payload, 'ShopID'), tracking=_text(payload, 'OrderCode'),
        reference=_text(payload, 'ClientOrderCode'),
        kind=_text(payload, 'Type').lower(), status=_text(payload, 'Status'), at=at,
        place=_text(payload, 'Warehouse'), reason=_text(payload, 'Reason'),
        reason_code=_text(payload, 'ReasonCode'),
        cod=_amount(cod) if cod is not None else None,
        cod_transferred_at=_instant(payload.get('CODTransferDate')),
        weight=_whole(payload.get('Weight')) or 0,
        converted_weight=_whole(payload.get('ConvertedWeight')) or 0,
        fee=_amount(payload.get('TotalFee')) or Decimal(0),
        partial_return=_text(payload, 'PartialReturnCode'),
        proof_url=_text(payload, 'PodURL'))


def _text(payload, name):
    value = payload.get(name)
    return '' if value is None else str(value)


def tracking_url(code, environment='production'):
    """Page where the buyer follows the parcel."""
    page = const.TRACKING_PAGES.get(environment, const.TRACKING_PAGES['production'])
    return page + code
