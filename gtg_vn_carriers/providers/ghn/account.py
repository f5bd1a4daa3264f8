from odoo import api, fields, models


class CarrierAccount(models.Model):
    _inherit = 'gtg.carrier.account'

    provider = fields.Selection(
        selection_add=[('ghn', 'GHN')], ondelete={'ghn': 'cascade'}, default='ghn')
    ghn_token = fields.Char(
        'Token', groups='base.group_system', copy=False,
        help="From GHN's developer portal, under the account menu.")
    ghn_shop_id = fields.Char(
        'ShopId', copy=False, help='Number of the shop at GHN: one per warehouse.')

    @api.onchange('ghn_shop_id')
    def _onchange_ghn_shop_id(self):
        self.ghn_shop_id = (self.ghn_shop_id or '').strip() or False
