from odoo import models


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_issue_rule(self):
        """The channel's choice goes before those of journal and company."""
        if self._gtg_may_be_issued_elsewhere() or self._is_downpayment():
            return False  # for goods the law waits for the hand-over: a person decides
        orders = self._gtg_sale_orders().sudo()
        chosen = set(orders.gtg_channel_id.mapped('gtg_auto_einvoice')) - {False}
        if 'no' in chosen or any(order._gtg_is_elsewhere() for order in orders):
            return False
        return bool(chosen) or super()._gtg_issue_rule()
