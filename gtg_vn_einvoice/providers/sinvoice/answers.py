"""Reading S-Invoice's answers: two envelopes, many dialects (README 3)."""

import json
import re
from datetime import datetime, timezone
from decimal import Decimal

from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    Blocked,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Retryable,
)

from ...lib.document import Issued
from ...lib.listing import Listed, Page
from . import const

_ = str  # marks texts for the translators; they are translated when shown
_KEY = re.compile(r'[A-Z0-9_]+')
_OK = (None, '', 0, 200, '0', '200')


def body(answer):
    """The JSON object of an answer, or None when it is none (README 3, C)."""
    try:
        value = json.loads(answer.content, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def key_and_text(value):
    """Machine key (or None) and the sentence for a person."""
    code, message = value.get('errorCode'), value.get('message')
    text = value.get('description') or value.get('data') or value.get('detail')
    if code in _OK:
        code = message if _KEY.fullmatch(str(message or '')) else None
        if code is None:
            text = message or text
    return (str(code) if code is not None else None,
            str(text or message or code or _('S-Invoice gave no reason')))


def created(answer):
    """Answer of createInvoice.

    :rtype: Issued
    :raise OutcomeUnknown: the invoice may exist: look up, never repeat blindly
    :raise Rejected: nothing was made; data or settings must change
    """
    _raise_for_gateway(answer, create=True)
    value = body(answer)
    if answer.status >= 500 or value is None:
        raise OutcomeUnknown(_('S-Invoice gave no readable answer'),
                             code=f'http_{answer.status}')
    result = value.get('result')
    number = isinstance(result, dict) and result.get('invoiceNo')
    if value.get('errorCode') in _OK and number and answer.status < 300:
        return Issued(
            number=str(number),
            provider_id=_text(result, 'transactionID'),
            lookup_code=_text(result, 'reservationCode'),
            tax_code=_text(result, 'codeOfTax'))
    if number:
        # README 3: builds differ in their codes of success; a number was given
        raise OutcomeUnknown(
            _('S-Invoice named an invoice number and an error'), code='number_and_error')
    if answer.status < 300 and value.get('errorCode') in _OK and (
        value.get('code') in _OK
    ):
        # README 3: a 2xx without a number proves nothing
        raise OutcomeUnknown(_('S-Invoice answered without an invoice number'),
                             code='no_number')
    raise refusal(value)


def read(answer):
    """Answer of a call that changes nothing.

    :return: the JSON object
    :raise Retryable: server trouble
    :raise Rejected: refused, code `const.NOT_FOUND` where nothing was found
    """
    _raise_for_gateway(answer, create=False)
    value = body(answer)
    if answer.status >= 500 or value is None:
        raise Retryable(_('S-Invoice is not available at the moment'),
                        code=f'http_{answer.status}')
    # README 3: the mail endpoint says {"code": "200"}, lists say {"status": 200}
    if answer.status < 300 and value.get('errorCode') in _OK and (
        value.get('code') in _OK
    ):
        return value
    error = refusal(value)
    if isinstance(error, OutcomeUnknown):
        raise Retryable(error.text, code=error.code)
    raise error


def found(value):
    """The invoice in an answer of the search by reference, or None.

    :raise Retryable: the answer has no result, or a document that has no number yet:
        neither says "there is none"
    """
    if 'result' not in value:
        raise Retryable(_('S-Invoice gave no readable answer'), code='no_result')
    rows = value['result'] or []
    if not rows:
        return None
    row = next((row for row in (rows if isinstance(rows, list) else [rows])
                if isinstance(row, dict) and row.get('invoiceNo')), None)
    if row is None:
        raise Retryable(_('S-Invoice knows our reference, but no number yet'),
                        code='no_number')
    return Issued(
        number=str(row['invoiceNo']),
        lookup_code=_text(row, 'reservationCode'),
        tax_code=_text(row, 'codeOfTax'),
        # README 6: anything unnamed means keep asking
        tax_state=const.TAX_STATES.get(row.get('exchangeStatus'), 'unknown'),
        unsent=str(row.get('exchangeStatus')).endswith('_NOT_SENT'),
        tax_message=_text(row, 'exchangeDes'),
        issued_at=_instant(row.get('issueDate')))


def listed(value, page):
    """A page of the list (README 9).

    :raise Retryable: the answer has no list at all
    """
    rows = value.get('invoices')
    if not isinstance(rows, list):
        raise Retryable(_('S-Invoice gave no list of invoices'), code='no_list')
    total = value.get('totalRows', value.get('totalRow'))
    total = int(total) if str(total).isdigit() else None
    more = len(rows) == const.LIST_ROWS if total is None else (
        page * const.LIST_ROWS < total)
    return Page(tuple(
        _listed(row) for row in rows
        if isinstance(row, dict) and row.get('invoiceNo')),
        total, bool(rows) and more, count=len(rows))


def _listed(row):
    return Listed(
        number=str(row['invoiceNo']),
        kind=const.LIST_KINDS.get(str(row.get('adjustmentType') or '1'), 'other'),
        reference=_text(row, 'transactionUuid'),
        corrects=_text(row, 'originalInvoiceId'),
        buyer_tax_code=_text(row, 'buyerTaxCode'),
        total=_amount(row.get('total')), currency=_text(row, 'currency'),
        issued_at=_instant(row.get('issueDate')))


def _amount(value):
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return None
    return amount if amount.is_finite() else None


def refusal(value):
    """The error that an explicit refusal means."""
    key, text = key_and_text(value)
    if key in const.UNKNOWN_KEYS:
        return OutcomeUnknown(text, code=key)
    if key in const.AUTH_KEYS:
        return AuthExpired(text, code=key)
    hint = const.HINTS.get(key, const.DEFAULT_HINT)
    whole = key in const.BLOCKED_ACCOUNT
    if whole or key in const.BLOCKED_SERIES:
        return Blocked(text, code=key, hint=hint, whole=whole)
    return Rejected(text, code=key, hint=hint)


def _raise_for_gateway(answer, create):
    if answer.status == 401:
        # README 2: a refused token means that the call was not processed
        raise AuthExpired(_('S-Invoice refused the login'), code='401')
    if answer.status == 429:
        raise RateLimited(_('S-Invoice asks for fewer calls'), code='429', after=45)
    if answer.status == 503 and not create:
        raise Retryable(_('S-Invoice is under maintenance'), code='503', after=60)


def _text(row, name):
    return str(row.get(name) or '')


def _instant(milliseconds):
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, timezone.utc)
    except (TypeError, ValueError, OverflowError):
        return None
