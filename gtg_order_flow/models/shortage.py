from collections import namedtuple

from odoo import api, models
from odoo.tools import SQL

Lack = namedtuple(
    "Lack", "warehouse_id company_id product_id orders missing free on_order due"
)


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model
    def _gtg_lacks(self, companies):
        """What confirmed orders wait for, per warehouse and product, in three statements.

        Moves are counted, not order lines: of a kit its components are missing. Orders
        that a hold keeps from reserving count for nothing. `free` is stock that nobody
        has reserved (below zero: more has left than was there) and goods that arrived
        but are not on the shelf yet; `on_order` is what comes from vendors, transit or
        production, drafts of purchase orders included. What was bought for one certain
        order covers no other.

        :return: {(warehouse id, product id): Lack}, quantities in the product's unit
        """
        self.env.flush_all()
        needs = self._gtg_read_needs(companies)
        products = list({row[2] for row in needs})
        free = self._gtg_read_free(products)
        on_order = self._gtg_read_on_order(products)
        lacks = {}
        for warehouse, company, product, orders, due, missing in needs:
            key = (warehouse, product)
            lacks[key] = Lack(
                warehouse_id=warehouse,
                company_id=company,
                product_id=product,
                orders=orders,
                due=due,
                missing=float(missing),
                free=free.get(key, 0.0),
                on_order=on_order.get(key, 0.0),
            )
        return lacks

    @api.model
    def _gtg_read_needs(self, companies):
        """:return: rows (warehouse, company, product, orders, first due, missing)"""
        return self.env.execute_query(
            SQL(
                """
                SELECT l.warehouse_id, m.company_id, m.product_id,
                       COUNT(DISTINCT o.id), MIN(o.gtg_ship_by) AS due,
                       SUM(m.product_qty * (
                           1 - COALESCE(m.quantity, 0) / m.product_uom_qty
                       )) AS missing
                  FROM stock_move m
                  JOIN sale_order_line sol ON sol.id = m.sale_line_id
                  JOIN sale_order o ON o.id = sol.order_id
                  JOIN stock_location l ON l.id = m.location_id
                 WHERE m.state IN ('confirmed', 'partially_available')
                   AND m.procure_method = 'make_to_stock'
                   AND m.product_uom_qty > 0 AND m.company_id = ANY(%s)
                   AND l.usage = 'internal' AND l.warehouse_id IS NOT NULL
                   AND o.state = 'sale' AND o.id NOT IN (
                       SELECT h.order_id
                         FROM gtg_order_hold h
                         JOIN gtg_hold_reason r ON r.id = h.reason_id
                        WHERE h.state = 'open' AND r.blocks_reservation
                   )
                 GROUP BY l.warehouse_id, m.company_id, m.product_id
                 ORDER BY due NULLS LAST, missing DESC, m.product_id
                """,
                companies.ids,
            )
        )

    @api.model
    def _gtg_read_free(self, products):
        """:return: {(warehouse id, product id): quantity}"""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT l.warehouse_id, q.product_id,
                       SUM(CASE WHEN l.parent_path LIKE shelf.parent_path || '%%'
                                THEN q.quantity - q.reserved_quantity
                                ELSE q.quantity END)
                  FROM stock_quant q
                  JOIN stock_location l ON l.id = q.location_id
                  JOIN stock_warehouse w ON w.id = l.warehouse_id
                  JOIN stock_location shelf ON shelf.id = w.lot_stock_id
                 WHERE q.product_id = ANY(%s) AND l.usage = 'internal'
                   AND (l.parent_path LIKE shelf.parent_path || '%%'
                        OR l.id IN (w.wh_input_stock_loc_id, w.wh_qc_stock_loc_id))
                 GROUP BY l.warehouse_id, q.product_id
                """,
                products,
            )
        )
        return {tuple(row[:2]): float(row[2] or 0) for row in rows}

    @api.model
    def _gtg_read_on_order(self, products):
        """:return: {(warehouse id, product id): quantity}"""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT warehouse_id, product_id, SUM(quantity) FROM (
                    SELECT l.warehouse_id, m.product_id, m.product_qty AS quantity
                      FROM stock_move m
                      JOIN stock_location l ON l.id = m.location_dest_id
                      JOIN stock_location source ON source.id = m.location_id
                     WHERE m.product_id = ANY(%(products)s)
                       AND m.state NOT IN ('draft', 'done', 'cancel')
                       AND source.usage IN ('supplier', 'transit', 'production')
                       AND l.usage = 'internal' AND NOT EXISTS (
                           SELECT FROM stock_move_move_rel rel
                             JOIN stock_move d ON d.id = rel.move_dest_id
                            WHERE rel.move_orig_id = m.id
                              AND d.sale_line_id IS NOT NULL
                       )
                     UNION ALL
                    SELECT t.warehouse_id, pol.product_id, pol.product_uom_qty
                      FROM purchase_order_line pol
                      JOIN purchase_order po ON po.id = pol.order_id
                      JOIN stock_picking_type t ON t.id = po.picking_type_id
                     WHERE pol.product_id = ANY(%(products)s)
                       AND po.state IN ('draft', 'sent', 'to approve')
                       AND NOT EXISTS (
                           SELECT FROM stock_move_created_purchase_line_rel rel
                            WHERE rel.created_purchase_line_id = pol.id
                       )
                ) AS coming
                 GROUP BY warehouse_id, product_id
                """,
                products=products,
            )
        )
        return {tuple(row[:2]): float(row[2] or 0) for row in rows}

    def _gtg_vendors(self, company):
        """:return: who sells this product to the company today"""
        sellers = self.env["product.supplierinfo"].sudo()
        for product in self.sudo().with_company(company):
            sellers |= product._get_filtered_sellers(quantity=None)
        return sellers.partner_id

    def _gtg_to_buy(self, quantity, company, vendor=None):
        """:param quantity: that is lacking, in the product's unit
        :param vendor: that a person chose; None: the best
        :return: (vendor line, quantity to buy), an empty line: nobody sells it
        """
        product = self.sudo().with_company(company)
        seller = product._select_seller(
            partner_id=vendor or False, quantity=quantity, uom_id=product.uom_id
        )
        if not seller:
            # the vendor sells more at once than we need
            seller = product._select_seller(partner_id=vendor or False, quantity=None)
            quantity = max(
                quantity,
                seller.product_uom_id._compute_quantity(seller.min_qty, product.uom_id)
                if seller
                else 0,
            )
        return seller, product.uom_id.round(quantity, rounding_method="UP")
