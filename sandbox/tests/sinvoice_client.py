"""A bare HTTP client of the S-Invoice sandbox, for its tests."""

import copy
import uuid

import requests

API = '/services/einvoiceapplication/api/InvoiceAPI/'
STRICT, LAX = '0100109106-507', '0100109106-509'
PASSWORDS = {STRICT: 'Sandbox@507', LAX: 'Sandbox@509'}
BODY = {
    'generalInvoiceInfo': {
        'invoiceType': '1', 'templateCode': '1/001', 'invoiceSeries': 'C26TAA',
        'currencyCode': 'VND', 'adjustmentType': '1', 'paymentStatus': True,
        'cusGetInvoiceRight': True},
    'buyerInfo': {'buyerName': 'Bán cho người tiêu dùng', 'buyerNotGetInvoice': 1},
    'payments': [{'paymentMethodName': 'TM/CK'}],
    'itemInfo': [{
        'lineNumber': 1, 'selection': 1, 'itemCode': 'AT01',
        'itemName': 'Áo thun cổ tròn', 'unitName': 'Cái', 'unitPrice': 100926,
        'quantity': 1, 'itemTotalAmountWithoutTax': 100926, 'taxPercentage': 8,
        'taxAmount': 8074, 'itemTotalAmountWithTax': 109000}],
    'taxBreakdowns': [
        {'taxPercentage': 8, 'taxableAmount': 100926, 'taxAmount': 8074}],
}


def body(series=None, item=None, **general):
    """A good createInvoice body with a fresh uuid."""
    made = copy.deepcopy(BODY)
    info = made['generalInvoiceInfo']
    info['transactionUuid'] = str(uuid.uuid4())
    if series:
        info['invoiceSeries'] = series
    info.update(general)
    if item:
        made['itemInfo'][0].update(item)
    return made


class Client:
    def __init__(self, sb, tenant=STRICT):
        self.url, self.tenant = sb.url('sinvoice'), tenant
        answer = requests.post(
            self.url + '/auth/login', timeout=60,
            json={'username': tenant, 'password': PASSWORDS[tenant]})
        answer.raise_for_status()
        self.login = answer.json()
        self.auth = {'Authorization': f'Bearer {self.login["access_token"]}'}

    def post(self, path, json=None, **options):
        options.setdefault('headers', self.auth)
        path = path.replace('TAX', self.tenant)
        return requests.post(self.url + API + path, json=json, timeout=60, **options)

    def create(self, data):
        return self.post('InvoiceWS/createInvoice/TAX', data)

    def issue(self, *args, **kwargs):
        """The result of a create that must succeed."""
        data = args[0] if args and isinstance(args[0], dict) else body(*args, **kwargs)
        answer = self.create(data)
        assert answer.status_code == 200, answer.text
        return {**answer.json()['result'],
                'uuid': data['generalInvoiceInfo']['transactionUuid']}

    def search(self, transaction_uuid):
        return self.post('InvoiceWS/searchInvoiceByTransactionUuid', data={
            'supplierTaxCode': self.tenant, 'transactionUuid': transaction_uuid})

    def found(self, transaction_uuid):
        (row,) = self.search(transaction_uuid).json()['result']
        return row

    def file(self, number, kind='PDF', template='1/001', **more):
        return self.post('InvoiceUtilsWS/getInvoiceRepresentationFile', {
            'supplierTaxCode': self.tenant, 'invoiceNo': number,
            'templateCode': template, 'fileType': kind, **more})


def key(answer):
    """The error key of a refusal, whichever envelope it came in."""
    data = answer.json()
    return data.get('errorCode') or data.get('message')
