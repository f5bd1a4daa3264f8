"""Adjustments and replacements as MISA and VNPT take, refuse and lose them."""

from dataclasses import replace
from decimal import Decimal

from odoo.tests import tagged

from odoo.addons.gtg_connector_base.lib.clock import UTC

from ..lib import document
from .common import EinvoiceCase
from .conformance import EinvoiceConformance
from .test_misa import DraftBench, IntegrationBench, MisaBench
from .test_vnpt import VnptBench


class Corrections:
    """What both must do; the sandboxes' own lists are the oracle."""

    allow_inherited_tests_method = True
    complete = EinvoiceConformance.complete

    def original(self, series=None, **options):
        """An invoice of two goods that the tax office has accepted."""
        einvoice = self.issue(self.make_invoice(
            (109000, 2, self.included['8%']), (50000, 1, self.included['10%']),
            series=series or self.series('later'), **options))
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        return einvoice

    def document_of(self, original, kind, *signs, series=None):
        """:param signs: +1 or -1 per line, of an adjustment"""
        series = series or original.series_id
        move = self.make_invoice(
            (109000, 1, self.included['8%']), (50000, 1, self.included['10%']),
            series=series)
        einvoice = self.env['gtg.einvoice'].create({
            'move_id': move.id, 'series_id': series.id})
        doc, problems = move._gtg_document(series, einvoice.reference)
        self.assertFalse(problems)
        return einvoice, replace(doc, lines=tuple(
            replace(line, amounts=replace(
                line.amounts, quantity=sign * line.amounts.quantity,
                after=sign * line.amounts.after, tax=sign * line.amounts.tax,
                discount=Decimal(0)))
            for line, sign in zip(doc.lines, signs or (1, 1), strict=True)),
            correction=document.Correction(
                kind, document.Original(
                    original.series_id.form, original.series_id.name,
                    original.series_id.template, original.number,
                    original.issued_at.replace(tzinfo=UTC), original.reference,
                    original.provider_id or '', original.authority_code or '',
                    original.lookup_code or ''),
                'Điều chỉnh cho hóa đơn…', 'Trả hàng'))

    def correct(self, original, kind='adjust', *signs, drain=True, **options):
        einvoice, doc = self.document_of(original, kind, *signs, **options)
        adapter = self.account._adapter()
        self.assertIn(kind, adapter._can_correct)
        self.assertEqual(adapter._document_problems(self.account, doc), [])
        einvoice._queue_issue(adapter._payload(self.account, doc), {
            'amount_untaxed': doc.net, 'amount_tax': doc.tax, 'amount_total': doc.total,
            'buyer_tax_code': doc.buyer.tax_code})
        if drain:
            self.drain('create_invoice')
        return einvoice

    def test_goods_come_back(self):
        original = self.original()
        einvoice = self.correct(original, 'adjust', -1, -1)
        self.assertEqual(einvoice.state, 'waiting_code', einvoice.gtg_task_message)
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertEqual(einvoice.amount_total, -159000)
        self.assertEqual(self.corrected(original), 'adjusted')

    def test_a_price_was_too_low(self):
        original = self.original()
        einvoice = self.correct(original, 'adjust', 1, 1)
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)

    def test_replacement(self):
        original = self.original()
        einvoice = self.correct(original, 'replace')
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertEqual(self.corrected(original), 'replaced')

    def test_lost_answers_are_found_again(self):
        modes = {'lose_response': {}, 'truncated': {}, 'empty': {'process': True},
                 'html': {'process': True}}
        for mode, options in modes.items():
            for kind, signs in (('adjust', (-1, -1)), ('replace', ())):
                with self.subTest(mode, kind=kind):
                    original = self.original()
                    before = len(self.made())
                    self.fault(kind, mode, **options)
                    einvoice = self.correct(original, kind, *signs)
                    self.assertEqual(einvoice._create_task().state, 'unknown')
                    for _round in range(3):
                        self.drain('create_invoice')
                    self.assertEqual(self.made()[before:], [einvoice.number])

    def test_never_sent_is_sent_once(self):
        original = self.original()
        before = len(self.made())
        self.fault('adjust', 'html', process=False)
        einvoice = self.correct(original, 'adjust', -1, -1)
        self.drain('create_invoice')
        self.assertFalse(einvoice.number, 'two misses first')
        self.drain('create_invoice')
        self.assertEqual(self.made()[before:], [einvoice.number])

    def test_sent_twice_is_one(self):
        """As if a person had said that it is certainly not there."""
        original = self.original()
        before = len(self.made())
        self.fault('replace', 'lose_response')
        einvoice = self.correct(original, 'replace')
        einvoice._create_task().write({'state': 'queued', 'unsure': False})
        for _round in range(3):
            self.drain('create_invoice')
        self.assertEqual(self.made()[before:], [einvoice.number])

    def test_refused_leaves_the_original_alone(self):
        original = self.original()
        self.correct(original, 'replace')
        before = self.made()
        second = self.correct(original, 'replace')
        self.assertEqual(second.state, 'draft')
        self.assertIn('Look at the original', second._create_task().error_hint)
        self.assertEqual(self.made(), before)
        waiting = self.issue(self.make_invoice(series=self.series('later')))
        early = self.correct(waiting, 'replace')
        self.assertEqual((early.state, self.corrected(waiting)), ('draft', None))
        self.assertTrue(early._create_task().error_hint)

    def test_cash_register(self):
        original = self.issue(self.make_invoice(
            (109000, 1, self.included['8%']), series=self.series('at_once')))
        self.bench.approve(self.sandbox, original)
        einvoice = self.correct(original, 'replace')
        self.assertEqual(einvoice.state, 'coded', einvoice.gtg_task_message)
        self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)


