"""The gateway before every API: who calls, with which signature, for which shop.

The order of the checks is README 2. A handler is ``fn(call) -> payload``; it raises
``Refused``. The payload becomes the envelope's ``response`` unless it is ``Flat``.
"""

import json
import time
import uuid
from dataclasses import dataclass, field

from ..frame import Response
from .errors import Params, Refused
from .signing import api_sign, same
from .tokens import owner_key

WINDOW = 300  # seconds, to both sides
BIGGEST = 4294967295


class Flat(dict):
    """A payload that stands beside ``error`` instead of under ``response``."""


class Binary:
    """A payload that is a file."""

    def __init__(self, body, content_type, name):
        self.body, self.content_type, self.name = body, content_type, name


@dataclass
class Api:
    """One API: where it is, at which level it is signed, who answers.

    :param level: 'shop' or 'public'
    :param multipart: the parameters are form fields (file upload)
    """

    method: str
    path: str
    handler: callable
    level: str = 'shop'
    multipart: bool = False

    @property
    def full_path(self):
        return f'/api/v2/{self.path}'

    @property
    def module(self):
        return self.path.split('/')[0]

    @property
    def operation(self):
        """The name in ledger, call log and faults."""
        special = {
            'auth/token/get': 'token_exchange',
            'auth/access_token/get': 'token_refresh',
        }
        return special.get(self.path) or self.path.split('/', 1)[1]


@dataclass
class Call:
    """One authenticated call, as handlers see it."""

    api: Api
    app: dict
    params: Params
    now: int
    shop_id: int = 0
    link: dict = field(default_factory=dict)
    request: object = None


def gate(message, code='error_param'):
    """Return a refusal of the gateway: HTTP 403 whatever the code (README 4)."""
    return Refused(code, message, status=403)


class Gateway:
    """Checks a call, lets the API's handler answer, writes the envelope."""

    def __init__(self, world):
        self.world = world
        self._burst = (0.0, 0.0)  # (monotonic time, calls left)

    # === ANSWERS === #

    def answer(self, api, request):
        """Return the Response of one call, refused or not."""
        try:
            call = self.enter(api, request)
            payload = api.handler(call)
        except Refused as refusal:
            return self.refusal(refusal)
        if isinstance(payload, Binary):
            disposition = f'attachment; filename="{payload.name}"'
            return Response(
                body=payload.body,
                content_type=payload.content_type,
                headers={'Content-Disposition': disposition},
            )
        return Response(json=self.envelope(payload))

    def envelope(self, payload):
        body = {
            'error': self.world.settings['success_error'],
            'message': '',
            'request_id': uuid.uuid4().hex,
        }
        if isinstance(payload, Flat):
            body.update(payload)
        elif payload is not None:
            warning = payload.pop('_warning', None) if type(payload) is dict else None
            body['response'] = payload
            if warning is not None:
                body['warning'] = warning
        return body

    def refusal(self, refusal):
        """Return the error envelope; setting ``all_200`` hides the HTTP status."""
        body = {
            'error': refusal.code,
            'message': refusal.message,
            'request_id': uuid.uuid4().hex,
        }
        if refusal.response is not None:
            body['response'] = refusal.response
        status = 200 if self.world.settings['all_200'] else refusal.status
        return Response(
            status, json=body, refused=f'{refusal.code}: {refusal.message}'
        )

    # === CHECKS === #

    def enter(self, api, request):
        """Return the Call, or raise what the gateway refuses."""
        app = self._app(api.level, request)
        call = Call(api, app, None, self.world.seconds(), request=request)
        if api.level == 'shop':
            self._shop(call, request.query)
        self._quota()
        call.params = self._params(api, request)
        self._sick(api, request)
        return call

    def _sick(self, api, request):
        """Setting ``sick_orders``: {order_sn: [calls that always fail for it]}."""
        named = ' '.join(request.query.values()) + request.body.decode('utf-8', 'replace')
        for order_sn, operations in self.world.settings['sick_orders'].items():
            if api.operation in operations and order_sn in named:
                raise Refused('error_inner', 'Inner error, please try later.')

    def enter_link(self, request):
        """Check a signed link of the old form; return its app."""
        return self._app('public', request)

    def _app(self, level, request):
        """Return the app whose signature the request carries."""
        query = request.query
        self._present(query, ('partner_id', 'timestamp', 'sign'))
        partner_id = self._number(query, 'partner_id')
        timestamp = self._number(query, 'timestamp', 'Invalid timestamp')
        if abs(timestamp - self.world.time()) > WINDOW:
            raise gate('Timestamp is expired.')
        app = self.world.app(partner_id)
        if not app:
            raise gate('Invalid partner_id.', 'invalid_partner_id')
        self._signed(level, app, request, timestamp)
        return app

    def _present(self, query, names):
        for name in names:
            if not query.get(name):
                raise gate(f'There is no {name} in query.')

    def _number(self, query, name, text=None):
        value = query.get(name, '')
        if not (value.isascii() and value.isdigit() and int(value) <= BIGGEST):
            raise gate(text or f'Invalid {name}.')
        return int(value)

    def _signed(self, level, app, request, timestamp):
        """README 2: a public API also takes the shop form when a token is sent."""
        query = request.query
        token, shop_id = query.get('access_token', ''), query.get('shop_id', '')
        pairs = [(token, shop_id)] if level == 'shop' else [('', '')]
        if level != 'shop' and token and shop_id:
            pairs.append((token, shop_id))
        for pair in pairs:
            expected = api_sign(
                app['partner_key'], app['partner_id'], request.path, timestamp, *pair
            )
            if same(expected, query['sign']):
                return
        raise gate('Wrong sign.', 'error_sign')

    def _shop(self, call, query):
        self._present(query, ('access_token', 'shop_id'))
        call.shop_id = self._number(query, 'shop_id')
        owner = owner_key('shop', call.shop_id)
        partner_id = call.app['partner_id']
        tokens = self.world.tokens
        tokens.check_access(partner_id, query['access_token'], owner, call.now)
        call.link = tokens.check_link(partner_id, owner, call.now)
        call.request.account = str(call.shop_id)

    def _quota(self):
        """A bucket of one second's calls per app; real time, not the clock's."""
        limit = self.world.settings['calls_per_second']
        if not limit:
            return
        then, left = self._burst
        now = time.monotonic()
        left = min(float(limit), left + (now - then) * limit)
        if left < 1:
            raise self.throttled()
        self._burst = (now, left - 1)

    def throttled(self):
        return Refused('error_rate_limit', 'Your API call is over the limit.', 429)

    def _params(self, api, request):
        if request.method == 'GET':
            lists = {name: request.args.getlist(name) for name in request.args}
            return Params(api.module, lists, False)
        if api.multipart:
            return Params(api.module, request.form(), False)
        try:
            values = json.loads(request.body.decode('utf-8')) if request.body else {}
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise Refused('error_param', 'Error in parameters: body is not JSON.')
        return Params(api.module, values, True)
