"""Reading MISA's answers: JSON in JSON, keys in any case, failures under HTTP 200
(README 2, 8)."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal

from odoo.addons.gtg_connector_base.lib.clock import VIETNAM
from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    Blocked,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Retryable,
)

from ...lib.document import Issued
from ...lib.listing import Listed
from . import const

_ = str  # marks texts for the translators; they are translated when shown
MAX_PAUSE = 3600  # seconds; no gateway may silence us for longer


@dataclass(frozen=True)
class Reply:
    """An envelope; ``rows`` holds what the list in it says about each document."""

    success: bool
    codes: tuple[str, ...]
    text: str
    data: object
    published: object
    created: object


def read(answer):
    """Answer of a call that changes nothing.

    :rtype: Reply
    :raise Retryable: server trouble
    :raise AuthExpired: token or login refused
    :raise Rejected: refused
    """
    reply = _reply(answer, Retryable)
    if not reply.success:
        error = refusal(reply.codes, reply.text, answer.status)
        if isinstance(error, OutcomeUnknown):
            raise Retryable(error.text, code=error.code)
        raise error
    return reply


def published(answer, reference):
    """Answer of a publish request for one invoice.

    :rtype: Issued
    :raise OutcomeUnknown: it may exist: look up, never repeat blindly
    :raise Rejected, Retryable: nothing was issued
    """
    reply = _reply(answer, OutcomeUnknown)
    if not reply.success:
        raise refusal(reply.codes, reply.text, answer.status)
    row = _row_of(reply.published or reply.data, reference)
    code = _text(row, 'errorcode')
    if code:
        text = _text(row, 'descriptionerrorcode') or _text(row, 'description') or code
        raise refusal((code,), text, answer.status)
    issued = _issued(row)
    if not issued:
        # README 8: success without number and look-up code proves nothing
        raise OutcomeUnknown(_('MISA answered without an invoice number'), code='no_number')
    return issued


def status_rows(reply, with_code):
    """Documents of a status call.

    :param bool with_code: kind of the series that was asked for
    :return: {key: Issued}, under both RefID (lower case) and TransactionID
    """
    found = {}
    for row in _rows(reply.data):
        issued = _issued(row)
        if not issued:
            continue
        try:
            status = int(row.get('sendtaxstatus'))
        except (TypeError, ValueError):
            status = None
        code = _text(row, 'invoicecode')
        state = const.TAX_STATES.get((with_code, status), 'unknown')
        issued = Issued(
            number=issued.number, lookup_code=issued.lookup_code, tax_code=code,
            tax_state=state, unsent=(with_code, status) in const.UNSENT,
            issued_at=_instant(_text(row, 'publishedtime')))
        found[_text(row, 'refid').lower()] = found[issued.lookup_code] = issued
    return found


def page(reply):
    """One page of a list: bare, or with its total beside (README 11).

    :return: (rows with lower-case keys, how many there are in all)
    """
    value, total = reply.data, 0
    if isinstance(value, dict):
        value = _lower(value)
        total = value.get('total')
        value = value.get('pagedata')
    rows = [{**row, 'invseries': _text(row, 'invseries'), 'invno': _text(row, 'invno')}
            for row in _rows(value)]
    return rows, total if isinstance(total, int) else 0


def listed(rows):
    """Issued documents among the rows of pages.

    :rtype: list[Listed]
    """
    found = []
    for row in rows:
        issued = _issued(row)
        if issued and _text(row, 'publishstatus') != '0':
            # README 3: with OC in the currency of the invoice, without it in VND
            currency = _text(row, 'currencycode')
            total = row.get('totalamountoc') if currency else None
            if total is None:
                total, currency = row.get('totalamount'), 'VND'
            found.append(Listed(
                issued.number, const.LIST_KINDS.get(_text(row, 'referencetype'), 'other'),
                _text(row, 'refid'), buyer_tax_code=_text(row, 'buyertaxcode'),
                total=Decimal(total) if isinstance(total, int | Decimal) else None,
                currency=currency,
                issued_at=_instant(_text(row, 'publishedtime'))
                or _instant(_text(row, 'invdate'))))
    return found


def draft_row(reply, reference):
    """The stored draft of a reference.

    :return: Issued (with ``draft`` while nobody has signed it), or None
    """
    return draft_rows(reply).get(reference.lower())


def draft_rows(reply):
    """:return: {reference: Issued}, as `draft_row`"""
    return {_text(row, 'refid').lower(): _issued(row) or Issued(number='', draft=True)
            for row in _rows(reply.data)}


def inserted(answer, reference):
    """Answer of an insert of one draft.

    :return: whether MISA says that it keeps the draft; False means: look it up
    :raise Rejected, OutcomeUnknown:
    """
    reply = _reply(answer, OutcomeUnknown)
    rows = [row for row in (*_rows(reply.data), *_rows(reply.created))
            if _text(row, 'refid').lower() == reference.lower()]
    for row in rows:
        text = _text(row, 'errormessage')
        code = _text(row, 'errorcode')
        if text or code:
            raise refusal((code,) if code else (), text or code, answer.status)
    if not reply.success:
        raise refusal(reply.codes, reply.text, answer.status)
    return bool(rows)


def templates(reply):
    """:return: list of dicts with lower-case keys, inactive ones left out"""
    return [row for row in _rows(reply.data)
            if row.get('invseries') and row.get('inactive') is not True]


def file(reply, transaction_id):
    """Content of a download, None while MISA has none yet (README 6).

    :return: bytes, or the address (str) where it lies
    :raise Rejected: there will be none
    """
    row = next((row for row in _rows(reply.data)
                if _text(row, 'transactionid') == transaction_id), None)
    if row is None or _text(row, 'errorcode') == const.NOT_READY:
        return None
    if _text(row, 'errorcode'):
        raise refusal((_text(row, 'errorcode'),), _text(row, 'errorcode'), 200)
    text = _text(row, 'data')
    if not text:
        return None
    if text.startswith('http'):
        return text
    if text.lstrip('\ufeff \r\n\t').startswith('<'):
        return text.lstrip('\ufeff \r\n\t').encode()
    return decode(text)


def decode(text):
    """Bytes of base64 text.

    :raise Rejected: it is none
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Rejected(_('The file from MISA is not readable'), code='bad_file') from error


