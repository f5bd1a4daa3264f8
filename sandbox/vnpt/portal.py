"""PortalService: lists, files, views (README 7)."""

import base64
import io
import zipfile
from datetime import date
from html import escape

from lxml import etree

from sandbox.einvoice import legal_xml, paper
from sandbox.einvoice.document import local

from . import invoice as inv
from .errors import Err
from .tenants import with_code


def dmy(day):
    return f'{day[8:10]}/{day[5:7]}/{day[:4]}'


class Portal:
    """Part of Provider."""

    # === LISTS === #

    def listInvByCusFkey(self, tenant, a):
        found = self.by_key(tenant, a['key'])
        return self.listed(self.in_period([found] if found else [], a))

    def listInvByCus(self, tenant, a):
        found = [one for one in self.mine(tenant)
                 if one['read']['buyer'].get('MKHang') == a['cusCode']]
        return self.listed(self.in_period(found, a))

    def listInvFromNoToNo(self, tenant, a):
        row = self.registered_or(tenant, a['invPattern'], a['invSerial'], 4)
        try:
            first, last = int(a['invFromNo']), int(a['invToNo'])
        except (TypeError, ValueError):
            raise Err(5) from None
        if last - first >= 100:
            raise Err(10)
        return self.listed([
            one for one in self.mine(tenant) if one['number']
            and (one['pattern'], one['serial']) == (row['pattern'], row['serial'])
            and first <= one['number'] <= last])

    def GetInvViewByDate(self, tenant, a):
        row = self.registered_or(tenant, a['pattern'], a['serial'], 4)
        first, last = (self.vietnamese_day(a[name], 5) for name in ('fromDate', 'toDate'))
        if (date.fromisoformat(last) - date.fromisoformat(first)).days > 7:
            raise Err(10)
        found = [
            one for one in self.mine(tenant) if one['number']
            and (one['pattern'], one['serial']) == (row['pattern'], row['serial'])
            and first <= one['date'] <= last]
        if len(found) > self.settings['list_limit']:
            raise Err(10)
        return self.listed(found)

    def registered_or(self, tenant, pattern, serial, code):
        try:
            return self.registered(tenant, pattern, serial)
        except Err:
            raise Err(code) from None

    def in_period(self, found, a):
        """fromDate and toDate may be left out."""
        first = self.vietnamese_day(a['fromDate'], 5) if a['fromDate'] else '0001-01-01'
        last = self.vietnamese_day(a['toDate'], 5) if a['toDate'] else '9999-12-31'
        return [one for one in found if first <= self.day_of(one) <= last]

    def day_of(self, invoice):
        return invoice['date'] or local(invoice['made']).date().isoformat()

    def listed(self, found):
        if not found and self.settings['nothing_listed'] != 'empty':
            raise Err(6)
        root = etree.Element('Data')
        for one in found:
            moment, node = local(one['published'] or one['made']), etree.SubElement(
                root, 'Item')
            form = one['pattern'][0]
            for name, value in (
                ('index', one['id']), ('cusCode', one['read']['buyer'].get('MKHang')),
                ('month', ''),
                ('name', 'Hóa đơn GTGT' if form == '1' else 'Hóa đơn bán hàng'),
                ('publishDate',
                 f'{dmy(self.day_of(one))} {moment:%H:%M:%S}' if one['number'] else ''),
                ('signStatus', 0), ('pattern', one['pattern']), ('serial', one['serial']),
                ('invNum', one['number'] or 0), ('amount', f'{inv.total(one):f}'),
                ('status', one['status']), ('cusname', inv.buyer_name(one)),
                ('payment', int(one['paid'])), ('converted', int(one['converted'])),
            ):
                etree.SubElement(node, name).text = str('' if value is None else value)
        text = etree.tostring(root, encoding='unicode')
        return ('OK: ' if self.settings['list_says_ok'] else '') + text

    # === FILES === #

    def readable(self, tenant, found, pay):
        """README 7: 6 not there, 11 not paid, 12 / 13 not accepted yet."""
        if not found or not found['number']:
            raise Err(6)
        if pay and not found['paid']:
            raise Err(11)
        self.advance(found, poll=True)
        if not inv.has_value(found):
            raise Err(12 if with_code(found['serial']) else 13)
        return found

    def document(self, invoice, draft=False):
        return inv.document(invoice, self.tenants[invoice['tenant']], draft)

    def legal_xml(self, invoice):
        return legal_xml.render(self.document(invoice))

    def pdf(self, invoice, draft=False):
        content = paper.pdf(self.document(invoice, draft), draft)
        return base64.b64encode(content).decode()

    def html(self, invoice, title='Hóa đơn'):
        doc = self.document(invoice)
        rows = ''.join(f'<tr><td>{escape(line.name)}</td><td>{line.amount}</td></tr>'
                       for line in doc.lines)
        return (f'<html><body><h1>{title} {doc.form}{doc.series} {doc.number}</h1>'
                f'<p>{escape(doc.buyer.name)}</p><table>{rows}</table>'
                f'<p>{doc.total}</p></body></html>')

    def downloadInvPDFFkeyNoPay(self, tenant, a, pay=False):
        return self.pdf(self.readable(tenant, self.by_key(tenant, a['fkey']), pay))

    def downloadInvPDFFkey(self, tenant, a):
        return self.downloadInvPDFFkeyNoPay(tenant, a, pay=True)

    def downloadInvPDFNoPay(self, tenant, a, pay=False):
        return self.pdf(self.readable(tenant, self.by_token(tenant, a['invToken']), pay))

    def downloadInvPDF(self, tenant, a):
        return self.downloadInvPDFNoPay(tenant, a, pay=True)

    def downloadNewInvPDFFkey(self, tenant, a):
        return self.pdf(self.draft(tenant, a), draft=True)

    def downloadInvFkeyNoPay(self, tenant, a, pay=False):
        found = self.readable(tenant, self.by_key(tenant, a['fkey']), pay)
        return self.xml_text(found)

    def downloadInvFkey(self, tenant, a):
        return self.downloadInvFkeyNoPay(tenant, a, pay=True)

    def downloadInvNoPay(self, tenant, a, pay=False):
        found = self.readable(tenant, self.by_token(tenant, a['invToken']), pay)
        return self.xml_text(found)

    def downloadInv(self, tenant, a):
        return self.downloadInvNoPay(tenant, a, pay=True)

    def xml_text(self, invoice):
        """Without its declaration: it is text inside XML."""
        return self.legal_xml(invoice).decode().split('?>', 1)[1].strip()

    def downloadInvZipFkey(self, tenant, a):
        found = self.readable(
            tenant, self.by_key(tenant, a['fkey']), a['checkPayment'])
        out = io.BytesIO()
        with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
            name = inv.token(found).replace('/', '').replace(';', '_')
            archive.writestr(f'{name}.xml', self.legal_xml(found))
        return base64.b64encode(out.getvalue()).decode()

    # === VIEWS === #

    def getInvViewFkeyNoPay(self, tenant, a, pay=False):
        return self.html(self.readable(tenant, self.by_key(tenant, a['fkey']), pay))

    def getInvViewFkey(self, tenant, a):
        return self.getInvViewFkeyNoPay(tenant, a, pay=True)

    def getInvViewNoPay(self, tenant, a, pay=False):
        return self.html(self.readable(tenant, self.by_token(tenant, a['invToken']), pay))

    def getInvView(self, tenant, a):
        return self.getInvViewNoPay(tenant, a, pay=True)

    def draft(self, tenant, a):
        found = self.by_key(tenant, a['fkey'])
        if not found or found['number']:
            raise Err(6)
        return found

    def getNewInvViewFkey(self, tenant, a):
        return self.html(self.draft(tenant, a))

    def convertForStoreFkey(self, tenant, a):
        found = self.readable(tenant, self.by_key(tenant, a['fkey']), False)
        found['converted'] = True
        return self.html(found, 'Hóa đơn chuyển đổi')

    def convertForVerifyFkey(self, tenant, a):
        """Only once."""
        found = self.readable(tenant, self.by_key(tenant, a['fkey']), False)
        if found['verified']:
            raise Err(8)
        found['verified'] = found['converted'] = True
        return self.html(found, 'Hóa đơn chuyển đổi')

    def GetInvErrorViewFkey(self, tenant, a):
        found = self.by_key(tenant, a['fkey'])
        if not found or not found['number'] or found['filing']['state'] != 'refused':
            raise Err(6)
        return self.html(found, 'Hóa đơn sai sót')

    def getCus(self, tenant, a):
        """README 7: what it says of an unknown one is unsure."""
        row = self.customers.get(f'{tenant["name"]} {a["cusCode"]}')
        if not row:
            raise Err(6)
        root = etree.Element('Customer')
        for name, value in row.items():
            etree.SubElement(root, name).text = value
        return etree.tostring(root, encoding='unicode')
