from odoo import fields, models


class MarketplaceAccount(models.AbstractModel):
    """What apps and shops have in common: the family of adapters.

    Provider folders add their code to ``provider`` here, once for both.
    """

    _name = 'gtg.marketplace.account'
    _inherit = ['gtg.connector.account']
    _description = 'Marketplace account'
    _adapter_family = 'gtg.marketplace'

    provider = fields.Selection([], string='Marketplace', required=True)
