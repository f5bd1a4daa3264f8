"""Vietnamese tax codes."""

import re

SHAPE = re.compile(r'\d{10}(-\d{3})?|\d{12}', re.ASCII)


def shaped(text):
    """10 digits, 10 and a branch, or 12 digits, whatever their check digit."""
    return bool(SHAPE.fullmatch(text))


def valid(text):
    """10 digits with their check digit, with -NNN for a branch, or 12 digits."""
    base, _, branch = text.partition('-')
    if not shaped(text) or branch == '000':
        return False
    if len(base) == 12:
        return True
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    total = sum(w * int(d) for w, d in zip(weights, base[:9], strict=True))
    return 10 - total % 11 == int(base[9])
