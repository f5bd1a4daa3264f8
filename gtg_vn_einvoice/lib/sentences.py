"""Texts that the law wants on the document, and dates that it counts."""

from datetime import timedelta

CONSUMER = 'Bán cho người tiêu dùng'
DECREASE = 'Điều chỉnh giảm tiền hàng, tiền thuế của hàng hóa/dịch vụ: '
INCREASE = 'Điều chỉnh tăng tiền hàng, tiền thuế của hàng hóa/dịch vụ: '
# Circular 91/2026, article 10; accounts may have other words
CORRECTIONS = {
    kind: f'{verb} cho hóa đơn Mẫu số {{form}} ký hiệu {{series}} số {{number}} '
          'ngày {day} tháng {month} năm {year}'
    for kind, verb in (('adjust', 'Điều chỉnh'), ('replace', 'Thay thế'))
}

GIFT = 'Hàng khuyến mại, không thu tiền: '
TEXTS = 'Nội dung đã ghi: {wrong}; nay điều chỉnh thành: {right}'
BUYER = 'người mua {name}, mã số thuế {code}'


def correction(kind, form, series, number, date, words=None):
    """The sentence that names the corrected invoice.

    :param str kind: ``adjust`` or ``replace``
    :param str form: form digit
    :param datetime.date date: Vietnamese date of the corrected invoice
    :param str words: other words than the law's, with the same names in braces
    """
    sentence = words or CORRECTIONS[kind]
    for name, value in (
        ('form', form), ('series', series), ('number', number), ('day', f'{date:%d}'),
        ('month', f'{date:%m}'), ('year', f'{date:%Y}'),
    ):
        sentence = sentence.replace('{%s}' % name, str(value))
    return sentence


def next_working_day(date, holidays=()):
    """Last day to transmit a document of ``date``: one working day later.

    :param holidays: dates on which nobody works besides Saturdays and Sundays
    """
    date += timedelta(days=1)
    while date.weekday() > 4 or date in holidays:
        date += timedelta(days=1)
    return date


def is_masked(text):
    """Whether a marketplace hid the name (``N***g``): not a buyer's name in law."""
    return '*' in (text or '')
