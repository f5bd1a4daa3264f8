from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class MarketplaceListing(models.Model):
    """An article as a shop shows it to buyers."""

    _name = 'gtg.marketplace.listing'
    _description = 'Marketplace listing'
    _order = 'name, id'

    name = fields.Char(required=True)
    shop_id = fields.Many2one(
        'gtg.marketplace.shop', required=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='shop_id.company_id', store=True)
    item_ref = fields.Char('Item', required=True)
    platform_state = fields.Char('State')
    sku_ids = fields.One2many('gtg.marketplace.listing.sku', 'listing_id')

    _item_unique = models.Constraint(
        'UNIQUE (shop_id, item_ref)', 'The shop has this listing already.')


class MarketplaceListingSku(models.Model):
    """One choice of a listing, paired with one product of ours.

    The key is item and model: a shop may use one SKU on several listings, so the SKU
    is only how we guess.
    """

    _name = 'gtg.marketplace.listing.sku'
    _description = 'Listing choice'
    _order = 'is_paired, listing_id, id'
    _check_company_auto = True

    listing_id = fields.Many2one(
        'gtg.marketplace.listing', required=True, ondelete='cascade', index=True)
    shop_id = fields.Many2one(related='listing_id.shop_id', store=True, index=True)
    company_id = fields.Many2one(related='listing_id.company_id', store=True)
    model_ref = fields.Char('Model', required=True, default='0')
    item_ref = fields.Char(related='listing_id.item_ref', store=True)
    name = fields.Char('Choice')
    sku = fields.Char('SKU', index=True)
    barcode = fields.Char()
    price = fields.Float()
    platform_stock = fields.Float('Stock shown')
    product_id = fields.Many2one(
        'product.product', 'Our product', check_company=True, index='btree_not_null',
        ondelete='set null', domain=[('sale_ok', '=', True)])
    is_paired = fields.Boolean(compute='_compute_is_paired', store=True)
    hint = fields.Char('Why not paired', compute='_compute_hint')

    _model_unique = models.Constraint(
        'UNIQUE (listing_id, model_ref)', 'The listing has this choice already.')

    @api.depends('product_id')
    def _compute_is_paired(self):
        for sku in self:
            sku.is_paired = bool(sku.product_id)

    @api.depends('product_id', 'sku', 'barcode')
    def _compute_hint(self):
        open_skus = self.filtered(lambda sku: not sku.product_id)
        open_skus.hint = False
        (self - open_skus).hint = False
        found = open_skus._candidates()
        for sku in open_skus:
            many = found.get(sku, [])
            if len(many) > 1:
                sku.hint = self.env._('%s products have this code.', len(many))
            elif sku.sku:
                sku.hint = self.env._('No product has this code.')
            else:
                sku.hint = self.env._('The listing has no SKU.')

    @api.depends('listing_id.name', 'name')
    def _compute_display_name(self):
        for sku in self:
            sku.display_name = ' - '.join(filter(None, [sku.listing_id.name, sku.name]))

    @api.constrains('product_id')
    def _check_not_chosen(self):
        for product in self.product_id:
            if product._gtg_is_chosen():
                raise ValidationError(self.env._(
                    '%s: the buyer chooses what is in it, which the marketplace does '
                    'not tell. Pair what you send.', product.display_name))

    def write(self, vals):
        result = super().write(vals)
        if vals.get('product_id'):
            self.shop_id.sudo()._continue_waiting_orders(self)
        return result

    # === PAIRING === #

    def _candidates(self):
        """Products with the exact SKU, else with the barcode; in two queries for all.

        :return: {sku record: list of product ids}
        """
        found = {}
        for company, skus in self.grouped('company_id').items():
            by_sku = self._products_by('default_code', skus.mapped('sku'), company)
            by_barcode = self._products_by(
                'barcode', [*skus.mapped('barcode'), *skus.mapped('sku')], company)
            for sku in skus:
                found[sku] = (
                    by_sku.get(sku.sku) or by_barcode.get(sku.barcode)
                    or by_barcode.get(sku.sku) or [])
        return found

    @api.model
    def _products_by(self, field, codes, company):
        codes = list(filter(None, set(codes)))
        if not codes:
            return {}
        rows = self.env['product.product'].sudo().search_read([
            (field, 'in', codes), ('company_id', 'in', [False, company.id])],
            [field], load=None)
        found = {}
        for row in rows:
            found.setdefault(row[field], []).append(row['id'])
        return found

    def _pair(self):
        """Pair what one product fits exactly; ambiguous ones stay for a person.

        :return: what is paired now
        """
        todo = self.filtered(lambda sku: not sku.product_id)
        paired = self.browse()
        for sku, products in todo._candidates().items():
            product = self.env['product.product'].browse(products[:1])
            if len(products) == 1 and not product._gtg_is_chosen():
                # our own `write` would take it for a person's choice
                # pylint: disable-next=super-method-mismatch
                super(MarketplaceListingSku, sku).write({'product_id': products[0]})
                paired |= sku
        return paired

    def action_pair(self):
        """Button: try again after products got their codes."""
        paired = self._pair()
        paired.shop_id.sudo()._continue_waiting_orders(paired)


