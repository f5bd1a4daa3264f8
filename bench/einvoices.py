"""P15, inside an Odoo process: what e-invoices cost beside the provider."""

import time
from statistics import median

from odoo import Command, sql_db

from odoo.addons.gtg_vn_einvoice.models import einvoice_exchange

from bench.imports import Spent
from demo import catalogue

BULK = 500
WAITING = 1000
LINES = 1000


class Timed(Spent):
    """The seconds that the statements take, too."""

    def __enter__(self):
        self.sql_seconds, self._execute = 0.0, sql_db.Cursor.execute

        def execute(cr, *args, **options):
            started = time.perf_counter()
            try:
                return self._execute(cr, *args, **options)
            finally:
                self.sql_seconds += time.perf_counter() - started
        sql_db.Cursor.execute = execute
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        sql_db.Cursor.execute = self._execute


def bulk(env):
    """Statements per document of asking for 500 e-invoices and of issuing them."""
    shop = Seller(env, 'sinvoice')
    shop.issue(shop.invoices(20))
    moves = shop.invoices(BULK)
    with Timed() as asked:
        shop.ask(moves)
    with Timed() as sent:
        shop.send(len(moves))
    assert set(moves.mapped('gtg_einvoice_state')) == {'waiting_code'}, (
        moves.mapped('gtg_einvoice_message'))
    return {
        name: {'value': round(spent.statements / BULK, 2),
               'ms_of_statements': round(1000 * spent.sql_seconds / BULK, 2),
               'ms': round(1000 * spent.seconds / BULK, 2)}
        for name, spent in (('P15', asked), ('P15_send', sent))}


def payload(env):
    """The request of an invoice of 1,000 lines against a plain read of its lines."""
    shop, ratios = Seller(env, 'sinvoice'), []
    move = shop.invoices(1, LINES)
    series = move._gtg_series()
    adapter = series.account_id._adapter()
    for _round in range(6):
        env.invalidate_all()
        with Timed() as ours:
            document, problems = move._gtg_document(series, 'x' * 36)
            assert not problems, problems
            text = adapter._payload(series.account_id, document)
        env.invalidate_all()
        with Timed() as bare:
            rows = move.invoice_line_ids.read()
        assert len(rows) == LINES <= text.count('itemName')
        ratios.append(ours.seconds / bare.seconds)
    return {'P15_payload': {
        'value': round(median(ratios[1:]), 3), 'ms': round(1000 * ours.seconds),
        'bare_ms': round(1000 * bare.seconds), 'statements': ours.statements,
        'bare_statements': bare.statements}}


def poll(env, **account):
    """Ask for the codes of 1,000 documents that wait."""
    made = env['gtg.einvoice.account'].create({**account, 'rate_limit': 0})
    env.cr.commit()  # the pace is kept by cursors of its own
    made.action_test_connection()
    made.action_fetch_series()
    env.cr.commit()
    shop = Seller(env, account['provider'])
    shop.issue(shop.invoices(WAITING, lines=1))
    tasks = env['gtg.connector.task']
    waiting = tasks.search([
        ('operation', '=', 'poll_code'), ('state', '=', 'queued'),
        ('provider', '=', account['provider'])])
    assert len(waiting) == WAITING, len(waiting)
    waiting.action_retry()
    env.cr.commit()
    with Timed() as spent:
        attempts = tasks._drain()
    assert not waiting.filtered(lambda task: task.state != 'done')
    return {'P15_poll': {
        'attempts': attempts, 'statements': round(spent.statements / WAITING, 2),
        'ms': round(1000 * spent.seconds / WAITING, 2)}}


class Seller:
    """The demo company at one provider, and invoices of which nothing was asked yet."""

    def __init__(self, env, provider):
        self.env = env
        self.account = env['gtg.einvoice.account'].search(
            [('provider', '=', provider)], limit=1)
        self.series = self.account.series_ids.filtered(
            lambda s: (s.code_kind, s.form) == ('later', '1'))[:1]
        self.account.write({'rate_limit': 0, 'time_scale': 1.0})
        # the server's day may be the one before Vietnam's, on which the demo began;
        # nothing is asked for before the bench asks
        self.account.company_id.write({
            'gtg_einvoice_watch_from': '2026-01-01', 'gtg_auto_einvoice': False})
        self.buyer = env['res.partner'].search(
            [('name', '=', catalogue.CUSTOMERS[0][0])], limit=1)
        self.products = env['product.product'].search(
            [('default_code', '!=', False), ('is_storable', '=', True)], limit=2)
        # their codes are asked for later than the bench lasts
        einvoice_exchange.POLLS = (7200,) * len(einvoice_exchange.POLLS)
        env.cr.commit()

    def invoices(self, count, lines=2):
        moves = self.env['account.move'].create([{
            'move_type': 'out_invoice', 'partner_id': self.buyer.id,
            'gtg_series_id': self.series.id, 'invoice_line_ids': [
                Command.create({
                    'product_id': self.products[line % len(self.products)].id,
                    'quantity': 1 + line % 3})
                for line in range(lines)]} for _number in range(count)])
        moves.action_post()
        self.env.cr.commit()
        self.env.invalidate_all()
        return moves

    def issue(self, moves):
        self.ask(moves)
        self.send(len(moves))

    def ask(self, moves):
        """The click, and what the cron makes of it."""
        bulk = self.env['gtg.einvoice.bulk']._start(moves)
        self.env.cr.commit()
        while bulk.waiting:  # a run ends after a minute
            bulk._issue_waiting()
        assert bulk.asked == len(moves), bulk.trouble_line_ids.mapped('message')[:3]

    def send(self, count):
        tasks, done = self.env['gtg.connector.task'], 0
        while done < count:  # a drain ends after a minute
            done += tasks._drain(max_tasks=count - done)
