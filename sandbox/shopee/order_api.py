"""The order module: lists, details, packages, cancelling, notes, invoice wishes.

README 5 (reading) and 7 (changing).
"""

from . import order_view
from .errors import Refused
from .gateway import Api, Flat
from .lifecycle import BEFORE_PICKUP

WINDOW = 15 * 86400
LIST_FILTERS = (
    'UNPAID',
    'READY_TO_SHIP',
    'PROCESSED',
    'SHIPPED',
    'COMPLETED',
    'IN_CANCEL',
    'CANCELLED',
    'INVOICE_PENDING',
)
CANCEL_REASONS = {
    'OUT_OF_STOCK': 'Out of Stock',
    'CUSTOMER_REQUEST': 'Buyer Request to Cancel',
    'UNDELIVERABLE_AREA': 'Undeliverable Area',
    'COD_NOT_SUPPORTED': 'COD Unsupported',
}
# search_package_list: the buckets of package_status.
BUCKETS = {
    1: ('LOGISTICS_NOT_START',),
    2: ('LOGISTICS_READY', 'LOGISTICS_PICKUP_RETRY'),
    3: ('LOGISTICS_REQUEST_CREATED',),
}
BUCKETS[0] = BUCKETS[1] + BUCKETS[2] + BUCKETS[3]
CLOSED = ('CANCELLED', 'COMPLETED')


def page_of(rows, cursor, size):
    """Return (rows of the page, next cursor or '').

    ``rows`` are sorted ``((time, number), value)``. A cursor names the last row seen,
    so that a row that moves to the end while paging is met again, not lost; a plain
    number is taken as an offset (README 5).
    """
    try:
        if ',' in cursor:
            moment, number = cursor.split(',')
            after = (int(moment), int(number))
            rows = [row for row in rows if row[0] > after]
        elif cursor:
            rows = rows[max(0, int(cursor)):]
    except ValueError:
        raise Refused('error_param', 'Wrong parameters, detail: invalid cursor.')
    page = rows[:size]
    more = len(rows) > size
    return [value for _, value in page], '%d,%d' % page[-1][0] if more else ''


