"""Amounts in Vietnamese words, as printed on an invoice."""

DIGITS = ('không', 'một', 'hai', 'ba', 'bốn', 'năm', 'sáu', 'bảy', 'tám', 'chín')
SCALES = ('', ' nghìn', ' triệu', ' tỷ', ' nghìn tỷ', ' triệu tỷ')


def _group(number, first, zero_tens):
    hundreds, tens, units = number // 100, number // 10 % 10, number % 10
    out = []
    if hundreds or not first:
        out.append(f'{DIGITS[hundreds]} trăm')
    if tens == 1:
        out.append('mười')
    elif tens:
        out.append(f'{DIGITS[tens]} mươi')
    elif units and out:
        out.append(zero_tens)
    if units == 1 and tens > 1:
        out.append('mốt')
    elif units == 5 and tens:
        out.append('lăm')
    elif units:
        out.append(DIGITS[units])
    return ' '.join(out)


def amount(value, zero_tens='linh'):
    """Whole dong in words, ``zero_tens`` 'linh' (north) or 'lẻ' (south)."""
    value = int(value)
    number, groups = abs(value), []
    while number:
        number, group = divmod(number, 1000)
        groups.append(group)
    parts = [
        _group(group, index == len(groups) - 1, zero_tens) + SCALES[index]
        for index, group in reversed(list(enumerate(groups))) if group
    ]
    text = ' '.join(parts) or 'không'
    text = ('âm ' if value < 0 else '') + text + ' đồng'
    return text[0].upper() + text[1:]
