from odoo import api, fields, models
from odoo.fields import Command


class GtgOrderReturn(models.Model):
    """The money of a return: how much, and what else becomes of it."""

    _inherit = "gtg.order.return"

    _gtg_owes_when = "received"

    amount = fields.Monetary(
        string="Amount to give back",
        compute="_compute_amount",
        inverse="_inverse_amount",
        store=True,
        readonly=False,
        tracking=True,
    )
    amount_agreed = fields.Boolean(readonly=True, copy=False)
    replacement_id = fields.Many2one(
        "sale.order", readonly=True, copy=False, index="btree_not_null"
    )

    @api.depends(
        "line_ids.quantity", "line_ids.good", "line_ids.damaged", "state", "order_id"
    )
    def _compute_amount(self):
        for one in self:
            if one.refund_state != "none":
                one.amount = one.amount  # what is under way stays
                continue
            worth = one._gtg_worth()
            if one.amount_agreed:
                short = any(line.missing for line in one.line_ids)
                worth = min(one.amount, worth) if short else one.amount
            one.amount = worth

    def _inverse_amount(self):
        """A person wrote something else than we had said: that was agreed."""
        for one in self.sudo():
            one.amount_agreed = bool(
                one.currency_id.compare_amounts(one.amount, one._gtg_worth())
            )

    # === WHAT IS OWED === #

    def _gtg_owe(self):
        """The goods are here: say on the order that money is to be given back."""
        for one in self:
            order = one.order_id
            came = any(line.good or line.damaged for line in one.line_ids)
            paid = order.gtg_paid_at or order.gtg_cod_collected_at
            invoiced = order.invoice_ids.filtered(lambda m: m.state == "posted")
            if one.wish == "exchange" and came:
                continue
            if came and order.gtg_channel_kind == "marketplace":
                one._gtg_leave_to_marketplace()
                continue
            if came:
                one._gtg_take_off()
            if came and one.amount and (paid or invoiced):
                one.refund_state = "due"
                if paid and not order.gtg_refund_requested_at:
                    order.gtg_refund_requested_at = fields.Datetime.now()
            elif not came or one.wish != "other":
                one.state = "closed"

    def _gtg_leave_to_marketplace(self):
        """The marketplace gives the buyer's money back, out of our payout. What is
        invoiced is credited."""
        self._gtg_only_credit(self.env._("The marketplace gives the money back."))
        order = self.order_id
        if order.gtg_return_state == "returned" and not order.gtg_refunded_at:
            order.gtg_refunded_at = fields.Datetime.now()

    def _gtg_settled(self):
        return {**super()._gtg_settled(), "state": "closed"}

    def _gtg_credit_ref(self):
        return self.env._("Return %s", self.name)

    # === CREDIT NOTE === #

    def _gtg_credit_notes(self):
        """Draft credit notes over the goods that came, from the posted invoices.

        :return: the credit notes; empty when nothing was invoiced
        """
        self.ensure_one()
        if any(note.state != "cancel" for note in self.credit_note_ids):
            return self.credit_note_ids
        left = self._gtg_left_to_credit()
        bills = self.order_id._gtg_standing_moves().filtered(
            lambda move: move.move_type == "out_invoice"
        )
        for bill in bills.sorted("id", reverse=True):
            note = self._gtg_credit_note(bill, left)
            self.credit_note_ids |= note
        return self.credit_note_ids

    # === REPLACEMENT === #

    def action_replace(self):
        """Send the same goods again: an order without price, worked like any other.
        Other goods: an order of its own, which the returned goods pay.
        """
        for one in self._gtg_claim("received"):
            if one.wish == "other":
                one._gtg_send_other()
                continue
            if (
                one.wish != "exchange"
                or one.replacement_id
                or one.refund_state != "none"
            ):
                continue
            order = one.order_id
            replacement = order.copy(
                one._gtg_new_order_vals(
                    vals
                    for line in one.line_ids
                    if line.good or line.damaged
                    for vals in line._gtg_replacement_rows()
                )
            )
            one.sudo().write({"replacement_id": replacement.id, "state": "closed"})
            if one.replacement_id.state in ("draft", "sent"):  # or a rule was faster
                one.replacement_id.action_confirm()
        return True

    def _gtg_new_order_vals(self, lines):
        return {
            "origin": self.name,
            "gtg_channel_id": self.order_id.gtg_channel_id.id,
            "client_order_ref": self.order_id.client_order_ref,
            "order_line": [Command.create(line) for line in lines],
        }


class GtgOrderReturnLine(models.Model):
    _inherit = "gtg.order.return.line"

    def _gtg_replacement_rows(self):
        """:return: list of values of order lines that send again what came"""
        return [self._gtg_replacement_vals()]

    def _gtg_replacement_vals(self):
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "product_uom_id": self.product_uom_id.id,
            "product_uom_qty": self.good + self.damaged,
            "name": self.order_line_id.name,
            "price_unit": 0,
            "discount": 0,
        }
