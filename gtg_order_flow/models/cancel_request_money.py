from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

TAKEN_BACK = ("due", "queued", "failed")  # nothing has left yet


class GtgCancelRequest(models.Model):
    """The money of a cancelled order: all that was paid and has not gone back."""

    _inherit = "gtg.cancel.request"

    _gtg_owes_when = "accepted"
    _gtg_refund_event = "cancel_refunded"

    taken_note_ids = fields.Many2many(
        "account.move",
        "gtg_cancel_request_taken_note",
        readonly=True,
        copy=False,
        help="Credit notes of accounting that are used for this refund.",
    )
    is_late = fields.Boolean(
        string="Paid again",
        readonly=True,
        copy=False,
        help="The buyer paid once more, after it was settled what goes back.",
    )
    gone_before = fields.Monetary(readonly=True, copy=False)

    def _gtg_own_fields(self):
        own = {"taken_note_ids", "is_late", "gone_before"}
        return super()._gtg_own_fields() | own

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
        if marketplace:
            self.amount = 0
        elif order.gtg_settled:
            self._gtg_owe_late()
        else:
            self.amount = 0 if order.gtg_refunded_at else max(self._gtg_left(), 0)
            order._gtg_settle()
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

    def _gtg_owe_late(self):
        """Only what came after it was settled is owed; what went back by then was for
        the money of before."""
        order = self.order_id
        self.amount = max(order._gtg_paid_amount() - order.gtg_settled, 0)
        if self.amount:
            taken = sum(one.taken_off for one in self._gtg_other_refunds())
            self.write({"is_late": True, "gone_before": self._gtg_gone() - taken})
            order.gtg_refunded_at = False
            order._gtg_settle()

    def _gtg_gone(self):
        by_notes = self.order_id.gtg_replaces_ids._gtg_paid_of_others()
        return super()._gtg_gone() + by_notes - self.gone_before

    def _gtg_how_by_hand(self):
        """Returned goods had paid the order: what they paid is open on their note."""
        notes = self.order_id.gtg_replaces_ids.filtered("set_against").credit_note_ids
        notes = notes.filtered(lambda move: move.state != "cancel")
        if not any(note.state == "draft" or note.amount_residual for note in notes):
            return super()._gtg_how_by_hand()
        return self.env._(
            "Pay it out of the credit note %s, then press Money given back",
            ", ".join(notes.mapped("display_name")),
        )

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
        notes = order._gtg_unpaid_notes() - self.credit_note_ids
        for one in self._gtg_other_refunds():
            notes -= one.credit_note_ids
        self.taken_note_ids |= notes
        self.credit_note_ids |= notes
        left = order._gtg_left_to_credit()
        for bill in order._gtg_bills_to_credit().sorted("id", reverse=True):
            self.credit_note_ids |= self._gtg_credit_note(bill, left)
        return self.credit_note_ids

    def _gtg_withdraw_refund(self):
        """The order goes on after all: the money stays.

        :raise UserError: it is on its way already
        """
        for one in self.filtered(lambda one: one.refund_state != "none"):
            if one.refund_state == "done":
                one.order_id._gtg_refuse_to_reopen()
            to_pay = one.refund_state == "waiting" and not any(
                note.state == "posted" for note in one.credit_note_ids
            )
            if one.refund_state not in TAKEN_BACK and not to_pay:
                raise UserError(
                    self.env._(
                        "The money of %s is being given back: finish that on its "
                        "cancellation first.",
                        one.order_id.name,
                    )
                )
            made = one.credit_note_ids - one.taken_note_ids
            made.filtered(lambda note: note.state == "draft").button_cancel()
            one.activity_unlink(["mail.mail_activity_data_todo"])
            one.write(
                {
                    "refund_state": "none",
                    "amount": 0,
                    "refund_text": False,
                    "credit_note_ids": [Command.clear()],
                    "taken_note_ids": [Command.clear()],
                }
            )
            one.order_id.write(
                {
                    "gtg_refund_requested_at": False,
                    "gtg_settled": 0,
                    "gtg_settled_online": 0,
                }
            )


