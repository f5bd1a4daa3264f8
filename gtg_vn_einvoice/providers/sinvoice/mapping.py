"""A neutral document as S-Invoice's createInvoice body (README 4)."""

import re
from decimal import Decimal

from odoo.addons.gtg_connector_base.lib.money import round_half_up

from ...lib import sentences
from ...lib.rows import rows
from . import const, correction
from .text import cut


def payload(document, discount_style='item_discount', decrease_style='official'):
    """Body of createInvoice for an original or a correction.

    The issue date is left out on purpose: the server then takes its own clock, so
    a date can neither lie in the future nor before the last number (README 4.1).

    :param Document document: neutral document
    :param str discount_style: ``item_discount`` (inside the line) or
        ``discount_line`` (one line per rate)
    :param str decrease_style: how lines that lower an amount are written
    """
    breakdowns = []
    if document.is_information:  # README 9: nothing but the words
        items, summary = [], {}
    elif document.is_adjustment:
        items = correction.items(document, decrease_style)
        summary = correction.summary(document)
    else:
        items = _items(document, discount_style)
        summary = _summary(document, items)
    if document.form != '2':
        breakdowns = [{
            'taxPercentage': const.TAX_PERCENTAGE[rate],
            'taxableAmount': abs(net), 'taxAmount': abs(tax),
            'taxableAmountPos': plus, 'taxAmountPos': plus,
        } for rate, net, tax in document.rates for plus in [(net or tax) >= 0]]
    return {
        'generalInvoiceInfo': _general(document),
        'buyerInfo': buyer(document.buyer),
        'payments': [{'paymentMethodName': cut(
            'paymentMethodName', document.payment_method)}],
        'itemInfo': items,
        'taxBreakdowns': breakdowns,
        'summarizeInfo': summary,
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
    if document.correction:
        general.update(correction.references(document.correction))
    text = note(document)
    if text:
        general['invoiceNote'] = cut('invoiceNote', text)
    return general


def note(document):
    """The sentence of the law, corrected words, and what the seller notes."""
    made = document.correction
    return '. '.join(filter(None, [
        *([made.sentence, made.text] if made else []), document.note]))


def note_fits(document):
    """Whether the note is printed as a whole."""
    return len(note(document)) <= const.LIMITS['invoiceNote']


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
        return {'buyerName': party.name or sentences.CONSUMER, 'buyerNotGetInvoice': 1}
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
    block = {name: cut(name, text) for name, text in block.items() if text}
    return {**block, 'buyerNotGetInvoice': 0}


def _items(document, discount_style):
    items = [_item(row, discount_style) if row.goods else _discount(row)
             for row in rows(document, discount_style)]
    return [{'lineNumber': number, **item} for number, item in enumerate(items, 1)]


def _item(row, discount_style):
    item = {
        'selection': 1,
        'itemCode': cut('itemCode', row.code),
        # README 4.5: the number of promotion goods differs between versions
        'itemName': cut('itemName', (sentences.GIFT if row.gift else '') + row.name),
        'unitName': cut('unitName', row.unit),
        'unitPrice': row.unit_price,
        'quantity': row.quantity,
        'itemTotalAmountWithoutTax': row.net,
    }
    item = {key: value for key, value in item.items() if value != ''}
    if row.discount:
        # README 4.3: percent in one field, money in the other
        item.update(discount=row.discount_percent, itemDiscount=row.discount)
    if discount_style != 'discount_line':
        item['itemTotalAmountAfterDiscount'] = row.after
    return _taxed(item, row.rate, row.tax)


def _discount(row):
    return _taxed({
        'selection': 3, 'itemName': cut('itemName', row.name),
        'itemTotalAmountWithoutTax': row.net, 'isIncreaseItem': False,
    }, row.rate, row.tax)


def _taxed(item, rate, tax):
    if rate:
        net = item.get('itemTotalAmountAfterDiscount',
                       item['itemTotalAmountWithoutTax'])
        item.update(taxPercentage=const.TAX_PERCENTAGE[rate], taxAmount=tax,
                    itemTotalAmountWithTax=net + tax)
    return item


def _phone(text):
    """Characters that the buyer's phone field takes (README 4.2)."""
    return re.sub(r'[^0-9+()&; -]', '', text or '').strip()


def seller_phone(text):
    """Digits only, + as 00: what the seller's phone field takes."""
    return re.sub(r'\D', '', (text or '').replace('+', '00'))
