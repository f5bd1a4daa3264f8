from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        """Stock has been given out: who still waits is short of it, who got it is
        not any more.
        """
        res = super()._action_assign(force_qty=force_qty)
        orders = self.sudo().sale_line_id.order_id
        checked = orders.filtered("gtg_channel_id.check_stock")
        checked._gtg_check(only=("stock",))
        (orders - checked)._gtg_end_told(only=("stock",))
        return res
