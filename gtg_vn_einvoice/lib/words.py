"""Amounts in Vietnamese words, as invoices print them."""

from decimal import ROUND_HALF_UP

_DIGITS = ('không', 'một', 'hai', 'ba', 'bốn', 'năm', 'sáu', 'bảy', 'tám', 'chín')
_SCALES = ('', 'nghìn', 'triệu')
_BILLION = 10 ** 9
_THREE_DECIMALS = ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')
_CURRENCIES = {'USD': ('đô la Mỹ', 'xu'), 'EUR': ('euro', 'xu')}


def amount_in_words(amount, zero_tens='linh', unit='đồng'):
    """``1005`` -> ``Một nghìn không trăm linh năm đồng``.

    :param int amount: whole VND, may be negative
    :param str zero_tens: word between hundred and unit, ``linh`` (north) or ``lẻ``
    """
    amount = int(amount)
    text = _number(abs(amount), zero_tens) if amount else _DIGITS[0]
    if amount < 0:
        text = 'âm ' + text
    return f'{text[0].upper()}{text[1:]} {unit}'


def money_in_words(amount, currency='VND', zero_tens='linh'):
    """``13800.25``, USD -> ``Mười ba nghìn tám trăm đô la Mỹ và hai mươi lăm xu``.

    :param Decimal amount: amount of any currency; more decimals than it has are rounded
    """
    if currency == 'VND':
        return amount_in_words(amount.to_integral_value(ROUND_HALF_UP), zero_tens)
    unit, cent = _CURRENCIES.get(currency, (currency, '%'))
    digits = 3 if currency in _THREE_DECIMALS else 2
    parts = 10 ** digits
    whole, cents = divmod(
        int((abs(amount) * parts).to_integral_value(ROUND_HALF_UP)), parts)
    text = amount_in_words(-whole if amount < 0 else whole, zero_tens, unit)
    if not cents:
        return text
    part = f'{_number(cents, zero_tens)} {cent}' if cent != '%' else (
        f'{cents:0{digits}}/{parts}')
    return f'{text} và {part}'


def _number(value, zero_tens, leading=True):
    # 1500 billions are read 'một nghìn năm trăm tỷ', so billions are one block
    if value >= _BILLION:
        high, low = divmod(value, _BILLION)
        words = _number(high, zero_tens, leading) + ' tỷ'
        return f'{words} {_number(low, zero_tens, False)}' if low else words
    parts = []
    for power in (2, 1, 0):
        group = value // 1000 ** power % 1000
        if group:
            parts.append(_group(group, zero_tens, leading and not parts))
            if power:
                parts.append(_SCALES[power])
    return ' '.join(parts)


def _group(group, zero_tens, leading):
    """Three digits; only the leading group may leave its zero hundred out."""
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    words = [] if leading and not hundreds else [_DIGITS[hundreds], 'trăm']
    if tens > 1:
        words += [_DIGITS[tens], 'mươi']
    elif tens == 1:
        words.append('mười')
    elif units and words:
        words.append(zero_tens)
    if units == 1 and tens > 1:
        words.append('mốt')
    elif units == 5 and tens:
        words.append('lăm')
    elif units:
        words.append(_DIGITS[units])
    return ' '.join(words)
