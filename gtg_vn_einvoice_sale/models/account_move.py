from odoo import models

from odoo.addons.gtg_vn_einvoice.models.einvoice import HELD


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_einvoice_problems(self):
        """Never a legal invoice of what is in doubt, whichever button asks for it."""
        problems = super()._gtg_einvoice_problems()
        einvoice = self.gtg_einvoice_id.sudo()
        if self._gtg_kind() or einvoice and (
                einvoice.state in HELD or einvoice._outcome_unknown()):
            return problems  # too late to doubt: corrected, or looked up first
        orders = self._gtg_sale_orders()
        return problems + list(filter(None, (
            order._gtg_elsewhere_problem() for order in orders))) + [
            hold._gtg_sentence() for hold in orders._gtg_doubts()]

    def _gtg_can_issue(self):
        return super()._gtg_can_issue() and bool(
            self._gtg_kind() or not self._gtg_sale_orders().gtg_channel_id.filtered(
                'gtg_invoiced_elsewhere'))

    def _gtg_einvoice_issued(self, einvoice):
        result = super()._gtg_einvoice_issued(einvoice)
        orders = self._gtg_sale_orders()
        if orders:
            orders._gtg_release('einvoice')
        return result

    def _gtg_einvoice_failed(self, text, task=None):
        result = super()._gtg_einvoice_failed(text, task)
        if self._gtg_kind() and not self._gtg_adjustment_due():
            return result  # the accountant is told; the order's next step is no way out
        orders = self._gtg_sale_orders()
        # one hold per order says what the newest trouble is
        orders._gtg_release('einvoice')
        orders._gtg_hold('einvoice', '' if task else text or '', task=task)
        return result
