from odoo import models

from odoo.addons.gtg_vn_einvoice.models.account_move_reversed import NOT_ASKED


class AccountMove(models.Model):
    """Until it is issued, an invoice may still name another buyer."""

    _inherit = 'account.move'

    def _gtg_can_rename(self, order):
        """Whether the buyer of this order may have the invoice name somebody else."""
        self.ensure_one()
        if self._gtg_sale_orders() - order:
            return False  # others are on it: it cannot name this buyer alone
        if self.state == 'draft':
            return True
        einvoice = self.gtg_einvoice_id.sudo()
        return bool(
            self.move_type == 'out_invoice' and not self._gtg_kind()
            and self.gtg_einvoice_state in NOT_ASKED
            and not (einvoice and einvoice._outcome_unknown())
            and not self._gtg_issued_elsewhere() and not self._gtg_core_problem()
            # money, credit and closed periods hang on the name in the books
            and self.payment_state == 'not_paid' and not self.reversal_move_ids
            and self.show_reset_to_draft_button
            and not self._get_violated_lock_dates(self.date, self._affect_tax_report()))

    def _gtg_rename(self, contact):
        """Name another buyer; what was confirmed is confirmed again and not issued.

        :raise UserError: core has a reason to keep the invoice as it is
        """
        moves = self.filtered(lambda move: move.partner_id != contact)
        # nobody issues it meanwhile
        moves._gtg_lock_to_issue()
        confirmed = moves.filtered(lambda move: move.state == 'posted')
        confirmed.button_draft()
        for move in moves:
            # what was agreed with the buyer stays, whomever the invoice names
            move.write({'partner_id': contact.id} | {
                name: move[name].id for name in (
                    'invoice_payment_term_id', 'partner_shipping_id',
                    'fiscal_position_id')})
        confirmed.with_context(gtg_issue_later=True).action_post()
