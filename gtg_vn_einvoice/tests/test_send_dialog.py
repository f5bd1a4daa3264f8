from odoo.tests import tagged

from ..models.einvoice import GATE
from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestSendDialog(EinvoiceCase):
    bench = SInvoiceBench()

    def wizard(self, move):
        return self.env['account.move.send.wizard'].with_context(
            active_model='account.move', active_ids=move.ids).create({})

    def test_dialog_asks_the_outbox_and_mails_later(self):
        move = self.make_invoice(series=self.series('later'))
        calls = len(self.sandbox.calls('sinvoice'))
        wizard = self.wizard(move)
        self.assertTrue(wizard.extra_edi_checkboxes['gtg_einvoice']['checked'])
        before = self.env['mail.mail'].search_count([])
        wizard.action_send_and_print()
        self.assertEqual(move.gtg_einvoice_state, 'queued')
        self.assertEqual(len(self.sandbox.calls('sinvoice')), calls,
                         'no HTTP in the transaction of the user')
        self.assertEqual(self.env['mail.mail'].search_count([]), before)
        self.drain('create_invoice')
        self.bench.approve(self.sandbox, move.gtg_einvoice_id)
        self.drain('poll_code')
        self.drain('fetch_files')
        self.assertTrue(self.mails_to_buyer(move.gtg_einvoice_id))
        self.assertNotIn('gtg_einvoice', self.wizard(move).extra_edi_checkboxes or {})

    def test_files_that_differ_are_not_attached(self):
        move = self.make_invoice(series=self.series('later'))
        einvoice = self.issue(move)
        einvoice.with_context(gtg_state_gate=GATE).amount_total = 1
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'mismatch')
        send = self.env['account.move.send']
        self.assertFalse(send._get_invoice_extra_attachments(move)
                         & einvoice._file_attachments())
        self.assertIn('differs', str(self.wizard(move).alerts))
        einvoice.with_context(gtg_state_gate=GATE).xml_state = 'ok'
        self.assertEqual(len(send._get_invoice_extra_attachments(move)
                             & einvoice._file_attachments()), 2)

    def test_dialog_says_what_is_missing(self):
        self.buyer.vat = '0101243151'
        move = self.make_invoice()
        alerts = self.wizard(move).alerts
        (alert,) = [alert for key, alert in alerts.items() if 'gtg_einvoice' in key]
        self.assertEqual(alert['level'], 'danger')
        self.assertIn('0101243151', alert['message'])

    def test_without_the_tick_core_sends_as_ever(self):
        move = self.make_invoice()
        wizard = self.wizard(move)
        wizard.extra_edi_checkboxes = {
            'gtg_einvoice': {**wizard.extra_edi_checkboxes['gtg_einvoice'],
                             'checked': False}}
        wizard.action_send_and_print()
        self.assertFalse(move.gtg_einvoice_id)
        self.assertTrue(move.is_move_sent)
