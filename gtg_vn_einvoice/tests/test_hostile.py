from odoo.tests import new_test_user, tagged

from .common import EinvoiceCase
from .test_correct_texts import TextTools
from .test_misa import MisaBench
from .test_sinvoice import SInvoiceBench
from .test_vnpt import VnptBench

HOSTILE = 'Sai <b onclick="x()">"&\x07\u202e]]> \x1b{{7*7}}'
UNSEEN = ('\x07', '\x1b', '\u202e', '\\u0007', '\\u001b', '\\u202e')
IMAGE = '<img src=x onerror=alert(1)>'


class HostileTexts(TextTools):
    """What people write into corrections and what providers answer is text."""

    allow_inherited_tests_method = True  # or Odoo's own runner leaves these out
    refusal = None  # code of a refusal of the data

    def assert_text(self, correction):
        """The provider took it without what nobody sees, and the buyer's mail shows
        no markup of strangers."""
        self.assertTrue(correction.number, correction.gtg_task_message)
        self.complete(correction)
        self.assertEqual(correction.xml_state, 'ok', correction.xml_message)
        mail = str(self.mails_to_buyer(correction).body_html)
        for unseen in UNSEEN:
            self.assertNotIn(unseen, correction.payload)
        self.assertNotIn('<b onclick', mail + self.said(correction))

    def said(self, einvoice):
        """All that is written about it where people read."""
        messages = self.env['mail.message'].search([
            '|', '&', ('model', '=', 'gtg.einvoice'), ('res_id', '=', einvoice.id),
            '&', ('model', '=', 'account.move'), ('res_id', '=', einvoice.move_id.id)])
        return ' '.join(map(str, [
            *messages.mapped('body'), *einvoice.activity_ids.mapped('note')]))

    def test_adjustment(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        self.assert_text(self.issue(self.credit(
            move, 1, gtg_agreement_ref=HOSTILE, gtg_correction_reason=HOSTILE)))

    def test_replacement(self):
        new = self.corrected(self.wizard(
            self.valid_invoice(), 'all', reason=HOSTILE, agreement_ref=HOSTILE))
        new.action_post()
        self.assert_text(self.issue(new))

    def test_texts_only(self):
        if 'inform' not in self.account._adapter()._can_correct:
            return  # this provider takes none
        new = self.texts(
            self.valid_invoice(), reason=HOSTILE, agreement_ref=HOSTILE,
            wrong_text=HOSTILE, right_text=f'Áo {HOSTILE}')
        new.action_post()
        correction = self.issue(new)
        self.assert_text(correction)
        self.assertIn('{{7*7}}', correction.payload)
        # a person may still change the words on the draft
        again = self.texts(self.valid_invoice())
        again.gtg_corrected_text = HOSTILE
        again.action_post()
        self.assert_text(self.issue(again))

    def test_refusal_of_the_provider(self):
        user = new_test_user(
            self.env, 'hostile', 'account.group_account_invoice',
            email='ke.toan@example.com', notification_type='email')
        move = self.make_invoice(invoice_user_id=user.id)
        self.fault('refuse', key=self.refusal, text=IMAGE)
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'draft', einvoice.gtg_task_message)
        self.assertEqual(einvoice.activity_ids.user_id, user)
        # whole in the fields, which show text; no markup where markup is shown
        self.assertIn(IMAGE, move.gtg_einvoice_message)
        self.assertIn(IMAGE, einvoice.activity_ids.summary)
        einvoice.activity_ids.action_notify()  # the mail
        einvoice.activity_ids.action_feedback(feedback='Xong')  # the history
        self.assertNotIn('<img src=x', self.said(einvoice))
        self.assertIn('&lt;img src=x', self.said(einvoice))


@tagged('post_install', '-at_install')
class TestHostileSInvoice(HostileTexts, EinvoiceCase):
    bench, refusal = SInvoiceBench(), 'ITEM_NAME_NULL'


@tagged('post_install', '-at_install')
class TestHostileMisa(HostileTexts, EinvoiceCase):
    bench, refusal = MisaBench(), 'InvalidTaxCode'


@tagged('post_install', '-at_install')
class TestHostileVnpt(HostileTexts, EinvoiceCase):
    bench, refusal = VnptBench(), '3'
