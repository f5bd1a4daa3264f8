"""Reading VNPT's result strings: OK bodies, ERR numbers, XML in text (README 4-6)."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lxml import etree

from odoo.addons.gtg_connector_base.lib.clock import VIETNAM
from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    Blocked,
    OutcomeUnknown,
    Rejected,
    Retryable,
)

from ...lib.document import Issued
from ...lib.listing import Listed
from . import const

_ = str  # marks texts for the translators; they are translated when shown
# README 4: never by prefix, ERR:1 is not ERR:13
_ERROR = re.compile(r'ERR:\s*(-?\d*)\s*(.*)', re.DOTALL)
_OK = re.compile(r'OK:\s*(.*)', re.DOTALL)
_AMOUNT = re.compile(r'-?\d{1,18}(\.\d{1,6})?', re.ASCII)
_SYMBOL = re.compile(r'\b[CK]\d\d[TDLMNBGHXF][A-Z0-9]{2}\b')


class BadAnswer(ValueError):
    """Neither a result nor an error of the known shapes."""


@dataclass(frozen=True)
class Item:
    """One document in an OK body; ``tax_code`` only from cash registers."""

    pattern: str
    serial: str
    fkey: str
    number: int
    tax_code: str = ''


def error_of(result):
    """(number, text behind it) of an ERR string, or None."""
    match = _ERROR.match(result)
    return match and (match[1], match[2].strip())


def items(result, register=False):
    """Documents in an OK body of a publish call.

    ``OK:pattern;serial-key_num[,key_num…]``; from cash registers each with its code.

    :raise BadAnswer: it has another shape
    """
    match = _OK.match(result)
    pattern, semicolon, rest = (match[1] if match else '').strip().partition(';')
    serial, hyphen, body = rest.partition('-')
    if not (semicolon and hyphen):
        raise BadAnswer(result[:80])
    found = []
    for text in body.split(','):
        # from the right: keys of other programs may hold the separator
        parts = text.strip().rsplit('_', 2 if register else 1)
        if len(parts) != (3 if register else 2) or not parts[1].isdecimal():
            raise BadAnswer(result[:80])
        found.append(Item(pattern.strip(), serial.strip(), parts[0], int(parts[1]),
                          parts[2] if register else ''))
    return found


def published(result, fkey, serial, register=False, correction=False):
    """Answer of an import with publishing of one document.

    :param bool correction: of a cash register's correction, which answers alike
    :rtype: Issued
    :raise OutcomeUnknown: it may exist: look up, never repeat blindly
    :raise Rejected, AuthExpired: nothing was issued
    """
    error = error_of(result)
    if error:
        raise refusal(*error, correction=correction)
    try:
        found = items(result, register)
    except BadAnswer:
        found = []
    for item in found:
        if item.fkey == fkey and item.serial == serial and item.number > 0:
            return Issued(number=f'{serial}{item.number}', lookup_code=fkey,
                          tax_code=item.tax_code)
    raise OutcomeUnknown(_('VNPT answered without an invoice number'), code='no_number')


def corrected(result, fkey, serial):
    """Answer of a correction: ``OK: pattern;serial;number``, without our key.

    :rtype: Issued
    :raise OutcomeUnknown: it may exist: look up, never repeat blindly
    :raise Rejected, AuthExpired: nothing was issued
    """
    error = error_of(result)
    if error:
        raise refusal(*error, correction=True)
    match = _OK.match(result)
    parts = [part.strip() for part in (match[1] if match else '').split(';')]
    number = _number(parts[2]) if len(parts) == 3 else 0
    if number and parts[1] == serial:
        return Issued(number=f'{serial}{number}', lookup_code=fkey)
    raise OutcomeUnknown(_('VNPT answered without an invoice number'), code='no_number')


def refusal(number, text, correction=False):
    """What an ERR number of a call that issues means (README 4, 7)."""
    told = _told(number, text, const.CORRECTION_TEXTS if correction else const.TEXTS)
    if number in const.LOGIN:
        return AuthExpired(told, code=number, hint=const.LOGIN_HINT)
    if number in const.KNOWN:
        return OutcomeUnknown(told, code=number, after=1)
    if number in const.UNKNOWN:
        return OutcomeUnknown(told, code=number or 'no_code')
    hints = const.CORRECTION_HINTS if correction else const.HINTS
    hint = hints.get(number, const.DEFAULT_HINT)
    whole = number in const.BLOCKED_ACCOUNT
    if whole or number in const.BLOCKED_SERIES:
        return Blocked(told, code=number, hint=hint, whole=whole)
    return Rejected(told, code=number, hint=hint)


def read(result, missing=frozenset()):
    """Result of a call that changes nothing; None where it says "not there".

    :param missing: ERR numbers of this operation that mean so
    :raise AuthExpired: a login is wrong
    :raise Retryable: server trouble
    """
    error = error_of(result)
    if not error:
        return result
    number, text = error
    if number in missing:
        return None
    told = _told(number, text)
    if number in const.LOGIN:
        raise AuthExpired(told, code=number, hint=const.LOGIN_HINT)
    if number in const.UNKNOWN:
        raise Retryable(told, code=number or 'no_code')
    raise Rejected(told, code=number, hint=const.DEFAULT_HINT)


def _told(number, text, texts=const.TEXTS):
    """VNPT's own sentence where it gives one."""
    if text:
        return f'{text} (ERR:{number})'
    return texts.get(number, f'ERR:{number}')


