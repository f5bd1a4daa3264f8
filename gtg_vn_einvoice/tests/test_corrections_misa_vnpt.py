"""Adjustments and replacements as MISA and VNPT take, refuse and lose them."""

import json
import uuid

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import EinvoiceCase
from .correction_conformance import CorrectionConformance, CorrectionTools
from .test_misa import DraftBench, IntegrationBench, MisaBench
from .test_vnpt import VnptBench

LOST = {'lose_response': {}, 'truncated': {}, 'empty': {'process': True},
        'html': {'process': True}}


class Corrections(CorrectionConformance):
    """What both must do; the sandboxes' own lists are the oracle."""

    calls = {'adjust': None, 'replace': None}  # for faults

    def fault_of(self, kind, mode, **options):
        self.sandbox.faults(
            self.bench.provider, self.calls[kind], mode, times=1, **options)

    def correction(self, kind, move=None):
        """A posted credit note over one piece, or a complete new invoice."""
        move = move or self.valid_invoice((109000, 2, self.included['8%']))
        if kind == 'adjust':
            return self.credit(move, 1)
        new = self.corrected(self.wizard(move, 'all'))
        new.action_post()
        return new

    def elsewhere(self, note):
        """Somebody makes the same correction on the provider's site."""
        account, adapter = self.account, self.account._adapter()
        doc, problems = note._gtg_document(note._gtg_series(), str(uuid.uuid4()))
        self.assertFalse(problems)
        self.publish_elsewhere(
            account, adapter, doc, json.loads(adapter._payload(account, doc)))

    def test_lost_answers_are_found_again(self):
        for mode, options in LOST.items():
            for kind in self.calls:
                with self.subTest(mode, kind=kind):
                    move = self.correction(kind)
                    before = self.created()
                    self.fault_of(kind, mode, **options)
                    einvoice = self.issue(move)
                    self.assertEqual(einvoice._create_task().state, 'unknown')
                    self.assertEqual(einvoice.original_id.state, 'coded')
                    for _round in range(3):
                        self.drain('create_invoice')
                    self.assertEqual(self.created(), [*before, einvoice.number])
                    self.complete(einvoice)
                    self.assertEqual(einvoice.original_id.state, {
                        'adjust': 'corrected', 'replace': 'replaced'}[kind])

    def test_never_sent_is_sent_once(self):
        move = self.correction('adjust')
        before = self.created()
        self.fault_of('adjust', 'html', process=False)
        einvoice = self.issue(move)
        self.drain('create_invoice')
        self.assertFalse(einvoice.number, 'two misses first')
        self.drain('create_invoice')
        self.assertEqual(self.created(), [*before, einvoice.number])

    def test_sent_twice_is_one(self):
        for kind in self.calls:
            with self.subTest(kind):
                move = self.correction(kind)
                before = self.created()
                self.fault_of(kind, 'lose_response')
                einvoice = self.issue(move)
                # as if somebody had said that it is certainly not there
                einvoice._create_task().write({'state': 'queued', 'unsure': False})
                for _round in range(3):
                    self.drain('create_invoice')
                self.assertEqual(self.created(), [*before, einvoice.number])

    def test_replaced_elsewhere_meanwhile(self):
        move = self.correction('replace')
        self.elsewhere(move)
        before = self.created()
        einvoice = self.issue(move)
        self.assertEqual((einvoice.state, self.created()), ('draft', before))
        self.assertIn('Look at the original', move.gtg_einvoice_message)
        self.assertEqual(einvoice.original_id.state, 'coded')

    def test_the_comparison_finds_nothing_to_say(self):
        self.assertTrue(self.issue(self.correction('adjust')).number)
        comparison = self.env['gtg.einvoice.comparison'].create({
            'account_id': self.account.id})
        comparison.action_start()
        for _window in range(8):
            self.compare_listed()
        self.assertEqual(comparison.state, 'done', comparison.gtg_task_message)
        self.assertEqual((comparison.listed, comparison.difference_count), (2, 0))

    def test_replacement_of_a_cash_register(self):
        move = self.make_invoice(series=self.series('at_once'))
        self.issue(move)
        einvoice = self.issue(self.correction('replace', move))
        self.assertEqual(einvoice.state, 'coded', einvoice.gtg_task_message)
        self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)


