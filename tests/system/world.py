"""A shop with everything connected, for tests with real processes."""

import os
import time
from contextlib import contextmanager

from demo import stage
from demo.web import Session
from gtgtools import db, odoo

# what the engine would store in the database that runs this
PIN = """concat_ws('/', split_part(database_pin, '/', 1), current_database(), (
    SELECT oid || '@' || (SELECT system_identifier FROM pg_control_system())
      FROM pg_database WHERE datname = current_database()))"""


class World:
    """One database with the connected demo company, and the sandboxes it talks to.

    ``world.server(...)`` starts a real Odoo on it; ``world.sandbox`` is the oracle.
    """

    def __init__(self, name, sandbox):
        self.db, self.sandbox = name, sandbox
        self.server_process = None

    @contextmanager
    def server(self, **options):
        """Run Odoo on the database; webhooks of the sandboxes go to it.

        :param options: of ``gtgtools.odoo.server``: ``workers``, ``cron_threads``…
        """
        options.setdefault('cron_threads', 4)
        # fifty requests at once hold fifty connections, beside those of the crons
        options['options'] = ('--db_maxconn=200', *options.get('options', ()))
        with odoo.server(self.db, **options) as server:
            self.url = server.url
            self._point_webhooks(server.url)
            wake_crons(server)
            yield server

    def _point_webhooks(self, url):
        self.sql(f"UPDATE ir_config_parameter SET value = '{url}'"
                 " WHERE key = 'web.base.url'")
        paths = dict(self.sql(
            "SELECT provider, '/gtg/webhook/' || provider || '/' || webhook_token"
            " FROM gtg_connector_health WHERE account_model IN"
            " ('gtg.marketplace.app', 'gtg.carrier.account') ORDER BY id DESC"))
        # the signature covers the address that the console (here: the app) knows
        self.sql(f"UPDATE gtg_marketplace_app SET push_url = '{url}{paths['shopee']}'")
        self.sandbox.call('POST', '/shopee/webhook', {'url': url + paths['shopee']})
        header, secret = self.sql(
            'SELECT webhook_header, webhook_secret FROM gtg_carrier_account'
            ' ORDER BY id LIMIT 1')[0]
        self.sandbox.call('POST', '/ghn/webhook', {
            'url': url + paths['ghn'], 'headers': {header: secret}})

    def session(self, login='admin'):
        """A user's HTTP session with the running server."""
        return Session(self.url, self.db, login)

    def sql(self, statement):
        return db.sql(self.db, statement)

    def wait(self, what, check, seconds=240):
        """Poll until ``check()`` is truthy and return that; else fail by name."""
        ends = time.monotonic() + seconds
        while True:
            found = check()
            if found:
                return found
            assert time.monotonic() < ends, f'{what}: not within {seconds} s'
            time.sleep(0.2)  # the machine is theirs who are waited for

    def heard(self):
        """Wait until all that GHN has pushed so far is dealt with."""
        assert self.sandbox.call('POST', '/ghn/pushes/flush')['idle']
        self.wait('no message of GHN left', lambda: self.sql(
            "SELECT count(*) FROM gtg_connector_event WHERE state = 'new'"
            " AND account_model = 'gtg.carrier.account'") == [['0']])

    def tasks(self, operation=None):
        """[(id, operation, state, attempt, error_text)] of the outbox."""
        where = f"WHERE operation = '{operation}'" if operation else ''
        return self.sql('SELECT id, operation, state, attempt, error_text'
                        f' FROM gtg_connector_task {where} ORDER BY id')

    def settled(self, operation, seconds=240):
        """Wait until every task of the operation is done; return them."""
        return self.wait(f'{operation} done', lambda: (
            (rows := self.tasks(operation))
            and all(row[2] == 'done' for row in rows) and rows), seconds)

    def effects(self, code, operation):
        """The provider's ledger of one operation."""
        return [row for row in self.sandbox.ledger(code)
                if row['operation'] == operation]


def due_crons(name):
    """The engine's crons need not wait for their minute; before a server starts."""
    db.sql(name, "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE"
                 " cron_name SIMILAR TO 'GTG: (process|send|fetch)%'")


def wake_crons(server, seconds=240):
    """A server that has just started looks at its crons after a minute, or when told:
    told too early, they did not hear it."""
    ends = time.monotonic() + seconds
    while _listening(server) < server.cron_threads:
        assert time.monotonic() < ends, 'the crons do not listen'
        time.sleep(0.1)
    db.sql('postgres', f"NOTIFY cron_trigger, '{server.db}'")


def _listening(server):
    """How many of its cron threads or workers wait to be told: LISTEN is committed."""
    names = db.sql('postgres', "SELECT application_name FROM pg_stat_activity WHERE"
                   " datname = 'postgres' AND application_name LIKE 'odoo-%' AND"
                   " query = 'COMMIT'")
    return sum(_group(int(name.removeprefix('odoo-'))) == server.pid
               for name, in names)


def _group(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def connected_template(name, base, sandbox):
    """Build the database that every test clones: all accounts connected."""
    db.clone(name, template=base, new_uuid=True)
    with odoo.server(name, cron_threads=2) as server:
        wake_crons(server)
        stage.connect(server.url, name, sandbox)
        places = ('SELECT 1 FROM gtg_connector_task'
                  " WHERE operation = 'load_catalogue' AND state != 'done'")
        World(name, sandbox).wait('the places', lambda: not db.sql(name, places))
    # Odoo's own housekeeping would run again in every clone
    db.sql(name, """
        WITH core AS (UPDATE ir_cron SET nextcall = now() + interval '1 day'
            WHERE cron_name !~ '^(GTG|Orders|E-invoices|Carriers): ' RETURNING id)
        DELETE FROM ir_cron_trigger WHERE cron_id IN (SELECT id FROM core)""")
    return name


@contextmanager
def clone_world(suffix, template, sandbox):
    """A world until the block ends: the same accounts, allowed to call from there."""
    name = f'{template}_{suffix}'
    try:
        yield _clone(name, template, sandbox)
    finally:
        db.drop(name)


def _clone(name, template, sandbox):
    db.clone(name, template=template, new_uuid=False)
    db.sql(name, f'UPDATE gtg_connector_health SET database_pin = {PIN}'
                 ' WHERE database_pin IS NOT NULL')
    # whether a poll falls into a test is no accident: `poll_now`
    db.sql(name, "UPDATE gtg_connector_health SET next_poll_at ="
                 " now() + interval '1 day'")
    # one buyer orders the same things again and again here
    db.sql(name, 'UPDATE gtg_sale_channel SET duplicate_hours = 0')
    for code in ('ghn', 'sinvoice', 'misa', 'vnpt'):  # Shopee keeps the shop's tokens
        sandbox.call('POST', f'/{code}/reset')
        sandbox.call('DELETE', f'/{code}/faults')
    sandbox.call('DELETE', '/shopee/faults')
    # what a busy server did not answer in three seconds comes again in as many
    sandbox.call('POST', '/shopee/settings', {'push_retry_scale': 0.01})
    return World(name, sandbox)
