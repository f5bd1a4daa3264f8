"""make test: one pytest over everything, on a fresh clone of the suite database."""

import os
import signal
import subprocess
import sys

from . import db, odoo, paths, processes

PURE = ("tests/pure", "tests/vectors", "sandbox/tests")


def main(arguments):
    processes.exit_on_terminate()
    if arguments[:1] == ["--pure"]:
        wanted = [path for path in PURE if (paths.ROOT / path).exists()]
        return _pytest(["-p", "no:odoo", *(arguments[1:] or wanted)])
    with db.temporary() as name:
        return _pytest(
            [
                f"--odoo-database={name}",
                "--odoo-http",
                f"--odoo-extra=http-port={odoo.free_port()}",
                # Odoo would cap this process's memory, and what it starts
                # inherits the cap: Chromium does not even begin under it.
                "--odoo-extra=limit-memory-hard=0",
                *arguments,
            ]
        )


def _pytest(arguments):
    command = [str(paths.python()), "-m", "pytest", *arguments]
    if os.environ.get("CI"):
        command.append("--color=no")
    child = subprocess.Popen(command, cwd=paths.ROOT, stdin=subprocess.DEVNULL)
    try:
        return child.wait()
    except BaseException as error:  # let pytest say what it has done
        if not isinstance(error, KeyboardInterrupt):
            child.send_signal(signal.SIGINT)  # Ctrl-C has reached it already
        try:
            child.wait(20)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            child.kill()
        raise


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
