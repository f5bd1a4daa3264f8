"""All set-up in named steps. Every step looks first whether it is needed."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
import traceback

from . import db, packages, paths, postgres
from .paths import SetupError

GIB = 1024**3


def run(upto="databases", quiet=False):
    """Set up what ``upto`` needs: "python", "odoo" (with PostgreSQL) or "databases".

    With "odoo" and "databases" this process holds a lease on PostgreSQL afterwards.

    :raise SetupError: a person must do something first
    """
    names = [name for level, name, _step in STEPS if level in LEVELS[upto]]
    steps = [step for level, _name, step in STEPS if level in LEVELS[upto]]
    began = time.monotonic()
    worked = False
    _open_cache()
    with (paths.cache() / "setup.lock").open("a") as lock:
        _wait_for_lock(lock)
        for number, (name, step) in enumerate(zip(names, steps, strict=True), 1):
            progress = Progress(f"[{number}/{len(steps)}] {name}", quiet)
            try:
                step(progress)
            except BaseException as error:
                progress.fail()
                if isinstance(error, SetupError) or not isinstance(error, Exception):
                    raise
                raise SetupError(_sentence(name, error)) from error
            worked |= progress.finish()
    if worked and not quiet:
        print(f"Set-up is complete ({time.monotonic() - began:.0f} s).", flush=True)


class Progress:
    """One line per step that has something to do."""

    def __init__(self, title, quiet):
        self.title, self.quiet, self.began = title, quiet, None

    def work(self, what=""):
        """The step is needed; says so before the waiting starts."""
        if self.began is None:
            self.began = time.monotonic()
            if not self.quiet:
                print(f"{self.title}{what and ': ' + what} ...", end=" ", flush=True)

    def finish(self):
        if self.began is not None and not self.quiet:
            print(f"done ({time.monotonic() - self.began:.0f} s)", flush=True)
        return self.began is not None

    def fail(self):
        if self.began is not None and not self.quiet:
            print("failed", flush=True)


# === STEPS === #


def disk_space(progress):
    """Room for everything: 1.6 GB in the cache, 0.9 GB of Debian packages."""
    new = not (paths.venv() / "gtg-stamp").exists() or paths.odoo_home() is None
    wanted = [(paths.cache(), 2.5 if new else 0.5)]
    if packages.missing():
        wanted.append(("/usr", 1.2))
    for folder, need in wanted:
        free = shutil.disk_usage(folder).free / GIB
        if free < need:
            raise SetupError(
                f"{folder} has {free:.1f} GB free but {need:.1f} GB are needed:"
                " make room, or put the cache on another disk with GTG_CACHE=/path."
            )


def debian_packages(progress, programs_only=False):
    names = packages.missing(programs_only)
    if names:
        progress.work(f"installing {', '.join(names)}")
        packages.install(names, paths.log_file())
        left = packages.missing(programs_only)
        if left:
            raise SetupError(f"{', '.join(left)} was installed but is not found.")
    if not programs_only:
        postgres.check_reachable()


def python_packages(progress):
    folder, key = paths.venv(), paths.venv_key()
    stamp = folder / "gtg-stamp"
    if stamp.exists() and stamp.read_text() == key:
        os.utime(stamp)
        _show_odoo()
        return
    progress.work("pinned packages from PyPI")
    log = paths.log_file()
    _must(log, sys.executable, "-m", "venv", "--clear", folder)
    pip = [folder / "bin/python", "-m", "pip", "install", "--no-input", "-q"]
    wanted = [part for path in paths.REQUIREMENTS for part in ("-r", path)]
    if _call(log, *pip, "--disable-pip-version-check", *wanted):
        raise SetupError(
            f"pip could not install the Python packages: {_last_error(log)}"
            f" (log: {log}). Is PyPI within reach?"
        )
    stamp.write_text(key)
    _show_odoo()


def _show_odoo():
    """Let the environment's Python find Odoo, after everything else."""
    if paths.odoo_home():
        (site,) = paths.venv().glob("lib/python3.*/site-packages")
        link, line = site / "odoo-debian.pth", f"{paths.odoo_home()}\n"
        if not link.exists() or link.read_text() != line:
            link.write_text(line)


