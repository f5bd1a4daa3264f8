"""make test: one pytest for the tests of each addon, on its own fresh clone of the
suite database, and one for all others, two at a time; a part of them in one pytest."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from contextlib import ExitStack
from datetime import timedelta

from . import db, odoo, paths, processes

PURE = ("tests/pure", "tests/vectors", "sandbox/tests")
# They start the servers they need, and mostly wait for them.
NO_ADDONS = ("tests", "sandbox/tests")
NO_ODOO = ("-p", "no:odoo")
# pytest's last line, and in it what it counted
SUMMARY = re.compile(r"^(?:=+ )?(\d+ [a-z ]+(?:, \d+ [a-z ]+)*) in [\d.]+s")
AT_ONCE = 2  # each alone leaves half of two processors idle
ORDER = ("failed", "passed", "skipped")


def main(arguments):
    processes.exit_on_terminate()
    if arguments[:1] == ["--pure"]:
        wanted = [path for path in PURE if (paths.ROOT / path).exists()]
        return _run([*NO_ODOO, *(arguments[1:] or wanted)])
    if _all_without_addons(arguments):
        return _run([*NO_ODOO, *arguments])
    with ExitStack() as databases:

        def in_odoo():
            name = databases.enter_context(db.temporary())
            return [
                f"--odoo-database={name}",
                "--odoo-http",
                f"--odoo-extra=http-port={odoo.free_port()}",
                # Odoo would cap this process's memory, and what it starts
                # inherits the cap: Chromium does not even begin under it.
                "--odoo-extra=limit-memory-hard=0",
            ]

        if arguments:
            return _run([*in_odoo(), *arguments])
        addons = sorted(paths.ROOT.glob("gtg_*/tests"), key=_size, reverse=True)
        return _run(
            [*NO_ODOO, *NO_ADDONS], *([*in_odoo(), str(addon)] for addon in addons)
        )


def _size(folder):
    """The long ones begin first, so that both processors end at the same time."""
    return sum(path.stat().st_size for path in folder.rglob("*.py"))


def _all_without_addons(arguments):
    files = [name.partition("::")[0] for name in arguments]
    files = [name for name in files if (paths.ROOT / name).exists()]
    return files and all(name.startswith(NO_ADDONS) for name in files)


def _run(*runs):
    """One pytest for each list of arguments, `AT_ONCE` of them at a time."""
    if len(runs) > 1:
        return _run_parts([_Part(run) for run in runs])
    child = _start(runs[0])
    try:
        return abs(child.wait())
    except BaseException as error:
        _end([child], error)
        raise


def _start(arguments, **options):
    command = [str(paths.python()), "-m", "pytest", *arguments]
    if os.environ.get("CI"):
        command.append("--color=no")
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=paths.ROOT, env=env, stdin=subprocess.DEVNULL, **options
    )


def _end(children, error):
    """Let pytest say what it has done."""
    for child in children:
        if not isinstance(error, KeyboardInterrupt):
            child.send_signal(signal.SIGINT)  # Ctrl-C has reached it already
    for child in children:
        try:
            child.wait(20)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            child.kill()


# === SEVERAL AT A TIME, ONE REPORT === #


class _Part:
    """One pytest of several, and what it says."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.child, self.lines, self.ended = None, [], threading.Event()

    def start(self):
        try:
            self.child = _start(
                self.arguments, stdout=subprocess.PIPE, text=True, errors="replace"
            )
        except OSError as error:
            self.lines.append(f"ERROR {self.arguments[-1]}: {error}\n")

    def listen(self):
        try:
            if self.child:
                for line in self.child.stdout:
                    self.lines.append(line)
                self.child.wait()
        finally:
            self.ended.set()

    def echo(self):
        """Print the lines as they come until there are no more."""
        shown, more = 0, True
        while more:
            more = not self.ended.wait(0.5)
            known = len(self.lines)
            print(*self.lines[shown:known], sep="", end="", flush=True)
            shown = known


def _run_parts(parts):
    begun = time.monotonic()
    waiting, starting = deque(parts), threading.Lock()

    def lane():
        while True:
            with starting:
                if not waiting:
                    return
                part = waiting.popleft()
                part.start()
            part.listen()

    for _lane in range(AT_ONCE):
        threading.Thread(target=lane, daemon=True).start()
    to_tell = iter(parts)
    try:
        for part in to_tell:
            part.echo()
    except BaseException as error:
        with starting:
            waiting.clear()
        _end([part.child for part in parts if part.child], error)
        for part in to_tell:
            print(*part.lines, sep="", flush=True)
        raise
    _sum_up(parts, time.monotonic() - begun)
    return max(abs(part.child.returncode) if part.child else 1 for part in parts)


def _sum_up(parts, seconds):
    """One count of all."""
    lines = [line for part in parts for line in part.lines]
    bad = ("FAILED", "SUBFAILED", "ERROR ")
    print(*(line for line in lines if line.startswith(bad)), sep="")
    counts, ended = Counter(), 0
    for summary in filter(None, map(SUMMARY.match, lines)):
        ended += 1
        for part in summary[1].split(", "):
            number, _space, kind = part.partition(" ")
            counts["errors" if kind == "error" else kind] += int(number)
    counts["errors"] += len(parts) - ended  # one that never came to its end
    kinds = dict.fromkeys((*ORDER, *counts))
    said = [f"{counts[kind]} {kind}" for kind in kinds if counts[kind]]
    took = f"{seconds:.2f}s ({timedelta(seconds=int(seconds))})"
    print(f" {', '.join(said)} in {took} ".center(80, "="), flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
