from odoo import fields, models
from odoo.exceptions import UserError

MAX_REQUESTS = 5  # of one kind and order on the portal; then people talk


class SaleOrder(models.Model):
    """Returns and cancellation requests of an order."""

    _inherit = "sale.order"

    gtg_return_ids = fields.One2many(
        "gtg.order.return",
        "order_id",
        string="Returns",
        copy=False,
        groups="base.group_user",
    )
    gtg_cancel_request_ids = fields.One2many(
        "gtg.cancel.request",
        "order_id",
        string="Cancellation Requests",
        copy=False,
        groups="base.group_user",
    )
    gtg_replaces_ids = fields.One2many(
        "gtg.order.return",
        "replacement_id",
        string="Replaces",
        copy=False,
        groups="base.group_user",
        help="The returns instead of whose goods this order is sent.",
    )
    gtg_request_count = fields.Integer(
        compute="_compute_gtg_request_count", groups="base.group_user"
    )
    gtg_asked_at = fields.Datetime(
        string="After-sale Request on",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )

    def _compute_gtg_request_count(self):
        counts = {}
        for model in ("gtg.order.return", "gtg.cancel.request"):
            for order, count in self.env[model]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            ):
                counts[order] = counts.get(order, 0) + count
        for order in self:
            order.gtg_request_count = counts.get(order._origin, 0)

    # === WHAT CAN COME BACK === #

    def _gtg_open_returns(self):
        """:return: returns of these orders whose goods have not arrived yet"""
        return (
            self.env["gtg.order.return"]
            .sudo()
            .search(
                [
                    ("order_id", "in", self.ids),
                    ("state", "in", ("requested", "accepted")),
                ]
            )
        )

    def _gtg_returnable(self, claims=None):
        """What the buyer has and no return claims yet.

        :param claims: the returns that count as claims; without: the open ones
        :return: {order line: quantity in its unit}
        """
        # a kit whose bill of materials is gone: core's own return takes its parts back
        return {
            line: left
            for line, left in self._gtg_with_buyer(claims).items()
            if line._gtg_delivered_moves() or line._gtg_kit()
        }

    def _gtg_with_buyer(self, claims=None):
        """As `_gtg_returnable`, with what no return of ours can take back."""
        if claims is None:
            claims = self._gtg_open_returns()
        claimed = {}
        for line in claims.sudo().line_ids:
            claimed.setdefault(line.order_line_id.id, 0)
            claimed[line.order_line_id.id] += line.quantity
        # exchanged goods count as delivered, but the buyer has them no more
        exchanged = {}
        for line in self.sudo().gtg_return_ids.line_ids:
            if line.return_id.wish == "exchange" and line.state in ("received", "closed"):
                exchanged.setdefault(line.order_line_id.id, 0)
                exchanged[line.order_line_id.id] += line.good + line.damaged
        result = {}
        for line in self.order_line:
            kits = line._gtg_kits_with_buyer()
            if kits is None:
                left = line.qty_delivered - exchanged.get(line.id, 0)
            else:
                left = kits
            left -= claimed.get(line.id, 0)
            if (
                not line.display_type
                and line.product_id.type == "consu"
                and line.product_uom_id.compare(left, 0) > 0
            ):
                result[line] = left
        return result

    def _gtg_portal_returnable(self):
        """:return: {order line: quantity} that the buyer may ask to return"""
        return {
            line: quantity
            for line, quantity in self._gtg_returnable().items()
            if line.product_id._gtg_may_be_returned()
        }

    def _gtg_why_no_return(self):
        """:return: why the buyer cannot ask for a return, '' if they can"""
        self.ensure_one()
        channel = self.gtg_channel_id
        if channel.kind == "marketplace":
            return self.env._("Please ask for the return where you bought.")
        asked = self.sudo().gtg_return_ids.filtered("by_buyer")
        if not channel.return_days or len(asked) >= MAX_REQUESTS:
            return self.env._("Please contact us about a return.")
        if not self.gtg_delivered_at:
            return self.env._("The order has not been delivered yet.")
        age = fields.Datetime.now() - self.gtg_delivered_at
        if age.total_seconds() > channel.return_days * 86400:
            return self.env._(
                "Returns were possible for %s days after delivery.",
                channel.return_days,
            )
        if not self._gtg_portal_returnable():
            return self.env._("Nothing of this order can be returned.")
        return ""

    # === CANCELLING === #

    def _gtg_handed_over(self):
        """Whether goods are out of our hands. Extend: carriers know better."""
        self.ensure_one()
        return bool(
            self.gtg_shipped_at or self.gtg_delivered_at
        ) or any(
            picking.state == "done" and picking.picking_type_code == "outgoing"
            for picking in self.sudo().picking_ids
        )

    def _gtg_is_ordered(self):
        """Whether the buyer has ordered, though a transfer may still be awaited."""
        self.ensure_one()
        return self.state == "sale" or (self.state == "sent" and bool(self.website_id))

    def _gtg_why_no_cancel(self):
        """:return: why the buyer cannot ask to cancel, '' if they can"""
        self.ensure_one()
        if self.gtg_channel_id.kind == "marketplace":
            return self.env._("Please cancel where you bought.")
        if not self._gtg_is_ordered():
            return self.env._("This order cannot be cancelled any more.")
        if self._gtg_handed_over():
            return self.env._(
                "The order has been handed over to the carrier and can no longer be "
                "cancelled. Ask for a return when it has arrived."
            )
        if any(one.state == "requested" for one in self.sudo().gtg_cancel_request_ids):
            return self.env._("You have asked to cancel already. We answer soon.")
        if len(self.sudo().gtg_cancel_request_ids) >= MAX_REQUESTS:
            return self.env._("We have answered already. Please contact us.")
        return ""

    def action_cancel(self):
        for order in self:
            if (
                order.state == "sale"
                and order._gtg_handed_over()
                and order.gtg_return_state not in ("returned", "lost")
            ):
                raise UserError(
                    self.env._(
                        "%s has been handed over and cannot be cancelled any more. "
                        "Make a return instead.",
                        order.name,
                    )
                )
        return super().action_cancel()

    def _action_cancel(self):
        # core cancels them as the user, who need not see invoices and payments
        drafts = self.sudo().invoice_ids.filtered(lambda move: move.state == "draft")
        drafts.button_cancel()
        res = super()._action_cancel()
        # cancelled on another way: what was asked has happened
        asked = self.sudo().gtg_cancel_request_ids.filtered(
            lambda one: one.state == "requested" and one.order_id.state == "cancel"
        )
        asked._gtg_set_answered("accepted")
        asked._gtg_tell("cancel_accepted")
        asked._gtg_after_answered()
        self._gtg_owe_cancelled()
        return res

    # === MONEY === #

    def _gtg_refunds(self):
        """:return: list of what gives money of the order back"""
        self.ensure_one()
        order = self.sudo()
        return [*order.gtg_return_ids, *order.gtg_cancel_request_ids]

    def _gtg_read_refunds(self):
        """Money went back: is the whole order refunded?"""
        for order in self.sudo().filtered(lambda o: not o.gtg_refunded_at):
            refunds = order._gtg_refunds()
            if {one.refund_state for one in refunds} - {"none", "done"}:
                continue
            given = sum(one.amount for one in refunds if one.refund_state == "done")
            given += sum(one.taken_off for one in refunds)
            whole = order.currency_id.compare_amounts(given, order.amount_total) >= 0
            gone = order.gtg_return_state == "returned" or order.state == "cancel"
            if whole or gone:
                order.gtg_refunded_at = fields.Datetime.now()
            else:
                order.gtg_refund_requested_at = False

    def action_gtg_refunded(self):
        """The money is given back on the return or cancellation, which knows how much."""
        self._gtg_owe_cancelled()
        for refunds in (self.gtg_return_ids, self.gtg_cancel_request_ids):
            due = refunds.filtered(lambda one: one.refund_state not in ("none", "done"))
            if due:
                return due._gtg_open()
        return super().action_gtg_refunded()

    def _get_invoiceable_lines(self, final=False):
        """A replacement was invoiced with the order whose goods it replaces."""
        lines = super()._get_invoiceable_lines(final)
        again = self.sudo().gtg_replaces_ids.filtered(lambda r: r.wish == "exchange")
        return lines.browse() if again else lines

    # === BUTTONS === #

    def action_gtg_return(self):
        self.ensure_one()
        if not self._gtg_returnable():
            if kits := [line.product_id for line in self._gtg_with_buyer()]:
                raise UserError(
                    self.env._(
                        "%s left in parts. Open the delivery and press Return there.",
                        ", ".join(kit.display_name for kit in kits),
                    )
                )
            raise UserError(
                self.env._(
                    "Nothing of %s is with the buyer: nothing to return.", self.name
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Return"),
            "res_model": "gtg.order.return",
            "view_mode": "form",
            "context": {"default_order_id": self.id},
        }

    def action_gtg_ask_cancel(self):
        """Button: the buyer called and wants to cancel; held until it is answered."""
        self.ensure_one()
        if why := self._gtg_why_no_cancel():
            raise UserError(why)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancellation Request"),
            "res_model": "gtg.cancel.request",
            "view_mode": "form",
            "context": {"default_order_id": self.id},
        }

    def action_gtg_show_requests(self):
        self.ensure_one()
        if self.gtg_cancel_request_ids and not self.gtg_return_ids:
            return self.gtg_cancel_request_ids._gtg_open()
        return self.gtg_return_ids._gtg_open()


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _gtg_delivered_moves(self, component=None):
        """:return: the done moves that brought the line's own product to the buyer, or
        a component of its kit
        """
        return self.sudo().move_ids.filtered(
            lambda m: (
                m.state == "done"
                and m.location_dest_usage == "customer"
                and m.product_id == (component or m.sale_line_id.product_id)
            )
        )
