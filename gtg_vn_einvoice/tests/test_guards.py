from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestGuards(EinvoiceCase):
    """What the law forbids is impossible, and what others must not see is hidden."""

    bench = SInvoiceBench()

    def test_issued_invoice_stays(self):
        move = self.make_invoice()
        einvoice = self.issue(move)
        for change in (move.button_draft, move.button_cancel, move.unlink,
                       einvoice.unlink):
            with self.assertRaises(UserError):
                change()
        for values in ({'number': 'X999'}, {'amount_total': 1}, {'state': 'draft'},
                       {'xml_file': 'AA=='}, {'authority_code': 'X'}):
            with self.assertRaises(UserError):
                einvoice.write(values)
        with self.assertRaises(UserError):
            einvoice._set_state('draft')
        self.assertFalse(move.copy().gtg_einvoice_id)

    def test_no_request_opens_the_gate(self):
        """Whatever context a biller sends."""
        def outside(record):
            return record.with_user(biller).with_context(gtg_state_gate=True)

        biller = new_test_user(
            self.env, 'biller', groups='account.group_account_invoice',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        issued, move = self.issue(self.make_invoice()), self.make_invoice()
        for values in ({'state': 'draft', 'number': False}, {'amount_total': 1},
                       {'original_id': False}, {'tax_state': 'accepted'}):
            with self.assertRaises(UserError):
                outside(issued).write(values)
        move.action_gtg_issue()
        asked = move.gtg_einvoice_id
        self.assertEqual(asked.state, 'queued')
        for record in (outside(asked), asked.sudo()):
            with self.assertRaises(UserError):
                record.number = 'K26TAA1'
        self.drain('create_invoice')
        self.assertTrue(asked.number, 'the real one')
        with self.assertRaises(AccessError):
            outside(issued).create({
                'move_id': self.make_invoice().id, 'series_id': issued.series_id.id,
                'state': 'coded', 'number': 'K26TAA2'})

    def test_no_request_lets_a_copy_call_the_provider(self):
        move = self.make_invoice()
        move.action_gtg_preview()
        before = len(self.sandbox.calls('sinvoice'))
        health = self.env['gtg.connector.health']._of(self.account)
        health.database_pin = 'another'
        for context in ({}, {'gtg_connecting': True}, {'gtg_attempt': 1}, {
                'gtg_attempt': True, 'gtg_connecting': 1}):
            with self.assertRaisesRegex(UserError, 'copy'):
                move.with_context(**context).action_gtg_preview()
        self.assertEqual(len(self.sandbox.calls('sinvoice')), before)
        self.account.action_test_connection()
        move.action_gtg_preview()

    def test_refused_request_frees_the_invoice(self):
        move = self.make_invoice(series=self.unknown_series())
        move.action_gtg_issue()
        with self.assertRaisesRegex(UserError, 'just being issued'):
            move.button_draft()
        self.drain('create_invoice')
        move.button_draft()
        self.assertEqual(move.state, 'draft')

    def test_given_up_request_frees_the_invoice(self):
        move = self.make_invoice()
        move.action_gtg_issue()
        move.gtg_einvoice_id._create_task().action_cancel()
        self.assertEqual(move.gtg_einvoice_id.state, 'draft')
        einvoice = self.issue(move)
        self.assertTrue(einvoice.number)
        self.assertEqual(len(self.sandbox.ledger('sinvoice', 'create_invoice')), 1)

    def test_unknown_outcome_blocks(self):
        self.sandbox.faults('sinvoice', 'create', 'lose_response', times=1)
        einvoice = self.issue(self.make_invoice())
        with self.assertRaises(UserError):
            einvoice.move_id.button_draft()
        with self.assertRaises(UserError):
            einvoice.unlink()

    def test_lost_for_good_is_looked_up_again_not_sent(self):
        self.sandbox.faults('sinvoice', 'create', 'lose_response', times=1)
        move = self.make_invoice()
        einvoice = self.issue(move)
        einvoice._create_task().write({'state': 'failed'})
        einvoice.action_gtg_retry()
        self.drain('create_invoice')
        (effect,) = self.sandbox.ledger('sinvoice', 'create_invoice')
        self.assertEqual(effect['object_id'], einvoice.number)

    def test_nobody_declares_it_issued_without_its_number(self):
        self.sandbox.faults('sinvoice', 'create', 'lose_response', times=1)
        einvoice = self.issue(self.make_invoice())
        task = einvoice._create_task()
        task.write({'state': 'failed'})
        with self.assertRaisesRegex(UserError, 'looked up'):
            task.action_mark_done()

    def test_reference_is_for_life(self):
        move = self.make_invoice(series=self.unknown_series())
        einvoice = self.issue(move)
        reference = einvoice.reference
        move.gtg_series_id = self.series('later')
        move.action_gtg_issue()
        self.drain('create_invoice')
        self.assertEqual(einvoice.reference, reference)
        self.assertEqual(
            self.sandbox.ledger('sinvoice', 'create_invoice')[0]['reference'], reference)

    def test_secrets(self):
        einvoice = self.issue(self.make_invoice())
        biller = new_test_user(
            self.env, 'biller', groups='account.group_account_invoice',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        seen = einvoice.with_user(biller)
        self.assertEqual(seen.number, einvoice.number)
        for record, field in ((seen, 'lookup_code'), (seen, 'payload'),
                              (self.account.with_user(biller), 'password')):
            with self.assertRaises(AccessError):
                record.read([field])
        secret = einvoice.lookup_code
        texts = ' '.join(
            str(message.body) for message in einvoice.message_ids
            | einvoice.move_id.message_ids)
        self.assertNotIn(secret, texts)
        self.assertNotIn(secret, str(einvoice.sudo().gtg_task_ids.mapped('result')))

    def test_companies_do_not_see_each_other(self):
        einvoice = self.issue(self.make_invoice())
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = new_test_user(
            self.env, 'stranger', groups='account.group_account_manager',
            company_id=other.id, company_ids=[Command.set(other.ids)])
        for model in ('gtg.einvoice', 'gtg.einvoice.account', 'gtg.einvoice.series'):
            self.assertFalse(self.env[model].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            einvoice.with_user(stranger).read(['number'])

    def test_biller_issues(self):
        biller = new_test_user(
            self.env, 'biller', groups='account.group_account_invoice',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        move = self.make_invoice().with_user(biller)
        move.action_gtg_issue()
        self.drain('create_invoice')
        self.assertTrue(move.gtg_einvoice_number)
