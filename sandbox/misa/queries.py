"""Templates, status, files, lists (README 7, 8)."""

import base64
import io
import re
import zipfile

from sandbox.einvoice import legal_xml, paper, tax_office
from sandbox.einvoice.document import local
from sandbox.frame import Response

from . import invoice as inv
from .envelope import EMPTY_DATE, Problem, flag, parsed, texts
from .fields import EMAIL
from .tenants import cash_register, with_code

MAX_PAGE = 100


class Queries:
    """Part of Provider: what is asked about issued invoices."""

    # === SHOWING === #

    def shown_series(self, series):
        return series if self.settings['result_series'] == 'full' else series[1:]

    def shown_day(self, day):
        return f'{day}T00:00:00' + ('+07:00' if self.settings['zone_in_replies'] else '')

    def shown_time(self, seconds):
        text = local(seconds).strftime('%Y-%m-%dT%H:%M:%S')
        return text + ('+07:00' if self.settings['zone_in_replies'] else '')

    def status_row(self, invoice, number_as_int=False):
        data, series, number = invoice['data'], invoice['series'], invoice['number']
        return {
            'TransactionID': invoice['id'], 'RefID': invoice['ref_id'],
            'InvNo': number if number_as_int else f'{number:08d}',
            'InvSeries': self.shown_series(series), 'InvTempl': series[0],
            'InvDate': self.shown_day(invoice['date']),
            'BuyerName': data.get('BuyerLegalName') or '',
            'BuyerTaxCode': data.get('BuyerTaxCode') or '',
            'BuyerCode': data.get('BuyerCode') or '',
            'BuyerFullName': data.get('BuyerFullName') or '', 'PublishStatus': 1,
            'EInvoiceStatus': inv.e_invoice_status(invoice),
            'ReferenceType': invoice['reference'],
            'SendTaxStatus': inv.send_tax_status(invoice),
            'InvoiceCode': invoice['filing']['code'] or '',
            'TotalAmount': data['TotalAmount'], 'IsSentEmail': bool(invoice['mails']),
            'IsDelete': False, 'DeletedDate': EMPTY_DATE, 'DeletedReason': None,
            'ReceivedStatus': 0, 'SourceType': 1 if invoice['source'] == 'web' else 0,
            'PublishedTime': self.shown_time(invoice['published'])}

    def flags(self, request):
        return flag(request, 'invoiceWithCode'), flag(request, 'invoiceCalcu')

    def flagged(self, invoice, flags):
        """README 7: an invoice is only found with the flags of its series."""
        series = invoice['series']
        return flags == (with_code(series), cash_register(series))

    # === TEMPLATES === #

    def template_row(self, tenant, row):
        series = row['series']
        return {
            'IPTemplateID': row['template_id'], 'CompanyID': 66465,
            'TemplateName': ('Hóa đơn GTGT' if series[0] == '1' else 'Hóa đơn bán hàng'),
            'InvTemplateNo': series[0], 'InvSeries': series, 'OrgInvSeries': series[1:],
            'TemplateType': 1, 'CreatedDate': f'20{series[2:4]}-01-01T00:00:00',
            'ModifiedDate': EMPTY_DATE, 'Inactive': row['inactive'],
            'IsInheritFromOldTemplate': False, 'IsSendSummary': row['summary'],
            'IsTemplatePetrol': False, 'IsMoreVATRate': row['more_rates']}

    def template_rows(self, tenant, code=None, year=None):
        return [
            self.template_row(tenant, row) for row in tenant['series']
            if (code is None or with_code(row['series']) == code)
            and (year is None or row['series'][2:4] == year[-2:])]

    def templates(self, request):
        code = flag(request, 'invoiceWithCode', None)
        year = request.query.get('year')
        if year is not None and not re.fullmatch(r'\d{4}', year):
            raise Problem('InvalidParameter', request=True)
        rows = [] if flag(request, 'ticket') else self.template_rows(
            request.tenant, code, year)
        return self.done(self.packed(rows))

    # === STATUS === #

    def status(self, request):
        names = texts(request, self.settings['max_status'])
        request.reference = ','.join(names)
        kind = request.query.get('inputType', '1')
        if kind not in ('1', '2'):
            raise Problem('InvalidParameter', request=True)
        flags, tenant, rows = self.flags(request), request.tenant, []
        for name in dict.fromkeys(names):
            found = self.by_ref(tenant, name) if kind == '2' else (
                self.of_tenant(tenant, name))
            if found and self.flagged(found, flags) and not self.too_fresh(found):
                self.advance(found, poll=True)
                rows.append(self.status_row(found))
        return self.done(self.packed(rows))

    def of_tenant(self, tenant, transaction):
        found = self.invoices.get(transaction) if isinstance(transaction, str) else None
        return found if found and found['tenant'] == tenant['tax_code'] else None

    def too_fresh(self, invoice):
        """README 7: a correction is not seen for some 100 ms."""
        late = self.settings['correction_seen_after_ms'] if invoice['reference'] else 0
        return (self.time() - invoice['published']) * 1000 < late

    def advance(self, invoice, poll=False):
        data = invoice['data']
        fatal = tax_office.doom(
            self.settings, data.get('BuyerTaxCode'), inv.names(invoice))
        if not fatal and invoice['reference'] and data['OrgInvoiceType'] == 1 and (
            not self.original(self.tenants[invoice['tenant']], data)
        ) and ''.join(str(data[name]) for name in (
            'OrgInvTemplateNo', 'OrgInvSeries', 'OrgInvNo',
        )) not in self.settings['known_elsewhere']:
            fatal = 'Không tìm thấy hóa đơn bị điều chỉnh/thay thế'
        tax_office.advance(
            invoice['filing'], self.settings, self.time(),
            with_code(invoice['series']), poll, fatal)

    # === FILES === #

    def download(self, request):
        names = texts(request, self.settings['max_status'])
        request.reference = ','.join(names)
        kind = request.query.get('downloadDataType', '').lower()
        if kind not in ('pdf', 'xml', 'all'):
            raise Problem('InvalidParameter', request=True)
        flags, rows = self.flags(request), []
        for name in names:
            found = self.readable(request.tenant, name, flags)
            rows.append({
                'TransactionID': name,
                'Data': self.file(request.tenant, found, kind) if found else None,
                'ErrorCode': None if found else 'InvoiceNotExist'})
        return self.done(self.packed(rows))

    def readable(self, tenant, name, flags=None):
        """An invoice old enough to be read, else None."""
        found = self.of_tenant(tenant, name)
        if not found or (flags and not self.flagged(found, flags)):
            return None
        fresh = self.time() - found['published'] < self.settings['files_after_seconds']
        return None if fresh else found

    def file(self, tenant, invoice, kind):
        if self.settings['download_as'] == 'link':
            return self.link({'invoice': invoice['id'], 'kind': kind})
        content = self.content(tenant, invoice, kind)
        return content.decode() if kind == 'xml' else base64.b64encode(content).decode()

    def content(self, tenant, invoice, kind):
        doc = inv.document(invoice, tenant)
        if kind == 'pdf':
            return paper.pdf(doc)
        xml = (invoice['signed_xml'] or '').encode() or legal_xml.render(doc)
        if kind == 'xml':
            return xml
        out = io.BytesIO()
        with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f'{invoice["id"]}.xml', xml)
            archive.writestr(f'{invoice["id"]}.pdf', paper.pdf(doc))
        return out.getvalue()

    def view(self, request):
        """What the links show; they die after some minutes."""
        target = self.links.get(request.vars['name'])
        if not target or target['until'] < self.time():
            return Response(404, body='Link đã hết hạn', refused='expired link')
        if 'draft' in target:
            draft = target['draft']
            doc = inv.document(draft, self.tenants[draft['tenant']], draft=True)
            return Response(
                body=paper.pdf(doc, draft=True), content_type='application/pdf')
        invoice, kind = self.invoices[target['invoice']], target.get('kind', 'pdf')
        content = self.content(self.tenants[invoice['tenant']], invoice, kind)
        return Response(body=content, content_type={
            'pdf': 'application/pdf', 'xml': 'application/xml'}.get(
                kind, 'application/zip'))

    def publish_view(self, request):
        names = texts(request, self.settings['max_status'])
        found = [self.readable(request.tenant, name) for name in names]
        if not found or None in found:
            raise Problem('InvoiceNotExist', request=True)
        return self.done(self.link({'invoice': found[0]['id']}))

    def paper_copy(self, request):
        """README 8: the answer's shape is unsure."""
        body = parsed(request, dict)
        names = body.get('TransactionIDList')
        if not isinstance(names, list) or not names or not body.get('Converter'):
            raise Problem('ConvertError', request=True)
        found = [self.readable(request.tenant, name) for name in names]
        if None in found:
            raise Problem('InvoiceNotExist', request=True)
        return self.done(self.packed([{
            'TransactionID': one['id'], 'ErrorCode': None,
            'Data': self.file(request.tenant, one, 'pdf')} for one in found]))

    # === MAIL, LIST === #

    def send_mail(self, request):
        body = parsed(request, dict)
        orders = body.get('SendEmailDatas')
        if not isinstance(orders, list) or not orders or not all(
            isinstance(one, dict) for one in orders
        ):
            raise Problem('InvalidParameter', request=True)
        flags = (bool(body.get('IsInvoiceCode')),
                 bool(body.get('IsInvoiceCalculatingMachine')))
        rows = []
        for one in orders:
            found = self.readable(request.tenant, one.get('TransactionID'), flags)
            addresses = str(one.get('ReceiverEmail') or '').split(';')
            error = None if found else 'InvoiceNotExist'
            if found and not all(EMAIL.fullmatch(a.strip()) for a in addresses):
                error = 'Invalid_[ReceiverEmail]'
            if not error:
                found['mails'] += 1
                self.effect('send_mail', found['ref_id'], one['ReceiverEmail'])
            rows.append({
                'TransactionID': one.get('TransactionID'), 'ErrorCode': error,
                'SendEmailStatus': 2 if error else 1})
        return self.done(self.packed(rows))

    def paging(self, request):
        """README 8: invoices of a period; its filters are unsure."""
        body = parsed(request, dict)
        days = [str(body.get(name) or '')[:10] for name in ('FromDate', 'ToDate')]
        skip, take = body.get('Skip', 0), body.get('Take', MAX_PAGE)
        if not all(re.fullmatch(r'\d{4}-\d\d-\d\d', d) for d in days) or not all(
            isinstance(n, int) and n >= 0 for n in (skip, take)
        ) or take > MAX_PAGE:
            raise Problem('InvalidParameter', request=True)
        found = [
            i for i in self.invoices.values()
            if i['tenant'] == request.tenant['tax_code']
            and days[0] <= i['date'] <= days[1]]
        rows = [self.status_row(i, number_as_int=self.settings['numbers_as_int'])
                for i in found[skip:skip + take]]
        return self.done(self.packed({'Total': len(found), 'PageData': rows}))
