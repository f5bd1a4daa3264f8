import logging
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import split_every

from odoo.addons.gtg_connector_base.models.transaction import contained

_logger = logging.getLogger(__name__)

COST_DAYS = 7  # so long after an order its costs may be typed
AT_ONCE = 200


class Fee(NamedTuple):
    """What selling an order costs us beside its goods, as we are told it."""

    name: str
    amount: float | None  # in the order's currency; None: not known yet


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_profit = fields.Monetary(
        string="Profit",
        compute="_compute_gtg_profit",
        store=True,
        groups="gtg_order_flow.group_shop_manager",
        help="Of confirmed orders: price without VAT less the cost of the goods and "
        "the fees known by now. What came back is left out.",
    )
    gtg_fees = fields.Monetary(
        string="Known Fees",
        compute="_compute_gtg_profit",
        store=True,
        groups="gtg_order_flow.group_shop_manager",
        help="What carriers and marketplaces have told by now.",
    )
    gtg_fees_known = fields.Selection(
        [
            ("all", "All fees known"),
            ("some", "Some fees not known yet"),
            ("none", "Nobody takes a fee that we know of"),
        ],
        string="Fees",
        compute="_compute_gtg_profit",
        store=True,
        groups="gtg_order_flow.group_shop_manager",
    )
    gtg_fees_text = fields.Char(
        string="Fees in Detail",
        compute="_compute_gtg_fees_text",
        groups="gtg_order_flow.group_shop_manager",
    )

    def _gtg_known_fees(self):
        """Extend: carriers, marketplaces and payment providers tell what they take;
        then `_compute_gtg_profit` depends on what they read, too.

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
        sold = self.filtered(lambda order: order.state == "sale")
        fees = sold.sudo()._gtg_known_fees()
        for order in self:
            own = fees.get(order.sudo(), [])
            known = sum(fee.amount for fee in own if fee.amount is not None)
            whole = all(fee.amount is not None for fee in own)
            earned = order._gtg_earned() - known if order in sold else 0
            order._gtg_keep(
                gtg_profit=order.currency_id.round(earned),
                gtg_fees=order.currency_id.round(known),
                gtg_fees_known=("all" if whole else "some") if own else "none",
            )

    def _gtg_keep(self, **values):
        """What has not changed is not written: others may be at the order's row."""
        for name, value in values.items():
            if self[name] != value:
                self[name] = value

    @api.model
    def _gtg_follow_costs(self):
        """Every night: a cost that is typed some days after the first sales counts for
        these, too. What was sold before keeps the cost of its time."""
        now = fields.Datetime.now()
        orders = self.sudo().search(
            [
                ("state", "=", "sale"),
                ("date_order", ">=", now - timedelta(days=COST_DAYS)),
                ("order_line.product_id.write_date", ">=", now - timedelta(days=2)),
            ],
            order="id",
        )
        for ids in split_every(AT_ONCE, orders.ids):
            # what is left for later: tomorrow
            what = "profit of %s orders after new costs"
            with contained(self.env, _logger, what, len(ids)):
                self._gtg_compute_again([("id", "in", ids)], ["gtg_profit"])

    def _compute_gtg_fees_text(self):
        fees = self.sudo()._gtg_known_fees()
        for order in self:
            own = fees[order.sudo()]
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
