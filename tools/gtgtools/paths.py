"""Where things lie: the checkout, its scratch folder, the machine-wide cache.

Standard library only: ``tools/setup`` runs this before anything is installed.
"""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = ROOT / ".gtg"
REQUIREMENTS = [ROOT / "tools/requirements.txt", ROOT / "tools/requirements-dev.txt"]
PG_PORT = 54329  # only names the socket file; nothing listens on TCP


class SetupError(Exception):
    """What a person must do, in one sentence."""


def cache():
    """The folder for downloads, the virtual environment and PostgreSQL."""
    if os.environ.get("GTG_CACHE"):
        return Path(os.environ["GTG_CACHE"]).resolve()
    if os.geteuid() == 0:
        return Path("/var/cache/gtg")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gtg"


def digest(*parts):
    """A short stable key of texts or bytes."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part if isinstance(part, bytes) else str(part).encode())
        sha.update(b"\0")
    return sha.hexdigest()[:10]


def checkout_key():
    """Tells several checkouts that share one cache apart."""
    return digest(ROOT)[:6]


def socket_dir():
    """The folder of PostgreSQL's socket; a socket's path has 107 bytes at most."""
    folder = cache() / "run"
    if len(str(folder)) > 80:
        folder = Path(f"/tmp/gtg-{os.geteuid()}-{digest(cache())}")
    return folder


def data_dir():
    """Odoo's data folder: filestores of all databases."""
    return cache() / "data"


def log_file():
    SCRATCH.mkdir(exist_ok=True)
    return SCRATCH / "setup.log"


def odoo_home():
    """The folder that contains the package ``odoo``; None if there is none yet."""
    named = os.environ.get("ODOO_PATH")
    if named:
        home = Path(named).expanduser().resolve()
        if home.name == "odoo" and (home / "release.py").is_file():
            home = home.parent
    else:
        home = cache() / "odoo/usr/lib/python3/dist-packages"
    return home if (home / "odoo/release.py").is_file() else None


def odoo_version():
    """The version as Odoo's release.py says it, such as "19.0"."""
    scope = {}
    exec((odoo_home() / "odoo/release.py").read_text(), scope)
    return scope["version"]


def addons_path():
    """Core addons, then the checkout's."""
    home = odoo_home()
    folders = [home / "odoo/addons"]
    if not (folders[0] / "web").exists():  # a git checkout keeps them apart
        folders.append(home / "addons")
    return [*folders, ROOT]


def venv():
    """This checkout's virtual environment (may not exist yet)."""
    shared = cache() / "venv"
    stamp = shared / "gtg-stamp"
    key = venv_key()
    if not shared.exists() or (stamp.exists() and stamp.read_text() == key):
        return shared
    return cache() / f"venv-{key}"


def venv_key():
    return digest(
        *(path.read_bytes() for path in REQUIREMENTS),
        os.environ.get("ODOO_PATH", ""),
    )


def python():
    return venv() / "bin/python"


def environ(**extra):
    """Environment for our commands: psql and python find what is ours."""
    env = dict(os.environ, **{key: str(value) for key, value in extra.items()})
    env.pop("PYTHONHOME", None)
    env["PATH"] = f"{venv() / 'bin'}:{env.get('PATH', '/usr/bin:/bin')}"
    env["PYTHONPATH"] = f"{ROOT / 'tools'}:{ROOT}"
    env["GTG_CACHE"] = str(cache())
    env.update(PGHOST=str(socket_dir()), PGPORT=str(PG_PORT), PGUSER="gtg")
    env["ODOO_RC"] = str(SCRATCH / "odoo.conf")
    env.pop("PGDATABASE", None)
    env.pop("PGPASSWORD", None)
    return env
