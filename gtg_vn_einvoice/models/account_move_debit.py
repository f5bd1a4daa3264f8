"""Debit notes (core's account_debit_note, which may be installed or not): what is raised
after the e-invoice is no new sale by law, it adjusts the e-invoice."""

from odoo import api, models

from .einvoice import HELD


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_debited(self):
        """:return: the invoice that this debit note raises, empty of other moves"""
        origin = 'debit_origin_id' in self._fields and self.debit_origin_id
        if not origin or self.move_type != 'out_invoice':
            return self.browse()
        einvoice = self.gtg_einvoice_id.sudo()
        # one that was issued as a sale of its own stays one
        as_sale = einvoice.state in HELD and not einvoice.correction_kind
        return self.browse() if as_sale else origin

    @api.depends(lambda self: ['debit_origin_id.gtg_einvoice_id']
                 if 'debit_origin_id' in self._fields else [])
    def _compute_gtg_original(self):
        result = super()._compute_gtg_original()
        for move in self:
            origin = move._gtg_debited()
            if origin and not move.gtg_original_id:
                # what raises an adjustment again adjusts the same original
                move.gtg_original_id = (
                    origin.gtg_original_id if origin._gtg_kind() == 'adjust'
                    else origin.gtg_einvoice_id)
        return result

    def _gtg_kind(self):
        return super()._gtg_kind() or ('adjust' if self._gtg_debited() else '')

    def _gtg_original_problems(self, original, kind, series):
        origin = self._gtg_debited()
        if origin and not original.number:
            return [self.env._(
                'Debit note: by law it adjusts the e-invoice of %s, which has none here. '
                'Issue that first; if it was issued elsewhere, adjust it there.',
                origin.display_name)]
        return super()._gtg_original_problems(original, kind, series)
