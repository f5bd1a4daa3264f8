"""E-invoices of the time before: issued by another program or provider, corrected here."""

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .common import EinvoiceCase
from .correction_conformance import CorrectionTools
from .test_corrections_misa_vnpt import VnptCorrectionBench
from .test_misa import DraftBench, MisaBench
from .test_sinvoice import SInvoiceBench


class OutsideTools(CorrectionTools):

    def sold(self, price=109000):
        return self.make_invoice((price, 2, self.included['8%']))

    def from_another_program(self, series=None):
        """An invoice whose e-invoice is with the provider, and unknown to this database.

        :return: (invoice, what is printed on its e-invoice)
        """
        before = self.make_invoice((109000, 2, self.included['8%']),
                                   series=series or self.series('later'))
        self.complete(self.issue(before))
        theirs = before.gtg_einvoice_id
        told = {
            'series': theirs.series_id.name, 'number': theirs.number[6:],
            'date': vietnam_date(theirs.issued_at), 'lookup_code': theirs.lookup_code,
            'authority_code': theirs.authority_code, 'outside': 'same'}
        self.env['gtg.connector.task'].sudo().search([
            ('res_model', '=', theirs._name), ('res_id', '=', theirs.id)]).unlink()
        self.env.flush_all()
        self.env.cr.execute('DELETE FROM gtg_einvoice WHERE id = %s', [theirs.id])
        self.env.invalidate_all()
        return self.sold(), told

    def from_another_provider(self, series='C26TQQ', number='77'):
        today = vietnam_date(fields.Datetime.now())
        return self.sold(), {
            'outside': 'other', 'series': f'{series[0]}{today:%y}{series[3:]}',
            'number': number, 'date': today,
            'authority_code': '00A1B2C3D4E5F60718293A4B5C6D7E8F90'}

    def name(self, move, told, **more):
        """As a person does: number on the invoice, then the dialog."""
        move.write({f'gtg_outside_{name}': told[name]
                    for name in ('series', 'number', 'date')})
        self.assertTrue(move.gtg_can_correct)
        form = Form(self.env['gtg.einvoice.outside'].with_context(
            **move.action_gtg_correct()['context']))
        form.outside = told['outside']
        for name, value in {**told, **more}.items():
            if name not in ('series', 'number', 'date'):
                setattr(form, name, value)
        action = form.save().action_confirm()
        self.assertEqual(action['res_model'], 'gtg.einvoice.correct')
        return move.gtg_einvoice_id

    def correction(self, kind, move):
        new = self.credit(move, 1) if kind == 'adjust' else self.corrected(
            self.wizard(move, 'all'))
        if kind == 'replace':
            new.action_post()
        return new

    def assert_done(self, correction, state):
        original = correction.original_id
        self.assertTrue(correction.number, correction.gtg_task_message)
        self.complete(correction)
        self.assertEqual(correction.xml_state, 'ok', correction.xml_message)
        self.assertEqual(original.state, state)


