from odoo import fields, models
from odoo.tools import SQL

from .sale_order_axes import CLASSIC, GOODS, INFO, MONEY, STAGE, SUBSTAGE


class GtgOrderReport(models.Model):
    """Daily numbers: one row per order, carts left out."""

    _name = "gtg.order.report"
    _description = "Order Numbers"
    _auto = False
    _order = "date desc"
    _rec_name = "order_id"
    _depends = {
        "sale.order": [
            "date_order", "company_id", "gtg_channel_id", "warehouse_id", "carrier_id",
            "user_id", "team_id", "state", "website_id", "amount_total",
            "currency_rate", "gtg_stage", "gtg_substage", "gtg_money", "gtg_goods",
            "gtg_info", "gtg_classic_state", "gtg_hold_reason_id", "gtg_ship_by",
            "gtg_shipped_at", "gtg_delivered_at", "gtg_step_at",
            "gtg_profit", "gtg_fees", "gtg_fees_known",
        ]
    }

    order_id = fields.Many2one("sale.order", readonly=True)
    date = fields.Datetime("Order Date", readonly=True)
    hour = fields.Char("Hour of Arrival", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    channel_id = fields.Many2one("gtg.sale.channel", readonly=True)
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True)
    carrier_id = fields.Many2one("delivery.carrier", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    stage = fields.Selection(STAGE, readonly=True)
    substage = fields.Selection(SUBSTAGE, "Step", readonly=True)
    money = fields.Selection(MONEY, readonly=True)
    goods = fields.Selection(GOODS, readonly=True)
    info = fields.Selection(INFO, "Information", readonly=True)
    classic_state = fields.Selection(CLASSIC, readonly=True)
    hold_reason_id = fields.Many2one("gtg.hold.reason", "Held for", readonly=True)
    amount_total = fields.Monetary("Total", readonly=True)
    profit = fields.Monetary(
        readonly=True,
        groups="gtg_order_flow.group_shop_manager",
        help="After the fees that are known.",
    )
    fees = fields.Monetary(
        "Known Fees", readonly=True, groups="gtg_order_flow.group_shop_manager"
    )
    fees_known = fields.Selection(
        related="order_id.gtg_fees_known",
        string="Fees",
        groups="gtg_order_flow.group_shop_manager",
    )
    stage_hours = fields.Float(
        "Hours in this step", readonly=True, aggregator="avg",
        help="Open orders: since they came into it.",
    )
    hours_to_ship = fields.Float("Hours to ship", readonly=True, aggregator="avg")
    hours_to_deliver = fields.Float(
        "Hours on the way", readonly=True, aggregator="avg"
    )
    on_time = fields.Float(
        "On time (%)", readonly=True, aggregator="avg",
        help="Shipped by the promised time, of the orders with such a promise that "
        "are shipped or late.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT o.id, o.id AS order_id, o.date_order AS date,
                   TO_CHAR(o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s,
                           'HH24"h"') AS hour,
                   o.company_id, o.gtg_channel_id AS channel_id, o.warehouse_id,
                   o.carrier_id, o.user_id, o.team_id, o.gtg_stage AS stage,
                   o.gtg_substage AS substage, o.gtg_money AS money,
                   o.gtg_goods AS goods, o.gtg_info AS info,
                   o.gtg_classic_state AS classic_state,
                   o.gtg_hold_reason_id AS hold_reason_id,
                   o.amount_total / COALESCE(NULLIF(o.currency_rate, 0), 1)
                       AS amount_total,
                   o.gtg_profit / COALESCE(NULLIF(o.currency_rate, 0), 1) AS profit,
                   o.gtg_fees / COALESCE(NULLIF(o.currency_rate, 0), 1) AS fees,
                   CASE WHEN o.gtg_stage IN ('new', 'processing') THEN
                       EXTRACT(EPOCH FROM %(now)s - o.gtg_step_at) / 3600
                   END AS stage_hours,
                   EXTRACT(EPOCH FROM o.gtg_shipped_at - o.date_order) / 3600
                       AS hours_to_ship,
                   EXTRACT(EPOCH FROM o.gtg_delivered_at - o.gtg_shipped_at) / 3600
                       AS hours_to_deliver,
                   CASE WHEN o.gtg_ship_by IS NULL OR o.state = 'cancel' THEN NULL
                        WHEN o.gtg_shipped_at <= o.gtg_ship_by THEN 100
                        WHEN COALESCE(o.gtg_shipped_at, %(now)s) > o.gtg_ship_by
                        THEN 0
                   END AS on_time
              FROM sale_order o
             WHERE o.website_id IS NULL OR o.state != 'draft'
            """,
            tz=str(self.env.tz),
            now=fields.Datetime.now(),
        )
