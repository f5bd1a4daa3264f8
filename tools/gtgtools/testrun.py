"""make test: one pytest over everything, on a fresh clone of the suite database."""

import os
import shlex
import subprocess
import sys

from . import db, odoo, paths, processes

PURE = ("tests/pure", "tests/vectors", "sandbox/tests")


def main(arguments):
    processes.exit_on_terminate()
    if arguments[:1] == ["--pure"]:
        wanted = [path for path in PURE if (paths.ROOT / path).exists()]
        return _pytest(["-p", "no:odoo", *(arguments[1:] or wanted)])
    name = f"gtg_test_{paths.checkout_key()}_{os.getpid()}"
    db.clone(name)
    try:
        return _pytest(
            [
                f"--odoo-database={name}",
                "--odoo-http",
                f"--odoo-extra=http-port={odoo.free_port()}",
                *arguments,
            ]
        )
    finally:
        db.drop(name)


def _pytest(arguments):
    command = [str(paths.python()), "-m", "pytest", *arguments]
    if os.environ.get("CI"):
        command.append("--color=no")
    child = subprocess.Popen(command, cwd=paths.ROOT, stdin=subprocess.DEVNULL)
    try:
        return child.wait()
    except BaseException:  # Ctrl-C reached pytest too: let it say what it has done
        try:
            child.terminate() if child.poll() is None else None
            child.wait(30)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            child.kill()
        raise


if __name__ == "__main__":
    try:
        sys.exit(main(shlex.split(" ".join(map(shlex.quote, sys.argv[1:])))))
    except KeyboardInterrupt:
        sys.exit(130)
