"""Instants and the Vietnamese calendar. The database keeps UTC, law and people
live in Asia/Ho_Chi_Minh (no daylight saving since 1979)."""

from datetime import datetime, timedelta, timezone

UTC = timezone.utc
VIETNAM = timezone(timedelta(hours=7), 'Asia/Ho_Chi_Minh')


def from_unix(seconds):
    """Aware UTC datetime of a Unix time; ``None`` for 0, '' and ``None``.

    :param seconds: int, float or numeric text, in seconds since 1970
    """
    value = float(seconds or 0)
    return datetime.fromtimestamp(value, UTC) if value > 0 else None


def from_iso(text):
    """Aware UTC datetime of an RFC 3339 text; ``None`` for empty and zero dates
    (``0001-01-01T00:00:00Z``). Text without an offset is taken as UTC.

    :raise ValueError: the text is no date
    """
    if not text or text.startswith('0001-'):
        return None
    text = text.replace('Z', '+00:00')
    head, dot, tail = text.partition('.')
    if dot:  # providers send 1 to 9 digits of fraction, Python 3.10 wants 3 or 6
        digits = ''
        while tail and tail[0].isdigit():
            digits, tail = digits + tail[0], tail[1:]
        text = f'{head}.{digits[:6].ljust(6, "0")}{tail}'
    value = datetime.fromisoformat(text)
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError(f'not a date: {text}') from None


def to_unix(value):
    """Whole seconds since 1970 of a datetime; naive ones count as UTC (Odoo's)."""
    return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())


def naive_utc(value):
    """The form Odoo's Datetime fields take: UTC without tzinfo, whole seconds."""
    if not value:
        return False
    if value.tzinfo:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value.replace(microsecond=0)


def vietnam_date(value):
    """The Vietnamese calendar day of an instant (naive ones count as UTC)."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(
        VIETNAM).date()
