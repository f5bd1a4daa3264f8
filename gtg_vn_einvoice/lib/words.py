"""Amounts in Vietnamese words, as invoices print them."""

_DIGITS = ('không', 'một', 'hai', 'ba', 'bốn', 'năm', 'sáu', 'bảy', 'tám', 'chín')
_SCALES = ('', 'nghìn', 'triệu')
_BILLION = 10 ** 9


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
