"""What happens to an issued invoice: payment state, mail, sending (README 8)."""

from sandbox.frame import Response

from . import fields
from . import invoice as inv
from .envelope import Problem, done
from .queries import day


class Aftercare:
    """Part of Provider."""

    def payable(self, request):
        data = self.form(request)
        tenant = self.tenant(request, data.get('supplierTaxCode'))
        fields.check(data, fields.LOOKUP_NUMBER)
        invoice = self.invoices.get(f'{tenant["tax_code"]}:{data["invoiceNo"]}')
        if not invoice:
            raise Problem('NOT_FOUND_DATA')
        given = data.get('strIssueDate')
        if not fields.empty(given) and not fields.is_moment(given):
            raise Problem('BAD_REQUEST_ISSUE_DATE_REQUIRED', 'strIssueDate không hợp lệ')
        request.reference = invoice['uuid']
        return data, invoice

    def pay(self, request):
        data, invoice = self.payable(request)
        if fields.empty(data.get('templateCode')):
            raise Problem('BAD_REQUEST_TEMPLATE_CODE_REQUIRED')
        if invoice['template'] != data['templateCode']:
            raise Problem('NOT_FOUND_DATA')
        if invoice['paid']:
            raise Problem('INVOICE_PAID')
        invoice['paid'], invoice['paid_ms'] = True, self.now_ms()
        self.effect('update_payment', invoice['uuid'], invoice['invoiceNo'])
        return done(True, paymentTime=invoice['paid_ms'],
                    paymentMethod=data.get('paymentMethodName') or 'TM/CK')

    def unpay(self, request):
        data, invoice = self.payable(request)
        if fields.empty(data.get('strIssueDate')):
            raise Problem('BAD_REQUEST_ISSUE_DATE_REQUIRED')
        if not invoice['paid']:
            raise Problem('NO_RECORD_UPDATED')
        invoice['paid'], invoice['paid_ms'] = False, None
        self.effect('cancel_payment', invoice['uuid'], invoice['invoiceNo'])
        return done(True)

    def mail(self, request):
        data = self.body(request)
        tenant = self.tenant(request, data.get('supplierTaxCode'))
        uuids = [u for u in str(data.get('lstTransactionUuid') or '').split(',') if u]
        if not uuids:
            raise Problem('BAD_REQUEST_LST_TRANSACTION_UUID_REQUIRED')
        if not self.settings['mail_configured']:
            raise Problem('EMAIL_NOT_CONFIG')
        found = [i for uuid in uuids for i in self.by_uuid(tenant, uuid.strip())]
        if not found:
            raise Problem('NOT_FOUND_DATA')
        for invoice in found:
            if fields.empty((invoice['body'].get('buyerInfo') or {}).get('buyerEmail')):
                raise Problem('BUYER_EMAIL_REQUIRED')
        for invoice in found:
            invoice['mails'] += 1
            self.effect('send_mail', invoice['uuid'], invoice['invoiceNo'])
        return Response(json={'code': '200', 'message': 'OK'})

    def send_to_tax(self, request):
        data = self.form(request)
        tenant = self.tenant(request, data.get('supplierTaxCode'))
        day(data.get('startDate'), 'BAD_REQUEST_START_DATE_REQUIRED')
        day(data.get('endDate'), 'BAD_REQUEST_END_DATE_REQUIRED')
        uuids = [u for u in (data.get('transactionUuid') or '').split(',') if u]
        if not uuids:
            raise Problem('BAD_REQUEST_TRANSACTION_UUID_REQUIRED')
        request.reference = ','.join(uuids)
        errors = []
        for uuid in uuids:
            found = self.by_uuid(tenant, uuid.strip())
            if not found:
                errors.append({'transactionUuid': uuid, 'message': 'INVOCIE_NOT_FOUND',
                               'detail': 'Không tìm thấy hóa đơn'})
            for invoice in found:
                if inv.send(invoice, self.now_ms()):
                    self.effect('send_to_tax', uuid, invoice['invoiceNo'])
                else:
                    errors.append({
                        'transactionUuid': uuid, 'message': 'INVOICE_SENT',
                        'detail': 'Hóa đơn đã được gửi cơ quan thuế'})
        return Response(json={
            'errorCode': None, 'description': None, 'total': str(len(uuids)),
            'success': str(len(uuids) - len(errors)), 'fail': str(len(errors)),
            'errorlist': errors})

    def cancel(self, request):
        """README 7: gone since 1 June 2025."""
        raise Problem(
            None, 'Chức năng hủy hóa đơn đã ngừng cung cấp từ ngày 01/06/2025')
