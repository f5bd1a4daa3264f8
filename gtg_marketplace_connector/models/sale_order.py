from odoo import api, fields, models

from odoo.addons.gtg_order_flow.models.sale_order_profit import Fee

PLATFORM_STATES = [
    ('unpaid', 'Waiting for payment'),
    ('pending', 'Checked by the marketplace'),
    ('to_ship', 'To ship'),
    ('arranged', 'Shipment arranged'),
    ('retry_ship', 'Pickup failed'),
    ('shipped', 'On the way'),
    ('delivered', 'Delivered'),
    ('completed', 'Completed'),
    ('cancel_requested', 'Buyer wants to cancel'),
    ('cancelled', 'Cancelled'),
    ('returning', 'Return or refund'),
    ('unknown', 'Unknown'),
]

# the marketplace waits for the parcel; shipped: for another one of the order
NOT_SCANNED = ('to_ship', 'arranged', 'retry_ship', 'shipped')


class SaleOrder(models.Model):
    """What binds an order to a marketplace, and what the marketplace said last."""

    _inherit = 'sale.order'

    gtg_shop_id = fields.Many2one(
        'gtg.marketplace.shop', 'Shop', copy=False, readonly=True, index=True,
        ondelete='restrict')
    gtg_platform_state = fields.Selection(
        PLATFORM_STATES, 'Marketplace state', copy=False, readonly=True)
    gtg_platform_status = fields.Char(
        'Status at the marketplace', copy=False, readonly=True,
        help="The marketplace's own word.")
    gtg_platform_update_time = fields.Datetime(
        'Changed at the marketplace', copy=False, readonly=True)
    gtg_platform_ship_by = fields.Datetime(
        'Ship by, says the marketplace', copy=False, readonly=True)
    gtg_payload_digest = fields.Char(
        copy=False, readonly=True, groups='base.group_user',
        help='Of the last order data that was applied: the same again does nothing.')
    gtg_platform_total = fields.Monetary(
        'Buyer pays', copy=False, readonly=True,
        help='What the buyer pays the marketplace, after its vouchers.')
    gtg_platform_discount = fields.Monetary(
        'Paid by the marketplace', copy=False, readonly=True,
        help='Vouchers and coins of the marketplace. Unless they lower the sale, it '
             'pays them to us.')
    gtg_platform_fulfilled = fields.Boolean(
        'Shipped by the marketplace', copy=False, readonly=True)
    gtg_payment_method = fields.Char('Paid with', copy=False, readonly=True)
    gtg_cancel_reason = fields.Char('Reason of cancelling', copy=False, readonly=True)
    gtg_package_ids = fields.One2many(
        'gtg.marketplace.package', 'order_id', 'Marketplace parcels', copy=False)
    gtg_platform_url = fields.Char(compute='_compute_gtg_platform_url')
    gtg_can_arrange = fields.Boolean(compute='_compute_gtg_can_arrange')

    _gtg_shop_order_unique = models.UniqueIndex(
        '(gtg_shop_id, gtg_channel_ref) WHERE gtg_shop_id IS NOT NULL',
        'This order of the shop is here already.')

    def _compute_gtg_platform_url(self):
        for order in self:
            shop = order.gtg_shop_id.sudo()
            order.gtg_platform_url = bool(shop) and shop._adapter()._order_link(
                shop, order.gtg_channel_ref)

    @api.depends('state', 'gtg_platform_state', 'gtg_own_carrier', 'gtg_package_ids.state',
                 'gtg_package_ids.is_shippable', 'gtg_package_ids.is_arranged')
    def _compute_gtg_can_arrange(self):
        for order in self:
            order.gtg_can_arrange = (
                order.state == 'sale' and order.gtg_platform_state == 'to_ship'
                and not order.gtg_own_carrier
                and any(package._can_arrange() for package in order.gtg_package_ids))

    @api.depends('gtg_platform_state', 'gtg_platform_fulfilled', 'gtg_own_carrier',
                 'gtg_package_ids.state', 'gtg_package_ids.is_shippable')
    def _compute_gtg_unscanned_since(self):
        return super()._compute_gtg_unscanned_since()

    def _gtg_unscanned(self):
        """The marketplace shows a parcel as handed over when its carrier scans it."""
        return super()._gtg_unscanned() | self.filtered(
            lambda order: not order.gtg_own_carrier and not order.gtg_platform_fulfilled
            and order.gtg_platform_state in NOT_SCANNED
            and order.gtg_package_ids._not_scanned())

    def _gtg_known_fees(self):
        fees = super()._gtg_known_fees()
        for order in self.filtered('gtg_shop_id'):
            # told with the payout, which is not read yet
            fees[order].append(Fee(self.env._('Marketplace'), None))
        return fees

    @api.depends('gtg_shop_id')
    def _compute_gtg_profit(self):
        return super()._compute_gtg_profit()

    # === NEXT STEP === #

    def _gtg_next_action(self):
        code = super()._gtg_next_action()
        if self.gtg_shop_id and self.gtg_can_arrange and not self.gtg_shipped_at:
            if self.gtg_info != 'on_hold':
                return 'arrange_shipment'
        if self.gtg_shop_id and code == 'ship' and self.gtg_goods == 'to_print':
            return 'print_labels'
        return code

    @api.model
    def _gtg_next_actions(self):
        return {
            **super()._gtg_next_actions(),
            'arrange_shipment': (
                self.env._('Arrange shipment'), 'action_gtg_arrange_shipment'),
        }

    def _gtg_shipped_when_picked(self):
        """Nobody fetches what is not arranged, whatever the warehouse says."""
        waiting = self.filtered(lambda order: order.gtg_package_ids._not_arranged())
        return super()._gtg_shipped_when_picked() - waiting

    def _gtg_waybills(self):
        """Also those that are asked for: the marketplace may make them."""
        asked = self.sudo().gtg_package_ids.filtered(
            lambda package: package._is_asked_for())
        return super()._gtg_waybills() + asked.mapped('name')

    # === BUTTONS === #

    def action_gtg_arrange_shipment(self):
        """Button: ask the marketplace's carrier for the parcels of these orders."""
        self.gtg_package_ids.action_arrange()

    def action_gtg_sync(self):
        """Button: read these orders again at the marketplace."""
        self.check_access('read')
        self.sudo()._gtg_fetch_again()

    def _gtg_fetch_again(self):
        """Have the orders read again by the inbox, like after a message."""
        now = fields.Datetime.now()
        for order in self.filtered('gtg_shop_id'):
            order.gtg_shop_id._ask_again(
                order.gtg_channel_ref, f'asked-{now:%Y%m%d%H%M%S}')

    def action_gtg_open_platform(self):
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'url': self.gtg_platform_url,
                'target': 'new'}


