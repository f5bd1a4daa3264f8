"""Lines and money: the sale order's total is the seller's total to the last dong.

Decided: prices include VAT (taxes are mapped to ones that the price includes); what the
buyer pays for shipping is a line of its own; vouchers that the seller pays are negative
lines, one per VAT rate; vouchers and coins that the platform pays do not lower the sale,
because the platform pays them to the seller (they stand in `gtg_platform_discount`),
unless the channel wants them treated like the seller's.
"""

from decimal import Decimal

from odoo import Command, models, tools
from odoo.tools.float_utils import float_compare

from odoo.addons.gtg_connector_base.lib import money

from ..lib import orders as o


class MarketplaceShop(models.Model):
    _inherit = 'gtg.marketplace.shop'

    # === MATCHING === #

    def _skus_of(self, orders):
        """{(item, model): choice} for all lines; new ones are noted and paired."""
        lines = {(line.item_ref, line.model_ref): line
                 for order in orders for line in order.lines}
        known = self._known_skus(list(lines))
        self.env['gtg.marketplace.listing.sku'].concat(*(
            sku for sku in known.values() if not sku.product_id))._pair()
        missing = [line for key, line in lines.items() if key not in known]
        if missing:
            items = {}
            for line in missing:
                items.setdefault(line.item_ref, []).append(line)
            for sku in self._take_listings([
                    o.Listing(item, found[0].name, skus=tuple(
                        o.ListingSku(item, line.model_ref, line.sku, name=line.name,
                                     price=line.price) for line in found))
                    for item, found in items.items()]):
                known[sku.item_ref, sku.model_ref] = sku
        return known

    def _product(self, name):
        # cached, unlike env.ref, which asks whether the record still exists
        return self.env['product.product'].browse(
            self.env['ir.model.data']._xmlid_to_res_id(
                f'gtg_marketplace_connector.product_{name}'))

    # === TAXES === #

    def _included_taxes(self, products):
        """{product: its taxes, as taxes that the price includes}."""
        products = self.env['product.product'].concat(
            *products, self._product('shipping'))
        parts = products._gtg_combo_items().product_id.sudo(self.env.su)
        products = products.filtered(lambda product: product.type != 'combo') | parts
        own = {product: product.taxes_id._filter_taxes_by_company(self.company_id)
               for product in products}
        excluded = self.env['account.tax'].union(*own.values()).filtered(
            lambda tax: not tax.price_include and tax.amount
            and tax.amount_type == 'percent')
        if excluded:
            twins = self._tax_twins(excluded)
            own = {product: self.env['account.tax'].concat(*(
                twins.get(tax, tax) for tax in taxes)) for product, taxes in own.items()}
        return own

    def _tax_twins(self, taxes):
        """{tax: the same tax as part of the price}, made where it is missing."""
        if not self.fiscal_position_id:
            self.fiscal_position_id = self._vat_position()
        position = self.fiscal_position_id
        twins = {original: twin for twin in position.tax_ids
                 for original in twin.original_tax_ids if twin.price_include}
        for tax in taxes - self.env['account.tax'].concat(*twins):
            twins[tax] = tax.copy({
                'name': self.env._('%s in price', tax.name),
                'price_include_override': 'tax_included',
                'fiscal_position_ids': [Command.set(position.ids)],
                'original_tax_ids': [Command.set(tax.ids)],
            })
        return twins

    def _vat_position(self):
        """The company's fiscal position for marketplaces, one for all its shops."""
        other = self.search([('company_id', '=', self.company_id.id),
                             ('fiscal_position_id', '!=', False)], limit=1)
        return other.fiscal_position_id or self.env['account.fiscal.position'].create({
            'name': self.env._('Marketplaces: prices include VAT'),
            'company_id': self.company_id.id})

    # === LINES === #

    def _line_commands(self, order, skus, taxes, record=None):
        """:param record: the order that is there already"""
        goods = [vals for line in order.lines
                 for vals in self._goods_vals(line, order, skus, taxes)]
        if record and record.state == 'sale':
            goods = self._keep_combos(record, goods)
        rest = self._shipping_vals(order, goods, taxes) + self._voucher_vals(
            order, goods)
        return [Command.create({
            **vals, 'sequence': index, 'discount': 0.0,
            'tax_ids': [Command.set(vals['tax_ids'])],
        }) for index, vals in enumerate(goods + rest, 10)]

    def _goods_vals(self, line, order, skus, taxes):
        sku = skus[line.item_ref, line.model_ref]
        product = sku.product_id
        named = {} if product and not product._gtg_is_chosen() else {
            'name': ' '.join(filter(None, [line.name, line.sku and f'[{line.sku}]']))
            or line.item_ref}
        digits = self._decimals(order)
        return [{
            **named,
            'product_id': (part or self._product('unmatched')).id,
            'product_uom_qty': float(quantity),
            'price_unit': float(share),
            'tax_ids': taxes[part].ids if part else [],
            'gtg_line_key': line.line_key,
            'gtg_line_kind': 'goods',
            'gtg_listing_sku_id': sku.id,
        } for quantity, price in o.priced_parts(line, digits)
            for part, share in self._sold_parts(product, price, digits)]

    def _sold_parts(self, product, price, digits):
        """[(product, price)]: of a combo the products in it; none where the buyer has
        chosen among them, which the marketplace does not tell."""
        if not product or product.type != 'combo':
            return [(product, price)]
        parts = product._gtg_combo_prices(price, digits)
        return parts or [(product.browse(), price)]

    def _keep_combos(self, record, goods):
        """What a combo holds and what its products cost may change: a confirmed order
        keeps what it was split into, as long as quantity and amount are the same."""
        present = record.order_line.filtered(
            lambda line: line.gtg_line_kind == 'goods' and line.product_uom_qty
        ).grouped(lambda line: (
            line.gtg_line_key or None, line.gtg_listing_sku_id.id))
        unmatched, kept = self._product('unmatched'), []
        for (key, sku), rows in tools.groupby(goods, lambda vals: (
                vals['gtg_line_key'] or None, vals['gtg_listing_sku_id'])):
            lines = present.get((key, sku), record.order_line.browse())
            combo = self.env['gtg.marketplace.listing.sku'].browse(sku).product_id
            if (combo.type == 'combo' and unmatched not in lines.product_id
                    and _sold(rows) == _sold(lines)):
                rows = [{
                    'product_id': line.product_id.id,
                    'product_uom_qty': line.product_uom_qty,
                    'price_unit': line.price_unit, 'tax_ids': line.tax_ids.ids,
                    'gtg_line_key': key, 'gtg_line_kind': 'goods',
                    'gtg_listing_sku_id': sku} for line in lines]
            kept += rows
        return kept

    def _shipping_vals(self, order, goods, taxes):
        if not order.shipping:
            return []
        product = self._product('shipping')
        # shipping goes with the goods: the rate of what costs most, unless set
        main = max(goods, key=lambda vals: vals['price_unit'] * vals['product_uom_qty'])
        return [{
            'product_id': product.id, 'product_uom_qty': 1.0,
            'price_unit': float(order.shipping), 'gtg_line_kind': 'shipping',
            'tax_ids': taxes[product].ids or main['tax_ids'],
            'analytic_distribution': False,
        }]

    def _voucher_vals(self, order, goods):
        """The seller's vouchers, shared out over the VAT rates of the goods."""
        if not order.seller_discount:
            return []
        by_rate = {}
        for vals in goods:
            rate = tuple(vals['tax_ids'])
            by_rate[rate] = by_rate.get(rate, Decimal(0)) + Decimal(
                str(vals['price_unit'])) * Decimal(str(vals['product_uom_qty']))
        parts = money.split(
            order.seller_discount, by_rate.values(), self._decimals(order))
        return [{
            'product_id': self._product('voucher').id, 'product_uom_qty': 1.0,
            'price_unit': -float(part), 'gtg_line_kind': 'voucher',
            'tax_ids': list(rate), 'analytic_distribution': False,
        } for rate, part in zip(by_rate, parts, strict=True) if part]

    def _decimals(self, order):
        currency = self._currency_named(order.currency)
        return currency.decimal_places if currency else 0

    def _currency_named(self, name):
        """The currency, active or not; empty if Odoo does not know it."""
        own = self.company_id.currency_id
        if name in (own.name, ''):
            return own
        return self.env['res.currency'].browse(self._currency_ids().get(name))

    @tools.ormcache(cache='stable')
    def _currency_ids(self):
        return {row['name']: row['id'] for row in self.env['res.currency'].sudo(
        ).with_context(active_test=False).search_read([], ['name'])}

    # === CHECKS === #

    def _check_order(self, record, order):
        """Hold what must not go on: unknown products, or money that does not add up."""
        unmatched = self._product('unmatched')
        unknown = record.order_line.filtered(
            lambda line: line.product_id == unmatched and line.product_uom_qty)
        quiet = record.with_context(gtg_following=True)
        if unknown:
            quiet._gtg_hold('unmatched_sku', ', '.join(
                line.gtg_listing_sku_id.sku or line.name for line in unknown))
        elif record.gtg_hold_ids:
            quiet._gtg_release('unmatched_sku')
        problem = self._money_problem(
            record, order.as_sold(record.gtg_platform_lowers))
        if problem:
            quiet._gtg_hold('total_mismatch', problem)
        elif record.gtg_hold_ids:
            quiet._gtg_release('total_mismatch')

    def _money_problem(self, record, order):
        """:return: a sentence, or None when all adds up"""
        if order.currency and order.currency != record.currency_id.name:
            return self.env._(
                'The order is in %s, which is not known here.', order.currency)
        if order.status == o.CANCELLED:
            return None
        ours, theirs = record.amount_total, float(order.sale_total)
        if float_compare(ours, theirs, precision_rounding=record.currency_id.rounding):
            return self.env._('The lines sum up to %(ours)s, the marketplace to '
                              '%(theirs)s.', ours=ours, theirs=theirs)
        if order.difference:
            return self.env._(
                'The buyer pays %(total)s. %(gap)s of it cannot be explained by goods, '
                'shipping and vouchers.', total=order.total, gap=order.difference)
        return None

    # === CHANGES === #

    def _update_lines(self, record, order):
        """Follow changed lines (partial cancel, late escrow data) where it is allowed."""
        skus = self._skus_of([order])
        taxes = self._included_taxes([sku.product_id for sku in skus.values()])
        wanted = [command[2] for command in self._line_commands(
            order.as_sold(record.gtg_platform_lowers), skus, taxes, record)]
        lines = record.order_line.filtered('gtg_line_kind')
        if _shape(wanted, lambda vals, key: vals.get(key)) == _shape(
                lines, lambda line, key: line[key] if key != 'product_id'
                else line.product_id.id):
            self._check_order(record, order)
            return
        if record.state in ('draft', 'sent'):
            lines.unlink()
            record.write({'order_line': [Command.create(vals) for vals in wanted]})
        elif record.state == 'sale' and not record.gtg_shipped_at:
            self._update_confirmed_lines(record, lines, wanted)
        self._check_order(record, order)

    def _update_confirmed_lines(self, record, lines, wanted):
        """A confirmed order keeps its lines: quantities and prices follow."""
        left = list(lines)
        for vals in wanted:
            same = next((line for line in left if (
                line.gtg_line_kind, line.gtg_line_key or None, line.product_id.id) == (
                vals['gtg_line_kind'], vals.get('gtg_line_key'), vals['product_id'])),
                None)
            if same is None:
                record.write({'order_line': [Command.create(vals)]})
                continue
            left.remove(same)
            same.write({key: vals[key] for key in ('product_uom_qty', 'price_unit')
                        if same[key] != vals[key]})
        for line in left:
            line.write({'product_uom_qty': 0})

    # === AFTER PAIRING === #

    def _continue_waiting_orders(self, skus=None):
        """Put the paired products on the orders that waited for them, and go on.

        :param skus: only orders with these choices, else all of the shops
        """
        unmatched = self._product('unmatched')
        lines = self.env['sale.order.line'].sudo().search([
            ('product_id', '=', unmatched.id), ('order_id.gtg_shop_id', 'in', self.ids),
            ('gtg_listing_sku_id.product_id', '!=', False),
            ('state', 'in', ('draft', 'sent', 'sale')),
            *([('gtg_listing_sku_id', 'in', skus.ids)] if skus else [])])
        for order, waiting in lines.grouped('order_id').items():
            shop = order.gtg_shop_id.with_company(order.company_id)
            shop._pair_lines(order, waiting)
        lines.order_id._gtg_follow_platform()
        return lines.order_id

    def _pair_lines(self, order, lines):
        products = lines.gtg_listing_sku_id.product_id
        taxes = self._included_taxes(list(products))
        if not order.fiscal_position_id and self.fiscal_position_id:
            order.fiscal_position_id = self.fiscal_position_id
        digits = order.currency_id.decimal_places
        for line in lines:
            (product, price), *others = self._sold_parts(
                line.gtg_listing_sku_id.product_id, line.price_unit, digits)
            if not product:
                continue
            quantity = line.product_uom_qty
            line.write(self._paired_vals(product, quantity, price, taxes))
            order.write({'order_line': [Command.create({
                **self._paired_vals(other, quantity, share, taxes),
                'sequence': line.sequence, 'gtg_line_key': line.gtg_line_key,
                'gtg_line_kind': 'goods', 'gtg_listing_sku_id':
                line.gtg_listing_sku_id.id}) for other, share in others]})
        self._share_voucher_again(order)
        unmatched = self._product('unmatched')
        if not order.order_line.filtered(lambda line: line.product_id == unmatched):
            order.with_context(gtg_following=True)._gtg_release('unmatched_sku')

    def _paired_vals(self, product, quantity, price, taxes):
        return {
            'product_id': product.id, 'product_uom_id': product.uom_id.id,
            'name': product.get_product_multiline_description_sale(),
            'product_uom_qty': quantity, 'price_unit': float(price), 'discount': 0.0,
            'tax_ids': [Command.set(taxes[product].ids)]}

    def _share_voucher_again(self, order):
        """The VAT rates are known only now: rates of shipping and vouchers follow."""
        extra = order.order_line.filtered(
            lambda line: line.gtg_line_kind in ('shipping', 'voucher'))
        if not extra:
            return
        goods = [{'tax_ids': line.tax_ids.ids, 'price_unit': line.price_unit,
                  'product_uom_qty': line.product_uom_qty}
                 for line in order.order_line if line.gtg_line_kind == 'goods']
        vouchers = extra.filtered(lambda line: line.gtg_line_kind == 'voucher')
        money = o.Order(
            ref='', status='', platform_status='', currency=order.currency_id.name,
            created_at=None, update_time=None, lines=(),
            shipping=Decimal(str(sum((extra - vouchers).mapped('price_unit')))),
            seller_discount=-Decimal(str(sum(vouchers.mapped('price_unit')))))
        vals_list = self._shipping_vals(money, goods, self._included_taxes([]))
        vals_list += self._voucher_vals(money, goods)
        extra.unlink()
        order.write({'order_line': [Command.create({
            **vals, 'sequence': 90, 'discount': 0.0,
            'tax_ids': [Command.set(vals['tax_ids'])]}) for vals in vals_list]})


def _sold(rows):
    """The quantities and the amount of lines, present or wanted."""
    return {row['product_uom_qty'] for row in rows}, round(
        sum(row['price_unit'] * row['product_uom_qty'] for row in rows), 4)


def _shape(rows, read):
    """What lines say, to compare wanted with present ones."""
    return sorted(
        (read(row, 'gtg_line_kind'), read(row, 'gtg_line_key') or '',
         read(row, 'product_id'), round(read(row, 'product_uom_qty'), 6),
         round(read(row, 'price_unit'), 6)) for row in rows)
