from odoo import fields, models
from odoo.tools import SQL

TRIGGERS = [
    ('shipped', 'When it leaves'),
    ('delivered', 'When the buyer has it'),
    ('completed', 'When it is completed (often late in law)'),
]


class ResCompany(models.Model):
    _inherit = 'res.company'

    gtg_invoice_trigger = fields.Selection(
        TRIGGERS, 'Invoice an order', default='delivered', required=True)
    gtg_auto_invoice = fields.Boolean(
        'Invoice by itself',
        help='The invoice of the order is made and confirmed without a person.')
    gtg_auto_einvoice = fields.Boolean(
        'Issue by itself',
        help='The e-invoice is issued as soon as the invoice has been confirmed.')

    def write(self, vals):
        result = super().write(vals)
        if 'gtg_invoice_trigger' in vals:
            self.env['sale.order']._gtg_recompute(SQL(
                "company_id = ANY(%s) AND state = 'sale' "
                "AND invoice_status <> 'invoiced' AND gtg_shipped_at IS NOT NULL",
                self.ids), 'gtg_sale_day')
        return result

    def _gtg_watch_changed(self, old, new):
        result = super()._gtg_watch_changed(old, new)
        self.env['sale.order']._gtg_recompute(SQL(
            "company_id = %s AND state = 'sale' AND gtg_sale_day >= %s", self.id,
            min(filter(None, [old, new]), default=fields.Date.today())))
        return result
