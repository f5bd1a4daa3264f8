"""tools/run: set-up, then one command in the foreground, then PostgreSQL's end."""

import os
import signal
import subprocess
import sys

from . import paths, postgres, setup
from .paths import SetupError


def main(arguments):
    upto = "databases"
    if arguments[:1] == ["--upto"]:
        upto, arguments = arguments[1], arguments[2:]
    if not arguments or upto not in setup.LEVELS:
        print("tools/run [--upto python|odoo|databases] COMMAND [ARGUMENT ...]")
        return 2
    # A shell's background job ignores INT; we and the command do not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        setup.run(upto)
        return _foreground(arguments)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What is done stays done; start again to go on.")
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        postgres.release(paths.log_file())


def _foreground(arguments):
    """Run it; Ctrl-C reaches it from the terminal, TERM and HUP through us."""
    if arguments[0] == "python":
        arguments = [str(paths.python()), *arguments[1:]]
    child = subprocess.Popen(arguments, env=paths.environ(), cwd=paths.ROOT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, frame: os.kill(child.pid, received))
    code = child.wait()
    return code if code >= 0 else 128 - code
