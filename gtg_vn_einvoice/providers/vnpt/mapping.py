"""A neutral document as VNPT's DSHDon (README 5)."""

from dataclasses import dataclass, replace

from lxml import etree

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date
from odoo.addons.gtg_connector_base.lib.money import round_half_up

from ...lib import sentences
from ...lib.rows import rows, signed_rows
from ...lib.symbol import parse_symbol, split_number
from . import const

GOODS, GIFT, DISCOUNT, NOTE = '1', '2', '3', '4'  # TChat
COUNTRY = 'Việt Nam'  # address of somebody who named none: the element must be there


@dataclass(frozen=True)
class Seller:
    name: str
    tax_code: str
    address: str


def fkey(reference):
    """Our reference as VNPT can list it: without hyphens (README 4)."""
    return reference.replace('-', '')


def original(correction):
    """How the request names the corrected document (README 7)."""
    made = correction.original
    if made.outside == 'same':
        return {'corrects': [correction.kind, made.lookup_code], 'typed': [
            made.number, vietnam_date(made.issued_at).isoformat()]}
    if not made.outside:
        return {'corrects': [correction.kind, fkey(made.reference)]}
    series, number = split_number(made.number)
    return {'outside': [correction.kind, {
        'pattern': made.template, 'serial': series, 'number': number,
        'day': f'{vietnam_date(made.issued_at):%d/%m/%Y}'}]}


def xml(document, seller, discount_style='item_discount', rate_style='number',
        with_email=False):
    """Text of the inner document, without XML declaration (README 5, 7).

    :param Document document: neutral document
    :param str rate_style: key of ``const.RATE_STYLES``
    :param bool with_email: VNPT shall know the buyer's address, and mails
    """
    rates = const.RATE_STYLES[rate_style]
    root, body = _correction(document) if document.correction else _original(document)
    _general(_add(body, 'TTChung'), document)
    content = _add(body, 'NDHDon')
    _fill(_add(content, 'NBan'), [
        ('Ten', _cut(seller.name, 'name')), ('MST', seller.tax_code),
        ('DChi', _cut(seller.address, 'name'))])
    _buyer(_add(content, 'NMua'), document.buyer, with_email)
    lines = _add(content, 'DSHHDVu')
    sign = -1 if adjustment_type(document) == const.DECREASE else 1
    printed = _changes(document, sign) if document.is_adjustment else (
        rows(document, discount_style))
    if document.is_information:
        _fill(_add(lines, 'HHDVu'), [
            ('TChat', NOTE), ('THHDVu', _cut(document.correction.text, 'item'))])
    for number, row in enumerate(printed, 1):
        _line(_add(lines, 'HHDVu'), number, row, rates)
    if document.note:
        _fill(_add(lines, 'HHDVu'), [
            ('TChat', NOTE), ('THHDVu', _cut(document.note, 'item'))])
    _totals(_add(content, 'TToan'), document, rates, sign)
    return etree.tostring(root, encoding='unicode')


def _original(document):
    root = etree.Element('DSHDon')
    invoice = _add(root, 'HDon')
    _key(invoice, document)
    return root, _add(invoice, 'DLHDon')


def _correction(document):
    """README 7: one invoice, whose content lies directly below the root."""
    root = etree.Element(const.ROOTS[document.correction.kind])
    _key(root, document)
    if document.is_adjustment:
        _add(root, 'Type', adjustment_type(document))
    if parse_symbol(document.series).cash_register:
        _add(root, 'LDo', _cut(cause(document), 'note'))
    return root, root


def cause(document):
    """Why a cash register's invoice is corrected."""
    return document.correction.reason or document.correction.sentence


def _key(node, document):
    _add(node, 'key', fkey(document.reference))
    if parse_symbol(document.series).cash_register:
        _add(node, 'MCCQT')