class OutsideConformance(OutsideTools):

    allow_inherited_tests_method = True
    calls = {'adjust': 'create', 'replace': 'create'}
    calls_of_other = {}
    takes_other = True

    def known_to_the_tax_office(self, told):
        """Sandboxes play one provider: what another issued must be told to them."""

    def test_of_another_program(self):
        for kind, state in (('adjust', 'corrected'), ('replace', 'replaced')):
            with self.subTest(kind):
                move, told = self.from_another_program()
                original = self.name(move, told)
                self.assertEqual((original.state, original.outside, original.number), (
                    'coded', 'same', told['series'] + told['number']))
                self.assertFalse(original.unsent or original.gtg_legal_deadline)
                before = self.created()
                self.sandbox.faults(
                    self.bench.provider, self.calls[kind], 'lose_response', times=1)
                correction = self.issue(self.correction(kind, move))
                self.assertEqual(correction._create_task().state, 'unknown')
                for _round in range(3):
                    self.drain('create_invoice')
                self.assert_done(correction, state)
                self.assertEqual(self.created(), [*before, correction.number])
                self.assertIn(f'số {told["number"]} ', correction.correction_sentence)

    def test_of_another_provider(self):
        move, told = self.from_another_provider()
        if not self.takes_other:
            original = self.name(move, told)
            with self.assertRaisesRegex(UserError, 'Correct it in the program'):
                self.credit(move, 1).action_gtg_issue()
            form = self.wizard(move, 'all')
            self.assertIn('Correct it in the program', form.why)
            form = self.wizard(move, 'name')
            self.assertEqual(self.corrected(form).einvoice_id, original)
            self.assertEqual(self.created(), [])
            return
        for number, (kind, state) in enumerate((
                ('adjust', 'corrected'), ('replace', 'replaced')), 77):
            with self.subTest(kind):
                move, told = self.from_another_provider(number=str(number))
                self.known_to_the_tax_office(told)
                self.name(move, told)
                before = self.created()
                self.sandbox.faults(
                    self.bench.provider, {**self.calls, **self.calls_of_other}[kind],
                    'lose_response', times=1)
                correction = self.issue(self.correction(kind, move))
                self.assertEqual(correction._create_task().state, 'unknown',
                                 correction.gtg_task_message)
                for _round in range(3):
                    self.drain('create_invoice')
                self.assert_done(correction, state)
                self.assertEqual(self.created(), [*before, correction.number])

    def test_the_comparison_has_nothing_to_say(self):
        move, told = self.from_another_program()
        self.name(move, told)
        other, elsewhere = self.from_another_provider()
        self.name(other, elsewhere)
        self.assertTrue(self.issue(self.credit(move, 1)).number)
        today = self.env['gtg.legal.deadline']._gtg_today()
        comparison = self.env['gtg.einvoice.comparison'].create({
            'account_id': self.account.id, 'first': today, 'last': today})
        comparison.action_start()
        self.compare_listed()
        self.assertEqual(comparison.state, 'done', comparison.gtg_task_message)
        self.assertEqual((comparison.listed, comparison.difference_count), (2, 0))


@tagged('post_install', '-at_install')
class TestSInvoiceOutside(OutsideConformance, EinvoiceCase):
    bench = SInvoiceBench()
    takes_other = False

    def test_what_the_tenant_does_not_hold_is_refused_and_told(self):
        move, told = self.from_another_program()
        self.name(move, {**told, 'number': '999'})
        note = self.credit(move, 1)
        self.assertEqual(self.issue(note).state, 'draft')
        self.assertTrue(note.gtg_einvoice_message)
        self.assertEqual(move.gtg_einvoice_state, 'coded')
        self.assertFalse(note.gtg_einvoice_number)


@tagged('post_install', '-at_install')
class TestMisaOutside(OutsideConformance, EinvoiceCase):
    bench = MisaBench()
    calls = {'adjust': 'publish', 'replace': 'publish'}

    def known_to_the_tax_office(self, told):
        self.sandbox.post('/misa/settings', {'known_elsewhere': [
            f'1{told["series"]}{int(told["number"]):08d}']})


@tagged('post_install', '-at_install')
class TestMisaOutsideDrafts(OutsideTools, EinvoiceCase):
    bench = DraftBench()

    def test_draft_without_the_names_that_nobody_knows(self):
        move, told = self.from_another_provider()
        self.name(move, told)
        self.sandbox.post('/misa/settings', {'known_elsewhere': [
            f'1{told["series"]}{int(told["number"]):08d}']})
        einvoice = self.issue(self.credit(move, 1, gtg_series_id=self.series('later').id))
        self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
        self.sandbox.post(f'/misa/drafts/{einvoice.reference}/sign')
        self.drain('poll_code')
        self.assert_done(einvoice, 'corrected')


@tagged('post_install', '-at_install')
class TestVnptOutside(OutsideConformance, EinvoiceCase):
    bench = VnptCorrectionBench()
    calls = {'adjust': 'AdjustInvoiceAction', 'replace': 'ReplaceInvoiceAction'}
    calls_of_other = {'adjust': 'AdjustWithoutInv', 'replace': 'ReplaceWithoutInv'}

    def test_older_build(self):
        self.sandbox.post('/vnpt/settings', {'build': 'old'})
        self.account.action_test_connection()
        move, told = self.from_another_provider()
        self.name(move, told)
        adjustment = self.issue(self.credit(move, 1))
        self.assert_done(adjustment, 'corrected')

    def test_cash_register_of_another_provider(self):
        move, told = self.from_another_provider(series='C26MQQ')
        self.name(move, told)
        self.assertIn('Correct it in the program', self.wizard(move, 'all').why)

    def test_its_key_is_asked_for(self):
        move, told = self.from_another_program()
        for empty in (False, '  '):
            with self.assertRaisesRegex(UserError, 'names the original by it'):
                self.name(move, {**told, 'lookup_code': empty})

    def test_the_key_of_another_document_corrects_nothing(self):
        move, told = self.from_another_program()
        other = self.from_another_program()[1]
        original = self.name(move, {**told, 'lookup_code': other['lookup_code']})
        note, before = self.credit(move, 1), self.created()
        self.assertEqual(self.issue(note).state, 'draft')
        self.assertIn('is that of', note.gtg_einvoice_message)
        self.assertEqual(self.created(), before)
        # the way out that the message names
        original.action_forget_outside()
        self.name(move, told, notes_to_issue=True)
        self.assert_done(self.issue(note), 'corrected')


