"""Orders as the marketplace keeps them: placing one, and finding it again.

What happens to an order afterwards is in ``lifecycle.py``.
"""

import hashlib
from datetime import datetime, timedelta, timezone

from ..frame import ControlError
from . import seed
from .errors import Refused, wrong

VIETNAM = timezone(timedelta(hours=7))
DAY = 86400
SHIPPING_FEE = 16500  # VND, what the buyer pays unless the order says otherwise


class Impossible(ControlError):
    """What the control API was asked cannot happen in the present state."""

    def __init__(self, text, status=409):
        super().__init__(text, status)


def _base36(number):
    digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
    text = ''
    for _ in range(8):
        number, rest = divmod(number, 36)
        text += digits[rest]
    return text


class OrderBook:
    """All orders of all shops. ``world`` is the provider: clock, state, pushes."""

    def __init__(self, world):
        self.world = world

    @property
    def orders(self):
        return self.world.data['orders']

    # === FINDING === #

    def get(self, shop_id, order_sn):
        """Return the shop's order or None (another shop's order is unknown)."""
        order = self.orders.get(order_sn)
        return order if order and order['shop_id'] == shop_id else None

    def need(self, shop_id, order_sn, logistics=False):
        """Return the shop's order or refuse in the module's words (README 4)."""
        order = self.get(shop_id, order_sn)
        if order:
            return order
        if logistics:
            raise Refused('logistics.invalid_error', 'The order is not exist.')
        missing = wrong('the order is not found.')
        missing.code = 'error_not_found'
        raise missing

    def any(self, order_sn):
        """Return the order with that number, whatever the shop (control API)."""
        if order_sn not in self.orders:
            raise Impossible(f'there is no order {order_sn}', 404)
        return self.orders[order_sn]

    def of_shop(self, shop_id):
        return [row for row in self.orders.values() if row['shop_id'] == shop_id]

    # === PLACING === #

    def place(self, wish):
        """Make one order as a buyer would; ``wish`` is described in README 10."""
        number = self.world.count('order')
        now = int(wish.get('create_time') or self.world.seconds())
        shop_id = int(wish.get('shop_id') or self.world.first_shop())
        if str(shop_id) not in self.world.data['shops']:
            raise Impossible(f'there is no shop {shop_id}')
        cod = bool(wish.get('cod', not wish.get('paid') and 'paid' not in wish))
        lines = self._lines(shop_id, wish.get('items') or self._usual(number))
        username, user_id, name, phone = seed.BUYERS[number % len(seed.BUYERS)]
        buyer = wish.get('buyer') or {}
        order = {
            'number': number,
            'order_sn': wish.get('order_sn') or self._order_sn(number, now),
            'shop_id': shop_id,
            'cod': cod,
            'status': 'UNPAID',
            'create_time': now,
            'update_time': now,
            'pay_time': 0,
            'days_to_ship': int(wish.get('days_to_ship') or 2),
            'ship_by_date': 0,
            'buyer_username': buyer.get('username') or username,
            'buyer_user_id': int(buyer.get('user_id') or user_id),
            'recipient': self._recipient(wish, buyer, number, name, phone),
            'masked': wish.get('masked'),
            'message': wish.get('message') or '',
            'note': '',
            'note_time': 0,
            'lines': lines,
            'shipping_fee': int(wish.get('shipping_fee', SHIPPING_FEE)),
            'seller_voucher': int(wish.get('voucher') or 0),
            'shopee_voucher': int(wish.get('shopee_voucher') or 0),
            'mismatch': int(wish.get('total_mismatch') or 0),
            'methods': wish.get('methods') or ['pickup', 'dropoff'],
            'fulfillment_flag': wish.get('fulfillment_flag')
            or 'fulfilled_by_local_seller',
            'advance': bool(wish.get('advance_package')),
            'group_shipment_id': int(wish.get('group_shipment_id') or 0),
            'pending': bool(wish.get('pending')),
            'payment_method': wish.get('payment_method')
            or ('Cash on Delivery' if cod else 'ShopeePay'),
            'invoice': wish.get('invoice'),
            'cancel_by': '',
            'cancel_reason': '',
            'buyer_cancel_reason': '',
            'before_cancel': '',
            'split': False,
            'completed_at': 0,
            'release_time': 0,
            'refunded': 0,
        }
        if order['order_sn'] in self.orders:
            raise Impossible(f'order {order["order_sn"]} exists already')
        order['packages'] = [
            self.new_package(
                order, [[i, line['qty']] for i, line in enumerate(lines)]
            )
        ]
        self.orders[order['order_sn']] = order
        self._take_stock(order, -1)
        return order

    def new_package(self, order, lines):
        """Return a package of ``[[line index, quantity], ...]``."""
        number = self.world.count('package')
        seller_ships = order['methods'] == ['non_integrated']
        digits = int(hashlib.sha256(f'package{number}'.encode()).hexdigest(), 16)
        return {
            'package_number': f'OFG{digits % 10**12:012d}',
            'status': 'LOGISTICS_NOT_START',
            'channel_id': (
                seed.SELLER_CHANNEL if seller_ships else seed.PICKUP_CHANNEL
            ),
            'carrier': 'Người bán tự giao' if seller_ships else 'SPX Express',
            'lines': lines,
            'arranged': False,
            'tracking_number': '',
            'tracking_wait': 0,
            'pickup_done_time': 0,
            'method': '',
            'slot': '',
            'events': [],
        }

    def _order_sn(self, number, now):
        day = datetime.fromtimestamp(now, VIETNAM).strftime('%y%m%d')
        secret = f'{self.world.data["salt"]}/{number}'
        digest = hashlib.sha256(secret.encode()).hexdigest()
        return day + _base36(int(digest, 16))

    def _usual(self, number):
        skus = ['AT-SG-DEN-L', 'QJ-30', 'NON-01', 'AT-SG-TRANG-M', 'TUI-01', 'QJ-31']
        first = {'sku': skus[number % len(skus)], 'qty': 1 + number % 2}
        if number % 2:
            return [first]
        return [first, {'sku': skus[(number + 1) % len(skus)], 'qty': 1}]

    def _recipient(self, wish, buyer, number, name, phone):
        street, ward, district, province = seed.DELIVERY_ADDRESSES[
            number % len(seed.DELIVERY_ADDRESSES)
        ]
        usual = {
            'name': buyer.get('name') or name,
            'phone': buyer.get('phone') or phone,
            'town': '',
            'district': ward,
            'city': district,
            'state': province,
            'region': 'VN',
            'zipcode': '',
        }
        given = wish.get('address') or {}
        usual.update({key: value for key, value in given.items() if key in usual})
        place = [usual['district'], usual['city'], usual['state']]
        # README 6: the full address repeats the administrative parts.
        usual['full_address'] = given.get('full_address') or ', '.join(
            part for part in [street, *place] if part
        )
        return usual

    def _lines(self, shop_id, wishes):
        lines = []
        for index, wish in enumerate(wishes):
            item, model = self._find(shop_id, wish)
            price = int(wish.get('price', model['price']))
            bundle = bool(wish.get('bundle'))
            lines.append(
                {
                    'item_id': item['item_id'],
                    'model_id': model['model_id'],
                    'item_name': wish.get('name') or item['name'],
                    'item_sku': wish.get('item_sku', item['sku']),
                    'model_name': model['name'],
                    'model_sku': wish.get(
                        'model_sku', model['sku'] if model['model_id'] else ''
                    ),
                    'qty': int(wish.get('qty') or 1),
                    'price': price,
                    'original_price': int(wish.get('original_price') or price),
                    'weight': float(item['weight']),
                    'bundle': bundle,
                    'order_item_id': 1 if bundle else item['item_id'],
                    'promotion_group_id': index if wish.get('add_on') else 0,
                    'add_on': bool(wish.get('add_on')),
                    'cancelled': 0,
                }
            )
        return lines

    def _find(self, shop_id, wish):
        """Return the listing and model of a wished line, by SKU or by ids."""
        sku = wish.get('sku')
        for item in self.world.data['items'].values():
            if item['shop_id'] != shop_id:
                continue
            for model in item['models']:
                by_id = (item['item_id'], model['model_id']) == (
                    wish.get('item_id'),
                    wish.get('model_id', 0),
                )
                if by_id or (sku and model['sku'] == sku):
                    return item, model
        if not sku:
            raise Impossible(f'no listing for {wish}')
        # A SKU that no listing has: how a test makes a line nobody can match.
        number = self.world.count('stranger')
        item = {
            'item_id': 29900000000 + number,
            'name': wish.get('name') or f'Sản phẩm {sku}',
            'sku': sku,
            'weight': '0.3',
        }
        return item, {
            'model_id': 0,
            'sku': sku,
            'name': '',
            'price': int(wish.get('price') or 50000),
        }

    # === STOCK AND MONEY === #

    def _take_stock(self, order, sign):
        """README 6: every order, paid or not, takes from what buyers can buy."""
        for line in order['lines']:
            item = self.world.data['items'].get(str(line['item_id']))
            for model in item['models'] if item else []:
                if model['model_id'] == line['model_id']:
                    left = line['qty'] - line['cancelled']
                    model['stock'] = max(0, model['stock'] + sign * left)

    def give_back_stock(self, order):
        self._take_stock(order, 1)


def goods_amount(order):
    """Return what the lines cost after seller discounts, in VND."""
    return sum(
        line['price'] * (line['qty'] - line['cancelled']) for line in order['lines']
    )


def total_amount(order):
    """Return what the buyer pays, shipping included, in VND (README 6)."""
    return max(
        0,
        goods_amount(order)
        + order['shipping_fee']
        - order['seller_voucher']
        - order['shopee_voucher']
        + order['mismatch'],
    )