class MisaCase:
    """The sandbox shows a correction at once, if not told otherwise."""

    def setUp(self):
        super().setUp()
        self.seen_after(0)

    def seen_after(self, milliseconds):
        self.sandbox.post('/misa/settings', {'correction_seen_after_ms': milliseconds})

    def corrected(self, original):
        (row,) = [row for row in self.sandbox.get('/misa/invoices')
                  if row['id'] == original.lookup_code]
        return row['corrected']


class MisaCorrections(MisaCase, Corrections):

    def made(self):
        return self.bench.created(self.sandbox)

    def fault(self, kind, mode, **options):
        self.sandbox.faults('misa', 'publish', mode, times=1, **options)


@tagged('post_install', '-at_install')
class TestMisaCorrections(MisaCorrections, EinvoiceCase):
    bench = MisaBench()

    def test_not_seen_for_a_while(self):
        """README 10: two misses in a row, and still no second one."""
        original = self.original()
        before = len(self.made())
        self.seen_after(60000)
        self.fault('adjust', 'lose_response')
        einvoice = self.correct(original, 'adjust', -1, -1)
        for _round in range(5):
            self.drain('create_invoice')
        self.assertEqual((einvoice.number, einvoice.state), (False, 'queued'))
        self.assertEqual(len(self.made()), before + 1)
        self.seen_after(0)
        for _round in range(3):
            self.drain('create_invoice')
        self.assertEqual(self.made()[before:], [einvoice.number])

    def test_both_ways_at_once(self):
        einvoice = self.correct(self.original(), 'adjust', -1, 1)
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertEqual(einvoice.amount_total, -59000)

    def test_adjusted_twice_but_not_replaced_then(self):
        original = self.original()
        first = self.correct(original, 'adjust', -1, 1)
        second = self.correct(original, 'adjust', -1, 1)
        self.assertTrue(first.number and second.number)
        third = self.correct(original, 'replace')
        self.assertEqual(third.state, 'draft')
        self.assertIn('only by a further adjustment', third._create_task().error_hint)


@tagged('post_install', '-at_install')
class TestMisaCorrectionsIntegration(MisaCase, EinvoiceCase):
    bench = IntegrationBench()
    allow_inherited_tests_method = True
    complete, original = EinvoiceConformance.complete, Corrections.original
    correct, document_of = Corrections.correct, Corrections.document_of
    test_goods_come_back = Corrections.test_goods_come_back


