"""Databases: two templates built once, and clones of them made in a second.

``base`` holds the core modules our addons depend on, ``suite`` all our addons
on top. Both are named after what they contain, so a change makes a new one and
several checkouts share what they have in common.
"""

import ast
import fcntl
import os
import shutil
import subprocess
import uuid
from contextlib import contextmanager

from . import odoo, paths

KEEP = {"base": 2, "suite": 4}  # templates of each kind that stay
ALWAYS = ("l10n_vn", "sale_management")  # the demo company needs these
# Without these a browser's first page takes longer than a tour waits for it.
WARM = """
for name in ('web.assets_web', 'web.assets_frontend', 'web.assets_frontend_lazy'):
    env['ir.qweb']._get_asset_bundle(name, css=False, js=True).js()
    env['ir.qweb']._get_asset_bundle(name, css=True, js=False).css()
env.cr.commit()
"""
NOT_IN_DATABASE = ("tests", "readme", "__pycache__")


def clone(name, template="suite", new_uuid=None):
    """Make database ``name`` anew from "suite", "base" or a database's name.

    The filestore comes along. Returns the name.

    :param bool new_uuid: whether the clone gets a database uuid of its own, as
        Odoo's "duplicate" does; by default only clones of the two templates do
    """
    named = {"suite": suite_name, "base": base_name}
    source = named[template]() if template in named else template
    if not exists(source):
        raise paths.SetupError(f"No database {source}: run `tools/setup` first.")
    if new_uuid is None:
        new_uuid = template in named
    with _locked():
        drop(name)
        if template not in named:
            _admin(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                f" WHERE datname = '{source}'"
            )
        _admin(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        _copy_filestore(source, name)
    if new_uuid:
        sql(
            name,
            "UPDATE ir_config_parameter SET value = gen_random_uuid()::text"
            " WHERE key = 'database.uuid'",
        )
    return name


@contextmanager
def temporary(template="suite"):
    """A clone with a unique name, dropped at the end of the block."""
    name = f"gtg_tmp_{paths.checkout_key()}_{os.getpid()}_{uuid.uuid4().hex[:6]}"
    clone(name, template)
    try:
        yield name
    finally:
        drop(name)


def drop(name):
    """Drop the database with its filestore; no error if there is none."""
    if sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        _admin(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
        _admin(f'DROP DATABASE "{name}" WITH (FORCE)')
    shutil.rmtree(_filestore(name), ignore_errors=True)


def exists(name):
    return bool(sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def sql(name, statement):
    """Run SQL with psql, committed at once; rows come as lists of texts."""
    result = subprocess.run(
        ["psql", "-X", "-q", "-At", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-d", name],
        input=statement,
        env=paths.environ(PGCLIENTENCODING="UTF8"),
        text=True,
        capture_output=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"{statement.strip()}: {result.stderr.strip()}")
    return [line.split("\x1f") for line in result.stdout.splitlines()]


def connect(name):
    """A psycopg2 connection, for tests that hold locks or transactions open."""
    import psycopg2  # the virtual environment's; set-up runs without it

    return psycopg2.connect(
        dbname=name, user="gtg", host=str(paths.socket_dir()), port=paths.PG_PORT
    )


# === TEMPLATES === #


def core_modules():
    """The core modules under our addons, with all that they depend on."""
    ours = set(our_modules())
    needed, found = {*ALWAYS, *ours}, set()
    while needed - found:
        name = (needed - found).pop()
        found.add(name)
        needed.update(_depends(_manifest(name)))
    return sorted(found - ours)


def our_modules():
    """Our addons, without those that need something which is not there."""
    names = {path.parent.name for path in paths.ROOT.glob("gtg_*/__manifest__.py")}
    while True:
        homeless = {
            name for name in names for other in _depends(_manifest(name))
            if other not in names and (other[:4] == "gtg_" or not _manifest(other))
        }  # fmt: skip
        if not homeless:
            return sorted(names)
        names -= homeless


def base_name():
    if os.environ.get("GTG_BASE"):  # fixed for the whole run of a command
        return os.environ["GTG_BASE"]
    requirements = paths.REQUIREMENTS[0].read_bytes()
    source = (paths.odoo_version(), paths.odoo_home(), requirements)
    key = paths.digest(*source, *core_modules())
    return f"gtg_base_{key}"


def suite_name():
    if os.environ.get("GTG_SUITE"):  # files may be edited while tests run
        return os.environ["GTG_SUITE"]
    return f"gtg_suite_{paths.digest(base_name(), *_content())}"


def build_base(log):
    """Build the base template if it is missing, and keep to it from now on."""
    os.environ["GTG_BASE"] = name = base_name()
    _build(name, None, core_modules(), log)


def build_suite(log):
    os.environ["GTG_SUITE"] = name = suite_name()
    _build(name, base_name(), our_modules(), log)


def _build(name, source, modules, log):
    with _locked():
        lease(name)
        if exists(name):
            return
        draft = f"{name}_draft"
        drop(draft)
        if source:
            _admin(f'CREATE DATABASE "{draft}" TEMPLATE "{source}"')
            _copy_filestore(source, draft)
        if modules:
            _install(draft, modules, log)
        if source:
            odoo.shell(draft, WARM, check=False)
        _admin(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
        if _filestore(draft).exists():
            shutil.rmtree(_filestore(name), ignore_errors=True)
            _filestore(draft).rename(_filestore(name))
        # Nobody may enter a template by mistake: cloning would have to wait.
        _admin(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false IS_TEMPLATE true')
        _collect_garbage()


def _install(name, modules, log):
    command = [
        *odoo.odoo_command("server", name),
        f"--init={','.join(modules)}",
        "--no-http",
        "--max-cron-threads=0",
        "--stop-after-init",
    ]
    start = log.stat().st_size if log.exists() else 0
    with log.open("ab") as out:
        code = subprocess.call(
            command,
            cwd="/",
            env=odoo.odoo_environ(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    waiting = modules
    if not code:
        rows = sql(name, "SELECT name FROM ir_module_module WHERE state = 'installed'")
        waiting = sorted(set(modules) - {row[0] for row in rows})
    if waiting:
        with log.open(errors="replace") as text:
            text.seek(start)
            lines = text.read()
        words = [line for line in lines.splitlines() if "Error" in line[:80]]
        reason = (words or odoo.log_errors(lines) or ["see there"])[-1].strip()
        raise paths.SetupError(
            f"Odoo could not install {', '.join(waiting)}: {reason} (log: {log})"
        )


def _content():
    """Name and content of every file of our addons that shapes a database."""
    for name in our_modules():
        folder = paths.ROOT / name
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            if path.is_file() and not set(parts) & set(NOT_IN_DATABASE):
                yield str(path.relative_to(paths.ROOT))
                yield path.read_bytes()


def _manifest(name):
    for folder in paths.addons_path():
        path = folder / name / "__manifest__.py"
        if path.exists():
            return path
    return None


def _depends(manifest):
    return ast.literal_eval(manifest.read_text()).get("depends", ["base"])


# === HOUSEKEEPING === #


_leases = {}


def lease(name):
    """Keep a template until this process ends, whoever tidies up meanwhile."""
    if name not in _leases:
        _leases[name] = _lease_file(name).open("a")
        fcntl.flock(_leases[name], fcntl.LOCK_SH)
    os.utime(_lease_file(name))


def _lease_file(name):
    folder = paths.cache() / "templates"
    folder.mkdir(exist_ok=True)
    return folder / name


def _collect_garbage():
    """Drop unfinished templates, and those not used for the longest time."""
    for (name,) in sql("postgres", "SELECT datname FROM pg_database"):
        if name.startswith(("gtg_base_", "gtg_suite_")) and name.endswith("_draft"):
            drop(name)
    for kind, keep in KEEP.items():
        by_age = sorted(
            (paths.cache() / "templates").glob(f"gtg_{kind}_*"),
            key=lambda path: path.stat().st_mtime,
        )
        for path in by_age[:-keep]:
            with path.open("a") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue  # a command works with it
                drop(path.name)
                path.unlink()


def drop_leftovers():
    """Drop this checkout's temporary databases whose process has died."""
    for (name,) in sql("postgres", "SELECT datname FROM pg_database"):
        for kind in ("tmp", "world"):
            prefix = f"gtg_{kind}_{paths.checkout_key()}_"
            pid = name.removeprefix(prefix).split("_")[0]
            if name.startswith(prefix) and not os.path.exists(f"/proc/{pid}"):
                drop(name)


@contextmanager
def _locked():
    """One builder or cloner at a time on this machine."""
    with (paths.cache() / "templates.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _admin(statement):
    for attempt in range(12, -1, -1):
        try:
            return sql("postgres", statement)
        except RuntimeError as error:
            # who was told to leave may need more than PostgreSQL's five seconds
            if not attempt or "is being accessed by other users" not in str(error):
                raise


def _filestore(name):
    return paths.data_dir() / "filestore" / name


def _copy_filestore(source, name):
    """Hard links do: Odoo writes files under the hash of their content, once."""
    if not _filestore(source).is_dir():
        return
    shutil.rmtree(_filestore(name), ignore_errors=True)
    try:
        shutil.copytree(_filestore(source), _filestore(name), copy_function=os.link)
    except (OSError, shutil.Error):
        shutil.rmtree(_filestore(name), ignore_errors=True)
        shutil.copytree(_filestore(source), _filestore(name))
