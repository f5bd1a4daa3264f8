"""A neutral document as S-Invoice's createInvoice body (README 4)."""

import re
from collections import defaultdict
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from odoo.addons.gtg_connector_base.lib.money import round_half_up

from ...lib import sentences
from ...lib.amounts import PERCENT, share_tax
from . import const


def payload(document, discount_style='item_discount'):
    """Body of createInvoice for an original.

    The issue date is left out on purpose: the server then takes its own clock, so
    a date can neither lie in the future nor before the last number (README 4.1).

    :param Document document: neutral document
    :param str discount_style: ``item_discount`` (inside the line) or
        ``discount_line`` (one line per rate)
    """
    items, breakdowns = _items(document, discount_style), []
    if document.form != '2':
        breakdowns = [{
            'taxPercentage': const.TAX_PERCENTAGE[rate],
            'taxableAmount': abs(net), 'taxAmount': abs(tax),
            'taxableAmountPos': net >= 0, 'taxAmountPos': net >= 0,
        } for rate, net, tax in document.rates]
    return {
        'generalInvoiceInfo': _general(document),
        'buyerInfo': buyer(document.buyer),
        'payments': [{'paymentMethodName': _cut(
            'paymentMethodName', document.payment_method)}],
        'itemInfo': items,
        'taxBreakdowns': breakdowns,
        'summarizeInfo': _summary(document, items),
    }


def _general(document):
    general = {
        'invoiceType': document.form,
        'templateCode': document.template,
        'invoiceSeries': document.series,
        'currencyCode': document.currency,
        'adjustmentType': '1',
        'paymentStatus': document.paid,
        'cusGetInvoiceRight': True,
        'transactionUuid': document.reference,
    }
    if document.exchange_rate:
        general['exchangeRate'] = round_half_up(document.exchange_rate, 2)
    if document.note:
        general['invoiceNote'] = _cut('invoiceNote', document.note)
    return general


def _summary(document, items):
    gross = sum((item['itemTotalAmountWithoutTax'] for item in items
                 if item['selection'] == 1), Decimal(0))
    # README 4.4: whether the sum of lines counts discount lines is not known
    plain = all(item['selection'] == 1 for item in items)
    return {
        **({'sumOfTotalLineAmountWithoutTax': gross} if plain else {}),
        'totalAmountWithoutTax': document.net,
        'totalTaxAmount': document.tax,
        'totalAmountWithTax': document.total,
        'discountAmount': gross - document.net,
        'isTotalAmountPos': True, 'isTotalTaxAmountPos': True,
        'isTotalAmtWithoutTaxPos': True,
    }


def buyer(party):
    """The buyerInfo block; flag 1 says that nobody takes the invoice (README 4.2)."""
    if party.kind == 'consumer':
        return {'buyerName': sentences.CONSUMER, 'buyerNotGetInvoice': 1}
    block = {
        'buyerName': party.name,
        'buyerLegalName': party.legal_name,
        'buyerTaxCode': party.tax_code,
        'buyerBudgetCode': party.budget_code,
        'buyerIdNo': party.id_number,
        'buyerAddressLine': party.address,
        'buyerPhoneNumber': _phone(party.phone),
        'buyerEmail': party.email,
        'buyerCountryCode': party.country_code,
    }
    if party.id_number:
        block['buyerIdType'] = '2' if party.kind == 'foreigner' else '1'
    block = {name: _cut(name, text) for name, text in block.items() if text}
    return {**block, 'buyerNotGetInvoice': 0}


def _items(document, discount_style):
    goods = [line for line in document.lines if not line.is_discount]
    taxes = {}
    if discount_style == 'discount_line':
        taxes = _taxes_before_discount(goods, document.digits)
    items = [_item(line, taxes.get(id(line))) for line in goods]
    discounts = [(line.name, line.rate, -line.amounts.after, -line.amounts.tax)
                 for line in document.lines if line.is_discount and line.amounts.total]
    if discount_style == 'discount_line':
        discounts += _discounts_per_rate(goods, taxes)
    for name, rate, net, tax in discounts:
        items.append(_taxed({
            'selection': 3, 'itemName': _cut('itemName', name),
            'itemTotalAmountWithoutTax': net, 'isIncreaseItem': False,
        }, rate, tax))
    return [{'lineNumber': number, **item} for number, item in enumerate(items, 1)]


def _item(line, tax_before_discount=None):
    """One goods line; with a tax before discount the discount goes elsewhere."""
    amounts = line.amounts
    item = {
        'selection': 1,
        'itemCode': _cut('itemCode', line.code),
        'itemName': _cut('itemName', line.name),
        'unitName': _cut('unitName', line.unit),
        'unitPrice': amounts.unit_price,
        'quantity': amounts.quantity,
        'itemTotalAmountWithoutTax': amounts.net,
    }
    item = {key: value for key, value in item.items() if value != ''}
    if tax_before_discount is not None:
        return _taxed(item, line.rate, tax_before_discount)
    if amounts.discount:
        # README 4.3: percent in one field, money in the other
        item.update(discount=amounts.discount_percent, itemDiscount=amounts.discount)
    item['itemTotalAmountAfterDiscount'] = amounts.after
    return _taxed(item, line.rate, amounts.tax)


def _taxed(item, rate, tax):
    if rate:
        net = item.get('itemTotalAmountAfterDiscount',
                       item['itemTotalAmountWithoutTax'])
        item.update(taxPercentage=const.TAX_PERCENTAGE[rate], taxAmount=tax,
                    itemTotalAmountWithTax=net + tax)
    return item


def _taxes_before_discount(goods, digits):
    """Tax of each line before its discount, so that line and discount both check."""
    taxes, groups = {}, defaultdict(list)
    for line in goods:
        groups[line.rate].append(line)
    for rate, lines in groups.items():
        if rate is None:
            taxes.update((id(line), Decimal(0)) for line in lines)
            continue
        discount = sum(line.amounts.discount for line in lines) * PERCENT[rate] / 100
        after = sum(line.amounts.tax for line in lines)
        exact = sum(line.amounts.net for line in lines) * PERCENT[rate] / 100
        # up or down, whichever leaves the lines nearest to their own tax: the sums
        # are fixed, so what one side rounds away the other has to carry
        unit = Decimal(1).scaleb(-digits)
        total = min((after + discount.quantize(unit, rounding=rounding)
                     for rounding in (ROUND_FLOOR, ROUND_CEILING)),
                    key=lambda tax: abs(tax - exact))
        shares = share_tax(total, [line.amounts.net for line in lines], rate, digits)
        taxes.update(zip(map(id, lines), shares, strict=True))
    return taxes


def _discounts_per_rate(goods, taxes):
    groups = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in goods:
        groups[line.rate][0] += line.amounts.discount
        groups[line.rate][1] += taxes[id(line)] - line.amounts.tax
    return [('Chiết khấu thương mại', rate, net, tax)
            for rate, (net, tax) in groups.items() if net]


def _cut(name, text):
    """One line of at most the field's length."""
    return ' '.join((text or '').split())[:const.LIMITS[name]] \
        if name in const.LIMITS else text


def _phone(text):
    """Characters that the buyer's phone field takes (README 4.2)."""
    return re.sub(r'[^0-9+()&; -]', '', text or '').strip()


def seller_phone(text):
    """Digits only, + as 00: what the seller's phone field takes."""
    return re.sub(r'\D', '', (text or '').replace('+', '00'))
