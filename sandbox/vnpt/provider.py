"""VNPT Invoice by SOAP: routes, accounts, settings, control. Facts: README.md here."""

import hmac

from sandbox.einvoice import tax_office
from sandbox.frame import ControlError, ObjectKind, Response, Route
from sandbox.frame import Provider as Base

from . import invoice as inv
from . import soap, tenants, wsdl
from .business import Business
from .errors import Err
from .operations import BUILDS, INTEGERS
from .portal import Portal
from .publish import Publish
from .tax import Tax
from .token_flow import TokenFlow

STAFF = (('Account', 'ACpass'), ('account', 'accPass'), ('account', 'pass'))
SERVICE = (('username', 'password'), ('username', 'pass'), ('userName', 'userPass'),
           ('userName', 'password'))
OTHERS = ('wsdl', 'unknown')  # operations of the log that are no SOAP operation


class Provider(Publish, Tax, Business, Portal, TokenFlow, Base):
    """See README.md for the settings (switches) and the fault modes of its own."""

    code, port, title = 'vnpt', 8923, 'VNPT Invoice'
    fault_modes = ('crash', 'refuse', 'empty_result')
    default_settings = {
        'build': 'new', 'rate_style': 'numeric', 'order_checked': True,
        'seller_required': False, 'address_required': True, 'fkey_length': 50,
        'sums_checked': True, 'amount_tolerance': 1, 'max_batch': 5000,
        'draft_blocks_fkey': True, 'second_adjustment': False, 'cancel_accepted': False,
        'nothing_listed': 'empty', 'list_says_ok': False, 'list_limit': 500,
        'certificate_serial': '5404FFFEB7033FB316D672201B7BA4FE',
        **tax_office.SETTINGS,
    }
    objects = {
        'invoices': ObjectKind(
            list='rows', get='row_of', verbs={
                'approve': 'approve', 'refuse': 'refuse', 'sign': 'sign'},
            columns=['id', 'key', 'number', 'buyer', 'total', 'state', 'code'],
            verb_forms={'refuse': {'reason': 'Mã số thuế người mua không tồn tại'}}),
        'tenants': ObjectKind(
            list='tenant_rows', verbs={'set': 'set_tenant', 'add_series': 'add_series'},
            columns=['id', 'tax_code', 'title', 'certificate'],
            verb_forms={
                'set': {'certificate': 'ok'},
                'add_series': {'pattern': '1/001', 'serial': 'C27TAA'}}),
    }

    # === ROUTES === #

    def routes(self):
        return [
            route for prefix in ('', '/{host}') for route in (
                Route('POST', prefix + '/{service}.asmx', 'soap', self.call),
                Route('GET', prefix + '/{service}.asmx', 'wsdl', self.describe))]

    def operations(self):
        return sorted({name for service in self.services.values() for name in service}
                      | set(OTHERS))

    def operation(self, request):
        if request.route.operation == 'wsdl':
            return 'wsdl'
        name = soap.action(request)
        known = any(name in operations for operations in self.services.values())
        return name if known else 'unknown'

    @property
    def services(self):
        return BUILDS[self.settings['build']]

    def service(self, request):
        """(its name, its operations) or None."""
        name = request.vars['service']
        host = request.vars.get('host')
        if name not in self.services or (host and host not in self.tenants):
            return None
        return name, self.services[name]

    def describe(self, request):
        found = self.service(request)
        if not found:
            return self.not_found(request)
        if 'wsdl' not in request.environ.get('QUERY_STRING', '').lower():
            return Response(body=f'<html><body><h1>{found[0]}</h1></body></html>',
                            content_type='text/html')
        text = wsdl.render(*found, self.url + request.path)
        return Response(body=text, content_type='text/xml; charset=utf-8')

    def call(self, request):
        found = self.service(request)
        if not found:
            return self.not_found(request)
        if request.content_type not in ('text/xml', 'application/soap+xml'):
            return Response(415, refused=request.content_type or 'no content type')
        name = soap.action(request)
        try:
            node = soap.read(request)
            if not name and soap.version(request) == '1.2':
                name = node.tag.removeprefix(f'{{{wsdl.TNS}}}')
            operation = found[1].get(name)
            if not operation or node.tag != f'{{{wsdl.TNS}}}{name}':
                raise soap.Fault('Server did not recognize the value of HTTP Header '
                                 f'SOAPAction: {name}.')
            arguments = soap.arguments(node, operation)
        except soap.Fault as error:
            return soap.fault(request, str(error))
        return self.answer(request, name, arguments)

    def answer(self, request, name, arguments):
        refused = None
        request.reference = next((
            str(arguments[k]) for k in ('fkey', 'key', 'lsFkey', 'lstFkey', 'fkeys')
            if arguments.get(k)), '')
        try:
            tenant = self.authenticate(request, name, arguments)
            result = getattr(self, name)(tenant, arguments)
        except Err as error:
            result, refused = str(error), f'{error} {error.reason}'.strip()
            if name in INTEGERS:
                result = -1
        own = getattr(request, 'own', None)
        if own == 'crash':
            return soap.fault(request, 'Object reference not set to an instance of an '
                                       'object.')
        if own == 'empty_result':
            result = None
        return soap.answer(request, name, result, refused)

    # === WHO CALLS === #

    def authenticate(self, request, name, a):
        """README 1: first the staff member (1), then the technical account (7)."""
        tenants_here = list(self.tenants.values())
        if request.vars.get('host'):
            tenants_here = [self.tenants[request.vars['host']]]
        staff = next((pair for pair in STAFF if set(pair) <= set(a)), None)
        service = next((pair for pair in SERVICE if set(pair) <= set(a)), None)
        found = None
        if staff:
            found = self.account(tenants_here, 'staff', *(a[k] for k in staff))
            if not found or not found[1]['may_issue']:
                raise Err(1, 'staff account')
        if service:
            technical = self.account(tenants_here, 'service', *(a[k] for k in service))
            if not technical:
                raise Err(7 if staff else 1, 'service account')
            if found and found[0] is not technical[0]:
                raise Err(7, 'accounts of two customers')
            found = technical
        request.account = found[0]['name']
        return found[0]

    def account(self, tenants_here, kind, name, password):
        for tenant in tenants_here:
            user = tenant[kind].get(name or '')
            if user and hmac.compare_digest(
                user['password'].encode(), (password or '').encode()
            ):
                return tenant, user
        return None

    # === SEED AND STATE === #

    def reset(self):
        self.tenants = tenants.seed(self.now().year)
        self.invoices, self.customers, self.notices = {}, {}, {}
        self.hashes, self.count = {}, 0
        self._keys = {}

    def state(self):
        return {'tenants': self.tenants, 'invoices': self.invoices,
                'customers': self.customers, 'notices': self.notices,
                'count': self.count}

    def load(self, state):
        self.tenants, self.customers = state['tenants'], state['customers']
        self.notices, self.count = state['notices'], state['count']
        self.invoices, self._keys = {}, {}
        for invoice in state['invoices'].values():
            self.store(invoice)

    def credentials(self):
        return {
            name: {
                'base': f'{self.url}/{name}', 'tax_code': tenant['tax_code'],
                'Account': f'{name}_admin',
                'ACpass': tenant['staff'][f'{name}_admin']['password'],
                'username': f'{name}service',
                'password': tenant['service'][f'{name}service']['password'],
                'series': [f'{r["pattern"]} {r["serial"]}' for r in tenant['series']],
            } for name, tenant in self.tenants.items()}

    def store(self, invoice):
        self.invoices[str(invoice['id'])] = invoice
        self._keys[f'{invoice["tenant"]} {invoice["key"]}'] = invoice

    def forget(self, invoice):
        del self.invoices[str(invoice['id'])]
        del self._keys[f'{invoice["tenant"]} {invoice["key"]}']

    def by_key(self, tenant, key):
        return self._keys.get(f'{tenant["name"]} {key}')

    def mine(self, tenant):
        return [i for i in self.invoices.values() if i['tenant'] == tenant['name']]

    def by_number(self, tenant, row, number):
        return next((
            i for i in self.mine(tenant) if i['number'] == number
            and (i['pattern'], i['serial']) == (row['pattern'], row['serial'])), None)

    def by_token(self, tenant, text):
        """``pattern;serial;number``, the number padded or not."""
        parts = (text or '').split(';')
        if len(parts) != 3 or not parts[2].isdecimal():
            return None
        row = {'pattern': parts[0], 'serial': parts[1]}
        return self.by_number(tenant, row, int(parts[2]))

    # === FAULTS === #

    def own_fault(self, fault, request):
        """crash: done, then a SOAP fault; empty_result: done, no result element; refuse:
        ``ERR:<key> <text>`` instead of the work."""
        if fault.mode == 'refuse':
            key, text = fault.params.get('key', 5), fault.params.get('text', '')
            result = f'ERR:{key} {text}'.strip()
            return soap.answer(request, self.operation(request), result, result)
        request.own = fault.mode
        return None

    def fault_status(self, request, status):
        if status == 500:
            return soap.fault(request, 'Server was unable to process request.')
        return Response(status, body='<html><body>IIS</body></html>',
                        content_type='text/html', refused='fault')

    def not_found(self, request):
        return Response(404, body='<html><body>404 - File or directory not found.'
                                  '</body></html>', content_type='text/html')

    # === CONTROL === #

    def find(self, name):
        """By id, Fkey or pattern;serial;number."""
        found = self.invoices.get(name) or next((
            i for i in self.invoices.values()
            if name == i['key'] or (i['number'] and name == inv.token(i))), None)
        if not found:
            raise ControlError(f'no invoice {name}', 404)
        return found

    def row_of(self, name):
        invoice = self.find(name)
        row = {**invoice, 'buyer': inv.buyer_name(invoice), 'total': inv.total(invoice),
               'state': 'draft', 'code': None, '_verbs': ['sign']}
        if invoice['number']:
            self.advance(invoice)
            state = invoice['filing']['state']
            row.update(
                state=state, code=invoice['filing']['code'],
                _verbs=[] if state in tax_office.FINAL else ['approve', 'refuse'])
        return row

    def rows(self):
        return [self.row_of(name) for name in list(self.invoices)]

    def unfinished(self, name):
        filing = self.find(name)['filing']
        if not filing or filing['state'] in tax_office.FINAL:
            raise ControlError(f'{name} does not wait', 409)
        return filing

    def approve(self, name, payload):
        filing = self.unfinished(name)
        serial = self.find(name)['serial']
        tax_office.accept(filing, tenants.with_code(serial), payload.get('code'))
        return self.row_of(name)

    def refuse(self, name, payload):
        tax_office.refuse(
            self.unfinished(name), payload.get('reason') or self.settings['tax_refusal'])
        return self.row_of(name)

    def sign(self, name, payload):
        """A person issues a draft on VNPT's site."""
        draft = self.find(name)
        tenant = self.tenants[draft['tenant']]
        if draft['number']:
            raise ControlError(f'{name} is issued', 409)
        try:
            row = self.registered(tenant, draft['pattern'], draft['serial'])
            self.issue_drafts(tenant, row, [draft])
        except Err as error:
            raise ControlError(str(error), 409) from None
        return self.row_of(name)

    def tenant_rows(self):
        return [{'id': name, **{k: v for k, v in t.items()
                                if k not in ('staff', 'service')}}
                for name, t in self.tenants.items()]

    def set_tenant(self, name, payload):
        tenant = self.tenants[name]
        if set(payload) - {'certificate', 'title', 'address', 'phone'} or (
            payload.get('certificate', 'ok') not in ('ok', 'expired')
        ):
            raise ControlError(f'cannot set {payload}')
        tenant.update(payload)
        return next(row for row in self.tenant_rows() if row['id'] == name)

    def add_series(self, name, payload):
        row = tenants.series(
            payload['pattern'], payload['serial'], int(payload.get('total', 100000)))
        self.tenants[name]['series'].append(row)
        return row
