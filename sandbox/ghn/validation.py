"""The checks of create and preview, in GHN's order: required fields, enums, phones,
limits, address names, street conflict, route (README, "Create and preview")."""

import re
from dataclasses import dataclass

from . import catalogue
from .binding import FLAG, INT, INTS, ROWS, TEXT
from .envelope import Refused, user_error
from .pricing import HEAVY, LIGHT

NOTES = ('CHOTHUHANG', 'CHOXEMHANGKHONGTHU', 'KHONGCHOXEMHANG')
PHONE = re.compile(r'0[235789]\d{8}\Z')
MAX_WEIGHT = 50000          # grams of one box
LIGHT_LIMIT = 20000         # grams; from here on the heavy service
MAX_COD = 50000000
MAX_INSURANCE = 5000000
MAX_TEXT = {
    'to_name': 1024, 'to_address': 1024, 'from_name': 1024, 'from_address': 1024,
    'return_name': 1024, 'return_address': 1024, 'client_order_code': 50,
    'content': 2000, 'note': 5000,
}
SIDES = {'length': 'dài', 'width': 'rộng', 'height': 'cao'}

ORDER_SCHEMA = {
    **dict.fromkeys((
        'to_name', 'to_phone', 'to_address', 'to_ward_name', 'to_district_name',
        'to_province_name', 'to_ward_code', 'from_name', 'from_phone', 'from_address',
        'from_ward_name', 'from_district_name', 'from_province_name', 'from_hotline',
        'return_name', 'return_phone', 'return_address', 'return_ward_name',
        'return_district_name', 'return_province_name', 'return_ward_code',
        'client_order_code', 'required_note', 'content', 'note', 'coupon'), TEXT),
    **dict.fromkeys((
        'payment_type_id', 'service_type_id', 'service_id', 'to_district_id',
        'return_district_id', 'weight', 'length', 'width', 'height', 'cod_amount',
        'cod_failed_amount', 'insurance_value', 'order_value', 'pick_station_id',
        'deliver_station_id', 'pickup_time'), INT),
    **dict.fromkeys((
        'is_new_to_address', 'is_new_from_address', 'is_new_return_address'), FLAG),
    'pick_shift': INTS, 'items': ROWS,
}


@dataclass(frozen=True)
class Draft:
    """A request that passed all checks."""
    values: dict
    service_type: int
    sender: catalogue.Place
    receiver: catalogue.Place