def adjustment_type(document):
    """README 7: the Type carries the sign; only a combined one has signed amounts.

    :return: Type, or '' of what is no adjustment
    """
    if not document.is_adjustment:
        return ''
    if document.is_information:
        return const.INFORMATION
    # less discount lowers what the adjustment takes back: the same direction
    raised = {(line.amounts.total > 0) != line.trade_discount
              for line in document.lines if line.amounts.total}
    if len(raised) > 1:
        return const.COMBINED
    return const.INCREASE if raised == {True} else const.DECREASE


def note_fits(document):
    """Whether the line with the corrected text is printed as a whole."""
    return len(document.correction.text) <= const.LIMITS['item']


def _changes(document, sign):
    """README 7: rows of an adjustment; a discount that goes back is a discount there."""
    made = signed_rows(document, sign)
    if adjustment_type(document) == const.COMBINED:
        return made
    return [replace(row, goods=False, after=-row.after, tax=-row.tax)
            if line.trade_discount and row.after < 0 else row
            for row, line in zip(made, document.lines, strict=True)]


def _general(node, document):
    _fill(node, [
        ('DVTTe', document.currency),
        ('TGia', document.exchange_rate and _plain(document.exchange_rate)),
        ('HTTToan', _cut(document.payment_method, 'payment'))])


def _buyer(node, party, with_email):
    if party.kind == 'consumer':
        _fill(node, [('Ten', party.name or sentences.CONSUMER), ('DChi', COUNTRY)])
        return
    company = party.legal_name
    _fill(node, [
        ('Ten', _cut(company or party.name, 'name')),
        ('MST', party.tax_code),
        ('DChi', _cut(party.address, 'name') or COUNTRY),
        ('SDThoai', _cut(party.phone, 'phone')),
        ('DCTDTu', party.email if with_email and len(party.email) <= (
            const.LIMITS['email']) else ''),
        ('HVTNMHang', _cut(party.name, 'person') if company else ''),
        ('CCCDan', party.id_number if party.kind == 'person' else '')])


def _line(node, number, row, rates):
    _fill(node, [
        ('TChat', GIFT if row.gift else GOODS if row.goods else DISCOUNT),
        ('STT', str(number)),
        ('MHHDVu', _cut(row.code, 'code')),
        ('THHDVu', _cut(row.name, 'item')),
        ('DVTinh', _cut(row.unit, 'unit')),
        ('SLuong', row.goods and _plain(row.quantity)),
        ('DGia', row.goods and _plain(row.unit_price)),
        ('TLCKhau', row.discount and _plain(row.discount_percent)),
        ('STCKhau', row.discount and _plain(row.discount)),
        ('ThTien', _plain(row.after))])
    if row.rate:
        _fill(node, [
            ('TSuat', rates[row.rate]), ('TThue', _plain(row.tax)),
            ('TSThue', _plain(row.after + row.tax))])


def _totals(node, document, rates, sign):
    if document.form != '2':
        by_rate = _add(node, 'THTTLTSuat')
        for rate, net, tax in document.rates:
            _fill(_add(by_rate, 'LTSuat'), [
                ('TSuat', rates[rate]), ('ThTien', _plain(sign * net)),
                ('TThue', _plain(sign * tax))])
        _fill(node, [('TgTCThue', _plain(sign * document.net)),
                     ('TgTThue', _plain(sign * document.tax))])
    _fill(node, [
        ('TgTTTBSo', _plain(sign * document.total)),
        ('TgTTTBChu', document.in_words(sign * document.total))])


def _add(parent, name, text=None):
    node = etree.SubElement(parent, name)
    node.text = text
    return node


def _fill(node, pairs):
    for name, text in pairs:
        if text:
            _add(node, name, text)


def _plain(number):
    """Plain digits with a dot, never in scientific notation."""
    return f'{round_half_up(number, 6).normalize() + 0:f}'


def _cut(text, kind):
    """One line of at most the field's length, of characters that XML can hold."""
    text = ''.join(char if char.isprintable() else ' ' for char in text or '')
    return ' '.join(text.split())[:const.LIMITS[kind]]
