from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from .account_move import READERS


class AccountMove(models.Model):
    """The money of a replaced invoice follows to the one that replaces it."""

    _inherit = 'account.move'

    gtg_paid_by_ids = fields.Many2many(
        'account.move.line', 'gtg_einvoice_paid_by', 'move_id', 'line_id', copy=False,
        readonly=True, string='Payments before the replacement', groups=READERS)

    def _gtg_remember_payments(self):
        """Before the books reverse it, which takes its payments off."""
        own = self._gtg_owed()
        partials = own.matched_credit_ids | own.matched_debit_ids
        paid = (partials.credit_move_id | partials.debit_move_id) - own
        self.sudo().gtg_paid_by_ids = paid.filtered(
            lambda line: line.move_id.move_type == 'entry')

    def _gtg_owed(self):
        return self.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == 'asset_receivable')

    def _post(self, soft=True):
        posted = super()._post(soft)
        for move in posted.filtered(lambda move: move.gtg_correction_kind == 'replace'):
            move._gtg_take_payments()
        return posted

    def _gtg_take_payments(self):
        """What is still free of them pays this invoice; posting must not fail by it."""
        self.ensure_one()
        old, owed = self.sudo().gtg_corrects_id.move_id, self._gtg_owed()
        if old.commercial_partner_id == self.commercial_partner_id:
            # payments without an entry are only named; the bank settles them later
            old.matched_payment_ids.filtered(lambda payment: (
                not payment.move_id and payment.state in ('in_process', 'paid'))).write({
                    'invoice_ids': [Command.unlink(old.id), Command.link(self.id)]})
        lines = old.gtg_paid_by_ids.filtered(
            lambda line: not line.reconciled and line.parent_state == 'posted'
            and line.account_id in owed.account_id
            and line.partner_id.commercial_partner_id == self.commercial_partner_id)
        self._gtg_tell_left_payments(old, lines)
        try:
            with self.env.cr.savepoint():
                for account, group in lines.grouped('account_id').items():
                    (group | owed.filtered(
                        lambda line, account=account: line.account_id == account
                    )).reconcile()
        except UserError as error:
            self._gtg_tell_not_taken(error)

    def _gtg_tell_left_payments(self, old, lines):
        """What stays with another buyer is free there; somebody must know it.

        :param lines: journal items that are taken
        """
        left = (old.gtg_paid_by_ids - lines).filtered(
            lambda line: not line.reconciled and line.parent_state == 'posted')
        told = [(line.move_id.name, line.amount_residual, line.company_currency_id)
                for line in left]
        told += [
            (payment.name, payment.amount, payment.currency_id)
            for payment in old.matched_payment_ids
            if not payment.move_id and payment.state in ('in_process', 'paid')]
        if told:
            self._gtg_tell_not_taken(', '.join(
                f'{name} ({formatLang(self.env, abs(amount), currency_obj=currency)})'
                for name, amount, currency in told))

    def _gtg_tell_not_taken(self, what):
        self.message_post(body=self.env._(
            'The payment of the replaced invoice could not be taken over: %s', what))
