"""Viettel S-Invoice: log-in, routes, control objects. Facts: README.md here."""

import base64
import binascii
import json
import secrets

from sandbox.frame import ControlError, ObjectKind, Response, Route
from sandbox.frame import Provider as Base

from . import invoice as inv
from . import tenants
from .aftercare import Aftercare
from .envelope import Problem, business, gateway, unauthorized
from .issue import Issue, exact
from .queries import Queries

API = '/services/einvoiceapplication/api/InvoiceAPI/'
JSON, FORM = 'application/json', 'application/x-www-form-urlencoded'


class Provider(Issue, Queries, Aftercare, Base):
    """See README.md for the settings (switches) and the fault modes of its own."""

    code, port, title = 'sinvoice', 8921, 'Viettel S-Invoice'
    fault_modes = ('slow', 'no_number', 'refuse')
    default_settings = {
        'token_seconds': 1199, 'expires_in_as_text': False, 'ip_allowed': True,
        'in_flight': 'refuse', 'processing_seconds': 0,
        'code_mode': 'polls', 'code_after_polls': 2, 'code_after_seconds': 5,
        'tax_sending': 'auto', 'tax_outcome': 'approve',
        'tax_refusal': 'Mã số thuế người mua không tồn tại',
        'files_late': 'empty', 'files_late_calls': 0, 'zip': 'nested',
        'errors_as_200': ['TEMPLATE_NOT_FOUND'], 'breakdown_base': 'any',
        'buyer_address_required': True, 'mail_configured': True,
    }
    objects = {
        'invoices': ObjectKind(
            create='portal_invoice', list='rows', get='row',
            verbs={'approve': 'approve', 'refuse': 'refuse', 'send': 'send'},
            columns=['invoiceNo', 'buyer', 'total', 'status', 'exchange', 'code'],
            create_form={'tenant': tenants.STRICT, 'total': 100000},
            verb_forms={'refuse': {'reason': 'Mã số thuế người mua không tồn tại'}}),
        'tenants': ObjectKind(
            list='tenant_rows', verbs={'set': 'set_tenant', 'add_series': 'add_series'},
            columns=['id', 'name', 'strict', 'decrease'],
            verb_forms={
                'set': {'strict': True, 'decrease': 'A', 'price_decimals': 4},
                'add_series': {'templateCode': '1/001', 'invoiceSeri': 'C27TAA',
                               'total': 1000}}),
    }

    def routes(self):
        def route(method, path, operation, handler, body, **options):
            locked = options.pop('locked', True)
            return Route(method, API + path, operation, self.guarded(handler), locked,
                         {'body': body, **options})

        utils, ws = 'InvoiceUtilsWS/', 'InvoiceWS/'
        return [
            Route('POST', '/auth/login', 'login', self.login,
                  options={'body': JSON, 'public': True}),
            route('POST', ws + 'createInvoice/{tax}', 'create', self.create, JSON,
                  locked=False),
            route('POST', ws + 'createBatchInvoice/{tax}', 'create_batch', self.batch,
                  JSON, locked=False),
            route('POST', ws + 'createOrUpdateInvoiceDraft/{tax}', 'draft', self.draft,
                  JSON),
            route('POST', utils + 'createInvoiceDraftPreview/{tax}', 'preview',
                  self.preview, JSON),
            route('POST', ws + 'searchInvoiceByTransactionUuid', 'search',
                  self.search_uuid, FORM),
            route('POST', ws + 'sendInvoiceByTransactionUuid', 'send_to_tax',
                  self.send_to_tax, FORM),
            route('POST', utils + 'getInvoiceRepresentationFile', 'file', self.file,
                  JSON),
            route('GET,POST', utils + 'getInvoiceFilePortal', 'portal_file',
                  self.portal_file, FORM),
            route('GET,POST', ws + 'createExchangeInvoiceFile', 'exchange_file',
                  self.exchange_file, FORM),
            route('POST', utils + 'getInvoices/{tax}', 'list', self.list_all, JSON),
            route('POST', utils + 'getAllInvoices/{tax}', 'list', self.list_all, JSON,
                  utc=True),
            route('POST', utils + 'getInvoicesAll/{tax}', 'list', self.list_all, JSON,
                  long=True),
            route('POST', utils + 'getListInvoiceDataControl', 'data_control',
                  self.data_control, JSON),
            route('POST', utils + 'getProvidesStatusUsingInvoice', 'numbers_left',
                  self.numbers_left, JSON),
            route('POST', utils + 'getAllInvoiceTemplates', 'templates', self.templates,
                  JSON),
            route('POST', utils + 'getInvoiceTemplates', 'templates', self.templates,
                  JSON),
            route('GET', ws + 'getCustomFields', 'custom_fields', self.custom_fields,
                  None),
            route('POST', utils + 'sendHtmlMailProcess', 'mail', self.mail, JSON),
            route('POST', ws + 'updatePaymentStatus', 'pay', self.pay, FORM),
            route('POST', ws + 'cancelPaymentStatus', 'unpay', self.unpay, FORM),
            route('POST', ws + 'cancelTransactionInvoice', 'cancel', self.cancel, FORM),
        ]

    def guarded(self, handler):
        """Business refusals become answers."""
        def handle(request):
            try:
                return handler(request)
            except Problem as problem:
                listed = self.settings['errors_as_200']
                return business(problem, '*' in listed or problem.key in listed)
        return handle

    # === SEED AND STATE === #

    def reset(self):
        self.tenants = tenants.seed(f'{self.now().year % 100:02d}')
        self.invoices, self.drafts, self.tokens = {}, {}, {}
        self.in_flight = []
        self._uuids = {}

    def state(self):
        return {'tenants': self.tenants, 'invoices': self.invoices,
                'drafts': self.drafts, 'tokens': self.tokens}

    def load(self, state):
        self.tenants, self.drafts = state['tenants'], state['drafts']
        self.tokens = state['tokens']
        self.invoices, self._uuids = {}, {}
        for invoice in state['invoices'].values():
            self.store(invoice)

    def credentials(self):
        return {
            code: {'username': code, 'password': tenant['users'][code]['password'],
                   'supplierTaxCode': code, 'strict': tenant['strict'],
                   'series': [f'{r["templateCode"]} {r["invoiceSeri"]}'
                              for r in tenant['series']]}
            for code, tenant in self.tenants.items()}

    def store(self, invoice):
        self.invoices[invoice['id']] = invoice
        key = f'{invoice["tenant"]} {invoice["uuid"]}'
        if invoice['uuid']:
            self._uuids.setdefault(key, []).append(invoice)

    def by_uuid(self, tenant, uuid):
        return list(self._uuids.get(f'{tenant["tax_code"]} {uuid}', []))

    def now_ms(self):
        return int(self.time() * 1000)

    # === LOG-IN === #

    def before(self, request):
        """README 1: address list, content type, then who calls."""
        if not self.settings['ip_allowed']:
            return Response(500, refused='address not on the list')
        options = request.route.options
        wanted = options['body']
        sent = request.content_type
        if request.method == 'POST' and wanted and sent != wanted and not (
            wanted == FORM and not sent and not request.body
        ):
            detail = f"Content type '{sent}' not supported"
            return gateway(415, 'Unsupported Media Type', request.path, detail)
        if not options.get('public'):
            self.authenticate(request)
        return None

    def login(self, request):
        try:
            data = json.loads(request.body)
            name, password = data['username'], data['password']
        except (ValueError, KeyError, TypeError):
            return gateway(400, 'Bad Request', request.path)
        user = self.user(name, password)
        if not user:
            raise unauthorized(request.path, 'invalid_grant', 'Bad credentials')
        request.account = name
        now, life = int(self.time()), self.settings['token_seconds']
        jti = secrets.token_hex(16)
        claims = {'user_name': name, 'scope': ['openid'], 'exp': now + life, 'iat': now,
                  'type': 1, 'invoice_cluster': 'cluster1', 'jti': jti,
                  'authorities': ['ROLE_USER'], 'client_id': 'web_app'}
        token = '.'.join(
            base64.urlsafe_b64encode(part).rstrip(b'=').decode() for part in (
                b'{"alg":"RS256","typ":"JWT"}', json.dumps(claims).encode(),
                secrets.token_bytes(64)))
        self.tokens[token] = {'user': name, 'until': self.time() + life}
        return Response(json={
            'access_token': token, 'token_type': 'bearer',
            'refresh_token': secrets.token_urlsafe(48),
            'expires_in': str(life) if self.settings['expires_in_as_text'] else life,
            'scope': 'openid', 'iat': now, 'invoice_cluster': 'cluster1', 'type': 1,
            'jti': jti})

    def user(self, name, password):
        """The user's dict with its tenant, if name and password are right."""
        for tenant in self.tenants.values():
            user = tenant['users'].get(name)
            if user and user['password'] == password:
                return {**user, 'tenant': tenant['tax_code']}
        return None

    def authenticate(self, request):
        """Bearer, Basic or Cookie (README 1); sets ``request.tenant``."""
        kind, _, value = request.headers.get('Authorization', '').partition(' ')
        cookie = request._wsgi.cookies.get('access_token')
        user = None
        if kind.lower() == 'basic':
            try:
                text = base64.b64decode(value).decode()
            except (binascii.Error, UnicodeDecodeError):
                text = ''
            user = self.user(*text.split(':', 1)) if ':' in text else None
        else:
            token = self.tokens.get(value if kind.lower() == 'bearer' else cookie)
            if token and token['until'] > self.time():
                user = next((
                    {**t['users'][token['user']], 'tenant': t['tax_code']}
                    for t in self.tenants.values() if token['user'] in t['users']), None)
        if not user:
            raise unauthorized(request.path, 'invalid_token',
                               'Full authentication is required')
        request.account = request.tenant_code = user['tenant']
        request.may_call = user['api']

    def expire_token(self, request):
        self.tokens.clear()

    def tenant(self, request, tax_code):
        """The caller's tenant, which ``tax_code`` must name."""
        if not request.may_call:
            raise Problem('DONOT_HAVE_PERMISSION')
        if not tax_code:
            raise Problem('BAD_REQUEST_TAX_CODE_REQUIRED')
        if len(tax_code) > 20:
            raise Problem('BAD_REQUEST_TAX_CODE_MAX_LENGTH')
        if tax_code != request.tenant_code:
            raise Problem('TAX_CODE_INVALID')
        return self.tenants[tax_code]

    def path_tenant(self, request):
        return self.tenant(request, request.vars['tax'])

    def body(self, request):
        try:
            data = json.loads(request.body.decode(), parse_float=exact)
        except ValueError:
            raise Problem(None, 'JSON parse error') from None
        if not isinstance(data, dict):
            raise Problem(None, 'JSON parse error')
        return data

    def form(self, request):
        """Parameters of the query string and of the body (README 2)."""
        return {**request.query, **request.form()}

    # === FAULTS === #

    def own_fault(self, fault, request):
        """slow: in flight for ``seconds``; no_number: issued, but not told so; refuse:
        with any ``key`` and ``text``."""
        if fault.mode == 'refuse':
            return business(Problem(fault.params.get('key'), fault.params.get('text')))
        if fault.mode == 'slow':
            request.slow = fault.params.get('seconds', 2)
        else:
            request.no_number = True
        return None

    def rate_limited(self, request):
        return gateway(429, 'Too Many Requests', request.path)

    def fault_status(self, request, status):
        if status == 500:
            return Response(500, refused='fault')
        return gateway(status, 'Fault', request.path)

    def not_found(self, request):
        return gateway(404, 'Not Found', request.path)

    def wrong_method(self, request, allowed):
        return gateway(405, 'Method Not Allowed', request.path)

    # === CONTROL === #

    def find(self, name):
        """By id, number, uuid or transactionID."""
        found = self.invoices.get(name)
        found = [found] if found else [
            i for i in self.invoices.values()
            if name in (i['invoiceNo'], i['uuid'], i['transactionID'])]
        if not found:
            raise ControlError(f'no invoice {name}', 404)
        return found[0]

    def row(self, name):
        invoice = self.find(name)
        inv.advance(invoice, self.settings, self.now_ms())
        verbs = {'SENT': ['approve', 'refuse'], 'NOT_SENT': ['send'],
                 'DIS_APPROVED': ['approve']}.get(invoice['exchange'], [])
        return {**invoice, '_verbs': verbs, 'exchange_status': inv.exchange_status(invoice)}

    def rows(self):
        return [self.row(name) for name in self.invoices]

    def approve(self, name, payload):
        inv.approve(self.find(name), payload.get('code'))
        return self.row(name)

    def refuse(self, name, payload):
        try:
            inv.refuse(self.find(name), payload.get('reason')
                       or self.settings['tax_refusal'])
        except Problem as problem:
            raise ControlError(problem.text, 409) from None
        return self.row(name)

    def send(self, name, payload):
        inv.send(self.find(name), self.now_ms())
        return self.row(name)

    def portal_invoice(self, payload):
        """Somebody issues one on the web portal meanwhile."""
        tenant = self.tenants[payload.get('tenant') or tenants.STRICT]
        total = int(payload.get('total') or 100000)
        series = payload.get('series') or tenant['series'][0]['invoiceSeri']
        row = next((r for r in tenant['series'] if r['invoiceSeri'] == series), None)
        if not row:
            raise ControlError(f'no series {series}', 404)
        row['used'] += 1
        row['last_ms'] = self.now_ms() // 1000 * 1000
        body = {
            'generalInvoiceInfo': {
                'templateCode': row['templateCode'], 'invoiceSeries': series,
                'currencyCode': 'VND', 'adjustmentType': '1', 'paymentStatus': True,
                'transactionUuid': f'portal-{secrets.token_hex(8)}'},
            'buyerInfo': {'buyerName': 'Khách lẻ (cổng thông tin)'},
            'payments': [{'paymentMethodName': 'TM/CK'}],
            'itemInfo': [{'lineNumber': 1, 'itemName': 'Hàng hóa', 'quantity': 1,
                          'unitPrice': total, 'itemTotalAmountWithoutTax': total,
                          'taxPercentage': 0, 'taxAmount': 0}]}
        invoice = inv.new(tenant, row, body, row['used'], self.now_ms(), self.now_ms())
        self.store(invoice)
        self.effect('portal_invoice', invoice['uuid'], invoice['invoiceNo'])
        return self.row(invoice['id'])

    def tenant_rows(self):
        return [
            {'id': code, **{k: v for k, v in t.items() if k != 'users'}}
            for code, t in self.tenants.items()]

    def set_tenant(self, code, payload):
        tenant = self.tenants[code]
        unknown = set(payload) - {
            'strict', 'decrease', 'price_decimals', 'custom_fields', 'name', 'address',
            'phone'}
        if unknown or payload.get('decrease', 'A') not in ('A', 'B', 'none'):
            raise ControlError(f'cannot set {payload}')
        tenant.update(payload)
        return next(r for r in self.tenant_rows() if r['id'] == code)

    def add_series(self, code, payload):
        row = tenants._series(payload['templateCode'], payload['invoiceSeri'],
                              int(payload.get('total', 1000)))
        self.tenants[code]['series'].append(row)
        return row
