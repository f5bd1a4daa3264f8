from odoo import api, fields, models, tools
from odoo.exceptions import UserError


class VatRate(models.Model):
    """Goods of which the law takes a rate away, and what follows when it ends."""

    _inherit = 'gtg.vat.rate'

    excluded_categ_ids = fields.Many2many(
        'product.category', 'gtg_vat_rate_category', string='Not for categories',
        help='With all below them. For 8 % the law names among others metals, mining '
             'products but coal, telecommunication, finance, real estate and most goods '
             'under excise.')
    excluded_tmpl_ids = fields.Many2many(
        'product.template', 'gtg_vat_rate_product', string='Not for products')
    next_name = fields.Selection(
        [('0%', '0 %'), ('5%', '5 %'), ('8%', '8 %'), ('10%', '10 %')],
        'Rate afterwards', help='What the same goods have when this rate has ended.')

    @api.model
    @tools.ormcache('name', 'day')
    def _exclusions(self, name, day):
        """:return: (ids of categories, ids of templates) without this rate on a day"""
        rates = self.sudo().search([
            ('name', '=', name), ('valid_from', '<=', day),
            '|', ('valid_until', '=', False), ('valid_until', '>=', day)])
        return frozenset(rates.excluded_categ_ids.ids), frozenset(
            rates.excluded_tmpl_ids.ids)

    @api.model
    def _is_excluded(self, name, day, product):
        """Whether the law takes a rate away from a product on a day."""
        categories, templates = self._exclusions(name, day)
        if not product or not (categories or templates):
            return False
        above = (product.categ_id.parent_path or '').split('/')
        return product.product_tmpl_id.id in templates or not categories.isdisjoint(
            int(part) for part in above if part)

    # === WHEN IT ENDS === #

    def action_change_products(self):
        """Button: products of the company get the tax of the rate that follows."""
        self.ensure_one()
        self.check_access('write')
        today = self.env['gtg.legal.deadline']._gtg_today()
        if not self.valid_until or today <= self.valid_until:
            raise UserError(self.env._(
                'The rate still holds. Enter its last day; change the products on the '
                'day after.'))
        count = 0
        for old, new in self._next_taxes(self.env.company).items():
            products = self.env['product.template'].sudo().with_context(
                active_test=False).search([
                    ('taxes_id', 'in', old.ids),
                    ('company_id', 'in', (False, self.env.company.id))])
            products.write({'taxes_id': [
                fields.Command.unlink(old.id), fields.Command.link(new.id)]})
            count += len(products)
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
                'type': 'success', 'message': self.env._(
                    '%s products have the new tax. Open orders keep theirs: change the '
                    'tax of those that are handed over from now on.', count)}}

    def _next_taxes(self, company):
        """The tax that follows each sales tax of this rate, with the same price rule.

        :raise UserError: there is none: it has to be made first
        """
        sales = self.env['account.tax'].with_context(active_test=False).search([
            ('company_id', '=', company.id), ('type_tax_use', '=', 'sale'),
            ('amount_type', '=', 'percent')])
        found, following = {}, sales.filtered(
            lambda tax: tax.active and tax._gtg_legal_rate() == self.next_name)
        for old in sales.filtered(lambda tax: tax._gtg_legal_rate() == self.name):
            new = following.grouped('price_include').get(
                old.price_include, following.browse())[:1]
            if not new and old.active:
                raise UserError(self.env._(
                    'Tax "%(old)s": there is no tax of %(rate)s with the same price rule '
                    '(VAT included or not). Make it, then try again.', old=old.name,
                    rate=self.next_name or '-'))
            if new:
                found[old] = new
        return found
