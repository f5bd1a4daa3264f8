from odoo import api, models


class Holiday(models.Model):
    _inherit = 'gtg.holiday'

    @api.model
    def _watched_models(self):
        return [*super()._watched_models(), 'sale.order']


class EinvoiceWatch(models.Model):
    _inherit = 'gtg.einvoice.watch'

    @api.model
    def _watched(self, code):
        today = self.env['gtg.legal.deadline']._gtg_today()
        view = 'gtg_vn_einvoice_sale.sale_order_view_list_watch'
        return {
            'orders': ('sale.order', [('gtg_legal_deadline', '>=', today)], view),
            'orders_late': ('sale.order', [('gtg_legal_deadline', '<', today)], view),
        }.get(code) or super()._watched(code)
