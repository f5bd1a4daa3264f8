"""Log-in and tokens of both flavours and of the draft group (README 1)."""

import base64
import hashlib
import hmac
import json
import secrets

from sandbox.frame import Refused, Response, dumps

from . import tenants
from .envelope import Problem, parsed

A, B = 'portal', 'integration'
PUBLISH, WEB = 'publish', 'web'
DAY = 86400


def _part(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


class Login:
    """Part of Provider."""

    # === CALLS === #

    def portal_token(self, request):
        self.client(request, secret=True)
        tenant, user = self.person(request, A)
        token = self.new_token(request, A, PUBLISH, tenant, user)
        return self.done(token, pascal=True)

    def integration_token(self, request):
        body = self.login_body(request)
        app = body.get('appid')
        if not isinstance(app, str) or not app:
            raise Problem('InvalidParameter', request=True)  # README 1: a key of A
        if app == tenants.STOPPED_APP_ID:
            raise self.no_entry('InActiveAppID')
        if app != tenants.APP_ID:
            raise self.no_entry('InvalidAppID')
        tenant, user = self.person(request, B)
        token = self.new_token(request, B, PUBLISH, tenant, user)
        return Response(json=self.say(
            False, success=True, data=token, errorCode=None, descriptionErrorCode=None))

    def web_token(self, request):
        flavour = request.route.options['flavour']
        if flavour == A:
            self.client(request, secret=True)
        tenant, user = self.person(request, flavour)
        token = self.new_token(request, flavour, WEB, tenant, user)
        data = {
            'access_token': token, 'token_type': 'bearer',
            'expires_in': int(self.settings['token_days'][WEB] * DAY) - 1,
            'UserID': str(hashlib.md5(user.encode()).hexdigest()),
            'OrganizationUnitID': tenant['tax_code'], 'UserName': user,
            'CompanyID': 66465,
        }
        real = flavour == B and self.settings['web_token_as_object']
        return self.done(data if real else dumps(data), pascal=True)

    # === WHO CALLS === #

    def client(self, request, secret=False):
        """The gateway in front of flavour A (README 1, its answer is unsure)."""
        same = request.headers.get('ClientID') == tenants.PORTAL['client_id']
        if secret:
            same = same and (
                request.headers.get('ClientSecret') == tenants.PORTAL['client_secret'])
        if not same:
            raise Refused(Response(
                self.settings['gateway_status'], json={'message': 'Unauthorized'},
                refused='client keys'))

    def login_body(self, request):
        return {k.lower(): v for k, v in parsed(request, dict).items()}

    def person(self, request, flavour):
        """(tenant, user name) of the body, or why not."""
        body = self.login_body(request)
        tax, name, password = (
            body.get(key) for key in ('taxcode', 'username', 'password'))
        if not all(isinstance(one, str) and one for one in (tax, name, password)):
            raise Problem('InvalidParameter', request=True)
        tenant = self.tenants.get(tax)
        everybody = {n: u for t in self.tenants.values() for n, u in t['users'].items()}
        if not tenant:
            raise self.no_entry('TaxCodeNotExist')
        if not tenant['active']:
            raise self.no_entry('InactiveTaxCode')
        user = everybody.get(name)
        if not user or user['password'] != password:
            if flavour == A:
                raise self.no_entry('MisaIdError')
            raise self.no_entry('WrongPassWord' if user else 'UserNotExist')
        if name not in tenant['users']:
            raise self.no_entry('UserNotExist')
        if not user['active']:
            raise self.no_entry('InactiveUser')
        if user['two_factor']:
            raise self.no_entry('TwoFactorAuthen')
        request.account = tax
        return tenant, name

    def no_entry(self, code):
        return Problem('UnAuthorize', errors=[code], request=True, status=400)

    # === TOKENS === #

    def new_token(self, request, flavour, group, tenant, user):
        now = int(self.time())
        life = self.settings['token_days'][WEB if group == WEB else flavour] * DAY
        claims = {
            'AppId': tenants.APP_ID if flavour == B else tenants.PORTAL['client_id'],
            'CompanyId': 66465, 'UserId': hashlib.md5(user.encode()).hexdigest(),
            'TaxCode': tenant['tax_code'], 'nbf': now, 'exp': int(now + life),
            'iss': 'https://meinvoice.vn', 'aud': 'https://meinvoice.vn/',
            'jti': secrets.token_hex(8),
        }
        head = _part(b'{"alg":"HS256","typ":"JWT"}') + '.' + _part(
            json.dumps(claims).encode())
        token = head + '.' + _part(
            hmac.new(b'sandbox', head.encode(), hashlib.sha256).digest())
        self.tokens[token] = {
            'flavour': flavour, 'group': group, 'tenant': tenant['tax_code'],
            'user': user, 'until': now + life, 'revoked': False}
        return token

    def before(self, request):
        """Who may call this at all; sets ``request.tenant``."""
        options = request.route.options
        if not options.get('group'):
            return None
        if options['flavour'] == A:
            self.client(request)
        try:
            self.authenticate(request, options)
        except Problem as problem:
            return self.refused(problem)
        return None

    def authenticate(self, request, options):
        kind, _, value = request.headers.get('Authorization', '').partition(' ')
        token = self.tokens.get(value) if kind.lower() == 'bearer' else None
        belongs = token and (token['flavour'], token['group']) == (
            options['flavour'], options['group'])
        if not belongs:
            jwt = value.count('.') == 2 and not token and '{' not in value
            if jwt and self.settings['dead_token'] == 'code':
                raise Problem('InvalidTokenCode', request=True)
            raise Problem('UnAuthorize', request=True, status=401)
        if token['revoked'] or token['until'] <= self.time():
            if self.settings['dead_token'] != 'code':
                raise Problem('UnAuthorize', request=True, status=401)
            code = 'InvalidTokenCode' if token['revoked'] else 'TokenExpiredCode'
            raise Problem(code, request=True)
        if options['group'] == WEB and request.headers.get('TaxCode') != token['tenant']:
            raise Problem('UnAuthorize', request=True, status=401)
        request.account = token['tenant']
        request.tenant = self.tenants[token['tenant']]

    def expire_token(self, request):
        for token in self.tokens.values():
            token['until'] = 0

    def revoke(self, names):
        """A changed password ends the tokens of its user."""
        for token in self.tokens.values():
            token['revoked'] = token['revoked'] or token['user'] in names