class OrderChecks:
    """One check of one request.

    :param dict values: bound by ``ORDER_SCHEMA``
    :param dict shop: the row of the ShopId
    :param dict settings: the sandbox's switches
    :param pick_shifts: ids that may be asked for now
    """

    def __init__(self, values, shop, settings, pick_shifts):
        self.values = values
        self.shop = shop
        self.settings = settings
        self.pick_shifts = pick_shifts
        self.places = catalogue.load()

    def draft(self):
        """:raise Refused: the first thing that is wrong"""
        self.check_required()
        self.check_enums()
        self.check_phones()
        self.check_limits()
        sender = self.sender()
        receiver = self.place('to')
        self.check_return_address()
        self.check_street(receiver)
        check_route(receiver, self.settings)
        return Draft(
            self.values, self.values['service_type_id'], sender, receiver)

    # === REQUIRED FIELDS === #

    def check_required(self):
        get = self.values.get
        heavy = get('service_type_id') == HEAVY
        names = ['to_name', 'to_phone', 'to_address', 'payment_type_id',
                 'service_type_id', 'weight']
        if not heavy:
            names += SIDES
        if not get('items'):
            names.append('content')
        names += self.required_address('to')
        missing = [name for name in names if not get(name)]
        if missing:
            raise user_error('\n'.join(_required(name) for name in missing))
        if not get('required_note'):
            raise user_error('Sai thông tin Required Note')
        if heavy and not get('items'):
            raise user_error('Cân nặng không hợp lệ')
        self.check_items(heavy)

    def required_address(self, side):
        get = self.values.get
        if get(f'is_new_{side}_address'):
            return [f'{side}_ward_name', f'{side}_province_name']
        if get(f'{side}_ward_code') or get(f'{side}_district_id'):
            return [f'{side}_ward_code', f'{side}_district_id']
        return [f'{side}_ward_name', f'{side}_district_name', f'{side}_province_name']

    def check_items(self, heavy):
        for number, item in enumerate(self.values.get('items') or ()):
            needed = ['name', 'quantity', *(['weight', *SIDES] if heavy else [])]
            missing = [name for name in needed if not item.get(name)]
            if missing:
                raise user_error('\n'.join(
                    _required(name, f'ShiipCreate.Items[{number}]') for name in missing))
            if item['quantity'] < 1:
                raise user_error('Số lượng sản phẩm không hợp lệ')

    # === ENUMS, PHONES, LIMITS === #

    def check_enums(self):
        get = self.values.get
        if get('required_note') not in NOTES:
            raise user_error('Sai thông tin Required Note')
        if get('payment_type_id') not in (1, 2):
            raise user_error('Sai thông tin Payment Type')
        check_service_type(
            get('service_type_id'), get('weight'), self.settings)
        for shift in get('pick_shift') or ():
            if shift not in self.pick_shifts:
                raise user_error('Ca lấy hàng không hợp lệ')

    def check_phones(self):
        for name in ('to_phone', 'from_phone', 'return_phone'):
            phone = self.values.get(name)
            if phone and not PHONE.match(phone):
                raise Refused(
                    f'{name}: Số điện thoại không hợp lệ', 'PHONE_INVALID',
                    'Số điện thoại không hợp lệ')

    def check_limits(self):
        get = self.values.get
        for name, limit in MAX_TEXT.items():
            if len(get(name) or '') > limit:
                raise user_error(f'{name} vượt quá {limit} ký tự')
        heavy = get('service_type_id') == HEAVY
        for box in (get('items') or ()) if heavy else [self.values]:
            self.check_box(box)
        for item in get('items') or ():
            if len(item['name']) > 512:
                raise user_error('items.name vượt quá 512 ký tự')
        if get('weight') < 0:
            raise user_error('Cân nặng không hợp lệ')
        check_money('cod_amount', get('cod_amount'), MAX_COD)
        check_money('cod_failed_amount', get('cod_failed_amount'), MAX_COD)
        check_money('insurance_value', get('insurance_value'), MAX_INSURANCE)

    def check_box(self, box):
        if not 0 < box['weight'] <= MAX_WEIGHT:
            raise user_error(f'Cân nặng vượt quá mức cho phép: {MAX_WEIGHT}')
        limit = self.settings['max_side']
        for side, word in SIDES.items():
            if box[side] > limit:
                raise user_error(f'Kích thước ({word}) vượt quá mức cho phép: {limit}')
            if box[side] < 0:
                raise user_error(f'Kích thước ({word}) không hợp lệ')

    # === ADDRESSES === #

    def sender(self):
        """Place of the given sender, else of the shop's profile."""
        given = [name for name in ORDER_SCHEMA
                 if name.startswith('from_') and name != 'from_hotline'
                 and self.values.get(name)]
        if given:
            needed = ['from_name', 'from_phone', 'from_address',
                      *self.required_address('from')]
            if not all(self.values.get(name) for name in needed):
                raise _no_sender()
            return self.place('from')
        place = shop_place(self.shop)
        if not place:
            raise _no_sender()
        return place

    def check_return_address(self):
        if any(self.values.get(f'return_{name}') for name in (
                'ward_name', 'district_name', 'province_name', 'ward_code')):
            self.place('return')

    def place(self, side):
        """The Place of one side; names must be exactly those of the catalogue."""
        get = self.values.get
        if get(f'is_new_{side}_address'):
            if get(f'{side}_district_name') and self.settings['refuse_new_with_district']:
                raise user_error(
                    f'{side}_district_name: địa chỉ mới không có quận/huyện')
            return self.new_place(side)
        if get(f'{side}_ward_code'):
            return old_place_by_ids(
                get(f'{side}_district_id'), get(f'{side}_ward_code'), side)
        return self.old_place(side)

    def new_place(self, side):
        province = self.places.province_named(self.values.get(f'{side}_province_name'))
        if not province:
            raise _bad_name(side, 'province')
        ward = self.places.ward_named(
            province['_id'], self.values.get(f'{side}_ward_name'))
        if not ward:
            raise _bad_name(side, 'ward')
        return self.places.new_place(ward)

    def old_place(self, side):
        names = [self.values.get(f'{side}_{level}_name')
                 for level in ('province', 'district', 'ward')]
        province = self.places.old_province_named(names[0])
        if not province:
            raise _bad_name(side, 'province')
        district = self.places.district_named(province['ProvinceID'], names[1])
        if not district:
            raise _bad_name(side, 'district')
        ward = self.places.old_ward_named(district['DistrictID'], names[2])
        if not ward:
            raise _bad_name(side, 'ward')
        return self.places.old_place(ward)

    def check_street(self, receiver):
        """GHN geocodes the street; a street of another ward is refused."""
        if self.settings['geocoder_down']:
            raise Refused(
                'Convert to address fail: map provider', 'TO_ADDRESS_CONVERT_FAIL',
                'Không xác định được địa chỉ người nhận')
        if not self.values.get('is_new_to_address'):
            return
        address = self.values['to_address'].casefold()
        for street, ward in self.settings['street_wards'].items():
            if street.casefold() in address and ward != receiver.ward:
                raise Refused('To address conflict')


