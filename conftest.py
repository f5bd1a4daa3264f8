"""Makes `sandbox`, `gtgtools` and, without Odoo, the pure parts of our addons
importable for every test."""

import functools
import importlib.machinery
import sys
import types
from pathlib import Path

from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

# A busy machine must not fail a test that holds.
settings.register_profile(
    "gtg", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("gtg")


def pytest_configure(config):
    if config.pluginmanager.hasplugin("odoo"):
        ignore_debians_gap()
        be_patient()
    else:
        sys.meta_path.insert(0, BareAddons())


def ignore_debians_gap():
    """An Odoo installed from Debian's package lacks one file; the browser says so
    on its console, which would fail every tour."""
    from odoo.tests.common import ChromeBrowser

    from gtgtools.odoo import HARMLESS

    handle = ChromeBrowser._handle_console

    def _handle_console(self, type, args=None, **values):
        if type == "error" and HARMLESS.search(str(args)):
            type = "warning"
        return handle(self, type, args=args, **values)

    ChromeBrowser._handle_console = _handle_console


def be_patient():
    """Odoo's tests give browsers and servers some seconds: a machine that has other
    work would fail a test, or skip it. Only one that fails waits longer now; the
    steps of tours have `gtg_connector_base/static/tests/patient_tours.js`."""
    import pytest_odoo

    from odoo.tests import common

    from gtgtools import odoo

    # free when it is looked at, but maybe not when the server listens
    pytest_odoo._get_available_random_port = odoo.free_port
    common.CHECK_BROWSER_ITERATIONS *= 10
    common.BaseCase.test_cursor_lock_timeout = 120
    for owner, name, seconds in (
        (common.ChromeBrowser, "_json_command", 60),
        (common.HttpCase, "url_open", 120),
        (common.HttpCase, "make_jsonrpc_request", 120),
        (common.HttpCase, "_wait_remaining_requests", 60),
    ):
        patient = functools.partialmethod(getattr(owner, name), timeout=seconds)
        setattr(owner, name, patient)

    # of its time-outs, also while it starts; its speed stays
    common.ChromeBrowser.throttling_factor = property(
        lambda browser: 5, lambda browser, factor: None
    )


class BareAddons:
    """Finds ``odoo.addons.gtg_…`` as folders: their ``__init__`` would want Odoo.

    Whatever else a pure module imports from Odoo fails, as it must.
    """

    def find_spec(self, name, path=None, target=None):
        parts = name.split(".")
        if parts[0] != "odoo":
            return None
        if parts[1:2] not in ([], ["addons"]):
            raise ModuleNotFoundError(f"{name}: pure code may not import Odoo")
        if len(parts) > 2 and not parts[2].startswith("gtg_"):
            raise ModuleNotFoundError(f"{name}: pure code may not import Odoo")
        folder = ROOT.joinpath(*parts[2:])
        pure = "lib" in parts[3:4]
        if pure or (len(parts) > 2 and not folder.is_dir()):
            return None  # a real module: found in its package's folder
        spec = importlib.machinery.ModuleSpec(name, self, is_package=True)
        spec.submodule_search_locations = [str(folder)] if len(parts) > 2 else []
        return spec

    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module):
        pass
