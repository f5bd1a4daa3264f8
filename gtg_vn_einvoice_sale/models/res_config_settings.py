from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    gtg_invoice_trigger = fields.Selection(
        related='company_id.gtg_invoice_trigger', readonly=False, required=True)
    gtg_invoice_who = fields.Selection(
        related='company_id.gtg_invoice_who', readonly=False, required=True)
    gtg_invoice_above = fields.Float(
        related='company_id.gtg_invoice_above', readonly=False)
    gtg_rest_elsewhere = fields.Boolean(
        related='company_id.gtg_rest_elsewhere', readonly=False)
    gtg_auto_invoice = fields.Boolean(
        related='company_id.gtg_auto_invoice', readonly=False)
