from odoo import models
from odoo.exceptions import UserError

GOING = ("queued", "sending", "unknown", "waiting", "done")


class GtgOrderRefund(models.AbstractModel):
    """Money that went back, but not through this record, is not paid twice."""

    _inherit = "gtg.order.refund"

    def _gtg_other_refunds(self):
        """:return: list of all that else gives money of the order back"""
        mine = {self, self._origin}  # of a form that is not saved: the saved one too
        return [one for one in self.order_id._gtg_refunds() if one not in mine]

    def _gtg_left(self):
        """:return: what was paid and others neither gave nor shall give back"""
        others = self._gtg_other_refunds()
        going = sum(one.amount for one in others if one.refund_state != "none")
        taken = self.taken_off + sum(one.taken_off for one in others)
        return self._gtg_paid() - going - taken

    def _gtg_check_left(self):
        left = self._gtg_left()
        if self.currency_id.compare_amounts(self.amount, left) > 0:
            raise UserError(
                self.env._(
                    "No more than %s of the order can be given back.",
                    self.currency_id.format(max(left, 0)),
                )
            )

    def _gtg_gone(self):
        """:return: money of the order that went back, but through none of these records"""
        self.ensure_one()
        order = self.order_id
        others = self._gtg_other_refunds()
        every = [self, *others]
        moves = order._gtg_standing_moves()
        notes = moves.filtered(lambda move: move.move_type == "out_refund")
        bills = moves.filtered(lambda move: move.move_type == "out_invoice")
        refunded = -sum(
            order.transaction_ids.child_transaction_ids.filtered(
                lambda tx: (
                    tx.operation == "refund"
                    and tx.state not in ("error", "cancel")
                    and not any(tx == one.refund_tx_id for one in every)
                )
            ).mapped("amount")
        )
        # notes over what others give back, and over what was billed again
        explained = sum(
            one.amount
            for one in others
            if one.refund_state in GOING and not one.credit_note_ids
        )
        for one in every:
            notes -= one.credit_note_ids
        billed_again = max(bills._gtg_total_of(order) - order.amount_total, 0)
        credited = notes._gtg_total_of(order) - billed_again - explained
        paid_out = self._gtg_notes_of_money(notes)._gtg_total_of(order)
        credited = min(credited, paid_out)
        return refunded + max(credited - refunded, 0)

    def _gtg_notes_of_money(self, notes):
        """:return: those of the posted credit notes by which money goes back. Extend."""
        return notes

    def _gtg_take_off(self):
        """Take off the amount what went back meanwhile on another way.

        :return: whether the amount changed: nothing is sent before a person looked
        """
        self.ensure_one()
        more = self.amount
        if not self.order_id.gtg_refunded_at:
            others = self._gtg_other_refunds()
            every = [self, *others]
            taken = sum(one.taken_off - one.set_against for one in every)
            more = min(self._gtg_gone() - taken, self.amount)
        if self.currency_id.compare_amounts(more, 0) <= 0:
            return False
        text = self.env._(
            "%s of the order have been given back on another way already.",
            self.currency_id.format(more),
        )
        vals = {"amount": self.amount - more, "taken_off": self.taken_off + more}
        if self.refund_state != "none":
            vals["refund_state"] = "due"
        self.write({**vals, "refund_text": text})
        self._message_log(body=text)
        if self.refund_state != "none" and not self.amount:
            self.write({"refund_state": "none", **self._gtg_settled()})
            self.order_id._gtg_read_refunds()
        return True
