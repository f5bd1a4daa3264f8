import os

import pytest

from demo import database
from gtgtools import db, paths
from gtgtools import sandbox as sandbox_process

from . import sites
from . import world as worlds


@pytest.fixture(scope='session')
def sandbox():
    """The provider sandboxes as a real process."""
    with sandbox_process.server() as running:
        yield running


@pytest.fixture(scope='session')
def connected(sandbox):
    """Name of the database that each test gets a clone of."""
    name = f'gtg_world_{paths.checkout_key()}_{os.getpid()}'
    try:
        yield worlds.connected_template(name, database.template(), sandbox)
    finally:
        db.drop(name)


@pytest.fixture
def world(connected, sandbox):
    """A shop of its own with everything connected; see `World`."""
    with worlds.clone_world('t', connected, sandbox) as world:
        yield world


@pytest.fixture(scope='module')
def served(connected, sandbox):
    """A shop and its running server, shared by a file's tests.

    :return: (World, server)
    """
    with worlds.clone_world('m', connected, sandbox) as world, world.server() as server:
        yield world, server


@pytest.fixture(scope='module')
def site_of_module(connected, sandbox):
    with worlds.clone_world('s', connected, sandbox) as world:
        running = sites.Site(world)
        running.start()
        yield running
        sites.keep_tokens(world.db, connected)
        running.kill()


@pytest.fixture
def site(site_of_module):
    """A shop shared by a file's tests, without faults; see `Site`."""
    running = site_of_module
    running.clear_faults()
    running.new_log()
    if not running.server:
        running.start()
    return running
