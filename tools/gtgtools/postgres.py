"""Our own PostgreSQL cluster: private folder, private socket, no TCP.

Root runs it as the user ``postgres`` (PostgreSQL refuses root), anybody else as
himself. Commands share it: each holds a lease, the last one to leave stops what
a command has started; ``tools/pg start`` keeps it running.
"""

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import paths
from .paths import SetupError

OLDEST = 13  # Odoo 19 asks for it
# Test and demo data may be lost in a crash of the machine; speed matters more.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
port = {port}
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
shared_buffers = 256MB
max_wal_size = 4GB
work_mem = 16MB
lc_messages = 'C'
"""


def programs():
    """{major version: folder of initdb and pg_ctl}, the newest first."""
    found = {}
    for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        version = path.parents[1].name
        if version.isdigit() and int(version) >= OLDEST:
            found[int(version)] = path.parent
    initdb = shutil.which("initdb")
    if not found and initdb:
        text = subprocess.run([initdb, "--version"], capture_output=True, text=True)
        version = int(re.search(r"(\d+)", text.stdout)[1])
        if version >= OLDEST:
            found[version] = Path(initdb).parent
    return dict(sorted(found.items(), reverse=True))


def data_folder():
    """(cluster folder, folder of its programs); the cluster may not exist yet."""
    installed = programs()
    first = paths.cache() / "pg/data"
    if (first / "PG_VERSION").exists():
        made_by = int((first / "PG_VERSION").read_text())
        if made_by in installed:
            return first, installed[made_by]
        newest = next(iter(installed))
        return paths.cache() / f"pg/data-{newest}", installed[newest]
    return first, next(iter(installed.values()))


def check_reachable():
    """Root's PostgreSQL runs as ``postgres``, who must reach its folder."""
    probe = _as_owner(["test", "-x", paths.cache()])
    if os.geteuid() == 0 and subprocess.run(probe, **_quiet()).returncode:
        raise SetupError(
            f"The user postgres may not enter {paths.cache()}: choose another folder"
            " with GTG_CACHE=/path (root's home will not do)."
        )


def create(log):
    """Make the cluster if there is none; returns whether it was made."""
    data, bin_folder = data_folder()
    if (data / "PG_VERSION").exists():
        return False
    for folder in (data.parent, paths.socket_dir()):
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
    draft = data.with_name(f"{data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    # C.UTF-8 is on every Debian, whatever locale the machine asks for.
    options = ["-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust"]
    _run(log, bin_folder / "initdb", "-D", draft, *options)
    with (draft / "postgresql.conf").open("a") as conf:
        conf.write(SETTINGS.format(socket=paths.socket_dir(), port=paths.PG_PORT))
    draft.rename(data)
    return True


def running():
    data, bin_folder = data_folder()
    answer = subprocess.run(
        _as_owner([bin_folder / "pg_ctl", "status", "-D", data]), **_quiet()
    )
    return answer.returncode == 0


def start(log):
    """Start the server unless it runs; returns whether it was started."""
    if running():
        return False
    data, bin_folder = data_folder()
    if not paths.socket_dir().exists():  # /tmp was emptied
        paths.socket_dir().mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(paths.socket_dir(), "postgres", "postgres")
    _remove_stale_lock(data / "postmaster.pid")
    _remove_stale_lock(paths.socket_dir() / f".s.PGSQL.{paths.PG_PORT}.lock")
    server_log = data.parent / "log"
    _run(
        log,
        *(bin_folder / "pg_ctl", "start", "-D", data, "-l", server_log),
        *("-w", "-t", "60", "-s"),
        hint=f"PostgreSQL's own log is {server_log}",
    )
    role = "SELECT 1 FROM pg_roles WHERE rolname = 'gtg'"
    psql = ["psql", "-X", "-At", "-U", "postgres", "-d", "postgres", "-c"]
    env = paths.environ(PGUSER="postgres")
    known = subprocess.run([*psql, role], env=env, capture_output=True, text=True)
    if not known.stdout.strip():
        # It may create databases and drop the connections to its own.
        create_role = "CREATE ROLE gtg LOGIN CREATEDB"
        subprocess.run([*psql, create_role], env=env, check=True, **_quiet())
    return True


def stop(log):
    if not programs() or not running():
        return
    data, bin_folder = data_folder()
    _run(log, bin_folder / "pg_ctl", "stop", "-D", data, "-m", "fast", "-w", "-s")


# === LEASES === #

_lease = None


def lease(log):
    """Use the server until ``release`` (or the end of this process)."""
    global _lease
    _lease = (paths.cache() / "pg.lease").open("a")
    fcntl.flock(_lease, fcntl.LOCK_SH)
    if start(log):
        _ours().write_text(str(os.getpid()))


def release(log):
    """Stop the server if a command started it and nobody else uses it."""
    if _lease is None:
        return
    try:
        fcntl.flock(_lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    if _ours().exists():
        stop(log)
        _ours().unlink()


def keep():
    """From now on only ``tools/pg stop`` stops the server."""
    _ours().unlink(missing_ok=True)


def _ours():
    return paths.cache() / "pg.started-by-command"


# === DETAILS === #


def _remove_stale_lock(path):
    """After a crash the file's process number may be another program's by now,
    which PostgreSQL would take for itself and refuse to start."""
    try:
        pid = path.read_text().split("\n", 1)[0]
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    except (OSError, ValueError):
        name = ""
    if name not in ("postgres", "postmaster"):
        path.unlink(missing_ok=True)


def _as_owner(command):
    command = [str(part) for part in command]
    if os.geteuid() == 0:
        return ["runuser", "-u", "postgres", "--", *command]
    return command


def _run(log, *command, hint=""):
    with log.open("ab") as out:
        code = subprocess.call(
            _as_owner(command),
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8", "PGTZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    if code:
        what = " ".join(Path(str(part)).name for part in command[:2])
        raise SetupError(f"PostgreSQL: {what} failed. {hint or f'Log: {log}'}.")


def _quiet():
    return {
        "cwd": "/",
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
