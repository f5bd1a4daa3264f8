from odoo import models


class AccountMove(models.Model):
    _inherit = 'account.move'

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
