from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.einvoice import GATE
from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestRecheck(EinvoiceCase):
    """What the click would forbid is not sent by a retry or after midnight either."""

    bench = SInvoiceBench()

    def created(self):
        return self.bench.created(self.sandbox)

    def refused_request(self):
        """:return: an e-invoice that the provider has refused to make"""
        series = self.series('later')
        self.env['gtg.einvoice.series'].search([
            ('account_id', '=', self.account.id), ('id', '!=', series.id)]).active = False
        name = series.name
        series.name = f'{name[:4]}QQ'  # which it has never published
        einvoice = self.issue(self.make_invoice())
        self.assertEqual(einvoice.state, 'draft')
        series.name = name
        return einvoice

    def new_year(self, einvoice):
        """The series of the request is of last year now, and there is a new one."""
        old = einvoice.series_id
        new = old.copy({'name': f'{old.name[:4]}ZZ'})
        right = old.name
        self.env.flush_all()
        # as if time had passed: nobody renames a series that was used
        self.env.cr.execute(
            'UPDATE gtg_einvoice_series SET name = %s, year = 2025 WHERE id = %s',
            [f'C25{right[3:]}', old.id])
        old.invalidate_recordset()
        new.name = right
        return new

    def test_retry_in_the_outbox_in_the_new_year(self):
        einvoice = self.refused_request()
        reference, new = einvoice.reference, self.new_year(einvoice)
        einvoice._create_task().action_retry()
        self.assertEqual(einvoice.state, 'draft')
        self.drain('create_invoice')
        self.assertEqual((einvoice.state, self.created()), ('draft', []))
        self.assertIn('is for 2025', einvoice.gtg_task_message)
        einvoice.move_id.action_gtg_issue()
        self.assertEqual(einvoice._create_task().lane, new._lane())
        self.drain('create_invoice')
        self.assertEqual((einvoice.series_id, einvoice.reference), (new, reference))
        self.assertEqual(self.created(), [einvoice.number])

    def test_waited_over_midnight_of_the_year(self):
        move = self.make_invoice(series=self.series('later'))
        move.action_gtg_issue()
        einvoice = move.gtg_einvoice_id
        move.gtg_series_id = False
        self.env['gtg.einvoice.series'].search([
            ('account_id', '=', self.account.id),
            ('id', '!=', einvoice.series_id.id)]).active = False
        self.new_year(einvoice)
        today = self.env['gtg.legal.deadline']._gtg_today()
        einvoice.with_context(gtg_state_gate=GATE).checked_on = today - timedelta(days=1)
        self.drain('create_invoice')
        self.assertEqual((einvoice.state, self.created()), ('draft', []))
        self.assertIn('takes the series of', move.gtg_einvoice_message)
        self.assertEqual(self.issue(move), einvoice)
        self.assertEqual(self.created(), [einvoice.number])

    def test_waited_over_midnight_and_a_rate_has_ended(self):
        move = self.make_invoice(series=self.series('later'))
        move.action_gtg_issue()
        einvoice = move.gtg_einvoice_id
        today = self.env['gtg.legal.deadline']._gtg_today()
        einvoice.with_context(gtg_state_gate=GATE).checked_on = today - timedelta(days=1)
        self.env.ref('gtg_vn_einvoice.vat_rate_8').valid_until = '2026-01-01'
        self.drain('create_invoice')
        self.assertEqual((einvoice.state, self.created()), ('draft', []))
        self.assertIn('8', move.gtg_einvoice_message)
        self.env.ref('gtg_vn_einvoice.vat_rate_8').valid_until = False
        self.issue(move)
        self.assertEqual(self.created(), [einvoice.number])

    def test_credited_before_the_retry(self):
        einvoice = self.refused_request()
        move = einvoice.move_id
        move._reverse_moves([{'date': fields.Date.today()}]).action_post()
        self.assertTrue(move._gtg_is_undone())
        einvoice._create_task().action_retry()
        self.drain('create_invoice')
        self.assertEqual((einvoice.state, self.created()), ('draft', []))
        self.assertIn('credited in full', move.gtg_einvoice_message)
        with self.assertRaisesRegex(UserError, 'credited in full'):
            move.action_gtg_issue()

    def test_credited_while_it_waits(self):
        move = self.make_invoice(series=self.series('later'))
        move.action_gtg_issue()
        note = move._reverse_moves([{'date': fields.Date.today()}])
        note.action_post()
        self.drain('create_invoice')
        self.assertEqual((move.gtg_einvoice_state, self.created()), ('draft', []))
        self.assertFalse(note._gtg_to_issue())

    def test_another_account_takes_over(self):
        einvoice = self.refused_request()
        other = self.make_account(name='Second')
        move = einvoice.move_id
        move.gtg_series_id = other.series_ids.filtered(
            lambda series: series.code_kind == 'later')[:1]
        self.issue(move)
        self.assertEqual(einvoice._create_task().account_id, other.id)
        self.assertEqual(self.created(), [einvoice.number])
