"""A shop whose server is killed and started anew, and what lies between it and the
providers."""

import re
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from gtgtools import db, odoo

from .webhooks import without_collisions
from .world import wake_crons


class Site:
    """The world with one server at a time; its log is read line by line.

    :param World world: with the database and the sandboxes
    """

    def __init__(self, world):
        self.world, self.sql = world, world.sql
        self.server = self._block = None
        self._read = {}
        self.asked_for_drains = False
        # legal waiting times, fifty times faster
        self.sql('UPDATE gtg_einvoice_account SET time_scale = 0.02')
        # what the demo company issues by itself is asked for by the test here
        self.sql('UPDATE res_company SET gtg_auto_einvoice = FALSE')

    def wait(self, what, check, seconds=240):
        """As `World.wait`, but leaving the machine to those waited for."""
        ends = time.monotonic() + seconds
        while not (found := check()):
            assert time.monotonic() < ends, f'{what}: not within {seconds} s'
            time.sleep(0.2)
        return found

    def start(self, **options):
        options.setdefault('cron_threads', 6)
        self._block = self.world.server(**options)
        self.server = self._block.__enter__()
        self._read.setdefault(self.server.log, 0)
        self.admin = self.world.session()
        self.product = self.admin.one('product.product', [
            ('default_code', '=', 'NON-01')], ['id'])['id']
        self._six_drains()
        return self.server

    def _six_drains(self):
        """So that all providers can be in the air at once."""
        if not self.asked_for_drains:
            settings = self.admin.create('res.config.settings', {
                'gtg_connector_shards': 6})
            self.admin.press('res.config.settings', settings, 'execute')
            self.asked_for_drains = True

    def kill(self):
        """kill -9 of all its processes."""
        if self.server:
            self.server.kill_9()
            self._block.__exit__(None, None, None)
        self.server = None

    def restart(self, **options):
        self.kill()
        return self.start(**options)

    @contextmanager
    def another(self, **options):
        """A second server on this database, its log watched too until it is stopped:
        Odoo then closes the connections of drains that are under way."""
        with odoo.server(self.world.db, **options) as server:
            self._read[server.log] = 0
            wake_crons(server)
            yield server
            del self._read[server.log]

    def new_log(self):
        """What the servers logged since the last call."""
        text = ''
        for log, position in self._read.items():
            content = log.read_bytes()
            self._read[log] = len(content)
            text += content[position:].decode(errors='replace')
        return text

    def complaints(self, explained=()):
        """Errors since the last call that no pattern explains, without collisions."""
        return [line for line in without_collisions(odoo.log_errors(self.new_log()))
                if not any(re.search(pattern, line) for pattern in explained)]

    # === FAULTS === #

    def fault(self, code, operation, mode, **params):
        """:return: function that tells how often it has struck"""
        made = self.world.sandbox.call('POST', f'/{code}/faults', {
            'operation': operation, 'mode': mode, **params})

        def fired():
            return next(row['fired'] for row in self.world.sandbox.call(
                'GET', f'/{code}/faults') if row['id'] == made['id'])
        return fired

    def clear_faults(self):
        for code in ('ghn', 'sinvoice', 'misa', 'vnpt', 'shopee'):
            self.world.sandbox.call('DELETE', f'/{code}/faults')

    # === TIME === #

    def pause(self, effect):
        """No calls for the family's accounts, as after a 429."""
        self.sql("UPDATE gtg_connector_pace SET not_before = now() AT TIME ZONE 'UTC'"
                 f" + interval '1 hour' WHERE account_model = '{effect.account}'")

    def paused(self, effect):
        """Whether a pause was ordered since the last `resume`."""
        return self.sql("SELECT 1 FROM gtg_connector_pace WHERE not_before >"
                        f" '2000-01-01' AND account_model = '{effect.account}'")

    def resume(self, effect):
        """Let the pause be over, and the drains look."""
        self.sql("UPDATE gtg_connector_pace SET not_before = '2000-01-01'"
                 f" WHERE account_model = '{effect.account}'")
        self.hurry(effect)

    def hurry(self, *effects):
        """The times between two tries are over."""
        open_tasks = self.admin.call('gtg.connector.task', 'search', [
            ('state', 'in', ('queued', 'unknown')),
            ('operation', 'in', [effect.operation for effect in effects])])
        self.admin.press('gtg.connector.task', open_tasks, 'action_retry')

    # === THE LINE === #

    def address(self, effect):
        """The provider's address as the accounts know it."""
        return self.sql(f'SELECT custom_url FROM {effect.address}'
                        f' WHERE {self._account(effect)} LIMIT 1')[0][0]

    def move(self, effect, url):
        self.sql(f"UPDATE {effect.address} SET custom_url = '{url}'"
                 f' WHERE {self._account(effect)}')

    def _account(self, effect):
        named = f" AND name = '{effect.title}'" if effect.title else ''
        return f"provider = '{effect.code}'{named}"

    def calls(self, effect):
        """How often the provider was asked for the effect."""
        return sum(row['operation'] == effect.call for row in
                   self.world.sandbox.call('GET', f'/{effect.code}/calls'))


@contextmanager
def black_hole(target, path):
    """A line to ``target`` that takes requests whose path matches ``path`` and never
    passes them on nor answers.

    :return: (its address, list of the paths swallowed)
    """
    swallowed, ended = [], threading.Event()
    host = urlsplit(target).netloc

    class Line(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
            if re.search(path, self.path):
                swallowed.append(self.path)
                ended.wait()
                self.close_connection = True
                return
            wire = HTTPConnection(host, timeout=60)
            wire.request(self.command, self.path, body, dict(self.headers))
            answer = wire.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            self.send_header('Content-Type', answer.headers.get('Content-Type', ''))
            self.send_header('Content-Length', str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(('127.0.0.1', 0), Line)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f'http://127.0.0.1:{server.server_port}', swallowed
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


def keep_tokens(source, target):
    """Shopee's refresh tokens work once: whoever spent one passes the next on."""
    for access, refresh, until in db.sql(source, (
            'SELECT access_token, refresh_token, expires_at FROM gtg_connector_token'
            " WHERE account_model = 'gtg.marketplace.shop' AND refresh_token <> ''")):
        db.sql(target, (
            f"UPDATE gtg_connector_token SET access_token = '{access}',"
            f" refresh_token = '{refresh}', expires_at = '{until}'"
            " WHERE account_model = 'gtg.marketplace.shop'"))
