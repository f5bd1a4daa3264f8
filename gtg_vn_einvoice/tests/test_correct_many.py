from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import EinvoiceCase
from .correction_conformance import CorrectionTools
from .test_misa import MisaBench
from .test_sinvoice import SInvoiceBench
from .test_vnpt import VnptBench


class CorrectMany(CorrectionTools):
    """Several e-invoices of a list: no provider takes them in one document."""

    allow_inherited_tests_method = True

    def dialog(self, action):
        """The dialog of an action, as a person sees it."""
        model = self.env[action['res_model']].with_context(**action.get('context', {}))
        return Form(model.browse(action['res_id']) if action.get('res_id') else model)

    def test_one_after_another(self):
        moves = self.valid_invoice() | self.valid_invoice((50000, 2, self.rates['10%']))
        moves |= self.valid_invoice()
        form = self.dialog((moves | self.make_invoice()).action_gtg_correct())
        self.assertIn('takes only one e-invoice', form.many)
        self.assertIn('Left out', form.many)
        form.what, form.reason = 'return', 'Trả hàng'
        form.agreement_ref, form.agreed_on = 'BB-07', moves[0].invoice_date
        with form.line_ids.edit(0) as line:
            line.chosen = True
        form = self.dialog(form.save().action_confirm())
        self.assertEqual(
            (form.einvoice_id, form.what, form.way, form.reason, form.agreement_ref),
            (moves[1].gtg_einvoice_id, 'return', 'adjust', 'Trả hàng', 'BB-07'))
        with form.line_ids.edit(0) as line:
            line.chosen = True
            line.quantity = 1
        form = self.dialog(form.save().action_confirm())
        self.assertEqual(form.einvoice_id, moves[2].gtg_einvoice_id)
        action = form.save().action_skip()
        notes = self.env['account.move'].search(action['domain'])
        self.assertEqual(notes.reversed_entry_id, moves[:2])
        notes.action_post()
        for note in notes:
            self.complete(self.issue(note))
        self.assertEqual(moves.mapped('gtg_einvoice_state'),
                         ['corrected', 'corrected', 'coded'])
        self.assertEqual(len(self.created()), 5)


@tagged('post_install', '-at_install')
class TestCorrectManySInvoice(CorrectMany, EinvoiceCase):
    bench = SInvoiceBench()

    def test_different_buyers_are_not_said_to_go_together(self):
        moves = self.valid_invoice() | self.valid_invoice(partner=self.person)
        form = self.dialog(moves.action_gtg_correct())
        self.assertIn('1 more', form.many)
        self.assertNotIn('01/BK-DCTT', form.many)

    def test_the_paper_of_one_buyer_is_never_used_for_another(self):
        moves = self.valid_invoice() | self.valid_invoice(partner=self.buyer.copy({
            'name': 'Công ty TNHH Sao Hôm', 'vat': '0100109106'}))
        form = self.dialog(moves.action_gtg_correct())
        form.what, form.reason = 'return', 'Trả hàng'
        form.agreement_ref, form.agreed_on = 'BB-07', moves[0].invoice_date
        form.agreement_file = 'QQ=='
        with form.line_ids.edit(0) as line:
            line.chosen = True
        form = self.dialog(form.save().action_confirm())
        self.assertEqual((form.what, form.reason), ('return', 'Trả hàng'))
        self.assertFalse(form.agreement_ref or form.agreed_on or form.agreement_file)
        with form.line_ids.edit(0) as line:
            line.chosen = True
        with self.assertRaisesRegex(AssertionError, 'agreement_ref is a required field'):
            form.save()

    def test_nothing_to_correct(self):
        for moves in (self.make_invoice(), self.make_invoice() | self.make_invoice()):
            with self.assertRaisesRegex(UserError, 'Only a valid e-invoice'):
                moves.action_gtg_correct()

    def test_a_refused_step_leaves_the_dialog(self):
        moves = self.valid_invoice() | self.valid_invoice()
        form = self.dialog(moves.action_gtg_correct())
        form.what, form.reason = 'return', 'x'
        form.agreement_ref, form.agreed_on = 'BB-07', moves[0].invoice_date
        with self.assertRaisesRegex(UserError, 'Choose the lines'):
            form.save().action_confirm()
        self.assertFalse(moves.reversal_move_ids)

    def test_the_list_of_e_invoices_and_notices(self):
        moves = self.valid_invoice() | self.valid_invoice()
        form = self.dialog(moves.gtg_einvoice_id.action_correct())
        form.what, form.reason = 'name', 'Sai địa chỉ'
        form = self.dialog(form.save().action_confirm())
        notices = form.save().action_confirm()
        self.assertEqual(self.env[notices['res_model']].search(
            notices['domain']).einvoice_id, moves.gtg_einvoice_id)


@tagged('post_install', '-at_install')
class TestCorrectManyMisa(CorrectMany, EinvoiceCase):
    bench = MisaBench()


@tagged('post_install', '-at_install')
class TestCorrectManyVnpt(CorrectMany, EinvoiceCase):
    bench = VnptBench()
