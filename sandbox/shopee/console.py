"""What tests and the control page do as seller, as console and as Shopee itself.

README 10 describes the payloads.
"""

from ..frame import ObjectKind
from . import seed
from .auth_pages import with_query
from .controls import ORDERS, OrderControls
from .orders import Impossible
from .tokens import owner_key

OBJECTS = {
    **ORDERS,
    'shops': ObjectKind(
        list='shop_rows',
        key='shop_id',
        columns=['shop_id', 'name', 'authorized', 'until'],
        verbs={
            verb: f'shop_{verb}'
            for verb in (
                'authorize', 'connect', 'revoke', 'expire_tokens', 'expire_soon'
            )
        },
        verb_forms={'revoke': {'how': 'seller'}},
    ),
    'returns': ObjectKind(
        create='make_return',
        list='return_rows',
        key='return_sn',
        columns=['return_sn', 'order_sn', 'status', 'refund_amount'],
        create_form={'order_sn': ''},
        verbs={'move': 'return_move'},
        verb_forms={'move': {'status': 'ACCEPTED'}},
    ),
    'listings': ObjectKind(
        list='listing_rows',
        key='item_id',
        columns=['item_id', 'name', 'status', 'stock'],
        verbs={'edit': 'listing_edit'},
    ),
    'apps': ObjectKind(
        create='make_app',
        list='app_rows',
        key='partner_id',
        columns=['partner_id', 'callback_url'],
    ),
    'tokens': ObjectKind(create='plant_tokens', columns=[]),
    'messages': ObjectKind(
        create='send_message',
        columns=[],
        create_form={'code': 5, 'data': {'actions': []}},
    ),
}


