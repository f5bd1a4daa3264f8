from odoo import api, fields, models


class SaleOrder(models.Model):
    """Facts: what happened to the order, written by channels, carriers and people.

    The axes are computed from them; nobody writes an axis.
    """

    _inherit = "sale.order"

    gtg_paid_at = fields.Datetime(string="Paid on", copy=False)
    gtg_cod_collected_at = fields.Datetime(
        string="COD in on",
        copy=False,
        help="The carrier has told that the buyer's cash is in.",
    )
    gtg_refund_requested_at = fields.Datetime(string="Refund asked on", copy=False)
    gtg_refunded_at = fields.Datetime(string="Refunded on", copy=False)
    gtg_label_ready_at = fields.Datetime(string="Label ready on", copy=False)
    gtg_label_printed_at = fields.Datetime(string="Label printed on", copy=False)
    gtg_packed_at = fields.Datetime(string="Packed on", copy=False)
    gtg_shipped_at = fields.Datetime(string="Shipped on", copy=False)
    gtg_delivered_at = fields.Datetime(string="Delivered on", copy=False)
    gtg_completed_at = fields.Datetime(string="Completed on", copy=False, readonly=True)
    gtg_return_state = fields.Selection(
        [("returning", "Returning"), ("returned", "Returned"), ("lost", "Lost")],
        string="Return",
        copy=False,
    )
    gtg_hooks_called = fields.Char(
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Which of the once-per-order steps have run.",
    )

    @api.model
    def _gtg_fact_fields(self):
        """:return: the fields whose change may make a hook due"""
        return {
            "state",
            "gtg_paid_at",
            "gtg_cod_collected_at",
            "gtg_refunded_at",
            "gtg_shipped_at",
            "gtg_delivered_at",
            "gtg_return_state",
        }

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        facts = self._gtg_fact_fields() - {"state"}
        if any(facts.intersection(vals) for vals in vals_list):
            orders._gtg_call_hooks()
        return orders

    def write(self, vals):
        res = super().write(vals)
        if not self._gtg_fact_fields().isdisjoint(vals):
            self._gtg_call_hooks()
        return res

    def _gtg_call_hooks(self):
        """Call each hook for the orders whose fact has just appeared, once per order.

        Hooks run with superuser rights: what follows a delivery does not depend on
        who typed or transmitted it. They must not talk to a provider, only enqueue.
        """
        orders = self.sudo()
        for event, is_due, hook in (
            ("shipped", lambda o: o.gtg_shipped_at, "_gtg_after_shipped"),
            ("delivered", lambda o: o.gtg_delivered_at, "_gtg_after_delivered"),
            (
                "completed",
                lambda o: o.gtg_stage == "completed",
                "_gtg_after_completed",
            ),
        ):
            due = orders.filtered(
                lambda order, event=event, is_due=is_due: (
                    is_due(order)
                    and event not in (order.gtg_hooks_called or "").split()
                )
            )
            if not due:
                continue
            for called, batch in due.grouped("gtg_hooks_called").items():
                batch.gtg_hooks_called = f"{called or ''} {event}".strip()
            getattr(due, hook)()

    def _gtg_after_shipped(self):
        """Once per order: the goods have left. Extend; call super."""
        # the news of the delivery has overtaken that of the shipment
        self.filtered(lambda o: not o.gtg_delivered_at)._gtg_tell_buyer("shipped")

    def _gtg_after_delivered(self):
        """Once per order: the buyer has the goods. Extend; call super."""
        self._gtg_tell_buyer("delivered")

    def _gtg_after_completed(self):
        """Once per order: delivered and the money is in. Extend; call super."""
        self.gtg_completed_at = fields.Datetime.now()

    # === FACTS FROM THE WAREHOUSE === #

    def _gtg_read_deliveries(self):
        """Take the facts that the warehouse tells: shipped, come back."""
        now = fields.Datetime.now()
        orders = self.sudo()  # who ships may be kept from the seller's orders
        left = back = orders.browse()
        for order in orders:
            moves = order.picking_ids.move_ids
            done = moves.filtered(lambda move: move.state == "done")
            out = done.filtered(lambda m: m.location_dest_usage == "customer")
            # for what is exchanged the buyer gets other goods, not money
            returned = done.filtered(
                lambda m: (
                    m.location_usage == "customer"
                    and m.gtg_return_id.wish != "exchange"
                )
            )
            open_out = moves.filtered(
                lambda m: (
                    m.state not in ("done", "cancel")
                    and m.location_dest_usage == "customer"
                )
            )
            if out and not open_out and not order.gtg_shipped_at:
                left |= order
            if returned and not open_out and order.gtg_return_state != "returned":
                # what was asked to come back may have come in part only
                kept = sum(out.mapped(_moved)) - sum(returned.mapped(_moved))
                if kept <= 0:
                    back |= order
        (left & left._gtg_shipped_when_picked()).write({"gtg_shipped_at": now})
        back.write({"gtg_return_state": "returned"})

    def _gtg_shipped_when_picked(self):
        """:return: the orders that count as shipped when their goods leave the
        warehouse. Extend: leave out those whose carrier or channel tells better.
        """
        return self

    def _gtg_reserve(self):
        """Reserve what waits for stock, many orders at once."""
        self.sudo().picking_ids.move_ids.filtered(
            lambda move: (
                move.state in ("confirmed", "partially_available")
                and move.picking_code != "incoming"
            )
        )._action_assign()


def _moved(move):
    """:return: what a done move really moved, in the product's unit"""
    return move.product_uom._compute_quantity(
        move.quantity, move.product_id.uom_id, round=False
    )
