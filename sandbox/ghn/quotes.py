"""Fee, leadtime and preview: what a parcel would cost and when it would arrive."""

from . import catalogue, pricing
from .binding import FLAG, INT, ROWS, TEXT, parameters
from .envelope import Refused, success, user_error
from .orders import leadtime_order, promise, stamp
from .validation import (
    MAX_INSURANCE,
    ORDER_SCHEMA,
    SIDES,
    OrderChecks,
    check_money,
    check_route,
    check_service_type,
    old_place_by_ids,
    shop_place,
)

MAX_FEE_WEIGHT = 1600000
MAX_FEE_COD = 10000000
ROUTE = {'from_district_id': INT, 'from_ward_code': TEXT, 'to_district_id': INT,
         'to_ward_code': TEXT, 'service_type_id': INT, 'service_id': INT}
SIZE = {'weight': INT, 'length': INT, 'width': INT, 'height': INT}
FEE_SCHEMA = {
    **ROUTE, **SIZE, 'insurance_value': INT, 'cod_value': INT, 'cod_failed_amount': INT,
    'coupon': TEXT, 'items': ROWS, 'is_new_to_address': FLAG, 'to_ward_id_v2': INT,
    'to_address_v2': TEXT,
}
OLD_SERVICES = {53320: pricing.LIGHT, 53321: pricing.LIGHT, 100039: pricing.HEAVY}


class Quotes:
    def __init__(self, provider):
        self.provider = provider

    # === PREVIEW === #

    def draft(self, request):
        """The checked order of a create or preview call."""
        values = parameters(request, ORDER_SCHEMA)
        request.reference = values.get('client_order_code', '')
        shifts = [row['id'] for row in self.provider.master_data.shift_rows()]
        return OrderChecks(values, request.shop, self.provider.settings, shifts).draft()

    def preview(self, request):
        return success(
            self.provider.orders.quote(self.draft(request)), 'Xem trước đơn hàng')

    # === FEE === #

    def fee(self, request):
        values = parameters(request, FEE_SCHEMA)
        service_type = values.get('service_type_id') or OLD_SERVICES.get(
            values.get('service_id'))
        if not service_type:
            raise user_error('service_type_id is required')
        receiver = self.receiver(values)
        self.check_parcel(service_type, values)
        check_route(receiver, self.provider.settings)
        fees = pricing.fees(
            service_type, values, self.sender(values, request.shop), receiver)
        return success(pricing.as_fee_answer(fees))

    def check_parcel(self, service_type, values):
        weight = values.get('weight') or 0
        if not 0 < weight <= MAX_FEE_WEIGHT:
            raise user_error('Cân nặng không hợp lệ')
        check_service_type(service_type, weight, self.provider.settings)
        check_money('insurance_value', values.get('insurance_value'), MAX_INSURANCE)
        check_money('cod_value', values.get('cod_value'), MAX_FEE_COD)
        if any(values.get(side, 0) < 0 for side in SIDES):
            raise user_error('Kích thước không hợp lệ')
        if service_type != pricing.HEAVY:
            return
        rows = values.get('items')
        if not rows or not all(
                (row.get(key) or 0) > 0 for row in rows for key in SIZE):
            raise user_error('Cân nặng không hợp lệ')

    def receiver(self, values):
        if self.provider.settings['fee_new_model'] and values.get('is_new_to_address'):
            places = catalogue.load()
            ward = places.wards.get(values.get('to_ward_id_v2'))
            if not ward or ward['status'] != catalogue.USABLE:
                raise Refused('to_ward_id_v2 not valid', 'WARD_IS_INVALID')
            return places.new_place(ward)
        if not values.get('to_district_id') or not values.get('to_ward_code'):
            raise user_error('to_district_id, to_ward_code is required')
        return old_place_by_ids(values['to_district_id'], values['to_ward_code'], 'to')

    def sender(self, values, shop):
        given = [values.get('from_district_id'), values.get('from_ward_code')]
        if all(given):
            return old_place_by_ids(*given, 'from')
        if any(given):
            raise user_error('from_district_id, from_ward_code go together')
        place = shop_place(shop)
        if not place:
            raise Refused('Convert from address fail', 'FROM_ADDRESS_CONVERT_FAIL',
                          'Địa chỉ lấy hàng không hợp lệ')
        return place

    # === LEADTIME === #

    def leadtime(self, request):
        values = parameters(request, {**ROUTE, **SIZE})
        if not values.get('to_district_id') or not values.get('to_ward_code'):
            raise user_error('to_district_id, to_ward_code is required')
        receiver = old_place_by_ids(
            values['to_district_id'], values['to_ward_code'], 'to')
        sender = self.sender(values, request.shop)
        check_route(receiver, self.provider.settings)
        now = self.provider.now()
        return success({
            'leadtime': int(promise(now, sender, receiver).timestamp()),
            'leadtime_order': leadtime_order(now, sender, receiver),
            'order_date': stamp(now)})
