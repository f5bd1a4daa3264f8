"""What tests and the control page do as buyer and carrier.

README 10 describes the payloads.
"""

from ..frame import ObjectKind
from .lifecycle import package_of
from .orders import Impossible, goods_amount, total_amount

ORDER_VERBS = {
    'UNPAID': ['pay', 'cancel'],
    'PENDING': ['release', 'cod_reject', 'cancel'],
    'READY_TO_SHIP': ['cancel_request', 'cancel'],
    'RETRY_SHIP': ['cancel_request', 'cancel'],
    'PROCESSED': ['tracking', 'pickup', 'fail_pickup', 'cancel_request', 'cancel'],
    'IN_CANCEL': ['accept_cancel', 'reject_cancel'],
    'SHIPPED': ['deliver', 'refuse', 'fail_delivery', 'lose'],
    'TO_CONFIRM_RECEIVE': ['complete'],
    'TO_RETURN': ['complete'],
    'CANCELLED': ['bring_back'],
    'COMPLETED': [],
}
ALWAYS = ['edit', 'push']
EDITABLE = (
    'message', 'invoice', 'ship_by_date', 'masked', 'fulfillment_flag', 'methods',
    'advance', 'group_shipment_id', 'currency', 'status_shown',
)
ORDERS = {
    'orders': ObjectKind(
        create='make_order',
        list='order_rows',
        get='order_record',
        key='order_sn',
        columns=['order_sn', 'status', 'cod', 'total', 'tracking_number', 'buyer'],
        create_form={'cod': True},
        verbs={
            verb: f'order_{verb}'
            for verb in sorted({v for vs in ORDER_VERBS.values() for v in vs})
            + ALWAYS
        },
    ),
}


class OrderControls:
    """The control functions of orders."""

    def make_order(self, wish):
        """Place one order, or ``count`` alike; return the last one."""
        backdated = wish.get('create_time') or wish.get('update_time')
        self.silent = bool(backdated) or wish.get('push') is False
        try:
            numbers = []
            for _ in range(int(wish.get('count') or 1)):
                order = self.book.place(wish)
                self.life.start(order, bool(wish.get('paid')))
                if backdated:
                    order['update_time'] = int(wish.get('update_time') or backdated)
                numbers.append(order['order_sn'])
        finally:
            self.silent = False
        row = self.order_record(numbers[-1])
        if len(numbers) > 1:
            row['orders'] = numbers
        return row

    def _order_row(self, order):
        extra = ['bring_back'] if order['status'] == 'CANCELLED' else []
        failed = any(
            package['status'] == 'LOGISTICS_DELIVERY_FAILED'
            for package in order['packages']
        )
        verbs = [
            verb
            for verb in ORDER_VERBS[order['status']]
            if verb not in extra or failed
        ]
        return {
            'order_sn': order['order_sn'],
            'shop_id': order['shop_id'],
            'status': order['status'],
            'cod': order['cod'],
            'goods': goods_amount(order),
            'total': total_amount(order),
            'buyer': order['recipient']['name'],
            'package_numbers': [p['package_number'] for p in order['packages']],
            'package_status': order['packages'][0]['status'],
            'tracking_number': order['packages'][0]['tracking_number'],
            'update_time': order['update_time'],
            '_verbs': verbs + ALWAYS,
        }

    def order_rows(self):
        """Newest first."""
        rows = sorted(self.data['orders'].values(), key=lambda row: -row['number'])
        return [self._order_row(row) for row in rows]

    def order_record(self, order_sn):
        """One order: the row of the list and everything known about it."""
        order = self.book.any(order_sn)
        return {**self._order_row(order), 'record': order}

    def _moved(self, order):
        return self._order_row(order)

    def order_pay(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.pay(order)
        return self._moved(order)

    def order_release(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.release(order)
        return self._moved(order)

    def order_cod_reject(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.cod_reject(order)
        return self._moved(order)

    def order_cancel_request(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.cancel_request(order, payload.get('reason') or 'Đổi ý, không mua nữa')
        return self._moved(order)

    def order_cancel(self, order_sn, payload):
        """The buyer (in the first hour), or Shopee, cancels without asking."""
        order = self.book.any(order_sn)
        reason = payload.get('reason') or 'Other'
        self.life.cancel(order, payload.get('by') or 'buyer', reason)
        return self._moved(order)

    def order_accept_cancel(self, order_sn, payload):
        return self._answered(order_sn, True)

    def order_reject_cancel(self, order_sn, payload):
        return self._answered(order_sn, False)

    def _answered(self, order_sn, accepted):
        order = self.book.any(order_sn)
        self.life.need(order, 'IN_CANCEL')
        self.life.answer_cancel(order, accepted)
        return self._moved(order)

    def order_tracking(self, order_sn, payload):
        """The carrier gives its number now, whatever ``tracking_empty`` says."""
        order = self.book.any(order_sn)
        package = package_of(order, payload.get('package_number') or
                             order['packages'][0]['package_number'])
        if not package['arranged']:
            raise Impossible(f'order {order_sn} is {order["status"]}')
        self.life.give_tracking(order, package)
        return self._moved(order)

    def order_pickup(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.pickup(order, payload.get('packages'))
        return self._moved(order)

    def order_fail_pickup(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.fail_pickup(order, payload.get('packages'))
        return self._moved(order)

    def order_deliver(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.deliver(order, payload.get('packages'))
        return self._moved(order)

    def order_fail_delivery(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.fail_delivery(order, payload.get('reason') or 'Failed Delivery')
        return self._moved(order)

    def order_refuse(self, order_sn, payload):
        """The buyer refuses the parcel at the door."""
        reason = 'COD Rejected' if self.book.any(order_sn)['cod'] else 'Failed Delivery'
        return self.order_fail_delivery(order_sn, {'reason': reason})

    def order_lose(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.fail_delivery(order, 'Parcel is Lost', lost=True)
        return self._moved(order)

    def order_bring_back(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.bring_back(order)
        return self._moved(order)

    def order_complete(self, order_sn, payload):
        order = self.book.any(order_sn)
        self.life.complete(order)
        return self._moved(order)

    def order_edit(self, order_sn, payload):
        """Change what Shopee or the buyer changes later (invoice, deadline...)."""
        order = self.book.any(order_sn)
        unknown = set(payload) - {*EDITABLE, 'recipient'}
        if unknown:
            raise Impossible(f'cannot edit {", ".join(sorted(unknown))}', 400)
        old_deadline = order['ship_by_date']
        order['recipient'].update(payload.pop('recipient', {}))
        order.update(payload)
        self.life.touch(order)
        if order['ship_by_date'] != old_deadline:
            for package in order['packages']:
                self._deadline_moved(order, package, old_deadline)
        return self._moved(order)

    def _deadline_moved(self, order, package, old):
        change = {'name': 'ship_by_date', 'old': old, 'new': order['ship_by_date']}
        self.notify(
            47,
            order['shop_id'],
            {
                'order_sn': order['order_sn'],
                'package_number': package['package_number'],
                'changed_fields': [change],
                'update_time': order['update_time'],
            },
        )

    def order_push(self, order_sn, payload):
        """Send the order's status push again, ``times`` times."""
        order = self.book.any(order_sn)
        for _ in range(int(payload.get('times') or 1)):
            self.life.push_status(order)
        return self._moved(order)
