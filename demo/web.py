"""A user's HTTP session with Odoo: what the browser does, without the browser."""

import itertools
import time

import requests


class WebError(Exception):
    """The sentence that Odoo would show the user."""


class Session:
    """Logged in as one user. ``session.call('sale.order', 'read', [1])``"""

    def __init__(self, url, db, login, password=None):
        self.url, self.db, self.login = url, db, login
        self.http = requests.Session()
        self.http.trust_env = False
        self._ids = itertools.count(1)
        self.uid = self._rpc('/web/session/authenticate', {
            'db': db, 'login': login, 'password': password or login})['uid']

    def call(self, model, method, *args, **kwargs):
        """Call a model method as the web client does.

        :raise WebError: with the user's message
        """
        return self._rpc(f'/web/dataset/call_kw/{model}/{method}', {
            'model': model, 'method': method, 'args': list(args), 'kwargs': kwargs})

    def one(self, model, domain, names, **kwargs):
        """The first record as a dict, or None."""
        rows = self.call(model, 'search_read', domain, names, limit=1, **kwargs)
        return rows[0] if rows else None

    def create(self, model, values):
        return self.call(model, 'create', [values])[0]

    def press(self, model, ids, button, **context):
        """Press a button of the records' form; returns what it opens."""
        ids = [ids] if isinstance(ids, int) else ids
        return self._rpc(f'/web/dataset/call_button/{model}/{button}', {
            'model': model, 'method': button, 'args': [ids],
            'kwargs': {'context': context}})

    def wait(self, what, check, seconds=60.0):
        """Poll until ``check()`` is truthy, and return that.

        :param str what: named in the error when the time is over
        :raise WebError: it did not happen
        """
        ends = time.monotonic() + seconds
        while True:
            found = check()
            if found:
                return found
            if time.monotonic() > ends:
                raise WebError(f'{what}: not within {seconds:.0f} s')
            time.sleep(0.15)

    def _rpc(self, path, params):
        answer = self.http.post(self.url + path, timeout=120, json={
            'jsonrpc': '2.0', 'method': 'call', 'id': next(self._ids), 'params': params})
        answer.raise_for_status()
        result = answer.json()
        if 'error' in result:
            data = result['error'].get('data') or {}
            raise WebError(data.get('message') or result['error'].get('message'))
        return result.get('result')
