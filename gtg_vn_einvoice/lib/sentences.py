"""Texts that the law wants on the document, and dates that it counts."""

from datetime import timedelta

CONSUMER = 'Bán cho người tiêu dùng'
DECREASE = 'Điều chỉnh giảm tiền hàng, tiền thuế của hàng hóa/dịch vụ: '
INCREASE = 'Điều chỉnh tăng tiền hàng, tiền thuế của hàng hóa/dịch vụ: '
_VERBS = {'adjust': 'Điều chỉnh', 'replace': 'Thay thế'}


def correction(kind, form, series, number, date):
    """The sentence that names the corrected invoice.

    :param str kind: ``adjust`` or ``replace``
    :param str form: form digit
    :param datetime.date date: Vietnamese date of the corrected invoice
    """
    return (f'{_VERBS[kind]} cho hóa đơn Mẫu số {form} ký hiệu {series} số {number} '
            f'ngày {date:%d} tháng {date:%m} năm {date:%Y}')


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
