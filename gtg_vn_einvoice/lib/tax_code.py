"""Vietnamese tax codes: 10 digits, branch 10-3, personal number of 12 digits."""

import re

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_PASSPORT = re.compile(r'(?=.*\d)[A-Z0-9][A-Z0-9-]{4,19}')


def bare(text):
    """A tax code however it is written: providers print the hyphen or not."""
    return (text or '').replace('-', '').replace(' ', '')


class BadTaxCode(ValueError):
    """``args[0]`` is ``digits``, ``length``, ``checksum`` or ``branch``."""


def normalise(text):
    """The code as the law prints it: ``NNNNNNNNNN``, ``NNNNNNNNNN-NNN`` or 12 digits.

    A personal number has no check digit; whether it belongs to somebody only the
    tax office knows.

    :param str text: what a person typed, blanks, dots and a missing hyphen forgiven
    :raise BadTaxCode: it cannot be a Vietnamese tax code
    """
    digits = re.sub(r'[\s.\-]', '', text or '')
    if digits.upper().startswith('VN'):
        digits = digits[2:]
    if not digits.isascii() or not digits.isdigit():
        raise BadTaxCode('digits')
    if len(digits) == 12:
        return digits
    if len(digits) not in (10, 13):
        raise BadTaxCode('length')
    weighted = sum(w * int(d) for w, d in zip(_WEIGHTS, digits, strict=False))
    if 10 - weighted % 11 != int(digits[9]):
        raise BadTaxCode('checksum')
    if len(digits) == 10:
        return digits
    if digits[10:] == '000':
        raise BadTaxCode('branch')
    return f'{digits[:10]}-{digits[10:]}'


def personal_number(text):
    """The 12 digits of a citizen that a person typed, '' if these are none."""
    digits = (text or '').replace(' ', '')
    return digits if len(digits) == 12 and digits.isascii() and digits.isdigit() else ''


def passport_number(text):
    """The number of a passport or entry paper as typed by a person, '' if it is none:
    5 to 20 letters, digits and hyphens, a digit among them."""
    number = ''.join((text or '').split()).upper()
    return number if _PASSPORT.fullmatch(number) else ''


def is_personal(code):
    """Whether a normalised code is the personal number of a citizen."""
    return len(code) == 12
