from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench

SITE = 'https://tracuu.example/hd'


@tagged('post_install', '-at_install')
class TestMail(EinvoiceCase):
    """The buyer gets files and look-up code, or somebody sees that it did not."""

    bench = SInvoiceBench()

    def setUp(self):
        super().setUp()
        self.account.lookup_url = SITE

    def valid(self, move=None):
        einvoice = self.issue(move or self.make_invoice(series=self.series('later')))
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        return einvoice

    def not_mailed(self):
        view = self.env.ref('gtg_vn_einvoice.einvoice_view_search')
        arch = self.env['gtg.einvoice'].get_view(view.id, 'search')['arch']
        self.assertIn('name="not_mailed"', arch)
        return self.env['gtg.einvoice'].search([
            ('mailed_at', '=', False), ('xml_state', '=', 'ok'),
            ('state', 'in', ('issued', 'coded', 'corrected'))])

    def mails_to(self, einvoice, partner):
        return self.env['mail.mail'].search([
            ('model', '=', 'gtg.einvoice'), ('res_id', '=', einvoice.id),
            ('recipient_ids', 'in', partner.ids)])

    def test_look_up_code_and_address_reach_the_buyer(self):
        einvoice = self.valid()
        mail = self.mails_to_buyer(einvoice)
        printed, _kind = self.env['ir.actions.report']._render_qweb_html(
            'account.account_invoices', einvoice.move_id.ids)
        for text in (str(mail.body_html), printed.decode()):
            self.assertIn(einvoice.lookup_code, text)
            self.assertIn(SITE, text)

    def test_nothing_is_printed_before_it_is_valid(self):
        einvoice = self.issue(self.make_invoice(series=self.series('later')))
        printed, _kind = self.env['ir.actions.report']._render_qweb_html(
            'account.account_invoices', einvoice.move_id.ids)
        self.assertNotIn(einvoice.lookup_code, printed.decode())

    def test_address_of_the_company_is_used(self):
        contact = self.env['res.partner'].create({
            'name': 'Phòng mua hàng', 'parent_id': self.buyer.id, 'type': 'invoice'})
        template = self.env.ref('gtg_vn_einvoice.mail_template_einvoice')
        # databases keep the template that they once got
        for partner_to in (template.partner_to, '{{ object.partner_id.id }}'):
            template.partner_to = partner_to
            einvoice = self.valid(self.make_invoice(
                partner=contact, series=self.series('later')))
            self.assertEqual(
                self.mails_to(einvoice, self.buyer).recipient_ids, self.buyer)
            self.assertFalse(self.mails_to(einvoice, contact))
            self.assertTrue(einvoice.mailed_at)

    def test_who_has_no_address_is_found_and_mailed_later(self):
        self.buyer.email = False
        einvoice = self.valid()
        self.assertFalse(einvoice.mailed_at)
        self.assertIn(einvoice, self.not_mailed())
        with self.assertRaisesRegex(UserError, 'no e-mail address'):
            einvoice.action_mail_again()
        self.buyer.email = 'moi@saomai.example'
        biller = new_test_user(
            self.env, 'biller', groups='account.group_account_invoice',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        einvoice.with_user(biller).action_mail_again()
        self.assertEqual(len(self.mails_to_buyer(einvoice).attachment_ids), 2)
        self.assertNotIn(einvoice, self.not_mailed())

    def test_a_mail_that_did_not_leave_is_not_mailed(self):
        einvoice = self.valid()
        servers = self.env.registry['ir.mail_server']
        with patch.object(servers, '_disable_send', return_value=False), patch.object(
                servers, 'send_email', side_effect=MailDeliveryException('x')), (
                mute_logger('odoo.addons.mail.models.mail_mail')):
            self.mails_to_buyer(einvoice).send()
        self.assertFalse(einvoice.mailed_at)
        self.assertIn('could not be sent', einvoice.activity_ids.summary)
        einvoice.action_mail_again()
        self.assertTrue(einvoice.mailed_at)

    def test_only_what_is_valid_and_only_by_invoicing(self):
        einvoice = self.issue(self.make_invoice(series=self.series('later')))
        with self.assertRaisesRegex(UserError, 'is not mailed'):
            einvoice.action_mail_again()
        auditor = new_test_user(
            self.env, 'auditor', groups='account.group_account_readonly',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError):
            self.valid().with_user(auditor).action_mail_again()

    def test_the_address_is_one_of_the_web(self):
        for wrong in ('javascript:alert(1)', 'tracuu.example', '//tracuu.example'):
            with self.assertRaises(ValidationError):
                self.account.lookup_url = wrong

    def test_providers_know_their_site(self):
        self.account.write({'provider': 'misa'})
        self.assertEqual(self.account.lookup_url, 'https://www.meinvoice.vn/tra-cuu')
        self.account.write({
            'provider': 'vnpt',
            'vnpt_url': 'https://0312345678-tt78admin.vnpt-invoice.com.vn'})
        self.assertEqual(
            self.account.lookup_url, 'https://0312345678-tt78.vnpt-invoice.com.vn')
