import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.models.transaction import contained

_logger = logging.getLogger(__name__)

LEARN_DAYS = 90


class ProductTemplate(models.Model):
    """What is left of a product's profit after the fees, which every night are learnt
    from its shipped orders. Kept per company, so that lists can be sorted by it.
    """

    _inherit = "product.template"

    gtg_fee_rate = fields.Float(
        string="Share of the Fees",
        company_dependent=True,
        readonly=True,
        groups="base.group_user",
        help="Fees in proportion to the price without VAT.",
    )
    gtg_fee_orders = fields.Integer(
        string="Learnt from Orders",
        company_dependent=True,
        readonly=True,
        groups="base.group_user",
    )
    gtg_fees_learnt = fields.Selection(
        [("known", "Fees known"), ("unknown", "Fees not known yet")],
        string="Fees",
        company_dependent=True,
        readonly=True,
        groups="base.group_user",
        help="Learnt every night from the orders shipped in the last 90 days all of "
        "whose fees are known; each order's fees are shared out by price.",
    )
    gtg_profit_after_fees = fields.Float(
        string="Profit after Fees",
        company_dependent=True,
        readonly=True,
        groups="base.group_user",
        help="Of one sold at the sales price: price without VAT less cost and the usual "
        "fees, as of last night. Without the fees where these are not known yet.",
    )
    gtg_fees_text = fields.Char(
        string="Fees per Piece",
        compute="_compute_gtg_fees_text",
        groups="base.group_user",
        help="What carriers and marketplaces take of this product on average.",
    )

    @api.depends("gtg_fee_rate", "gtg_fee_orders", "list_price", "taxes_id")
    @api.depends_context("company")
    def _compute_gtg_fees_text(self):
        for template in self:
            if not template.gtg_fee_orders:
                template.gtg_fees_text = self.env._("Not known yet")
                continue
            fee = template._gtg_net_and_cost()[0] * template.gtg_fee_rate
            template.gtg_fees_text = self.env._(
                "%(amount)s, learnt from %(count)s orders",
                amount=template.currency_id.format(fee),
                count=template.gtg_fee_orders,
            )

    @api.model
    def _gtg_cron_learn_fees(self):
        self.env["sale.order"]._gtg_follow_costs()
        for company in self.env["res.company"].search([]):
            # what is left for later: tomorrow
            with contained(self.env, _logger, "fees of the products of %s", company):
                self.with_company(company)._gtg_learn_fees()

    @api.model
    def _gtg_learn_fees(self):
        """Store what the company's orders tell of each product's fees."""
        company = self.env.company
        learnt = {row[0]: row[1:] for row in self._gtg_fees_of_orders()}
        templates = self.sudo().with_context(active_test=False).search(
            [("sale_ok", "=", True), ("company_id", "in", (False, company.id))]
        )
        for template in templates:
            rate, orders = learnt.get(template.id, (0, 0))
            net, cost = template._gtg_net_and_cost()
            news = {
                "gtg_fee_rate": round(rate, 6),
                "gtg_fee_orders": orders,
                "gtg_fees_learnt": "known" if orders else "unknown",
                "gtg_profit_after_fees": template.currency_id.round(
                    net * (1 - rate) - cost
                ),
            }
            template.write({k: v for k, v in news.items() if template[k] != v})

    @api.model
    def _gtg_fees_of_orders(self):
        """:return: [(template id, fees in proportion to its sales, orders)]"""
        self.env["sale.order"].flush_model()
        self.env["sale.order.line"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT p.product_tmpl_id,
                       (SUM(o.gtg_fees * l.price_subtotal / o.amount_untaxed
                            / COALESCE(NULLIF(o.currency_rate, 0), 1))
                        / SUM(l.price_subtotal
                              / COALESCE(NULLIF(o.currency_rate, 0), 1)))::float,
                       COUNT(DISTINCT o.id)
                  FROM sale_order_line l
                  JOIN sale_order o ON o.id = l.order_id
                  JOIN product_product p ON p.id = l.product_id
                 WHERE o.company_id = %s AND o.state = 'sale'
                   AND o.gtg_fees_known = 'all' AND o.gtg_shipped_at >= %s
                   AND o.amount_untaxed > 0 AND l.price_subtotal > 0
                 GROUP BY p.product_tmpl_id
                """,
                self.env.company.id,
                fields.Datetime.now() - timedelta(days=LEARN_DAYS),
            )
        )
