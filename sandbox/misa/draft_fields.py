"""The InvoiceData of the draft group, and the same in words of the publish group
(README 9): names and numbers differ."""

import re
import uuid

from . import fields
from .arithmetic import TOTALS, UNKNOWN_RATE, Sums
from .envelope import Problem
from .fields import given, is_number
from .tenants import with_code

REQUIRED = (
    'InvoiceTemplateID', 'InvSeries', 'InvDate', 'PaymentMethod', 'CurrencyCode',
    'ExchangeRate', 'DiscountRate', 'CreatedDate', 'ModifiedDate', 'InvoiceDetails',
)
KINDS = {0: 1, 2: 2, 4: 3, 3: 4, 6: 5}  # InventoryItemType -> ItemType
RATES = {-1: 'KCT', -3: 'KKKNT', 0: '0%', 5: '5%', 8: '8%', 10: '10%',
         None: UNKNOWN_RATE}
SHOP_FIELDS = ('SellerShopCode', 'SellerShopName', 'BuyerSalesChannel', 'BuyerShopName',
               'BuyerOrderCode')
STATUS = {1: 0, 3: 1, 4: 2}  # EInvoiceStatus -> ReferenceType
BUYER = {
    'AccountObjectName': 'BuyerLegalName', 'AccountObjectTaxCode': 'BuyerTaxCode',
    'AccountObjectCode': 'BuyerCode', 'AccountObjectAddress': 'BuyerAddress',
    'AccountObjectBankAccount': 'BuyerBankAccount',
    'AccountObjectBankName': 'BuyerBankName', 'ContactName': 'BuyerFullName',
    'CitizenIDNumber': 'BuyerIDNumber', 'PassportNumber': 'BuyerPassport',
    'RelatedUnitCode': 'BuyerBudgetCode', 'ReceiverName': 'ReceiverName',
    'ReceiverEmail': 'ReceiverEmail',
}
# of the corrected invoice, beside its number: {field: key of an invoice}
ORIGINAL_IDS = {'OrgTransactionID': 'id', 'OrgRefID': 'ref_id'}
WHEN = re.compile(r'(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d+)?(\+07:00)?', re.ASCII)


def same_guid(value):
    """The canonical text of a GUID, or None."""
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def checked(body, tenant, row, settings, code):
    """The draft in words of the publish group.

    :param row: its series
    :param code: the flag invoiceWithCode of the call
    :raise Problem: not acceptable
    """
    for name in REQUIRED:
        if body.get(name) in (None, ''):
            raise Problem(f'RequireError_{name}')
    for name in TOTALS:
        for field in (f'Total{name}OC', f'Total{name}'):
            if name != 'AmountWithoutVAT' and not is_number(body.get(field)):
                raise Problem(f'Invalid_[Invoice.{field}]')
    if body['InvoiceTemplateID'] != row['template_id'] or with_code(
        row['series']) != code:
        raise Problem('InvoiceTemplateNotExist')
    when = WHEN.fullmatch(str(body['InvDate']))
    if not when or not when[3]:
        raise Problem('InvalidInvoiceDate')
    for name in ('CreatedDate', 'ModifiedDate'):
        if not WHEN.fullmatch(str(body[name])):
            raise Problem(f'Invalid_[Invoice.{name}]')
    for name in SHOP_FIELDS:
        if len(str(body.get(name) or '')) > 255:
            raise Problem(f'Invalid_[Invoice.{name}]')
    data = translated(body, row, when[1])
    checks = fields.Fields(data, row, settings, 0)
    checks.buyer()
    checks.mail()
    if given(body, 'RelatedUnitCode') and not given(body, 'AccountObjectAddress'):
        raise Problem('RequireInfo_AccountObjectAddress')
    if data['ReferenceType']:
        checks.correction()
    digits = {'AmountOC': 0 if data['CurrencyCode'] == 'VND' else 2, 'Amount': 0}
    Sums(data, digits, settings).check()
    checks.reduced_rate()
    return data


