from odoo import models

from odoo.addons.gtg_connector_base.lib import money


class ProductProduct(models.Model):
    """Core's combos where the buyer has no choice: sold as the products in them, which
    then have money, stock and returns like any other. With a choice somebody must ask.
    """

    _inherit = "product.product"

    def _gtg_combo_items(self):
        """:return: what these combos hold; nothing of one where the buyer chooses"""
        items = self.env["product.combo.item"].sudo()
        for product in self.sudo().filtered(lambda product: product.type == "combo"):
            combos = product.combo_ids
            if all(len(combo.combo_item_ids) == 1 for combo in combos):
                items |= combos.combo_item_ids
        return items

    def _gtg_is_chosen(self):
        """:return: whether it is a combo that says nothing without the buyer's choice"""
        self.ensure_one()
        return self.type == "combo" and not self._gtg_combo_items()

    def _gtg_combo_prices(self, price, digits):
        """Share a combo's price among its products, by their sales prices.

        :return: [(product, its part of the price)], together exactly `price`; a
            product that is in it twice stands there twice
        """
        products = [item.product_id for item in self._gtg_combo_items()]
        weights = [product.lst_price for product in products]
        parts = money.split(money.dec(price), weights, digits)
        products = [product.sudo(self.env.su) for product in products]
        return list(zip(products, parts, strict=True))
