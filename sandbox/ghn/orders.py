"""Orders of the sandbox: one JSON-able record each, whose ``doc`` is GHN's detail."""

from dataclasses import asdict
from datetime import datetime, time, timedelta, timezone

from . import pricing
from .catalogue import Place
from .envelope import ZERO_DATE, order_missing, stamp
from .lifecycle import FINAL, WITH_REASON

VIETNAM = timezone(timedelta(hours=7))
LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
COPIED = (
    'to_name', 'to_phone', 'to_address', 'to_ward_code', 'to_district_id',
    'from_hotline', 'cod_failed_amount', 'insurance_value', 'order_value',
    'required_note', 'content', 'note', 'coupon', 'pickup_time', 'pick_shift',
    'pick_station_id', 'deliver_station_id', 'service_id', 'is_new_to_address',
    'is_new_from_address', 'is_new_return_address',
)
EMPTY = {
    'cod_failed_amount': 0, 'insurance_value': 0, 'order_value': 0, 'pickup_time': 0,
    'pick_station_id': 0, 'deliver_station_id': 0, 'service_id': 0, 'pick_shift': [],
    'to_district_id': 0, 'is_new_to_address': False, 'is_new_from_address': False,
    'is_new_return_address': False,
}
WAREHOUSES = {'pick_warehouse_id': 1297, 'deliver_warehouse_id': 1298,
              'current_warehouse_id': 1297, 'return_warehouse_id': 1297,
              'next_warehouse_id': 0}


