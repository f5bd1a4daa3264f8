"""A bare HTTP client of the MISA sandbox, for its tests."""

import json
import uuid
from decimal import ROUND_HALF_UP, Decimal

import requests

HSM, TOKEN_ONLY, HOUSEHOLD = '0100109106-611', '0100109106-612', '001088012345'
PASSWORDS = {HSM: 'Misa@611', TOKEN_ONLY: 'Misa@612', HOUSEHOLD: 'Misa@045'}
RATES = {'0%': 0, '5%': 5, '8%': 8, '10%': 10, 'KCT': 0, 'KKKNT': 0}
OPTIONS = {
    'MainCurrency': 'VND', 'AmountDecimalDigits': '0', 'AmountOCDecimalDigits': '0',
    'UnitPriceDecimalDigits': '2', 'UnitPriceOCDecimalDigits': '2',
    'QuantityDecimalDigits': '0', 'CoefficientDecimalDigits': '0',
    'ExchangRateDecimalDigits': '0',
}


def half_up(value):
    return int(Decimal(str(value)).quantize(Decimal(1), ROUND_HALF_UP))


def line(price=91667, rate='8%', quantity=2, name='Áo thun', position=1, **more):
    """A line in VND; a sales invoice has ``rate`` None."""
    amount = half_up(Decimal(str(price)) * quantity)
    tax = half_up(Decimal(amount) * RATES.get(rate, 0) / 100)
    made = {
        'ItemType': 1, 'SortOrder': position, 'LineNumber': position, 'ItemCode': 'AT',
        'ItemName': name, 'UnitName': 'Cái', 'Quantity': quantity, 'UnitPrice': price,
        'AmountOC': amount, 'Amount': amount, 'DiscountRate': 0, 'DiscountAmountOC': 0,
        'DiscountAmount': 0, 'AmountWithoutVATOC': amount, 'AmountWithoutVAT': amount,
        'VATRateName': rate, 'VATAmountOC': tax, 'VATAmount': tax}
    if rate is None:
        del made['VATRateName']
    return {**made, **more}


def totals(lines):
    """Header sums and rate table of goods lines in VND."""
    sums = {
        'Sale': sum(row['AmountOC'] for row in lines),
        'Discount': sum(row['DiscountAmountOC'] for row in lines),
        'VAT': sum(row['VATAmountOC'] for row in lines)}
    net = sums['Sale'] - sums['Discount']
    values = {'SaleAmount': sums['Sale'], 'DiscountAmount': sums['Discount'],
              'AmountWithoutVAT': net, 'VATAmount': sums['VAT'],
              'Amount': net + sums['VAT']}
    table = {}
    for row in lines:
        if row.get('VATRateName'):
            entry = table.setdefault(row['VATRateName'], {
                'VATRateName': row['VATRateName'], 'AmountWithoutVATOC': 0,
                'VATAmountOC': 0})
            entry['AmountWithoutVATOC'] += row['AmountWithoutVATOC']
            entry['VATAmountOC'] += row['VATAmountOC']
    made = {f'Total{name}{suffix}': value for name, value in values.items()
            for suffix in ('OC', '')}
    return {**made, 'TaxRateInfo': list(table.values())}


def invoice(series='1C26TAA', lines=None, day='2026-07-15', **more):
    """A good InvoiceData with a fresh RefID."""
    lines = lines or [line(rate=None if series[0] == '2' else '8%')]
    return {
        'RefID': str(uuid.uuid4()), 'InvSeries': series, 'InvDate': day,
        'IsInvoiceSummary': series.endswith('TSM'), 'CurrencyCode': 'VND',
        'ExchangeRate': 1, 'PaymentMethodName': 'TM/CK',
        'IsInvoiceCalculatingMachine': series[4] == 'M',
        'BuyerFullName': 'Bán cho người tiêu dùng',
        'TotalAmountInWords': 'Một trăm nghìn đồng', **totals(lines),
        'OriginalInvoiceDetail': lines, 'OptionUserDefined': dict(OPTIONS), **more}


