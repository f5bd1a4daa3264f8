from odoo import api, fields, models

MONEY = [
    ("unpaid", "Unpaid"),
    ("cod", "Cash on delivery"),
    ("paid", "Paid"),
    ("refunding", "Refunding"),
    ("refunded", "Refunded"),
]
GOODS = [
    ("waiting", "Waiting for stock"),
    ("allocated", "Stock reserved"),
    ("to_print", "To print"),
    ("to_pack", "To pack"),
    ("to_ship", "To ship"),
    ("shipped", "On the way"),
    ("delivered", "Delivered"),
    ("returning", "Coming back"),
    ("returned", "Returned"),
    ("lost", "Lost"),
]
INFO = [("to_review", "To review"), ("on_hold", "On hold"), ("approved", "Approved")]
STAGE = [
    ("new", "New"),
    ("processing", "Processing"),
    ("completed", "Completed"),
    ("cancelled", "Cancelled"),
]
SUBSTAGE = [
    ("to_review", "To review"),
    ("to_allocate", "To allocate"),
    ("to_print", "To print"),
    ("to_pack", "To pack"),
    ("to_ship", "To ship"),
    ("in_transit", "In transit"),
    ("to_collect", "Money to come"),
    ("returning", "Coming back"),
    ("lost", "Lost"),
    ("to_refund", "To refund"),
]
CLASSIC = [
    ("unconfirmed_unpaid", "1. Not confirmed, not paid"),
    ("confirmed_unpaid", "2. Confirmed, not paid"),
    ("paid_unprocessed", "3. Confirmed, paid or COD, not processed"),
    ("processed", "4. Processed"),
    ("processed_shipped", "5. Processed and handed over"),
    ("shipped", "6. Shipped and received"),
    ("refunding", "7. Refunding"),
    ("refunded", "8. Refunded"),
]
SUBSTAGE_OF_GOODS = {
    "waiting": "to_allocate",
    "allocated": "to_print",
    "to_print": "to_print",
    "to_pack": "to_pack",
    "to_ship": "to_ship",
    "shipped": "in_transit",
    "delivered": "to_collect",
    "returning": "returning",
    "returned": "to_refund",
    "lost": "lost",
}


