"""What happens to an order: the status machine and the pushes it causes (README 7)."""

from .errors import Refused
from .orders import DAY, Impossible

# Package status -> order status, in the order in which an order advances.
PROGRESS = {
    'LOGISTICS_NOT_START': 'PENDING',
    'LOGISTICS_READY': 'READY_TO_SHIP',
    'LOGISTICS_PICKUP_RETRY': 'RETRY_SHIP',
    'LOGISTICS_REQUEST_CREATED': 'PROCESSED',
    'LOGISTICS_PICKUP_DONE': 'SHIPPED',
    'LOGISTICS_DELIVERY_DONE': 'TO_CONFIRM_RECEIVE',
}
# What a package becomes when its order is cancelled.
CANCELLED_AS = {
    'LOGISTICS_NOT_START': 'LOGISTICS_INVALID',
    'LOGISTICS_READY': 'LOGISTICS_INVALID',
    'LOGISTICS_PICKUP_RETRY': 'LOGISTICS_PICKUP_FAILED',
    'LOGISTICS_REQUEST_CREATED': 'LOGISTICS_REQUEST_CANCELED',
}
BEFORE_PICKUP = ('UNPAID', 'PENDING', 'READY_TO_SHIP', 'PROCESSED', 'RETRY_SHIP')

TRACKING_TEXT = {
    'ORDER_CREATED': 'Đơn hàng đã được tạo vận đơn',
    'PICKED_UP': 'Đơn vị vận chuyển đã lấy hàng',
    'PICKUP_RETRY': 'Lấy hàng không thành công, sẽ lấy lại',
    'DELIVERED': 'Giao hàng thành công',
    'FAILED_DELIVERED': 'Giao hàng không thành công',
    'RETURN_STARTED': 'Bắt đầu chuyển hoàn',
    'RETURNED': 'Đã hoàn hàng cho người bán',
    'LOST': 'Đơn hàng bị thất lạc',
    'CANCELED': 'Vận đơn đã bị hủy',
}


