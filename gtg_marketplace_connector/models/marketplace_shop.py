from odoo import api, fields, models

from odoo.addons.gtg_connector_base.lib.clock import naive_utc
from odoo.addons.gtg_connector_base.lib.errors import ConnectorError


class MarketplaceShop(models.Model):
    """A shop at a marketplace that authorized us: the account of its orders."""

    _name = 'gtg.marketplace.shop'
    _inherit = ['gtg.marketplace.account', 'mail.thread']
    _description = 'Marketplace shop'
    _order = 'name'
    _check_company_auto = True

    app_id = fields.Many2one(
        'gtg.marketplace.app', required=True, ondelete='restrict', index=True)
    provider = fields.Selection(compute='_compute_from_app', store=True, precompute=True)
    environment = fields.Selection(
        compute='_compute_from_app', store=True, precompute=True, default=None)
    # a related field that reads as superuser could be grouped by, whatever its groups
    custom_url = fields.Char(related='app_id.custom_url', related_sudo=False)
    shop_ref = fields.Char('Shop ID', readonly=True, copy=False)
    region = fields.Char(readonly=True, copy=False)
    platform_state = fields.Char('State at the marketplace', readonly=True, copy=False)
    channel_id = fields.Many2one(
        'gtg.sale.channel', 'Sales channel', ondelete='restrict', copy=False,
        check_company=True, help='Made with the shop; carries warehouse and team.')
    warehouse_id = fields.Many2one(related='channel_id.warehouse_id', readonly=False)
    team_id = fields.Many2one(related='channel_id.team_id', readonly=False)
    pricelist_id = fields.Many2one(
        related='channel_id.pricelist_id', readonly=False,
        help="Only for its currency; prices come from the marketplace.")
    auto_confirm = fields.Boolean(
        'Confirm orders', default=True,
        help='Orders that may be shipped and that nothing holds are confirmed at once.')
    auto_arrange = fields.Boolean(
        'Arrange shipment', help='Ask the carrier as soon as an order is confirmed. '
        'Buyers may cancel freely in the first hour, so waiting can save work.')
    ship_method = fields.Selection(
        [('any', 'What the shop offers, pickup first'), ('pickup', 'Carrier picks up'),
         ('dropoff', 'We bring the parcels')], 'Hand-over', default='any',
        required=True)
    label_format = fields.Selection(
        [('suggested', 'As the marketplace suggests'), ('normal', 'A4 or A5 paper'),
         ('thermal', 'Label printer')], default='thermal', required=True)
    history_days = fields.Integer(
        'Days of history', default=15,
        help='How far the first fetch of orders goes back.')
    order_cursor = fields.Datetime(
        'Orders fetched until', copy=False,
        help="Change time, on the marketplace's clock, of the last order taken in.")
    fiscal_position_id = fields.Many2one(
        'account.fiscal.position', 'VAT in prices', check_company=True, copy=False,
        help='Buyers see prices with VAT: this turns the taxes of products into taxes '
             'that the price includes. Made with the first order.')
    listing_count = fields.Integer(compute='_compute_counts')
    unpaired_count = fields.Integer('To pair', compute='_compute_counts')
    order_count = fields.Integer(compute='_compute_counts')

    _shop_unique = models.UniqueIndex(
        '(provider, environment, shop_ref) WHERE shop_ref IS NOT NULL',
        'This shop is connected already.')

    # === COMPUTES === #

    @api.depends('app_id.provider', 'app_id.environment')
    def _compute_from_app(self):
        for shop in self:
            shop.provider = shop.app_id.provider
            shop.environment = shop.app_id.environment

    def _compute_counts(self):
        skus = dict(((shop, paired), count) for shop, paired, count in self.env[
            'gtg.marketplace.listing.sku']._read_group(
                [('shop_id', 'in', self.ids)], ['shop_id', 'is_paired'], ['__count']))
        orders = dict(self.env['sale.order']._read_group(
            [('gtg_shop_id', 'in', self.ids)], ['gtg_shop_id'], ['__count']))
        for shop in self:
            shop.unpaired_count = skus.get((shop, False), 0)
            shop.listing_count = shop.unpaired_count + skus.get((shop, True), 0)
            shop.order_count = orders.get(shop, 0)

    @api.depends('unpaired_count')
    def _compute_next_action(self):
        result = super()._compute_next_action()
        for shop in self:
            if not shop.next_action and shop.unpaired_count:
                shop.next_action = self.env._(
                    'Pair %s listings with your products.', shop.unpaired_count)
        return result

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        shops = super().create(vals_list)
        for shop in shops.filtered(lambda shop: not shop.channel_id):
            shop.channel_id = self.env['gtg.sale.channel'].sudo().create({
                'name': shop.name, 'kind': 'marketplace',
                'code': f'{shop.provider}_{shop.id}',
                'company_id': shop.company_id.id,
                'cod_allowed': True})
        return shops

    def _take_info(self, info):
        """Keep what the marketplace says about the shop.

        :param info: `lib.orders.ShopInfo`
        """
        self.ensure_one()
        if info.name and self.name in (self.shop_ref, False):
            self.channel_id.sudo().name = info.name
            self.name = info.name
        self.write({
            'region': info.region, 'platform_state': info.status,
            'authorization_expires_at': naive_utc(info.authorization_expires_at)})

    # === BUTTONS === #

    def action_connect(self):
        """Button: let the seller authorize this shop (again)."""
        self.ensure_one()
        return self.app_id._connect(self)

    def action_fetch_listings(self):
        """Button: read the shop's listings and pair what is certain."""
        self.ensure_one()
        self.check_access('write')
        shop = self.sudo()
        count = 0
        try:
            for page in shop._adapter()._fetch_listings(shop):
                count += len(shop._take_listings(page))
        except ConnectorError as error:
            raise shop._user_error(error) from None
        shop._continue_waiting_orders()
        return self.action_open_listings()

    def action_open_listings(self):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'gtg_marketplace_connector.action_listing_sku')
        return {**action, 'domain': [('shop_id', 'in', self.ids)]}

    def action_open_orders(self):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'sale.action_quotations_with_onboarding')
        return {**action, 'domain': [('gtg_shop_id', 'in', self.ids)], 'context': {}}