def odoo_itself(progress):
    if paths.odoo_home() is None:
        progress.work("downloading from Debian sid" if _needs_download() else "")
        packages.fetch_odoo(paths.log_file())
    version = paths.odoo_version()
    if not version.startswith("19."):
        raise SetupError(
            f"{paths.odoo_home()} is Odoo {version}, we need 19. {packages.GET_ODOO}"
        )


def postgres_cluster(progress):
    data, _programs = postgres.data_folder()
    if not (data / "PG_VERSION").exists():
        progress.work("own cluster, private socket")
        postgres.create(paths.log_file())


def postgres_server(progress):
    if not postgres.running():
        progress.work()
    postgres.lease(paths.log_file())


def odoo_configuration(progress):
    paths.data_dir().mkdir(exist_ok=True)
    folders = ",".join(str(folder) for folder in paths.addons_path())
    text = (
        "[options]\n"
        f"db_host = {paths.socket_dir()}\n"
        f"db_port = {paths.PG_PORT}\n"
        "db_user = gtg\n"
        f"addons_path = {folders}\n"
        f"data_dir = {paths.data_dir()}\n"
        "http_interface = 127.0.0.1\n"
        "list_db = False\n"
    )
    paths.SCRATCH.mkdir(exist_ok=True)
    config = paths.SCRATCH / "odoo.conf"
    if not config.exists() or config.read_text() != text:
        config.write_text(text)


def base_template(progress):
    if not db.exists(db.base_name()):
        progress.work(f"{len(db.core_modules())} modules of Odoo, about 3 minutes")
    db.build_base(paths.log_file())


def suite_template(progress):
    if not db.exists(db.suite_name()):
        progress.work(f"{len(db.our_modules())} addons of ours")
    db.build_suite(paths.log_file())
    db.drop_leftovers()


STEPS = [
    ("all", "Disk space", disk_space),
    ("odoo", "Debian packages", debian_packages),
    ("python only", "Debian packages", lambda p: debian_packages(p, True)),
    ("odoo", "Odoo 19", odoo_itself),
    ("all", "Python environment", python_packages),
    ("odoo", "PostgreSQL cluster", postgres_cluster),
    ("odoo", "PostgreSQL server", postgres_server),
    ("odoo", "Odoo configuration", odoo_configuration),
    ("databases", "Core database", base_template),
    ("databases", "Suite database", suite_template),
]
LEVELS = {
    "python": {"all", "python only"},
    "odoo": {"all", "odoo"},
    "databases": {"all", "odoo", "databases"},
}

# === DETAILS === #


def _open_cache():
    folder = paths.cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "setup.lock").touch()
    except OSError as error:
        raise SetupError(
            f"{folder} cannot be written ({error.strerror}): choose another folder"
            " with GTG_CACHE=/path."
        ) from error
    if os.geteuid() == 0 and not folder.stat().st_mode & 0o001:
        folder.chmod(folder.stat().st_mode | 0o011)  # the user postgres passes


def _wait_for_lock(lock):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Waiting for another set-up on this machine ...", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def _needs_download():
    return not list((paths.cache() / "debs").glob("odoo-19_*.deb"))


def _call(log, *command):
    with log.open("ab") as out:
        return subprocess.call(
            [str(part) for part in command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


def _must(log, *command):
    if _call(log, *command):
        raise SetupError(f"`{' '.join(map(str, command))}` failed (log: {log}).")


def _last_error(log):
    lines = log.read_text(errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or ["no reason given"])[-1]


def _sentence(name, error):
    with paths.log_file().open("a") as log:
        log.write(f"\n{name}:\n{''.join(traceback.format_exception(error))}")
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return f"{name}: {error.strerror}{where}. Log: {paths.log_file()}"
    text = str(error).strip().splitlines() or [type(error).__name__]
    return f"{name}: {text[-1]} (log: {paths.log_file()})"


def main():
    """Command line of tools/setup and the set-up part of tools/run."""
    try:
        run(*sys.argv[1:2])
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What is done stays done; start again to go on.")
        return 130
    finally:
        postgres.release(paths.log_file())
    return 0
