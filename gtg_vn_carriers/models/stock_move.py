from odoo import models


class StockMove(models.Model):
    _inherit = 'stock.move'

    def _action_assign(self, force_qty=False):
        res = super()._action_assign(force_qty=force_qty)
        if not self.env.context.get('gtg_splits'):
            self.picking_id._gtg_auto_request()
        return res

    def _action_cancel(self):
        res = super()._action_cancel()
        self.picking_id.filtered(
            lambda p: p.state == 'cancel').gtg_parcel_ids.sudo()._gtg_cancel()
        return res
