import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.models.transaction import (
    CONFLICTS,
    own_transaction,
)

_logger = logging.getLogger(__name__)

REFUND_STATES = [
    ("none", "Nothing to give back"),
    ("due", "To give back"),
    ("queued", "Asked, to be sent"),
    ("sending", "At the payment provider"),
    ("unknown", "No answer: look at the provider"),
    ("failed", "Refused by the provider"),
    ("waiting", "To pay"),
    ("done", "Given back"),
]
SENDING_MINUTES = 15


class GtgOrderReturn(models.Model):
    """The money of a return.

    A payment provider is never asked inside the user's transaction, which Odoo may
    run again: the button only asks, `_cron_refund` says on disk that it sends before
    it sends, and what got no answer is never sent again by itself.
    """

    _inherit = "gtg.order.return"

    amount = fields.Monetary(
        string="Amount to give back",
        compute="_compute_amount",
        inverse="_inverse_amount",
        store=True,
        readonly=False,
        tracking=True,
    )
    amount_agreed = fields.Boolean(readonly=True, copy=False)
    refund_state = fields.Selection(
        REFUND_STATES,
        string="Money",
        default="none",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    refund_text = fields.Char(string="How", readonly=True, copy=False)
    refund_tx_id = fields.Many2one(
        "payment.transaction", readonly=True, copy=False, index="btree_not_null"
    )
    credit_note_ids = fields.Many2many("account.move", readonly=True, copy=False)
    refunded_at = fields.Datetime(readonly=True, copy=False)
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
            else:
                one.state = "closed"

    def _gtg_leave_to_marketplace(self):
        """The marketplace gives the buyer's money back, out of our payout. What is
        invoiced is credited."""
        order = self.order_id
        text = self.env._("The marketplace gives the money back.")
        try:
            with self.env.cr.savepoint():  # no half of the notes stays
                notes = self._gtg_credit_notes()
        except UserError as error:
            text += f" {error}"
        else:
            if notes:
                names = ", ".join(notes.mapped("display_name"))
                text += " " + self.env._("Post the credit note %s", names)
        self.write({"state": "closed", "refund_text": text})
        self._message_log(body=text)
        if order.gtg_return_state == "returned" and not order.gtg_refunded_at:
            order.gtg_refunded_at = fields.Datetime.now()

    def action_refund(self):
        """Give the money back the best way there is; exactly once."""
        for one in self._gtg_claim("received"):
            if one.refund_state not in ("due", "failed"):
                continue
            if not one.amount:
                raise UserError(self.env._("Enter the amount to give back first."))
            one = one.sudo()
            if one._gtg_take_off():
                continue  # a person reads the new amount first
            one._gtg_check_left()
            payment = one._gtg_refundable_payment()
            if payment:
                one.write({"refund_state": "queued", "refund_text": payment.reference})
                self.env.ref("gtg_order_flow.cron_refund").sudo()._trigger()
            elif one._gtg_credit_notes():
                names = ", ".join(one.credit_note_ids.mapped("display_name"))
                text = self.env._("Post and pay the credit note %s", names)
                one.write({"refund_state": "waiting", "refund_text": text})
            else:
                text = self.env._("Pay the buyer, then press Money given back")
                one.write({"refund_state": "waiting", "refund_text": text})
        return True

    def action_refund_done(self):
        """A person says that the buyer has the money."""
        for one in self._gtg_claim("received"):
            if one.refund_state in ("due", "waiting", "failed", "unknown"):
                one._message_log(
                    body=self.env._("Money given back, says %s.", self.env.user.name)
                )
                one.sudo()._gtg_refund_done()
        return True

    def action_refund_again(self):
        """A person has looked at the provider: the money did not go."""
        for one in self._gtg_claim("received"):
            if one.refund_state == "unknown":
                one.sudo().write({"refund_state": "due", "refund_text": False})
        return True

    def _gtg_refund_done(self):
        """Once per return: the money is back with the buyer."""
        for one in self.filtered(lambda one: one.refund_state not in ("done", "none")):
            now = fields.Datetime.now()
            one.write({"refund_state": "done", "refunded_at": now, "state": "closed"})
            one.order_id._gtg_read_returns()
            if one.order_id.gtg_paid_at or one.order_id.gtg_cod_collected_at:
                one._gtg_tell("refunded")
            one._gtg_after_refunded()

    # === CREDIT NOTE === #

    def _gtg_credit_notes(self):
        """Draft credit notes over the goods that came, from the posted invoices.

        :return: the credit notes; empty when nothing was invoiced
        """
        self.ensure_one()
        left = self._gtg_left_to_credit()
        bills = self.order_id._gtg_standing_moves().filtered(
            lambda move: move.move_type == "out_invoice"
        )
        for bill in bills.sorted("id", reverse=True):
            note = self._gtg_credit_note(bill, left)
            self.credit_note_ids |= note
        return self.credit_note_ids

    def _gtg_credit_note(self, bill, left):
        """:param dict left: {sale line: quantity to credit}, taken from"""
        takes = {}
        for line in bill.invoice_line_ids:
            sale_line = line.sale_line_ids & self.line_ids.order_line_id
            if len(sale_line) != 1:
                continue
            take = min(left[sale_line], line.quantity)
            if sale_line.product_uom_id.compare(take, 0) > 0:
                takes[sale_line] = take
                left[sale_line] -= take
        if not takes:
            return bill.browse()
        note = bill._reverse_moves(
            [{"ref": self.env._("Return %s", self.name), "invoice_date": False}]
        )
        commands = []
        for line in note.invoice_line_ids:
            take = takes.pop(line.sale_line_ids & self.line_ids.order_line_id, 0)
            commands.append(
                Command.update(line.id, {"quantity": take})
                if take
                else Command.delete(line.id)
            )
        note.write({"invoice_line_ids": commands})
        return note

    # === PAYMENT PROVIDER === #

    def _gtg_refundable_payment(self):
        """:return: the order's online payment that can be refunded by `amount`"""
        self.ensure_one()
        for tx in self.sudo().order_id.transaction_ids:
            if (
                tx.state != "done"
                or tx.operation in ("refund", "validation")
                or len(tx.sale_order_ids) != 1
                or tx.currency_id != self.currency_id
                or tx.provider_id.state == "disabled"
            ):
                continue
            method = tx.payment_method_id  # of a brand its main method counts
            method = method.primary_payment_method_id or method
            able = {tx.provider_id.support_refund, method.support_refund}
            gone = -sum(
                tx.child_transaction_ids.filtered(
                    lambda t: t.operation == "refund"
                    and t.state not in ("error", "cancel")
                ).mapped("amount")
            )
            free = tx.currency_id.compare_amounts(tx.amount - gone, self.amount)
            whole = tx.currency_id.compare_amounts(tx.amount, self.amount) == 0
            if "none" not in able and free >= 0 and (whole or "full_only" not in able):
                return tx
        return self.env["payment.transaction"]

    @api.model
    def _cron_refund(self):
        """Send the asked refunds to their payment providers, each once."""
        self._gtg_give_up_waiting()
        asked = self.search([("refund_state", "=", "queued")], order="id").ids
        for one in self.browse(asked):
            try:
                with own_transaction(self.env):
                    claimed = one._gtg_claim_refund()
                if claimed:
                    one._gtg_send_claimed()
            except CONFLICTS:
                continue  # another worker has it
            self.env["ir.cron"]._commit_progress(1)

    def _gtg_claim_refund(self):
        rows = self.env.execute_query(
            SQL(
                "UPDATE gtg_order_return SET refund_state = 'sending', "
                "write_date = now() AT TIME ZONE 'UTC' "
                "WHERE id = %s AND refund_state = 'queued' RETURNING id",
                self.id,
            )
        )
        self.invalidate_recordset()
        return bool(rows)

    def _gtg_send_claimed(self):
        try:
            with own_transaction(self.env):
                self._gtg_send_refund()
        except Exception as error:  # whatever it was, it may have left
            _logger.exception("refund of return %s", self.id)
            with own_transaction(self.env):
                self.write({"refund_state": "unknown", "refund_text": str(error)[:200]})

    def _gtg_send_refund(self):
        self.ensure_one()
        if self._gtg_take_off():
            return
        payment = self._gtg_refundable_payment()
        if not payment:
            self.write(
                {
                    "refund_state": "failed",
                    "refund_text": self.env._("No payment is left to refund."),
                }
            )
            return
        refund = payment._refund(amount_to_refund=self.amount)
        self.refund_tx_id = refund
        if refund.state in ("error", "cancel"):
            # core makes an error of a lost answer too: the money may have gone
            self.write(
                {"refund_state": "unknown", "refund_text": refund.state_message}
            )
        else:
            self._gtg_read_refund()

    def _gtg_read_refund(self):
        """Take what the refund transaction says; it may come later by a webhook."""
        for one in self.filtered("refund_tx_id"):
            refund = one.refund_tx_id
            if refund.state == "done":
                one._gtg_refund_done()
            elif refund.state in ("error", "cancel") and one.refund_state in (
                "sending",
                "unknown",
            ):
                text = refund.state_message or self.env._("No reason given")
                one.write({"refund_state": "failed", "refund_text": text})

    def _gtg_give_up_waiting(self):
        """A worker that died while sending left no trace: a person has to look."""
        before = fields.Datetime.now() - timedelta(minutes=SENDING_MINUTES)
        self.search(
            [
                ("refund_state", "=", "sending"),
                ("refund_tx_id", "=", False),
                ("write_date", "<", before),
            ]
        ).write({"refund_state": "unknown"})

    # === REPLACEMENT === #

    def action_replace(self):
        """Send the same goods again: an order without price, worked like any other."""
        for one in self._gtg_claim("received"):
            if (
                one.wish != "exchange"
                or one.replacement_id
                or one.refund_state != "none"
            ):
                continue
            order = one.order_id
            replacement = order.copy(
                {
                    "origin": one.name,
                    "gtg_channel_id": order.gtg_channel_id.id,
                    "client_order_ref": order.client_order_ref,
                    "order_line": [
                        Command.create(line._gtg_replacement_vals())
                        for line in one.line_ids
                        if line.good or line.damaged
                    ],
                }
            )
            one.sudo().write({"replacement_id": replacement.id, "state": "closed"})
            if one.replacement_id.state in ("draft", "sent"):  # or a rule was faster
                one.replacement_id.action_confirm()
        return True


class GtgOrderReturnLine(models.Model):
    _inherit = "gtg.order.return.line"

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


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _gtg_returns(self):
        return self.env["gtg.order.return"].sudo().search(
            [("refund_tx_id", "in", self.ids)]
        )

    def _set_done(self, **kwargs):
        done = super()._set_done(**kwargs)
        done._gtg_returns()._gtg_read_refund()
        return done

    def _set_error(self, *args, **kwargs):
        failed = super()._set_error(*args, **kwargs)
        self._gtg_returns()._gtg_read_refund()  # also what had no answer till now
        return failed


class AccountMove(models.Model):
    _inherit = "account.move"

    def _invoice_paid_hook(self):
        res = super()._invoice_paid_hook()
        returns = self.env["gtg.order.return"].sudo().search(
            [("credit_note_ids", "in", self.ids), ("refund_state", "=", "waiting")]
        )
        returns.filtered(
            lambda one: all(
                note.payment_state in ("paid", "in_payment")
                for note in one.credit_note_ids
            )
        )._gtg_refund_done()
        return res
