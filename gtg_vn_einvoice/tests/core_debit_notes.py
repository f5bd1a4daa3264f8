"""Debit notes of core's own module: run by ``tests/system/test_core_modules.py`` in a
database that has it."""

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .common import EinvoiceCase
from .correction_conformance import CorrectionTools
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestDebitNotes(CorrectionTools, EinvoiceCase):
    """What is raised afterwards is an adjustment, never a second sale."""

    bench = SInvoiceBench()

    def debit(self, move, price, quantity=1, **values):
        """A debit note as core's dialog makes it, confirmed."""
        action = self.env['account.debit.note'].with_context(
            active_model='account.move', active_ids=move.ids).create({
                'reason': 'Sai giá', 'copy_lines': True,
                'date': vietnam_date(fields.Datetime.now())}).create_debit()
        note = self.env['account.move'].browse(action['res_id'])
        note.invoice_line_ids[1:].unlink()
        note.invoice_line_ids.write({'price_unit': price, 'quantity': quantity})
        note.write(values)
        note.action_post()
        return note

    def test_it_raises_the_e_invoice(self):
        move = self.valid_invoice((109000, 3, self.included['8%']))
        original = move.gtg_einvoice_id
        note = self.debit(move, 10000, 3)
        self.assertEqual(note.gtg_original_id, original)
        with self.assertRaisesRegex(UserError, 'Agreement'):
            note.action_gtg_issue()
        note.write({'gtg_agreement_ref': 'BB-7',
                    'gtg_agreed_on': vietnam_date(fields.Datetime.now())})
        adjustment = self.issue(note)
        self.complete(adjustment)
        self.assertEqual((adjustment.correction_kind, adjustment.amount_total),
                         ('adjust', 30000))
        self.assertEqual(original.state, 'corrected')
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        self.assertEqual(self.created(), [original.number, adjustment.number])
        # and it may be taken back: 327,000 + 30,000
        self.assertEqual(self.issue(self.credit(
            move, 3, prices=(119000,))).amount_total, -357000)

    def test_the_rule_leaves_it_to_a_person(self):
        move = self.valid_invoice()
        self.company.write({'gtg_auto_einvoice': True,
                            'gtg_einvoice_watch_from': '2026-01-01'})
        note = self.debit(move, 10000)
        self.drain('create_invoice')
        self.assertFalse(note.gtg_einvoice_id)
        self.assertTrue(note.gtg_legal_deadline, 'it is on the list of deadlines')
        self.assertEqual(self.created(), [move.gtg_einvoice_number])

    def test_of_an_invoice_without_e_invoice(self):
        move = self.make_invoice()
        note = self.debit(move, 10000)
        with self.assertRaisesRegex(UserError, 'Issue that first'):
            note.action_gtg_issue()
        self.drain('create_invoice')
        self.assertFalse(self.created())

    def test_of_a_credit_note_it_raises_the_original(self):
        move = self.valid_invoice((109000, 3, self.included['8%']))
        credit = self.credit(move, 1)
        self.complete(self.issue(credit))
        note = self.debit(credit, 50000, gtg_agreement_ref='BB-7',
                          gtg_agreed_on=vietnam_date(fields.Datetime.now()))
        self.assertEqual(note.gtg_original_id, move.gtg_einvoice_id)
        self.assertEqual(self.issue(note).amount_total, 50000)
