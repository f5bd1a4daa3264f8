"""The GHN sandbox: who may call what, seed data, webhooks, state."""

import copy
import time
from collections import defaultdict, deque

from .. import frame
from ..frame import ObjectKind, Response, Route
from . import callback, catalogue
from .binding import json_object
from .carrier import Carrier
from .envelope import Refused, stamp
from .labels import SIZES, Labels
from .master_data import MasterData
from .order_calls import OrderCalls
from .orders import OrderBook
from .quotes import Quotes
from .tickets import Tickets

ROOT = '/shiip/public-api/'
ORDER = ROOT + 'v2/shipping-order/'
TOKEN = '7f0c2f6e-1111-11f0-9b1a-0242ac120002'
OTHER_TOKEN = '7f0c2f6e-2222-11f0-9b1a-0242ac120002'
CLIENT, OTHER_CLIENT = 2510001, 2510002
BROKEN_SHOP, OTHER_SHOP = 200125, 200200
READ, WRITE = 'GET,POST', 'POST'
# shop id, client, name, phone, street, province, new ward, legacy district, legacy ward
SHOPS = (
    (200123, CLIENT, 'Kho Hồ Chí Minh', '0908123456', '20 Nguyễn Ảnh Thủ', 'Hồ Chí Minh',
     'Phường Trung Mỹ Tây', 1454, '21211'),
    (200124, CLIENT, 'Kho Hà Nội', '0912123456', '15 Trần Thái Tông', 'Hà Nội',
     'Phường Cầu Giấy', 1485, '1485001'),
    (BROKEN_SHOP, CLIENT, 'Kho chưa có địa chỉ', '0908123457', '', '', '', 0, ''),
    (OTHER_SHOP, OTHER_CLIENT, 'Shop người khác', '0934123456', '2 Lê Duẩn', 'Đà Nẵng',
     'Phường Hải Châu', 1526, '1526001'),
)
BACKOFF = (30, 60, 120, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200)


