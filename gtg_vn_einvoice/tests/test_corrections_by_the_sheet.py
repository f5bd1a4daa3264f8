import base64

from odoo.tests import tagged

from .common import EinvoiceCase
from .correction_conformance import CorrectionTools
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestCorrectionsByTheSheet(CorrectionTools, EinvoiceCase):
    """What the law says of tables, and what providers may write in their own way."""

    bench = SInvoiceBench()

    def test_reported_in_a_summary_table(self):
        """Article 10: the next table instead of a notice, and no paper."""
        move = self.valid_invoice()
        move.gtg_einvoice_id.sudo().series_id.in_summary = True
        form = self.wizard(move, 'name')
        self.assertFalse(form.way)
        self.assertIn('next table', form.why)
        form = self.wizard(move, 'return', agreement_ref=False, agreed_on=False)
        self.assertEqual(form.agreement, 'not_needed')
        self.assertIn('summary table', form.agreement_text)
        with form.line_ids.edit(0) as line:
            line.chosen = True
        note = self.corrected(form)
        note.action_post()
        self.assertFalse(note._gtg_einvoice_problems())

    def test_decrease_whose_xml_has_no_minus(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        adjustment = self.issue(self.credit(move, 1))
        self.complete(adjustment)
        content = base64.b64decode(adjustment.xml_file)
        self.assertEqual(adjustment._check_xml(content), ('ok', False))
        state, told = adjustment._check_xml(content.replace(b'>-', b'>'))
        self.assertEqual(state, 'ok', told)
        self.assertIn('without minus', told)
        total = str(int(-adjustment.amount_total)).encode()
        state, _told = adjustment._check_xml(content.replace(
            b'<TgTTTBSo>-' + total, b'<TgTTTBSo>' + total))
        self.assertEqual(state, 'mismatch', 'total and VAT go together')
        original = move.gtg_einvoice_id
        content = base64.b64decode(original.xml_file)
        self.assertEqual(original._check_xml(content.replace(
            b'<TgTTTBSo>', b'<TgTTTBSo>-'))[0], 'mismatch')
