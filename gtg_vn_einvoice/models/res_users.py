from odoo import fields, models


class ResUsers(models.Model):
    _inherit = 'res.users'

    gtg_einvoice_notices = fields.Boolean(
        'Mails about e-invoices', default=True,
        help='Daily digest and alarms, for users of Invoicing.')

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ['gtg_einvoice_notices']

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ['gtg_einvoice_notices']
