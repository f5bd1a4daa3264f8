"""Look-ups, lists and files (README 8, 9)."""

import base64
from datetime import datetime, timedelta, timezone

from sandbox.einvoice.document import VIETNAM
from sandbox.frame import Refused, Response

from . import fields, files
from . import invoice as inv
from .envelope import Problem, done

EXCHANGE_NUMBERS = {'NOT_SENT': 0, 'SENT': 1, 'APPROVED': 2, 'DIS_APPROVED': 3}


def day(text, key, pattern='%Y-%m-%d', zone=VIETNAM):
    """Start of the day as a datetime.

    :raise Problem: missing (``key``) or in another format
    """
    if fields.empty(text):
        raise Problem(key)
    try:
        if len(str(text)) != 10:
            raise ValueError
        return datetime.strptime(str(text), pattern).replace(tzinfo=zone)
    except ValueError:
        raise Problem(None, f'Ngày {text} sai định dạng') from None


class Queries:
    """Part of Provider: what only reads."""

    def search_uuid(self, request):
        data = self.form(request)
        tenant = self.tenant(request, data.get('supplierTaxCode'))
        uuid = data.get('transactionUuid')
        request.reference = uuid or ''
        if not uuid:
            raise Problem('BAD_REQUEST_TRANSACTION_UUID_REQUIRED')
        found = self.by_uuid(tenant, uuid)
        if not found:
            raise Problem('NOT_FOUND_DATA')
        for invoice in found:
            inv.advance(invoice, self.settings, self.now_ms(), poll=True)
        return Response(json={
            'errorCode': None, 'description': None, 'transactionUuid': uuid,
            'result': [{
                'supplierTaxCode': i['tenant'], 'invoiceNo': i['invoiceNo'],
                'reservationCode': i['reservationCode'], 'issueDate': i['issued_ms'],
                'status': inv.STATUS[i['status']],
                'exchangeStatus': inv.exchange_status(i), 'exchangeDes': i['refusal'],
                'codeOfTax': i['code'],
            } for i in found]})

    # === FILES === #

    def named(self, request, data):
        """The invoice that supplierTaxCode, templateCode and invoiceNo name."""
        tenant = self.tenant(request, data.get('supplierTaxCode'))
        fields.check(data, fields.LOOKUP_NUMBER)
        if fields.empty(data.get('templateCode')):
            raise Problem('BAD_REQUEST_TEMPLATE_CODE_REQUIRED')
        invoice = self.invoices.get(f'{tenant["tax_code"]}:{data["invoiceNo"]}')
        if not invoice or invoice['template'] != data['templateCode']:
            raise Problem('NOT_FOUND_DATA')
        request.reference = invoice['uuid']
        return tenant, invoice

    def file(self, request):
        data = self.body(request)
        tenant, invoice = self.named(request, data)
        kind = str(data.get('fileType') or '')
        if len(kind) != 3:
            raise Problem('BAD_REQUEST_FILE_TYPE_LENGTH_INVALID')
        if kind not in ('PDF', 'ZIP'):
            raise Problem(None, 'fileType không hợp lệ')
        if tenant['strict'] and not fields.empty(data.get('transactionUuid')):
            raise Problem(None, 'transactionUuid không hợp lệ')
        invoice['file_calls'] += 1
        if invoice['file_calls'] <= self.settings['files_late_calls']:
            if self.settings['files_late'] == 'not_found':
                raise Problem('NOT_FOUND_DATA')
            return self.file_answer(invoice, b'', kind)
        return self.file_answer(invoice, self.content(invoice, tenant, kind), kind)

    def content(self, invoice, tenant, kind):
        if kind == 'PDF':
            return files.pdf(invoice, tenant)
        original = self.invoices.get(f'{invoice["tenant"]}:{invoice["adjustment_of"]}')
        return files.zipped(invoice, tenant, original, self.settings['zip'] == 'flat')

    def file_answer(self, invoice, content, kind):
        return Response(json={
            'errorCode': 200, 'description': None,
            'fileToBytes': base64.b64encode(content).decode(),
            'fileName': f'{invoice["tenant"]}-{invoice["invoiceNo"]}.{kind.lower()}',
            'paymentStatus': invoice['paid']})

    def portal_file(self, request):
        """What the buyer gets with the secret look-up code."""
        data = self.form(request)
        if fields.empty(data.get('reservationCode')):
            raise Problem('NOT_FOUND_DATA')
        tenant, invoice = self.named(request, data)
        if invoice['reservationCode'] != data['reservationCode']:
            raise Problem('NOT_FOUND_DATA')
        kind = str(data.get('fileType') or '')
        if kind == 'xml':
            original = self.invoices.get(
                f'{invoice["tenant"]}:{invoice["adjustment_of"]}')
            content = files.render(invoice, tenant, original)
        elif kind == 'zip':
            content = self.content(invoice, tenant, 'ZIP')
        else:
            raise Problem('BAD_REQUEST_FILE_TYPE_LENGTH_INVALID')
        return self.file_answer(invoice, content, kind)

    def exchange_file(self, request):
        """The converted paper copy."""
        data = self.form(request)
        if fields.empty(data.get('exchangeUser')):
            raise Problem('BAD_REQUEST_EXCHANGE_USER_REQUIRED')
        if len(data['exchangeUser']) > 100:
            raise Problem('BAD_REQUEST_EXCHANGE_USER_MAX_LENGTH')
        tenant = self.tenant(request, data.get('supplierTaxCode'))
        fields.check(data, fields.LOOKUP_NUMBER)
        invoice = self.invoices.get(f'{tenant["tax_code"]}:{data["invoiceNo"]}')
        if not invoice:
            raise Problem('NOT_FOUND_DATA')
        return self.file_answer(invoice, self.content(invoice, tenant, 'PDF'), 'PDF')

    # === LISTS === #

    def list_all(self, request):
        """getInvoices, getAllInvoices (days in UTC), getInvoicesAll (UTC+7)."""
        data = self.body(request)
        tenant = self.path_tenant(request)
        zone = timezone.utc if request.route.options.get('utc') else VIETNAM
        start = day(data.get('startDate'), 'BAD_REQUEST_START_DATE_REQUIRED', zone=zone)
        end = day(data.get('endDate'), 'BAD_REQUEST_END_DATE_REQUIRED', zone=zone)
        size, page = data.get('rowPerPage'), data.get('pageNum')
        for name, value, least in (('ROW_PER_PAGE', size, 1), ('PAGE_NUM', page, 0)):
            if fields.empty(value):
                raise Problem(f'BAD_REQUEST_{name}_REQUIRED')
            if fields.moment(value) is None or fields.moment(value) < least:
                raise Problem(f'BAD_REQUEST_{name}_MIN_VALUE')
        size, page = fields.moment(size), fields.moment(page)
        if page == 0:
            raise Refused(Response(500, json={
                'code': 500, 'message': 'Page index must not be less than zero',
                'data': None}), 'page 0')
        rows = [
            i for i in self.invoices.values()
            if i['tenant'] == tenant['tax_code'] and self.within(i, start, end)
            and self.chosen(i, data)
        ]
        rows.sort(key=lambda i: (-i['issued_ms'], i['series'], -i['number']))
        chosen = rows[(page - 1) * size:page * size]
        return Response(json={
            'errorCode': None, 'description': None, 'totalRows': len(rows),
            'invoices': [
                self.listed(i, request.route.options.get('long')) for i in chosen]})

    def within(self, invoice, start, end):
        first = start.timestamp() * 1000
        return first <= invoice['issued_ms'] < (
            (end + timedelta(days=1)).timestamp() * 1000)

    def chosen(self, invoice, data):
        buyer = invoice['body'].get('buyerInfo') or {}
        wanted = {
            'invoiceNo': invoice['invoiceNo'], 'templateCode': invoice['template'],
            'invoiceSeri': invoice['series'], 'invoiceType': invoice['template'][0],
            'buyerTaxCode': buyer.get('buyerTaxCode'),
            'buyerIdNo': buyer.get('buyerIdNo'), 'adjustmentType': invoice['adjustment'],
        }
        return all(
            fields.empty(data.get(name)) or str(data[name]) == str(value)
            for name, value in wanted.items())

    def listed(self, invoice, long):
        buyer = invoice['body'].get('buyerInfo') or {}
        payment = invoice['body']['payments'][0]
        row = {
            'invoiceId': int(invoice['transactionID']),
            'invoiceType': invoice['template'][0],
            'adjustmentType': invoice['adjustment'],
            'templateCode': invoice['template'], 'invoiceSeri': invoice['series'],
            'invoiceNumber': str(invoice['number']), 'invoiceNo': invoice['invoiceNo'],
            'currency': invoice['currency'], 'total': invoice['total'],
            'totalBeforeTax': invoice['net'], 'taxAmount': invoice['tax'],
            'issueDate': invoice['issued_ms'], 'createTime': invoice['created_ms'],
            'state': 1, 'stateCode': 1, 'paymentStatus': int(invoice['paid']),
            'paymentStatusName':
                'Đã thanh toán' if invoice['paid'] else 'Chưa thanh toán',
            'paymentMethod': payment.get('paymentMethodName'),
            'paymentTime': invoice['paid_ms'],
            'exchangeStatus': EXCHANGE_NUMBERS[invoice['exchange']],
            'supplierTaxCode': invoice['tenant'],
            'buyerTaxCode': buyer.get('buyerTaxCode'),
            'buyerName': buyer.get('buyerName'), 'transactionUuid': invoice['uuid'],
            'originalInvoiceId': invoice['adjustment_of'],
        }
        if long:
            row.update(
                products=[
                    {'itemName': i.get('itemName')}
                    for i in invoice['body'].get('itemInfo') or []],
                buyerCode=buyer.get('buyerCode'),
                buyerAddress=buyer.get('buyerAddressLine'),
                exchangeRate=invoice['body']['generalInvoiceInfo'].get('exchangeRate'),
                listInfoUpdate=[])
        return row

    def data_control(self, request):
        data = self.body(request)
        tenant = self.tenant(request, data.get('supplierTaxCode'))
        pattern = '%d/%m/%Y'
        start = day(data.get('fromDate'), 'BAD_REQUEST_FROM_DATE_REQUIRED', pattern)
        end = day(data.get('toDate'), 'BAD_REQUEST_TO_DATE_REQUIRED', pattern)
        rows = [
            self.listed(i, False) for i in self.invoices.values()
            if i['tenant'] == tenant['tax_code'] and self.within(i, start, end)]
        return Response(json={'errorCode': None, 'description': None,
                              'totalRows': len(rows), 'invoices': rows})

    # === TENANT DATA === #

    def numbers_left(self, request):
        data = self.body(request)
        tenant = self.tenant(request, data.get('supplierTaxCode'))
        template = data.get('templateCode') or data.get('pattern')
        if fields.empty(template):
            raise Problem('BAD_REQUEST_TEMPLATE_CODE_REQUIRED')
        if fields.empty(data.get('serial')):
            raise Problem('BAD_REQUEST_INVOICE_SERIAL_REQUIRED')
        for row in tenant['series']:
            if (row['templateCode'], row['invoiceSeri']) == (template, data['serial']):
                return Response(json={
                    'errorCode': None, 'description': None, 'status': 200,
                    'numOfpublishInv': row['total'], 'totalInv': row['used']})
        raise Problem('TEMPLATE_NOT_FOUND')

    def templates(self, request):
        data = self.body(request)
        tenant = self.tenant(request, data.get('taxCode'))
        kind = str(data.get('invoiceType') or '')
        if not kind:
            raise Problem(None, 'invoiceType không được để trống')
        return Response(json={
            'errorCode': None, 'description': None,
            'template': [
                {name: r[name] for name in ('templateCode', 'invoiceSeri', 'taxPolicy')}
                for r in tenant['series']
                if r['active'] and kind in ('all', r['templateCode'][0])]})

    def custom_fields(self, request):
        tenant = self.tenant(request, request.query.get('taxCode'))
        if fields.empty(request.query.get('templateCode')):
            raise Problem('BAD_REQUEST_TEMPLATE_CODE_REQUIRED')
        return done(None, customFields=tenant['custom_fields'])
