from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestRule(EinvoiceCase):
    """E-invoices that nobody asks for by a click."""

    bench = SInvoiceBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.gtg_einvoice_watch_from = '2026-01-01'
        cls.journal = cls.company_data['default_journal_sale']

    def created(self):
        return self.bench.created(self.sandbox)

    def test_issued_when_confirmed(self):
        self.assertFalse(self.make_invoice().gtg_einvoice_id, 'off by default')
        self.company.gtg_auto_einvoice = True
        move = self.make_invoice()
        self.assertEqual(move.gtg_einvoice_state, 'queued')
        move.action_gtg_issue()  # and a click beside it
        self.drain('create_invoice')
        self.assertEqual(self.created(), [move.gtg_einvoice_number])

    def test_journal_chooses_differently(self):
        self.journal.gtg_auto_einvoice = 'yes'
        self.assertTrue(self.make_invoice().gtg_einvoice_id)
        self.company.gtg_auto_einvoice = True
        self.journal.gtg_auto_einvoice = 'no'
        self.assertFalse(self.make_invoice().gtg_einvoice_id)

    def test_confirming_never_fails_by_it(self):
        self.company.gtg_auto_einvoice = True
        self.buyer.vat = '0101243151'
        move = self.make_invoice()
        self.assertEqual(move.state, 'posted')
        self.assertFalse(move.gtg_einvoice_id)
        self.assertIn('0101243151', move.gtg_einvoice_problem)
        self.buyer.vat = '0101243150'
        self.assertEqual(self.issue(move).number, self.created()[0])
        self.assertFalse(move.gtg_einvoice_problem)

    def test_nor_by_what_nobody_foresaw(self):
        self.company.gtg_auto_einvoice = True
        with patch.object(self.registry['account.move'], '_gtg_einvoice_problems',
                          side_effect=KeyError('another addon')):
            move = self.make_invoice()
        self.assertEqual(move.state, 'posted')
        self.assertFalse(move.gtg_einvoice_id)
        self.assertIn('another addon', move.gtg_einvoice_problem)

    def test_what_may_be_issued_elsewhere(self):
        self.company.gtg_auto_einvoice = True
        old = self.make_invoice(invoice_date='2025-12-31')
        self.assertFalse(old.gtg_einvoice_id, 'before we came')
        old.button_draft()
        old.action_post()
        self.assertFalse(old.gtg_einvoice_id)
        typed = self.make_invoice(l10n_vn_e_invoice_number='00000017')
        self.assertFalse(typed.gtg_einvoice_id, 'a number of another program')
        with self.assertRaisesRegex(UserError, '00000017'):
            typed.action_gtg_issue()
        typed.l10n_vn_e_invoice_number = False
        self.assertTrue(self.issue(typed).number, 'a click still does')
        self.company.gtg_einvoice_watch_from = False
        new = self.make_invoice()
        self.assertFalse(new.gtg_einvoice_id)
        self.assertIn('is empty', new._gtg_issue_many()[new])

    def test_sent_by_nobody_obeys_the_rule(self):
        move = self.make_invoice()
        other = self.make_invoice()
        send = self.env['account.move.send'].with_user(SUPERUSER_ID)
        send._generate_and_send_invoices(
            move.with_user(SUPERUSER_ID), sending_methods=[])
        self.assertFalse(move.gtg_einvoice_id, 'at the payment, without a person')
        self.company.gtg_auto_einvoice = True
        send._generate_and_send_invoices(
            other.with_user(SUPERUSER_ID), sending_methods=[])
        self.assertTrue(other.gtg_einvoice_id)

    def test_several_with_one_that_is_wrong(self):
        moves = self.make_invoice() | self.make_invoice() | self.make_invoice()
        moves.button_draft()
        moves[1].invoice_line_ids.tax_ids = False
        self.company.gtg_auto_einvoice = True
        moves.action_post()
        self.drain('create_invoice')
        self.assertEqual([bool(move.gtg_einvoice_number) for move in moves],
                         [True, False, True])
        self.assertIn('VAT', moves[1].gtg_einvoice_problem)
        self.assertEqual(len(self.created()), 2)

    def test_what_it_leaves_alone(self):
        self.company.gtg_auto_einvoice = True
        bill = self.init_invoice('in_invoice', products=self.goods, post=True)
        self.assertFalse(bill.gtg_einvoice_problem)
        move = self.make_invoice()
        self.drain('create_invoice')
        note = move._reverse_moves([{'invoice_date': move.invoice_date}])
        note.action_post()
        self.assertFalse(note.gtg_einvoice_id, 'a correction is a decision')
        self.account.write({'state': 'draft'})
        self.assertFalse(self.make_invoice().gtg_einvoice_problem, 'nobody to issue with')

    def test_other_company_is_not_concerned(self):
        self.company.gtg_auto_einvoice = True
        other = self.env['res.company'].create({'name': 'Khác'})
        self.assertFalse(other.gtg_auto_einvoice)

    def test_who_confirms_needs_no_more_than_invoicing(self):
        self.company.gtg_auto_einvoice = True
        clerk = new_test_user(
            self.env, 'rule_clerk', 'account.group_account_invoice',
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        move = self.make_invoice()
        self.assertEqual(move.gtg_einvoice_state, 'queued')
        draft = self.make_invoice().copy()
        draft.with_user(clerk).action_post()
        self.assertEqual(draft.gtg_einvoice_state, 'queued')
