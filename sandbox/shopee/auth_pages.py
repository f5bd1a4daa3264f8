"""The pages a seller sees: consent, cancelling, and the old signed links (README 3)."""

from html import escape
from urllib.parse import urlencode, urlsplit

from ..frame import Response
from . import seed
from .errors import Refused
from .tokens import owner_key

LONGEST = 365  # days
DOMAIN = (
    'The domain of redirect_uri is not consistent with the Redirect URL Domain '
    'declared in console.'
)
STYLE = (
    'body{font:16px sans-serif;background:#f5f5f5;margin:0}'
    'main{max-width:420px;margin:8vh auto;background:#fff;padding:24px 32px;'
    'border-top:4px solid #ee4d2d;box-shadow:0 1px 4px #0003}'
    'h1{font-size:20px;color:#ee4d2d}'
    'label.shop{display:block;border:1px solid #ccc;border-radius:4px;padding:12px;'
    'margin:8px 0;cursor:pointer}'
    'button{background:#ee4d2d;color:#fff;border:0;border-radius:4px;padding:12px;'
    'width:100%;font-size:16px;margin-top:16px;cursor:pointer}'
)
PAGE = (
    '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
    '<title>Shopee Open Platform (sandbox)</title><style>{style}</style></head>'
    '<body><main><h1>{title}</h1>{body}</main></body></html>'
)


def with_query(url, extra):
    """Return the URL with parameters added; its own query string stays."""
    return f'{url}{"&" if urlsplit(url).query else "?"}{urlencode(extra)}'


def _page(title, body, status=200):
    html = PAGE.format(style=STYLE, title=escape(title), body=body)
    return Response(status, body=html, content_type='text/html;charset=UTF-8')