def listed(result):
    """Documents of a list: (Item, status, Issued) each.

    :raise BadAnswer: no list
    """
    found = []
    for node in _list_nodes(result):
        serial, number = _text(node, 'serial'), _number(_text(node, 'invNum'))
        item = Item(_text(node, 'pattern'), serial, '', number)
        found.append((item, _text(node, 'status'), Issued(
            number=f'{serial}{number}' if number else '',
            issued_at=_instant(_text(node, 'publishDate')))))
    return found


def issued_rows(result):
    """Issued documents of a list.

    :rtype: list[Listed]
    :raise BadAnswer: no list
    """
    rows = zip(_list_nodes(result), listed(result), strict=True)
    return [Listed(
        issued.number, 'other', buyer_tax_code=None, issued_at=issued.issued_at,
        total=Decimal(_text(node, 'amount')) if _AMOUNT.fullmatch(
            _text(node, 'amount')) else None,
    ) for node, (_item, status, issued) in rows
        if issued.number and status != const.DRAFT]


def _list_nodes(result):
    result = (_OK.sub(r'\1', result, count=1) if result else '').strip()
    return list(_xml(result.encode()).iter('{*}Item')) if result else []


def tax_states(result):
    """What the tax office says about documents: {Fkey: Issued}.

    :param str result: base64 of XML
    :raise BadAnswer: none of it
    """
    result = (_OK.sub(r'\1', result, count=1) if result else '').strip()
    if not result:
        return {}
    content = result.encode() if result.startswith('<') else _bytes(result)
    found = {}
    for node in _xml(content).iter('{*}HDon'):
        fkey, number = _text(node, 'Fkey'), _number(_text(node, 'SHDon'))
        state = _text(node, 'TThai')
        if not fkey or not number:
            continue
        found[fkey] = Issued(
            number=f'{_text(node, "KHHDon")}{number}', lookup_code=fkey,
            tax_code=_text(node, 'MCCQThue'),
            tax_state=const.TAX_STATES.get(state, 'unknown'), unsent=state == '0',
            tax_message=_text(node, 'MTLoi'))
    return found


def file(result):
    """Content of a download, None while there is none yet.

    :param str result: XML text, or base64
    :raise BadAnswer: neither
    """
    result = result and result.lstrip('\ufeff').strip()
    if not result:
        return None
    return result.encode() if result.startswith('<') else _bytes(result)


def serials(result):
    """Symbols of the present law in an answer whose shape nobody documents."""
    return sorted(set(_SYMBOL.findall(result or '')))


def _xml(content):
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadAnswer('no XML') from error
    if root.getroottree().docinfo.doctype:
        raise BadAnswer('document type')
    return root


def _bytes(text):
    try:
        return base64.b64decode(''.join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadAnswer('no base64') from error


def _text(node, name):
    child = node.find('{*}' + name)
    return (child.text or '').strip() if child is not None else ''


def _number(text):
    """README 6: sometimes with leading zeros, sometimes without."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _instant(text):
    for shape in ('%d/%m/%Y %H:%M:%S', '%d/%m/%Y'):
        try:
            return datetime.strptime(text, shape).replace(tzinfo=VIETNAM)
        except ValueError:
            continue
    return None
