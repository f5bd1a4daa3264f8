"""The legal original: XML of the tax office's format, read with distrust.

Providers and versions differ in namespaces and envelopes, so elements are found by
their local names below the invoice element.
"""

from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from odoo.addons.gtg_connector_base.lib.money import dec

from .tax_code import bare

MAX_BYTES = 20 * 1024 * 1024


class BadXml(ValueError):
    """The file is no invoice, or not one that may be opened safely."""


@dataclass(frozen=True)
class LegalInvoice:
    """What the original says. Empty text where it says nothing."""

    form: str
    series: str
    number: int
    date: str
    seller_tax_code: str
    buyer_tax_code: str
    tax: Decimal
    total: Decimal
    authority_code: str
    related: str = ''  # the corrected invoice, see `related`


def related(kind, form, series, number):
    """The invoice that another corrects, in one comparable text.

    :param str kind: ``adjust`` or ``replace``
    """
    return f'{kind} {form}{series} {int(number)}'


def parse(content):
    """Read the facts of an invoice.

    :param bytes content: the XML file
    :raise BadXml: too large, with a DOCTYPE, malformed or without invoice data
    """
    if len(content) > MAX_BYTES:
        raise BadXml('the XML file is too large')
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadXml(f'the file is no well-formed XML: {error}') from error
    if root.getroottree().docinfo.doctype:
        raise BadXml('the XML file declares a document type')
    data = _find(root, 'DLHDon')
    if data is None:
        raise BadXml('the XML file holds no invoice (DLHDon)')
    try:
        return LegalInvoice(
            form=_text(data, 'TTChung', 'KHMSHDon'),
            series=_text(data, 'TTChung', 'KHHDon'),
            number=int(_text(data, 'TTChung', 'SHDon') or 0),
            date=_text(data, 'TTChung', 'NLap'),
            seller_tax_code=_text(data, 'NDHDon', 'NBan', 'MST'),
            buyer_tax_code=_text(data, 'NDHDon', 'NMua', 'MST'),
            tax=dec(_text(data, 'NDHDon', 'TToan', 'TgTThue')),  # none on form 2
            total=dec(_text(data, 'NDHDon', 'TToan', 'TgTTTBSo')),
            # beside the signed data, not in it: the tax office adds it afterwards
            authority_code=_text(root, 'MCCQT'),
            related=_related(_find(data, 'TTHDLQuan')),
        )
    except ValueError as error:
        raise BadXml(f'the XML file holds a wrong number: {error}') from error


def differences(found, seller_tax_code, form, series, number, buyer_tax_code, tax, total,
                authority_code, corrected=''):
    """What of the original is not what was issued.

    :param LegalInvoice found: the original
    :param str form: first digit of the symbol
    :param int number: number within the series
    :param Decimal tax: VAT; this and the total are compared without tolerance
    :param Decimal total: amount with tax
    :param str authority_code: empty when the series has none
    :param str corrected: from `related`, empty on originals
    :return: list of (field, expected, found) texts
    """
    pairs = [
        ('seller_tax_code', bare(seller_tax_code), bare(found.seller_tax_code)),
        ('form', form, found.form),
        ('series', series, found.series),
        ('number', str(number), str(found.number)),
        ('buyer_tax_code', bare(buyer_tax_code), bare(found.buyer_tax_code)),
        ('tax', *_amounts(tax, found.tax)),
        ('total', *_amounts(total, found.total)),
        ('authority_code', authority_code or '', found.authority_code),
        ('related', corrected, found.related),
    ]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _related(node):
    if node is None:
        return ''
    kind = {'1': 'replace', '2': 'adjust'}.get(_text(node, 'TCHDon'), '?')
    # some write the form into the symbol, too
    form, series = _text(node, 'KHMSHDCLQuan'), _text(node, 'KHHDCLQuan')
    return related(kind, form, series.removeprefix(form) if len(series) > 6 else series,
                   _text(node, 'SHDCLQuan') or 0)


def _amounts(expected, found):
    return f'{expected:f}', f'{expected if found == expected else found:f}'


def _find(node, name):
    return next(node.iter('{*}' + name), None)


def _text(node, *path):
    for name in path:
        node = _find(node, name)
        if node is None:
            return ''
    return (node.text or '').strip()
