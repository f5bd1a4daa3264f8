"""Odoo's own modules in one database with ours: S-Invoice and debit notes.

Most users have not installed them, nor has the suite's database; so this one has a
database of its own, where the tests of the addon that need them run.
"""

import re
import subprocess

from gtgtools import db, odoo, paths

MODULES = 'l10n_vn_edi_viettel,account_debit_note'
TESTS = ('gtg_vn_einvoice/tests/core_sinvoice.py',
         'gtg_vn_einvoice/tests/core_debit_notes.py')


def test_one_sale_gets_one_invoice_beside_core_modules():
    with db.temporary() as name:
        install = [*odoo.odoo_command('server', name), '--stop-after-init',
                   '-i', MODULES, '--max-cron-threads=0', '--no-http']
        subprocess.run(install, cwd='/', check=True, env=odoo.odoo_environ(),
                       timeout=300, capture_output=True)
        run = subprocess.run(
            [str(paths.python()), '-m', 'pytest', '-q', '--color=no',
             f'--odoo-database={name}', '--odoo-extra=limit-memory-hard=0', *TESTS],
            cwd=paths.ROOT, timeout=600, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert run.returncode == 0, run.stdout
    assert re.search(r'^[12]\d passed in', run.stdout, re.MULTILINE), run.stdout
