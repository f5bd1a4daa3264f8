"""Provider text is data: what PostgreSQL would refuse must not stop a drain."""

import math


def storable(value):
    """A JSON-able value that a text or jsonb column takes.

    NUL and lone surrogates vanish, NaN and infinity become null; other types (Decimal,
    dates) are left to the JSON encoder.
    """
    if isinstance(value, str):
        return value.replace('\0', '').encode('utf-8', 'replace').decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(item) for item in value]
    return value


def line(value):
    """Text for a column of whatever a provider gave; None and False stay empty."""
    if value is None or value is False:
        return None
    if isinstance(value, bytes):
        value = value.decode('utf-8', 'replace')
    return storable(str(value))
