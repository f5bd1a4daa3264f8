"""Symbols of e-invoices (``1C26TAA``) and numbers (``C26TAA123``).

Form digit, C with / K without tax-authority code, year, kind letter, two letters or
digits that the seller chooses. Annex I of the circular in force since 1 July 2026.
"""

import re
from dataclasses import dataclass

_SYMBOL = re.compile(r'([1-9])?([CK])(\d\d)([TDLMNBGHXF])([A-Z0-9]{2})')
_NUMBER = re.compile(r'([CK]\d\d[TDLMNBGHXF][A-Z0-9]{2})0*([1-9]\d{0,7})')


@dataclass(frozen=True)
class Symbol:
    """``form`` is None where the symbol was written without its digit."""

    form: str | None
    with_code: bool
    year: int
    letter: str
    suffix: str

    @property
    def cash_register(self):
        return self.letter == 'M'


def parse_symbol(text):
    """Read a symbol with or without the form digit.

    :raise ValueError: not a symbol of the law
    """
    match = _SYMBOL.fullmatch((text or '').strip().upper())
    if not match:
        raise ValueError(f'not an invoice symbol: {text!r}')
    form, code, year, letter, suffix = match.groups()
    return Symbol(form, code == 'C', 2000 + int(year), letter, suffix)


def split_number(text):
    """``C26TAA123`` -> ``('C26TAA', 123)``.

    :raise ValueError: not series + number
    """
    match = _NUMBER.fullmatch((text or '').strip())
    if not match:
        raise ValueError(f'not an invoice number: {text!r}')
    return match[1], int(match[2])