class Provider(frame.Provider):
    code, title, port = 'ghn', 'GHN (Giao Hàng Nhanh)', 8911
    fault_modes = ('infrastructure', 'body_400', 'busy')
    default_settings = {
        # see README "Switches"
        'rate_limit': 10, 'create_seconds': 0.03, 'create_event': 'at_once',
        'pick_at_once': False, 'recreate_after_cancel': False,
        'client_code_answers_list': False, 'cancel_again_is_fine': True,
        'strict_service_type': True, 'refuse_new_with_district': True, 'max_side': 150,
        'fee_new_model': False, 'services_refuse_districts': False,
        'stations_need_captcha': False, 'street_wards': {'Đường Xung Đột': 'Phường Bến Thành'},
        'closed_places': [], 'geocoder_down': False, 'otp': '',
        'update_cod_needs_otp': False, 'cod_locked_places': [], 'redelivery_fee': 0,
        'return_fee': True, 'print_format': 'html', 'print_minutes': 30,
        'old_token_answer': False, 'old_webhook_policy': False,
    }

    # === SEED AND STATE === #

    def reset(self):
        self.orders = OrderBook(self.now)
        self.master_data = MasterData(self)
        self.quotes = Quotes(self)
        self.order_calls = OrderCalls(self)
        self.labels = Labels(self)
        self.tickets = Tickets(self)
        self.carrier = Carrier(self)
        self.tokens = {TOKEN: CLIENT, OTHER_TOKEN: OTHER_CLIENT}
        self.recent = defaultdict(deque)
        self.shops = {}
        for number, client, name, phone, street, *place in SHOPS:
            self.shops[number] = self._shop(number, client, name, phone, street, *place)

    def _shop(self, number, client, name, phone, street, province, ward, district, code):
        places = catalogue.load()
        found = province and places.ward_named(
            places.province_named(province)['_id'], ward)
        return {
            '_id': number, 'name': name, 'phone': phone, 'address': street,
            'ward_code': code, 'district_id': district, 'client_id': client,
            'bank_account_id': 0, 'status': 1, 'created_date': stamp(self.now()),
            'updated_date': stamp(self.now()), 'version_no': '',
            'ward_id_v2': found['_id'] if found else 0,
            'province_id_v2': found['parent_id'] if found else 0}

    def add_shop(self, client_id, name, phone, address, district_id, ward_code):
        """A shop registered by its owner; returns the ShopId."""
        number = max(self.shops) + 1
        self.shops[number] = self._shop(
            number, client_id, name, phone, address, '', '', district_id, ward_code)
        return number

    def credentials(self):
        return {
            'token': TOKEN, 'shop_id': 200123, 'shop_id_hanoi': 200124,
            'shop_id_without_address': BROKEN_SHOP, 'shop_id_of_other': OTHER_SHOP}

    def state(self):
        # a copy: the frame writes it to disk while calls go on
        return copy.deepcopy({
            'orders': self.orders.dump(), 'shops': list(self.shops.values()),
            'labels': self.labels.tokens, 'tickets': list(self.tickets.rows.values()),
            'tokens': self.tokens})

    def load(self, state):
        self.orders.load(state['orders'])
        self.shops = {shop['_id']: shop for shop in state['shops']}
        self.labels.tokens = state['labels']
        self.tickets.rows = {row['id']: row for row in state['tickets']}
        self.tokens = state['tokens']

    # === ROUTES === #

    def routes(self):
        data, quotes = self._part('master_data'), self._part('quotes')
        calls = self._part('order_calls')
        v3 = ROOT + 'v3/master-data/'
        switch = ROOT + 'v2/switch-status/'
        return [
            Route(READ, ROOT + 'master-data/province', 'provinces', data('provinces')),
            Route(READ, ROOT + 'master-data/district', 'districts', data('districts')),
            Route(READ, ROOT + 'master-data/ward', 'wards', data('wards')),
            Route(READ, v3 + 'province/all', 'new_provinces', data('new_provinces')),
            Route(READ, v3 + 'ward/all-by-province-id', 'new_wards', data('new_wards')),
            Route(READ, ROOT + 'v2/shop/all', 'shops', data('shops')),
            Route(WRITE, ROOT + 'v2/shop/register', 'register', data('register')),
            Route(READ, ROOT + 'v2/shift/date', 'shifts', data('shifts')),
            Route(READ, ROOT + 'v2/station/get', 'stations', data('stations')),
            Route(WRITE, ORDER + 'available-services', 'services', data('services')),
            _shop_route('fee', quotes('fee')),
            _shop_route('leadtime', quotes('leadtime')),
            _shop_route('preview', quotes('preview')),
            _shop_route('create', calls('create'), locked=False),
            _shop_route('update', calls('update')),
            _shop_route('soc', calls('soc')),
            Route(WRITE, ORDER + 'updateCOD', 'update_cod', calls('update_cod')),
            Route(READ, ORDER + 'detail', 'detail', calls('detail')),
            Route(READ, ORDER + 'detail-by-client-code', 'detail_by_client_code',
                  calls('detail_by_client_code')),
            _shop_route('cancel', calls('cancel'), switch),
            _shop_route('return', calls('send_back'), switch),
            _shop_route('storing', calls('deliver_again'), switch),
            *self._label_and_ticket_routes(),
        ]

    def _label_and_ticket_routes(self):
        label, ticket = self._part('labels'), self._part('tickets')
        form = {'form': True}
        return [
            Route(WRITE, ROOT + 'v2/a5/gen-token', 'gen_token', label('gen_token')),
            *(Route('GET', f'/a5/public-api/{page}', 'print', label('page'),
                    options={'open': True}) for page in SIZES),
            Route(WRITE, ROOT + 'ticket/create', 'ticket_create', ticket('create'),
                  options=form),
            Route(WRITE, ROOT + 'ticket/reply', 'ticket_reply', ticket('reply'),
                  options=form),
            Route(READ, ROOT + 'ticket/index', 'ticket_index', ticket('index')),
            Route(READ, ROOT + 'ticket/detail', 'ticket_detail', ticket('detail')),
        ]

    def _part(self, name):
        """Handlers of a part by method name; reset makes the parts anew, so they are
        looked up at each call."""
        return lambda method: (
            lambda request: getattr(getattr(self, name), method)(request))

    # === BEFORE EVERY CALL: TOKEN, RATE, SHOP, JSON === #

    def before(self, request):
        options = request.route.options
        if options.get('open'):
            return None
        token = request.headers.get('Token', '')
        self._check_token(token, request)
        self._check_rate(token)
        if options.get('shop'):
            request.shop = self._shop_of(request)
            request.account = request.shop['_id']
        if not options.get('form'):
            json_object(request)
        return None

    def _check_token(self, token, request):
        if not token:
            raise Refused('Token is required!', 'USER_ERR_COMMON')
        request.client_id = self.tokens.get(token)
        if request.client_id is None:
            if self.settings['old_token_answer']:
                raise Refused('code=401, message=Token is not valid!')
            raise Refused('Token is not valid!', code=401)

    def _check_rate(self, token):
        limit, now = self.settings['rate_limit'], time.monotonic()
        with self.lock:
            recent = self.recent[token]
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if limit and len(recent) >= limit:
                raise Refused('Too many requests', code=429)
            recent.append(now)

    def _shop_of(self, request):
        number = request.headers.get('ShopId', '')
        shop = self.shops.get(int(number)) if number.isascii() and number.isdigit() else None
        if not shop:
            raise Refused('ShopID is invalid', 'SHOP_NOT_FOUND',
                          'Không tìm thấy thông tin cửa hàng')
        if shop['client_id'] != request.client_id:
            raise Refused('Client is not owner of shop', 'CLIENT_NOT_OWNER_OF_SHOP',
                          'Client không sở hữu shop')
        return shop

    # === FAULTS AND ODD ANSWERS === #

    def own_fault(self, fault, request):
        text = '[online] Chưa init Redis'
        if fault.mode == 'busy':
            text = 'Too many request. This request is processing'
        status = 200 if fault.mode == 'body_400' else 400
        text = fault.params.get('text', text)
        return Response(status, json={'code': 400, 'message': text, 'data': None})

    def fault_status(self, request, status):
        return Response(status, json={
            'code': status, 'message': 'lỗi hệ thống', 'data': None,
            'code_message': 'SERVER_ERROR_COMMON'})

    def rate_limited(self, request):
        return Response(
            429, json={'code': 429, 'message': 'Too many requests', 'data': None})

    def not_found(self, request):
        return Response(404, json={'code': 404, 'message': 'Not Found', 'data': None})

    def wrong_method(self, request, allowed):
        return Response(
            405, json={'code': 405, 'message': 'Method Not Allowed', 'data': None},
            headers={'Allow': ', '.join(sorted(allowed))})

    def expire_token(self, request):
        """GHN tokens have no life span; the owner can make a new one."""
        self.tokens.pop(request.headers.get('Token', ''), None)

    # === WEBHOOK === #

    def notify(self, record, kind, at):
        """Queue the callback of one event of an order."""
        return self.push(
            self.webhook.get('url'), callback.payload(record, kind, at),
            self.webhook.get('headers'), kind, record['doc']['order_code'])

    def move(self, record, verb):
        self.carrier.move(record, verb)

    @property
    def push_delays(self):
        return (5,) * 10 if self.settings['old_webhook_policy'] else BACKOFF

    def push_accepted(self, status, body):
        if self.settings['old_webhook_policy']:
            return status == 200
        return 200 <= status < 300

    def push_retried(self, status):
        """4xx is final, but for 408 and 429; the older policy tries all again."""
        return (self.settings['old_webhook_policy'] or status is None
                or status in (408, 429) or not 400 <= status < 500)

    # === CONTROL API === #

    @property
    def objects(self):
        return {
            'orders': ObjectKind(
                verbs=self.carrier.verbs(), list=self.carrier.rows, key='order_code',
                get=lambda key: self.carrier.find(key)['doc'],
                columns=['order_code', 'client_order_code', 'status', 'reason_code',
                         'to_name', 'province', 'cod_amount', 'total_fee'],
                verb_forms={
                    'fail': {'reason_code': 'GHN-DFC1A4'},
                    'fail_pickup': {'reason_code': 'GHN-PFA2A3'},
                    'fail_return': {'reason_code': 'GHN-RFE0A6'},
                    'update_weight': {'weight': 1300, 'length': 20, 'width': 20,
                                      'height': 20},
                    'update_fee': {'main_service': 41000},
                    'update_cod': {'cod_amount': 0},
                    'update_payment_type': {'payment_type_id': 2},
                    'status': {'status': 'storing'}}),
            'shops': ObjectKind(
                list=lambda: list(self.shops.values()), key='_id',
                columns=['_id', 'name', 'phone', 'address', 'district_id']),
            'tickets': ObjectKind(
                list=lambda: list(self.tickets.rows.values()),
                verbs={'answer': self.tickets.answer},
                columns=['id', 'order_code', 'type', 'status'],
                verb_forms={'answer': {'text': 'Đã xử lý'}}),
        }


def _shop_route(name, handler, root=ORDER, locked=True):
    """A POST that needs the ShopId header."""
    return Route(WRITE, root + name, name, handler, locked, {'shop': True})
