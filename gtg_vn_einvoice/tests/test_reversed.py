from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import EinvoiceCase
from .correction_conformance import CorrectionTools
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestReversed(CorrectionTools, EinvoiceCase):
    """Core's ways to turn an invoice round never make a second legal document."""

    bench = SInvoiceBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.gtg_einvoice_watch_from = '2026-01-01'

    def reversal(self, moves):
        return self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=moves.ids).create({
                'journal_id': moves.journal_id.id})

    def unlinked(self):
        card = self.env.ref('gtg_vn_einvoice.watch_notes').with_company(self.company)
        return self.env['account.move'].search(card.action_open()['domain'])

    # === REVERSE AND CREATE INVOICE === #

    def test_modify_leads_to_the_wizard(self):
        move = self.valid_invoice()
        action = self.reversal(move).modify_moves()
        self.assertEqual(action['res_model'], 'gtg.einvoice.correct')
        self.assertEqual(
            action['context']['default_einvoice_id'], move.gtg_einvoice_id.id)
        self.assertFalse(move.reversal_move_ids)

    def test_modify_of_what_is_not_valid_yet(self):
        waiting = self.make_invoice(series=self.series('later'))
        self.issue(waiting)
        queued = self.make_invoice()
        queued.action_gtg_issue()
        for moves in (waiting, queued, queued | self.make_invoice()):
            with self.assertRaisesRegex(UserError, 'Correct e-invoice'):
                self.reversal(moves).with_context(gtg_state_gate=True).modify_moves()
        self.assertFalse((waiting | queued).reversal_move_ids)

    def test_reversed_before_any_e_invoice(self):
        move = self.make_invoice()
        self.assertTrue(move.gtg_legal_deadline)
        reversal = self.reversal(move)
        reversal.modify_moves()
        new = reversal.new_move_ids
        new.action_post()
        self.assertFalse(move.gtg_einvoice_possible)
        self.assertFalse(move.gtg_legal_deadline, 'nothing is late')
        problems = (move | new)._gtg_issue_many()
        self.assertIn('credited in full', problems[move])
        self.drain('create_invoice')
        self.assertEqual(self.created(), [new.gtg_einvoice_number])
        self.assertFalse(move.reversal_move_ids.gtg_legal_deadline, 'nor to adjust')

    def test_reversed_after_a_refusal(self):
        series = self.unknown_series()
        move = self.make_invoice(series=series)
        self.assertEqual(self.issue(move).state, 'draft')
        note = self.credit(move)
        self.assertFalse((move | note).filtered('gtg_legal_deadline'))
        move.gtg_series_id = False
        with self.assertRaisesRegex(UserError, 'credited in full'):
            move.action_gtg_issue()
        self.assertEqual(self.created(), [])

    def test_partly_reversed_is_issued_and_adjusted(self):
        move = self.make_invoice((109000, 2, self.included['8%']))
        note = self.credit(move, 1)
        self.assertTrue(move.gtg_legal_deadline)
        self.assertFalse(note.gtg_legal_deadline)
        self.complete(self.issue(move))
        self.assertTrue(note.gtg_legal_deadline)
        self.assertFalse(self.unlinked())

    # === ONLY IN THE BOOKS === #

    def test_books_note_stays_while_replaced(self):
        move = self.valid_invoice()
        new = self.corrected(self.wizard(move, 'all'))
        note = move.reversal_move_ids
        self.assertEqual(note.gtg_correction_kind, 'books')
        for way in (note.button_draft, note.button_cancel):
            with self.assertRaisesRegex(UserError, 'because'):
                way()
        new.unlink()
        note.button_draft()
        note.unlink()
        self.assertEqual(move.gtg_einvoice_state, 'coded')
        self.assertEqual(move.payment_state, 'not_paid')

    # === CREDIT NOTES OF NO INVOICE === #

    def test_credit_note_of_no_invoice_is_given_its_e_invoice(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        note = self.env['account.move'].create({
            'move_type': 'out_refund', 'partner_id': self.buyer.id,
            'company_id': self.company.id, 'gtg_agreement_ref': 'BB-01',
            'gtg_agreed_on': fields.Date.today() - timedelta(days=1),
            'invoice_line_ids': [Command.create({
                'product_id': self.goods.id, 'price_unit': 109000,
                'tax_ids': [Command.set(self.included['8%'].ids)]})]})
        note.action_post()
        self.assertEqual(self.unlinked(), note)
        with self.assertRaisesRegex(UserError, 'nothing to adjust'):
            note.action_gtg_issue()
        note.button_draft()
        with Form(note) as form:
            form.gtg_corrects_id = move.gtg_einvoice_id
        note.action_post()
        adjustment = self.issue(note)
        self.assertEqual(adjustment.amount_total, -109000)
        self.complete(adjustment)
        self.assertEqual(move.gtg_einvoice_state, 'corrected')
        self.assertFalse(self.unlinked())
