"""A neutral document as MISA's InvoiceData, for publishing and as a draft
(README 3, 7)."""

import re
from collections import defaultdict
from decimal import Decimal

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date
from odoo.addons.gtg_connector_base.lib.money import round_half_up

from ...lib import sentences
from ...lib.rows import rows, signed_rows
from ...lib.symbol import parse_symbol, split_number
from . import const

GOODS, GIFT, DISCOUNT, NOTE = 1, 2, 3, 4  # ItemType
WEB_TYPES = {GOODS: 0, GIFT: 2, DISCOUNT: 4, NOTE: 3}
TOTALS = ('TotalSaleAmount', 'TotalDiscountAmount', 'TotalAmountWithoutVAT',
          'TotalVATAmount', 'TotalAmount')
_EMAIL = re.compile(r'[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,6}')


def invoice(document, discount_style='item_discount'):
    """InvoiceData without its date: that is the day of sending.

    :param Document document: neutral document
    """
    details, rates, totals = amounts(document, discount_style)
    return {
        'RefID': document.reference,
        'InvSeries': document.form + document.series,
        'InvTemplateNo': document.form,
        'IsInvoiceSummary': document.in_summary,
        'IsInvoiceCalculatingMachine': parse_symbol(document.series).cash_register,
        'CurrencyCode': document.currency,
        'ExchangeRate': _rate(document),
        'PaymentMethodName': document.payment_method,
        'IsSendEmail': False,
        **correction(document),
        **buyer(document.buyer),
        **totals,
        'TotalAmountInWords': document.words,
        'OriginalInvoiceDetail': details + _note(document, details),
        **({'TaxRateInfo': rates} if document.form != '2' else {}),
        'OptionUserDefined': decimals(document, details),
    }


def correction(document):
    """Fields that name the corrected invoice (README 10)."""
    made = document.correction
    if not made:
        return {}
    series, number = split_number(made.original.number)
    return {
        'ReferenceType': const.REFERENCE_TYPES[made.kind],
        'OrgInvoiceType': const.NEW_INVOICE,
        'OrgInvTemplateNo': made.original.form,
        'OrgInvSeries': series,
        'OrgInvNo': f'{number:08d}',
        'OrgInvDate': vietnam_date(made.original.issued_at).isoformat(),
        'InvoiceNote': _cut(correction_note(document), 'note'),
    }


def correction_note(document):
    """README 10: the sentence of the law first, whatever MISA prints by itself."""
    made = document.correction
    return '. '.join(filter(None, [made.sentence, made.reason]))


def _note(document, details):
    """README 3: a line without amounts, after all others."""
    return [{'ItemType': NOTE, 'SortOrder': None, 'LineNumber': len(details) + 1,
             'ItemName': _cut(document.note, 'item')}] if document.note else []


def buyer(party):
    """Buyer fields of the publish group."""
    if party.kind == 'consumer':
        return {'BuyerFullName': party.name or sentences.CONSUMER}
    # README 3: a tax code wants a legal name; a household has only its own
    legal = party.legal_name or (party.name if party.tax_code else '')
    return _filled({
        'BuyerLegalName': _cut(legal, 'name'),
        'BuyerTaxCode': party.tax_code,
        'BuyerAddress': _cut(address(party), 'name'),
        'BuyerFullName': _cut(party.name if party.name != legal else '', 'name'),
        'BuyerPhoneNumber': _cut(party.phone, 'phone'),
        'BuyerEmail': _email(party.email),
        'BuyerIDNumber': party.id_number if party.kind != 'foreigner' else '',
        'BuyerPassport': party.id_number if party.kind == 'foreigner' else '',
        'BuyerBudgetCode': party.budget_code,
    })


def address(party):
    """The address; README 3: MISA has no field for a foreigner's nationality."""
    if not party.nationality or party.nationality in party.address:
        return party.address
    return f'{party.address} ({party.nationality})'


def printed(document, discount_style):
    """:return: list of ``lib.rows.Row``, one per line of MISA's invoice"""
    return signed_rows(document) if document.is_adjustment else (
        rows(document, discount_style))


def amounts(document, discount_style):
    """Lines, rows per rate and totals.

    :return: (OriginalInvoiceDetail, TaxRateInfo, totals), each amount in the currency
        of the invoice (``OC``) and in VND
    """
    details, sums = [], dict.fromkeys(TOTALS, Decimal(0))
    rates = defaultdict(lambda: [Decimal(0), Decimal(0)])
    exchange = _rate(document)
    order = 0
    for number, row in enumerate(printed(document, discount_style), 1):
        order += row.goods
        sign = 1 if row.goods else -1
        sums['TotalSaleAmount'] += sign * row.net
        sums['TotalDiscountAmount'] += sign * row.discount
        sums['TotalVATAmount'] += sign * row.tax
        if row.rate:
            rates[row.rate][0] += sign * row.after
            rates[row.rate][1] += sign * row.tax
        details.append(_detail(row, number, order if row.goods else None, exchange))
    sums['TotalAmountWithoutVAT'] = sums['TotalSaleAmount'] - sums['TotalDiscountAmount']
    sums['TotalAmount'] = sums['TotalAmountWithoutVAT'] + sums['TotalVATAmount']
    totals = {}
    for name, value in sums.items():
        totals.update(_twice(name, value, exchange))
    return details, [
        {'VATRateName': rate, 'AmountWithoutVATOC': net, 'VATAmountOC': tax}
        for rate, (net, tax) in rates.items()], totals


