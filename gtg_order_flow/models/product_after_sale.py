from odoo import fields, models


class ProductCategory(models.Model):
    _inherit = "product.category"

    gtg_not_returnable = fields.Boolean(
        string="No Returns",
        help="Buyers cannot ask to return products of this category or below it.",
    )


class ProductTemplate(models.Model):
    _inherit = "product.template"

    gtg_not_returnable = fields.Boolean(
        string="No Returns",
        help="Buyers cannot ask to return it, for example for hygiene. Staff can.",
    )


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _gtg_may_be_returned(self):
        self.ensure_one()
        category = self.categ_id
        while category and not category.gtg_not_returnable:
            category = category.parent_id
        return not (self.gtg_not_returnable or category)