class MarketplaceShop(models.Model):
    _inherit = 'gtg.marketplace.shop'

    def _take_listings(self, listings):
        """Store listings and pair what is certain; asking twice changes nothing.

        :param listings: list of `lib.orders.Listing`
        :return: the records of their choices
        """
        self.ensure_one()
        wanted = {item.item_ref: item for item in listings}
        model = self.env['gtg.marketplace.listing'].sudo()
        known = {row.item_ref: row for row in model.search([
            ('shop_id', '=', self.id), ('item_ref', 'in', list(wanted))])}
        new = [item for ref, item in wanted.items() if ref not in known]
        for row in model.create([{
                'shop_id': self.id, 'item_ref': item.item_ref,
                'name': item.name or item.item_ref, 'platform_state': item.status,
        } for item in new]):
            known[row.item_ref] = row
        for ref, item in wanted.items():
            vals = {'name': item.name, 'platform_state': item.status}
            changed = {key: value for key, value in vals.items()
                       if value and known[ref][key] != value}
            if changed:
                known[ref].write(changed)
        return self._take_skus(
            [sku for item in wanted.values() for sku in item.skus], known)

    def _take_skus(self, skus, listings):
        model = self.env['gtg.marketplace.listing.sku'].sudo()
        known = self._known_skus([(sku.item_ref, sku.model_ref) for sku in skus])
        create, result = [], model.browse()
        for sku in skus:
            vals = {'name': sku.name, 'sku': sku.sku, 'barcode': sku.barcode,
                    'price': float(sku.price or 0),
                    'platform_stock': float(sku.stock or 0)}
            row = known.get((sku.item_ref, sku.model_ref))
            if not row:
                create.append({**vals, 'model_ref': sku.model_ref,
                               'listing_id': listings[sku.item_ref].id})
                continue
            result |= row
            changed = {key: value for key, value in vals.items()
                       if value and row[key] != value}
            if changed:
                row.write(changed)
        result |= model.create(create)
        result._pair()
        return result

    def _known_skus(self, keys):
        """:return: {(item, model): choice} of those that are known"""
        if not keys:
            return {}
        model = self.env['gtg.marketplace.listing.sku'].sudo()
        model.flush_model(['item_ref', 'model_ref', 'shop_id'])
        rows = self.env.execute_query(SQL(
            """SELECT id FROM gtg_marketplace_listing_sku
                WHERE shop_id = %s AND (item_ref, model_ref) IN %s""",
            self.id, tuple(set(keys))))
        found = model.browse([row[0] for row in rows])
        return {(row.item_ref, row.model_ref): row for row in found}
