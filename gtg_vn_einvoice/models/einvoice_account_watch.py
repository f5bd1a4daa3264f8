from odoo import api, models


class EinvoiceAccount(models.Model):
    _inherit = 'gtg.einvoice.account'

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        # from now on somebody expects e-invoices of this company
        accounts.company_id.sudo().filtered(
            lambda company: not company.gtg_einvoice_watch_from
        ).gtg_einvoice_watch_from = self.env['gtg.legal.deadline']._gtg_today()
        return accounts
