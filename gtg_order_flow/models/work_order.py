from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# what the next wave takes first; urgent deliveries go before all of them
WORK_SORTS = [
    ("promised", "Earliest promised date first"),
    ("age", "First come, first served"),
    ("simple", "Simple orders first"),
    ("same", "Same products together"),
    ("carrier", "Same carrier together"),
]
SORT_ORDERS = {
    "promised": "urgent desc, ship_by, order_date, id",
    "age": "urgent desc, order_date, id",
    "simple": "urgent desc, line_count, unit_count, ship_by, order_date, id",
    "same": "urgent desc, twins desc, goods, ship_by, order_date, id",
    "carrier": "urgent desc, carrier_id, ship_by, order_date, id",
}


class GtgWorkOrder(models.Model):
    """What can be picked or packed now, one row per delivery that is wholly reserved.

    A query, no table: reservations change all day, and whoever confirms or receives
    hundreds of orders shall not wait for columns that only this list reads.
    """

    _name = "gtg.work.order"
    _description = "Delivery to Work on"
    _auto = False
    _order = SORT_ORDERS["promised"]
    _rec_name = "picking_id"

    picking_id = fields.Many2one("stock.picking", string="Delivery", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Buyer", readonly=True)
    channel_id = fields.Many2one("gtg.sale.channel", readonly=True)
    carrier_id = fields.Many2one("delivery.carrier", readonly=True)
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True)
    picking_type_id = fields.Many2one("stock.picking.type", readonly=True)
    batch_id = fields.Many2one("stock.picking.batch", string="Wave", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    urgent = fields.Boolean(readonly=True)
    held = fields.Boolean(
        string="Blocked", readonly=True, help="On hold, or the money goes back."
    )
    ship_by = fields.Datetime(readonly=True)
    order_date = fields.Datetime(string="Ordered on", readonly=True)
    line_count = fields.Integer(string="Products", readonly=True)
    unit_count = fields.Float(string="Units", readonly=True)
    goods = fields.Char(readonly=True)
    twins = fields.Integer(
        string="Same Content", readonly=True, help="Deliveries with exactly these goods."
    )
    tracking = fields.Char(string="Waybill", readonly=True)

    _depends = {
        "stock.picking": [
            "state",
            "sale_id",
            "picking_type_id",
            "batch_id",
            "carrier_id",
            "carrier_tracking_ref",
            "priority",
            "partner_id",
            "company_id",
        ],
        "stock.move": ["state", "product_id", "product_qty", "picking_id"],
        "stock.picking.type": ["code", "warehouse_id"],
        "sale.order": [
            "state",
            "gtg_money",
            "gtg_channel_id",
            "gtg_ship_by",
            "date_order",
        ],
        "gtg.order.hold": ["state", "reason_id", "order_id"],
        "gtg.hold.reason": ["blocks_ship", "blocks_print"],
        "product.product": ["default_code"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT p.id, p.id AS picking_id, p.sale_id AS order_id, p.partner_id,
                   o.gtg_channel_id AS channel_id, p.carrier_id, t.warehouse_id,
                   p.picking_type_id, p.batch_id, p.company_id,
                   COALESCE(p.priority, '0') = '1' AS urgent,
                   o.gtg_money IN ('refunding', 'refunded') OR EXISTS (
                       SELECT FROM gtg_order_hold h
                         JOIN gtg_hold_reason r ON r.id = h.reason_id
                        WHERE h.order_id = o.id AND h.state = 'open'
                          AND (r.blocks_ship OR r.blocks_print)
                   ) AS held,
                   o.gtg_ship_by AS ship_by, o.date_order AS order_date,
                   m.line_count, m.unit_count, m.goods,
                   COUNT(*) OVER (
                       PARTITION BY p.picking_type_id, p.batch_id, m.goods
                   )::int AS twins,
                   p.carrier_tracking_ref AS tracking
              FROM stock_picking p
              JOIN stock_picking_type t ON t.id = p.picking_type_id
              JOIN sale_order o ON o.id = p.sale_id
              JOIN LATERAL (
                    SELECT COUNT(*)::int AS line_count, SUM(units) AS unit_count,
                           STRING_AGG(label, ', ' ORDER BY label, product_id) AS goods,
                           BOOL_AND(ready) AS ready
                      FROM (
                            SELECT move.product_id, SUM(move.product_qty) AS units,
                                   COALESCE(product.default_code, '#' || product.id)
                                   || ' × ' || TRIM_SCALE(SUM(move.product_qty)) AS label,
                                   BOOL_AND(move.state = 'assigned') AS ready
                              FROM stock_move move
                              JOIN product_product product
                                ON product.id = move.product_id
                             WHERE move.picking_id = p.id
                               AND move.state NOT IN ('done', 'cancel')
                             GROUP BY move.product_id, product.id
                      ) AS by_product
              ) m ON m.ready
             WHERE p.state = 'assigned' AND o.state = 'sale'
               AND t.code IN ('outgoing', 'internal')
            """
        )

    # === WAVES === #

    @api.model
    def _gtg_next_wave(self, picking_type, domain, sort, count):
        """Put the next deliveries in work order into one batch transfer.

        Two people press at once: rows that the other has just locked are passed over;
        rows that he has just committed make this transaction run again. The order's
        row is written too, because whoever holds an order writes it: of a hold and a
        wave at the same moment, the later one sees the other.

        :param domain: on this model: carrier, channel
        :param str sort: key of SORT_ORDERS
        :return: the `stock.picking.batch`
        :raise UserError: nothing is ready
        """
        found = self.search(
            [
                ("picking_type_id", "=", picking_type.id),
                ("batch_id", "=", False),
                ("held", "=", False),
                *domain,
            ],
            order=SORT_ORDERS[sort],
        )
        pickings = (
            self.env["stock.picking"]
            .browse(found.ids)
            .try_lock_for_update(allow_referencing=True, limit=count)
        )
        orders = set(pickings.sudo().sale_id._gtg_touch())
        pickings = pickings.filtered(lambda picking: picking.sale_id.id in orders)
        if not pickings:
            raise UserError(
                self.env._(
                    "Nothing waits for a wave here: orders must be confirmed, reserved "
                    "and not on hold."
                )
            )
        batch = self.env["stock.picking.batch"].create(
            {
                "picking_type_id": picking_type.id,
                "company_id": picking_type.company_id.id,
                "user_id": self.env.uid,
                "picking_ids": [fields.Command.set(pickings.ids)],
            }
        )
        for number, picking in enumerate(pickings, 1):
            picking.batch_sequence = number
        batch.action_confirm()
        return batch

    def action_open(self):
        self.ensure_one()
        return self.picking_id.get_formview_action()
