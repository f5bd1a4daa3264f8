from odoo import fields, models
from odoo.exceptions import UserError

TAKEN_BACK = ("due", "queued", "failed")  # nothing has left yet


class GtgCancelRequest(models.Model):
    """The money of a cancelled order: all that was paid and has not gone back."""

    _inherit = "gtg.cancel.request"

    _gtg_owes_when = "accepted"
    _gtg_refund_event = "cancel_refunded"

    def _gtg_fixed_fields(self):
        return super()._gtg_fixed_fields() | (
            {"amount"} if self.refund_state == "none" else set()
        )

    def _gtg_paid(self):
        return self.order_id._gtg_paid_amount()

    def _gtg_was_paid(self):
        return super()._gtg_was_paid() or bool(self._gtg_paid())

    def _gtg_owe(self):
        """The order is cancelled: say what is to be given back, and credit the rest."""
        self.ensure_one()
        order = self.order_id
        marketplace = order.gtg_channel_kind == "marketplace"
        nothing = marketplace or order.gtg_refunded_at
        self.amount = 0 if nothing else max(self._gtg_left(), 0)
        if self.amount:
            self._gtg_take_off()
        if self.amount:
            self.refund_state = "due"
            if not order.gtg_refund_requested_at:
                order.gtg_refund_requested_at = fields.Datetime.now()
        elif marketplace:
            text = self.env._("The marketplace gives the money back.")
            self._gtg_only_credit(text)
        else:
            self._gtg_only_credit(self.env._("There is no money to give back."))

    def action_refund(self):
        res = super().action_refund()
        # the provider gives the money; the invoice is credited all the same
        for one in self.sudo().filtered(lambda one: one.refund_state == "queued"):
            if text := one._gtg_try_credit():
                one._message_log(body=text)
        return res

    def _gtg_notes_of_money(self, notes):
        """What is only posted is still to be paid; what was set against a bill that
        nobody paid moved no money."""
        return super()._gtg_notes_of_money(notes).filtered(
            lambda note: (
                note.payment_state in ("paid", "in_payment")
                and not any(
                    bill.payment_state == "reversed"
                    for bill in note._get_reconciled_invoices()
                )
            )
        )

    def _gtg_credit_notes(self):
        """Draft credit notes over all that is invoiced; what accounting makes
        meanwhile is taken up, not made again."""
        self.ensure_one()
        order = self.order_id
        notes = order._gtg_unpaid_notes()
        for one in self._gtg_other_refunds():
            notes -= one.credit_note_ids
        self.credit_note_ids |= notes
        left = order._gtg_left_to_credit()
        for bill in order._gtg_bills_to_credit().sorted("id", reverse=True):
            self.credit_note_ids |= self._gtg_credit_note(bill, left)
        return self.credit_note_ids

    def _gtg_withdraw_refund(self):
        """The order goes on after all: the money stays.

        :raise UserError: it is on its way already
        """
        for one in self:
            if one.refund_state in ("none", "done"):
                continue
            if one.refund_state not in TAKEN_BACK:
                raise UserError(
                    self.env._(
                        "The money of %s is being given back: finish that on its "
                        "cancellation first.",
                        one.order_id.name,
                    )
                )
            drafts = one.credit_note_ids.filtered(lambda note: note.state == "draft")
            drafts.button_cancel()
            one.write({"refund_state": "none", "amount": 0, "refund_text": False})
            one.order_id.gtg_refund_requested_at = False


class SaleOrder(models.Model):
    """What is owed when an order is cancelled, or is paid when it was cancelled."""

    _inherit = "sale.order"

    def _gtg_paid_amount(self):
        """:return: what the buyer has paid for the order, as far as we know"""
        self.ensure_one()
        online = self._gtg_online_amounts()[0].get(self.id, 0)
        told = self.gtg_paid_at or self.gtg_cod_collected_at
        return max(online, self.amount_total if told else 0)

    def _gtg_bills_to_credit(self):
        """:return: posted invoices that a draft credit note may take back. Extend."""
        return self._gtg_standing_moves().filtered(
            lambda move: move.move_type == "out_invoice"
        )

    def _gtg_unpaid_notes(self):
        """:return: credit notes by which the money may still go back. Extend."""
        return self.invoice_ids.filtered(
            lambda move: (
                move.move_type == "out_refund"
                and move.state != "cancel"
                and move.payment_state not in ("paid", "in_payment")
            )
        )

    def _gtg_left_to_credit(self):
        """:return: {sale line: quantity that is invoiced and not credited}"""
        self.ensure_one()
        bills = self._gtg_bills_to_credit()
        left = {}
        for line in self.order_line:
            rows = line.invoice_lines.filtered(
                lambda row: (
                    row.parent_state != "cancel" and row.display_type == "product"
                )
            )
            notes = rows.filtered(
                lambda row: (
                    row.move_id.move_type == "out_refund"
                    and row.move_id.reversed_entry_id <= bills
                )
            )
            billed = rows.filtered(lambda row: row.move_id in bills)
            left[line] = sum(billed.mapped("quantity")) - sum(notes.mapped("quantity"))
        return left

    def _gtg_owe_cancelled(self):
        """What was paid for cancelled orders is to go back, once."""
        orders = self.sudo().filtered(lambda order: order.state == "cancel")
        online = orders._gtg_online_amounts()[0] if orders else {}
        for order in orders:
            told = order.gtg_paid_at or order.gtg_cod_collected_at
            if told or online.get(order.id) or order.invoice_ids:
                order._gtg_owe_one_cancelled()

    def _gtg_owe_one_cancelled(self):
        asked = self.gtg_cancel_request_ids
        if any(one.refund_state not in ("none", "done") for one in asked):
            return
        refunds = self._gtg_refunds()
        given = sum(one.amount for one in refunds if one.refund_state != "none")
        given += sum(one.taken_off for one in refunds)
        owed = (
            not self.gtg_refunded_at
            and self.gtg_channel_kind != "marketplace"
            and self.currency_id.compare_amounts(self._gtg_paid_amount(), given) > 0
        )
        if owed or any(left > 0 for left in self._gtg_left_to_credit().values()):
            answered = asked.filtered(
                lambda one: one.state == "accepted" and one.refund_state == "none"
            )
            (answered[:1] or self._gtg_note_cancelled())._gtg_owe()

    def _gtg_note_cancelled(self):
        return self.env["gtg.cancel.request"].create(
            {
                "order_id": self.id,
                "state": "accepted",
                "user_id": self.user_id.id,
                "answered_at": fields.Datetime.now(),
                "answered_by_id": self.env.uid,
            }
        )

    def write(self, vals):
        res = super().write(vals)
        if vals.get("gtg_paid_at") or vals.get("gtg_cod_collected_at"):
            self._gtg_owe_cancelled()
        if vals.get("gtg_refunded_at"):
            # by a credit note that accounting paid, by what a person says
            self.sudo().gtg_cancel_request_ids.filtered(
                lambda one: one.refund_state in ("due", "waiting", "failed")
            )._gtg_refund_done()
        return res

    def _gtg_read_money(self):
        res = super()._gtg_read_money()
        self._gtg_owe_cancelled()  # also a deposit that comes late
        return res

    def action_draft(self):
        self.sudo().gtg_cancel_request_ids._gtg_withdraw_refund()
        return super().action_draft()


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        res = super()._post_process()
        # paid while somebody cancelled: neither saw the other
        self.filtered(lambda tx: tx.state == "done").sale_order_ids._gtg_owe_cancelled()
        return res
