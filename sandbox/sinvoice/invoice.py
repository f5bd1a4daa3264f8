"""One issued invoice: its dict, its totals, its way to the tax office."""

import secrets
from decimal import Decimal

from .envelope import Problem
from .fields import decimal
from .validate import NOTE, adjustment, sign, zero

STATUS = {
    'original': 'Hóa đơn gốc',
    'replacement': 'Hóa đơn thay thế',
    'adjustment': 'Hóa đơn điều chỉnh',
    'replaced': 'Hóa đơn bị thay thế',
    'adjusted_money': 'Hóa đơn bị điều chỉnh tiền',
    'adjusted_info': 'Hóa đơn bị điều chỉnh thông tin',
}
NOT_SENT, SENT, APPROVED, REFUSED = 'NOT_SENT', 'SENT', 'APPROVED', 'DIS_APPROVED'
ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'


def with_code(series):
    return series.startswith('C')


def cash_register(series):
    return len(series) > 3 and series[3] == 'M'


def totals(body):
    """What the server computes itself: signed amounts, per line and per rate."""
    rates, net, tax, discount = {}, Decimal(0), Decimal(0), Decimal(0)
    for item in body.get('itemInfo') or []:
        if str(item.get('selection') or '1') == NOTE:
            continue
        after = decimal(item.get('itemTotalAmountAfterDiscount'))
        if after is None:
            after = (
                zero(item.get('itemTotalAmountWithoutTax'))
                - zero(item.get('itemDiscount'))
            )
        after = sign(item) * abs(after)
        vat = sign(item) * abs(zero(item.get('taxAmount')))
        rate = decimal(item.get('taxPercentage'))
        row = rates.setdefault(None if rate is None else int(rate), [Decimal(0)] * 2)
        row[0] += after
        row[1] += vat
        net += after
        tax += vat
        discount += zero(item.get('itemDiscount'))
    return {'net': net, 'tax': tax, 'total': net + tax, 'discount': discount,
            'rates': rates}


def new(tenant, row, body, number, issued_ms, now_ms):
    """The dict of a new invoice. ``row`` is the series."""
    general = body['generalInvoiceInfo']
    kind, what = adjustment(general)
    series = row['invoiceSeri']
    sums = totals(body)
    buyer = body.get('buyerInfo') or {}
    return {
        'id': f'{tenant["tax_code"]}:{series}{number}',
        'tenant': tenant['tax_code'],
        'template': row['templateCode'],
        'series': series,
        'number': number,
        'invoiceNo': f'{series}{number}',
        'transactionID': str(now_ms + number),
        'reservationCode': general.get('reservationCode')
        or ''.join(secrets.choice(ALPHABET) for _ in range(12)),
        'uuid': general.get('transactionUuid') or '',
        'issued_ms': issued_ms,
        'created_ms': now_ms,
        'adjustment': kind,
        'adjustment_of': general.get('originalInvoiceId') if kind != '1' else None,
        'adjustment_what': what,
        'status': {'3': 'replacement', '5': 'adjustment'}.get(kind, 'original'),
        'exchange': NOT_SENT,
        'refusal': None,
        'code': _register_code(series, number) if cash_register(series) else None,
        'polls': 0,
        'sent_ms': None,
        'paid': bool(general.get('paymentStatus')),
        'paid_ms': now_ms if general.get('paymentStatus') else None,
        'mails': 0,
        'file_calls': 0,
        'currency': general['currencyCode'],
        'net': sums['net'],
        'tax': sums['tax'],
        'total': sums['total'],
        'buyer': buyer.get('buyerLegalName') or buyer.get('buyerName') or '',
        'body': body,
    }


def _register_code(series, number):
    """README 6: built from the range the tax office gave beforehand."""
    return f'M1-{series[1:3]}-SBOXA-{number:011d}'


# === TAX OFFICE === #

def exchange_status(invoice):
    kind = 'HAS_CODE' if with_code(invoice['series']) else 'NO_CODE'
    return f'INVOICE_{kind}_{invoice["exchange"]}'


def send(invoice, now_ms):
    """To the tax office; False if it is there already."""
    if invoice['exchange'] != NOT_SENT:
        return False
    invoice['exchange'], invoice['sent_ms'] = SENT, now_ms
    return True


def approve(invoice, code=None):
    invoice['exchange'], invoice['refusal'] = APPROVED, None
    if with_code(invoice['series']) and not invoice['code']:
        invoice['code'] = code or '00' + secrets.token_hex(16).upper()


def refuse(invoice, reason):
    if invoice['exchange'] == APPROVED:
        raise Problem(None, 'the tax office has already accepted it')
    invoice['exchange'] = REFUSED
    invoice['refusal'] = reason


def advance(invoice, settings, now_ms, poll=False):
    """Move on by itself: after so many look-ups or seconds (README 6)."""
    if poll:
        invoice['polls'] += 1
    if invoice['exchange'] in (APPROVED, REFUSED):
        return
    if invoice['exchange'] == NOT_SENT:
        if settings['tax_sending'] != 'auto':
            return
        send(invoice, invoice['created_ms'])
    waited = now_ms - (invoice['sent_ms'] or now_ms)
    ready = {
        'polls': invoice['polls'] >= settings['code_after_polls'],
        'seconds': waited >= settings['code_after_seconds'] * 1000,
    }.get(settings['code_mode'], False)
    if ready and settings['tax_outcome'] == 'refuse':
        refuse(invoice, settings['tax_refusal'])
    elif ready:
        approve(invoice)
