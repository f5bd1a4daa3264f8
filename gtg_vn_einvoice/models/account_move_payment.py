from odoo import fields, models

KINDS = {'cash': 'TM', 'bank': 'CK', 'credit': 'CK'}  # by type of the journal
BOTH = 'TM/CK'
PAID = ('paid', 'in_payment')


class AccountMove(models.Model):
    """How the buyer pays, in the letters that e-invoices print."""

    _inherit = 'account.move'

    gtg_payment_method = fields.Selection([
        ('TM', 'Cash (TM)'), ('CK', 'Bank transfer, card, wallet (CK)'),
        (BOTH, 'Cash and transfer (TM/CK)'),
        ('DTCN', 'Offset against debts (DTCN)'), ('KHAC', 'Other (KHAC)'),
    ], 'Payment on the e-invoice', copy=False,
        help='Empty: as it was paid, cash or bank; what nobody knows yet is printed as '
             'the e-invoice account says.')

    def _gtg_payment_text(self, account):
        """The payment method that the document prints.

        :param account: ``gtg.einvoice.account``, whose constant is the last resort
        """
        self.ensure_one()
        if self.gtg_payment_method:
            return self.gtg_payment_method
        kinds = self._gtg_paid_by()
        original = self.gtg_original_id.sudo().move_id
        if None in kinds and original:  # a correction of what was paid before
            if original.gtg_payment_method:
                return original.gtg_payment_method
            kinds = original._gtg_paid_by()
        if None in kinds:
            return account.payment_method or BOTH
        return BOTH if len(kinds) > 1 else kinds.pop()

    def _gtg_paid_by(self):
        """How the buyer has paid and, of what is open, is going to pay.

        :return: set of ``TM``, ``CK``, and None if a part is not known
        """
        self.ensure_one()
        kinds = self._gtg_received_by()
        if not kinds or self.payment_state not in PAID:
            kinds |= self._gtg_expected_by() or {None}
        return kinds

    def _gtg_received_by(self):
        """:return: set of ``TM`` and ``CK``; offsets and credit notes say nothing"""
        move = self.sudo()
        if move.payment_state == 'not_paid':
            return set()
        journals = move.matched_payment_ids.filtered(
            lambda payment: payment.state in ('in_process', 'paid')).journal_id
        for partial in move._get_all_reconciled_invoice_partials():
            journals |= partial['aml'].journal_id
        return {KINDS[kind] for kind in journals.mapped('type') if kind in KINDS}

    def _gtg_expected_by(self):
        """How the open part will be paid. Others extend it.

        :return: set of ``TM`` and ``CK``, empty if nobody knows
        """
        kind = self.preferred_payment_method_line_id.journal_id.type
        return {KINDS[kind]} if kind in KINDS else set()
