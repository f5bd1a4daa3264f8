from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import EinvoiceCase
from .test_misa import MisaBench
from .test_vnpt import VnptBench


class PauseCase(EinvoiceCase):

    def created(self):
        return self.bench.created(self.sandbox)

    def calls(self):
        return len(self.sandbox.calls(self.bench.provider, self.bench.create))

    def make_user(self, login, groups):
        return new_test_user(
            self.env, login, groups=groups, company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)], email=f'{login}@gtg.example')


@tagged('post_install', '-at_install')
class TestPause(PauseCase):
    """What hits every invoice is told once, and stops the queue instead of failing it."""

    bench = MisaBench()

    def licence(self, left):
        self.sandbox.post(f'/misa/tenants/{self.bench.seller}/set', {'licence': left})

    def ask(self, count):
        moves = self.env['account.move'].union(*(
            self.make_invoice(series=self.series('later')) for _number in range(count)))
        self.assertFalse(moves._gtg_issue_many())
        return moves

    def test_fifty_wait_for_one_licence(self):
        biller = self.make_user('biller_pause', 'account.group_account_invoice')
        self.licence(0)
        moves, before = self.ask(50), self.calls()
        self.drain('create_invoice', rounds=3)
        self.assertLessEqual(self.calls() - before, 2)
        self.assertEqual(set(moves.mapped('gtg_einvoice_state')), {'queued'})
        self.assertEqual(self.created(), [])
        self.assertFalse(moves.gtg_einvoice_id.activity_ids)
        for move in moves[0] | moves[-1]:
            self.assertIn('Buy more invoices', move.gtg_einvoice_message)
        with self.assertRaisesRegex(UserError, 'press "Go on"|Press "Go on"'):
            moves[-1].button_draft()
        paused = self.env.ref('gtg_vn_einvoice.watch_paused').with_context(
            allowed_company_ids=self.company.ids)
        self.assertEqual(paused.count, 50)
        told = self.account.message_ids.filtered(
            lambda message: 'Buy more invoices' in (message.body or ''))
        self.assertEqual(len(told), 1)
        self.assertIn(biller.partner_id, told.partner_ids)
        self.assertIn('Buy more invoices', self.account.next_action)
        bulk = self.env['gtg.einvoice.bulk']._start(moves)
        bulk.sudo().line_ids.state = 'asked'
        self.assertIn('Buy more invoices', bulk.pause_text)
        self.licence(100)
        bulk.with_user(biller).action_go_on()
        self.assertFalse(self.account.pause_text)
        paused.invalidate_recordset()
        self.assertEqual(paused.count, 0)
        self.assertFalse(moves[-1].gtg_einvoice_id._waits_for_account())
        self.drain('create_invoice')
        self.assertEqual(len(self.created()), 50)
        self.assertEqual(set(self.created()), set(moves.mapped('gtg_einvoice_number')))

    def test_nothing_bought_yet_pauses_again(self):
        self.licence(0)
        moves = self.ask(3)
        self.drain('create_invoice')
        before = self.calls()
        self.account.action_go_on()
        self.drain('create_invoice')
        self.assertEqual(self.calls() - before, 1)
        self.licence(100)
        self.account.action_test_connection()
        self.drain('create_invoice')
        self.assertEqual(self.created(), moves.mapped('gtg_einvoice_number'))

    def test_what_may_have_been_issued_is_looked_up_meanwhile(self):
        lost, other = self.ask(2)
        self.sandbox.faults('misa', 'publish', 'lose_response', times=1)
        self.licence(1)
        self.drain('create_invoice', rounds=1)
        self.assertTrue(self.account.pause_text)
        self.assertFalse(lost.gtg_einvoice_number)
        for _round in range(3):
            self.drain('create_invoice')
        self.assertEqual(self.created(), [lost.gtg_einvoice_number])
        self.assertEqual(other.gtg_einvoice_state, 'queued')

    def test_taken_back(self):
        self.licence(0)
        moves = self.ask(2)
        self.drain('create_invoice')
        for group in ('base.group_user', 'account.group_account_readonly'):
            clerk = self.make_user(f'clerk_{group}', group)
            for step in ('action_go_on', 'action_take_back'):
                with self.assertRaises(AccessError):
                    getattr(self.account.with_user(clerk), step)()
        self.account.with_user(self.make_user(
            'biller_back', 'account.group_account_invoice')).action_take_back()
        self.assertEqual(set(moves.mapped('gtg_einvoice_state')), {'draft'})
        moves[0].button_draft()
        self.licence(100)
        self.account.action_go_on()
        self.drain('create_invoice')
        self.assertEqual(self.created(), [])
        self.issue(moves[1])
        self.assertEqual(self.created(), [moves[1].gtg_einvoice_number])


@tagged('post_install', '-at_install')
class TestPauseOfSeries(PauseCase):
    """The numbers of one series are used up; the others go on."""

    bench = VnptBench()

    def test_other_series_go_on(self):
        known = self.series('later')
        short = self.env['gtg.einvoice.series'].create({
            'account_id': self.account.id, 'name': f'{known.name[:3]}TZZ',
            'template': '1/002'})  # has three numbers
        moves = self.env['account.move'].union(*(
            self.make_invoice(series=short) for _number in range(6)))
        moves._gtg_issue_many()
        self.drain('create_invoice')
        self.assertEqual(len(self.created()), 3)
        calls = self.calls()
        paused = self.env.ref('gtg_vn_einvoice.watch_paused').with_context(
            allowed_company_ids=self.company.ids)
        self.assertEqual(paused.count, 3)
        self.assertTrue(self.issue(self.make_invoice(series=known)).number)
        self.assertEqual(self.calls() - calls, 1)
        self.assertEqual(
            sorted(moves.mapped('gtg_einvoice_state')),
            ['queued'] * 3 + ['waiting_code'] * 3)
