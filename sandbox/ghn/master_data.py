"""Reads that create nothing: addresses, shops, services, shifts, post offices."""

from datetime import timedelta

from ..frame import Response
from . import catalogue, pricing
from .binding import ANY, INT, TEXT, parameters
from .envelope import Refused, success, user_error
from .orders import VIETNAM
from .validation import PHONE

V3_LIMIT, STATION_LIMIT, SHOP_LIMIT = 200, 1000, 200
SERVICES = (
    {'service_id': 53320, 'short_name': 'Hàng nhẹ', 'service_type_id': pricing.LIGHT},
    {'service_id': 100039, 'short_name': 'Hàng nặng', 'service_type_id': pricing.HEAVY},
)
NOON, EVENING = 12, 18


def page(rows, values, most):
    """The asked part of a list; ``limit`` absent or 0 means the most.

    :raise Refused: more than allowed
    """
    offset, limit = values.get('offset', 0), values.get('limit') or most
    if limit > most or limit < 0 or offset < 0:
        raise user_error(f'limit không hợp lệ, tối đa {most}')
    return rows[offset:offset + limit]


class MasterData:
    def __init__(self, provider):
        self.provider = provider
        self.places = catalogue.load()

    # === LEGACY ADDRESSES === #

    def provinces(self, request):
        parameters(request, {})
        return success([
            {key: value for key, value in row.items() if key != 'new_id'}
            for row in self.places.old_provinces.values()])

    def districts(self, request):
        province = parameters(request, {'province_id': INT}).get('province_id')
        return success([row for row in self.places.districts.values()
                        if province in (None, row['ProvinceID'])] or None)

    def wards(self, request):
        district = parameters(request, {'district_id': INT}).get('district_id')
        if district not in self.places.districts:
            raise user_error('district_id không hợp lệ')
        return success([row for row in self.places.old_wards.values()
                        if row['DistrictID'] == district] or None)

    # === ADDRESSES OF THE NEW MODEL === #

    def new_provinces(self, request):
        values = parameters(request, {'offset': INT, 'limit': INT})
        rows = [{key: value for key, value in row.items() if key != 'region'}
                for row in self.places.provinces.values()]
        return success(page(rows, values, V3_LIMIT))

    def new_wards(self, request):
        values = parameters(request, {'province_id': INT, 'offset': INT, 'limit': INT})
        if values.get('province_id') not in self.places.provinces:
            raise user_error('province_id không hợp lệ')
        rows = [row for row in self.places.wards.values()
                if row['parent_id'] == values['province_id']]
        return success(page(rows, values, V3_LIMIT))

    # === SHOPS === #

    def shops(self, request):
        values = parameters(request, {
            'offset': INT, 'limit': INT, 'client_phone': TEXT, 'clientphone': TEXT})
        phone = values.get('client_phone') or values.get('clientphone')
        rows = [row for row in self.provider.shops.values()
                if row['client_id'] == request.client_id
                and phone in (None, '', row['phone'])]
        shown = page(rows, values, SHOP_LIMIT)
        last = values.get('offset', 0) + len(shown)
        return success({'last_offset': last, 'shops': shown})

    def register(self, request):
        values = parameters(request, {
            'name': TEXT, 'phone': TEXT, 'address': TEXT, 'district_id': INT,
            'ward_code': TEXT})
        missing = [name for name in ('name', 'phone', 'address', 'district_id',
                                     'ward_code') if not values.get(name)]
        if missing:
            raise user_error(f'{", ".join(missing)} is required')
        if not PHONE.match(values['phone']):
            raise Refused('Số điện thoại không hợp lệ', 'PHONE_INVALID')
        ward = self.places.old_wards.get(values['ward_code'])
        if not ward or ward['DistrictID'] != values['district_id']:
            raise user_error('ward_code không hợp lệ')
        shop_id = self.provider.add_shop(request.client_id, **values)
        self.provider.effect('create_shop', values['name'], shop_id)
        return success({'shop_id': shop_id})

    # === ROUTES AND TIMES === #

    def services(self, request):
        settings = self.provider.settings
        values = parameters(request, {
            'shop_id': INT, 'from_district': INT, 'to_district': INT})
        if not values.get('shop_id'):
            raise user_error('shop_id is required')
        shop = self.provider.shops.get(values['shop_id'])
        if not shop or shop['client_id'] != request.client_id:
            return Response(200, content_type='application/json', refused='no such shop')
        if settings['services_refuse_districts']:
            raise user_error(
                "Key: 'Request.FromDistrictID' Error:Field validation for "
                "'FromDistrictID' failed on the 'required' tag")
        for name in ('from_district', 'to_district'):
            if values.get(name) not in self.places.districts:
                raise user_error(f'{name} không hợp lệ')
        return success([{**row, 'config_fee_id': '', 'extra_cost_id': '',
                         'standard_config_fee_id': '', 'standard_extra_cost_id': ''}
                        for row in SERVICES])

    def shift_rows(self):
        """The next three pickup windows, numbered from 1 at the moment of the call."""
        local = self.provider.now().astimezone(VIETNAM)
        rows = []
        for day in range(3):
            for start, end in ((7, NOON), (NOON, EVENING)):
                if day == 0 and local.hour >= start:
                    continue
                date = (local + timedelta(days=day)).strftime('%d-%m-%Y')
                rows.append({
                    'id': len(rows) + 1,
                    'title': f'Ca lấy {date} ({start:02d}h00 - {end:02d}h00)',
                    'from_time': (day * 24 + start) * 3600,
                    'to_time': (day * 24 + end) * 3600})
        return rows[:3]

    def shifts(self, request):
        parameters(request, {})
        return success(self.shift_rows())

    def stations(self, request):
        values = parameters(request, {
            'district_id': ANY, 'ward_code': TEXT, 'offset': INT, 'limit': INT})
        if self.provider.settings['stations_need_captcha'] and not request.headers.get(
                'captcha'):
            raise user_error('captcha is required')
        district = str(values.get('district_id') or '')
        rows = [_station(row, self.places) for row in self.places.districts.values()
                if row['SupportType'] and district in ('', str(row['DistrictID']))]
        return success(page(rows, values, STATION_LIMIT))


def _station(district, places):
    number = district['DistrictID']
    ward = next((row for row in places.old_wards.values()
                 if row['DistrictID'] == number), {'WardName': ''})
    province = places.old_provinces[district['ProvinceID']]
    return {
        'locationId': 100000 + number, 'locationCode': f'{number}A01',
        'locationName': f'Bưu cục {district["DistrictName"]}',
        'address': f'1 {ward["WardName"]}, {district["DistrictName"]}, '
                   f'{province["ProvinceName"]}',
        'parentLocation': ['GHN', province['ProvinceName']],
        'latitude': 10.0 + number % 1000 / 100, 'longitude': 106.0, 'email': '',
        'wardName': ward['WardName'], 'districtName': district['DistrictName'],
        'provinceName': province['ProvinceName'], 'iframeMap': ''}