class SaleOrder(models.Model):
    """What is owed when an order is cancelled, or is paid when it was cancelled."""

    _inherit = "sale.order"

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
        for order, paid in orders._gtg_paid_amounts().items():
            if paid or order.invoice_ids:
                order._gtg_owe_one_cancelled(paid)

    def _gtg_owe_one_cancelled(self, paid):
        asked = self.gtg_cancel_request_ids
        if any(one.refund_state not in ("none", "done") for one in asked):
            return
        if self._gtg_owes(paid):
            late = self.gtg_settled
        elif any(left > 0 for left in self._gtg_left_to_credit().values()):
            late = False
        else:
            return
        answered = asked.filtered(
            lambda one: (
                one.state == "accepted" and one.refund_state == "none" and not late
            )
        )
        (answered[:1] or self._gtg_note_cancelled())._gtg_owe()

    def _gtg_owes(self, paid):
        """:return: whether something was paid of which nothing says that it goes back"""
        if self.gtg_channel_kind == "marketplace":
            return False
        over = self.currency_id.compare_amounts
        if self.gtg_settled:
            return over(paid, self.gtg_settled) > 0
        refunds = self._gtg_refunds()
        given = sum(one.amount for one in refunds if one.refund_state != "none")
        given += sum(one.taken_off for one in refunds)
        return not self.gtg_refunded_at and over(paid, given) > 0

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
            orders = self.sudo()
            orders.filtered(lambda order: not order.gtg_settled)._gtg_settle()
            # by a credit note that accounting paid, by what a person says
            orders.gtg_cancel_request_ids.filtered(
                lambda one: one.refund_state in ("due", "waiting", "failed")
            )._gtg_refund_done()
            orders._gtg_owe_cancelled()  # paid again meanwhile
        return res

    def _gtg_read_money(self):
        res = super()._gtg_read_money()
        self._gtg_owe_cancelled()  # also a deposit that comes late
        return res

    def _gtg_without_late_refunds(self):
        late = self.env["gtg.cancel.request"]
        if self.ids:
            late = late.sudo().search(
                [
                    ("order_id", "in", self.ids),
                    ("is_late", "=", True),
                    ("refund_state", "not in", ("none", "done")),
                ]
            )
        return super()._gtg_without_late_refunds() - late.order_id

    def action_draft(self):
        for order in self.sudo().filtered(lambda order: order.state == "cancel"):
            if order.gtg_refunded_at:
                order._gtg_refuse_to_reopen()
        self.sudo().gtg_cancel_request_ids._gtg_withdraw_refund()
        return super().action_draft()

    def _gtg_refuse_to_reopen(self):
        raise UserError(
            self.env._(
                "The money of %s went back to the buyer: duplicate the order instead.",
                self.name,
            )
        )

    # === SCHEDULED === #

    @api.model
    def _gtg_clock_jobs(self):
        """Cancelled and paid at the same moment, neither saw the other; a part payment
        of a bill tells nobody."""
        return [
            *super()._gtg_clock_jobs(),
            ("owed", self._gtg_lately_cancelled(), lambda b: b._gtg_owe_cancelled()),
        ]

    @api.model
    def _gtg_lately_cancelled(self):
        """:return: cancelled orders that changed, or got a payment, within a day"""
        since = fields.Datetime.now() - timedelta(days=1)
        self.env.flush_all()
        billed = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT o.id
                  FROM account_partial_reconcile p
                  JOIN account_move_line paid ON paid.id = p.debit_move_id
                  JOIN account_move m ON m.id = paid.move_id
                  JOIN account_move_line item ON item.move_id = m.id
                  JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = item.id
                  JOIN sale_order_line l ON l.id = r.order_line_id
                  JOIN sale_order o ON o.id = l.order_id
                 WHERE p.create_date > %s AND o.state = 'cancel'
                   AND m.move_type = 'out_invoice'
                """,
                since,
            )
        )
        cancelled = self.sudo().search(
            [
                ("gtg_stage", "=", "cancelled"),
                ("state", "=", "cancel"),
                ("write_date", ">", since),
            ]
        )
        return cancelled | self.sudo().browse(order_id for (order_id,) in billed)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        res = super()._post_process()
        # paid while somebody cancelled: neither saw the other
        self.filtered(lambda tx: tx.state == "done").sale_order_ids._gtg_owe_cancelled()
        return res
