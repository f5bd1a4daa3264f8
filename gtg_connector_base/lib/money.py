"""Money as ``Decimal``: half-up rounding, exact splitting, tolerant reading.

Binary floats never enter: a provider's ``100.02999999999`` was refused in
production, and sums must match to the dong.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

MAX_DIGITS = 24  # before the point; no price or weight has as many


def dec(value):
    """Decimal of what a provider or Odoo gave: number, numeric text, '' or None.

    A float goes through ``repr`` (0.1 stays 0.1).

    :raise ValueError: the text is no number, or a monstrous one
    """
    if isinstance(value, Decimal):
        return value
    if value is None or value is False or value == '':
        return Decimal(0)
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except InvalidOperation:
        raise ValueError(f'not a number: {value!r}') from None
    # int() of 1e999999999 would need all memory there is
    if not number.is_finite() or number.adjusted() > MAX_DIGITS:
        raise ValueError(f'not a usable number: {value!r}'[:80])
    return number


def round_half_up(value, digits=0):
    """``value`` rounded to ``digits`` decimals, halves away from zero."""
    return dec(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def split(total, weights, digits=0):
    """Share ``total`` by ``weights`` so that the parts sum to it exactly.

    Largest remainder; ties go to the first line.

    :param Decimal total: amount, at most ``digits`` decimals
    :param weights: non-negative numbers; all zero counts as all equal
    :return: list of Decimal
    """
    weights = [dec(weight) for weight in weights]
    if not weights:
        return []
    if not sum(weights):
        weights = [Decimal(1)] * len(weights)
    unit = Decimal(1).scaleb(-digits)
    sign = -1 if total < 0 else 1
    units = int((abs(dec(total)) / unit).to_integral_value(ROUND_HALF_UP))
    whole = sum(weights)
    exact = [units * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[:units - sum(parts)]:
        parts[i] += 1
    return [sign * part * unit for part in parts]