def refusal(codes, text, status):
    """The error that an explicit refusal means (README 8).

    :param codes: the codes that the envelope or the item names, the inner one last
    """
    known = set(codes)
    code = codes[-1] if codes else None
    if known & const.LOGIN_CODES or known & const.TOKEN_CODES or status in (401, 403):
        return AuthExpired(text or code or _('MISA refused the keys or the login'),
                           code=code, hint=const.HINTS.get(code, const.LOGIN_HINT))
    text = text or code or _('MISA gave no reason')
    if known & const.DUPLICATE_CODES or 'InvoiceDuplicated' in text:
        return OutcomeUnknown(_('MISA knows the invoice already'), after=1,
                              code='DuplicateInvoiceRefID')
    if known & const.UNKNOWN_CODES or status >= 500:
        return OutcomeUnknown(text, code=code)
    for name in codes:
        if name in const.TRANSIENT_CODES:
            return Retryable(text, code=name, after=const.TRANSIENT_CODES[name])
    told = text if text == code or not code else f'{text} ({code})'
    hint = next((const.HINTS[name] for name in reversed(codes)
                 if name in const.HINTS), const.DEFAULT_HINT)
    whole = bool(known & const.BLOCKED_ACCOUNT)
    if whole or known & const.BLOCKED_SERIES:
        return Blocked(told, code=code, hint=hint, whole=whole)
    return Rejected(told, code=code, hint=hint)


def nested(value):
    """JSON in JSON, as deep as it goes (README 2)."""
    for _depth in range(3):
        if not isinstance(value, str) or value.strip()[:1] not in ('{', '['):
            break
        try:
            value = json.loads(value, parse_float=Decimal)
        except (ValueError, RecursionError):
            break
    return value


def _reply(answer, trouble):
    """The envelope of an answer.

    :param trouble: error class for what cannot be read
    """
    if answer.status == 429:
        raise RateLimited(_('MISA asks for fewer calls'), code='429',
                          after=_pause(answer.headers))
    try:
        value = json.loads(answer.content, parse_float=Decimal)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, list):
        value = {'success': True, 'data': value}  # README 6: some lists come bare
    if not isinstance(value, dict):
        if answer.status in (401, 403):
            raise AuthExpired(_('MISA refused the keys or the login'),
                              code=str(answer.status), hint=const.LOGIN_HINT)
        raise trouble(_('MISA gave no readable answer'), code=f'http_{answer.status}')
    value = _lower(value)
    codes = [_text(value, 'errorcode')]
    errors = nested(value.get('errors'))
    if isinstance(errors, list):
        codes += [str(code) for code in errors if isinstance(code, str)]
    codes = tuple(code for code in codes if code)
    text = _text(value, 'descriptionerrorcode') or ', '.join(codes)
    if answer.status >= 500:
        raise trouble(text or _('MISA is not available at the moment'),
                      code=codes[-1] if codes else f'http_{answer.status}')
    success = (value.get('success') is True and answer.status < 300)
    return Reply(
        success, codes, text, nested(value.get('data')),
        nested(value.get('publishinvoiceresult')),
        nested(value.get('createinvoiceresult') or value.get('error')))


def _row_of(value, reference):
    """The row of our document; a single row without any RefID is ours too."""
    rows = _rows(value)
    for row in rows:
        if _text(row, 'refid').lower() == reference.lower():
            return row
    return rows[0] if len(rows) == 1 and not _text(rows[0], 'refid') else {}


def _rows(value):
    value = nested(value)
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return []
    return [_lower(row) for row in map(nested, value) if isinstance(row, dict)]


def _lower(mapping):
    return {str(key).lower(): value for key, value in mapping.items()}


def _issued(row):
    """Number and look-up code of a row, or None while it has none."""
    digits = _text(row, 'invno')
    series = _text(row, 'invseries')[-6:]  # README 4: with or without form digit
    lookup = _text(row, 'transactionid')
    if not (digits.isascii() and digits.isdigit() and int(digits) and series and lookup):
        return None
    return Issued(number=f'{series}{int(digits)}', lookup_code=lookup,
                  tax_code=_text(row, 'invcode'))


def _text(row, name):
    value = row.get(name)
    return '' if value is None or isinstance(value, (dict, list)) else str(value).strip()


def _instant(text):
    """README 2: a missing zone is Vietnam's, year 1 means nothing."""
    if not text or text.startswith('0001-'):
        return None
    try:
        # fractions of any length: seconds are enough
        value = datetime.fromisoformat(
            text[:19] + (text[-6:] if text[-6:-5] in ('+', '-') else ''))
    except ValueError:
        return None
    if text.endswith('Z'):
        return value.replace(tzinfo=timezone.utc)
    return value if value.tzinfo else value.replace(tzinfo=VIETNAM)


def _pause(headers):
    value = next((value for name, value in headers.items()
                  if name.lower() == 'retry-after'), '')
    return min(int(value), MAX_PAUSE) if value.isdigit() and value.isascii() else 30
