from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        credits = posted.filtered(lambda move: move.move_type == "out_refund")
        credits._gtg_sale_orders()._gtg_read_money()
        return posted

    def _invoice_paid_hook(self):
        res = super()._invoice_paid_hook()
        self._gtg_sale_orders()._gtg_read_money()
        return res

    def _gtg_sale_orders(self):
        return self.sudo().line_ids.sale_line_ids.order_id
