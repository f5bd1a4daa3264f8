from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..lib import sentences
from ..lib.text import one_line
from ..models.einvoice import GATE


class EinvoiceCorrect(models.TransientModel):
    """Only texts are wrong: an adjustment without amounts, where the provider takes it."""

    _inherit = 'gtg.einvoice.correct'

    partner_id = fields.Many2one(
        'res.partner', 'Right buyer', check_company=True,
        domain="[('parent_id', '=', False)]",
        help='Whom the invoice should have named.')
    company_id = fields.Many2one(related='einvoice_id.company_id')
    wrong_text = fields.Char(
        'It says', compute='_compute_texts', store=True, readonly=False)
    right_text = fields.Char(
        'It should say', compute='_compute_texts', store=True, readonly=False)

    @api.depends('what', 'partner_id')
    def _compute_texts(self):
        for wizard in self:
            if wizard.what != 'buyer' or not wizard.partner_id:
                wizard.wrong_text = wizard.wrong_text
                wizard.right_text = wizard.right_text
                continue
            einvoice = wizard.einvoice_id.sudo()._gtg_buyer_now()
            style = einvoice.account_id.person_style
            old = einvoice._gtg_buyer_of_adjustments(
                einvoice.partner_id._gtg_einvoice_buyer(style)[0], exactly=True)
            new = wizard.partner_id._gtg_einvoice_buyer(style)[0]
            wizard.wrong_text = wizard._buyer_text(old, einvoice.buyer_tax_code)
            wizard.right_text = wizard._buyer_text(new, new.tax_code)

    def _buyer_text(self, buyer, code):
        return sentences.BUYER.format(
            name=buyer.legal_name or buyer.name or sentences.CONSUMER, code=code or '-')

    def _inform(self):
        """A draft invoice over nothing, whose e-invoice adjusts the texts."""
        if self.what == 'buyer' and not self.partner_id:
            raise UserError(self.env._('Right buyer: choose whom it should have named.'))
        texts = [one_line(text) for text in (self.wrong_text, self.right_text)]
        if not all(texts):
            raise UserError(self.env._(
                'It says, It should say: enter the wrong words and the right ones.'))
        text = sentences.TEXTS.format(wrong=texts[0], right=texts[1])
        old = self.move_id
        partner = self.partner_id if self.what == 'buyer' else (
            self.einvoice_id.sudo()._gtg_buyer_now().partner_id)
        move = old.create({
            'move_type': 'out_invoice', 'partner_id': partner.id,
            'company_id': old.company_id.id, 'journal_id': old.journal_id.id,
            'currency_id': old.currency_id.id, 'invoice_origin': old.invoice_origin,
            'invoice_user_id': old.invoice_user_id.id,
            'invoice_line_ids': [Command.create({
                'name': text, 'quantity': 1, 'price_unit': 0,
                'tax_ids': [Command.clear()]})]})
        self._link(move, 'adjust')
        move.with_context(gtg_state_gate=GATE).write({
            'gtg_corrected_text': text, 'gtg_corrects_buyer': self.what == 'buyer'})
        return move
