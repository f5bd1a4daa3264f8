from odoo import fields, models

YES_NO = [('yes', 'Yes'), ('no', 'No')]


class AccountJournal(models.Model):
    _inherit = 'account.journal'

    gtg_auto_einvoice = fields.Selection(
        YES_NO, 'Issue e-invoices by itself',
        help='When an invoice of this journal is confirmed. Empty: as the company.')


class AccountMove(models.Model):
    """E-invoices that are asked for when the invoice is confirmed."""

    _inherit = 'account.move'

    def _post(self, soft=True):
        posted = super()._post(soft)
        if not self.env.context.get('gtg_issue_later'):
            # corrections are a person's work; nor is what was not asked for a problem
            posted.filtered(lambda move: (
                move._gtg_is_due_by_rule() and move._gtg_can_issue()
            ))._gtg_issue_by_rule()
        return posted

    def _gtg_is_due_by_rule(self):
        return self.move_type == 'out_invoice' and not self._gtg_kind() and (
            self._gtg_issue_rule())

    def _gtg_may_be_issued_elsewhere(self):
        """Whether it is of the time before us, or names a number that is not ours: only
        a person knows then."""
        first = self.company_id.gtg_einvoice_watch_from
        return bool(not first or (self.invoice_date or first) < first
                    or self._gtg_foreign_number())

    def _gtg_older_text(self):
        """:return: why a click on many does not issue this one, or None"""
        if self._gtg_kind() or self.sudo().gtg_einvoice_ids or (
                not self._gtg_may_be_issued_elsewhere()):
            return None
        if not (self.company_id.gtg_einvoice_watch_from or self._gtg_foreign_number()):
            return self.env._(
                'Settings: "Watch invoices from" is empty, so nobody knows which invoices '
                'were issued in another program. Ask your accountant to enter the day.')
        return self.env._(
            'Invoice date: it is of before "Watch invoices from" of the settings, so it '
            'may have been issued in another program. If it was, enter its number '
            'elsewhere; if not, press "Issue e-invoice" on the invoice itself.')

    def _gtg_issue_rule(self):
        """Whether journal or company wants the e-invoice without a click. Others
        extend it."""
        self.ensure_one()
        if self._gtg_may_be_issued_elsewhere():
            return False
        chosen = self.journal_id.gtg_auto_einvoice
        return chosen == 'yes' or not chosen and self.company_id.gtg_auto_einvoice

    def _gtg_issue_by_rule(self):
        """Confirming must not fail by the e-invoice: what forbids it stays on the
        invoice and on the list of deadlines."""
        if self:  # a rule of the company acts, not a right of the person
            bulk = self.env['gtg.einvoice.bulk'].sudo()
            for move, text in bulk._issue_or_tell(self.sudo()).items():
                if move.gtg_einvoice_problem != text:
                    move.gtg_einvoice_problem = text
                move._gtg_einvoice_failed(text)