class OrderBook:
    """All orders of the sandbox. The caller holds the provider's lock.

    :param now: function that gives the sandbox's aware UTC time
    """

    def __init__(self, now):
        self.now = now
        self.records = {}       # order code -> record
        self.by_client_code = {}    # (shop id, client order code) -> order code
        self.count = 0

    # === FINDING === #

    def find(self, order_code, client_id=None, shop_id=None):
        """The record, which must belong to the client (and shop, if given).

        :raise Refused: unknown or of somebody else
        """
        record = self.records.get(order_code)
        if not record or client_id not in (None, record['client_id']) or (
                shop_id not in (None, record['doc']['shop_id'])):
            raise order_missing()
        return record

    def find_by_client_code(self, code, client_id):
        """The newest record of that code in any shop of the client.

        :raise Refused: unknown
        """
        for record in reversed(self.records.values()):
            if (record['client_id'] == client_id and code
                    and record['doc']['client_order_code'] == code):
                return record
        raise order_missing()

    def known(self, shop_id, client_order_code):
        """The record that a repeated create gets, or None."""
        code = self.by_client_code.get((shop_id, client_order_code))
        return self.records.get(code) if client_order_code else None

    # === MAKING === #

    def quote(self, draft, order_code=''):
        """What create and preview answer for this draft."""
        values = draft.values
        fees = pricing.fees(draft.service_type, values, draft.sender, draft.receiver)
        return {
            'order_code': order_code, 'sort_code': sort_code(draft.receiver),
            'trans_type': 'truck', 'ward_encode': '', 'district_encode': '',
            'fee': fees | {'change_to_address_fee': 0, 'change_return_address_fee': 0},
            'total_fee': sum(fees.values()),
            'expected_delivery_time': stamp_seconds(
                promise(self.now(), draft.sender, draft.receiver)),
            'operation_partner': '',
        }

    def create(self, draft, shop):
        """Store a new order and return its record."""
        self.count += 1
        code = order_code(self.count)
        reply = self.quote(draft, code)
        fees = {key: reply['fee'][key] for key in pricing.ORDER_FEES}
        record = {
            'client_id': shop['client_id'], 'reply': reply, 'fees': fees,
            'sender': asdict(draft.sender), 'receiver': asdict(draft.receiver),
            'payments': [], 'last_event': '', 'reason': '', 'reason_code': '',
            'partial_return_code': '', 'pod_url': '',
        }
        record['doc'] = self._document(draft, shop, reply)
        self.charge(record, fees)
        self.records[code] = record
        client_code = record['doc']['client_order_code']
        if client_code:
            self.by_client_code[shop['_id'], client_code] = code
        return record

    def _document(self, draft, shop, reply):
        values, receiver, sender = draft.values, draft.receiver, draft.sender
        now = stamp(self.now())
        size = pricing.measure(draft.service_type, values)
        document = {key: values.get(key, EMPTY.get(key, '')) for key in COPIED}
        pays = values['payment_type_id']
        return document | {
            '_id': f'{int(self.now().timestamp()):08x}{self.count:016x}',
            'order_code': reply['order_code'], 'shop_id': shop['_id'],
            'client_id': shop['client_id'],
            'client_order_code': values.get('client_order_code') or '',
            'status': 'ready_to_pick', 'soc_id': f'{self.count:024x}',
            'service_type_id': draft.service_type,
            'payment_type_id': pays, 'payment_type_ids': [pays],
            'length': size.length, 'width': size.width, 'height': size.height,
            'weight': size.weight, 'converted_weight': size.converted,
            'calculate_weight': size.charged, 'image_ids': [],
            'cod_amount': values.get('cod_amount') or 0,
            'cod_collect_date': None, 'cod_transfer_date': None,
            'is_cod_collected': False, 'is_cod_transferred': False,
            'cod_failed_collect_date': None, 'is_partial_return': False,
            'is_document_return': False, 'custom_service_fee': 0,
            'sort_code': reply['sort_code'], 'leadtime': reply['expected_delivery_time'],
            'leadtime_order': leadtime_order(self.now(), sender, receiver),
            'order_date': now, 'created_date': now, 'updated_date': now,
            'finish_date': None, 'employee_note': '', 'seal_code': '', 'tag': [],
            'action': [], 'transaction_ids': [], 'version_no': now,
            'items': _items(reply['order_code'], values),
            **_from(values, shop, sender), **_to(values, receiver),
            **_return(values, shop), **WAREHOUSES,
        }

    # === CHANGING === #

    def charge(self, record, fees):
        """Set the fees; what they differ by is one more row of payments."""
        known = {}
        for row in record['payments']:
            for key, amount in row['diff'].items():
                known[key] = known.get(key, 0) + amount
        diff = {key: amount - known.get(key, 0) for key, amount in fees.items()}
        record['fees'] = fees
        if any(diff.values()):
            record['payments'].append({
                'diff': diff, 'value': sum(diff.values()), 'payment_type': 1,
                'paid_date': ZERO_DATE, 'created_date': stamp(self.now())})

    def reprice(self, record):
        """New price after a change of weight, size or service."""
        document = record['doc']
        fees = pricing.fees(
            document['service_type_id'], document, place(record['sender']),
            place(record['receiver']))
        kept = {key: record['fees'][key] for key in ('return', 'r2s', 'return_again')}
        self.charge(record, fees | kept)

    def event_time(self, record):
        """Text of now, later than any earlier event of this order."""
        moment = self.now()
        last = record['last_event'] and datetime.fromisoformat(record['last_event'])
        if last and moment < last + timedelta(milliseconds=1):
            moment = last + timedelta(milliseconds=1)
        record['last_event'] = stamp(moment)
        record['doc']['updated_date'] = record['last_event']
        return record['last_event']

    def set_status(self, record, status, reason_code='', reason=''):
        """Move the order and write its log; returns the event's time text."""
        document = record['doc']
        at = self.event_time(record)
        document['status'] = status
        shown = status in WITH_REASON
        record['reason_code'] = reason_code if shown else ''
        record['reason'] = reason if shown else ''
        driver = status in ('picking', 'picked', 'delivering', 'delivered', 'delivery_fail')
        document.setdefault('log', []).append({
            'status': status, 'updated_date': at,
            'payment_type_id': document['payment_type_id'], 'trip_code': '',
            'driver_id': 1500001 if driver else 0,
            'driver_name': 'Tài xế GHN' if driver else '',
            'driver_phone': '0900000001' if driver else '',
            'reason_code': record['reason_code']})
        if status in FINAL:
            document['finish_date'] = at
        if status == 'delivered':
            document['is_cod_collected'] = bool(document['cod_amount'])
            document['cod_collect_date'] = at if document['cod_amount'] else None
            record['pod_url'] = f'https://pod.invalid/{document["order_code"]}.jpg'
        return at

    def new_child(self, record):
        """The order that carries the refused part of a partial delivery back."""
        self.count += 1
        code = order_code(self.count)
        document = {key: value for key, value in record['doc'].items() if key != 'log'}
        document |= {'order_code': code, 'client_order_code': '', 'cod_amount': 0,
                     'is_cod_collected': False, 'cod_collect_date': None,
                     'finish_date': None}
        child = {**record, 'doc': document, 'payments': [], 'last_event': '',
                 'fees': dict.fromkeys(pricing.ORDER_FEES, 0)}
        child['reply'] = record['reply'] | {'order_code': code}
        self.records[code] = child
        return child

    # === STATE ON DISK === #

    def dump(self):
        return {'records': self.records, 'count': self.count, 'codes': [
            [shop, code, order] for (shop, code), order in self.by_client_code.items()]}

    def load(self, saved):
        self.records = saved['records']
        self.count = saved['count']
        self.by_client_code = {
            (shop, code): order for shop, code, order in saved['codes']}


