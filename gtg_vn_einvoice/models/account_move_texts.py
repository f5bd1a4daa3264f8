from decimal import Decimal

from odoo import api, fields, models

from ..lib.document import Buyer
from .account_move import READERS
from .einvoice import HELD


class AccountMove(models.Model):
    """Adjustments of mere texts: an invoice over nothing, whose e-invoice names the wrong
    words and the right ones, and the buyer as he should have been named."""

    _inherit = 'account.move'

    gtg_corrected_text = fields.Char(
        'Text as corrected', copy=False,
        groups=READERS,
        help='The wrong words and the right ones, as the e-invoice says them. There are '
             'no amounts on it.')

    gtg_corrects_buyer = fields.Boolean(
        'Right buyer', copy=False, readonly=True, groups=READERS)

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        if not moves._gtg_links_free() and moves.sudo().filtered(
                lambda move: move.gtg_corrected_text or move.gtg_corrects_buyer):
            moves._gtg_deny_links()
        return moves

    def write(self, vals):
        if 'gtg_corrects_buyer' in vals and not self._gtg_links_free():
            self._gtg_deny_links()
        if 'gtg_corrected_text' in vals and not self._gtg_links_free() and (
            self.sudo().filtered(lambda move: (
                bool(move.gtg_corrected_text) != bool(vals['gtg_corrected_text'])
                or move.gtg_einvoice_state in ('queued', *HELD)))):
            self._gtg_deny_links()
        return super().write(vals)

    def _gtg_texts_only(self):
        return bool(self.sudo().gtg_corrected_text)

    def _gtg_names_new_buyer(self):
        """Whether it is meant to name another buyer; all other adjustments repeat him."""
        return self._gtg_texts_only() and self.sudo().gtg_corrects_buyer

    def _gtg_right_buyer(self):
        """The buyer whom an adjustment of texts has named, where the books still have the
        one of the invoice: goods that come back were his.

        :return: ``lib.document.Buyer``, or None where the books' buyer counts
        """
        original = self.gtg_original_id.sudo()
        if self._gtg_kind() != 'adjust' or self._gtg_names_new_buyer() or not original:
            return None
        named = original._gtg_buyer_now()
        books, right = original.move_id.partner_id, named.move_id.partner_id
        if not named.buyer_named or (
                self.partner_id.commercial_partner_id != books.commercial_partner_id
                or right.commercial_partner_id == books.commercial_partner_id):
            return None
        return Buyer(
            **named.buyer_named, tax_code=named.buyer_tax_code or '',
            phone=right.phone or '', email=right.email or '')

    def _gtg_lines(self, series):
        if not self._gtg_texts_only():
            return super()._gtg_lines(series)
        if any(line.price_total for line in self.invoice_line_ids):
            return [], [self.env._(
                'Lines: an adjustment of mere texts has no amounts. Set the prices to 0, '
                'or delete it and correct the e-invoice by the difference.')]
        return [], []

    def _gtg_signed_lines(self, lines, original, digits, decimals):
        if self._gtg_texts_only():
            return (), Decimal(0), []
        return super()._gtg_signed_lines(lines, original, digits, decimals)


class Einvoice(models.Model):
    _inherit = 'gtg.einvoice'

    @api.depends('original_id')
    def _compute_mail_partner(self):
        return super()._compute_mail_partner()

    def _gtg_contact(self):
        """It goes to whom it names, also where the books have the wrong buyer."""
        named = self.correction_kind == 'adjust' and (
            self.original_id.sudo()._gtg_buyer_now())
        if named and named != self.original_id and self.id > named.id and (
                self.buyer_tax_code == named.buyer_tax_code
                != self.original_id.buyer_tax_code):
            return named.partner_id
        return super()._gtg_contact()
