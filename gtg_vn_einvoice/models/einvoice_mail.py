from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize_all

from .einvoice import STANDING


class Einvoice(models.Model):
    """The buyer gets original, picture, and what finds it at the provider."""

    _inherit = 'gtg.einvoice'

    mail_partner_id = fields.Many2one(
        'res.partner', 'Mailed to', compute='_compute_mail_partner',
        help='Empty: neither the buyer nor its company has an e-mail address.')
    lookup_url = fields.Char(related='account_id.lookup_url', string='Look-up address')

    @api.depends('partner_id.email', 'partner_id.commercial_partner_id.email')
    def _compute_mail_partner(self):
        for einvoice in self:
            buyer = einvoice._gtg_contact()
            einvoice.mail_partner_id = (buyer | buyer.commercial_partner_id).filtered(
                lambda partner: email_normalize_all(partner.email or ''))[:1]

    def _gtg_contact(self):
        """The contact of the buyer. Others extend it."""
        return self.partner_id

    def action_mail_again(self):
        """Button: mail the files to the buyer, also if that was done before."""
        self.check_access('write')
        for einvoice in self.sudo():
            if einvoice.state not in STANDING or einvoice.xml_state != 'ok':
                raise UserError(self.env._(
                    '%s is not mailed: it is not valid yet or no more, or its files are '
                    'missing or differ from the invoice.', einvoice.display_name))
            if not einvoice.mail_partner_id:
                raise UserError(self.env._(
                    '%(name)s: %(buyer)s has no e-mail address. Enter it on the contact.',
                    name=einvoice.display_name, buyer=einvoice.partner_id.display_name))
            einvoice._mail()

    def _mail_buyer(self):
        """Send XML and PDF, once, and never before the document is valid."""
        self.ensure_one()
        if self.mailed_at or not self.account_id.send_mail or (
                self.state not in STANDING or not self.mail_partner_id):
            return
        self._mail()

    def _mail(self):
        # copies: what belongs to a mail may be deleted with it
        files = self._file_attachments()
        copies = files.create([{
            'name': file.name, 'raw': file.raw, 'mimetype': file.mimetype,
            'res_model': 'mail.message', 'res_id': 0} for file in files])
        mail = self.env['mail.mail'].sudo().browse(
            self.env.ref('gtg_vn_einvoice.mail_template_einvoice').sudo().send_mail(
                self.id, email_values={'attachment_ids': copies.ids}))
        # an older template names the buyer, who may have no address; others stay
        mail.recipient_ids = mail.recipient_ids - self.partner_id | self.mail_partner_id
        self._set_state(self.state, mailed_at=fields.Datetime.now())


class EinvoiceAccount(models.Model):
    _inherit = 'gtg.einvoice.account'

    lookup_url = fields.Char(
        'Look-up address', compute='_compute_lookup_url', store=True, readonly=False,
        help='Where buyers find their invoices by the look-up code. It is told to them in '
             'the mail, on the portal and on the printed invoice.')

    @api.depends('provider', 'environment', 'custom_url')
    def _compute_lookup_url(self):
        for account in self:
            adapter = f'gtg.einvoice.{account.provider}'
            account.lookup_url = adapter in self.env and (
                self.env[adapter]._lookup_url(account)) or account.lookup_url

    @api.constrains('lookup_url')
    def _check_lookup_url(self):
        # buyers click it: nothing but an address of the web
        for account in self.filtered('lookup_url'):
            if urlsplit(account.lookup_url).scheme not in ('https', 'http'):
                raise ValidationError(self.env._(
                    'Look-up address: write the whole address, beginning with https://'))


class MailMail(models.Model):
    _inherit = 'mail.mail'

    def _postprocess_sent_message(self, success_pids, success_emails,
                                  failure_reason=False, failure_type=None):
        """An invoice whose mail did not leave counts as not mailed."""
        if failure_type:
            lost = self.sudo().filtered(
                lambda mail: mail.model == 'gtg.einvoice' and not mail.is_notification)
            for einvoice in self.env['gtg.einvoice'].sudo().browse(
                    lost.mapped('res_id')).exists().filtered('mailed_at'):
                einvoice._set_state(einvoice.state, mailed_at=False)
                einvoice._alarm(self.env._(
                    'The mail of e-invoice %s could not be sent. Correct the address or '
                    'the mail server, then press "Send again".', einvoice.number))
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason,
            failure_type=failure_type)
