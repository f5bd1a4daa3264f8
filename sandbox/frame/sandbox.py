"""A running sandbox: clock, providers, their servers, the state file."""

import importlib
import json
import os
import pkgutil
import threading
from pathlib import Path

from .clock import Clock
from .control import Control
from .http import dumps
from .serve import App, Server

BASE_PORT = 8900


def known_providers():
    """Codes of the provider packages beside the frame."""
    root = Path(__file__).parent.parent
    return sorted(
        module.name for module in pkgutil.iter_modules([str(root)])
        if module.name != 'frame' and (root / module.name / 'provider.py').exists()
    )


class Sandbox:
    """Started by ``sandbox.start``; also a context manager that stops.

    :param base_port: control port, the others follow; 0 = any free port for each
    :param providers: codes (or Provider classes), default all
    :param state: path of the JSON file that survives a restart
    """

    def __init__(self, base_port=0, providers=None, state=None, host='127.0.0.1'):
        self.clock = Clock()
        self.providers = {}
        self._servers = {}
        self._file = Path(state) if state else None
        self._dirty = threading.Event()
        self._stopped = threading.Event()
        self._saver = threading.Thread(target=self._save_loop, daemon=True)
        try:
            control = Server(Control(self), host, base_port)
            self._servers['control'] = control
            self.control_url = control.url
            for code in providers or known_providers():
                self._add(code, host, base_port)
            by_port = sorted(self.providers.values(), key=lambda p: p.port)
            self.providers = {p.code: p for p in by_port}
        except BaseException:
            self._close()
            raise
        self._load()
        for server in self._servers.values():
            server.start()
        for provider in self.providers.values():
            provider.courier.start()
        if self._file:
            self._saver.start()

    def _add(self, code, host, base_port):
        if isinstance(code, str):
            code = importlib.import_module(f'sandbox.{code}.provider').Provider
        provider = code(self.clock)
        code = provider.code
        port = base_port and base_port + provider.port - BASE_PORT
        server = Server(_Later(), host, port)
        self._servers[code] = server
        provider.url = server.url
        provider.reset()
        provider.on_change = self.changed
        server._server.app.app = App(provider)
        self.providers[code] = provider

    # === FOR TESTS === #

    def url(self, code):
        """Base address of a provider, without a slash at the end."""
        return self._servers[code].url

    def provider(self, code):
        return self.providers[code]

    def ledger(self, code, operation=None):
        """Business effects, oldest first."""
        rows = list(self.providers[code].ledger)
        return [r for r in rows if operation in (None, r['operation'])]

    def calls(self, code, operation=None):
        """Calls, oldest first."""
        with self.providers[code].lock:
            rows = list(self.providers[code].calls)
        return [r for r in rows if operation in (None, r['operation'])]

    def faults(self, code, operation, mode, times=1, after=0, **params):
        """Inject a fault; see README "Faults"."""
        provider = self.providers[code]
        with provider.lock:
            return provider.faults.add(operation, mode, times, after, **params)

    def control(self, method, path, payload=None):
        """A call of the control API without HTTP.

        :raise RuntimeError: the control API refused it
        """
        status, data = self._servers['control']._server.app.call(method, path, payload)
        if status >= 400:
            raise RuntimeError(f'{method} {path}: {status} {data["error"]}')
        return data

    def post(self, path, payload=None):
        return self.control('POST', path, payload)

    def get(self, path):
        return self.control('GET', path)

    def reset(self):
        """All providers back to their seed, clock to real time."""
        self.clock.set(offset=0)
        for provider in self.providers.values():
            provider.full_reset()

    def stop(self):
        """Stop serving; save the state."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        self._dirty.set()
        for provider in self.providers.values():
            provider.courier.stop()
        self._close()
        if self._file:
            self._saver.join(5)
            self._save()

    def _close(self):
        for server in self._servers.values():
            server.stop()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()

    # === STATE === #

    def changed(self):
        self._dirty.set()

    def _save_loop(self):
        while not self._stopped.is_set():
            self._dirty.wait()
            self._stopped.wait(0.2)  # several changes, one write
            self._dirty.clear()
            self._save()

    def _save(self):
        saved = {
            'clock': self.clock.offset,
            'providers': {c: p.full_state() for c, p in self.providers.items()},
        }
        text = dumps(saved)
        draft = self._file.with_name(self._file.name + '.new')
        draft.write_text(text, encoding='utf-8')
        os.replace(draft, self._file)

    def _load(self):
        if not self._file or not self._file.exists():
            return
        saved = json.loads(self._file.read_text(encoding='utf-8'))
        self.clock.set(offset=saved.get('clock', 0))
        for code, provider in self.providers.items():
            if code in saved.get('providers', {}):
                provider.full_load(saved['providers'][code])


class _Later:
    """Stands in until the provider, which must know its address, is made."""

    app = None

    def __call__(self, environ, start_response):
        return self.app(environ, start_response)