class AuthPages:
    """Serves /auth, /cancel_auth and the two legacy links."""

    def __init__(self, world):
        self.world = world

    # === CHECKS === #

    def _app(self, fields, redirect):
        """Return the app, or raise when it or its redirect is not declared."""
        number = fields.get('partner_id', '')
        app = self.world.app(int(number)) if number.isdecimal() else None
        if not app:
            raise Refused('error_param', 'Invalid partner_id.', 400)
        try:
            parts = urlsplit(redirect)
        except ValueError:
            parts = urlsplit('')
        if parts.scheme not in ('http', 'https') or not parts.hostname:
            raise Refused('error_param', 'Invalid redirect_uri.', 400)
        if parts.hostname not in app['redirect_domains']:
            raise Refused('error_param', DOMAIN, 400)
        return app

    def _form(self, fields):
        """Check the parameters of the unsigned link; return the app."""
        if fields.get('auth_type') != 'seller':
            raise Refused('error_param', 'Invalid auth_type.', 400)
        if fields.get('response_type') != 'code':
            raise Refused('error_param', 'Invalid response_type.', 400)
        return self._app(fields, fields.get('redirect_uri', ''))

    def _refused(self, refusal):
        body = {'code': 1, 'error': refusal.code, 'msg': refusal.message}
        return Response(refusal.status, json=body, refused=refusal.message)

    def _moved(self, url):
        return Response(302, headers={'Location': url, 'Cache-Control': 'no-store'})

    # === THE UNSIGNED PAGES === #

    def consent(self, request):
        """GET shows the shops, POST (the button) lets the app in."""
        fields = request.query if request.method == 'GET' else request.form()
        try:
            app = self._form(fields)
            if request.method == 'GET':
                return self._ask(
                    app, fields, '/auth', 'Authorize shops', 'Confirm authorization'
                )
            return self._granted(app, fields)
        except Refused as refusal:
            return self._refused(refusal)

    def cancel(self, request):
        """The same for taking the authorization back."""
        fields = request.query if request.method == 'GET' else request.form()
        try:
            app = self._form(fields)
            if request.method == 'GET':
                return self._ask(
                    app,
                    fields,
                    '/cancel_auth',
                    'Cancel authorization',
                    'Confirm cancellation',
                )
            for number in self._chosen(fields)[1]:
                self.world.revoke(app, number, 'seller')
            return self._moved(fields['redirect_uri'])
        except Refused as refusal:
            return self._refused(refusal)

    def _ask(self, app, fields, action, title, button):
        rows = [
            (f'shop:{number}', shop['name'], f'Shop ID {number}')
            for number, shop in self.world.data['shops'].items()
        ]
        main = f'main:{seed.MAIN_ACCOUNT}'
        rows.append((main, 'Main account', f'all {len(rows)} shops'))
        shops = ''.join(
            '<label class="shop"><input type="radio" name="account" required '
            f'value="{value}"> <b>{escape(name)}</b> <small>{escape(hint)}</small>'
            '</label>'
            for value, name, hint in rows
        )
        names = ('partner_id', 'auth_type', 'redirect_uri', 'response_type', 'state')
        hidden = ''.join(
            f'<input type="hidden" name="{name}" value="{escape(fields[name])}">'
            for name in names
            if name in fields
        )
        days = ''.join(
            f'<option value="{count}"{" selected" if count == LONGEST else ""}>'
            f'{count} days</option>'
            for count in (7, 30, 90, 180, LONGEST)
        )
        period = f'<p>Valid for <select name="days">{days}</select></p>'
        return _page(
            title,
            f'<p>App {app["partner_id"]} wants to work with your shop.</p>'
            f'<form method="post" action="{action}">{hidden}{shops}'
            f'{period if action == "/auth" else ""}'
            f'<button type="submit">{button}</button></form>',
        )

    def _chosen(self, fields):
        """Return ((kind, id) of the account, its shop ids)."""
        kind, _, number = fields.get('account', '').partition(':')
        shops = list(self.world.data['shops'])
        if kind == 'main' and number == str(seed.MAIN_ACCOUNT):
            return ('main_account_id', seed.MAIN_ACCOUNT), [int(one) for one in shops]
        if kind == 'shop' and number in shops:
            return ('shop_id', int(number)), [int(number)]
        raise Refused('error_param', 'Please choose a shop.', 400)

    def _granted(self, app, fields):
        account, shop_ids = self._chosen(fields)
        days = fields.get('days') or str(LONGEST)
        if not days.isdecimal() or not 1 <= int(days) <= LONGEST:
            raise Refused('error_param', 'Invalid validity period.', 400)
        code = self.grant(app, account, shop_ids, int(days))
        extra = {'code': code, account[0]: account[1]}
        if fields.get('state'):
            extra['state'] = fields['state']
        return self._moved(with_query(fields['redirect_uri'], extra))

    def grant(self, app, account, shop_ids, days=LONGEST):
        """Let the app in, push code 1 per shop, return the code."""
        owners = [owner_key('shop', number) for number in shop_ids]
        now = self.world.seconds()
        code = self.world.tokens.grant(app['partner_id'], owners, *account, days, now)
        for number in shop_ids:
            data = {
                'authorize_type': 'shop authorization by user',
                'extra': f'shop id {number} (VN) has been authorized successfully',
                'shop_id': number,
                'success': 1,
            }
            self.world.postman.send(app, 1, number, data)
        return code

    # === THE SIGNED LINKS === #

    def legacy(self, request):
        """Check the public signature, then send the browser to the page above."""
        gateway = self.world.gateway
        query = request.query
        redirect = query.get('redirect', '')
        try:
            app = gateway.enter_link(request)
            self._app(query, redirect)
        except Refused as refusal:
            return self._refused(refusal)
        page = 'cancel_auth' if 'cancel' in request.path else 'auth'
        fields = {
            'auth_type': 'seller',
            'partner_id': app['partner_id'],
            'redirect_uri': redirect,
            'response_type': 'code',
        }
        return self._moved(f'{self.world.url}/{page}?{urlencode(fields)}')