def draft(template_id, series='1C26TAA', **more):
    """A good InvoiceData of the draft group."""
    row = line()
    sums = totals([row])
    return {
        'RefID': str(uuid.uuid4()), 'InvoiceTemplateID': template_id,
        'InvSeries': series, 'InvDate': '2026-07-15T00:00:00+07:00',
        'PaymentMethod': 'TM/CK', 'CurrencyCode': 'VND', 'ExchangeRate': 1,
        'DiscountRate': 0, 'CreatedDate': '2026-07-15T09:00:00+07:00',
        'ModifiedDate': '2026-07-15T09:00:00+07:00', 'EInvoiceStatus': 1,
        'ContactName': 'Bán cho người tiêu dùng',
        **{k: v for k, v in sums.items() if k.startswith('Total')},
        'InvoiceDetails': [{
            'InventoryItemType': 0, 'InventoryItemCode': 'AT', 'Description': 'Áo thun',
            'SortOrder': 1, 'SortOrderView': 1, 'UnitName': 'Cái',
            'Quantity': row['Quantity'], 'UnitPrice': row['UnitPrice'],
            'AmountOC': row['AmountOC'], 'Amount': row['Amount'], 'DiscountRate': 0,
            'DiscountAmountOC': 0, 'DiscountAmount': 0, 'VATRate': 8,
            'VATAmountOC': row['VATAmountOC'], 'VATAmount': row['VATAmount']}], **more}


def lower(body):
    """The envelope without its changing case."""
    return {key[0].lower() + key[1:]: value for key, value in body.items()}


def unpacked(value):
    """JSON inside JSON."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ('[', '{') else value


class Client:
    def __init__(self, sb, tenant=HSM, flavour='portal', web=False, login=True):
        self.sb, self.tenant, self.flavour = sb, tenant, flavour
        self.keys = sb.provider('misa').credentials()
        self.base = self.keys[flavour]['base']
        self.web = self.base + ('/invoiceweb' if flavour == 'portal' else '/webapp')
        self.headers = {}
        if flavour == 'portal':
            self.headers['ClientID'] = self.keys['portal']['client_id']
        if login:
            answer = self.login(web=web)
            assert answer.status_code == 200, answer.text
            token = unpacked(lower(answer.json())['data'])
            if web:
                token = token['access_token']
                self.headers['TaxCode'] = tenant
            self.headers['Authorization'] = f'Bearer {token}'

    def login(self, web=False, headers=None, **changes):
        body = {'taxcode': self.tenant, 'username': f'ketoan@{self.tenant}.vn',
                'password': PASSWORDS.get(self.tenant), **changes}
        if self.flavour == 'portal':
            keys = self.keys['portal']
            headers = headers or {'ClientID': keys['client_id'],
                                  'ClientSecret': keys['client_secret']}
            url = self.web + '/token' if web else self.base + '/invoice/token'
        else:
            url = self.web + '/token' if web else self.base + '/auth/token'
            if not web:
                body.setdefault('appid', self.keys['integration']['appid'])
        return requests.post(url, json=body, headers=headers, timeout=60)

    def call(self, method, url, body=None, **params):
        url = url if url.startswith('http') else self.base + '/invoice' + url
        return requests.request(
            method, url, json=body, params=params, headers=self.headers, timeout=60)

    def post(self, path, body=None, **params):
        return self.call('POST', path, body, **params)

    def publish(self, *invoices, sign_type=None, **more):
        if sign_type is None:
            sign_type = 5 if invoices[0]['InvSeries'][4:5] == 'M' else 2
        path = '/publishing' if self.flavour == 'portal' else ''
        return self.post(path, {
            'SignType': sign_type, 'InvoiceData': list(invoices),
            'PublishInvoiceData': None, **more})

    def results(self, *invoices, **more):
        """Items of an answer that took the request."""
        answer = self.publish(*invoices, **more)
        assert answer.status_code == 200, answer.text
        body = lower(answer.json())
        assert body['success'] is True, body
        return unpacked(body['publishInvoiceResult'])

    def issue(self, data=None):
        """The result of an invoice that must be issued."""
        (item,) = self.results(data or invoice())
        assert not item['ErrorCode'], item
        return item

    def error(self, data, **more):
        """The code that refuses this invoice, whichever way it comes."""
        answer = self.publish(data, **more)
        body = lower(answer.json())
        if body['success']:
            (item,) = unpacked(body['publishInvoiceResult'])
            return item['ErrorCode']
        return (body['errors'] or [body['errorCode']])[0]

    def status(self, *names, code=True, calc=False, kind=2):
        answer = self.post(
            '/status', list(names), invoiceWithCode=str(code).lower(),
            invoiceCalcu=str(calc).lower(), inputType=kind)
        assert answer.status_code == 200, answer.text
        return unpacked(lower(answer.json())['data'])

    def download(self, kind, *names, code=True, calc=False):
        answer = self.post(
            '/Download', list(names), invoiceWithCode=str(code).lower(),
            invoiceCalcu=str(calc).lower(), downloadDataType=kind)
        assert answer.status_code == 200, answer.text
        return unpacked(lower(answer.json())['data'])
