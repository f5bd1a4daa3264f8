"""The Shopee sandbox: routes, state, and what the control API can do."""

import secrets

from ..frame import Provider as Base
from ..frame import Response, Route
from . import seed
from .auth_pages import AuthPages
from .console import OBJECTS, Controls
from .document_api import DocumentApi
from .errors import Refused
from .gateway import Gateway, gate
from .lifecycle import Lifecycle
from .logistics_api import LogisticsApi
from .order_api import OrderApi
from .orders import OrderBook
from .payment_api import PaymentApi
from .postman import Postman
from .product_api import ProductApi
from .return_api import ReturnApi
from .shop_api import ShopApi
from .tokens import TokenBook, owner_key

# README 10: what is not documented, or differs, is a switch.
SETTINGS = {
    'all_200': False,
    'masked': True,
    'invoice_masked': False,
    'unknown_orders': 'omit',
    'sick_orders': {},
    'pending_shown_as': 'UNPAID',
    'tracking_empty': 0,
    'document_processing': 0,
    'document_fails': False,
    'document_format': 'pdf',
    'split_allowed': True,
    'success_error': '',
    'calls_per_second': 0,
    'push_retry_scale': 1.0,
    'push_signed_with': 'push_key',
    'push_msg_id': True,
}


class Provider(Controls, Base):
    """Shopee Open Platform v2, market Vietnam."""

    code, port, title = 'shopee', 8901, 'Shopee'
    default_settings = SETTINGS
    fault_modes = ('error',)
    push_timeout = 3
    objects = OBJECTS

    # === SET-UP === #

    def reset(self):
        self.data = {
            'salt': secrets.token_hex(8),
            'counts': {},
            'apps': {},
            'shops': seed.shops(),
            'items': seed.items(self.seconds()),
            'orders': {},
            'documents': {},
            'returns': {},
            'lost': [],
            'tokens': {},
        }
        self._add_app(seed.APP)
        self._wire()

    def _wire(self):
        """Make the parts that remember something anew, on the present data."""
        self.tokens = TokenBook(self.data['tokens'])
        self.gateway = Gateway(self)
        self.postman = Postman(self)
        self.book = OrderBook(self)
        self.life = Lifecycle(self, self.book)
        self.returns = ReturnApi(self)
        self.pages = AuthPages(self)

    def state(self):
        return self.data

    def load(self, state):
        self.data = state
        self._wire()

    def credentials(self):
        app = self.app(seed.APP['partner_id'])
        return {
            'partner_id': app['partner_id'],
            'partner_key': app['partner_key'],
            'push_key': app['push_key'],
            'auth_url': f'{self.url}/auth',
            'cancel_auth_url': f'{self.url}/cancel_auth',
            'shops': dict(seed.SHOPS),
        }

    def routes(self):
        pages = AuthPages(self)
        routes = [
            Route('GET,POST', '/auth', 'auth', pages.consent),
            Route('GET,POST', '/cancel_auth', 'cancel_auth', pages.cancel),
            Route('GET', '/api/v2/shop/auth_partner', 'auth', pages.legacy),
            Route(
                'GET', '/api/v2/shop/cancel_auth_partner', 'cancel_auth', pages.legacy
            ),
        ]
        tables = (
            ShopApi(self), OrderApi(self), LogisticsApi(self), DocumentApi(self),
            ProductApi(self), PaymentApi(self), ReturnApi(self),
        )
        for table in tables:
            for api in table.table():
                routes.append(
                    Route(api.method, api.full_path, api.operation, self._handler(api))
                )
        return routes

    def _handler(self, api):
        return lambda request: self.gateway.answer(api, request)

    # === WHAT THE PARTS ASK === #

    def seconds(self):
        """Return the clock as whole Unix seconds."""
        return int(self.time())

    def count(self, name):
        """Return the next number of a series."""
        counts = self.data['counts']
        counts[name] = counts.get(name, 0) + 1
        return counts[name]

    def app(self, partner_id):
        return self.data['apps'].get(str(partner_id))

    def app_of_url(self, url):
        """Return the app a push was meant for."""
        apps = list(self.data['apps'].values())
        return next((app for app in apps if app['callback_url'] == url), apps[0])

    def _add_app(self, values):
        app = {**seed.APP, 'callback_url': '', **values}
        app.update(
            redirect_domains=list(app['redirect_domains']),
            push_off=list(app['push_off']),
            blocked_shops=list(app['blocked_shops']),
        )
        self.data['apps'][str(app['partner_id'])] = app
        return app

    def linked(self, app, shop_id):
        """Is the shop open to the app now?"""
        link = self.tokens.link(app['partner_id'], owner_key('shop', shop_id))
        return bool(link) and not link['over'] and link['until'] > self.seconds()

    def first_shop(self):
        """Return the first shop that lets an app in, else the first shop."""
        for number in self.data['shops']:
            if any(self.linked(app, number) for app in self.data['apps'].values()):
                return int(number)
        return next(iter(seed.SHOPS))

    def notify(self, code, shop_id, data):
        """Push to every app that the shop lets in."""
        for app in self.data['apps'].values():
            if not self.silent and self.linked(app, shop_id):
                self.postman.send(app, code, shop_id, data)

    # === HOOKS OF THE FRAME === #

    silent = False  # a control call makes orders without pushes

    @property
    def push_delays(self):
        scale = float(self.settings['push_retry_scale'])
        return tuple(delay * scale for delay in (300, 1800, 10800))

    def push_accepted(self, status, body):
        """README 8: a body in the answer counts as a failure."""
        return 200 <= status < 300 and not body

    def push_done(self, push):
        if push.state == 'lost':
            with self.lock:
                self.postman.lose(push)

    def set_webhook(self, values):
        """Set the callback address of the app, as its console would.

        :param values: url, and optionally partner_id, push_key
        """
        app = self.app(values.get('partner_id') or seed.APP['partner_id'])
        app['callback_url'] = values.get('url') or ''
        if values.get('push_key'):
            app['push_key'] = values['push_key']
        self.webhook = {'url': app['callback_url']}
        return self.webhook

    def not_found(self, request):
        return self.gateway.refusal(
            gate('Permission denied. API offline or path incorrect')
        )

    def wrong_method(self, request, allowed):
        if request.path.endswith('/get_escrow_detail_batch'):
            # README 9: the page says GET, the service wants POST.
            return self.gateway.refusal(
                Refused(
                    'error_param',
                    'order_sn_list is required, format should be string[]',
                )
            )
        return self.not_found(request)

    def rate_limited(self, request):
        return self.gateway.refusal(self.gateway.throttled())

    def fault_status(self, request, status):
        code = 'error_server' if status >= 500 else 'error_other'
        return self.gateway.refusal(
            Refused(code, 'Something wrong, please try again.', status)
        )

    def expire_token(self, request):
        owner = owner_key('shop', request.query.get('shop_id'))
        self.tokens.expire_access(owner, self.seconds())

    def own_fault(self, fault, request):
        """Mode ``error``: the fault's ``error``, ``message``, ``status``, no work."""
        code = fault.params.get('error', 'error_inner')
        message = fault.params.get('message', 'inner error')
        status = int(fault.params.get('status', 200))
        return self.gateway.refusal(Refused(code, message, status))

    def crashed(self, request, error):
        return Response(
            500, json={'error': 'error_inner', 'message': f'sandbox bug: {error!r}'}
        )
