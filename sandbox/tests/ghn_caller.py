"""A caller of the GHN sandbox for its tests: plain HTTP, no client of ours."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

API = '/shiip/public-api/'
TOKEN = '7f0c2f6e-1111-11f0-9b1a-0242ac120002'
PARCEL = {
    'client_order_code': 'WHOUT00042-1', 'payment_type_id': 1,
    'required_note': 'CHOXEMHANGKHONGTHU', 'service_type_id': 2,
    'to_name': 'Nguyễn Thị Bưởi', 'to_phone': '0912345678', 'to_address': '12 Lê Lợi',
    'to_ward_name': 'Phường Sài Gòn', 'to_province_name': 'Hồ Chí Minh',
    'is_new_to_address': True, 'weight': 800, 'length': 15, 'width': 15, 'height': 15,
    'cod_amount': 350000, 'insurance_value': 350000, 'content': 'Áo thun x1',
    'items': [{'name': 'Áo thun', 'code': 'AT-M', 'quantity': 1, 'price': 350000,
               'weight': 800}],
}
OLD_ADDRESS = {
    'is_new_to_address': False, 'to_ward_name': 'Phường Nguyễn Cư Trinh',
    'to_district_name': 'Quận 1', 'to_province_name': 'Hồ Chí Minh'}
OLD_IDS = {'is_new_to_address': False, 'to_ward_name': None, 'to_province_name': None,
           'to_ward_code': '20107', 'to_district_id': 1442}
BOX = {'name': 'Thùng', 'quantity': 1, 'price': 100000, 'weight': 12000, 'length': 60,
       'width': 40, 'height': 20}


class Caller:
    def __init__(self, sandbox):
        self.sandbox = sandbox

    def call(self, method, path, body=None, shop='200123', token=TOKEN, params=None,
             data=None, timeout=60):
        headers = {name: value for name, value in
                   [('Token', token), ('ShopId', shop)] if value}
        root = '' if path.startswith('/') else API
        return requests.request(
            method, self.sandbox.url('ghn') + root + path, json=body, params=params,
            data=data, headers=headers, timeout=timeout)

    def post(self, path, body=None, **options):
        return self.call('POST', path, body, **options)

    def get(self, path, **params):
        return self.call('GET', path, params=params)

    def create(self, **changes):
        return self.post('v2/shipping-order/create', PARCEL | changes)

    def preview(self, **changes):
        return self.post('v2/shipping-order/preview', PARCEL | changes)

    def new_order(self, **changes):
        """Order code of a fresh order."""
        answer = self.create(**changes)
        assert answer.status_code == 200, answer.text
        return answer.json()['data']['order_code']

    def detail(self, code):
        return self.get('v2/shipping-order/detail', order_code=code).json()['data']

    def verb(self, code, verb, **payload):
        return self.sandbox.post(f'/ghn/orders/{code}/{verb}', payload)

    def settings(self, **values):
        self.sandbox.post('/ghn/settings', values)

    def ledger(self):
        return [row['operation'] for row in self.sandbox.ledger('ghn')]


class Receiver:
    """An HTTP server that keeps the callbacks it gets.

    :ivar answers: statuses for the next calls, then 200
    :ivar got: list of (headers, parsed body)
    """

    def __init__(self):
        self.got, self.answers = [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers['Content-Length'])
                body = json.loads(self.rfile.read(size))
                receiver.got.append((dict(self.headers), body))
                status = receiver.answers.pop(0) if receiver.answers else 200
                self.send_response(status)
                self.send_header('Content-Length', '2')
                self.end_headers()
                self.wfile.write(b'{}')

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}/hook'
        threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def bodies(self):
        return [body for _headers, body in self.got]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
