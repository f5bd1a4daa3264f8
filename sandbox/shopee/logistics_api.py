"""The logistics module: how to ship, shipping, tracking (README 7)."""

from datetime import datetime, timedelta

from . import order_view, seed
from .errors import Params, Refused
from .gateway import Api
from .lifecycle import package_of
from .orders import VIETNAM

METHODS = ('pickup', 'dropoff', 'non_integrated')
READY = ('LOGISTICS_READY', 'LOGISTICS_PICKUP_RETRY')
FIELDS = {
    'pickup': ['address_id', 'pickup_time_id'],
    'dropoff': [],
    # Named so here, and tracking_number in ship_order: Shopee's own inconsistency.
    'non_integrated': ['tracking_no'],
}
FLAGS = {
    'DEFAULT_ADDRESS': 'default_address',
    'PICK_UP_ADDRESS': 'pickup_address',
    'RETURN_ADDRESS': 'return_address',
}


class LogisticsApi:
    """Answers /api/v2/logistics/* without the labels."""

    def __init__(self, world):
        self.world = world

    def table(self):
        one = 'logistics/'
        return [
            Api('GET', one + 'get_channel_list', self.get_channel_list),
            Api('GET', one + 'get_address_list', self.get_address_list),
            Api('GET', one + 'get_shipping_parameter', self.get_shipping_parameter),
            Api('POST', one + 'ship_order', self.ship_order),
            Api('POST', one + 'update_shipping_order', self.update_shipping_order),
            Api(
                'POST', one + 'get_mass_shipping_parameter',
                self.get_mass_shipping_parameter,
            ),
            Api('POST', one + 'mass_ship_order', self.mass_ship_order),
            Api(
                'POST', one + 'get_mass_tracking_number', self.get_mass_tracking_number
            ),
            Api('GET', one + 'get_tracking_number', self.get_tracking_number),
            Api('GET', one + 'get_tracking_info', self.get_tracking_info),
        ]

    # === SETTINGS OF THE SHOP === #

    def get_channel_list(self, call):
        rows = [
            {
                **channel,
                'fee_type': 'SIZE_INPUT',
                'size_list': [],
                'weight_limit': {'item_max_weight': 30, 'item_min_weight': 0},
                'item_max_dimension': {'height': 100, 'width': 100, 'length': 100,
                                       'unit': 'cm', 'dimension_sum': 0},
                'volume_limit': {},
                'logistics_description': '',
                'force_enable': False,
                'block_seller_cover_shipping_fee': False,
                'support_cross_border': False,
                'seller_logistic_has_configuration': None,
                'logistics_capability': {
                    'seller_logistics': channel['logistics_channel_id']
                    == seed.SELLER_CHANNEL
                },
                'preprint': False,
                'service_type_identifier': None,
            }
            for channel in seed.CHANNELS
        ]
        return {'logistics_channel_list': rows}

    def get_address_list(self, call):
        return {
            'show_pickup_address': True,
            'address_list': [dict(address) for address in seed.ADDRESSES],
        }

    # === ARRANGING === #

    def slots(self):
        """Return the pick-up times offered now: the next three days, 13:00."""
        today = datetime.fromtimestamp(self.world.seconds(), VIETNAM)
        rows = []
        for days in (1, 2, 3):
            day = (today + timedelta(days=days)).replace(
                hour=13, minute=0, second=0, microsecond=0
            )
            moment = int(day.timestamp())
            rows.append({'date': moment, 'pickup_time_id': str(moment)})
        rows[0]['flags'] = ['recommended']
        return rows

    def _parameters(self, order):
        """Return the answer of get_shipping_parameter for an order."""
        addresses = []
        for address in seed.ADDRESSES:
            row = {k: v for k, v in address.items() if k != 'address_type'}
            row['address_flag'] = [FLAGS[kind] for kind in address['address_type']]
            row['time_slot_list'] = self.slots() if row['address_flag'] else None
            addresses.append(row)
        methods = order['methods']
        return {
            'info_needed': {method: list(FIELDS[method]) for method in methods},
            'pickup': {'address_list': addresses} if 'pickup' in methods else None,
            'dropoff': {'branch_list': None} if 'dropoff' in methods else None,
        }

    def _order(self, call, params=None):
        params = params or call.params
        number = params.text('order_sn', required=True)
        call.request.reference = number
        return self.world.book.need(call.shop_id, number, logistics=True)

    def _shippable(self, order):
        """Refuse what Shopee, not the seller, ships (README 7)."""
        if order['fulfillment_flag'] == 'fulfilled_by_shopee':
            raise Refused(
                'logistics.ship_order_pff_init', 'The warehouse ships this order.'
            )
        if order['advance']:
            raise Refused(
                'logistics.error_booking_order', 'The order is matched with a booking.'
            )
        if order['group_shipment_id']:
            raise Refused(
                'logistics.error_param', 'The parcel is combined with other orders.'
            )

    def get_shipping_parameter(self, call):
        order = self._order(call)
        package = package_of(order, call.params.text('package_number'))
        if order['status'] == 'CANCELLED':
            raise Refused('error_status', 'The order is cancelled.')
        if package['status'] not in READY or order['status'] == 'IN_CANCEL':
            raise Refused(
                'error_param',
                'Shipping parameters can only be obtained when package is ready to '
                'be shipped',
            )
        return self._parameters(order)

    def ship_order(self, call):
        params = call.params
        order = self._order(call)
        number = params.text('package_number')
        if 'package_number' in params.values and not order['split']:
            raise Refused(
                'logistics.ship_order_not_need_pacakge_number',
                'This order is not split, please do not send package_number.',
            )
        if order['split'] and not number:
            raise Refused(
                'logistics.ship_order_need_pacakge_number',
                'Please send package_number for this split order.',
            )
        package = package_of(order, number)
        self._ship(order, package, self._method(params))
        return None

    def _method(self, params):
        """Return (method, its fields); exactly one must be sent, maybe empty."""
        sent = [name for name in METHODS if name in params.values]
        if len(sent) != 1:
            raise Refused(
                'logistics.ship_order_only_support_one_type',
                'Please choose exactly one of pickup, dropoff and non_integrated.',
            )
        return sent[0], params.obj(sent[0]) or Params(params.module, {}, True)

    def _ship(self, order, package, chosen):
        """Check everything, then arrange: the one place with this effect."""
        method, fields = chosen
        self._shippable(order)
        if package['arranged'] and package['status'] != 'LOGISTICS_PICKUP_RETRY':
            # README 7: the space before the code is really on the wire.
            raise Refused(
                ' logistics.package_already_shipped',
                "This package has already been arranged shipment and you can't call "
                'this API again.',
            )
        if package['status'] not in READY or order['status'] == 'IN_CANCEL':
            raise Refused(
                'logistics.ship_order_not_ready_to_ship',
                'The order is not ready to ship.',
            )
        if method not in order['methods']:
            raise Refused(
                f'logistics.ship_order_unsupport_{method}',
                f'This order does not support {method}.',
            )
        slot = tracking = ''
        if method == 'pickup':
            slot = self._pickup(fields)
        elif method == 'non_integrated':
            tracking = self._own_number(fields)
        self.world.life.arrange(order, package, method, slot, tracking)
        self.world.effect('ship_order', order['order_sn'], package['package_number'])

    def _pickup(self, fields):
        address_id = fields.integer('address_id')
        slot = fields.text('pickup_time_id')
        if not address_id or not slot:
            raise Refused(
                'logistics.ship_order_need_address_pickup_time',
                'Please send address_id and pickup_time_id.',
            )
        addresses = {row['address_id']: row for row in seed.ADDRESSES}
        if address_id not in addresses or not addresses[address_id]['address_type']:
            raise Refused(
                'logistics.address_not_found', 'The pickup address is not found.'
            )
        if slot not in [row['pickup_time_id'] for row in self.slots()]:
            raise Refused(
                'logistics.ship_order_pickup_time_invalid',
                'The pickup_time_id received is invalid.',
            )
        return slot

    def _own_number(self, fields):
        number = fields.text('tracking_number')
        if not number:
            raise Refused(
                'logistics.ship_order_need_tracking_number',
                'Please send the tracking_number.',
            )
        if len(number) > 64:
            raise Refused(
                'logistics.ship_order_long_tracking_number',
                'The tracking_number is longer than 64.',
            )
        return number

    def update_shipping_order(self, call):
        order = self._order(call)
        package = package_of(order, call.params.text('package_number'))
        fields = call.params.obj('pickup')
        if fields is None:
            raise call.params.missing('pickup')
        if package['status'] != 'LOGISTICS_PICKUP_RETRY':
            raise Refused('logistics.error_status_limit', 'Status is not PICKUP_RETRY.')
        slot = self._pickup(fields)
        if slot == package['slot']:
            raise Refused(
                'logistics.update_shipping_order_no_param_change', 'Nothing changes.'
            )
        package['slot'] = slot
        self.world.life.set_package(order, package, 'LOGISTICS_REQUEST_CREATED')
        self.world.life.follow(order)
        self.world.effect(
            'update_shipping_order', order['order_sn'], package['package_number']
        )
        return None

    # === MANY AT ONCE === #

    def _mass(self, call):
        """Return (found [(order, package)], fail rows) of ``package_list``."""
        found, failed = [], []
        known = {
            package['package_number']: (order, package)
            for order in self.world.book.of_shop(call.shop_id)
            for package in order['packages']
        }
        for row in call.params.rows('package_list'):
            number = row.text('package_number', required=True)
            if number in known:
                found.append(known[number])
            else:
                failed.append(
                    {'package_number': number, 'fail_reason': 'Package not found.'}
                )
        channels = {package['channel_id'] for _, package in found}
        if len(channels) > 1:
            raise Refused(
                'logistics.error_param', 'Packages must be of the same channel.'
            )
        return found, failed

    def get_mass_shipping_parameter(self, call):
        found, failed = self._mass(call)
        ready = []
        for order, package in found:
            row = {'package_number': package['package_number']}
            if package['status'] in READY:
                ready.append((order, row))
            else:
                failed.append({**row, 'fail_reason': 'Package is not ready.'})
        answer = self._parameters(ready[0][0]) if ready else {}
        return {
            **answer,
            'success_list': [row for _, row in ready],
            'fail_list': failed,
        }

    def mass_ship_order(self, call):
        found, failed = self._mass(call)
        method, fields = self._method(call.params)
        own = {}
        if method == 'non_integrated':
            for row in fields.rows('tracking_number'):
                own[row.text('package_number', required=True)] = row
        done = []
        for order, package in found:
            row = {'package_number': package['package_number']}
            one = own.get(row['package_number'], fields)
            try:
                self._ship(order, package, (method, one))
                done.append(row)
            except Refused as refusal:
                failed.append({**row, 'fail_reason': refusal.message})
        return {'success_list': done, 'fail_list': failed}

    def get_mass_tracking_number(self, call):
        found, failed = self._mass(call)
        done = [
            {
                'package_number': package['package_number'],
                'tracking_number': self._asked(order, package),
                'hint': '',
            }
            for order, package in found
        ]
        return {'success_list': done, 'fail_list': failed}

    # === TRACKING === #

    def _asked(self, order, package):
        """Count down the empty answers of the switch ``tracking_empty``."""
        shown = order_view.shown_tracking(package)
        if package['tracking_wait']:
            package['tracking_wait'] -= 1
            if not package['tracking_wait']:
                self.world.life.give_tracking(order, package)
        return shown

    def get_tracking_number(self, call):
        order = self._order(call)
        package = package_of(order, call.params.text('package_number'))
        number = self._asked(order, package)
        hint = '' if number else 'The tracking number is being generated.'
        answer = {'tracking_number': number, 'hint': hint}
        for name in call.params.names('response_optional_fields'):
            if name in (
                'plp_number', 'first_mile_tracking_number', 'last_mile_tracking_number'
            ):
                answer[name] = ''
        return answer

    def get_tracking_info(self, call):
        order = self._order(call)
        package = package_of(order, call.params.text('package_number'))
        if not package['arranged']:
            raise Refused(
                'logistics.error_status_limit', 'The package is not shipped yet.'
            )
        return {
            'order_sn': order['order_sn'],
            'package_number': package['package_number'],
            'logistics_status': package['status'],
            'tracking_info': [
                {**event, 'return_code': ''} for event in reversed(package['events'])
            ],
        }
