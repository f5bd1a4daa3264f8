import logging

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models.transaction import contained, wake_cron

_logger = logging.getLogger(__name__)


@tagged('post_install', '-at_install')
class TestContained(TransactionCase):
    """What a cron does one by one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.items = cls.env['res.partner'].create(
            [{'name': name} for name in ('good', 'poison', 'taken', 'last')])

    def _do(self, item):
        kind, item.name = item.name, f'{item.name}, done'
        if kind == 'poison':
            raise ValueError('nobody expected this')
        if kind == 'taken':
            self.env.flush_all()
            self.env.cr.execute(
                "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")

    def test_neither_poison_nor_a_conflict_stops_the_next(self):
        turns = {}
        with mute_logger('odoo.sql_db'), self.assertLogs(_logger, logging.INFO) as logs:
            for item in self.items:
                with contained(self.env, _logger, 'item %s', item.id) as turn:
                    self._do(item)
                turns[item] = turn
        good, poison, taken, last = self.items
        self.assertEqual(
            self.items.mapped('name'), ['good, done', 'poison', 'taken', 'last, done'])
        self.assertTrue(turns[good].done and turns[last].done)
        self.assertEqual(str(turns[poison].error), 'nobody expected this')
        self.assertFalse(turns[poison].done or turns[poison].conflict)
        self.assertTrue(turns[taken].conflict)
        self.assertFalse(turns[taken].done or turns[taken].error)
        # a person is told of the poison, nobody of what comes again by itself
        self.assertEqual(
            [(record.levelname, record.getMessage()) for record in logs.records],
            [('ERROR', f'item {poison.id}'),
             ('INFO', f'item {taken.id}: somebody else is at it')])

    def test_what_was_taken_is_done_with_its_next_turn(self):
        taken = self.items[2]
        with mute_logger('odoo.sql_db'), contained(self.env, _logger, 'first'):
            self._do(taken)
        with contained(self.env, _logger, 'again') as turn:
            taken.name = 'done'
        self.assertTrue(turn.done)
        self.assertEqual(taken.name, 'done')

    def test_a_cron_is_woken_once_per_transaction(self):
        cron = self.env.ref('gtg_connector_base.cron_poll')
        triggers = self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)])
        for _times in range(3):
            wake_cron(self.env, 'gtg_connector_base.cron_poll')
        self.env.cr.precommit.run()
        new = triggers.search([('cron_id', '=', cron.id)]) - triggers
        self.assertEqual(len(new), 1)