def original_day(body):
    """Dates of this group carry their time and zone."""
    when = WHEN.fullmatch(str(body.get('OrgInvDate') or ''))
    if not when or not when[3]:
        raise Problem('Invalid_[Invoice.OrgInvDate]')
    return when[1]


def translated(body, row, day):
    status = body.get('EInvoiceStatus', 1)
    if not is_number(status) or status not in STATUS:
        raise Problem('InvalidAdjustmentType')
    if not is_number(body['ExchangeRate']) or not is_number(body['DiscountRate']):
        raise Problem('Invalid_[Invoice.ExchangeRate]')
    lines = body['InvoiceDetails']
    if not isinstance(lines, list) or not all(isinstance(one, dict) for one in lines):
        raise Problem('InvalidInvoiceData')
    data = {
        'RefID': body['RefID'], 'InvSeries': row['series'], 'InvDate': day,
        'CurrencyCode': body['CurrencyCode'], 'ExchangeRate': body['ExchangeRate'],
        'PaymentMethodName': body['PaymentMethod'], 'ReferenceType': STATUS[status],
        'IsInvoiceSummary': row['summary'],
        **{ours: body[name] for name, ours in BUYER.items() if name in body},
        **{name: value for name, value in body.items() if name.startswith('Total')},
    }
    if status != 1:
        data.update(
            OrgInvoiceType=1, InvoiceNote=body.get('ChangeReason'),
            OrgInvDate=original_day(body),
            **{name: body.get(name) for name in (
                'OrgInvTemplateNo', 'OrgInvSeries', 'OrgInvNo', *ORIGINAL_IDS)})
    for suffix in ('OC', ''):
        data[f'TotalAmountWithoutVAT{suffix}'] = (
            data[f'TotalSaleAmount{suffix}'] - data[f'TotalDiscountAmount{suffix}'])
    data['OriginalInvoiceDetail'] = rows = [
        _line(position, one, row['series'][0] != '2')
        for position, one in enumerate(lines, 1)]
    rates = dict.fromkeys(r['VATRateName'] for r in rows if r['ItemType'] in (1, 3, 5))
    sign = {1: 1, 5: 1, 3: -1}
    data['TaxRateInfo'] = [{
        'VATRateName': name, **{
            total: sum(sign[r['ItemType']] * r[total] for r in rows
                       if r['ItemType'] in sign and r['VATRateName'] == name)
            for total in ('AmountWithoutVATOC', 'VATAmountOC')},
    } for name in rates if name]
    return data


def _line(position, line, taxed):
    kind = line.get('InventoryItemType')
    if not is_number(kind) or kind not in KINDS:
        raise Problem('InvoiceDetail_InventoryItemType')
    if not given(line, 'Description'):
        raise Problem('InvoiceDetail_Description')
    if line.get('SortOrder') != position:
        raise Problem('InvoiceDetail_SortOrder')
    if kind in (3, 4) and line.get('SortOrderView') is not None:
        raise Problem('InvoiceDetail_SortOrderView')
    money = {}
    for name in ('Quantity', 'UnitPrice', 'AmountOC', 'Amount', 'DiscountRate',
                 'DiscountAmountOC', 'DiscountAmount', 'VATAmountOC', 'VATAmount'):
        value = line.get(name)
        if value is not None and not is_number(value):
            raise Problem(f'InvoiceDetail_{name}')
        money[name] = value or 0
    rate = line.get('VATRate')
    if isinstance(rate, bool) or not (rate is None or isinstance(rate, int)) or (
        rate not in RATES
    ):
        raise Problem('InvalidVatPercentage')
    return {
        'ItemType': KINDS[kind], 'LineNumber': position,
        'SortOrder': line.get('SortOrderView'), 'ItemName': str(line['Description']),
        'ItemCode': line.get('InventoryItemCode'), 'UnitName': line.get('UnitName'),
        **money, 'AmountWithoutVATOC': money['AmountOC'] - money['DiscountAmountOC'],
        'AmountWithoutVAT': money['Amount'] - money['DiscountAmount'],
        'VATRateName': RATES[rate] if taxed and kind != 3 else None,
    }