class SaleOrder(models.Model):
    """The three axes, and what follows from them. Computed for many orders at once."""

    _inherit = "sale.order"

    gtg_money = fields.Selection(
        MONEY, string="Money", compute="_compute_gtg_money", store=True, index=True
    )
    gtg_goods = fields.Selection(
        GOODS, string="Goods", compute="_compute_gtg_goods", store=True, index=True
    )
    gtg_info = fields.Selection(
        INFO, string="Information", compute="_compute_gtg_info", store=True, index=True
    )
    gtg_stage = fields.Selection(
        STAGE,
        string="Stage",
        compute="_compute_gtg_stage",
        store=True,
        index=True,
        group_expand=True,
    )
    gtg_substage = fields.Selection(
        SUBSTAGE, string="Step", compute="_compute_gtg_stage", store=True
    )
    gtg_step_at = fields.Datetime(
        string="In this Step since", compute="_compute_gtg_stage", store=True
    )
    gtg_classic_state = fields.Selection(
        CLASSIC,
        string="Classic State",
        compute="_compute_gtg_stage",
        store=True,
        index=True,
    )

    @api.depends(
        "state",
        "amount_total",
        "gtg_is_cod",
        "gtg_paid_at",
        "gtg_cod_collected_at",
        "gtg_refund_requested_at",
        "gtg_refunded_at",
        "gtg_return_state",
    )
    def _compute_gtg_money(self):
        for order in self:
            paid = order.gtg_paid_at or order.gtg_cod_collected_at
            to_give_back = order.gtg_refund_requested_at or (
                paid
                and (order.state == "cancel" or order.gtg_return_state == "returned")
            )
            if order.gtg_refunded_at:
                order.gtg_money = "refunded"
            elif to_give_back:
                order.gtg_money = "refunding"
            elif paid or (
                order.state == "sale" and order.currency_id.is_zero(order.amount_total)
            ):
                order.gtg_money = "paid"
            else:
                order.gtg_money = "cod" if order.gtg_is_cod else "unpaid"

    @api.depends(
        "state",
        "gtg_label_ready_at",
        "gtg_label_printed_at",
        "gtg_packed_at",
        "gtg_shipped_at",
        "gtg_delivered_at",
        "gtg_return_state",
        "order_line.move_ids.state",
    )
    def _compute_gtg_goods(self):
        for order in self:
            order.gtg_goods = order._gtg_goods_state()

    def _gtg_goods_state(self):
        self.ensure_one()
        if self.gtg_return_state:
            return self.gtg_return_state
        if self.gtg_delivered_at:
            return "delivered"
        if self.gtg_shipped_at:
            return "shipped"
        if self.state != "sale":
            return "waiting"
        if self.gtg_packed_at:
            return "to_ship"
        if not self._gtg_is_allocated():
            return "waiting"
        if self.gtg_label_printed_at:
            return "to_pack"
        return "to_print" if self.gtg_label_ready_at else "allocated"

    def _gtg_is_allocated(self):
        """Whether all that is still to leave is reserved.

        Moves that wait for an earlier step of the warehouse count as reserved: the
        earlier step's own moves tell.
        """
        self.ensure_one()
        return not any(
            move.state in ("draft", "confirmed", "partially_available")
            and move.picking_code != "incoming"
            for move in self.order_line.move_ids
        )

    @api.depends("state", "gtg_hold_ids.state")
    def _compute_gtg_info(self):
        for order in self:
            if any(hold.state == "open" for hold in order.gtg_hold_ids):
                order.gtg_info = "on_hold"
            elif order.state in ("draft", "sent"):
                order.gtg_info = "to_review"
            else:
                order.gtg_info = "approved"

    @api.depends("state", "gtg_money", "gtg_goods", "gtg_info")
    def _compute_gtg_stage(self):
        now = fields.Datetime.now()
        for order in self:
            order.gtg_stage = order._gtg_stage_now()
            before, step = order.gtg_substage, order._gtg_substage_now()
            order.gtg_substage = step
            order.gtg_step_at = order.gtg_step_at if before == step else now
            order.gtg_classic_state = order._gtg_classic_now()

    def _gtg_stage_now(self):
        self.ensure_one()
        nothing_owed = self.gtg_money not in ("paid", "refunding")
        if self.state == "cancel" or (self.gtg_goods == "returned" and nothing_owed):
            return "cancelled"
        if self.gtg_goods == "delivered" and self.gtg_money in ("paid", "refunded"):
            return "completed"
        if self.gtg_money == "refunded" and self.gtg_goods not in (
            "shipped",
            "returning",
        ):
            return "cancelled"
        return "new" if self.state in ("draft", "sent") else "processing"

    def _gtg_substage_now(self):
        self.ensure_one()
        if self.gtg_money == "refunding":
            return "to_refund"
        if self.gtg_stage == "new":
            return "to_review"
        if self.gtg_stage == "processing":
            return SUBSTAGE_OF_GOODS[self.gtg_goods]
        return False

    def _gtg_classic_now(self):
        """The eight states that Vietnamese shops know; a cancelled order has none."""
        self.ensure_one()
        if self.gtg_money in ("refunding", "refunded"):
            return self.gtg_money
        if self.gtg_stage == "cancelled":
            return False
        if self.gtg_goods == "delivered":
            return "shipped"
        if self.gtg_goods in ("shipped", "returning", "returned", "lost"):
            return "processed_shipped"
        if self.gtg_goods in ("to_pack", "to_ship"):
            return "processed"
        if self.gtg_money == "paid":
            return "paid_unprocessed"
        if self.state in ("draft", "sent"):
            return "unconfirmed_unpaid"
        return "paid_unprocessed" if self.gtg_money == "cod" else "confirmed_unpaid"