class MisaCase:

    def seen_after(self, milliseconds):
        self.sandbox.post('/misa/settings', {'correction_seen_after_ms': milliseconds})


@tagged('post_install', '-at_install')
class TestMisaCorrections(MisaCase, Corrections, EinvoiceCase):
    bench = MisaBench()
    calls = {'adjust': 'publish', 'replace': 'publish'}

    def publish_elsewhere(self, account, adapter, doc, payload):
        ((kind, body),) = payload.items()
        adapter._call(account, 'publish', adapter._dated(kind, body))

    def test_not_seen_for_a_while(self):
        """README 10: misses in a row, and still no second one."""
        move = self.correction('adjust')
        before = len(self.created())
        self.seen_after(60000)
        self.fault_of('adjust', 'lose_response')
        einvoice = self.issue(move)
        for _round in range(5):
            self.drain('create_invoice')
        self.assertEqual((einvoice.number, einvoice.state), (False, 'queued'))
        self.assertEqual(len(self.created()), before + 1)
        self.seen_after(0)
        for _round in range(3):
            self.drain('create_invoice')
        self.assertEqual(self.created()[before:], [einvoice.number])

    def test_adjusted_elsewhere_is_not_replaced(self):
        move = self.valid_invoice()
        note = self.credit(move, 1)
        self.elsewhere(note)
        note.button_draft()
        note.unlink()
        einvoice = self.issue(self.correction('replace', move))
        self.assertEqual(einvoice.state, 'draft')
        self.assertIn('only by a further adjustment', einvoice._create_task().error_hint)
        self.assertEqual(move.gtg_einvoice_id.state, 'coded')


@tagged('post_install', '-at_install')
class TestMisaCorrectionsIntegration(CorrectionTools, EinvoiceCase):
    bench = IntegrationBench()

    def test_the_other_kind_of_api(self):
        move = self.valid_invoice()
        adjustment = self.issue(self.credit(move, 1))
        self.complete(adjustment)
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        self.assertEqual(self.created(), [move.gtg_einvoice_number, adjustment.number])


@tagged('post_install', '-at_install')
class TestMisaCorrectionDrafts(CorrectionTools, EinvoiceCase):
    """Sellers who sign on MISA's site."""

    bench = DraftBench()
    correction = Corrections.correction

    def signed(self, move):
        """Issue it and sign it on MISA's site."""
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
        self.sandbox.post(f'/misa/drafts/{einvoice.reference}/sign')
        self.drain('poll_code')
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        return einvoice

    def test_signed_by_a_person(self):
        for kind, state in (('adjust', 'corrected'), ('replace', 'replaced')):
            with self.subTest(kind):
                move = self.make_invoice(series=self.series('later'))
                original = self.signed(move)
                correction = self.correction(kind, move)
                self.issue(correction)
                self.assertEqual(original.state, 'coded', 'only a draft')
                self.signed(correction)
                self.assertEqual(original.state, state)

    def test_original_that_was_signed_days_later(self):
        """Its legal date is that of the draft, not that of the signature."""
        move = self.make_invoice(series=self.series('later'))
        drafted = self.env['gtg.legal.deadline']._gtg_today()
        self.issue(move)
        self.sandbox.post('/clock', {'advance': 2 * 24 * 3600})
        self.signed(move)
        note = self.credit(move, 1)
        sentence = note._gtg_document(note._gtg_series(), 'r')[0].correction.sentence
        day = move.gtg_einvoice_id._gtg_issue_day()
        self.assertIn(f'ngày {day:%d} tháng {day:%m}', sentence)
        self.assertEqual(day, drafted)
        self.signed(note)

    def test_lost_answer_makes_one_draft(self):
        move = self.make_invoice(series=self.series('later'))
        self.signed(move)
        note, drafts = self.credit(move, 1), len(self.sandbox.get('/misa/drafts'))
        self.sandbox.faults('misa', 'insert_draft', 'lose_response', times=1)
        einvoice = self.issue(note)
        self.drain('create_invoice')
        self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
        self.assertEqual(len(self.sandbox.get('/misa/drafts')), drafts + 1)


