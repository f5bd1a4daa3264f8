"""The database with the demo company in it, built once and cloned for each use."""

from gtgtools import db, odoo, paths

LOAD = """
import sys
sys.path[:0] = [{root!r}]
from demo import company
company.load(env)
env.cr.commit()
"""
FILES = ('catalogue.py', 'company.py', 'pictures.py')


def template(say=lambda text: None):
    """Name of the template; built if what it is made of has changed.

    :param say: called with a sentence before the half minute that building takes
    """
    folder = paths.ROOT / 'demo'
    key = paths.digest(
        db.suite_name(), *((folder / name).read_bytes() for name in FILES))
    name = f'gtg_stage_{paths.checkout_key()}_{key}'
    if not db.exists(name):
        say('Filling the demo company (Vietnamese texts, products, stock)')
        for (old,) in db.sql('postgres', 'SELECT datname FROM pg_database'):
            if old.startswith(f'gtg_stage_{paths.checkout_key()}_'):
                db.drop(old)
        draft = f'{name}_draft'
        db.clone(draft)
        odoo.shell(draft, LOAD.format(root=str(paths.ROOT)), timeout=600)
        db.clone(name, template=draft, new_uuid=False)
        db.drop(draft)
    return name


def clone(name, say=lambda text: None):
    """A fresh database with the demo company, with an identity of its own."""
    return db.clone(name, template=template(say), new_uuid=True)
