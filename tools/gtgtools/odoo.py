"""Real Odoo server processes, threaded or prefork, for tests, demo and bench."""

import fcntl
import itertools
import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from . import db as databases
from . import paths, processes

# Debian's package leaves this one file out; Odoo says so once per bundle.
HARMLESS = re.compile(r"mail/static/lib/selfie_segmentation/selfie_segmentation\.js")
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ (\w+) ")
# Below the kernel's range for outgoing connections.
PORTS, BLOCK = range(12000, 32000, 100), 100


class ServerError(Exception):
    """A server that did not start; shows the end of its log."""

    def __init__(self, text, log):
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        super().__init__(f"{text}; its log {log} ends with:\n{tail}")


class RemoteError(Exception):
    """An exception raised inside Odoo: ``.name`` its class, ``.debug`` traceback."""

    def __init__(self, error):
        data = error.get("data") or {}
        self.name = data.get("name", "")
        self.debug = data.get("debug", "")
        super().__init__(f"{self.name}: {data.get('message') or error['message']}")


class Server:
    """A running Odoo server. ``.url .port .pid .log .process .db .cron_threads``"""

    def __init__(self, db, process, port, log, cron_threads):
        self.db, self.process, self.port, self.log = db, process, port, log
        self.cron_threads = cron_threads
        self.url = f"http://127.0.0.1:{port}"
        self.pid = process.pid
        self._uid = {}

    @property
    def alive(self):
        return self.process.poll() is None

    def stop(self, timeout=15):
        """TERM, then KILL what is left of the process group."""
        processes.stop(self.process, timeout)

    def kill_9(self):
        """kill -9 of the server with all its workers."""
        processes.kill(self.process)

    def call(
        self, model, method, *args, login="admin", password=None, timeout=120, **kwargs
    ):
        """Call a public model method as a user: ``call("sale.order", "read", [1])``.

        The password is the login unless given. Raises RemoteError.
        """
        password = password or login
        if (login, password) not in self._uid:
            uid = self._rpc("common", "login", [self.db, login, password], timeout)
            if not uid:
                raise PermissionError(f"{login} cannot log in")
            self._uid[login, password] = uid
        uid = self._uid[login, password]
        call = [self.db, uid, password, model, method, list(args), kwargs]
        return self._rpc("object", "execute_kw", call, timeout)

    def _rpc(self, service, method, args, timeout):
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {"service": service, "method": method, "args": args},
        }
        request = urllib.request.Request(
            f"{self.url}/jsonrpc",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            result = json.loads(answer.read())
        if "error" in result:
            raise RemoteError(result["error"])
        return result.get("result")

    def log_errors(self):
        """Records of level ERROR or CRITICAL, without the one harmless message."""
        return log_errors(self.log.read_text(errors="replace"))


def log_errors(text):
    """First lines of the records; a bad query's with PostgreSQL's answer below."""
    lines, found = text.splitlines(), []
    for number, line in enumerate(lines):
        match = LOG_LINE.match(line)
        if match and match[1] in ("ERROR", "CRITICAL") and not HARMLESS.search(line):
            if " odoo.sql_db: bad query" in line:
                line = "\n".join([line, *_answer(lines[number + 1 :])])
            found.append(line)
    return found


def _answer(lines):
    """What PostgreSQL said, at the end of a record whose query has any length."""
    record = itertools.takewhile(lambda line: not LOG_LINE.match(line), lines)
    return itertools.dropwhile(lambda line: not line.startswith("ERROR:"), record)


@contextmanager
def server(
    db,
    *,
    workers=0,
    cron_threads=1,
    port=None,
    env=None,
    options=(),
    log=None,
    wait=240,
):
    """Run ``odoo`` on the database until the block ends.

    :param str db: name of an existing database (see ``db.clone``)
    :param int workers: 0 = threaded, else prefork HTTP workers
    :param int cron_threads: cron threads or cron worker processes
    :param int port: HTTP port; a free one by default
    :param dict env: additional environment variables
    :param options: further command line options of Odoo
    :param Path log: log file, appended to; default ``.gtg/log/<db>-<port>.log``
    :param float wait: seconds to wait for ``/web/health``
    :raise ServerError: it did not come up
    """
    port = port or free_port(span=2)
    folder = paths.SCRATCH / "log"
    folder.mkdir(parents=True, exist_ok=True)
    log = log or folder / f"{db}-{port}.log"
    command = [
        *odoo_command("server", db),
        f"--db-filter=^{db}$",
        f"--http-port={port}",
        f"--gevent-port={port + 1}",
        f"--workers={workers}",
        f"--max-cron-threads={cron_threads}",
        # Odoo's two minutes end servers that only stand in a machine's queue.
        *("--limit-time-real=1800", "--limit-time-cpu=1800"),
        *options,
    ]
    # before it runs: later a cron that began earlier may put the old one into its cache
    databases.sql(
        db,
        f"UPDATE ir_config_parameter SET value = 'http://127.0.0.1:{port}'"
        " WHERE key = 'web.base.url'",
    )
    with log.open("ab") as out:
        process = processes.spawn(
            command, cwd="/", env=odoo_environ(env), stdout=out, stderr=out
        )
    running = Server(db, process, port, log, cron_threads)
    try:
        _wait(running, wait)
        yield running
    finally:
        running.stop()


def shell(db, code, *, env=None, timeout=300, check=True):
    """Run Python ``code`` in an ``odoo shell`` of its own process; returns output.

    ``env`` is Odoo's environment as superuser; the code must commit by itself.
    """
    command = [*odoo_command("shell", db), "--no-http", "--shell-interface=python"]
    command.append("--log-level=warn")
    result = subprocess.run(
        command,
        cwd="/",
        env=odoo_environ(env),
        input=code,
        text=True,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    if check and result.returncode:
        raise RuntimeError(f"odoo shell failed:\n{result.stdout}{result.stderr}")
    return result.stdout


def odoo_command(subcommand, db):
    """The start of a command line, see ``tools/odoo_server.py``."""
    config = paths.SCRATCH / "odoo.conf"
    python = str(paths.python())
    script = str(paths.ROOT / "tools" / "odoo_server.py")
    return [python, script, subcommand, "-c", str(config), "-d", db]


def odoo_environ(extra=None):
    env = paths.environ(**(extra or {}))
    del env["PYTHONPATH"]  # our tools are no part of a server
    return env


_blocks = []  # (lock file, its ports not given yet)


def free_port(span=1):
    """The first of ``span`` consecutive free loopback ports.

    Each process takes them from a block of its own: what was looked at and found free
    is nobody else's when the server asked for it listens at last.
    """
    if span > BLOCK:
        raise ValueError(f"{span} ports are more than a block has")
    while True:
        unused = next((rest for _lock, rest in _blocks if len(rest) >= span), None)
        if unused is None:
            unused = _claim_block()
        first, unused[:] = unused[0], unused[span:]
        if _free(first, span):
            return first


def _claim_block():
    folder = paths.cache() / "ports"
    folder.mkdir(exist_ok=True)
    start = os.getpid() % len(PORTS)
    for first in (*PORTS[start:], *PORTS[:start]):
        lock = (folder / str(first)).open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another process's, or one of ours
            lock.close()
            continue
        _blocks.append((lock, list(range(first, first + BLOCK))))
        return _blocks[-1][1]
    raise OSError("No free port on this machine")


def _free(first, span):
    sockets = [socket.socket() for _number in range(span)]
    try:
        for offset, probe in enumerate(sockets):
            probe.bind(("127.0.0.1", first + offset))
    except OSError:
        return False
    finally:
        for probe in sockets:
            probe.close()
    return True


def _wait(running, seconds):
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"{running.url}/web/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if not running.alive or time.monotonic() > deadline:
                raise ServerError("Odoo did not start", running.log) from None
            time.sleep(0.2)
