from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, fields
from odoo.tests import tagged

from ..models import einvoice_comparison_steps
from .test_comparison import ComparisonCase


@tagged('post_install', '-at_install')
class TestNightly(ComparisonCase):
    """Every night by itself: who looks at it hears of differences only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['gtg.einvoice.account'].search([
            ('id', '!=', cls.account.id)]).nightly_compare = False
        cls.since(cls.account, '2026-01-01 00:00:00')

    @classmethod
    def since(cls, account, at):
        cls.env.cr.execute('UPDATE gtg_einvoice_account SET create_date = %s '
                           'WHERE id = %s', [at, account.id])
        account.invalidate_recordset(['create_date'])

    def night(self, days=1):
        """The cron runs, so many days from now, at 3 in Vietnam.

        :return: comparison that it has begun
        """
        day = fields.Date.add(self.env['gtg.legal.deadline']._gtg_today(), days=days)
        with freeze_time(datetime.combine(day, datetime.min.time()).replace(
                hour=3).isoformat() + '+07:00'):
            return self.run_cron()

    def run_cron(self):
        Comparison = self.env['gtg.einvoice.comparison']
        before = Comparison.search([])
        Comparison.with_user(SUPERUSER_ID)._cron_compare()
        self.env.flush_all()
        self.env.invalidate_all()
        return Comparison.search([]) - before

    def test_what_was_issued_elsewhere_is_told_in_the_morning(self):
        (number,) = self.portal()
        comparison = self.night()
        self.assertEqual(comparison.account_id, self.account)
        self.assertFalse(self.card('differences').count)
        self.compare_listed()
        self.assertEqual(self.found(comparison), [('unknown_here', number)])
        self.assertEqual(self.card('differences').count, 1)
        # the same again in the next night: once, and settled for good
        self.night(2)
        self.compare_listed()
        self.assertEqual(self.card('differences').count, 1)
        self.env['gtg.einvoice.difference'].search([
            ('account_id', '=', self.account.id), ('settled', '=', False),
        ]).settled = True
        self.night(3)
        self.compare_listed()
        self.assertFalse(self.card('differences').count)

    def test_nothing_is_said_when_nothing_differs(self):
        self.issue(self.make_invoice())
        comparison = self.night()
        self.compare_listed()
        self.assertEqual((comparison.state, comparison.listed), ('done', 1))
        self.assertFalse(self.card('differences').count)
        self.assertFalse(self.card('nights').count)

    def test_period(self):
        self.account.nightly_days = 5
        for today, first in (
            ('2026-11-22', '2026-11-17'), ('2026-12-01', '2026-11-01'),
            ('2026-12-03', '2026-11-01'), ('2026-12-04', '2026-11-29'),
            ('2026-01-02', '2026-01-01'),  # watched from then on
        ):
            period = self.account._nightly_period(date.fromisoformat(today))
            self.assertEqual(str(period[0]), first)
            self.assertEqual((date.fromisoformat(today) - period[1]).days, 1)
        self.company.gtg_einvoice_watch_from = '2026-11-20'
        self.assertEqual(str(self.account._nightly_period(date(2026, 11, 22))[0]),
                         '2026-11-20')

    def test_once_a_night(self):
        self.assertTrue(self.night())
        self.assertFalse(self.night())
        self.assertEqual(len(self.env['gtg.connector.task'].search([
            ('operation', '=', 'list_invoices'), ('state', '=', 'queued'),
            ('account_id', '=', self.account.id)])), 1)

    def test_never_when_not_wanted_or_not_possible(self):
        today = self.env['gtg.legal.deadline']._gtg_today()
        with freeze_time(f'{today} 17:30:00'):
            self.assertFalse(self.run_cron(), 'half past midnight')
        self.account.nightly_compare = False
        self.assertFalse(self.night())
        self.account.nightly_compare = True
        self.patch(type(self.env['gtg.einvoice.sinvoice']), '_can_list', False)
        self.assertFalse(self.night())
        self.patch(type(self.env['gtg.einvoice.sinvoice']), '_can_list', True)
        self.env['gtg.connector.health']._of(self.account).database_pin = 'another'
        self.env.invalidate_all()
        self.assertFalse(self.night(), 'a copy')
        self.env['gtg.connector.health']._of(self.account).database_pin = (
            self.env['gtg.connector.health']._database_pin())
        self.env.invalidate_all()
        self.account.action_disconnect()
        self.assertFalse(self.night())
        self.account.action_test_connection()
        self.since(self.account, fields.Datetime.now())
        self.assertFalse(self.night(0), 'connected today')

    # === BAD NIGHTS === #

    def test_lost_answer_and_dead_server_are_asked_again(self):
        (number,) = self.portal()
        self.sandbox.faults('sinvoice', 'list', 'lose_response', times=1)
        comparison = self.night()
        self.drain('list_invoices', rounds=1)
        self.assertEqual(comparison.state, 'running')
        task = comparison.sudo().gtg_task_ids
        task.write({'state': 'sending', 'attempt': 2, 'runner': 1})
        task._recover_dead()
        self.compare_listed()
        self.assertEqual(self.found(comparison), [('unknown_here', number)])

    def test_killed_between_two_steps(self):
        numbers = self.portal(4)
        einvoice = self.issue(self.make_invoice())
        gone = einvoice.number
        self.change(einvoice, number=einvoice.series_id.name + '900', reference='other')
        self.patch(einvoice_comparison_steps, 'STEP', 2)
        comparison = self.night()
        self.drain('list_invoices', rounds=5)
        self.env.invalidate_all()
        self.assertEqual(comparison.state, 'comparing')
        self.assertTrue(comparison._compare_step())
        self.assertFalse(self.card('differences').count, 'not before its end')
        self.compare_listed()
        self.assertEqual(comparison.state, 'done')
        self.assertEqual(self.found(comparison), sorted([
            ('unknown_there', einvoice.number),
            *(('unknown_here', number) for number in (*numbers, gone))]))

    def test_step_that_always_fails_stops_no_other(self):
        self.portal()
        bad = self.night()
        self.drain('list_invoices', rounds=5)
        good = self.compare(drain=False)
        self.drain('list_invoices', rounds=5)
        Model = type(bad)
        original = Model._compare_rows

        def compare(comparison, rows):
            if comparison.id == bad.id:
                raise ValueError('poison')
            return original(comparison, rows)

        with patch.object(Model, '_compare_rows', compare), self.assertLogs(
                'odoo.addons.gtg_vn_einvoice.models.einvoice_comparison_steps',
                'ERROR'):
            self.compare_listed()
        self.assertEqual((bad.state, good.state), ('incomplete', 'done'))
        self.assertEqual(len(good.difference_ids), 1)

    def test_night_without_answer_ends_with_the_next(self):
        self.portal()
        self.sandbox.faults('sinvoice', 'list', 'status:500', times=3)
        first = self.night()
        self.drain('list_invoices', rounds=1)
        second = self.night(2)
        self.assertEqual((first.state, second.state), ('incomplete', 'running'))
        self.assertFalse(first.sudo().gtg_task_ids)
        self.drain('list_invoices', rounds=1)
        third = self.night(3)
        today = self.env['gtg.legal.deadline']._gtg_today()
        with freeze_time(f'{fields.Date.add(today, days=3)} 03:00:00'):
            self.assertEqual(self.card('nights').count, 1)
            self.compare_listed()
            self.assertEqual(third.state, 'done')
            self.assertFalse(self.card('nights').count)
        self.assertFalse((first | second).exists())

    def test_list_that_a_person_gave_up(self):
        comparison = self.night()
        comparison.sudo().gtg_task_ids.action_cancel()
        self.assertEqual(comparison.state, 'incomplete')
        self.assertTrue(self.night(2))
