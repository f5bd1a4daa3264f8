from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import EinvoiceCase
from .test_misa import MisaBench
from .test_sinvoice import SInvoiceBench
from .test_vnpt import VnptBench


class RefusedConformance:
    """What the tax office refused is no dead end, and never becomes two invoices."""

    allow_inherited_tests_method = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.gtg_einvoice_watch_from = '2026-01-01'

    def refused(self, kind='later', **values):
        """:return: an e-invoice that the tax office has refused"""
        einvoice = self.issue(self.make_invoice(series=self.series(kind), **values))
        self.refuse(einvoice)
        return einvoice

    def refuse(self, einvoice):
        self.drain('poll_code')
        self.bench.refuse(self.sandbox, einvoice, 'Sai mã số thuế')
        self.drain('poll_code')
        self.assertEqual(einvoice.state, 'refused')

    def decide(self, einvoice, step, reason='kế toán quyết định', user=None):
        wizard = self.env['gtg.einvoice.refused'].with_user(user or self.env.user)
        return getattr(wizard.create({
            'einvoice_id': einvoice.id, 'reason': reason}), f'action_{step}')()

    def created(self):
        return self.bench.created(self.sandbox)

    def cards(self, code):
        self.env.invalidate_all()
        watch = self.env.ref(f'gtg_vn_einvoice.watch_{code}')
        return watch.with_context(allowed_company_ids=self.company.ids).count

    def test_issued_anew_with_a_lost_answer(self):
        first = self.refused()
        move = first.move_id
        self.assertEqual(self.cards('refused'), 1)
        self.decide(first, 'anew')
        self.assertFalse(first.given_up, 'the provider is asked once more before')
        self.assertEqual(move.gtg_einvoice_id, first)
        with self.assertRaisesRegex(UserError, 'decided already'):
            self.decide(first, 'change')
        with self.assertRaisesRegex(UserError, 'tax office knows'):
            move.button_draft()
        self.drain('poll_code')
        second = move.gtg_einvoice_id
        self.assertTrue(first.given_up)
        self.assertEqual((second.state, second.generation), ('queued', 1))
        self.assertNotEqual(second.reference, first.reference)
        self.assertEqual(self.cards('refused'), 0)
        self.sandbox.faults(self.bench.provider, self.bench.create, 'lose_response',
                            times=1)
        for _round in range(4):
            self.drain('create_invoice')
        self.assertEqual(self.created(), [first.number, second.number])
        self.drain('poll_code')
        self.bench.approve(self.sandbox, second)
        self.drain('poll_code')
        self.assertEqual((first.state, second.state), ('refused', 'coded'))
        self.assertEqual(move.gtg_einvoice_number, second.number)
        self.assertEqual(move.l10n_vn_e_invoice_number, second.number)
        self.assertEqual(self.cards('late') + self.cards('to_issue'), 0)
        told = ' '.join(move.message_ids.mapped('body'))
        self.assertIn('kế toán quyết định', told)
        self.assertIn(first.number, told)

    def test_changed_first(self):
        first = self.refused()
        move = first.move_id
        self.decide(first, 'change')
        self.drain('poll_code')
        self.assertEqual((first.given_up, move.gtg_einvoice_id.id), (True, False))
        self.assertFalse(move.l10n_vn_e_invoice_number)
        self.assertEqual(self.cards('late') + self.cards('to_issue'), 1, 'due again')
        move.button_draft()
        move.partner_id = self.buyer.copy({'vat': '0100109106'})
        move.action_post()
        second = self.issue(move)
        self.assertEqual(second.buyer_tax_code, '0100109106')
        self.assertEqual(self.created(), [first.number, second.number])

    def test_credited_or_issued_elsewhere_instead(self):
        first = self.refused()
        move = first.move_id
        elsewhere = {'gtg_outside_series': first.series_id.name,
                     'gtg_outside_number': '4711', 'gtg_outside_date': '2026-11-20'}
        with self.assertRaisesRegex(ValidationError, 'was issued here'):
            move.write(elsewhere)
        self.decide(first, 'change')
        self.drain('poll_code')
        note = move._reverse_moves([{'date': fields.Date.today()}])
        note.action_post()
        self.assertFalse(move.gtg_legal_deadline or note.gtg_legal_deadline)
        self.assertFalse(move.gtg_einvoice_possible)
        note.button_draft()
        note.unlink()
        move.write(elsewhere)
        self.assertFalse(move.gtg_legal_deadline)
        self.assertEqual(self.cards('refused'), 0)
        self.assertEqual(self.created(), [first.number])

    def test_accepted_before_it_is_given_up(self):
        first = self.refused()
        self.decide(first, 'anew')
        # what the provider answers when its next question is asked
        first._apply_poll({'authority_code': 'M1', 'tax_state': 'accepted'})
        self.drain('create_invoice')
        self.assertEqual((first.state, first.given_up), ('coded', False))
        self.assertFalse(first.refused_choice)
        self.assertEqual(first.move_id.gtg_einvoice_ids, first)
        self.assertEqual(self.created(), [first.number])

    def test_accepted_after_the_second_was_issued(self):
        first = self.refused()
        move = first.move_id
        self.decide(first, 'anew')
        self.drain('poll_code')
        self.drain('create_invoice')
        second = move.gtg_einvoice_id
        first._apply_poll({'authority_code': 'M1', 'tax_state': 'accepted'})
        self.assertTrue(first.accepted_late)
        self.assertEqual(first.authority_code, 'M1')
        for einvoice in first | second:
            self.assertIn('Only one may count', str(
                einvoice.activity_ids.mapped('summary')))
        self.assertEqual(self.cards('refused'), 1)
        with self.assertRaisesRegex(UserError, 'or may be'):
            self.decide(first, 'counts')
        with self.assertRaisesRegex(UserError, 'say why'):
            self.decide(first, 'settled', reason='')
        self.decide(first, 'settled', reason='Thay thế trên trang của nhà cung cấp')
        self.assertEqual(self.cards('refused'), 0)
        self.assertFalse((first | second).activity_ids)
        self.assertEqual(move.gtg_einvoice_id, second)

    def test_accepted_while_the_second_waits(self):
        """It is not sent; the first one counts then."""
        first = self.refused()
        move = first.move_id
        self.decide(first, 'anew')
        self.drain('poll_code')
        second = move.gtg_einvoice_id
        self.assertEqual(second.state, 'queued')
        first._apply_poll({'authority_code': 'M1', 'tax_state': 'accepted'})
        self.drain('create_invoice')
        self.assertEqual((second.state, self.created()), ('draft', [first.number]))
        with self.assertRaisesRegex(UserError, 'what now'):
            move.action_gtg_issue()
        with self.assertRaisesRegex(UserError, 'what now'):
            move.button_draft()
        self.decide(first, 'counts')
        self.assertEqual((first.state, move.gtg_einvoice_id), ('coded', first))
        self.assertFalse(second.exists())

    def test_sent_again_at_the_provider(self):
        first = self.refused()
        self.decide(first, 'ask')
        first._apply_poll({'tax_state': 'pending'})
        self.assertEqual(first.state, 'waiting_code')
        self.assertEqual(self.cards('refused'), 0)
        first._apply_poll({'tax_state': 'rejected', 'tax_message': 'vẫn sai'})
        self.assertEqual(first.state, 'refused')

    def test_refused_twice_and_the_first_accepted(self):
        """The second is accepted or sent again while the first counts."""
        first = self.refused()
        move = first.move_id
        self.decide(first, 'anew')
        self.drain('poll_code')
        self.drain('create_invoice')
        second = move.gtg_einvoice_id
        self.refuse(second)
        first._apply_poll({'authority_code': 'M1', 'tax_state': 'accepted'})
        self.assertEqual((first.state, move.gtg_einvoice_id), ('coded', first))
        second._apply_poll({'tax_state': 'pending'})
        self.assertEqual(second.state, 'refused')
        second._apply_poll({'authority_code': 'M2', 'tax_state': 'accepted'})
        self.assertEqual((second.state, second.accepted_late), ('refused', True))
        self.assertEqual(second.authority_code, 'M2')
        self.assertIn('Only one may count', str(first.activity_ids.mapped('summary')))
        self.assertEqual(self.cards('refused'), 1)

    def test_accepted_after_its_invoice_was_cancelled(self):
        """It waits for a person, and can be made to count."""
        first = self.refused()
        move = first.move_id
        self.decide(first, 'change')
        self.drain('poll_code')
        move.button_draft()
        move.button_cancel()
        first._apply_poll({'authority_code': 'M1', 'tax_state': 'accepted'})
        self.assertEqual((first.state, first.accepted_late), ('refused', True))
        self.assertIn('was cancelled', str(first.activity_ids.mapped('summary')))
        with self.assertRaisesRegex(UserError, 'confirm it as it was'):
            self.decide(first, 'counts')
        move.button_draft()
        move.action_post()
        self.decide(first, 'counts')
        self.assertEqual((first.state, move.gtg_einvoice_id), ('coded', first))
        self.assertTrue(move.gtg_can_correct)

    def test_without_code_it_stands_and_is_corrected(self):
        first = self.refused('none')
        for step in ('anew', 'change'):
            with self.assertRaisesRegex(UserError, 'needs no code'):
                self.decide(first, step)
        action = self.decide(first, 'correct')
        self.assertEqual(action['res_model'], 'gtg.einvoice.correct')
        note = first.move_id._reverse_moves([{
            'date': fields.Date.today(), 'gtg_agreement_ref': 'BB 1',
            'gtg_agreed_on': self.env['gtg.legal.deadline']._gtg_today()}])
        note.action_post()
        self.assertFalse(note._gtg_einvoice_problems())
        # what the office has not accepted it may not let be corrected: told, not lost
        correction = self.issue(note)
        self.assertIn(correction.state, ('issued', 'draft'))
        if correction.number:
            self.assertEqual(first.state, 'corrected')
            first._apply_poll({'tax_state': 'rejected'})
            self.assertFalse(first.activity_ids, 'known: that is why')
        else:
            self.assertTrue(note.gtg_einvoice_message)

    def test_without_code_accepted_after_all(self):
        first = self.refused('none')
        first._apply_poll({'tax_state': 'accepted'})
        self.assertEqual(first.state, 'issued')
        self.assertEqual(self.cards('refused'), 0)

    def test_not_asked_for_ever(self):
        first = self.refused()

        def asked_again():
            self.drain('poll_code')
            return bool(first._gtg_open_tasks().filtered(
                lambda task: task.operation == 'poll_code'))

        self.assertTrue(asked_again())
        first.sudo()._set_state('refused', watched_from=(
            fields.Datetime.now() - timedelta(days=31)))
        self.assertFalse(asked_again())
        first.action_ask_code()
        self.assertTrue(asked_again(), 'a person believes in it')
        days = self.account._adapter()._refused_days
        self.assertEqual(days, 30 if self.bench.provider == 'sinvoice' else 2)

    def test_only_accountants_decide(self):
        first = self.refused()
        clerk = new_test_user(
            self.env, 'clerk_refused', groups='base.group_user',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        biller = new_test_user(
            self.env, 'biller_refused', groups='account.group_account_invoice',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError):
            self.decide(first, 'anew', user=clerk)
        with self.assertRaises(UserError):
            first.with_user(biller).write({'refused_choice': 'anew'})
        with self.assertRaises(UserError):
            first.with_user(biller).write({'accepted_late': True})
        self.decide(first, 'anew', user=biller)
        self.assertEqual(first.refused_choice, 'anew')
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = new_test_user(
            self.env, 'stranger', groups='account.group_account_invoice',
            company_id=other.id, company_ids=[Command.set(other.ids)])
        with self.assertRaises(AccessError):
            self.decide(first, 'ask', user=stranger)


@tagged('post_install', '-at_install')
class TestRefusedSInvoice(RefusedConformance, EinvoiceCase):
    bench = SInvoiceBench()

    def test_the_office_changes_its_mind_at_the_provider(self):
        """The whole way: the question that comes later tells of it."""
        first = self.refused()
        self.decide(first, 'anew')
        self.drain('poll_code')
        self.drain('create_invoice')
        self.bench.approve(self.sandbox, first)
        self.drain('poll_code')
        self.assertTrue(first.accepted_late)


    def test_the_decision_is_taken_back(self):
        first = self.refused()
        self.decide(first, 'anew')
        self.decide(first, 'undecide')
        self.drain('poll_code')
        self.assertFalse(first.given_up or first.refused_choice)
        with self.assertRaisesRegex(UserError, 'decided already'):
            self.decide(first, 'undecide')
        self.decide(first, 'change')
        self.assertEqual(first.refused_choice, 'change')

    def test_nobody_answers(self):
        """What was decided does not wait for ever."""
        first = self.refused()
        with self.assertRaisesRegex(UserError, 'decided already'):
            self.decide(first, 'unasked')
        self.decide(first, 'change')
        with self.assertRaisesRegex(UserError, 'being asked'):
            self.decide(first, 'unasked')
        first.sudo()._set_state('refused', watched_from=(
            fields.Datetime.now() - timedelta(days=2)))
        first._apply_poll({})
        self.assertIn('for a day', str(first.activity_ids.mapped('summary')))
        first.sudo()._set_state('refused', watched_from=fields.Datetime.now())
        self.account.active = False
        with self.assertRaisesRegex(UserError, 'say why'):
            self.decide(first, 'unasked', reason='')
        self.decide(first, 'unasked')
        self.assertTrue(first.given_up)
        first.move_id.button_draft()
        self.assertEqual(first.move_id.state, 'draft')

    def test_what_is_corrected_is_not_given_up(self):
        """A cash register's document stands: adjusted or issued anew, never both."""
        first = self.refused('at_once')
        note = first.move_id._reverse_moves([{'date': fields.Date.today()}])
        note.sudo().gtg_corrects_id = first
        with self.assertRaisesRegex(UserError, 'corrects e-invoice'):
            self.decide(first, 'anew')
        note.unlink()
        self.decide(first, 'anew')
        note = first.move_id._reverse_moves([{'date': fields.Date.today()}])
        note.sudo().gtg_corrects_id = first
        note.action_post()
        self.assertIn('took its place', str(note._gtg_einvoice_problems()))
        self.drain('poll_code')
        self.assertTrue(first.given_up)
        self.assertFalse(first.refused_stands)
        self.assertIn('took its place', str(note._gtg_einvoice_problems()))

    def test_only_own_refusals_are_shown(self):
        first = self.refused()
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = new_test_user(
            self.env, 'stranger_reads', groups='account.group_account_invoice',
            company_id=other.id, company_ids=[Command.set(other.ids)])
        with self.assertRaises(AccessError):
            wizard = self.env['gtg.einvoice.refused'].with_user(stranger).create({
                'einvoice_id': first.id})
            wizard.read(['tax_message'])


@tagged('post_install', '-at_install')
class TestRefusedMisa(RefusedConformance, EinvoiceCase):
    bench = MisaBench()


@tagged('post_install', '-at_install')
class TestRefusedVnpt(RefusedConformance, EinvoiceCase):
    bench = VnptBench()
