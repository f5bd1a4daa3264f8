"""make lint: ruff over everything, pylint-odoo's own checks over the addons."""

import subprocess
import sys

from . import paths


def main():
    python = [str(paths.python()), "-m"]
    addons = sorted(path.parent.name for path in paths.ROOT.glob("gtg_*/__init__.py"))
    commands = [[*python, "ruff", "check", "."]]
    if addons:
        commands.append([*python, "pylint", *addons])
    return max(subprocess.call(command, cwd=paths.ROOT) for command in commands) and 1


if __name__ == "__main__":
    sys.exit(main())
