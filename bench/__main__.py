"""``make bench``: measure every row, print a table, write ``bench/results.json``.

Absolute times drift with the machine; a ratio to the bare twin, measured in the same
minute, and the number of SQL statements do not.
"""

import argparse
import json
import sys
import traceback

from bench import rows
from demo import database, stage
from gtgtools import db, odoo, paths, processes, sandbox

# row: bar as text, and whether a result meets it
BARS = {
    'P1': ('<= 1.20 x bare create, <= +2.5 queries per order, flat 50 to 500',
           lambda r: r['value'] <= 1.20 and r['extra_queries_per_order'] <= 2.5
           and r['growth'] <= 1.15),
    'P2': ('<= 1.15 x bare create + confirm', lambda r: r['value'] <= 1.15),
    'P3': ('<= 8 queries for 200 unchanged orders', lambda r: r['value'] <= 8),
    'P4': ('>= 0.6 x throughput of a bare route, p99 < 100 ms at 50/s',
           lambda r: r['value'] >= 0.6 and r['p99_ms'] < 100),
    'P8': ('<= 4 statements and 2 commits per call',
           lambda r: r['value'] <= 4 and r['commits_per_call'] <= 2),
    'P8_shards': ('two cron workers >= 1.7 x one', lambda r: r['value'] >= 1.7),
    'P8_limit': ("one shard >= 0.8 of the provider's limit",
                 lambda r: r['value'] >= 0.8),
    'P9': ('push to visible order, p95 <= 5 s', lambda r: r['value'] <= 5),
    'P11': ('<= 30 queries for the shortage of 2,000 orders x 3 lines',
            lambda r: r['value'] <= 30 and r['value'] == r['of_200_orders']),
    'P10': ('<= 25 queries for board and list with 5,000 orders, whatever their number',
            lambda r: r['value'] <= 25 and r['growth'] <= 1),
    'P10_axes': ('as many queries for the axes of 500 orders as of 50',
                 lambda r: r['value'] <= r['of_50_orders']),
    'P10_bulk': ('<= 1.3 x bare confirm of 500 orders', lambda r: r['value'] <= 1.3),
    'P15': ('<= 12 statements, <= 6 ms of them per e-invoice asked for in a bulk of 500',
            lambda r: r['value'] <= 12 and r['ms_of_statements'] <= 6),
    'P15_send': ('<= 12 statements, <= 6 ms of them to issue one and store its number',
                 lambda r: r['value'] <= 12 and r['ms_of_statements'] <= 6),
    'P15_payload': ('1,000 lines <= 1.2 x a plain read of them',
                    lambda r: r['value'] <= 1.2 and r['statements'] <= 100),
    'P15_poll': ('<= 10 calls for the codes of 1,000 e-invoices',
                 lambda r: r['value'] <= 10),
    'P14': ('8 workers at expiry: 1 refresh', lambda r: r['value'] == 1),
}


def main():
    parser = argparse.ArgumentParser(prog='make bench')
    parser.add_argument('rows', nargs='*', help='only these, for instance P1 P8')
    wanted = [row.upper() for row in parser.parse_args().rows]
    processes.exit_on_terminate()
    results = {}
    name = f'gtg_bench_{paths.checkout_key()}'
    database.clone(name, say=print)
    try:
        with sandbox.server() as providers:
            with odoo.server(name, cron_threads=0) as server:
                stage.connect(server.url, name, providers)
            for measure in rows.ALL:
                # P8 also means P8_shards, but P1 does not mean P14
                if wanted and not any(row.upper() in wanted or row.split('_')[0] in wanted
                                      for row in measure.rows):
                    continue
                print(f'measuring {", ".join(measure.rows)} ...', flush=True)
                results.update(attempt(measure, name, providers))
    finally:
        db.drop(name)
    for row, result in results.items():
        result['bar'], meets = BARS[row]
        result['ok'] = 'error' not in result and bool(meets(result))
    report(results)
    path = paths.ROOT / 'bench/results.json'
    path.write_text(json.dumps(results, indent=2) + '\n')
    return 0 if all(result['ok'] for result in results.values()) else 1


def attempt(measure, name, providers):
    """What a function measures; what stops it is told, and the others go on."""
    try:
        return measure(name, providers)
    except Exception as error:
        traceback.print_exc()
        return {row: {'value': None, 'error': repr(error)[:500]}
                for row in measure.rows}


def report(results):
    print(f'\n{"row":10} {"value":>8}  {"":4} bar')
    for row, result in results.items():
        mark = 'ok' if result['ok'] else 'MISS'
        value = '-' if result['value'] is None else f'{result["value"]:.2f}'
        print(f'{row:10} {value:>8}  {mark:4} {result["bar"]}')
        rest = {key: value for key, value in result.items()
                if key not in ('value', 'bar', 'ok')}
        print(f'{"":26}' + ', '.join(f'{key} {value}' for key, value in rest.items()))


if __name__ == '__main__':
    sys.exit(main())
