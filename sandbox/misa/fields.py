"""Fields of an invoice of the publish group: kinds, what is mandatory, masks, lengths
(README 4). Numbers come as int or Decimal."""

import re
from datetime import date, timedelta
from decimal import Decimal

from sandbox.einvoice import tax_codes
from sandbox.einvoice.document import local

from .arithmetic import DISCOUNT, NOTE, TOTALS, Sums
from .envelope import Problem
from .tenants import cash_register

LENGTHS = {
    'RefID': 200, 'BuyerLegalName': 400, 'BuyerAddress': 400, 'BuyerFullName': 100,
    'BuyerCode': 50, 'BuyerPhoneNumber': 20, 'BuyerEmail': 50, 'BuyerBankAccount': 30,
    'BuyerBankName': 400, 'BuyerPassport': 20, 'TotalAmountInWords': 255,
    'PaymentMethodName': 50, 'InvoiceNote': 255, 'SellerShopCode': 50,
    'SellerShopName': 400,
}
LINE_LENGTHS = {'ItemCode': 50, 'ItemName': 500, 'UnitName': 50}
LINE_NUMBERS = (
    'Quantity', 'UnitPrice', 'AmountOC', 'Amount', 'DiscountRate', 'DiscountAmountOC',
    'DiscountAmount', 'AmountWithoutVATOC', 'AmountWithoutVAT', 'VATAmountOC',
    'VATAmount',
)
DIGITS = {  # field of a line -> its announcement in OptionUserDefined
    'Quantity': 'QuantityDecimalDigits', 'UnitPrice': 'UnitPriceOCDecimalDigits',
    'AmountOC': 'AmountOCDecimalDigits', 'DiscountAmountOC': 'AmountOCDecimalDigits',
    'AmountWithoutVATOC': 'AmountOCDecimalDigits', 'VATAmountOC': 'AmountOCDecimalDigits',
    'Amount': 'AmountDecimalDigits', 'DiscountAmount': 'AmountDecimalDigits',
    'AmountWithoutVAT': 'AmountDecimalDigits', 'VATAmount': 'AmountDecimalDigits',
}
OPTIONS = (
    'AmountDecimalDigits', 'AmountOCDecimalDigits', 'UnitPriceDecimalDigits',
    'UnitPriceOCDecimalDigits', 'QuantityDecimalDigits', 'CoefficientDecimalDigits',
    'ExchangRateDecimalDigits',
)
EMAIL = re.compile(r'[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,6}')
MAX_NUMBER = 10 ** 15
DAY = re.compile(r'\d{4}-\d\d-\d\d', re.ASCII)
SERIES = re.compile(r'[1-6][CK]\d\d[A-Z][A-Z0-9]{2}', re.ASCII)


def is_number(value):
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return abs(value) < MAX_NUMBER and decimals(value) <= 6


def decimals(value):
    if isinstance(value, int):
        return 0
    return max(0, -value.normalize().as_tuple().exponent)


def given(data, name):
    return data.get(name) not in (None, '')


def invalid(name, shape=False):
    """One field is wrong; ``shape``: so badly that MISA cannot read the request."""
    code = f'Invalid_[Invoice.{name}]'
    if shape:
        return Problem('InvalidInvoiceData', errors=[code], request=True)
    return Problem(code)


def day(value, code):
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise Problem(code)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Problem(code) from None


def require(data, *names):
    for name in names:
        if not given(data, name):
            raise Problem(f'RequireError_{name}')


