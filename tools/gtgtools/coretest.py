"""make core-test: Odoo's own tests of what we extend, with our addons installed.

What fails runs again without our addons; only what passes there is our failure.
"""

import re
import sys

from . import db, odoo, paths, processes

FAILED = re.compile(r" (?:ERROR|WARNING) \S+ (\S+?): (?:FAIL|ERROR): (.+)$")
# In Odoo's process: tests "at install" too, but with every addon loaded.
INSIDE = """
from odoo.cli.command import main
from odoo.tests import loader
make_suite = loader.make_suite
def all_at_the_end(names, position):
    later = [name for name in names if not name.startswith("gtg_")]
    both = "at_install,post_install"
    return make_suite(later if position == "post_install" else [], both)
loader.make_suite = all_at_the_end
main()
"""
COUNT = re.compile(r"odoo\.tests\.result: (.*) when loading")


def main(arguments):
    processes.exit_on_terminate()
    tags = arguments or _chosen()
    print("Core's tests with our addons ...", flush=True)
    failed, count = _run("suite", tags)
    print(f"With our addons: {count}")
    ours = failed
    if failed:
        print("The same without our addons ...", flush=True)
        known, count = _run("base", sorted({_tag(*test) for test in failed}))
        print(f"Without our addons: {count}")
        for module, test in sorted(failed & known):
            print(f"fails without us too: {test} ({module})")
        ours = failed - known
    for module, test in sorted(ours):
        print(f"FAILS WITH OUR ADDONS: {test} ({module})")
    print("core-test:", "FAILED" if ours or not count else "passed")
    return 1 if ours or not count else 0


def _chosen():
    lines = (paths.ROOT / "tests/core/tags.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _run(template, tags):
    """({(module, test)} that failed, Odoo's count line)"""
    log = paths.SCRATCH / "log" / f"core-test-{template}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with db.temporary(template) as name:
        arguments = odoo.odoo_command("server", name)[3:]
        port = odoo.free_port(span=2)
        with log.open("wb") as out:
            process = processes.spawn(
                [
                    *(paths.python(), "-c", INSIDE, *arguments),
                    f"--test-tags={','.join(tags)}",
                    f"--http-port={port}",
                    f"--gevent-port={port + 1}",
                    "--max-cron-threads=0",
                ],
                cwd="/",
                env=odoo.odoo_environ(),
                stdout=out,
                stderr=out,
            )
        try:
            process.wait()
        finally:
            processes.kill(process)
    text = log.read_text(errors="replace")
    count = COUNT.search(text)
    if not count:
        raise odoo.ServerError("Odoo did not finish its tests", log)
    failed = {
        match.groups() for match in map(FAILED.search, text.splitlines()) if match
    }
    return failed, count[1]


def _tag(module, test):
    """The --test-tags that run a failed test's class again."""
    addon = re.search(r"odoo\.addons\.(\w+)", f"{test} {module}")
    name = re.search(r"\.(\w+)\)$", test) or re.match(r"(\w+)", test)
    return f"standard/{addon[1]}:{name[1]}"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except odoo.ServerError as error:
        sys.exit(str(error))
