"""createInvoice and its relatives (README 3, 4, 7)."""

import base64
from decimal import Decimal

from sandbox.frame import Response

from . import files, validate
from . import invoice as inv
from .document import local_day
from .envelope import Problem, done
from .fields import moment

DEDUPE_MS = 3 * 24 * 3600 * 1000
MAX_BATCH = 50


def exact(text):
    """A JSON number as Decimal; exponents are refused (README 1)."""
    if 'e' in text.lower():
        raise Problem(None, f'Số {text} sai định dạng')
    return Decimal(text)


class Issue:
    """Part of Provider: everything that makes invoices."""

    def create(self, request):
        body = self.body(request)
        tenant = self.path_tenant(request)
        return self.finish(request, self.issue(request, tenant, body))

    def finish(self, request, invoice):
        result = self.result(invoice)
        if getattr(request, 'no_number', False):  # own fault, README 10
            return done({'supplierTaxCode': result['supplierTaxCode']})
        return done(result)

    def result(self, invoice):
        return {
            'supplierTaxCode': invoice['tenant'],
            'invoiceNo': invoice['invoiceNo'],
            'transactionID': invoice['transactionID'],
            'reservationCode': invoice['reservationCode'],
            'codeOfTax': invoice['code'],
        }

    def issue(self, request, tenant, body):
        """The invoice of this body, new or (same uuid) the one made before.

        The route is not locked: between the look at the uuid and the issue there is a
        time in which a second call finds nothing, as on the real server (README 3).
        """
        with self.lock:
            validate.invoice(body, tenant, self.settings)
            uuid = str(body['generalInvoiceInfo'].get('transactionUuid') or '')
            request.reference = uuid
            before = self.finished(tenant, uuid)
            if before:
                return before
            key = f'{tenant["tax_code"]} {uuid}'
            if uuid and key in self.in_flight and self.settings['in_flight'] == 'refuse':
                raise Problem('TRANSACTION_IS_BEING_PROCESSED')
            self.in_flight.append(key)
            seconds = getattr(request, 'slow', self.settings['processing_seconds'])
        try:
            if seconds:
                self.clock.sleep(float(seconds))
            with self.lock:
                return self.number(tenant, body)
        finally:
            with self.lock:
                self.in_flight.remove(key)

    def finished(self, tenant, uuid):
        """The invoice made with this uuid in the last three days."""
        if not uuid:
            return None
        since = self.now_ms() - DEDUPE_MS
        for invoice in self.by_uuid(tenant, uuid):
            if invoice['created_ms'] >= since:
                return invoice
        return None

    def number(self, tenant, body):
        """Take the next number: from here on the invoice exists."""
        row, issued = self.place(tenant, body)
        general = body['generalInvoiceInfo']
        original = self.original(tenant, general)
        validate.correction(general, original, self.now_ms(), tenant['strict'])
        row['used'] += 1
        row['last_ms'] = issued
        invoice = inv.new(tenant, row, body, row['used'], issued, self.now_ms())
        self.store(invoice)
        if original:
            kind, what = validate.adjustment(general)
            original['status'] = 'replaced' if kind == '3' else {
                '1': 'adjusted_money', '2': 'adjusted_info'}[what]
        self.effect('create_invoice', invoice['uuid'], invoice['invoiceNo'])
        return invoice

    def place(self, tenant, body):
        """(series row, issue date in ms), or why there is no number to be had."""
        general = body['generalInvoiceInfo']
        row = next((
            r for r in tenant['series']
            if r['templateCode'] == general['templateCode']
            and r['invoiceSeri'] == general['invoiceSeries']
        ), None)
        kind = str(general.get('invoiceType') or general['templateCode'][0])
        if row is None or not general['templateCode'].startswith(kind):
            raise Problem('TEMPLATE_NOT_FOUND')
        now = self.now_ms()
        issued = moment(general.get('invoiceIssuedDate')) or now // 1000 * 1000
        if issued > now:
            raise Problem('INVOICE_ISSUED_DATE_OVER_CURRENT_TIME')
        if issued < row['last_ms']:
            raise Problem('INVOICE_ISSUED_DATE_INVALID')
        year = f'{local_day(issued).year % 100:02d}'
        if not row['active'] or row['invoiceSeri'][1:3] != year:
            raise Problem(None, 'Dải hóa đơn không còn hiệu lực (mã 1517)')
        if row['used'] >= row['total']:
            raise Problem('OUT_OF_INVOICE_NO')
        return row, issued

    def original(self, tenant, general):
        if validate.adjustment(general)[0] not in ('3', '5'):
            return None
        return self.invoices.get(f'{tenant["tax_code"]}:{general["originalInvoiceId"]}'
                                 if general.get('originalInvoiceId') else '')

    def preview(self, request):
        """Checks like create, uses no number (README 8)."""
        body = self.body(request)
        tenant = self.path_tenant(request)
        validate.invoice(body, tenant, self.settings)
        row, issued = self.place(tenant, body)
        general = body['generalInvoiceInfo']
        validate.correction(general, self.original(tenant, general), self.now_ms(),
                            tenant['strict'])
        draft = inv.new(tenant, row, body, 0, issued, self.now_ms())
        return Response(json={
            'errorCode': None, 'description': None,
            'fileToBytes': base64.b64encode(files.pdf(draft, tenant, draft=True)).decode(),
            'paymentStatus': draft['paid'],
            'fileName': f'{tenant["tax_code"]}-{row["invoiceSeri"]}-draft.pdf',
        })

    def draft(self, request):
        """Kept for the portal; nothing is issued (README 8)."""
        body = self.body(request)
        tenant = self.path_tenant(request)
        validate.invoice(body, tenant, self.settings)
        uuid = str(body['generalInvoiceInfo'].get('transactionUuid') or '')
        self.drafts[f'{tenant["tax_code"]} {uuid}'] = body
        return done({})

    def batch(self, request):
        """Up to 50, each for itself (README 8)."""
        body = self.body(request)
        tenant = self.path_tenant(request)
        inputs = body.get('commonInvoiceInputs') if isinstance(body, dict) else None
        if not isinstance(inputs, list) or not 1 <= len(inputs) <= MAX_BATCH:
            raise Problem(None, f'Số hóa đơn trong lô phải từ 1 đến {MAX_BATCH}')
        outputs, failed = [], 0
        for one in inputs:
            uuid = ''
            try:
                validate.shape(one)
                uuid = str(one['generalInvoiceInfo'].get('transactionUuid') or '')
                result = self.result(self.issue(request, tenant, one))
                outputs.append({'transactionUuid': uuid, 'errorCode': None,
                                'description': None, 'result': result})
            except Problem as problem:
                failed += 1
                outputs.append({
                    'transactionUuid': uuid, 'errorCode': problem.key or 'ERROR',
                    'description': problem.text, 'result': None})
        return Response(json={
            'createInvoiceOutputs': outputs, 'lstMapError': [],
            'totalSuccess': len(outputs) - failed, 'totalFail': failed})
