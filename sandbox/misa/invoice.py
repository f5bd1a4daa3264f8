"""One issued invoice: its dict, and how it reads for paper and tax office."""

import secrets
from decimal import Decimal

from sandbox.einvoice import tax_office
from sandbox.einvoice.document import Document, Line, Party, Related, local

from .arithmetic import COUNTS, DISCOUNT, NOTE
from .tenants import cash_register, with_code

ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'
NO_DATE = '0001-01-01T00:00:00'
MISA = '0101243150'
ZERO = Decimal(0)


def transaction_id():
    return ''.join(secrets.choice(ALPHABET) for _ in range(12))


def new(tenant, row, data, now, transaction=None, source='api'):
    """The dict of a new invoice; its number is the last one of the series."""
    series, number = row['series'], row['last_no']
    code = tax_office.register_code(series[1:], number) if cash_register(series) else None
    return {
        'id': transaction or transaction_id(), 'ref_id': data['RefID'],
        'tenant': tenant['tax_code'], 'series': series, 'number': number,
        'date': data['InvDate'], 'published': now, 'source': source,
        'reference': data.get('ReferenceType') or 0, 'corrected': None, 'mails': 0,
        'total': data['TotalAmountOC'],
        'buyer': data.get('BuyerLegalName') or data.get('BuyerFullName') or '',
        'filing': tax_office.filing(now, code), 'data': data, 'signed_xml': None,
    }


def e_invoice_status(invoice):
    """README 7: what MISA calls EInvoiceStatus."""
    if invoice['corrected']:
        return {'replaced': 7, 'adjusted': 8}[invoice['corrected']]
    return {0: 1, 1: 3, 2: 5}[invoice['reference']]


def send_tax_status(invoice):
    """README 7: the numbers differ between invoices with and without code."""
    state = invoice['filing']['state']
    if with_code(invoice['series']):
        return {'not_sent': 0, 'sent': 0, 'failed': 1, 'accepted': 2, 'refused': 3}[state]
    return {'not_sent': 0, 'sent': 1, 'accepted': 2, 'refused': 3, 'failed': 4}[state]


def _number(value):
    return ZERO if value is None else Decimal(str(value))


def _text(value):
    return '' if value is None else str(value)


def document(invoice, tenant, draft=False):
    """The Document for paper and legal XML."""
    data, series = invoice['data'], invoice['series']
    moment = local(invoice['published'])
    year, month, day = (int(part) for part in invoice['date'].split('-'))
    filing = invoice['filing']
    reference = data.get('ReferenceType')
    return Document(
        form=series[0], series=series[1:], number=f'{invoice["number"]:08d}',
        day=moment.replace(year=year, month=month, day=day), signed=moment,
        seller=Party(name=tenant['name'], tax_code=tenant['tax_code'],
                     address=tenant['address'], phone=tenant['phone']),
        buyer=_buyer(data), lines=[_line(row) for row in data['OriginalInvoiceDetail']],
        rates=[(row.get('VATRateName'), _number(row['AmountWithoutVATOC']),
                _number(row['VATAmountOC'])) for row in data.get('TaxRateInfo') or []],
        net=_number(data['TotalAmountWithoutVATOC']),
        tax=_number(data['TotalVATAmountOC']), total=_number(data['TotalAmountOC']),
        discount=_number(data['TotalDiscountAmountOC']),
        words=_text(data.get('TotalAmountInWords')), currency=data['CurrencyCode'],
        exchange_rate=_number(data['ExchangeRate']),
        payment=data['PaymentMethodName'], id=invoice['id'], transmitter=MISA,
        code='' if draft else filing['code'] or '', lookup=invoice['id'],
        note=_text(data.get('InvoiceNote')), accepted=filing['state'] == 'accepted',
        related=Related(
            replaces=reference == 1, form=_text(data.get('OrgInvTemplateNo')),
            series=_text(data.get('OrgInvSeries')), number=_text(data.get('OrgInvNo')),
            day=_text(data.get('OrgInvDate')), note=_text(data.get('InvoiceNote')),
            kind=_text(data.get('OrgInvoiceType'))) if reference in (1, 2) else None,
        extra={'RefID': data['RefID']},
    )


def _buyer(data):
    return Party(
        name=_text(data.get('BuyerLegalName')), person=_text(data.get('BuyerFullName')),
        tax_code=_text(data.get('BuyerTaxCode')),
        address=_text(data.get('BuyerAddress')), code=_text(data.get('BuyerCode')),
        phone=_text(data.get('BuyerPhoneNumber')), email=_text(data.get('BuyerEmail')),
        bank_account=_text(data.get('BuyerBankAccount')),
        bank=_text(data.get('BuyerBankName')),
        citizen_id=_text(data.get('BuyerIDNumber')),
        passport=_text(data.get('BuyerPassport')),
        budget_code=_text(data.get('BuyerBudgetCode')),
    )


def _line(row):
    kind = row['ItemType']

    def optional(name):
        return None if row.get(name) is None or kind == NOTE else _number(row[name])

    net = _number(row.get('AmountWithoutVATOC'))
    return Line(
        kind=str(kind), position=_text(row.get('SortOrder')),
        code=_text(row.get('ItemCode')), name=row['ItemName'],
        unit=_text(row.get('UnitName')), quantity=optional('Quantity'),
        price=optional('UnitPrice'), discount_rate=optional('DiscountRate') or None,
        discount=optional('DiscountAmountOC') or None,
        amount=net if kind == DISCOUNT else COUNTS[kind] * net,
        rate=_text(row.get('VATRateName')) if kind != NOTE else '',
    )


def names(invoice):
    return [row['ItemName'] for row in invoice['data']['OriginalInvoiceDetail']]
