from collections import defaultdict
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

# older quotations keep no stock from what arrives today
CLAIM_DAYS = 14


class SaleOrder(models.Model):
    """What an order in review lacks, before anybody approves it: stock is promised to
    what came first, so of three orders for the last piece two are short.
    """

    _inherit = "sale.order"

    gtg_missing = fields.Char(
        string="Missing Goods",
        compute="_compute_gtg_missing",
        search="_search_gtg_missing",
        groups="base.group_user",
        help="Of orders that are not confirmed: what is not in stock for them.",
    )

    def _compute_gtg_missing(self):
        lacks = self._gtg_lacks_in_review(self._origin.ids)
        products = self.env["product.product"].sudo()
        names = {
            product.id: product.default_code or product.name
            for product in products.browse({p for lack in lacks.values() for p in lack})
        }
        for order in self:
            order.gtg_missing = ", ".join(
                f"{quantity:g} × {names[product]}"
                for product, quantity in lacks.get(order._origin.id, {}).items()
            )

    def _search_gtg_missing(self, operator, value):
        if operator not in ("in", "not in") or set(value) != {False}:
            return NotImplemented
        short = self._gtg_lacks_in_review()
        return [("id", "in" if operator == "not in" else "not in", list(short))]

    def _gtg_lacks_in_review(self, ids=None):
        """:param ids: of these orders, by default of all that one may see
        :return: {order id: {product id: missing, in the product's unit}}
        """
        if ids is not None and not ids:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT order_id, warehouse_id, product_id, need, upto FROM (
                    SELECT o.id AS order_id, o.warehouse_id, l.product_id,
                           SUM(l.product_uom_qty * u.factor / pu.factor) AS need,
                           SUM(SUM(l.product_uom_qty * u.factor / pu.factor)) OVER (
                               PARTITION BY o.warehouse_id, l.product_id, CASE
                                   WHEN o.date_order < %(since)s THEN o.id END
                               ORDER BY o.date_order, o.id
                           ) AS upto
                      FROM sale_order_line l
                      JOIN sale_order o ON o.id = l.order_id
                      JOIN product_product p ON p.id = l.product_id
                      JOIN product_template t ON t.id = p.product_tmpl_id
                      JOIN uom_uom u ON u.id = l.product_uom_id
                      JOIN uom_uom pu ON pu.id = t.uom_id
                     WHERE o.gtg_stage = 'new' AND o.state IN ('draft', 'sent')
                       AND (o.website_id IS NULL OR o.state != 'draft')
                       AND o.company_id = ANY(%(companies)s)
                       AND l.display_type IS NULL AND l.product_uom_qty > 0
                       AND t.is_storable
                       AND (o.date_order >= %(since)s OR o.id = ANY(%(ids)s))
                     GROUP BY o.id, o.warehouse_id, l.product_id
                ) AS asked
                 WHERE %(every)s OR order_id = ANY(%(ids)s)
                 ORDER BY order_id, product_id
                """,
                companies=self.env.companies.ids,
                since=fields.Datetime.now() - timedelta(days=CLAIM_DAYS),
                ids=ids or [],
                every=ids is None,
            )
        )
        free = self._gtg_free_for({(row[1], row[2]) for row in rows})
        lacks = defaultdict(dict)
        for order, warehouse, product, need, upto in rows:
            lack = min(float(need), float(upto) - free.get((warehouse, product), 0))
            if lack > 1e-6:
                lacks[order][product] = round(lack, 3)
        return lacks

    def _gtg_free_for(self, wanted):
        """:param wanted: pairs (warehouse id, product id)
        :return: {pair: quantity that nobody has reserved}
        """
        products = self.env["product.product"].sudo()
        free = products._gtg_read_free(list({product for __, product in wanted}))
        if "is_kits" in products._fields:  # as many as their parts allow
            kits = products.browse({product for __, product in wanted}).filtered("is_kits")
            for warehouse in {warehouse for warehouse, __ in wanted}:
                for kit in kits.with_context(warehouse_id=warehouse):
                    free[warehouse, kit.id] = kit.free_qty
        return free
