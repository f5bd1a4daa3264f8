"""Adjustments and replacements in S-Invoice's createInvoice (README 9)."""

from datetime import datetime, time
from decimal import Decimal

from odoo.addons.gtg_connector_base.lib.clock import VIETNAM, to_unix

from ...lib import sentences
from ...lib.rows import changes
from . import const
from .text import cut


def references(correction):
    """What generalInvoiceInfo says about the original."""
    original = correction.original
    general = {
        'adjustmentType': const.ADJUSTMENT_TYPES[correction.kind],
        'originalInvoiceId': original.number,
        'originalInvoiceIssueDate': to_unix(original.issued_at) * 1000,
        'originalTemplateCode': original.template,
        'additionalReferenceDesc': cut(
            'additionalReferenceDesc', correction.agreement_ref),
        'additionalReferenceDate': to_unix(datetime.combine(
            correction.agreed_on, time(), VIETNAM)) * 1000,
    }
    if correction.kind == 'adjust':
        general['adjustmentInvoiceType'] = const.INFORMATION if correction.text else (
            const.MONEY)
    if correction.reason:
        general['adjustedNote'] = cut('adjustedNote', correction.reason)
    return general


def torn_rates(document):
    """Rates whose net and tax differ in sign: README 9 has one flag for both."""
    return [rate for rate, net, tax in document.rates if net * tax < 0]


def items(document, style):
    """Lines of an adjustment.

    :param str style: how this tenant wants decreases (README 9): ``official``,
        ``negative_unit_price`` or ``all_negative``
    """
    return [_item(number, row, style)
            for number, row in enumerate(changes(document), 1)]


def prefix(increase):
    """Words before the name of a line that changes."""
    return sentences.INCREASE if increase else sentences.DECREASE


def _item(number, row, style):
    down = not row.increase
    sign = -1 if down and style == 'all_negative' else 1
    price_sign = -1 if down and style == 'negative_unit_price' else sign
    item = {
        'lineNumber': number, 'selection': 1,
        'itemCode': cut('itemCode', row.code),
        'itemName': cut('itemName', prefix(row.increase) + row.name),
        'unitName': cut('unitName', row.unit),
        'unitPrice': price_sign * row.unit_price, 'quantity': row.quantity,
        'itemTotalAmountWithoutTax': sign * row.net,
        'isIncreaseItem': row.increase,
        'adjustmentTaxAmount': 1 if style == 'official' else sign * row.tax,
    }
    if row.rate:
        item.update(taxPercentage=const.TAX_PERCENTAGE[row.rate],
                    taxAmount=sign * row.tax,
                    itemTotalAmountWithTax=sign * (row.net + row.tax))
    return {key: value for key, value in item.items() if value != ''}


def summary(document):
    """Totals without sign; the flags carry it."""
    return {
        'sumOfTotalLineAmountWithoutTax': abs(document.net),
        'totalAmountWithoutTax': abs(document.net),
        'totalTaxAmount': abs(document.tax),
        'totalAmountWithTax': abs(document.total),
        'discountAmount': Decimal(0),
        'isTotalAmountPos': document.total >= 0,
        'isTotalTaxAmountPos': document.tax >= 0 if document.tax
        else document.total >= 0,
        'isTotalAmtWithoutTaxPos': document.net >= 0,
    }