class Controls(OrderControls):
    """All control functions of the provider."""

    # === SHOPS, APPS, TOKENS === #

    def shop_rows(self):
        rows = []
        for number, shop in self.data['shops'].items():
            apps = [
                app for app in self.data['apps'].values() if self.linked(app, number)
            ]
            until = [
                self.tokens.link(app['partner_id'], owner_key('shop', number))['until']
                for app in apps
            ]
            rows.append(
                {
                    'shop_id': int(number),
                    'name': shop['name'],
                    'authorized': bool(apps),
                    'until': max(until, default=0),
                    '_verbs': ['authorize', 'connect']
                    + (['revoke', 'expire_tokens', 'expire_soon'] if apps else []),
                }
            )
        return rows

    def _named(self, shop_id, payload):
        """Return (app, shop id) of a shop verb."""
        self.data['shops'][str(shop_id)]
        app = self.app(payload.get('partner_id') or seed.APP['partner_id'])
        if not app:
            raise Impossible(f'there is no app {payload["partner_id"]}', 404)
        return app, int(shop_id)

    def shop_authorize(self, shop_id, payload):
        """The seller lets the app in, without the page: ``redirect_uri``, ``state``,
        ``days``. Returns the code and, with a redirect, where it would go."""
        app, number = self._named(shop_id, payload)
        days = int(payload.get('days') or 365)
        code = self.pages.grant(app, ('shop_id', number), [number], days)
        answer = {'code': code, 'shop_id': number}
        if payload.get('redirect_uri'):
            extra = {'code': code, 'shop_id': number}
            if payload.get('state'):
                extra['state'] = payload['state']
            answer['url'] = with_query(payload['redirect_uri'], extra)
        return answer

    def shop_connect(self, shop_id, payload):
        """Authorize and exchange in one step: returns a token pair."""
        app, number = self._named(shop_id, payload)
        code = self.shop_authorize(shop_id, payload)['code']
        pair, _owners = self.tokens.exchange(
            app['partner_id'], code, 'shop_id', number, self.seconds()
        )
        return {**pair, 'shop_id': number}

    def shop_revoke(self, shop_id, payload):
        """``how``: seller (default), expiry or banned."""
        app, number = self._named(shop_id, payload)
        if not self.revoke(app, number, payload.get('how') or 'seller'):
            raise Impossible(f'shop {number} is not authorized')
        return {'shop_id': number, 'authorized': False}

    def revoke(self, app, number, how):
        """End a link and push code 2; False when there was none."""
        over = {'seller': 'revoked', 'expiry': 'expired', 'banned': 'banned'}[how]
        ended = self.tokens.end_link(
            app['partner_id'], owner_key('shop', number), over
        )
        if ended:
            kind = {
                'seller': 'user cancel shop authorization',
                'expiry': 'expiry',
                'banned': 'App status is abnormal',
            }[how]
            data = {
                'authorize_type': kind,
                'success': 1,
                'extra': f'shop id {number} (VN) has been cancelled its authorization',
            }
            if how != 'seller':
                data['shopid'] = number  # README 8: only in these samples
            self.postman.send(app, 2, None, data)
        return ended

    def shop_expire_tokens(self, shop_id, payload):
        """End the shop's access tokens now."""
        _app, number = self._named(shop_id, payload)
        ended = self.tokens.expire_access(owner_key('shop', number), self.seconds())
        return {'shop_id': number, 'expired': ended}

    def shop_expire_soon(self, shop_id, payload):
        """Let the authorization end in 7 days, with its push."""
        app, number = self._named(shop_id, payload)
        link = self.tokens.link(app['partner_id'], owner_key('shop', number))
        link['until'] = self.seconds() + 7 * 86400
        self.postman.send(
            app,
            12,
            None,
            {
                'shop_expire_soon': [number],
                'merchant_expire_soon': [],
                'user_expire_soon': [],
                'expire_before': link['until'],
                'page_no': 1,
                'total_page': 1,
            },
        )
        return {'shop_id': number, 'until': link['until']}

    def app_rows(self):
        return list(self.data['apps'].values())

    def make_app(self, payload):
        """Add or change an app: partner_id, keys, redirect_domains, callback_url."""
        if not payload.get('partner_id'):
            raise Impossible('partner_id is needed', 400)
        return self._add_app({**(self.app(payload['partner_id']) or {}), **payload})

    def plant_tokens(self, payload):
        """Write a known pair for an owner (vectors): shop_id or merchant_id,
        access_token, refresh_token, or a ``code``."""
        kind = 'shop' if 'shop_id' in payload else 'merchant'
        number = int(payload[f'{kind}_id'])
        partner_id = int(payload.get('partner_id') or seed.APP['partner_id'])
        owner = owner_key(kind, number)
        now = self.seconds()
        code = self.tokens.grant(partner_id, [owner], f'{kind}_id', number, 365, now)
        row = self.tokens.data['codes'].pop(code)
        if payload.get('code'):
            self.tokens.data['codes'][payload['code']] = row
        if kind == 'shop' and str(number) not in self.data['shops']:
            self.data['shops'][str(number)] = {
                'shop_id': number, 'name': f'Shop {number}', 'status': 'NORMAL'
            }
        return self.tokens.issue(
            partner_id, [owner], now, payload.get('access_token'),
            payload.get('refresh_token'),
        )

    # === RETURNS, LISTINGS, MESSAGES === #

    def return_rows(self):
        return list(self.data['returns'].values())

    def make_return(self, payload):
        return self.returns.make(payload)

    def return_move(self, return_sn, payload):
        """Give a return a status, as Shopee would."""
        row = self.data['returns'][return_sn]
        self.returns.move(row, payload['status'])
        return row

    def listing_rows(self):
        return [
            {**item, 'stock': sum(model['stock'] for model in item['models'])}
            for item in self.data['items'].values()
        ]

    def listing_edit(self, item_id, payload):
        """Change ``status``, ``locked`` (promotion), ``name``, or per SKU
        ``models: {sku: {stock, reserved, price, sku}}``."""
        item = self.data['items'][item_id]
        for sku, values in payload.get('models', {}).items():
            model = next((m for m in item['models'] if m['sku'] == sku), None)
            if not model:
                raise Impossible(f'listing {item_id} has no SKU {sku}', 404)
            model.update(values)
        for name in ('status', 'locked', 'name'):
            if name in payload:
                item[name] = payload[name]
        item['update_time'] = self.seconds()
        return item

    def send_message(self, payload):
        """Push anything: ``code``, ``shop_id``, ``data`` (also unknown codes)."""
        shop_id = int(payload.get('shop_id') or self.first_shop())
        app = self.app(payload.get('partner_id') or seed.APP['partner_id'])
        self.postman.send(app, int(payload['code']), shop_id, payload.get('data') or {})
        return {'sent': bool(app['callback_url'])}
