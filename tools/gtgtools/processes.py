"""Child processes that cannot outlive their command.

Every child leads its own process group, so that stopping it stops its workers.
A small reaper process holds the read end of a pipe: when this process goes away,
whatever killed it, the pipe closes and the reaper ends all groups left.
"""

import os
import signal
import subprocess
import sys
import threading
import time

_lock = threading.Lock()
_reaper = None
_alive = {}


def spawn(command, **options):
    """Start ``command`` (subprocess.Popen options) in its own process group."""
    with _lock:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **options,
        )
        _alive[process.pid] = process
        _tell(f"+{process.pid}\n")
    return process


def stop(process, timeout=10):
    """TERM, then after ``timeout`` seconds KILL the whole group."""
    if process.pid not in _alive:
        return
    _signal_group(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        pass
    kill(process)


def kill(process):
    """kill -9 the whole group at once: nobody gets to say goodbye."""
    with _lock:
        if not _alive.pop(process.pid, None):
            return  # its number may be another process's by now
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()
        _tell(f"-{process.pid}\n")


def stop_all():
    """End every child that still runs (the last started first)."""
    for process in reversed(list(_alive.values())):
        stop(process)


def exit_on_terminate():
    """Let TERM and HUP unwind ``with`` blocks as Ctrl-C does."""

    def leave(number, frame):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


def _signal_group(pgid, number):
    try:
        os.killpg(pgid, number)
    except (ProcessLookupError, PermissionError):
        pass


def _tell(line):
    global _reaper
    try:
        if _reaper is None or _reaper[0] != os.getpid():  # a fork needs its own
            raise BrokenPipeError
        os.write(_reaper[1], line.encode())
    except BrokenPipeError:
        _reaper = (os.getpid(), _start_reaper())
        os.write(_reaper[1], "".join(f"+{pid}\n" for pid in _alive).encode())


def _start_reaper():
    """Returns the pipe's end to write to."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    process.wait()  # it has forked: Odoo's tests end all children they find
    return os.dup(process.stdin.fileno())


def _reap():
    groups = []
    for line in sys.stdin:
        pid = int(line[1:])
        groups.append(pid) if line[0] == "+" else groups.remove(pid)
    for number, grace in ((signal.SIGTERM, 5), (signal.SIGKILL, 0)):
        for pgid in reversed(groups):
            _signal_group(pgid, number)
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline and any(map(_runs, groups)):
            time.sleep(0.1)


def _runs(pgid):
    try:
        os.killpg(pgid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    if not os.fork():
        _reap()
