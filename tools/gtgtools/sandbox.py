"""``python -m sandbox`` as a real process."""

import json
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from . import paths, processes
from .odoo import ServerError, free_port


class Sandbox:
    """A running sandbox. ``control`` is the address of the control API."""

    def __init__(self, process, base_port, log):
        self.process, self.base_port, self.log = process, base_port, log
        self.control = f"http://127.0.0.1:{base_port}"
        self.pid = process.pid

    def call(self, method, path, body=None, timeout=120):
        """Control API: JSON in, JSON out. Raises urllib.error.HTTPError."""
        request = urllib.request.Request(
            self.control + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.loads(answer.read() or b"null")

    def providers(self):
        """{code: {url, credentials, …}}"""
        return {entry["code"]: entry for entry in self.call("GET", "/providers")}

    def url(self, code):
        return self.providers()[code]["url"]

    def ledger(self, code):
        """Every business effect in order: the oracle for "exactly one"."""
        return self.call("GET", f"/{code}/ledger")

    def stop(self):
        processes.stop(self.process)

    def kill_9(self):
        processes.kill(self.process)


@contextmanager
def server(base_port=None, state=None, env=None):
    """Run the sandbox; ``base_port`` None takes a free range of 100 ports."""
    base_port = base_port or free_port(span=100)
    folder = paths.SCRATCH / "log"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"sandbox-{base_port}.log"
    command = [paths.python(), "-m", "sandbox", "--base-port", base_port]
    if state:
        command += ["--state", state]
    with log.open("ab") as out:
        process = processes.spawn(
            command,
            cwd=paths.ROOT,
            env=paths.environ(**(env or {})),
            stdout=out,
            stderr=out,
        )
    running = Sandbox(process, base_port, log)
    try:
        _wait(running)
        yield running
    finally:
        running.stop()


def _wait(running, seconds=120):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return running.providers()
        except (urllib.error.URLError, ConnectionError):
            if running.process.poll() is not None or time.monotonic() > deadline:
                raise ServerError("The sandbox did not start", running.log) from None
            time.sleep(0.1)
