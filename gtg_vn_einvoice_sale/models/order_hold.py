from odoo import models


class OrderHold(models.Model):
    _inherit = 'gtg.order.hold'

    def action_retry(self):
        """An e-invoice is checked and stored anew before it is tried again."""
        ours = self.filtered(lambda hold: hold.task_id.sudo().res_model == 'gtg.einvoice')
        ours.check_access('write')
        if ours:
            ours.order_id._gtg_check_may_issue()
        for hold in ours:
            self.env['gtg.einvoice'].sudo().browse(
                hold.task_id.sudo().res_id).action_gtg_retry()
        return super(OrderHold, self - ours).action_retry() if self - ours else True
