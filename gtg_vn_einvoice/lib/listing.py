"""What a provider lists of its invoices, neutral of providers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .symbol import split_number


@dataclass(frozen=True)
class Listed:
    """
    :param str number: series + number, as the provider writes it
    :param str kind: original, adjustment, replacement; other if it was not told
    :param str reference: our reference, empty if it was issued elsewhere
    :param str corrects: number of the document that it corrects
    :param str buyer_tax_code: empty if the buyer has none, None if it was not told
    :param Decimal total: with VAT, in ``currency``; None if it was not told
    :param str currency: empty if it was not told: that of the document, or VND
    :param datetime issued_at: aware; None if it was not told
    """

    number: str
    kind: str = 'original'
    reference: str = ''
    corrects: str = ''
    buyer_tax_code: str | None = None
    total: Decimal | None = None
    currency: str = ''
    issued_at: datetime | None = None


@dataclass(frozen=True)
class Page:
    """
    :param int total: rows of all pages, None if it was not told
    :param bool more: whether to ask for the next page
    :param int count: rows received, also such that are no issued document
    :param int next: what to ask for as next page, None for the following number
    :param bool onward: the next page is another part of the list: it goes on there
        even if this one was empty
    """

    rows: tuple[Listed, ...]
    total: int | None = None
    more: bool = False
    count: int | None = None
    next: int | None = None
    onward: bool = False


def number_key(number):
    """Two writings of one number (leading zeros) are equal by this."""
    try:
        series, count = split_number(number)
    except ValueError:
        return (number or '').strip()
    return f'{series}{count}'


def number_writings(number):
    """The ways in which providers write a number: with and without leading zeros.

    :return: set of texts
    """
    try:
        series, count = split_number(number)
    except ValueError:
        return {number}
    return {number, *(f'{series}{count:0{width}d}' for width in (1, 7, 8))}