# === CHECKS THAT OTHER CALLS SHARE === #

def check_service_type(service_type, weight, settings):
    if service_type not in (LIGHT, HEAVY):
        raise user_error('Loại dịch vụ không hợp lệ')
    if (service_type == LIGHT and weight >= LIGHT_LIMIT
            and settings['strict_service_type']):
        raise Refused(
            'Service not found config fee', 'SERVICE_NOT_FOUND_CONFIG_FEE',
            'Không tìm thấy bảng giá cho gói dịch vụ')


def check_money(name, amount, limit):
    if amount is not None and not 0 <= amount <= limit:
        raise user_error(f'{name} không hợp lệ, tối đa {limit}')


def check_route(receiver, settings):
    """Places that pick up only, and those closed by the switch, get no parcels."""
    district = catalogue.load().districts.get(receiver.district_id)
    closed = settings['closed_places']
    if receiver.province in closed or receiver.ward in closed or (
            district and district['SupportType'] < catalogue.DELIVERY_ONLY):
        raise Refused(
            'Route not found service', 'ROUTE_NOT_FOUND_SERVICE', 'Không tìm thấy dịch vụ')


def old_place_by_ids(district_id, ward_code, side):
    places = catalogue.load()
    ward = places.old_wards.get(ward_code)
    if not ward or ward['DistrictID'] != district_id:
        raise Refused(
            f'Fail when get place name of {side} ward code: upstream - <nil>',
            'WARD_NAME_NOT_VALID',
            'Không tìm thấy thông tin phường xã. Vui lòng thử lại sau.')
    return places.old_place(ward)


def shop_place(shop):
    """Place of a shop's profile, None without an address."""
    places = catalogue.load()
    if shop.get('ward_id_v2'):
        return places.new_place(places.wards[shop['ward_id_v2']])
    ward = places.old_wards.get(shop.get('ward_code'))
    return places.old_place(ward) if ward else None


def _no_sender():
    return Refused(
        'Convert from address fail', 'FROM_ADDRESS_CONVERT_FAIL',
        'Địa chỉ lấy hàng không hợp lệ')


def _bad_name(side, level):
    word = {'province': 'tỉnh thành', 'district': 'quận huyện', 'ward': 'phường xã'}
    return Refused(
        f'Fail when get {side} {level} by name: upstream - <nil>',
        f'{level.upper()}_NAME_NOT_VALID',
        f'Không tìm thấy thông tin {word[level]}. Vui lòng thử lại sau.')


def _required(name, struct='ShiipCreate'):
    field = ''.join(
        part.upper() if part == 'id' else part.capitalize() for part in name.split('_'))
    return (f"Key: '{struct}.{field}' Error:Field validation for '{field}' "
            f"failed on the 'required' tag")
