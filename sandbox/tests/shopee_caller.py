"""A caller of the Shopee sandbox for its tests: plain HTTP, own signature."""

import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps

import requests

SHOP = 226417938
LABEL = 'THERMAL_AIR_WAYBILL'


class Shopee:
    """Signs calls as one app for one shop, and plays buyer and carrier."""

    def __init__(self, sandbox, connect=True):
        self.sandbox = sandbox
        self.url = sandbox.url('shopee')
        keys = sandbox.provider('shopee').credentials()
        self.partner_id = keys['partner_id']
        self.partner_key = keys['partner_key']
        self.push_key = keys['push_key']
        self.shop_id = SHOP
        self.access_token = self.refresh_token = ''
        if connect:
            self.adopt(sandbox.post(f'/shopee/shops/{SHOP}/connect'))

    def adopt(self, pair):
        self.access_token = pair['access_token']
        self.refresh_token = pair['refresh_token']

    @property
    def now(self):
        return int(self.sandbox.provider('shopee').time())

    # === CALLS === #

    def sign(self, path, timestamp, *parts):
        text = f'{self.partner_id}{path}{timestamp}' + ''.join(map(str, parts))
        return hmac.new(
            self.partner_key.encode(), text.encode(), hashlib.sha256
        ).hexdigest()

    def send(self, method, path, params=None, json=None, public=False, **common):
        """Send a call; ``common`` overrides (or with None drops) common parameters."""
        path = path if path.startswith('/') else f'/api/v2/{path}'
        common.setdefault('partner_id', self.partner_id)
        timestamp = common.setdefault('timestamp', self.now)
        parts = []
        if not public:
            common.setdefault('access_token', self.access_token)
            common.setdefault('shop_id', self.shop_id)
            parts = [common['access_token'], common['shop_id']]
        common.setdefault('sign', self.sign(path, timestamp, *parts))
        return requests.request(
            method, self.url + path, params={**(params or {}), **common},
            data=dumps(json) if method == 'POST' else None,
            headers={'Content-Type': 'application/json'}, timeout=60,
            allow_redirects=False,
        )

    def get(self, path, **params):
        return self.send('GET', path, params)

    def post(self, path, json, **options):
        return self.send('POST', path, json=json, **options)

    def ok(self, answer):
        """Return the payload of an answer that must be a success."""
        body = answer.json()
        assert answer.status_code == 200 and body['error'] == '', body
        return body.get('response', body)

    def code(self, answer):
        return answer.json()['error']

    # === TOKENS === #

    def exchange(self, code, **owner):
        body = {'code': code, 'partner_id': self.partner_id, **owner}
        return self.post('auth/token/get', body, public=True)

    def refresh(self, token=None, **owner):
        body = {
            'refresh_token': token or self.refresh_token,
            'partner_id': self.partner_id,
            **(owner or {'shop_id': self.shop_id}),
        }
        return self.post('auth/access_token/get', body, public=True)

    # === ORDERS === #

    def order(self, **wish):
        return self.sandbox.post('/shopee/orders', wish)['order_sn']

    def move(self, order_sn, verb, **payload):
        return self.sandbox.post(f'/shopee/orders/{order_sn}/{verb}', payload)

    def detail(self, order_sn, fields='', **params):
        params = {
            'order_sn_list': order_sn,
            'response_optional_fields': fields,
            'request_order_status_pending': 'true',
            **params,
        }
        return self.ok(self.get('order/get_order_detail', **params))['order_list'][0]

    def status(self, order_sn):
        return self.detail(order_sn)['order_status']

    def pickup(self, order_sn, **package):
        """Return the body of ship_order by pick-up, with the recommended slot."""
        answer = self.get(
            'logistics/get_shipping_parameter', order_sn=order_sn, **package
        )
        address = self.ok(answer)['pickup']['address_list'][0]
        chosen = {
            'address_id': address['address_id'],
            'pickup_time_id': address['time_slot_list'][0]['pickup_time_id'],
        }
        return {'order_sn': order_sn, 'pickup': chosen, **package}

    def ship(self, order_sn, **package):
        body = self.pickup(order_sn, **package)
        return self.post('logistics/ship_order', body)

    def tracking(self, order_sn):
        answer = self.get('logistics/get_tracking_number', order_sn=order_sn)
        return self.ok(answer)['tracking_number']

    def shipped(self, **wish):
        """Return (order number, tracking number) of a freshly arranged order."""
        order_sn = self.order(**wish)
        self.ok(self.ship(order_sn))
        return order_sn, self.tracking(order_sn)

    def document(self, step, order_sn, **row):
        rows = [{'order_sn': order_sn, 'shipping_document_type': LABEL, **row}]
        path = f'logistics/{step.replace("*", "shipping_document")}'
        return self.post(
            path, {'order_list': rows, 'shipping_document_type': LABEL}
        )


class Listener:
    """A web server that keeps the pushes it gets and answers as told."""

    def __init__(self):
        self.got = []  # (headers, raw body)
        self.answer = (204, b'')
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                listener.got.append((dict(self.headers), body))
                status, text = listener.answer
                self.send_response(status)
                if status != 204:
                    self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}/shopee/push'
        self.thread = threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        )
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