class Lifecycle:
    """Moves orders on. Every change stamps ``update_time`` and pushes."""

    def __init__(self, world, book):
        self.world = world
        self.book = book

    # === CHANGES === #

    def set_order(self, order, status, scenario=''):
        """Give an order a status and push code 3, unless nothing changes."""
        self.touch(order)
        if order['status'] == status:
            return
        order['status'] = status
        self.push_status(order, scenario)

    def push_status(self, order, scenario=''):
        """Send the status push of an order as it stands."""
        self.world.notify(
            3,
            order['shop_id'],
            {
                'completed_scenario': scenario,
                'items': [],
                'ordersn': order['order_sn'],
                'status': order['status'],
                'update_time': order['update_time'],
            },
        )

    def set_package(self, order, package, status):
        """Give a package a status and push code 30, unless nothing changes."""
        self.touch(order)
        if package['status'] == status:
            return
        package['status'] = status
        self.world.notify(
            30,
            order['shop_id'],
            {
                'ordersn': order['order_sn'],
                'package_number': package['package_number'],
                'fulfillment_status': status,
                'update_time': order['update_time'],
            },
        )

    def touch(self, order):
        order['update_time'] = max(self.world.seconds(), order['update_time'])

    def follow(self, order):
        """Let the order status follow its packages: the slowest one decides."""
        ranks = list(PROGRESS)
        slowest = min(
            (package['status'] for package in order['packages']), key=ranks.index
        )
        self.set_order(order, PROGRESS[slowest])

    def event(self, package, status):
        """Add a tracking event (their own vocabulary, README 7)."""
        package['events'].append(
            {
                'update_time': self.world.seconds(),
                'description': TRACKING_TEXT[status],
                'logistics_status': status,
            }
        )

    # === THE BUYER AND SHOPEE === #

    def start(self, order, paid):
        """Decide where a new order begins: COD and paid ones may be shipped."""
        if paid:
            order['pay_time'] = order['create_time']
        if order['cod'] or paid:
            self.accept(order)
        else:
            self.push_status(order)

    def accept(self, order):
        """The order is paid, or COD: pending checks first, if asked for."""
        if order['pending']:
            self.set_order(order, 'PENDING')
            return
        order['ship_by_date'] = order['update_time'] + order['days_to_ship'] * DAY
        for package in order['packages']:
            self.set_package(order, package, 'LOGISTICS_READY')
        self.set_order(order, 'READY_TO_SHIP')

    def pay(self, order):
        self.need(order, 'UNPAID')
        order['pay_time'] = self.world.seconds()
        self.accept(order)

    def release(self, order):
        self.need(order, 'PENDING')
        order['pending'] = False
        self.accept(order)

    def cod_reject(self, order):
        self.need(order, 'PENDING')
        self._cancel(order, 'system', 'COD Rejected', 'LOGISTICS_COD_REJECTED')

    def cancel_request(self, order, reason):
        """The buyer asks; the seller has to answer (IN_CANCEL)."""
        self.need(order, 'READY_TO_SHIP', 'PROCESSED', 'RETRY_SHIP')
        order['before_cancel'] = order['status']
        order['buyer_cancel_reason'] = reason
        self.set_order(order, 'IN_CANCEL')

    def answer_cancel(self, order, accepted):
        """The seller's (or Shopee's) answer to a buyer's request."""
        if accepted:
            self._cancel(order, 'buyer', order['buyer_cancel_reason'])
        else:
            before, order['before_cancel'] = order['before_cancel'], ''
            self.set_order(order, before)

    def cancel(self, order, by, reason):
        """Cancel an order that no carrier has yet."""
        self.need(order, 'IN_CANCEL', *BEFORE_PICKUP)
        self._cancel(order, by, reason)

    def _cancel(self, order, by, reason, package_status=None):
        order.update(cancel_by=by, cancel_reason=reason, before_cancel='')
        for package in order['packages']:
            if package['tracking_number']:
                self.event(package, 'CANCELED')
            was = package['status']
            self.set_package(
                order, package, package_status or CANCELLED_AS.get(was, was)
            )
        self.book.give_back_stock(order)
        self.set_order(order, 'CANCELLED')

    def complete(self, order, scenario='NORMAL'):
        """The buyer confirms (or time does); Shopee releases the escrow."""
        self.need(order, 'TO_CONFIRM_RECEIVE', 'TO_RETURN')
        now = self.world.seconds()
        order.update(completed_at=now, release_time=now)
        self.set_order(order, 'COMPLETED', scenario)

    # === THE SELLER ARRANGES === #

    def arrange(self, order, package, method, slot='', tracking_number=''):
        """The one effect of ship_order."""
        package.update(arranged=True, method=method, slot=slot)
        if method == 'non_integrated':
            package['tracking_number'] = tracking_number
            self._picked(order, package)
        else:
            self.set_package(order, package, 'LOGISTICS_REQUEST_CREATED')
            package['tracking_wait'] = self.world.settings['tracking_empty']
            if not package['tracking_wait']:
                self.give_tracking(order, package)
        self.follow(order)

    def give_tracking(self, order, package):
        """The carrier answers with its number: push code 4."""
        package['tracking_wait'] = 0
        if package['tracking_number']:
            return
        number = self.world.count('tracking')
        package['tracking_number'] = f'SPXVN06{1234500000 + number}'
        self.event(package, 'ORDER_CREATED')
        self.touch(order)
        self.world.notify(
            4,
            order['shop_id'],
            {
                'ordersn': order['order_sn'],
                'forder_id': str(4988123456000 + number),
                'package_number': package['package_number'],
                'tracking_no': package['tracking_number'],
            },
        )

    # === THE CARRIER === #

    def _live(self, order, numbers, *statuses):
        """Return the named packages (all by default) that are in these statuses."""
        found = [
            package
            for package in order['packages']
            if package['status'] in statuses
            and (not numbers or package['package_number'] in numbers)
        ]
        if not found or order['status'] == 'IN_CANCEL':
            raise Impossible(
                f'order {order["order_sn"]} is {order["status"]}, packages '
                + ', '.join(package['status'] for package in order['packages'])
            )
        return found

    def pickup(self, order, numbers=None):
        for package in self._live(order, numbers, 'LOGISTICS_REQUEST_CREATED'):
            self.give_tracking(order, package)
            self._picked(order, package)
        self.follow(order)

    def _picked(self, order, package):
        package['pickup_done_time'] = self.world.seconds()
        self.event(package, 'PICKED_UP')
        self.set_package(order, package, 'LOGISTICS_PICKUP_DONE')

    def fail_pickup(self, order, numbers=None):
        for package in self._live(order, numbers, 'LOGISTICS_REQUEST_CREATED'):
            self.event(package, 'PICKUP_RETRY')
            self.set_package(order, package, 'LOGISTICS_PICKUP_RETRY')
        self.follow(order)

    def deliver(self, order, numbers=None):
        for package in self._live(order, numbers, 'LOGISTICS_PICKUP_DONE'):
            self.event(package, 'DELIVERED')
            self.set_package(order, package, 'LOGISTICS_DELIVERY_DONE')
        delivered = all(
            package['status'] == 'LOGISTICS_DELIVERY_DONE'
            for package in order['packages']
        )
        if delivered and order['cod']:
            # README 7: COD counts as paid when the carrier has the cash.
            order['pay_time'] = self.world.seconds()
        self.follow(order)

    def fail_delivery(self, order, reason='Failed Delivery', lost=False):
        """Nobody took the parcel, or it is gone: the whole order is cancelled."""
        for package in self._live(order, None, 'LOGISTICS_PICKUP_DONE'):
            self.event(package, 'LOST' if lost else 'FAILED_DELIVERED')
            if not lost:
                self.event(package, 'RETURN_STARTED')
            self.set_package(
                order, package, 'LOGISTICS_LOST' if lost else 'LOGISTICS_DELIVERY_FAILED'
            )
        order.update(cancel_by='system', cancel_reason=reason)
        self.set_order(order, 'CANCELLED')

    def bring_back(self, order):
        """The parcel of a failed delivery is back at the seller."""
        for package in self._live(order, None, 'LOGISTICS_DELIVERY_FAILED'):
            self.event(package, 'RETURNED')
        self.touch(order)

    def need(self, order, *statuses):
        """Refuse a control verb in the wrong status."""
        if order['status'] not in statuses:
            raise Impossible(
                f'order {order["order_sn"]} is {order["status"]}, '
                f'this needs {" or ".join(statuses)}'
            )


def package_of(order, number):
    """Return the package that a logistics call means (README 7).

    :raise Refused: a split order without a number, or a number that is not there.
    """
    if number:
        for package in order['packages']:
            if package['package_number'] == number:
                return package
        raise Refused('logistics.package_not_exist', 'The package is not exist.')
    if order['split']:
        raise Refused(
            'logistics.package_number_not_exist',
            'Please request with package_number for this split order.',
        )
    return order['packages'][0]
