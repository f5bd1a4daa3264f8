import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class GtgDemandForecast(models.TransientModel):
    """What was sold lately, as a proposal when and how much to buy.

    Weekly demand is the mean of the weeks looked at, or of their newer half where
    that is more: what takes off is not ordered too late.
    """

    _name = "gtg.demand.forecast"
    _description = "Demand Forecast"

    weeks = fields.Integer(string="Sales of the last weeks", default=8, required=True)
    safety_days = fields.Integer(
        string="Safety (days)",
        default=7,
        required=True,
        help="The stock lasts so much longer than the vendor needs.",
    )
    cover_days = fields.Integer(
        string="Each purchase lasts (days)", default=14, required=True
    )
    channel_ids = fields.Many2many(
        "gtg.sale.channel", string="Channels", help="Empty: all."
    )
    warehouse_ids = fields.Many2many(
        "stock.warehouse", string="Warehouses", help="Empty: all."
    )
    line_ids = fields.One2many("gtg.demand.line", "forecast_id")

    _sensible = models.Constraint(
        "CHECK(weeks BETWEEN 1 AND 104 AND safety_days BETWEEN 0 AND 365 "
        "AND cover_days BETWEEN 1 AND 365)",
        "Look at 1 to 104 weeks; safety 0 to 365 days; a purchase lasts 1 to 365 days.",
    )

    def action_forecast(self):
        self.ensure_one()
        self.line_ids.unlink()
        now = fields.Datetime.now()
        sold = self._sold_since(now - timedelta(weeks=self.weeks))
        half = self.weeks / 2
        lately = self._sold_since(now - timedelta(weeks=half))
        self.line_ids = self.env["gtg.demand.line"].create(
            [
                {
                    "forecast_id": self.id,
                    "warehouse_id": warehouse.id,
                    "product_id": product.id,
                    "sold": quantity,
                    "weekly": max(
                        quantity / self.weeks,
                        lately.get((warehouse, product), 0) / half,
                    ),
                }
                for (warehouse, product), quantity in sold.items()
            ]
        )
        self.line_ids._gtg_propose()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Demand Forecast"),
            "res_model": "gtg.demand.line",
            "view_mode": "list",
            "domain": [("forecast_id", "=", self.id)],
        }

    def _sold_since(self, since):
        """What left, or is to leave, for orders since then, less what came back. Of a
        kit its components; what was cancelled never left.

        :return: {(warehouse, product): quantity in the product's unit}
        """
        rows = self._read_moves(since)
        warehouses, products, units = (
            {record.id: record for record in self.env[model].browse(set(ids))}
            for model, ids in zip(
                ("stock.warehouse", "product.product", "uom.uom"),
                list(zip(*rows, strict=True))[:3] or ((), (), ()),
                strict=True,
            )
        )
        sold = {}
        for warehouse, product, unit, quantity in rows:
            key = warehouses[warehouse], products[product]
            sold[key] = sold.get(key, 0) + units[unit]._compute_quantity(
                quantity, products[product].uom_id, round=False
            )
        return {
            (warehouse, product): quantity
            for (warehouse, product), quantity in sold.items()
            if product.uom_id.compare(quantity, 0) > 0
        }

    def _read_moves(self, since):
        """:return: rows (warehouse, product, unit of the moves, quantity)"""
        moves = ["stock.move", "stock.location", "sale.order", "product.template"]
        for model in moves:
            self.env[model].flush_model()
        chosen = SQL()
        if self.channel_ids:
            ids = self.channel_ids.ids
            chosen = SQL("%s AND o.gtg_channel_id = ANY(%s)", chosen, ids)
        if self.warehouse_ids:
            ids = self.warehouse_ids.ids
            chosen = SQL("%s AND from_here.warehouse_id = ANY(%s)", chosen, ids)
        return self.env.execute_query(
            SQL(
                """
                SELECT from_here.warehouse_id, m.product_id, m.product_uom, SUM(
                           CASE WHEN here.usage = 'customer' THEN -m.quantity
                                WHEN m.state = 'done' THEN m.quantity
                                ELSE m.product_uom_qty
                           END
                       )::float
                  FROM stock_move m
                  JOIN sale_order_line line ON line.id = m.sale_line_id
                  JOIN sale_order o ON o.id = line.order_id
                  JOIN product_product p ON p.id = m.product_id
                  JOIN product_template t ON t.id = p.product_tmpl_id
                  JOIN stock_location here ON here.id = m.location_id
                  JOIN stock_location there ON there.id = m.location_dest_id
             LEFT JOIN stock_location last ON last.id = m.location_final_id
             LEFT JOIN stock_move left_by ON left_by.id = m.origin_returned_move_id
                  JOIN stock_location from_here ON from_here.id = CASE
                           WHEN here.usage = 'customer' THEN left_by.location_id
                           ELSE m.location_id
                       END
                 WHERE o.state = 'sale' AND o.date_order >= %s
                   AND m.company_id = ANY(%s) AND t.is_storable
                   AND from_here.warehouse_id IS NOT NULL
                   AND (
                       (here.usage = 'customer' AND m.state = 'done')
                       OR (there.usage = 'customer' AND m.state != 'cancel')
                       -- picked first: what brings it to the buyer comes after
                       OR (last.usage = 'customer'
                           AND m.state NOT IN ('done', 'cancel')
                           AND NOT EXISTS (SELECT FROM stock_move_move_rel next
                                            WHERE next.move_orig_id = m.id))
                   ) %s
                 GROUP BY 1, 2, 3
                """,
                since,
                self.env.companies.ids,
                chosen,
            )
        )