class Fields:
    """All checks of one invoice that need no number.

    :param now: Unix seconds
    """

    def __init__(self, data, row, settings, now):
        self.data, self.row, self.settings = data, row, settings
        self.today = local(now).date()

    def check(self):
        self.kinds()
        self.header()
        self.buyer()
        self.mail()
        if self.data.get('ReferenceType') not in (None, 0):
            self.correction()
        self.lines()
        sums = Sums(self.data, self.digits(), self.settings)
        sums.check()
        sums.rate_table(
            self.settings['more_rates_needed'] and not self.row['more_rates'])
        self.reduced_rate()

    def kinds(self):
        """README 4: totals that are missing or no numbers make the body unreadable."""
        for name in TOTALS:
            for field in (f'Total{name}OC', f'Total{name}'):
                if not is_number(self.data.get(field)):
                    raise invalid(field, shape=True)
        for name in ('OriginalInvoiceDetail', 'TaxRateInfo', 'OtherInfo', 'FeeInfo'):
            rows = self.data.get(name) or []
            if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
                raise invalid(name, shape=True)
        for row in self.data.get('TaxRateInfo') or []:
            for name in ('AmountWithoutVATOC', 'VATAmountOC'):
                if not is_number(row.get(name)):
                    raise invalid(f'TaxRateInfo.{name}', shape=True)
        for name, value in self.data.items():
            if name in LENGTHS and value is not None and not isinstance(value, str):
                raise invalid(name, shape=True)

    def header(self):
        data, series = self.data, self.row['series']
        day(data.get('InvDate'), 'InvalidInvoiceDate')
        require(data, 'CurrencyCode', 'PaymentMethodName')
        if self.settings['words_required']:
            require(data, 'TotalAmountInWords')
        if not isinstance(data.get('IsInvoiceSummary'), bool):
            raise Problem('RequireError_IsInvoiceSummary')
        if data['IsInvoiceSummary'] != self.row['summary']:
            raise invalid('IsInvoiceSummary')
        if bool(data.get('IsInvoiceCalculatingMachine')) != cash_register(series):
            raise invalid('IsInvoiceCalculatingMachine')
        if given(data, 'InvTemplateNo') and str(data['InvTemplateNo']) != series[0]:
            raise invalid('InvTemplateNo')
        currency = data['CurrencyCode']
        if not isinstance(currency, str) or not re.fullmatch('[A-Z]{3}', currency):
            raise invalid('CurrencyCode')
        if not is_number(data.get('ExchangeRate')) or data['ExchangeRate'] <= 0:
            raise invalid('ExchangeRate')
        if currency == 'VND' and data['ExchangeRate'] != 1:
            raise invalid('ExchangeRate')
        if self.settings['lengths_checked']:
            for name, limit in LENGTHS.items():
                if len(data.get(name) or '') > limit:
                    raise invalid(name)

    def buyer(self):
        data = self.data
        code = data.get('BuyerTaxCode')
        if code not in (None, ''):
            if not isinstance(code, str) or not tax_codes.shaped(code) or (
                len(code) == 12 and not self.settings['tax_code_12']
            ):
                raise Problem('InvalidTaxCode')
            for name in ('BuyerLegalName', 'BuyerAddress'):
                if not given(data, name):
                    raise Problem(f'RequireInfo_{name}')
        if not given(data, 'BuyerLegalName') and not given(data, 'BuyerFullName'):
            raise Problem('RequireInfo_BuyerFullName')
        if len(data.get('BuyerPassport') or '') > LENGTHS['BuyerPassport']:
            raise invalid('BuyerPassport')
        for name, mask in (('BuyerIDNumber', r'\d{12}'), ('BuyerBudgetCode', r'\d{7}')):
            if given(data, name) and not re.fullmatch(mask, str(data[name]), re.ASCII):
                raise invalid(name)

    def mail(self):
        data = self.data
        if given(data, 'BuyerEmail') and not EMAIL.fullmatch(data['BuyerEmail']):
            raise invalid('BuyerEmail')
        receivers = data.get('ReceiverEmail') or ''
        for one in receivers.split(';') if receivers else ():
            if not EMAIL.fullmatch(one.strip()):
                raise invalid('ReceiverEmail')
        if data.get('IsSendEmail') and not receivers:
            raise Problem('RequireError_ReceiverEmail')

    def correction(self):
        """README 6: what a replacement or an adjustment must say of its original."""
        data = self.data
        if data['ReferenceType'] not in (1, 2):
            raise Problem('InvalidAdjustmentType')
        if data.get('OrgInvoiceType') not in (1, 2, 3, 4):
            raise Problem('RequireError_OrgInvoiceType')
        require(data, 'OrgInvTemplateNo', 'OrgInvSeries', 'OrgInvNo', 'OrgInvDate',
                'InvoiceNote')
        if data['OrgInvoiceType'] == 1:
            for name, mask in (
                ('OrgInvTemplateNo', '[1-6]'), ('OrgInvSeries', r'[CK]\d\d[A-Z]\w\w'),
                ('OrgInvNo', r'\d{8}'),
            ):
                if not re.fullmatch(mask, str(data[name]), re.ASCII):
                    raise invalid(name)
        day(data['OrgInvDate'], 'Invalid_[Invoice.OrgInvDate]')

    # === LINES === #

    def digits(self):
        """Decimals announced, README 4: texts, "0" where nothing is said."""
        options = self.data.get('OptionUserDefined') or {}
        found = {}
        for name in OPTIONS:
            value = options.get(name, '0') if isinstance(options, dict) else None
            if not isinstance(value, str) or not re.fullmatch('[0-9]', value):
                raise invalid(f'OptionUserDefined.{name}')
            found[name] = int(value)
        for row in self.data['OriginalInvoiceDetail']:
            for name, option in DIGITS.items():
                if decimals(row.get(name) or 0) > found[option]:
                    raise invalid(f'OptionUserDefined.{option}')
        option = 'ExchangRateDecimalDigits'
        if decimals(self.data['ExchangeRate']) > found[option]:
            raise invalid(f'OptionUserDefined.{option}')
        for name in TOTALS:
            for field, option in ((f'Total{name}OC', 'AmountOCDecimalDigits'),
                                  (f'Total{name}', 'AmountDecimalDigits')):
                if decimals(self.data[field]) > found[option]:
                    raise invalid(f'OptionUserDefined.{option}')
        return {'AmountOC': found['AmountOCDecimalDigits'],
                'Amount': found['AmountDecimalDigits']}

    def lines(self):
        rows = self.data.get('OriginalInvoiceDetail')
        if not rows:
            raise Problem('RequireError_OriginalInvoiceDetail')
        if len(rows) > self.settings['max_lines']:
            raise Problem('XMLTooLong')
        running = 0
        for position, row in enumerate(rows, 1):
            kind = row.get('ItemType')
            if isinstance(kind, bool) or kind not in (1, 2, 3, 4, 5):
                raise Problem('InvoiceDetail_ItemType')
            running += kind not in (3, 4)
            if row.get('LineNumber') != position:
                raise Problem('InvoiceDetail_LineNumber')
            if row.get('SortOrder') != (None if kind in (3, 4) else running):
                raise Problem('InvoiceDetail_SortOrder')
            self.line(row, kind)

    def line(self, row, kind):
        if not isinstance(row.get('ItemName'), str) or not row['ItemName'].strip():
            raise Problem('InvoiceDetail_ItemName')
        for name, limit in LINE_LENGTHS.items():
            value = row.get(name)
            if value is not None and not isinstance(value, str):
                raise invalid(f'InvoiceDetail.{name}', shape=True)
            if self.settings['lengths_checked'] and len(value or '') > limit:
                raise Problem(f'InvoiceDetail_{name}')
        for name in LINE_NUMBERS:
            if row.get(name) is not None and not is_number(row[name]):
                raise invalid(f'InvoiceDetail.{name}', shape=True)
        needed = () if kind == NOTE else (
            'AmountOC', 'Amount', 'AmountWithoutVATOC', 'AmountWithoutVAT')
        if kind not in (NOTE, DISCOUNT):
            needed = ('Quantity', 'UnitPrice', *needed)
        for name in needed:
            if row.get(name) is None:
                raise Problem(f'InvoiceDetail_{name}')
        taxed = self.row['series'][0] != '2' and kind != NOTE
        if taxed and row.get('VATAmountOC') is None:
            raise Problem('InvoiceDetail_VATAmountOC')

    def reduced_rate(self):
        """README 5: 8 % only in its time; a correction has the original's rate."""
        when = self.data['InvDate']
        if self.data.get('ReferenceType') in (1, 2):
            when = self.data['OrgInvDate']
        first, last = self.settings['reduced_rate_days']
        for row in self.data['OriginalInvoiceDetail']:
            if row.get('VATRateName') == '8%' and not first <= when <= last:
                raise Problem('TaxReductionDateInValid')

    # === DATE === #

    def date(self):
        """README 4: today at the latest, not before the last one of the series."""
        value = day(self.data.get('InvDate'), 'InvalidInvoiceDate')
        if value > self.today and self.settings['future_date_refused']:
            raise Problem('InvalidInvoiceDate')
        if value > self.today + timedelta(days=400):
            raise Problem('InvalidInvoiceDate')
        if f'{value.year % 100:02d}' != self.row['series'][2:4]:
            raise Problem('InvalidInvoiceDate')
        if value.isoformat() < self.row['last_date']:
            raise Problem('InvoiceIssuedDateSmallerThanLastest')