@tagged('post_install', '-at_install')
class TestOutside(OutsideTools, EinvoiceCase):
    """What holds at every provider."""

    bench = MisaBench()

    def test_method_sums_and_guards_are_as_of_our_own(self):
        move, told = self.from_another_provider()
        original = self.name(move, told, method='adjust')
        self.assertEqual(original.correction_method, 'adjust')
        self.assertEqual(self.wizard(move, 'all').ways, 'adjust')
        with self.assertRaisesRegex(UserError, 'left of e-invoice'):
            self.credit(move, 2, prices=(120000,)).action_gtg_issue()
        with self.assertRaisesRegex(UserError, 'cannot be changed or cancelled'):
            move.button_draft()
        with self.assertRaisesRegex(UserError, 'named as the original'):
            move.gtg_outside_number = '78'
        self.assertFalse(move.gtg_einvoice_possible)
        # neither asked about nor fetched
        original.action_ask_code()
        original.action_fetch_files()
        self.assertFalse(original.gtg_task_ids)

    def test_entered_wrongly(self):
        move, told = self.from_another_provider()
        original = self.name(move, told)
        note = self.credit(move, 1)
        original.action_forget_outside()
        self.assertFalse(move.gtg_einvoice_id or move.l10n_vn_e_invoice_number)
        self.assertTrue(note.gtg_outside_unnamed)
        again = self.name(move, {**told, 'number': '79'}, notes_to_issue=True)
        self.assertEqual(again.number, told['series'] + '79')
        note.action_gtg_issue()
        with self.assertRaisesRegex(UserError, 'so it stays'):
            again.action_forget_outside()

    def test_what_was_typed_before_still_forbids(self):
        move, told = self.from_another_provider()
        move.l10n_vn_e_invoice_number = 'C26TZZ77'
        original = self.name(move, told)
        self.assertEqual(move.l10n_vn_e_invoice_number, original.number)
        emptied = {'gtg_outside_series': False, 'gtg_outside_number': False,
                   'gtg_outside_date': False}
        with self.assertRaisesRegex(UserError, 'named as the original'):
            move.write(emptied)
        original.action_forget_outside()
        self.assertEqual(move.l10n_vn_e_invoice_number, 'C26TZZ77')
        move.write(emptied)
        self.assertFalse(move.gtg_einvoice_possible)
        with self.assertRaisesRegex(UserError, 'C26TZZ77 was issued elsewhere'):
            move.action_gtg_issue()

    def test_only_what_is_from_elsewhere_is_forgotten(self):
        move = self.sold()
        biller = new_test_user(
            self.env, 'biller who forgets', 'account.group_account_invoice',
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        move.action_gtg_issue()
        ours = move.gtg_einvoice_id
        with self.assertRaisesRegex(UserError, 'so it stays'):
            ours.with_user(biller).action_forget_outside()
        self.assertTrue(ours.exists())

    def test_a_mistyped_number_is_none_of_ours(self):
        move, told = self.from_another_program()
        wrong = f"{int(told['number']) + 1:08d}"
        original = self.name(move, {**told, 'number': wrong})
        ours = self.issue(self.make_invoice(series=self.series('later')))
        self.assertEqual(int(ours.number[6:]), int(wrong))
        self.assertEqual(ours.series_id, original.series_id)
        self.complete(ours)
        self.assertEqual(ours.state, 'coded')
        self.assertIn(ours.move_id.name, original.activity_ids.summary)

    def test_of_several_those_not_named_are_told(self):
        move, told = self.from_another_provider()
        move.write({f'gtg_outside_{name}': told[name]
                    for name in ('series', 'number', 'date')})
        with self.assertRaisesRegex(UserError, f'{move.name}.*say what it is first'):
            (move | self.make_invoice()).action_gtg_correct()
        ours = self.valid_invoice()
        context = (move | ours).action_gtg_correct()['context']
        self.assertEqual(context['default_einvoice_id'], ours.gtg_einvoice_id.id)
        self.assertIn(move.name, context['default_left_out'])

    def test_credit_note_first(self):
        """Goods came back before anybody named the e-invoice."""
        move, told = self.from_another_provider()
        move.write({f'gtg_outside_{name}': told[name]
                    for name in ('series', 'number', 'date')})
        self.company.gtg_einvoice_watch_from = fields.Date.subtract(told['date'], days=1)
        # no second full invoice beside it
        self.assertEqual(self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=move.ids).create({
                'journal_id': move.journal_id.id}).modify_moves()['res_model'],
            'gtg.einvoice.outside')
        note = self.credit(move, 1)
        card = self.env['gtg.einvoice.watch'].search([('code', '=', 'notes')])
        self.assertEqual(card.count, 1)
        with self.assertRaisesRegex(UserError, 'Name the original'):
            note.action_gtg_issue()
        form = Form(self.env['gtg.einvoice.outside'].with_context(
            **note.action_gtg_name_original()['context']))
        form.outside = 'other'
        form.authority_code = told['authority_code']
        form.save().action_confirm()
        self.assertTrue(note.gtg_einvoice_possible)
        self.assertTrue(self.issue(note).number, note.gtg_einvoice_message)
        card.invalidate_recordset()
        self.assertEqual(card.count, 0)

    def test_adjusted_elsewhere_too(self):
        move, told = self.from_another_provider()
        self.name(move, told)
        note = self.credit(move, 1)
        note.write({'gtg_outside_series': told['series'], 'gtg_outside_number': '90',
                    'gtg_outside_date': told['date']})
        self.assertFalse(note.gtg_legal_deadline or note.gtg_einvoice_possible)
        self.assertEqual(move.gtg_einvoice_id.correction_method, 'adjust')
        with self.assertRaisesRegex(UserError, 'left of e-invoice'):
            self.credit(move, 2).action_gtg_issue()

    def test_adjusted_elsewhere_before_it_is_named(self):
        move, told = self.from_another_provider()
        move.write({f'gtg_outside_{name}': told[name]
                    for name in ('series', 'number', 'date')})
        old, new = self.credit(move, 1), self.credit(move, 1)
        with self.assertRaisesRegex(UserError, f'Other credit notes: {old.name}, {new.name}'):
            self.name(move, told)
        old.write({'gtg_outside_series': told['series'], 'gtg_outside_number': '90',
                   'gtg_outside_date': told['date']})
        with self.assertRaisesRegex(UserError, f'Other credit notes: {new.name} will'):
            self.name(move, told)
        self.name(move, told, notes_to_issue=True)
        self.assertFalse(old.gtg_legal_deadline or old.gtg_einvoice_possible)
        self.assertTrue(new.gtg_einvoice_possible)

    def test_an_account_that_cannot_issue(self):
        move, told = self.from_another_provider()
        self.account.state = 'reconnect'
        with self.assertRaisesRegex(UserError, 'is not connected'):
            self.name(move, told, account_id=self.account)
        self.assertFalse(move.gtg_einvoice_id)

    def test_what_is_missing_is_named(self):
        move, told = self.from_another_provider()
        for wrong, text in (
            ({'authority_code': False}, 'Tax-authority code'),
            ({'template': '2/001'}, 'first digit'),
        ):
            with self.assertRaisesRegex(UserError, text):
                self.name(move, {**told, **wrong})
        self.assertFalse(move.gtg_einvoice_id)

    def test_who_may(self):
        move, told = self.from_another_provider()
        move.write({f'gtg_outside_{name}': told[name]
                    for name in ('series', 'number', 'date')})
        biller = new_test_user(
            self.env, 'biller of before', 'account.group_account_invoice',
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        values = {'move_id': move.id, 'outside': 'other', **{
            name: told[name] for name in ('series', 'number', 'date', 'authority_code')},
            'account_id': self.account.id}
        Wizard = self.env['gtg.einvoice.outside'].with_user(biller)
        Wizard.create(values).action_confirm()
        original = move.gtg_einvoice_id
        with self.assertRaisesRegex(UserError, 'cannot be changed'):
            original.with_user(biller).write({'outside': 'same'})
        # the second of two people finds what the first has named
        Wizard.create(values).action_confirm()
        self.assertEqual(move.gtg_einvoice_ids, original)
