from odoo import models
from odoo.exceptions import UserError

from ..models.einvoice import GATE, HELD


class AccountMoveReversal(models.TransientModel):
    """Core's "Reverse and Create Invoice" is no way to correct an e-invoice: two full legal
    invoices would stand. What replaces one says so."""

    _inherit = 'account.move.reversal'

    def reverse_moves(self, is_modify=False):
        held = self.move_ids.filtered(
            lambda move: move.gtg_outside_key
            or move.gtg_einvoice_state in ('queued', *HELD))
        if not is_modify or not held or self._gtg_replaces():
            return super().reverse_moves(is_modify)
        if self.move_ids == held and len(held) == 1 and held.gtg_can_correct and (
                held.move_type == 'out_invoice'):
            return held.action_gtg_correct()
        raise UserError(self.env._(
            '%s: the e-invoice is issued or being issued, so a second one would stand '
            'beside it. Press "Correct e-invoice" on the invoice.',
            ', '.join(held.mapped('display_name'))))

    def _gtg_replaces(self):
        return self.env.context.get('gtg_state_gate') is GATE

    def _prepare_default_reversal(self, move):
        values = super()._prepare_default_reversal(move)
        if self._gtg_replaces():
            # known before it is posted: no money goes back by it
            values['gtg_correction_kind'] = 'books'
        return values
