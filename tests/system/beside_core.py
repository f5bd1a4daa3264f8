"""Addons of Odoo that most users do not have: a database of their own, with ours."""

import re
import subprocess

from gtgtools import db, odoo, paths


def run(modules, *tests, least):
    """Install `modules` of core beside our addons and run files of tests there.

    :param int least: how many tests must have passed; none may fail or be skipped
    """
    with db.temporary() as name:
        install = [*odoo.odoo_command('server', name), '--stop-after-init',
                   '-i', modules, '--max-cron-threads=0', '--no-http']
        subprocess.run(install, cwd='/', check=True, env=odoo.odoo_environ(),
                       timeout=300, capture_output=True)
        result = subprocess.run(
            [str(paths.python()), '-m', 'pytest', '-q', '--color=no',
             f'--odoo-database={name}', '--odoo-extra=limit-memory-hard=0', *tests],
            cwd=paths.ROOT, timeout=600, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert result.returncode == 0, result.stdout
    passed = re.search(r'^(\d+) passed in', result.stdout, re.MULTILINE)
    assert passed and int(passed[1]) >= least, result.stdout