@tagged('post_install', '-at_install')
class TestMisaCorrectionDrafts(MisaCase, EinvoiceCase):
    """Sellers who sign on MISA's site."""

    bench = DraftBench()
    complete = EinvoiceConformance.complete
    correct, document_of = Corrections.correct, Corrections.document_of

    def sign(self, einvoice):
        self.sandbox.post(f'/misa/drafts/{einvoice.reference}/sign')
        self.drain('poll_code')
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)

    def original(self):
        einvoice = self.issue(self.make_invoice(
            (109000, 1, self.included['8%']), (50000, 1, self.included['10%']),
            series=self.series('later')))
        self.sign(einvoice)
        return einvoice

    def test_signed_by_a_person(self):
        for kind, signs, state in (('adjust', (-1, -1), 'adjusted'),
                                   ('replace', (), 'replaced')):
            with self.subTest(kind):
                original = self.original()
                einvoice = self.correct(original, kind, *signs)
                self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
                self.assertIsNone(self.corrected(original))
                self.sign(einvoice)
                self.assertEqual(self.corrected(original), state)

    def test_lost_answer_makes_one_draft(self):
        original = self.original()
        drafts = len(self.sandbox.get('/misa/drafts'))
        self.sandbox.faults('misa', 'insert_draft', 'lose_response', times=1)
        einvoice = self.correct(original, 'adjust', -1, -1)
        self.drain('create_invoice')
        self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
        self.assertEqual(len(self.sandbox.get('/misa/drafts')), drafts + 1)


@tagged('post_install', '-at_install')
class TestVnptCorrections(Corrections, EinvoiceCase):
    bench = VnptBench()

    def row(self, original):
        (row,) = [row for row in self.sandbox.get('/vnpt/invoices')
                  if row['key'] == original.lookup_code]
        return row

    def corrected(self, original):
        return {3: 'replaced', 4: 'adjusted'}.get(self.row(original)['status'])

    def made(self):
        rows = [row['object_id'].split(';') for name in (
            'issue_invoice', 'adjust_invoice', 'replace_invoice')
            for row in self.sandbox.ledger('vnpt', name)]
        return [f'{serial}{int(number)}' for _pattern, serial, number in sorted(
            rows, key=lambda row: row[2])]

    def fault(self, kind, mode, **options):
        operation = {'adjust': 'AdjustInvoiceAction',
                     'replace': 'ReplaceInvoiceAction'}[kind]
        self.sandbox.faults('vnpt', operation, mode, times=1, **options)

    def test_crash_after_storing(self):
        for mode in ('crash', 'empty_result'):
            with self.subTest(mode):
                original = self.original()
                before = len(self.made())
                self.fault('adjust', mode)
                einvoice = self.correct(original, 'adjust', -1, -1)
                self.assertEqual(einvoice._create_task().state, 'unknown')
                for _round in range(3):
                    self.drain('create_invoice')
                self.assertEqual(self.made()[before:], [einvoice.number])

    def test_both_ways_are_a_setting(self):
        original = self.original()
        _einvoice, doc = self.document_of(original, 'adjust', -1, 1)
        (problem,) = self.account._adapter()._document_problems(self.account, doc)
        self.assertIn('Adjustments both ways', problem)
        self.account.vnpt_combined = True
        einvoice = self.correct(original, 'adjust', -1, 1)
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)

    def test_a_series_of_another_kind_is_told_before_sending(self):
        original = self.original()
        for kind in ('none', 'at_once'):
            _einvoice, doc = self.document_of(
                original, 'replace', series=self.series(kind))
            (problem,) = self.account._adapter()._document_problems(self.account, doc)
            self.assertIn('1/001', problem)

    def test_second_adjustment_is_up_to_vnpt(self):
        original = self.original()
        self.correct(original, 'adjust', -1, -1)
        second = self.correct(original, 'adjust', -1, -1)
        self.assertEqual(second.state, 'draft')
        self.assertIn('replaced or adjusted already', second._create_task().error_text)
        self.sandbox.post('/vnpt/settings', {'second_adjustment': True})
        third = self.correct(original, 'adjust', -1, -1)
        self.assertEqual(third.state, 'waiting_code', third.gtg_task_message)

    def test_older_build_without_cash_registers(self):
        original = self.issue(self.make_invoice(series=self.series('at_once')))
        self.sandbox.post('/vnpt/settings', {'build': 'old'})
        self.account.action_test_connection()
        einvoice = self.correct(original, 'replace')
        self.assertIn('does not offer this call', einvoice._create_task().error_text)
