"""Limits of single fields (README 4), with the error key of each.

A rule is (field, check, key); the first broken one is the answer, as the keys show
that the real server reads annotations field by field.
"""

import re
from decimal import Decimal, InvalidOperation

from .envelope import Problem


def decimal(value):
    """The number, or None if it is none."""
    if value is None or isinstance(value, bool) or value == '':
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def decimals(value):
    """Digits after the point."""
    return max(0, -value.normalize().as_tuple().exponent)


def text(value):
    """Text of a field, as the server reads numbers given for text, too."""
    return '' if value is None else str(value)


def empty(value):
    return value is None or value == ''


def at_most(length):
    return lambda v: len(str(v)) <= length


def at_least(length):
    return lambda v: len(str(v)) >= length


def matches(pattern):
    compiled = re.compile(pattern)
    return lambda v: bool(compiled.fullmatch(str(v)))


def one_of(*values):
    return lambda v: str(v) in values


def digits(whole, part):
    """At most that many digits before and after the point."""
    def check(value):
        number = decimal(value)
        if number is None:
            return False
        return abs(number) < 10 ** whole and decimals(number) <= part
    return check


def moment(value):
    """Milliseconds as a number, or None."""
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_moment(value):
    return moment(value) is not None and moment(value) > 0


REQUIRED = object()
_ID = r'[a-zA-Z0-9/-]*'

