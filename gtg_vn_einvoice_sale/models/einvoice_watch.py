from odoo import api, models
from odoo.fields import Domain

CHANNEL = 'invoice_line_ids.sale_line_ids.order_id.gtg_channel_id'


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
            'outside': ('account.move', self._watched_moves() & Domain([
                ('move_type', '=', 'out_invoice'), ('state', '=', 'posted'),
                ('gtg_outside_key', '=', False), ('gtg_einvoice_id', '=', False),
                (f'{CHANNEL}.gtg_invoiced_elsewhere', '=', True)]),
                'gtg_vn_einvoice.account_move_view_list_outside'),
            'undone': ('gtg.einvoice', [
                ('sale_undone', '=', True),
                ('state', 'not in', ('draft', 'refused', 'replaced'))],
                'gtg_vn_einvoice.einvoice_view_list_watch'),
            'orders_late': ('sale.order', [('gtg_legal_deadline', '<', today)], view),
        }.get(code) or super()._watched(code)