def _detail(row, number, order, exchange):
    return {
        'ItemType': GIFT if row.gift else GOODS if row.goods else DISCOUNT,
        'SortOrder': order,
        'LineNumber': number,
        **_filled({'ItemCode': _cut(row.code, 'code'), 'UnitName': _cut(row.unit, 'unit')}),
        'ItemName': _cut(row.name, 'item'),
        'Quantity': row.quantity,
        'UnitPrice': row.unit_price,
        **_twice('Amount', row.net, exchange),
        'DiscountRate': discount_rate(row.net, row.discount),
        **_twice('DiscountAmount', row.discount, exchange),
        **_twice('AmountWithoutVAT', row.after, exchange),
        **({'VATRateName': row.rate, **_twice('VATAmount', row.tax, exchange)}
           if row.rate else {}),
    }


def discount_rate(net, discount):
    """Percentage with the fewest decimals that MISA computes back to the discount."""
    if not discount or not net:
        return Decimal(0)
    unit = -discount.as_tuple().exponent
    for digits in range(const.RATE_DECIMALS + 1):
        rate = round_half_up(discount * 100 / net, digits)
        if round_half_up(net * rate / 100, max(unit, 0)) == discount:
            break
    return rate


def decimals(document, details):
    """OptionUserDefined: texts that fit the decimals really sent (README 3)."""
    prices = max((_places(row['UnitPrice']) for row in details), default=0)
    digits = str(document.digits)
    return {
        'MainCurrency': 'VND',
        'AmountDecimalDigits': '0', 'AmountOCDecimalDigits': digits,
        'UnitPriceDecimalDigits': str(prices), 'UnitPriceOCDecimalDigits': str(prices),
        'QuantityDecimalDigits': str(max(
            (_places(row['Quantity']) for row in details), default=0)),
        'CoefficientDecimalDigits': '0',
        'ExchangRateDecimalDigits': str(_places(_rate(document))),  # README 3: sic
    }


# === DRAFTS === #

def web_invoice(document, discount_style='item_discount'):
    """InvoiceData of a draft, without its dates."""
    details, _rates, totals = amounts(document, discount_style)
    return {
        'RefID': document.reference,
        'InvoiceTemplateID': document.template.partition('/')[2],
        'InvSeries': document.form + document.series,
        'PaymentMethod': document.payment_method,
        'CurrencyCode': document.currency,
        'ExchangeRate': _rate(document),
        'DiscountRate': 0,
        **web_correction(document),
        **web_buyer(document.buyer),
        **{name: value for name, value in totals.items()
           if not name.startswith('TotalAmountWithoutVAT')},
        'InvoiceDetails': [
            _web_detail(row) for row in details + _note(document, details)],
    }


def web_correction(document):
    """What a draft is, and which invoice it corrects (README 7, 10)."""
    block = correction(document)
    if not block:
        return {'EInvoiceStatus': 1}
    original = document.correction.original
    return _filled({
        'EInvoiceStatus': const.WEB_STATUS[document.correction.kind],
        'OrgRefID': original.reference,
        'OrgTransactionID': original.lookup_code,
        **{name: block[name] for name in (
            'OrgInvTemplateNo', 'OrgInvSeries', 'OrgInvNo')},
        'OrgInvDate': f'{block["OrgInvDate"]}T00:00:00+07:00',
        'ChangeReason': block['InvoiceNote'],
    })


def web_buyer(party):
    """Buyer fields of drafts. No receiver: MISA would mail beside us (README 7)."""
    block = buyer(party)
    names = {
        'BuyerLegalName': 'AccountObjectName', 'BuyerTaxCode': 'AccountObjectTaxCode',
        'BuyerAddress': 'AccountObjectAddress', 'BuyerFullName': 'ContactName',
        'BuyerIDNumber': 'CitizenIDNumber', 'BuyerPassport': 'PassportNumber',
        'BuyerBudgetCode': 'RelatedUnitCode',
    }
    return {names[name]: value for name, value in block.items() if name in names}


def _web_detail(row):
    """A line of the publish group in the words and numbers of drafts."""
    names = {'ItemCode': 'InventoryItemCode', 'ItemName': 'Description',
             'LineNumber': 'SortOrder', 'SortOrder': 'SortOrderView'}
    left_out = ('ItemType', 'AmountWithoutVATOC', 'AmountWithoutVAT', 'VATRateName')
    return {
        'InventoryItemType': WEB_TYPES[row['ItemType']],
        **{names.get(name, name): value for name, value in row.items()
           if name not in left_out},
        **({'VATRate': const.WEB_RATES[row['VATRateName']]}
           if 'VATRateName' in row else {}),
    }


# === VALUES === #

def _rate(document):
    return document.exchange_rate or Decimal(1)


def _twice(name, value, exchange):
    """README 3: every amount in the currency of the invoice and in VND."""
    return {f'{name}OC': value, name: round_half_up(value * exchange)
            if exchange != 1 else value}


def _places(number):
    """Decimals of a number as it is written."""
    exponent = Decimal(number).normalize().as_tuple().exponent
    return max(-exponent, 0)


def _email(text):
    """README 3: one address, and only of the shape that MISA takes."""
    for part in re.split(r'[;,\s]+', text or ''):
        if _EMAIL.fullmatch(part) and len(part) <= const.LIMITS['email']:
            return part
    return ''


def _cut(text, kind):
    return ' '.join((text or '').split())[:const.LIMITS[kind]]


def _filled(values):
    return {name: value for name, value in values.items() if value}
