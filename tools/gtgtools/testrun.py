"""make test: the addons' tests, on a fresh clone of the suite database, beside all
others; a part of them in one pytest."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

from . import db, odoo, paths, processes

PURE = ("tests/pure", "tests/vectors", "sandbox/tests")
# They start the servers they need, and mostly wait for them.
NO_ADDONS = ("tests", "sandbox/tests")
NO_ODOO = ("-p", "no:odoo")
# pytest's last line, and in it what it counted
SUMMARY = re.compile(r"^(?:=+ )?(\d+ [a-z ]+(?:, \d+ [a-z ]+)*) in [\d.]+s")
ORDER = ("failed", "passed", "skipped")


def main(arguments):
    processes.exit_on_terminate()
    if arguments[:1] == ["--pure"]:
        wanted = [path for path in PURE if (paths.ROOT / path).exists()]
        return _run([*NO_ODOO, *(arguments[1:] or wanted)])
    if _all_without_addons(arguments):
        return _run([*NO_ODOO, *arguments])
    with db.temporary() as name:
        in_odoo = [
            f"--odoo-database={name}",
            "--odoo-http",
            f"--odoo-extra=http-port={odoo.free_port()}",
            # Odoo would cap this process's memory, and what it starts
            # inherits the cap: Chromium does not even begin under it.
            "--odoo-extra=limit-memory-hard=0",
        ]
        if arguments:
            return _run([*in_odoo, *arguments])
        addons = sorted(map(str, paths.ROOT.glob("gtg_*/tests")))
        return _run([*in_odoo, *addons], [*NO_ODOO, *NO_ADDONS])


def _all_without_addons(arguments):
    files = [name.partition("::")[0] for name in arguments]
    files = [name for name in files if (paths.ROOT / name).exists()]
    return files and all(name.startswith(NO_ADDONS) for name in files)


def _run(*runs):
    """One pytest for each list of arguments, all at once."""
    if len(runs) == 1:
        children = [_start(runs[0])]
    else:
        children = [
            _start(run, stdout=subprocess.PIPE, text=True, errors="replace")
            for run in runs
        ]
    try:
        if len(runs) > 1:
            _one_report(children)
        return max(abs(child.wait()) for child in children)
    except BaseException as error:  # let pytest say what it has done
        for child in children:
            if not isinstance(error, KeyboardInterrupt):
                child.send_signal(signal.SIGINT)  # Ctrl-C has reached it already
        for child in children:
            try:
                child.wait(20)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                child.kill()
        raise


def _start(arguments, **options):
    command = [str(paths.python()), "-m", "pytest", *arguments]
    if os.environ.get("CI"):
        command.append("--color=no")
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=paths.ROOT, env=env, stdin=subprocess.DEVNULL, **options
    )


def _one_report(children):
    """Print what each says, one after the other, then one count of all."""
    begun = time.monotonic()
    said = [[] for _child in children]
    readers = [
        threading.Thread(target=_read, args=(child.stdout, lines), daemon=True)
        for child, lines in zip(children, said, strict=True)
    ]
    for reader in readers:
        reader.start()
    try:
        for number, reader in enumerate(readers):
            _echo(said[number], reader)
    except BaseException:
        for lines in said[number + 1 :]:
            print(*lines, sep="", flush=True)
        raise
    lines = [line for lines in said for line in lines]
    bad = ("FAILED", "SUBFAILED", "ERROR ")
    print(*(line for line in lines if line.startswith(bad)), sep="")
    counts, ended = Counter(), 0
    for summary in filter(None, map(SUMMARY.match, lines)):
        ended += 1
        for part in summary[1].split(", "):
            number, _space, kind = part.partition(" ")
            counts["errors" if kind == "error" else kind] += int(number)
    counts["errors"] += len(children) - ended  # one that never came to its end
    kinds = dict.fromkeys((*ORDER, *counts))
    parts = [f"{counts[kind]} {kind}" for kind in kinds if counts[kind]]
    seconds = time.monotonic() - begun
    took = f"{seconds:.2f}s ({timedelta(seconds=int(seconds))})"
    print(f" {', '.join(parts)} in {took} ".center(80, "="), flush=True)


def _read(stream, lines):
    for line in stream:
        lines.append(line)


def _echo(lines, reader):
    """Print the lines as they come until the reader has ended."""
    shown, alive = 0, True
    while alive:
        reader.join(0.5)
        alive, known = reader.is_alive(), len(lines)
        print(*lines[shown:known], sep="", end="", flush=True)
        shown = known


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
