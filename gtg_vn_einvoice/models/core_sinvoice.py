"""Odoo's own module for S-Invoice (l10n_vn_edi_viettel) beside ours: it may be installed
or not, and be loaded before or after us. So only methods that it does not extend are
extended here, and its fields are read by name."""

from odoo import api, models
from odoo.exceptions import UserError

from .account_move_send import EDI
from .einvoice import HELD

CORE_EDI = 'vn_sinvoice_send'
UNSENT = (False, 'ready_to_send')


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_sent_by_core(self):
        """Whether Odoo's own S-Invoice module has issued it: never two for one sale."""
        return getattr(self, 'l10n_vn_edi_invoice_state', False) not in UNSENT

    def _gtg_core_problem(self):
        """:return: why the other module's e-invoice forbids ours, or None"""
        self.ensure_one()
        if 'l10n_vn_edi_invoice_state' not in self._fields:
            return None
        if self._gtg_sent_by_core():
            return self.env._(
                "It was issued by Odoo's own S-Invoice module already. One sale has one "
                'e-invoice.')
        if self.l10n_vn_edi_invoice_transaction_id:
            # it keeps this before it calls, and keeps it when no answer comes
            return self.env._(
                "Odoo's own S-Invoice module has tried to send it and S-Invoice may have "
                'issued it. Send it there again: that looks it up first. If it cannot be '
                'sent there, cancel this invoice and issue a copy of it.')
        if self.l10n_vn_edi_replacement_origin_id._gtg_sent_by_core():
            return self.env._(
                "It replaces %s, which Odoo's own S-Invoice module has issued. Send it "
                'there.', self.l10n_vn_edi_replacement_origin_id.display_name)
        return None

    def _gtg_einvoice_problems(self):
        problems = super()._gtg_einvoice_problems()
        problem = self.state == 'posted' and self._gtg_core_problem()
        return [problem, *problems] if problem else problems

    def _gtg_can_issue(self):
        return super()._gtg_can_issue() and not self._gtg_core_problem()

    def _gtg_issued_here(self):
        """Whether an e-invoice of ours exists, is asked for or may exist."""
        self.ensure_one()
        einvoices = self.sudo().gtg_einvoice_ids
        return bool(einvoices.filtered(lambda e: (
            e.state in ('queued', *HELD) or e._outcome_unknown())))


class Einvoice(models.Model):
    _inherit = 'gtg.einvoice'

    def _unchanged_payload(self):
        """Asked once more when it is sent: it may have waited for hours.

        :raise UserError: the other module was faster
        """
        problem = self.move_id._gtg_core_problem()
        if problem:
            raise UserError(problem)
        return super()._unchanged_payload()


class AccountMoveSend(models.AbstractModel):
    _inherit = 'account.move.send'

    @api.model
    def _get_default_extra_edis(self, move):
        """One of both at most is offered: ours where ours is possible."""
        offered = super()._get_default_extra_edis(move)
        if EDI in offered or CORE_EDI in offered and (
                move._gtg_issued_here() or move._gtg_issued_elsewhere()):
            offered = offered - {CORE_EDI}
        return offered

    @api.model
    def _generate_invoice_documents(self, invoices_data, allow_fallback_pdf=False):
        """Whoever sends, by hand, in bulk or by the cron, comes through here."""
        refused = {}
        for move, data in invoices_data.items():
            if CORE_EDI not in data['extra_edis']:
                continue
            issued = move._gtg_issued_here()
            elsewhere = not issued and move._gtg_issued_elsewhere()
            if issued or elsewhere or EDI in data['extra_edis']:
                refused[move] = data
                data['error'] = {
                    'error_title': self.env._('One sale has one e-invoice:'),
                    'errors': [elsewhere or (self.env._(
                        '%s has its e-invoice already, or it is just being issued. '
                        'Untick "Send to SInvoice".', move.display_name) if issued
                        else self.env._(
                            '%s was asked for at two e-invoice programs. Tick one of '
                            'them.', move.display_name))]}
        others = {move: data for move, data in invoices_data.items()
                  if move not in refused}
        return super()._generate_invoice_documents(
            others, allow_fallback_pdf=allow_fallback_pdf)
