from odoo import models
from odoo.exceptions import UserError

from odoo.addons.gtg_vn_einvoice.models.account_move_reversed import NOT_ASKED


class SaleOrder(models.Model):
    """Orders whose invoice was corrected."""

    _inherit = 'sale.order'

    def _gtg_corrections(self):
        """Credit notes and replacements. They move core's invoiced quantities by whole
        units even where only a price was put right. What was taken back before it had
        any e-invoice was never sold by law: core's quantities are true then."""
        return self.sudo().invoice_ids.filtered(
            lambda move: move.state != 'cancel' and move._gtg_kind()
            and not move.reversed_entry_id.filtered(
                lambda original: original._gtg_is_undone()))

    def _gtg_never_invoiced(self):
        """Whether something was sold that no invoice has ever named, whatever was
        corrected: after a down payment, or delivered after a correction."""
        self.ensure_one()
        lines = self.sudo().order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment)
        return any(line.product_uom_id.compare(
            line._gtg_quantity_named(), line._gtg_quantity_sent()
            if line.product_id.invoice_policy == 'delivery' else line.product_uom_qty,
        ) < 0 for line in lines)

    def _gtg_is_only_returned(self):
        """Whether core calls to invoice only what came back and is credited."""
        corrections = self._gtg_corrections()
        return bool(corrections) and not self._gtg_never_invoiced() and (
            corrections <= self.sudo().gtg_return_ids.credit_note_ids)

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

    # === CANCELLED ORDERS === #

    def _gtg_asked_einvoices(self):
        """:return: e-invoices that only the correction flow takes back"""
        return self.sudo()._gtg_standing_moves().gtg_einvoice_id.filtered(
            lambda einvoice: einvoice.state not in NOT_ASKED)

    def _gtg_bills_to_credit(self):
        """Never a reversal of a bill whose e-invoice may stand at the tax office: its
        accountant is told, who adjusts or replaces it as the law wants."""
        bills = super()._gtg_bills_to_credit()
        return bills.filtered(lambda move: move.gtg_einvoice_state in NOT_ASKED)

    def _gtg_unpaid_notes(self):
        notes = super()._gtg_unpaid_notes()
        return notes.filtered(lambda move: move._gtg_kind() != 'books')


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def _gtg_quantity_named(self):
        """:return: quantity that invoices have ever named; what a replacement names
            again is counted once"""
        self.ensure_one()
        named = {True: 0, False: 0}
        for row in self.invoice_lines:
            move = row.move_id
            if move.state == 'posted' and move.move_type == 'out_invoice' and (
                    not move._gtg_is_undone()
            ) and not move._gtg_debited():  # it raises a price, it names no more goods
                named[move.gtg_correction_kind == 'replace'] += (
                    row.product_uom_id._compute_quantity(
                        row.quantity, self.product_uom_id))
        return max(named.values())

    def _gtg_quantity_sent(self):
        """:return: quantity delivered, with what came back and was credited: other
        pieces that are sent later have not been invoiced by that"""
        self.ensure_one()
        credited = self._gtg_quantity_named() - self.qty_invoiced
        if self.product_uom_id.compare(credited, 0) <= 0:
            return self.qty_delivered
        back = sum(
            move.product_uom._compute_quantity(move.quantity, self.product_uom_id)
            for move in self._gtg_back_since_invoiced()
            if move.product_id == self.product_id)  # a kit comes in its pieces
        return self.qty_delivered + min(back, credited)


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