class OrderHold(models.Model):
    _inherit = 'gtg.order.hold'

    def _gtg_close(self):
        """A hold has ended: take the step that the marketplace told meanwhile."""
        result = super()._gtg_close()
        if not self.env.context.get('gtg_following'):
            self.sudo().order_id.filtered('gtg_shop_id')._gtg_follow_platform()
        return result


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    gtg_line_key = fields.Char(
        copy=False, readonly=True, help="The marketplace's key of the line.")
    gtg_listing_sku_id = fields.Many2one(
        'gtg.marketplace.listing.sku', 'Listing', copy=False, readonly=True,
        ondelete='set null', index='btree_not_null')
    gtg_line_kind = fields.Selection(
        [('goods', 'Goods'), ('shipping', 'Shipping paid by the buyer'),
         ('voucher', "Seller's voucher")], copy=False, readonly=True)

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """What the marketplace ships from its own warehouse does not leave ours."""
        return super(SaleOrderLine, self.filtered(
            lambda line: not line.order_id.gtg_platform_fulfilled
        ))._action_launch_stock_rule(previous_product_uom_qty=previous_product_uom_qty)


class StockPicking(models.Model):
    _inherit = 'stock.picking'

    gtg_package_ids = fields.One2many(
        'gtg.marketplace.package', compute='_compute_gtg_package_ids',
        string='Marketplace parcels')

    @api.depends('sale_id.gtg_package_ids')
    def _compute_gtg_package_ids(self):
        for picking in self:
            picking.gtg_package_ids = picking.sale_id.gtg_package_ids
