"""Publishing (README 3 to 6): one series at a time, each invoice for itself."""

import secrets

from sandbox.frame import Response

from . import invoice as inv
from .draft_fields import ORIGINAL_IDS
from .envelope import Problem, parsed
from .fields import SERIES, Fields
from .login import A
from .tenants import cash_register

OWN, HSM, REGISTER = 1, 2, 5


class Publish:
    """Part of Provider: everything that makes invoices."""

    def publish(self, request):
        """Not locked: a second call meanwhile must find the series busy."""
        with self.lock:
            tenant, order = request.tenant, parsed(request, dict)
            kind = self.sign_type(request, order)
            if kind == OWN and order.get('PublishInvoiceData') is not None:
                return self.publish_signed(request, tenant, order)
            invoices = self.invoices_of(order)
            request.reference = ','.join(
                str(one.get('RefID') or '') for one in invoices)
            if kind == OWN:
                return self.create_unsigned(tenant, invoices)
            self.fits(tenant, kind, invoices)
            busy = {f'{tenant["tax_code"]} {one.get("InvSeries")}' for one in invoices}
            if self.is_busy(busy):
                return self.results([
                    self.failed(one, Problem('InvoiceNumberNotCotinuous'))
                    for one in invoices])
            self.busy |= busy
        try:
            self.clock.sleep(float(getattr(
                request, 'slow', self.settings['processing_seconds'])))
            with self.lock:
                return self.issue_all(request, tenant, kind, invoices)
        finally:
            with self.lock:
                self.busy -= busy
                self.free_at.update(dict.fromkeys(busy, self.time()))

    # === THE REQUEST === #

    def sign_type(self, request, order):
        kind = order.get('SignType')
        options = request.route.options
        if isinstance(kind, bool) or kind not in (1, 2, 3, 4, 5):
            raise Problem('InvalidParameter', request=True)
        if kind in (3, 4):  # README 3: unsure what they are
            if not self.settings['sign_types_3_4']:
                raise Problem('APINotSupportTypeInvoice', request=True)
            return HSM
        own_path = options.get('own_signature')
        if options['flavour'] == A and (kind == OWN) != bool(own_path):
            raise Problem('APINotSupportTypeInvoice', request=True)
        return kind

    def invoices_of(self, order):
        invoices = order.get('InvoiceData')
        if not isinstance(invoices, list) or not invoices or not all(
            isinstance(one, dict) for one in invoices
        ) or order.get('PublishInvoiceData') is not None:
            raise Problem('InvalidParameter', request=True)
        if len(invoices) > self.settings['max_invoices']:
            raise Problem('InvoiceQuantityTooLarge', request=True, status=400)
        if len({str(one.get('InvSeries')) for one in invoices}) > 1 and (
            not self.settings['mixed_series']
        ):
            raise Problem('InvalidParameter', 'several series', request=True)
        return invoices

    def fits(self, tenant, kind, invoices):
        """Does the way of signing fit series and company?"""
        for one in invoices:
            series = str(one.get('InvSeries') or '')
            if SERIES.fullmatch(series) and cash_register(series) != (kind == REGISTER):
                raise Problem('APINotSupportTypeInvoice', request=True)
        if kind == HSM and not tenant['hsm']:
            raise Problem('CallSignServiceFail', request=True)

    def is_busy(self, names):
        gap, now = self.settings['series_gap_seconds'], self.time()
        return bool(names & self.busy) or any(
            now - self.free_at[name] < gap for name in names if name in self.free_at)

    # === ANSWERS === #

    def results(self, items, unsigned=False):
        packed = self.packed(items)
        return Response(json=self.say(
            False, success=True, errorCode=None, descriptionErrorCode=None,
            createInvoiceResult=packed if unsigned else None,
            publishInvoiceResult=None if unsigned else packed,
        ), refused=' '.join(i['ErrorCode'] for i in items if i['ErrorCode']) or None)

    def failed(self, data, problem):
        return {
            'RefID': data.get('RefID'), 'TransactionID': None, 'InvTemplateNo': None,
            'InvSeries': None, 'InvNo': None, 'InvCode': None, 'InvDate': inv.NO_DATE,
            'ErrorCode': problem.code, 'DescriptionErrorCode': problem.text,
            'InvoiceData': None}

    def succeeded(self, invoice):
        series = invoice['series']
        return {
            'RefID': invoice['ref_id'], 'TransactionID': invoice['id'],
            'InvTemplateNo': series[0], 'InvSeries': self.shown_series(series),
            'InvNo': f'{invoice["number"]:08d}',
            'InvCode': invoice['filing']['code'] or '',
            'InvDate': self.shown_day(invoice['date']),
            'ErrorCode': self.settings['no_error'], 'DescriptionErrorCode': None,
            'InvoiceData': None}

    # === ISSUING === #

    def issue_all(self, request, tenant, kind, invoices):
        """Problems of the request come before the first number is taken."""
        as_request = self.settings['validation_as'] == 'request'
        for one in invoices:
            try:
                self.checked(tenant, one, date=False)
            except Problem as problem:
                if as_request and problem.code != 'DuplicateInvoiceRefID':
                    raise Problem('InvalidInvoiceData', errors=[problem.code],
                                  request=True) from None
                if problem.request and self.settings['validation_as'] == 'mixed':
                    raise
                if problem.code == 'DuplicateInvoiceRefID' and (
                    self.settings['duplicate_as'] == 'request'
                ):
                    raise Problem(problem.code, request=True) from None
        items = []
        for one in invoices:
            try:
                items.append(self.succeeded(self.issue(tenant, one)))
            except Problem as problem:
                code = problem.errors[0] if problem.request and problem.errors else None
                items.append(self.failed(one, Problem(code) if code else problem))
        return self.after_issue(request, items)

    def after_issue(self, request, items):
        own = getattr(request, 'own', None)
        if own and own.mode == 'exception':
            raise Problem(own.params.get('key', 'Exception'), request=True)
        if own and own.mode == 'no_number':
            for item in items:
                item.update(InvNo=None, TransactionID=None)
        return self.results(items)

    def checked(self, tenant, data, date=True, issued=True):
        """The series row of an invoice that may be issued.

        :param issued: False = a preview, its RefID may be used
        """
        ref = data.get('RefID')
        if issued and isinstance(ref, str) and self.by_ref(tenant, ref):
            raise Problem('DuplicateInvoiceRefID')
        if not isinstance(ref, str) or not ref:
            raise Problem('RequireError_RefID')
        row = self.series_row(tenant, data.get('InvSeries'))
        checks = Fields(data, row, self.settings, self.time())
        checks.check()
        self.original(tenant, data, check=True)
        if date:
            checks.date()
            self.next_year(tenant, row['series'])
            self.licence(tenant)
        return row

    def series_row(self, tenant, series):
        if not isinstance(series, str) or not SERIES.fullmatch(series):
            raise Problem('InvoiceTemplateNotExist')
        row = next((r for r in tenant['series'] if r['series'] == series), None)
        if not row:
            raise Problem('InvoiceTemplateNotExist')
        if row['inactive']:
            raise Problem('InvoicePublishNotExist')
        if series[4] not in 'TM':
            raise Problem('TemplateNotSupport')
        return row

    def next_year(self, tenant, series):
        following = f'{series[:2]}{int(series[2:4]) + 1:02d}{series[4:]}'
        if any(r['series'] == following and r['last_no'] for r in tenant['series']):
            raise Problem('ExistsInvoiceNextYear')

    def licence(self, tenant):
        if tenant['licence_state'] != 'ok':
            raise Problem({'expired': 'LicenseInfo_Expired'}.get(
                tenant['licence_state'], 'LicenseInfo_NotBuy'))
        if tenant['licence'] <= 0:
            raise Problem('LicenseInfo_OutOfInvoice')

    def issue(self, tenant, data):
        return self.number(tenant, self.checked(tenant, data), data)

    def number(self, tenant, row, data, operation='create_invoice', **more):
        """Take the next number: from here on the invoice exists."""
        original = self.original(tenant, data)
        row['last_no'] += 1
        row['last_date'] = data['InvDate']
        tenant['licence'] -= 1
        invoice = inv.new(tenant, row, data, self.time(), **more)
        self.store(invoice)
        if original:
            original['corrected'] = 'replaced' if data['ReferenceType'] == 1 else (
                'adjusted')
        self.effect(operation, invoice['ref_id'],
                    f'{invoice["series"]} {invoice["number"]:08d}')
        if data.get('IsSendEmail'):
            invoice['mails'] += 1
        return invoice

    def original(self, tenant, data, check=False):
        """The corrected invoice, if it lies in the same account (README 6)."""
        kind = data.get('ReferenceType')
        if kind not in (1, 2) or data.get('OrgInvoiceType') != 1:
            return None
        series = f'{data["OrgInvTemplateNo"]}{data["OrgInvSeries"]}'
        found = next((
            i for i in self.invoices.values() if i['tenant'] == tenant['tax_code']
            and i['series'] == series and f'{i["number"]:08d}' == data['OrgInvNo']
        ), None)
        if not check or not found or self.settings['original_checks'] != 'account':
            return found
        for field, key in ORIGINAL_IDS.items():
            if (data.get(field) or found[key]) != found[key]:
                raise Problem(f'Invalid_[Invoice.{field}]')
        name = 'InvoiceCannotReplace' if kind == 1 else 'InvoiceCannotAdjust'
        if found['corrected'] == 'replaced' or found['filing']['state'] == 'refused':
            raise Problem(name)
        if kind == 1 and found['corrected'] == 'adjusted':
            raise Problem('HasAdjustmentInvoice')
        if found['series'][1] == 'C' and not found['filing']['code']:
            raise Problem(
                'InvoiceCannotReplaceByStatusNew' if kind == 1 else name)
        if data['OrgInvDate'] != found['date']:
            raise Problem('Invalid_[Invoice.OrgInvDate]')
        return found

    def preview(self, request):
        """README 5: all checks, no number, a link for a short time."""
        data = parsed(request, dict)
        request.reference = str(data.get('RefID') or '')
        try:
            row = self.checked(request.tenant, data, issued=False)
        except Problem as problem:
            problem.request = True
            raise
        draft = inv.new(request.tenant, row, data, self.time())
        return self.done(self.link({'draft': draft}))

    def link(self, target):
        """A short-lived address of a PDF."""
        name = secrets.token_urlsafe(16)
        self.links[name] = {
            **target, 'until': self.time() + self.settings['link_seconds']}
        return f'{self.url}/view/{name}'

