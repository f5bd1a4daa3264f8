from odoo import api, models
from odoo.exceptions import UserError

from .einvoice import GATE

NOT_ASKED = (False, 'draft')


class AccountMove(models.Model):
    """What turns an invoice round in the books, before or instead of an adjustment."""

    _inherit = 'account.move'

    @api.depends('reversal_move_ids.state', 'reversal_move_ids.amount_total')
    def _compute_gtg_legal_deadline(self):
        return super()._compute_gtg_legal_deadline()

    def _post(self, soft=True):
        posted = super()._post(soft)
        notes = posted.filtered(lambda move: move.move_type == 'out_refund')
        waiting = notes.reversed_entry_id.sudo().gtg_einvoice_id.filtered(
            lambda einvoice: einvoice.state == 'queued')
        # they are checked once more before they are sent
        waiting.with_context(gtg_state_gate=GATE).checked_on = False
        return posted

    def _gtg_is_undone(self):
        """Whether the whole sale was taken back before it had any e-invoice."""
        return self.gtg_einvoice_state in NOT_ASKED and self._gtg_is_credited()

    def _gtg_is_credited(self):
        """Whether credit notes take the whole invoice back in the books."""
        self.ensure_one()
        if self.move_type != 'out_invoice' or self._gtg_kind():
            return False
        notes = self.reversal_move_ids.filtered(lambda move: (
            move.state == 'posted' and move.currency_id == self.currency_id))
        return bool(notes) and self.currency_id.compare_amounts(
            sum(notes.mapped('amount_total')), self.amount_total) >= 0

    def _gtg_to_issue(self):
        original = self.reversed_entry_id
        return super()._gtg_to_issue() and not self._gtg_is_undone() and not (
            original and original._gtg_is_undone())

    def _gtg_can_issue(self):
        return super()._gtg_can_issue() and not self._gtg_is_undone()

    def _gtg_einvoice_problems(self):
        if self.state == 'posted' and self._gtg_is_undone():
            return [self._gtg_undone_text()]
        return super()._gtg_einvoice_problems()

    def _gtg_undone_text(self):
        return self.env._(
            '%s was credited in full before it had an e-invoice, so none is issued. '
            'Issue the new invoice.', self.display_name)

    def _gtg_check_not_issued(self):
        """Nor is the note undone that keeps a replaced sale from counting twice."""
        result = super()._gtg_check_not_issued()
        for note in self.filtered(lambda move: move.gtg_correction_kind == 'books'):
            old = note.reversed_entry_id.sudo()
            new = old.search([
                ('gtg_corrects_id', 'in', old.gtg_einvoice_ids.ids),
                ('gtg_correction_kind', '=', 'replace'), ('state', '!=', 'cancel')])
            if new:
                raise UserError(self.env._(
                    '%(note)s takes %(old)s out of the books because %(new)s replaces '
                    'it. To give the replacement up, delete it while it is a draft; then '
                    'this can be undone.', note=note.display_name, old=old.display_name,
                    new=', '.join(new.mapped('display_name'))))
        return result
