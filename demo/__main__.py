"""``make demo``: the suite on a Vietnamese demo company, sandboxes included."""

import argparse
import json
import signal
import sys
import time
from collections import Counter

from gtgtools import db, odoo, paths, processes, sandbox

from . import database, scenario, screenshots, stage
from .shop import Shop
from .web import Session

FOLDER = paths.ROOT / '.demo'
NAME = f'gtg_demo_{paths.checkout_key()}'
CRONS = 4  # two drains, the inbox and one for everything else


def main():
    parser = argparse.ArgumentParser(prog='make demo')
    parser.add_argument('--check', action='store_true', help='unattended, PASS or FAIL')
    parser.add_argument('--fresh', action='store_true', help='forget the last demo')
    parser.add_argument('--screenshots', action='store_true',
                        help='take the pictures of the README anew')
    parser.add_argument('--port', type=int)
    arguments = parser.parse_args()
    processes.exit_on_terminate()
    FOLDER.mkdir(exist_ok=True)
    try:
        if arguments.screenshots:
            return pictures()
        return check() if arguments.check else show(arguments)
    except KeyboardInterrupt:
        print('\nstopped')
        return 0
    except paths.SetupError as error:
        print(error, file=sys.stderr)
        return 1


def shop_of(server, providers):
    """The shop's people, logged in at the server."""
    return Shop(Session(server.url, server.db, 'admin'),
                Session(server.url, server.db, 'kho'), providers)


# === FOR A PERSON === #

def show(arguments):
    """Start everything and stay until Ctrl-C; the next start goes on from there."""
    state = FOLDER / 'sandbox.json'
    fresh = arguments.fresh or not db.exists(NAME) or not state.exists() or (
        stamp() != stamp_file().read_text() if stamp_file().exists() else True)
    if fresh:
        state.unlink(missing_ok=True)
        database.clone(NAME, say=print)
    with sandbox.server(base_port=8900, state=state) as providers:
        with odoo.server(NAME, port=arguments.port or 8069, cron_threads=CRONS) as server:
            if fresh:
                print('Connecting Shopee, GHN and S-Invoice, first orders')
                stage.connect(server.url, NAME, providers)
                shop_of(server, providers).first_orders()
                stamp_file().write_text(stamp())
            welcome(server, providers)
            signal.pause()
    return 0


def stamp():
    """Changes when the demo has to be made anew."""
    return database.template()


def stamp_file():
    return FOLDER / 'made-from'


def welcome(server, providers):
    print(f"""
The demo shop "Áo Thun Sài Gòn" is open.

  Odoo               {server.url}/odoo
    shop staff       kho / kho          (Vietnamese)
    accountant       ketoan / ketoan    (Vietnamese)
    administrator    admin / admin      (English)
  Web shop           {server.url}/shop
  Sandbox control    {providers.control}
    one click makes a Shopee order, moves parcels, breaks providers

Ctrl-C stops everything. The next `make demo` goes on from here; `make demo FRESH=1`
starts anew.
""", flush=True)


# === WITHOUT A PERSON === #

def pictures():
    """Start a fresh demo and photograph it into docs/images."""
    name = f'{NAME}_pictures'
    database.clone(name, say=print)
    try:
        with sandbox.server() as providers, odoo.server(
                name, cron_threads=CRONS) as server:
            stage.connect(server.url, name, providers)
            screenshots.take(shop_of(server, providers), paths.ROOT / 'docs/images')
    finally:
        db.drop(name)
    return 0



def check():
    """Drive the main scenario; 0 only if every step and every ledger count holds."""
    started = time.monotonic()
    name = f'{NAME}_check'
    database.clone(name, say=print)
    try:
        with sandbox.server() as providers, odoo.server(
                name, cron_threads=CRONS) as server:
            stage.connect(server.url, name, providers)
            shop = shop_of(server, providers)
            good, facts = scenario.run(shop)
            # core logs a statement that lost a race as an error, then repeats it
            errors = [line for line in server.log_errors()
                      if ' odoo.sql_db: bad query' not in line]
            for line in errors[:10]:
                print(f'    server log: {line[:200]}')
            summary = {
                'orders': [row(shop, fact) for fact in facts.get('orders', [])],
                'ledger': {code: Counter(
                    entry['operation'] for entry in providers.ledger(code))
                    for code in ('shopee', 'ghn', 'sinvoice')},
                'seconds': round(time.monotonic() - started),
            }
    finally:
        db.drop(name)
    (FOLDER / 'summary.json').write_text(
        json.dumps(summary, indent=2, ensure_ascii=False) + '\n')
    good = good and not errors
    print(f'{"PASS" if good else "FAIL"} in {summary["seconds"]} s, '
          '.demo/summary.json written')
    return 0 if good else 1


def row(shop, fact):
    """One order of summary.json, as the database has it in the end."""
    order = shop.order(('id', '=', fact['id']))
    einvoice = shop.einvoice(fact['id']) or {}
    move = einvoice.get('move_id')
    return {
        'channel': fact['channel'], 'channel_order': order['gtg_channel_ref'] or None,
        'sale_order': order['name'], 'stage': order['gtg_stage'],
        'tracking': fact.get('tracking'), 'label_pages': fact.get('pages'),
        'cod_amount': order['gtg_cod_amount'] if order['gtg_is_cod'] else 0,
        'invoice': move[1].split(' ')[0] if move else None,
        'einvoice_number': einvoice.get('number'),
        'tax_authority_code': einvoice.get('authority_code'),
        'invoice_total': einvoice.get('amount_total'),
    }


if __name__ == '__main__':
    sys.exit(main())
