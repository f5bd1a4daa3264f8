"""Makes `sandbox`, `gtgtools` and, without Odoo, the pure parts of our addons
importable for every test."""

import importlib.machinery
import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]


def pytest_configure(config):
    if not config.pluginmanager.hasplugin("odoo"):
        sys.meta_path.insert(0, BareAddons())


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
