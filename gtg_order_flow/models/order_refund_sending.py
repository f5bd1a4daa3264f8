import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.models.transaction import (
    CONFLICTS,
    own_transaction,
    tell_cron,
)

from .order_refund import REFUND_MODELS

_logger = logging.getLogger(__name__)

SENDING_MINUTES = 15


class GtgOrderRefund(models.AbstractModel):
    """Refunds through the payment provider, and what payments tell about them."""

    _inherit = "gtg.order.refund"

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
        for name in REFUND_MODELS:
            self.env[name]._gtg_send_asked()

    @api.model
    def _gtg_send_asked(self):
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
            tell_cron(self.env, 1)

    def _gtg_claim_refund(self):
        rows = self.env.execute_query(
            SQL(
                "UPDATE %s SET refund_state = 'sending', "
                "write_date = now() AT TIME ZONE 'UTC' "
                "WHERE id = %s AND refund_state = 'queued' RETURNING id",
                SQL.identifier(self._table),
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
            _logger.exception("refund of %s", self)
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

    def _gtg_read_credit_notes(self):
        """The credit notes are paid: by money, or only set against an unpaid bill?"""
        for one in self:
            notes = one.credit_note_ids
            if not all(n.payment_state in ("paid", "in_payment") for n in notes):
                continue
            went = notes._gtg_by_money()
            if (
                one._gtg_was_paid()
                and notes._get_reconciled_invoices()
                and one.currency_id.compare_amounts(went, one.amount) < 0
            ):
                text = self.env._(
                    "The credit note was set against an unpaid invoice, but the buyer "
                    "had paid. Pay the buyer, then press Money given back"
                )
                one.refund_text = text
                one._gtg_ask_to_pay(text)
            else:
                one._gtg_refund_done()
                one._gtg_tell_too_much(went - one.amount)

    def _gtg_tell_too_much(self, more):
        """More left by the credit notes than was to go back. Extend."""

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


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _gtg_read_refunds(self):
        for name in REFUND_MODELS:
            self.env[name].sudo().search(
                [("refund_tx_id", "in", self.ids)]
            )._gtg_read_refund()

    def _set_done(self, **kwargs):
        done = super()._set_done(**kwargs)
        done._gtg_read_refunds()
        return done

    def _set_error(self, *args, **kwargs):
        failed = super()._set_error(*args, **kwargs)
        self._gtg_read_refunds()  # also what had no answer till now
        return failed

    def _set_canceled(self, *args, **kwargs):
        cancelled = super()._set_canceled(*args, **kwargs)
        self._gtg_read_refunds()
        return cancelled


class AccountMove(models.Model):
    _inherit = "account.move"

    def _invoice_paid_hook(self):
        res = super()._invoice_paid_hook()
        for name in REFUND_MODELS:
            refunds = self.env[name].sudo().search(
                [("credit_note_ids", "in", self.ids), ("refund_state", "=", "waiting")]
            )
            refunds._gtg_read_credit_notes()
        return res
