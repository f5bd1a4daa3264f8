from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestApplyTogether(EinvoiceCase):
    """Numbers of many e-invoices are written in one transaction."""
    bench = SInvoiceBench()

    def setUp(self):
        super().setUp()
        self.moves = self.env['account.move'].union(*(
            self.make_invoice() for _number in range(4)))
        for move in self.moves:
            move.action_gtg_issue()

    def applying(self, action):
        """Do something at the moment when numbers are stored and not yet applied."""
        tasks = self.env.registry['gtg.connector.task']
        apply = tasks._apply

        def _apply(stored):
            action(stored)
            return apply(stored)
        return patch.object(tasks, '_apply', _apply)

    def tasks(self):
        return self.env['gtg.connector.task'].search([
            ('operation', '=', 'create_invoice'),
            ('res_id', 'in', self.moves.gtg_einvoice_id.ids)], order='id')

    def test_all_in_one(self):
        sizes = []
        with self.applying(lambda stored: sizes.append(len(stored))):
            self.drain('create_invoice')
        self.assertEqual(sizes, [4])
        self.assertTrue(all(self.moves.mapped('gtg_einvoice_number')))
        self.assertEqual(set(self.tasks().mapped('applied')), {True})
        self.assertNotIn(
            self.moves[0].gtg_einvoice_id.lookup_code, str(self.tasks().mapped('result')))

    def test_one_that_fails_does_not_stop_the_others(self):
        bad = self.moves[1]
        registry = self.env.registry['account.move']
        issued = registry._gtg_einvoice_issued

        def _gtg_einvoice_issued(move, einvoice):
            if move == bad:
                raise ValueError('another addon fails')
            return issued(move, einvoice)
        with patch.object(registry, '_gtg_einvoice_issued', _gtg_einvoice_issued), \
                self.assertLogs('odoo.addons.gtg_connector_base', 'ERROR'):
            self.drain('create_invoice')
        self.assertTrue(all((self.moves - bad).mapped('gtg_einvoice_number')))
        task = self.tasks()[1]
        self.assertEqual((task.state, task.applied), ('done', False))
        self.assertIn('another addon fails', task.error_text)
        self.assertEqual(bad.gtg_einvoice_id.gtg_task_state, 'failed')
        # a person tries again: the number is taken from the row, nothing is sent
        sent = len(self.bench.created(self.sandbox))
        bad.gtg_einvoice_id.action_gtg_retry()
        self.env['gtg.connector.task'].with_user(SUPERUSER_ID)._apply_pending()
        self.assertTrue(bad.gtg_einvoice_number)
        self.assertEqual(len(self.bench.created(self.sandbox)), sent)
        self.assertEqual(len(self.tasks()), 4)

    def test_no_second_one_and_no_deleting_before_it_is_written(self):
        def impatient(stored):
            einvoice = self.moves[0].gtg_einvoice_id
            einvoice.invalidate_recordset()
            self.assertEqual(einvoice.state, 'queued')
            einvoice.action_gtg_retry()
            with self.assertRaises(UserError):
                einvoice.unlink()
            with self.assertRaises(UserError):
                self.moves[0].button_draft()
        with self.applying(impatient):
            self.drain('create_invoice')
        self.assertEqual(len(self.tasks()), 4)
        self.assertEqual(len(self.bench.created(self.sandbox)), 4)
        self.assertTrue(self.moves[0].gtg_einvoice_number)

    def test_retry_in_the_outbox_ends_the_draft(self):
        series = self.unknown_series()
        move = self.make_invoice(series=series)
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'draft')
        einvoice._create_task().action_retry()
        self.assertEqual(einvoice.state, 'queued')
        for forbidden in (move.button_draft, move.button_cancel):
            with self.assertRaisesRegex(UserError, 'just being issued'):
                forbidden()
        move.gtg_series_id = self.series('later')
        move.action_gtg_issue()
        self.assertEqual(einvoice._create_task().state, 'queued')
        self.drain('create_invoice')
        self.assertEqual(len(move.gtg_einvoice_ids), 1)
