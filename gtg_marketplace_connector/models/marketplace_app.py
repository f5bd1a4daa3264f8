from odoo import fields, models
from odoo.exceptions import UserError


class MarketplaceApp(models.Model):
    """Our registration as a developer at a marketplace: one key, many shops.

    Its webhook address is the one to enter in the marketplace's console.
    """

    _name = 'gtg.marketplace.app'
    _inherit = ['gtg.marketplace.account']
    _description = 'Marketplace app'
    _order = 'name'

    partner_id = fields.Char(
        'Partner ID', required=True, help='From the marketplace developer console.')
    partner_key = fields.Char(
        'Partner key', groups='base.group_system', copy=False)
    push_key = fields.Char(
        'Push key', groups='base.group_system', copy=False,
        help='Key that signs the messages to us, if the console shows one apart.')
    push_url = fields.Char(
        'Address in the console', copy=False,
        help='Only if the console has another address than the one shown here, for '
             'instance because of a proxy. The signature covers it letter by letter.')
    redirect_url = fields.Char(
        'Redirect address', compute='_compute_redirect_url',
        help='Its domain must be declared in the console.')
    shop_ids = fields.One2many('gtg.marketplace.shop', 'app_id', 'Shops')

    def _compute_redirect_url(self):
        for app in self:
            app.redirect_url = (
                f'{app.get_base_url()}/gtg/marketplace/callback/{app.provider}')

    def _signed_url(self):
        """The address that the provider signs its messages for."""
        return self.push_url or self.webhook_url

    def action_connect_shop(self):
        """Button: let a seller authorize a shop."""
        return self._connect()

    def _connect(self, shop=None):
        """Open the consent page, with a state that only this user can bring back."""
        self.ensure_one()
        self.check_access('write')
        if not self.sudo().partner_key:
            raise UserError(self.env._('Enter the partner key of the app first.'))
        state = self.env['gtg.marketplace.connect'].sudo()._new(self, shop)
        return {
            'type': 'ir.actions.act_url', 'target': 'self',
            'url': self._adapter()._consent_link(self, self.redirect_url, state),
        }
