"""The part of the bench that runs inside an Odoo process; answers in one JSON line."""

import json

from gtgtools import odoo, paths

CODE = """
import sys
sys.path[:0] = [{root!r}]
import json
from {module} import {function} as bench_function
print('BENCH' + json.dumps(bench_function(env, **json.loads({arguments!r}))))
"""


def run(db, function, **arguments):
    """Call ``bench.<module>.<function>(env, **arguments)`` in an Odoo shell process.

    :param str function: for instance ``imports.p1``
    :return: what it returned
    """
    module, name = function.rsplit('.', 1)
    text = odoo.shell(db, CODE.format(
        root=str(paths.ROOT), module=f'bench.{module}', function=name,
        arguments=json.dumps(arguments)), timeout=1500)
    for line in text.splitlines():
        # the shell may print its prompt before it
        _prompt, found, answer = line.partition('BENCH{')
        if found:
            return json.loads('{' + answer)
    raise RuntimeError(f'{function} gave no result:\n{text}')
