from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    gtg_einvoice_watch_from = fields.Date(
        related='company_id.gtg_einvoice_watch_from', readonly=False)
