from odoo import api, fields, models


class GtgProductBrand(models.Model):
    _name = "gtg.product.brand"
    _description = "Brand"
    _inherit = "image.mixin"
    _order = "name"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex("(lower(name))", "This brand is there already.")


class ProductTemplate(models.Model):
    _inherit = "product.template"

    gtg_brand_id = fields.Many2one(
        "gtg.product.brand",
        string="Brand",
        index="btree_not_null",
        ondelete="restrict",
    )
    gtg_profit = fields.Monetary(
        string="Profit",
        compute="_compute_gtg_profit",
        groups="base.group_user",
        help="Of one sold at the sales price: price without VAT less cost.",
    )
    gtg_profit_rate = fields.Float(
        string="Profit Share",
        compute="_compute_gtg_profit",
        groups="base.group_user",
        help="Profit in proportion to the price without VAT.",
    )

    @api.depends("list_price", "standard_price", "taxes_id", "currency_id")
    @api.depends_context("company")
    def _compute_gtg_profit(self):
        for template in self:
            net, cost = template._gtg_net_and_cost()
            template.gtg_profit = net - cost
            template.gtg_profit_rate = (net - cost) / net if net else 0

    def _gtg_net_and_cost(self):
        """:return: (price without VAT, cost) of one, in the currency of the price"""
        self.ensure_one()
        company = self.env.company
        currency = self.currency_id or company.currency_id
        net = self.taxes_id._filter_taxes_by_company(company).compute_all(
            self.list_price, currency
        )["total_excluded"]
        cost = self.standard_price
        if self.cost_currency_id != currency:
            cost = self.cost_currency_id._convert(cost, currency, company)
        return net, cost
