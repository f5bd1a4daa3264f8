from odoo import api, models

from .einvoice import ISSUED

SALES = ('out_invoice', 'out_refund')


class AccountMove(models.Model):
    """Until when the e-invoice of an invoice must be issued."""

    _name = 'account.move'
    _inherit = ['account.move', 'gtg.legal.deadline']

    @api.depends(lambda self: (
        'state', 'move_type', 'invoice_date', 'gtg_einvoice_state',
        'gtg_correction_kind', 'reversed_entry_id.gtg_einvoice_id',
        # Odoo's own module may have issued it, where it is installed
        *(['l10n_vn_edi_invoice_state']
          if 'l10n_vn_edi_invoice_state' in self._fields else [])))
    def _compute_gtg_legal_deadline(self):
        working = self.env['gtg.holiday']._working_days()
        for move in self:
            day = move._gtg_to_issue() and move._gtg_sale_day()
            first = move.company_id.gtg_einvoice_watch_from
            move.gtg_legal_deadline = working.next(day) if (
                day and first and day >= first) else False

    def _gtg_to_issue(self):
        """Whether the law waits for the e-invoice; a refused one has its own list."""
        self.ensure_one()
        # a credit note is issued as the adjustment of its original
        return (self.move_type in SALES and self.state == 'posted'
                and self.gtg_einvoice_state not in ISSUED
                and (self.move_type == 'out_invoice' or bool(self.gtg_original_id))
                and self._gtg_kind() != 'books' and not self._gtg_sent_by_core())

    def _gtg_sale_day(self):
        """The Vietnamese day on which the law wants the invoice. Others extend it."""
        self.ensure_one()
        return self.invoice_date
