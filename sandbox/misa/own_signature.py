"""SignType 1 (README 6): an unsigned XML is handed out, the signed one comes back."""

import base64
import binascii
import hashlib

from lxml import etree

from sandbox.einvoice import legal_xml
from sandbox.einvoice.legal_xml import SIGN

from . import invoice as inv
from .envelope import Problem

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
DIGESTS = {
    'http://www.w3.org/2000/09/xmldsig#sha1': hashlib.sha1,
    'http://www.w3.org/2001/04/xmlenc#sha256': hashlib.sha256,
}
N = {'d': SIGN}


class OwnSignature:
    """Part of Provider."""

    def create_unsigned(self, tenant, invoices):
        """Step 1 keeps nothing: the number is only a projection."""
        items, projected = [], {}
        for data in invoices:
            try:
                row = dict(self.checked(tenant, data))
            except Problem as problem:
                if problem.request:
                    raise
                items.append(self.failed(data, problem))
                continue
            series = row['series']
            row['last_no'] += projected.get(series, 0) + 1
            projected[series] = projected.get(series, 0) + 1
            draft = inv.new(tenant, row, data, self.time())
            xml = legal_xml.render(inv.document(draft, tenant), signed=False)
            self.handed_out[draft['id']] = data
            items.append({**self.succeeded(draft), 'InvCode': None,
                          'InvoiceData': xml.decode()})
        return self.results(items, unsigned=True)

    def publish_signed(self, request, tenant, order):
        rows = order['PublishInvoiceData']
        if order.get('InvoiceData') is not None or not isinstance(rows, list) or not (
            rows and all(isinstance(row, dict) for row in rows)
        ):
            raise Problem('InvalidParameter', request=True)
        if len(rows) > self.settings['max_invoices']:
            raise Problem('InvoiceQuantityTooLarge', request=True, status=400)
        request.reference = ','.join(str(row.get('RefID') or '') for row in rows)
        items = []
        for row in rows:
            try:
                items.append(self.succeeded(self.signed(tenant, row)))
            except Problem as problem:
                items.append(self.failed(row, problem))
        return self.after_issue(request, items)

    def signed(self, tenant, row):
        ref, transaction = row.get('RefID'), row.get('TransactionID')
        if isinstance(ref, str) and self.by_ref(tenant, ref):
            raise Problem('DuplicateInvoiceRefID')
        if not isinstance(transaction, str):
            raise Problem('InvalidTransactionID')
        if transaction in self.invoices:
            raise Problem('DuplicateTransactionID')
        data = self.handed_out.get(transaction)
        if not data or data['RefID'] != ref or data['InvSeries'] != row.get('InvSeries'):
            raise Problem('InvalidTransactionID')
        root = self.read_signed(row.get('InvoiceData'), transaction)
        series = self.checked(tenant, data)
        if root.findtext('DLHDon/TTChung/SHDon') != f'{series["last_no"] + 1:08d}':
            raise Problem('InvalidInvNo')
        mail = {name: row.get(name) for name in (
            'IsSendEmail', 'ReceiverName', 'ReceiverEmail')}
        invoice = self.number(tenant, series, {**data, **mail}, transaction=transaction)
        invoice['signed_xml'] = row['InvoiceData']
        return invoice

    def read_signed(self, text, transaction):
        """The root of an XML whose seller signed it.

        The digests are checked, the signature value is not: the sandbox has no
        certificate store.
        """
        try:
            root = etree.fromstring((text or '').encode(), PARSER)
        except (etree.XMLSyntaxError, AttributeError):
            raise Problem('InvalidXMLData') from None
        data = root.find('DLHDon')
        if data is None or data.get('Id') != transaction:
            raise Problem('InvalidXMLData')
        signature = root.find('DSCKS/NBan/d:Signature', N)
        if signature is None or not signature.findtext('d:SignatureValue', '', N).strip():
            raise Problem('SignatureEmpty')
        references = {
            one.get('URI'): one for one in signature.iterfind('.//d:Reference', N)}
        moment = signature.find('d:Object[@Id="SigningTime"]', N)
        if signature.get('Id') != 'seller' or moment is None or not {
            f'#{transaction}', '#SigningTime'
        } <= set(references):
            raise Problem('InvalidSignature')
        for name in ('X509SubjectName', 'X509Certificate'):
            if not signature.findtext(f'd:KeyInfo/d:X509Data/d:{name}', '', N).strip():
                raise Problem(name)
        for node, uri in ((data, f'#{transaction}'), (moment, '#SigningTime')):
            self.check_digest(references[uri], node)
        return root

    def check_digest(self, reference, node):
        method = reference.find('d:DigestMethod', N)
        digest = DIGESTS.get(method.get('Algorithm') if method is not None else None)
        if not digest:
            raise Problem('InvalidSignature')
        try:
            given = base64.b64decode(reference.findtext('d:DigestValue', '', N))
        except binascii.Error:
            raise Problem('InvalidSignature') from None
        if digest(etree.tostring(node, method='c14n')).digest() != given:
            raise Problem('InvalidSignature')
