from typing import NamedTuple

from odoo import api, fields, models

SEEN_ORDERS = 50  # of which the product's fees are the average


class Fee(NamedTuple):
    """What selling an order costs us beside its goods, as we are told it."""

    name: str
    amount: float | None  # in the order's currency; None: not known yet


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_profit = fields.Monetary(
        string="Profit",
        compute="_compute_gtg_profit",
        groups="gtg_order_flow.group_shop_manager",
        help="Price without VAT less the cost of the goods and the fees known by now. "
        "What came back is left out.",
    )
    gtg_fees_text = fields.Char(
        string="Fees",
        compute="_compute_gtg_profit",
        groups="gtg_order_flow.group_shop_manager",
    )

    def _gtg_known_fees(self):
        """Extend: carriers, marketplaces and payment providers tell what they take.

        :return: {order: [Fee, ...]}; a fee that will come but is not known yet has no
            amount, which is not the same as 0
        """
        return {order: [] for order in self}

    @api.depends(
        "state",
        "gtg_shipped_at",
        "order_line.price_subtotal",
        "order_line.product_uom_qty",
        "order_line.qty_delivered",
    )
    def _compute_gtg_profit(self):
        fees = self.sudo()._gtg_known_fees()
        for order in self:
            own = fees[order.sudo()]
            known = sum(fee.amount for fee in own if fee.amount is not None)
            order.gtg_profit = order._gtg_earned() - known
            order.gtg_fees_text = ", ".join(order._gtg_fee_text(fee) for fee in own)

    def _gtg_fee_text(self, fee):
        if fee.amount is None:
            return self.env._("%s: not known yet", fee.name)
        return f"{fee.name}: {self.currency_id.format(fee.amount)}"

    def _gtg_earned(self):
        """:return: price without VAT less cost of what the buyer has or gets"""
        self.ensure_one()
        earned = 0
        for line in self.order_line.filtered(lambda ln: not ln.display_type):
            share = line._gtg_kept_share()
            product = line.product_id.with_company(self.company_id)
            pieces = line.product_uom_id._compute_quantity(
                line.product_uom_qty * share, product.uom_id, round=False
            )
            cost = product.cost_currency_id._convert(
                product.standard_price * pieces,
                self.currency_id,
                self.company_id,
                fields.Date.to_date(self.date_order) or fields.Date.today(),
            )
            earned += line.price_subtotal * share - cost
        return earned


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _gtg_kept_share(self):
        """:return: how much of the line counts: of goods that have left only what the
        buyer kept"""
        self.ensure_one()
        if not self.order_id.gtg_shipped_at or self.product_id.type != "consu":
            return 1
        ordered = self.product_uom_qty
        return max(self.qty_delivered, 0) / ordered if ordered else 0


class ProductTemplate(models.Model):
    _inherit = "product.template"

    gtg_fees_text = fields.Char(
        string="Fees per Piece",
        compute="_compute_gtg_fees_text",
        groups="base.group_user",
        help="What carriers and marketplaces took for this product in its last orders, "
        "on average. Each order's fees are shared out by price.",
    )

    @api.depends_context("company")
    def _compute_gtg_fees_text(self):
        for template in self:
            template.gtg_fees_text = template._gtg_average_fees()

    def _gtg_average_fees(self):
        company = self.env.company
        lines = self.env["sale.order.line"].sudo().search(
            [
                ("product_template_id", "in", self.ids),
                ("company_id", "=", company.id),
                ("state", "=", "sale"),
                ("product_uom_qty", ">", 0),
                ("order_id.gtg_shipped_at", "!=", False),
            ],
            order="id desc",
            limit=SEEN_ORDERS,
        )
        fees = lines.order_id._gtg_known_fees()
        taken = pieces = 0
        for line in lines:
            own = fees[line.order_id]
            if not own or any(fee.amount is None for fee in own):
                continue  # half of the fees would look like all of them
            order = line.order_id
            share = line.price_subtotal / (order.amount_untaxed or 1)
            taken += order.currency_id._convert(
                sum(fee.amount for fee in own) * share,
                company.currency_id,
                company,
                order.date_order,
            )
            pieces += line.product_uom_id._compute_quantity(
                line.product_uom_qty, line.product_id.uom_id, round=False
            )
        if not pieces:
            return self.env._("Not known yet")
        return company.currency_id.format(taken / pieces)