GENERAL = [
    ('templateCode', REQUIRED, 'BAD_REQUEST_TEMPLATE_CODE_REQUIRED'),
    ('templateCode', at_most(20), 'BAD_REQUEST_TEMPLATE_CODE_MAX_LENGTH'),
    ('invoiceSeries', REQUIRED, 'BAD_REQUEST_INVOICE_SERIAL_REQUIRED'),
    ('invoiceSeries', at_most(25), 'BAD_REQUEST_INVOICE_SERIAL_MAX_LENGTH'),
    ('invoiceSeries', matches('[a-zA-Z0-9/]*'), None),
    ('invoiceType', one_of('1', '2', '3', '4', '5', '6'), None),
    ('invoiceIssuedDate', is_moment, None),
    ('currencyCode', REQUIRED, 'BAD_REQUEST_CURRENCY_CODE_REQUIRED'),
    ('currencyCode', at_least(3), 'BAD_REQUEST_CURRENCY_CODE_MINLENGTH'),
    ('currencyCode', at_most(3), 'BAD_REQUEST_CURRENCY_CODE_MAXLENGTH'),
    ('currencyCode', matches('[A-Z]+'), 'BAD_REQUEST_CURRENCY_CODE_INVALID'),
    ('exchangeRate', digits(11, 2), 'BAD_REQUEST_EXCHANGE_RATE_MAX_LENGTH'),
    ('adjustmentType', at_most(1), 'BAD_REQUEST_ADJUSTMENT_TYPE_MAX_LENGTH'),
    ('adjustmentType', one_of('1', '3', '5', '7'),
     'BAD_REQUEST_ADJUSTMENT_TYPE_INVALID'),
    ('adjustmentInvoiceType', at_most(1),
     'BAD_REQUEST_ADJUSTMENT_INVOICE_TYPE_MAX_LENGTH'),
    ('adjustmentInvoiceType', one_of('1', '2'),
     'BAD_REQUEST_ADJUSTMENT_INVOICE_TYPE_INVALID'),
    ('originalInvoiceId', at_most(17), 'BAD_REQUEST_ORIGIN_INVOICE_NO_INVALID_LENGTH'),
    ('originalInvoiceId', matches(_ID), 'BAD_REQUEST_ORIGIN_INVOICE_NO_INVALID'),
    ('originalInvoiceIssueDate', is_moment,
     'BAD_REQUEST_ORIGIN_INVOICE_ISSUE_DATE_INVALID'),
    ('originalTemplateCode', at_most(20),
     'BAD_REQUEST_ORIGINAL_TEMPLATE_CODE_MAX_LENGTH'),
    ('originalInvoiceType', one_of('0', '1', '2', '3', '4'),
     'BAD_REQUEST_ORIGINAL_INVOICE_TYPE_INVALID'),
    ('additionalReferenceDesc', at_most(400),
     'BAD_REQUEST_ADDITIONAL_REFER_DESC_LENGTH'),
    ('additionalReferenceDate', is_moment, None),
    ('adjustedNote', at_most(255), 'BAD_REQUEST_ADJUSTED_NOTE_MAX_LENGTH'),
    ('invoiceNote', at_most(500), 'BAD_REQUEST_INVOICE_NOTE_LENGTH_INVALID'),
    ('paymentStatus', REQUIRED, 'BAD_REQUEST_PAYMENT_STATUS_REQUIRED'),
    ('paymentStatus', lambda v: isinstance(v, bool), None),
    ('cusGetInvoiceRight', lambda v: isinstance(v, bool), None),
    ('transactionUuid', lambda v: 10 <= len(str(v)) <= 36,
     'BAD_REQUEST_TRANSACTION_UUID_LENGTH_INVALID'),
    ('certificateSerial', at_most(100), 'BAD_REQUEST_CERTIFICATE_SERIAL_MAX_LENGTH'),
    ('certificateSerial', matches('[0-9a-fA-F]*'), None),
    ('reservationCode', at_most(100), 'BAD_REQUEST_RESERVATION_CODE_MAX_LENGTH'),
    ('adjustAmount20', one_of('0', '1', '2', '3', '5'),
     'BAD_REQUEST_ADJUST_AMOUNT20_INVALID'),
    ('qrCode', at_most(500), None),
]
SELLER = [
    ('sellerLegalName', at_most(400), 'BAD_REQUEST_SELLER_LEGAL_NAME_MAXLENGTH'),
    ('sellerTaxCode', at_most(20), 'BAD_REQUEST_TAX_CODE_MAX_LENGTH'),
    ('sellerAddressLine', at_most(255), None),
    ('sellerPhoneNumber', at_most(50), 'BAD_REQUEST_SELLER_PHONE_NUMBER_INVALID'),
    ('sellerPhoneNumber', matches(r'\s*\d*\s*'),
     'BAD_REQUEST_SELLER_PHONE_NUMBER_INVALID'),
    ('sellerFaxNumber', matches(r'\s*\d*\s*'), None),
    ('sellerEmail', at_most(50), 'BAD_REQUEST_SELLER_EMAIL_MAX_LENGTH'),
    ('sellerBankName', at_most(400), None),
    ('sellerBankAccount', at_most(200), None),
    ('sellerDistrictName', at_most(50), None),
    ('sellerCityName', at_most(600), None),
    ('sellerCountryCode', at_most(17), None),
    ('sellerWebsite', at_most(200), None),
    ('storeCode', at_most(50), None),
    ('storeName', at_most(400), None),
]
BUYER = [
    ('buyerName', at_most(100), 'BAD_REQUEST_BUYER_NAME_MAXLENGTH'),
    ('buyerLegalName', at_most(400), 'BAD_REQUEST_BUYER_UNIT_NAME_MAX_LENGTH'),
    ('buyerTaxCode', at_most(20), 'INVOICE_VALID_INPUT_INVALID_BUYER_TAX_CODE'),
    ('buyerBudgetCode', at_most(7), None),
    ('buyerAddressLine', at_most(1200), 'BAD_REQUEST_BUYER_ADDRESS_MAX_LENGTH'),
    ('buyerPhoneNumber', at_most(35), 'BAD_REQUEST_BUYER_PHONE_MAX_LENGTH'),
    ('buyerPhoneNumber', matches('[0-9+()&; -]*'), 'BAD_REQUEST_BUYER_PHONE_INVALID'),
    ('buyerCode', at_most(400), None),
    ('buyerEmail', at_most(2000), 'BAD_REQUEST_BUYER_EMAIL_MAX_LENGTH'),
    ('buyerBankName', at_most(200), None),
    ('buyerBankAccount', at_most(30), None),
    ('buyerIdType', one_of('1', '2', '3'), None),
    ('buyerIdNo', at_most(200), 'BAD_REQUEST_BUYER_ID_NO_MAX_LENGTH'),
    ('buyerIdNo', matches('[a-zA-Z0-9-_ ]*'), 'BAD_REQUEST_BUYER_ID_NO_INVALID'),
    ('buyerNotGetInvoice', one_of('0', '1'), None),
]
PAYMENT = [
    ('paymentMethodName', at_most(50), 'BAD_REQUEST_PAYMENT_METHOD_NAME_MAX_LENGTH'),
    ('paymentMethod', matches(r'\s*|[1-8]'), 'BAD_REQUEST_PAYMENT_METHOD_INVALID'),
]
ITEM = [
    ('selection', one_of('1', '2', '3', '4', '5', '6'),
     'BAD_REQUEST_ITEM_SELECTION_INVALID'),
    ('itemCode', at_most(50), None),
    ('itemName', at_most(500), 'ITEM_NAME_INVALID'),
    ('unitCode', at_most(100), None),
    ('unitName', at_most(300), None),
    ('itemNote', at_most(300), None),
    ('batchNo', at_most(300), None),
    ('expDate', at_most(50), None),
    ('adjustRatio', one_of('1', '2', '3', '5'), 'BAD_REQUEST_ADJUST_RATIO_INVALID'),
    ('itemTotalAmountWithoutTax', digits(19, 9),
     'BAD_REQUEST_ITEM_TOTAL_AMOUNT_WITHOUT_TAX_INVALID'),
    ('unitPrice', digits(19, 9), 'INVALID_DECIMAL_POINT_PRICE'),
    ('quantity', digits(19, 9), None),
    ('itemDiscount', digits(19, 9), None),
    ('taxAmount', digits(19, 9), None),
    ('isIncreaseItem', lambda v: isinstance(v, bool), None),
]
TAX = [
    ('taxableAmount', digits(19, 9), None),
    ('taxAmount', digits(19, 9), None),
    ('taxExemptionReason', at_most(255), None),
]
LOOKUP_NUMBER = [
    ('invoiceNo', REQUIRED, 'BAD_REQUEST_INVOICE_NO_REQUIRED'),
    ('invoiceNo', at_least(7), 'BAD_REQUEST_INVOICE_NO_MIN_LENGTH'),
    ('invoiceNo', at_most(17), 'BAD_REQUEST_INVOICE_NO_MAX_LENGTH'),
    ('invoiceNo', matches(_ID), 'BAD_REQUEST_INVOICE_NO_INVALID'),
]


def check(data, rules, where=''):
    """:raise Problem: the first broken rule of ``rules``"""
    if not isinstance(data, dict):
        raise Problem(None, f'{where}: sai định dạng')
    for field, rule, key in rules:
        value = data.get(field)
        if isinstance(value, dict | list):
            raise Problem(None, f'{where}{field} sai định dạng')
        if rule is REQUIRED:
            if empty(value):
                raise Problem(key, None)
        elif not empty(value) and not rule(value):
            raise Problem(key, None if key else f'{where}{field} không hợp lệ')
