"""MISA meInvoice: routes of both flavours, settings, control. Facts: README.md here."""

import secrets

from sandbox.einvoice import tax_office
from sandbox.frame import ControlError, ObjectKind, Response, Route
from sandbox.frame import Provider as Base

from . import tenants
from .drafts import Drafts
from .envelope import Envelopes, Problem
from .login import PUBLISH, WEB, A, B, Login
from .own_signature import OwnSignature
from .publish import Publish
from .queries import Queries

BASES = {A: '/apis/itg/meinvoice', B: '/api/integration'}
MAINTENANCE = '<html><body><h1>Hệ thống đang bảo trì</h1></body></html>'


class Provider(Envelopes, Login, Publish, OwnSignature, Queries, Drafts, Base):
    """See README.md for the settings (switches) and the fault modes of its own."""

    code, port, title = 'misa', 8922, 'MISA meInvoice'
    fault_modes = ('slow', 'exception', 'no_number', 'refuse')
    default_settings = {
        'token_days': {A: 14, B: 15, WEB: 14}, 'dead_token': 'code',
        'gateway_status': 401, 'web_token_as_object': False,
        'casing': 'documented', 'data_as': 'string', 'no_error': None,
        'errors_as_200': [
            'TokenExpiredCode', 'InvalidTokenCode', 'APINotSupportTypeInvoice',
            'CallSignServiceFail', 'DuplicateInvoiceRefID', 'InvalidVatPercentage',
            'Exception', 'CreateInvoiceDataError', 'SystemError'],
        'validation_as': 'mixed', 'duplicate_as': 'item', 'result_series': 'full',
        'zone_in_replies': True, 'numbers_as_int': True,
        'max_invoices': 30, 'max_lines': 200, 'max_status': 50, 'max_drafts': 30,
        'mixed_series': False, 'sign_types_3_4': False,
        'processing_seconds': 0.02, 'series_gap_seconds': 0,
        'amount_tolerance': 1, 'total_tolerance': 0, 'discount_without_rate': False,
        'words_required': True, 'lengths_checked': True, 'tax_code_12': True,
        'future_date_refused': True, 'more_rates_needed': False,
        'reduced_rate_days': ['2025-07-01', '2026-12-31'],
        # form, symbol and number of what another provider has issued: the tax office knows
        'known_elsewhere': [],
        'original_checks': 'account', 'correction_seen_after_ms': 300,
        'files_after_seconds': 1, 'download_as': 'data', 'link_seconds': 300,
        'draft_twice': 'overwrite',
        **tax_office.SETTINGS,
    }
    objects = {
        'invoices': ObjectKind(
            create='site_invoice', list='rows', get='row',
            verbs={'approve': 'approve', 'refuse': 'refuse', 'fail': 'fail'},
            columns=['id', 'number', 'buyer', 'total', 'state', 'code'],
            create_form={'tenant': tenants.HSM, 'total': 100000},
            verb_forms={'refuse': {'reason': 'Mã số thuế người mua không tồn tại'}}),
        'drafts': ObjectKind(
            list='draft_rows', verbs={'sign': 'sign_draft', 'delete': 'remove_draft'},
            columns=['id', 'series', 'buyer', 'total', 'signed']),
        'tenants': ObjectKind(
            list='tenant_rows', verbs={
                'set': 'set_tenant', 'add_series': 'add_series',
                'set_password': 'set_password'},
            columns=['id', 'name', 'hsm', 'licence', 'licence_state'],
            verb_forms={
                'set': {'hsm': True, 'licence': 1000, 'licence_state': 'ok'},
                'add_series': {'series': '1C27TAA'},
                'set_password': {'user': '', 'password': 'Misa@new'}}),
    }

    # === ROUTES === #

    def routes(self):
        return [*self.flavour_routes(A), *self.flavour_routes(B),
                Route('GET', '/view/{name}', 'view', self.view)]

    def flavour_routes(self, flavour):
        base = BASES[flavour]
        web = base + ('/invoiceweb/' if flavour == A else '/webapp/')

        def route(path, operation, handler, group=PUBLISH, method='POST', **options):
            locked = options.pop('locked', True)
            return Route(
                method, path, operation, self.guarded(handler), locked,
                {'flavour': flavour, 'group': group, **options})

        def publish(path, operation, handler, **options):
            return route(f'{base}/invoice{path}', operation, handler, **options)

        def draft(path, operation, handler, **options):
            return route(web + path, operation, handler, group=WEB, **options)

        publishing = {
            A: [publish('/publishing', 'publish', self.publish, locked=False),
                publish('/publishing/token', 'publish_token', self.publish,
                        locked=False, own_signature=True)],
            B: [publish('', 'publish', self.publish, locked=False)],
        }[flavour]
        login = publish('/token', 'token', self.portal_token) if flavour == A else (
            route(base + '/auth/token', 'token', self.integration_token))
        login.options['group'] = None
        web_login = route(web + 'token', 'web_token', self.web_token, group=None)
        return [
            login, web_login, *publishing,
            publish('/templates', 'templates', self.templates, method='GET'),
            publish('/unpublishview', 'preview', self.preview),
            publish('/status', 'status', self.status),
            publish('/Download', 'download', self.download),
            publish('/download', 'download', self.download),
            publish('/publishview', 'publish_view', self.publish_view),
            publish('/sendemail', 'mail', self.send_mail),
            publish('/voucher-paper', 'paper_copy', self.paper_copy),
            publish('/paging', 'list', self.paging),
            route(web + 'templates', 'web_templates', self.web_templates, group=None),
            draft('templates/ticket', 'web_templates', self.ticket_templates),
            draft('insert', 'insert_draft', self.insert),
            draft('preview', 'web_preview', self.web_preview),
            draft('viewrefid', 'view_draft', self.view_draft, method='GET'),
            draft('getlist', 'draft_list', self.get_list),
            draft('paging', 'draft_paging', self.web_paging),
            draft('paging/calculating', 'draft_paging', self.web_paging_register),
            draft('delete', 'delete_draft', self.delete_draft, method='DELETE'),
        ]

    # === SEED AND STATE === #

    def reset(self):
        self.tenants = tenants.seed(self.now().year)
        self.invoices, self.drafts, self.tokens = {}, {}, {}
        self.links, self.handed_out = {}, {}
        self.busy, self.free_at, self._refs = set(), {}, {}

    def state(self):
        return {'tenants': self.tenants, 'invoices': self.invoices,
                'drafts': self.drafts, 'tokens': self.tokens}

    def load(self, state):
        self.tenants, self.drafts = state['tenants'], state['drafts']
        self.tokens = state['tokens']
        self.invoices, self._refs = {}, {}
        for invoice in state['invoices'].values():
            self.store(invoice)

    def credentials(self):
        people = {
            code: {'taxcode': code, 'username': f'ketoan@{code}.vn',
                   'password': tenant['users'][f'ketoan@{code}.vn']['password'],
                   'hsm': tenant['hsm'],
                   'series': [row['series'] for row in tenant['series']]}
            for code, tenant in self.tenants.items()}
        return {
            'portal': {'base': self.url + BASES[A], **tenants.PORTAL},
            'integration': {'base': self.url + BASES[B], 'appid': tenants.APP_ID},
            **people}

    def store(self, invoice):
        self.invoices[invoice['id']] = invoice
        self._refs[f'{invoice["tenant"]} {invoice["ref_id"].lower()}'] = invoice

    def by_ref(self, tenant, ref):
        return self._refs.get(f'{tenant["tax_code"]} {ref.lower()}')

    # === FAULTS === #

    def own_fault(self, fault, request):
        """slow: ``seconds`` at work; exception: done, but says ``key``; no_number: done
        without telling it; refuse: ``key`` instead of the work."""
        if fault.mode == 'refuse':
            return self.refused(Problem(
                fault.params.get('key', 'SystemError'), fault.params.get('text', ''),
                fault.params.get('errors', ()), request=True))
        if fault.mode == 'slow':
            request.slow = fault.params.get('seconds', 2)
        else:
            request.own = fault
        return None

    def fault_status(self, request, status):
        if status >= 500:
            return Response(status, body=MAINTENANCE, content_type='text/html',
                            refused='maintenance')
        return self.refused(Problem('InvalidParameter', status=status))

    def not_found(self, request):
        return Response(404, json={'Message': 'No HTTP resource was found'})

    # === CONTROL === #

    def find(self, name):
        found = self.invoices.get(name) or next((
            i for i in self.invoices.values()
            if name in (i['ref_id'], f'{i["series"]} {i["number"]:08d}')), None)
        if not found:
            raise ControlError(f'no invoice {name}', 404)
        return found

    def row(self, name):
        invoice = self.find(name)
        self.advance(invoice)
        state = invoice['filing']['state']
        verbs = [] if state in tax_office.FINAL else ['approve', 'refuse', 'fail']
        return {**invoice, 'number': f'{invoice["series"]} {invoice["number"]:08d}',
                'state': state, 'code': invoice['filing']['code'], '_verbs': verbs}

    def rows(self):
        return [self.row(name) for name in self.invoices]

    def unfinished(self, name):
        filing = self.find(name)['filing']
        if filing['state'] in tax_office.FINAL:
            raise ControlError(f'already {filing["state"]}', 409)
        return filing

    def approve(self, name, payload):
        series = self.find(name)['series']
        tax_office.accept(
            self.unfinished(name), tenants.with_code(series), payload.get('code'))
        return self.row(name)

    def refuse(self, name, payload):
        reason = payload.get('reason') or self.settings['tax_refusal']
        tax_office.refuse(self.unfinished(name), reason)
        return self.row(name)

    def fail(self, name, payload):
        """It could not be sent; MISA tries again."""
        self.unfinished(name)['state'] = tax_office.FAILED
        return self.row(name)

    def site_invoice(self, payload):
        """Somebody issues one on MISA's site meanwhile."""
        tenant = self.tenants[payload.get('tenant') or tenants.HSM]
        wanted = payload.get('series') or tenant['series'][0]['series']
        try:
            row = self.series_row(tenant, wanted)
        except Problem as problem:
            raise ControlError(problem.code, 404) from None
        total = int(payload.get('total') or 100000)
        amounts = {name: total for name in (
            'AmountOC', 'Amount', 'AmountWithoutVATOC', 'AmountWithoutVAT')}
        rate = None if wanted[0] == '2' else 'KCT'
        totals = {
            f'Total{name}{suffix}': total if name not in (
                'DiscountAmount', 'VATAmount') else 0
            for name in ('SaleAmount', 'DiscountAmount', 'AmountWithoutVAT',
                         'VATAmount', 'Amount') for suffix in ('OC', '')}
        data = {
            'RefID': f'site-{secrets.token_hex(8)}', 'InvSeries': wanted,
            'InvDate': self.shown_time(self.time())[:10], 'CurrencyCode': 'VND',
            'ExchangeRate': 1, 'PaymentMethodName': 'TM/CK',
            'BuyerFullName': 'Khách lẻ (trang MISA)', **totals,
            'OriginalInvoiceDetail': [{
                'ItemType': 1, 'LineNumber': 1, 'SortOrder': 1, 'ItemName': 'Hàng hóa',
                'Quantity': 1, 'UnitPrice': total, **amounts, 'VATRateName': rate}],
            'TaxRateInfo': [{'VATRateName': rate, 'AmountWithoutVATOC': total,
                             'VATAmountOC': 0}] if rate else []}
        invoice = self.number(tenant, row, data, operation='site_invoice', source='web')
        return self.row(invoice['id'])

    def tenant_rows(self):
        return [
            {'id': code, **{k: v for k, v in t.items() if k != 'users'}}
            for code, t in self.tenants.items()]

    def tenant_row(self, code):
        return next(row for row in self.tenant_rows() if row['id'] == code)

    def set_tenant(self, code, payload):
        tenant = self.tenants[code]
        unknown = set(payload) - {
            'hsm', 'licence', 'licence_state', 'active', 'name', 'address', 'phone'}
        if unknown or payload.get('licence_state', 'ok') not in (
            'ok', 'expired', 'not_bought'
        ):
            raise ControlError(f'cannot set {payload}')
        tenant.update(payload)
        return self.tenant_row(code)

    def add_series(self, code, payload):
        row = tenants.series(
            payload['series'], code, payload.get('summary', False),
            payload.get('more_rates', False), payload.get('inactive', False))
        self.tenants[code]['series'].append(row)
        return row

    def set_password(self, code, payload):
        """README 1: a new password ends the tokens."""
        name = payload.get('user') or f'ketoan@{code}.vn'
        self.tenants[code]['users'][name]['password'] = payload['password']
        self.revoke({name})
        return self.tenant_row(code)


