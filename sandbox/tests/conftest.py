import pytest

import sandbox

from .ghn_caller import Caller
from .shopee_caller import Shopee
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


@pytest.fixture(scope='module')
def ghn_running():
    with sandbox.start(providers=['ghn']) as running:
        yield running


@pytest.fixture
def ghn(ghn_running):
    """A caller of a GHN sandbox that is as after its start, without a call limit."""
    ghn_running.reset()
    caller = Caller(ghn_running)
    caller.settings(rate_limit=0)
    return caller


@pytest.fixture(scope='module')
def box():
    with sandbox.start(providers=['shopee']) as running:
        yield running


@pytest.fixture
def shopee(box):
    """A caller of a Shopee sandbox that is as after its start."""
    box.reset()
    return Shopee(box)


@pytest.fixture(scope='module')
def misa_running():
    with sandbox.start(providers=['misa']) as running:
        yield running


@pytest.fixture
def misa(misa_running):
    """A MISA sandbox as after its start, on a day of 2026."""
    misa_running.reset()
    misa_running.post('/clock', {'now': '2026-07-15T09:30:15+07:00'})
    misa_running.post('/misa/reset')
    misa_running.post('/misa/settings', {'processing_seconds': 0})
    return misa_running


@pytest.fixture(scope='module')
def vnpt_running():
    with sandbox.start(providers=['vnpt']) as running:
        yield running


@pytest.fixture
def vnpt(vnpt_running):
    """A VNPT sandbox as after its start, on a day of 2026."""
    vnpt_running.reset()
    vnpt_running.post('/clock', {'now': '2026-07-15T09:30:15+07:00'})
    vnpt_running.post('/vnpt/reset')
    return vnpt_running
