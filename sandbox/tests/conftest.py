import pytest

import sandbox

from .sinvoice_client import Client


@pytest.fixture
def sinvoice():
    """An S-Invoice sandbox on a day of 2026."""
    with sandbox.start(providers=['sinvoice']) as sb:
        sb.post('/clock', {'now': '2026-07-15T09:30:15+07:00'})
        sb.post('/sinvoice/reset')
        yield sb


@pytest.fixture
def client(sinvoice):
    return Client(sinvoice)
