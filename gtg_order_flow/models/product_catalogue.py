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
        company = self.env.company
        for template in self:
            currency = template.currency_id or company.currency_id
            net = template.taxes_id._filter_taxes_by_company(company).compute_all(
                template.list_price, currency
            )["total_excluded"]
            cost = template.standard_price
            if template.cost_currency_id != currency:
                cost = template.cost_currency_id._convert(cost, currency, company)
            template.gtg_profit = net - cost
            template.gtg_profit_rate = (net - cost) / net if net else 0
