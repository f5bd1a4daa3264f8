from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    gtg_einvoice_watch_from = fields.Date(
        related='company_id.gtg_einvoice_watch_from', readonly=False)
    gtg_auto_einvoice = fields.Boolean(
        related='company_id.gtg_auto_einvoice', readonly=False)
    gtg_einvoice_digest = fields.Boolean(
        related='company_id.gtg_einvoice_digest', readonly=False)
    gtg_einvoice_digest_hour = fields.Integer(
        related='company_id.gtg_einvoice_digest_hour', readonly=False)
    gtg_einvoice_alarm = fields.Boolean(
        related='company_id.gtg_einvoice_alarm', readonly=False)
    gtg_einvoice_alarm_hour = fields.Integer(
        related='company_id.gtg_einvoice_alarm_hour', readonly=False)