def order_code(number):
    """Number -> code like 'LQ7T4W'; different numbers give different codes."""
    mixed = (number * 7368787 + 1234567) % len(LETTERS) ** 5
    code = ''
    for _ in range(5):
        mixed, digit = divmod(mixed, len(LETTERS))
        code += LETTERS[digit]
    return 'L' + code


def sort_code(receiver):
    """The big print on the label: province, zone, ward."""
    number = receiver.ward_id or receiver.district_id
    return f'{receiver.province_id % 100:02d}-G-{number % 100:02d}-A{number % 9 + 1}'


def place(row):
    return Place(**row)


def promise(now, sender, receiver):
    """End of the promised day, Vietnam time, as an aware datetime."""
    days = pricing.DELIVERY_DAYS[pricing.zone(sender, receiver)]
    day = now.astimezone(VIETNAM).date() + timedelta(days=days)
    return datetime.combine(day, time(23, 59, 59), VIETNAM)


def stamp_seconds(moment):
    return f'{moment.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}'


def leadtime_order(now, sender, receiver):
    end = promise(now, sender, receiver)
    return {'from_estimate_date': stamp_seconds(end - timedelta(days=1)),
            'to_estimate_date': stamp_seconds(end)}


def _items(code, values):
    return [{**item, 'item_order_code': f'{code}_{number}', 'status': 'ready_to_pick'}
            for number, item in enumerate(values.get('items') or (), 1)]


def _from(values, shop, sender):
    own = values.get('from_name')
    return {
        'from_name': values.get('from_name') or shop['name'],
        'from_phone': values.get('from_phone') or shop['phone'],
        'from_address': values.get('from_address') or shop['address'],
        'from_district_id': sender.district_id or (0 if own else shop['district_id']),
        'from_ward_code': sender.ward_code or ('' if own else shop['ward_code']),
        'from_address_v2': values.get('from_address') or shop['address'],
        'from_ward_id_v2': sender.ward_id, 'from_province_id_v2': sender.province_id,
    }


def _to(values, receiver):
    return {
        'to_district_id': receiver.district_id, 'to_ward_code': receiver.ward_code,
        'to_address_v2': values['to_address'] if receiver.ward_id else '',
        'to_ward_id_v2': receiver.ward_id,
        'to_province_id_v2': receiver.province_id if receiver.ward_id else 0,
    }


def _return(values, shop):
    own = values.get('return_name')
    return {
        'return_name': values.get('return_name') or shop['name'],
        'return_phone': values.get('return_phone') or shop['phone'],
        'return_address': values.get('return_address') or shop['address'],
        'return_district_id': values.get('return_district_id') or (
            0 if own else shop['district_id']),
        'return_ward_code': values.get('return_ward_code') or (
            '' if own else shop['ward_code']),
        'return_address_v2': '', 'return_ward_id_v2': 0, 'return_province_id_v2': 0,
    }