class VnptCorrectionBench(VnptBench):
    create = 'AdjustInvoiceAction'

    def account_values(self, sb):
        return {**super().account_values(sb), 'vnpt_combined': True}

    def prepare(self, sb):
        sb.post('/vnpt/settings', {'code_mode': 'manual', 'second_adjustment': True})


@tagged('post_install', '-at_install')
class TestVnptCorrections(Corrections, EinvoiceCase):
    bench = VnptCorrectionBench()
    calls = {'adjust': 'AdjustInvoiceAction', 'replace': 'ReplaceInvoiceAction'}

    def publish_elsewhere(self, account, adapter, doc, payload):
        adapter._call(
            account, 'correct', *payload['corrects'], doc.reference.replace('-', ''),
            payload['pattern'], payload['serial'], payload['xml'], payload['register'])

    def test_crash_after_storing(self):
        for mode in ('crash', 'empty_result'):
            with self.subTest(mode):
                note = self.correction('adjust')
                before = self.created()
                self.fault_of('adjust', mode)
                einvoice = self.issue(note)
                self.assertEqual(einvoice._create_task().state, 'unknown')
                for _round in range(3):
                    self.drain('create_invoice')
                self.assertEqual(self.created(), [*before, einvoice.number])

    def test_both_ways_are_a_setting(self):
        self.account.vnpt_combined = False
        move = self.valid_invoice((100000, 1, self.rates['10%']))
        note = self.credit(move, 1)
        note.button_draft()
        note.invoice_line_ids = [(0, 0, {
            'name': 'Áo 8%', 'quantity': -1, 'price_unit': 100000,
            'tax_ids': [(6, 0, self.rates['8%'].ids)]})]
        note.action_post()
        with self.assertRaisesRegex(UserError, 'Adjustments both ways'):
            note.action_gtg_issue()

    def test_discounts_go_back_with_their_goods(self):
        self.account.vnpt_combined = False
        move = self.valid_invoice(
            (109000, 2, self.included['8%']), (-20000, 1, self.included['8%']))
        adjustment = self.issue(self.credit(move))
        self.assertEqual(adjustment.state, 'waiting_code', adjustment.gtg_task_message)
        self.complete(adjustment)
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        self.assertEqual(adjustment.amount_total, -198000)

    def test_a_series_of_another_kind_is_told_before_sending(self):
        move = self.valid_invoice()
        for kind in ('none', 'at_once'):
            note = self.credit(move, 1, gtg_series_id=self.series(kind).id)
            with self.assertRaisesRegex(UserError, '1/001'):
                note.action_gtg_issue()

    def test_second_adjustment_is_up_to_vnpt(self):
        self.sandbox.post('/vnpt/settings', {'second_adjustment': False})
        move = self.valid_invoice((109000, 3, self.included['8%']))
        self.assertTrue(self.issue(self.credit(move, 1)).number)
        second = self.credit(move, 1)
        self.assertEqual(self.issue(second).state, 'draft')
        self.assertIn('replaced or adjusted already', second.gtg_einvoice_message)
        self.sandbox.post('/vnpt/settings', {'second_adjustment': True})
        self.assertTrue(self.issue(second).number, second.gtg_einvoice_message)

    def test_older_build_without_cash_registers(self):
        move = self.make_invoice(series=self.series('at_once'))
        self.issue(move)
        self.sandbox.post('/vnpt/settings', {'build': 'old'})
        self.account.action_test_connection()
        new = self.correction('replace', move)
        self.issue(new)
        self.assertIn('does not offer this call', new.gtg_einvoice_message)
