from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Orders whose invoice was corrected."""

    _inherit = 'sale.order'

    def _gtg_corrections(self):
        """Credit notes and replacements. They move core's invoiced quantities by whole
        units even where only a price was put right."""
        return self.sudo().invoice_ids.filtered(
            lambda move: move.state != 'cancel' and move._gtg_kind())

    def _gtg_check_not_corrected(self):
        corrections = self._gtg_corrections()
        if corrections:
            raise UserError(self.env._(
                '%(order)s: its invoice was corrected by %(moves)s, so Odoo cannot tell '
                'what is left to invoice. Make a further invoice by hand.',
                order=self.name, moves=', '.join(corrections.mapped('display_name'))))

    def _gtg_standing_moves(self):
        """Without what a replacement took out of the books: no money went back."""
        moves = super()._gtg_standing_moves()
        books = moves.filtered(lambda move: move.gtg_correction_kind == 'books')
        return moves - books - books.reversed_entry_id


class OrderReturn(models.Model):
    _inherit = 'gtg.order.return'

    def _gtg_credit_notes(self):
        """:raise UserError: the invoice that would be credited is not there yet"""
        order = self.order_id.sudo()
        moves = order.invoice_ids
        drafts = moves.filtered(lambda move: (
            move.state == 'draft' and move.gtg_correction_kind == 'replace'))
        reversed_only = 'books' in moves.mapped('gtg_correction_kind') and (
            'out_invoice' not in order._gtg_standing_moves().mapped('move_type'))
        if drafts or reversed_only:
            raise UserError(self.env._(
                '%s: its invoice is being replaced. Confirm and issue the new invoice '
                'first, then credit what came back.', order.name))
        return super()._gtg_credit_notes()
