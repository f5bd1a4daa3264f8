"""What comes from Debian: programs by apt-get, Odoo 19 itself without installing.

Odoo 19 is in no release of Debian yet but in "sid". A private apt configuration
reads sid's index; the package is unpacked into the cache, the system stays as it is.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import paths, postgres
from .paths import SetupError

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR = os.environ.get("GTG_DEBIAN_MIRROR", "http://deb.debian.org/debian")
# odoo-19 links to the fonts and scripts of these packages by relative paths.
FROM_SID = (
    *("odoo-19", "libjs-jquery", "libjs-jquery-form", "libjs-underscore"),
    *("fonts-roboto-unhinted", "fonts-montserrat", "fonts-inconsolata"),
    *("fonts-ocr-b", "fonts-glyphicons-halflings"),
)
# Font Awesome 4.7: sid's is 7 and has other files.
FROM_BOOKWORM = ("fonts-font-awesome",)
GET_ODOO = (
    "Get Odoo 19 (git clone -b 19.0 https://github.com/odoo/odoo) and name its folder:"
    " export ODOO_PATH=/path/to/odoo"
)


def missing(programs_only=False):
    """Debian packages whose content is not on this machine."""
    wanted = []
    if not _can_make_venv():
        wanted.append("python3-venv")
    if programs_only:
        return wanted
    if not postgres.programs() or not shutil.which("psql"):
        wanted.append("postgresql")
    browsers = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
    if not any(map(shutil.which, browsers)):
        wanted.append("chromium")
    if not shutil.which("wkhtmltopdf"):
        wanted.append("wkhtmltopdf")
    if not Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf").exists():
        wanted.append("fonts-noto-core")
    if not Path("/etc/ssl/certs/ca-certificates.crt").exists():
        wanted.append("ca-certificates")
    return wanted


def install(names, log):
    """apt-get install; asks for no password and no answer."""
    command = "apt-get install -y --no-install-recommends " + " ".join(names)
    if not shutil.which("apt-get"):
        raise SetupError(f"Please install these programs first: {', '.join(names)}.")
    sudo = []
    if os.geteuid() != 0:
        sudo = ["sudo"]
        if not shutil.which("sudo") or _run(log, ["sudo", "-n", "true"]):
            raise SetupError(f"Please run this as root, then start again: {command}")
    environ = ["env", "DEBIAN_FRONTEND=noninteractive"]
    patient = ["-o", "DPkg::Lock::Timeout=300"]
    install_them = [*sudo, *environ, "apt-get", *patient, *command.split()[1:]]
    if _run(log, install_them) == 0:
        return
    update = [*sudo, "apt-get", *patient, "update"]
    if _run(log, update) or _run(log, install_them):
        raise SetupError(
            f"apt-get could not install {', '.join(names)}: {_reason(log)} Try"
            f" `{command}` as root, then start again (log: {log})."
        )


def fetch_odoo(log):
    """Unpack Odoo 19 into the cache, by way of ``odoo.new``."""
    if os.environ.get("ODOO_PATH"):
        raise SetupError(
            f"ODOO_PATH={os.environ['ODOO_PATH']} holds no Odoo: it must name the"
            " folder with odoo-bin, or the one that contains the package odoo."
        )
    if not shutil.which("apt-get") or not KEYRING.exists():
        raise SetupError(f"This machine is no Debian with apt-get. {GET_ODOO}")
    options = _private_apt()
    if _run(log, ["apt-get", *options, "update"]):
        raise SetupError(f"Debian's package lists are out of reach: {_reason(log)}")
    debs = paths.cache() / "debs"
    debs.mkdir(exist_ok=True)
    names = [*FROM_SID, *(f"{name}/bookworm" for name in FROM_BOOKWORM)]
    download = ["apt-get", *options, "download", *names]
    if _run(log, download, cwd=debs):
        raise SetupError(f"Odoo 19 did not come: {_reason(log)} {GET_ODOO}")
    draft = paths.cache() / "odoo.new"
    shutil.rmtree(draft, ignore_errors=True)
    for name in (*FROM_SID, *FROM_BOOKWORM):
        newest = max(debs.glob(f"{name}_*.deb"), key=os.path.getmtime)
        if _run(log, ["dpkg", "-x", newest, draft]):
            raise SetupError(f"{newest} does not unpack: {_reason(log)} Delete it.")
    _fill_gap(draft)
    shutil.rmtree(paths.cache() / "odoo", ignore_errors=True)
    draft.rename(paths.cache() / "odoo")


def _fill_gap(draft):
    """Debian leaves out a file (it has no source) that the web client's bundle
    names: an ERROR in the log and in the browser's console, which ends every tour."""
    addons = draft / "usr/lib/python3/dist-packages/odoo/addons"
    gap = addons / "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    if not gap.exists():
        gap.parent.mkdir(exist_ok=True)
        gap.write_text("// Not in Debian's package: blurs the camera's background.\n")


def _private_apt():
    folder = paths.cache() / "apt"
    for name in ("lists/partial", "cache/archives/partial", "etc"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    sources = folder / "gtg.list"
    sources.write_text(
        "".join(
            f"deb [signed-by={KEYRING}] {MIRROR} {suite} main\n"
            for suite in ("sid", "bookworm")
        )
    )
    settings = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "-",
        "Dir::Etc::Preferences": "-",
        "Dir::Etc::PreferencesParts": "-",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
        "APT::Default-Release": "sid",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "APT::Update::Error-Mode": "any",
    }
    return [f"-o{key}={value}" for key, value in settings.items()]


def _can_make_venv():
    probe = [sys.executable, "-c", "import ensurepip, venv"]
    return subprocess.run(probe, capture_output=True).returncode == 0


def _run(log, command, cwd="/"):
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        out.flush()
        return subprocess.call(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


def _reason(log):
    """apt's last complaint as a sentence."""
    lines = log.read_text(errors="replace").splitlines()
    for line in reversed(lines):
        if line.startswith(("E: ", "W: ", "dpkg: error", "dpkg-deb: error")):
            return line.split(": ", 1)[1].rstrip(".") + "."
    return "no reason given."