class OrderApi:
    """Answers /api/v2/order/*."""

    def __init__(self, world):
        self.world = world

    def table(self):
        return [
            Api('GET', 'order/get_order_list', self.get_order_list),
            Api('GET', 'order/get_order_detail', self.get_order_detail),
            Api('GET', 'order/get_shipment_list', self.get_shipment_list),
            Api('POST', 'order/search_package_list', self.search_package_list),
            Api('GET', 'order/get_package_detail', self.get_package_detail),
            Api('POST', 'order/cancel_order', self.cancel_order),
            Api(
                'POST', 'order/handle_buyer_cancellation',
                self.handle_buyer_cancellation,
            ),
            Api('POST', 'order/split_order', self.split_order),
            Api('POST', 'order/unsplit_order', self.unsplit_order),
            Api('POST', 'order/set_note', self.set_note),
            Api('POST', 'order/get_buyer_invoice_info', self.get_buyer_invoice_info),
        ]

    # === READING === #

    def get_order_list(self, call):
        params = call.params
        field = params.text('time_range_field', required=True)
        if field not in ('create_time', 'update_time'):
            raise params.invalid('time_range_field must be create_time or update_time.')
        start = params.integer('time_from', required=True)
        end = params.integer('time_to', required=True)
        size = params.integer('page_size', required=True, low=1, high=100)
        if not start < end or end - start > WINDOW:
            raise Refused(
                'order.order_list_invalid_time',
                'Start time must be earlier than end time and diff in 15days.',
            )
        status = params.text('order_status')
        if status and status not in LIST_FILTERS:
            raise params.invalid(f'order_status {status} is invalid.')
        with_pending = params.boolean('request_order_status_pending')
        with_status = 'order_status' in params.names('response_optional_fields')
        settings = self.world.settings
        found = []
        for order in self.world.book.of_shop(call.shop_id):
            shown = order_view.shown_status(order, with_pending, settings)
            if start <= order[field] <= end and status in ('', shown):
                row = {'order_sn': order['order_sn']}
                if with_status:
                    row['order_status'] = shown
                if order['advance']:
                    row['booking_sn'] = f'BK{order["order_sn"]}'
                found.append(((order[field], order['number']), row))
        found.sort(key=lambda row: row[0])
        rows, cursor = page_of(found, params.text('cursor'), size)
        return {'more': bool(cursor), 'next_cursor': cursor, 'order_list': rows}

    def get_order_detail(self, call):
        params = call.params
        numbers = params.names('order_sn_list', required=True, most=50)
        call.request.reference = numbers[0] if len(numbers) == 1 else ''
        names = params.names('response_optional_fields')
        with_pending = params.boolean('request_order_status_pending')
        book = self.world.book
        orders = [book.get(call.shop_id, number) for number in dict.fromkeys(numbers)]
        strict = self.world.settings['unknown_orders'] == 'error'
        if not any(orders) or (strict and not all(orders)):
            book.need(call.shop_id, '')
        return {
            'order_list': [
                order_view.order_detail(
                    order, names, with_pending, self.world.settings
                )
                for order in orders
                if order
            ]
        }

    def get_shipment_list(self, call):
        params = call.params
        size = params.integer('page_size', required=True, low=1, high=100)
        found = [
            (
                (order['create_time'], order['number']),
                {
                    'order_sn': order['order_sn'],
                    'package_number': package['package_number'],
                },
            )
            for order, package in self._packages(call.shop_id)
            if package['status'] in BUCKETS[2]
        ]
        found.sort(key=lambda row: row[0])
        rows, cursor = page_of(found, params.text('cursor'), size)
        return {'order_list': rows, 'more': bool(cursor), 'next_cursor': cursor}

    def _packages(self, shop_id):
        for order in self.world.book.of_shop(shop_id):
            if order['status'] not in CLOSED:
                for package in order['packages']:
                    yield order, package

    def search_package_list(self, call):
        params = call.params
        wanted = params.obj('filter')
        paging = params.obj('pagination')
        if paging is None:
            raise params.missing('pagination')
        size = paging.integer('page_size', required=True, low=1, high=100)
        bucket, kind, channels = 2, 2, []
        if wanted:
            bucket = wanted.integer('package_status', low=0, high=3, default=2)
            kind = wanted.integer('fulfillment_type', low=0, high=2, default=2)
            channels = wanted.integers('logistics_channel_ids')
        sort = params.obj('sort')
        sort_type = sort.integer('sort_type', low=1, high=3, default=1) if sort else 1
        ascending = (sort.raw('ascending') if sort else None) is not False
        by_time = 'ship_by_date' if sort_type == 1 else 'create_time'
        found = []
        for order, package in self._packages(call.shop_id):
            by_shopee = order['fulfillment_flag'] == 'fulfilled_by_shopee'
            if package['status'] not in BUCKETS[bucket] or (
                channels and package['channel_id'] not in channels
            ):
                continue
            if kind and by_shopee != (kind == 1):
                continue
            row = {
                'order_sn': order['order_sn'],
                'package_number': package['package_number'],
                'logistics_channel_id': package['channel_id'],
                'product_location_id': 'VNZ',
                'is_shipment_arranged': package['arranged'],
            }
            moment = order[by_time] if ascending else -order[by_time]
            place = order['number'] * 100 + order['packages'].index(package)
            found.append(((moment, place), row))
        found.sort(key=lambda row: row[0])
        rows, cursor = page_of(found, paging.text('cursor'), size)
        return {
            'packages_list': rows,
            'pagination': {
                'total_count': len(found),
                'next_cursor': cursor,
                'more': bool(cursor),
            },
            'sort': {'sort_type': sort_type, 'ascending': ascending},
        }

    def get_package_detail(self, call):
        numbers = set(call.params.names('package_number_list', required=True, most=50))
        rows = [
            order_view.package_detail(order, package, self.world.settings)
            for order in self.world.book.of_shop(call.shop_id)
            for package in order['packages']
            if package['package_number'] in numbers
        ]
        if not rows:
            raise Refused(
                'error_not_found', 'Wrong parameters, detail: the package is not found.'
            )
        return {'package_list': rows}

    def get_buyer_invoice_info(self, call):
        rows = []
        seen = set()
        for query in call.params.rows('queries'):
            number = query.text('order_sn', required=True)
            if number in seen:
                raise call.params.invalid('duplicate order_sn in queries.')
            seen.add(number)
            rows.append(self._invoice(call.shop_id, number))
        return Flat(invoice_info_list=rows)

    def _invoice(self, shop_id, number):
        order = self.world.book.get(shop_id, number)
        row = {
            'order_sn': number,
            'invoice_type': '',
            'invoice_detail': None,
            'is_requested': False,
            'error': 'receipt settings not found' if order else 'order not found',
        }
        if order and order['invoice']:
            detail = dict(order['invoice'])
            kind = detail.pop('type', 'personal')
            if self.world.settings['invoice_masked']:
                detail = {key: '****' for key in detail}
            row.update(
                invoice_type=kind, invoice_detail=detail, is_requested=True, error=''
            )
        return row

    # === CHANGING === #

    def _order(self, call):
        number = call.params.text('order_sn', required=True)
        call.request.reference = number
        return self.world.book.need(call.shop_id, number)

    def cancel_order(self, call):
        order = self._order(call)
        params = call.params
        reason = params.text('cancel_reason', required=True)
        if reason not in CANCEL_REASONS:
            raise params.invalid(f'cancel_reason {reason} is invalid.')
        partial = params.rows('partial_cancel_item_list', required=False)
        if reason == 'OUT_OF_STOCK' and not partial:
            params.rows('item_list')
        if order['fulfillment_flag'] == 'fulfilled_by_shopee':
            raise Refused('order. error_param', 'Warehouse order can not be cancelled.')
        if order['status'] not in BEFORE_PICKUP:
            raise Refused('order.error_limit', 'Can not cancel this order')
        if partial:
            self._partial(order, partial)
        else:
            self.world.life.cancel(order, 'seller', CANCEL_REASONS[reason])
        self.world.effect('cancel_order', order['order_sn'], order['order_sn'])
        return {'update_time': order['update_time']}

    def _partial(self, order, rows):
        """Cancel quantities of lines; all of them cancels the order."""
        for row in rows:
            key = (
                row.integer('item_id', required=True),
                row.integer('model_id', required=True),
            )
            quantity = row.integer('model_quantity', required=True, low=1)
            for line in order['lines']:
                left = line['qty'] - line['cancelled']
                if (line['item_id'], line['model_id']) == key and left >= quantity:
                    line['cancelled'] += quantity
                    break
            else:
                raise row.invalid('partial_cancel_item_list does not fit the order.')
        if all(line['qty'] == line['cancelled'] for line in order['lines']):
            self.world.life.cancel(order, 'seller', CANCEL_REASONS['OUT_OF_STOCK'])
        else:
            self.world.life.touch(order)

    def handle_buyer_cancellation(self, call):
        order = self._order(call)
        operation = call.params.text('operation', required=True)
        if operation not in ('ACCEPT', 'REJECT'):
            raise call.params.invalid('operation must be ACCEPT or REJECT.')
        if order['status'] != 'IN_CANCEL':
            raise Refused(
                'order.cancel_order_invalid_status', 'Order status is not IN_CANCEL.'
            )
        self.world.life.answer_cancel(order, operation == 'ACCEPT')
        self.world.effect(
            'handle_buyer_cancellation', order['order_sn'], operation
        )
        return {'update_time': order['update_time']}

    def set_note(self, call):
        order = self._order(call)
        note = call.params.raw('note')
        if not isinstance(note, str):
            raise call.params.missing('note')
        order['note'] = note
        order['note_time'] = call.now
        self.world.life.touch(order)
        self.world.effect('set_note', order['order_sn'], order['order_sn'])
        return {}

    # === SPLITTING === #

    def split_order(self, call):
        order = self._order(call)
        wishes = call.params.rows('package_list', most=5)
        if not self.world.settings['split_allowed']:
            raise Refused(
                'order.order_cannot_split', 'You have no permission to split order.'
            )
        if order['split']:
            raise Refused('order.order_has_been_split', 'The order has been split.')
        if order['status'] != 'READY_TO_SHIP' or len(wishes) < 2:
            raise Refused('order.order_cannot_split', 'The order can not be split.')
        groups = [self._split_lines(order, wish) for wish in wishes]
        indexes = [index for group in groups for index, _ in group]
        if len(indexes) != len(set(indexes)):
            raise Refused('order.order_split_duplicate_item', 'Duplicate item.')
        if len(indexes) != len(order['lines']):
            raise Refused(
                'order.order_split_package_missing_item', 'Some items are missing.'
            )
        self._repack(order, groups, True)
        self.world.effect('split_order', order['order_sn'], len(groups))
        return {
            'order_sn': order['order_sn'],
            'package_list': [
                {
                    'package_number': package['package_number'],
                    'item_list': order_view.package_lines(order, package),
                }
                for package in order['packages']
            ],
        }

    def _split_lines(self, order, wish):
        group = []
        for item in wish.rows('item_list'):
            key = (
                item.integer('item_id', required=True),
                item.integer('model_id', required=True),
            )
            for index, line in enumerate(order['lines']):
                free = index not in [taken for taken, _ in group]
                if (line['item_id'], line['model_id']) == key and free:
                    group.append([index, line['qty']])
                    break
            else:
                raise Refused(
                    'order.order_split_item_not_exist', 'The item does not exist.'
                )
        return group

    def unsplit_order(self, call):
        order = self._order(call)
        if not order['split'] or any(p['arranged'] for p in order['packages']):
            raise Refused('order.order_cannot_undo_split', 'Can not undo the split.')
        everything = [[i, line['qty']] for i, line in enumerate(order['lines'])]
        self._repack(order, [everything], False)
        self.world.effect('unsplit_order', order['order_sn'], order['order_sn'])
        return {}

    def _repack(self, order, groups, split):
        """README 7: package numbers change at every split and unsplit."""
        order['packages'] = [
            self.world.book.new_package(order, group) for group in groups
        ]
        order['split'] = split
        for package in order['packages']:
            self.world.life.set_package(order, package, 'LOGISTICS_READY')