class GtgDemandLine(models.TransientModel):
    _name = "gtg.demand.line"
    _description = "Demand Forecast Line"
    _order = "weekly desc, id"

    forecast_id = fields.Many2one(
        "gtg.demand.forecast", required=True, index=True, ondelete="cascade"
    )
    warehouse_id = fields.Many2one("stock.warehouse", required=True)
    product_id = fields.Many2one("product.product", required=True)
    uom_id = fields.Many2one(related="product_id.uom_id")
    sold = fields.Float(digits="Product Unit")
    weekly = fields.Float(string="Per Week", digits="Product Unit")
    available = fields.Float(
        string="Stock to come", digits="Product Unit", help="On hand and on the way."
    )
    lead_days = fields.Integer(string="Vendor (days)")
    rule_id = fields.Many2one("stock.warehouse.orderpoint", ondelete="set null")
    now_min = fields.Float(string="Min now", digits="Product Unit")
    now_max = fields.Float(string="Max now", digits="Product Unit")
    new_min = fields.Float(digits="Product Unit")
    new_max = fields.Float(digits="Product Unit")

    def _gtg_propose(self):
        """Fill in stock, vendor and rule of many lines with few queries."""
        rules = self._gtg_rules()
        for warehouse, lines in self.grouped("warehouse_id").items():
            products = lines.product_id.with_context(warehouse_id=warehouse.id)
            stock = {p.id: p.virtual_available for p in products}
            for line in lines:
                forecast = line.forecast_id
                rule = rules.get((warehouse, line.product_id))
                lead = line.product_id.seller_ids[:1].delay
                least = line.weekly / 7 * (lead + forecast.safety_days)
                least = math.ceil(round(least, 4))
                more = math.ceil(round(line.weekly / 7 * forecast.cover_days, 4))
                line.write(
                    {
                        "available": stock[line.product_id.id],
                        "lead_days": lead,
                        "rule_id": rule and rule.id,
                        "now_min": rule.product_min_qty if rule else 0,
                        "now_max": rule.product_max_qty if rule else 0,
                        "new_min": least,
                        "new_max": least + more,
                    }
                )

    def _gtg_rules(self):
        rules = self.env["stock.warehouse.orderpoint"].search(
            [
                ("product_id", "in", self.product_id.ids),
                ("location_id", "in", self.warehouse_id.lot_stock_id.ids),
            ]
        )
        return {(rule.warehouse_id, rule.product_id): rule for rule in rules}

    @api.constrains("new_min", "new_max")
    def _check_quantities(self):
        for line in self:
            if line.new_min < 0 or line.new_max < line.new_min:
                raise UserError(
                    self.env._(
                        "%s: the maximum is at least the minimum, and no less than 0.",
                        line.product_id.display_name,
                    )
                )

    def action_apply(self):
        """Write the proposals into core's reorder rules, new ones where none is."""
        rules = self._gtg_rules()
        new = []
        for line in self:
            vals = {"product_min_qty": line.new_min, "product_max_qty": line.new_max}
            rule = rules.get((line.warehouse_id, line.product_id))
            if rule:
                rule.write(vals)
            else:
                new.append(
                    {
                        **vals,
                        "product_id": line.product_id.id,
                        "warehouse_id": line.warehouse_id.id,
                        "location_id": line.warehouse_id.lot_stock_id.id,
                        "company_id": line.warehouse_id.company_id.id,
                    }
                )
        self.env["stock.warehouse.orderpoint"].create(new)
        rules = self._gtg_rules()
        for line in self:
            line.write(
                {
                    "rule_id": rules[line.warehouse_id, line.product_id].id,
                    "now_min": line.new_min,
                    "now_max": line.new_max,
                }
            )
        return True
