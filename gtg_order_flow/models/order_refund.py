import logging

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

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
REFUND_MODELS = ("gtg.order.return", "gtg.cancel.request")


class GtgOrderRefund(models.AbstractModel):
    """Money that goes back to the buyer: of a return, of a cancelled order.

    A payment provider is never asked inside the user's transaction, which Odoo may
    run again: the button only asks, `_cron_refund` says on disk that it sends before
    it sends, and what got no answer is never sent again by itself.
    """

    _name = "gtg.order.refund"
    _description = "Money to Give Back"
    _inherit = "gtg.order.request"

    _gtg_owes_when = ""  # the state in which the money is given back
    _gtg_refund_event = "refunded"  # what the buyer is told when it went

    currency_id = fields.Many2one(related="order_id.currency_id")
    amount = fields.Monetary(
        string="Amount to give back", readonly=False, copy=False, tracking=True
    )
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
    taken_off = fields.Monetary(
        string="Given back on another way", readonly=True, copy=False
    )
    set_against = fields.Monetary(
        string="Set against the exchange",
        readonly=True,
        copy=False,
        help="Of what was given back on another way: paid for the goods sent instead.",
    )

    def _gtg_own_fields(self):
        return super()._gtg_own_fields() | {
            "taken_off",
            "set_against",
            "refund_state",
            "refund_text",
            "refund_tx_id",
            "refunded_at",
            "credit_note_ids",
        }

    def _gtg_fixed_fields(self):
        fixed = super()._gtg_fixed_fields()
        if self.refund_state not in ("none", "due", "failed"):
            fixed |= {"amount"}
        return fixed

    # === WHAT EACH KIND SAYS === #

    def _gtg_settled(self):
        """:return: values to write when nothing is owed any more. Extend."""
        return {}

    def _gtg_credit_notes(self):
        """Make, once, the draft credit notes over what is taken back.

        :return: the credit notes; empty when nothing was invoiced
        """
        raise NotImplementedError

    def _gtg_paid(self):
        """:return: what the buyer paid, of which money can go back"""
        return self.sudo().order_id.amount_total

    def _gtg_bills_settled(self):
        """:return: invoices that the credit notes may pay. Extend."""
        return self.env["account.move"]

    def _gtg_after_refunded(self):
        """Once per record: the money has been given back. Extend; call super."""

    # === BUTTONS === #

    def action_refund(self):
        """Give the money back the best way there is; exactly once."""
        for one in self._gtg_claim(self._gtg_owes_when):
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
                text = one._gtg_how_by_note()
                one.write({"refund_state": "waiting", "refund_text": text})
            else:
                text = one._gtg_how_by_hand()
                one.write({"refund_state": "waiting", "refund_text": text})
                one._gtg_ask_to_pay(text)
        return True

    def action_refund_done(self):
        """A person says that the buyer has the money."""
        for one in self._gtg_claim(self._gtg_owes_when):
            if one.refund_state in ("due", "waiting", "failed", "unknown"):
                one._message_log(
                    body=self.env._("Money given back, says %s.", self.env.user.name)
                )
                one.sudo()._gtg_refund_done()
        return True

    def action_refund_again(self):
        """A person has looked at the provider: the money did not go."""
        for one in self._gtg_claim(self._gtg_owes_when):
            if one.refund_state == "unknown":
                one.sudo().write({"refund_state": "due", "refund_text": False})
        return True

    def _gtg_how_by_hand(self):
        """:return: what a person does where no provider and no credit note pays"""
        return self.env._("Pay the buyer, then press Money given back")

    def _gtg_how_by_note(self):
        """:return: what a person does with the credit notes"""
        names = ", ".join(self.credit_note_ids.mapped("display_name"))
        return self.env._("Post and pay the credit note %s", names)

    def _gtg_ask_to_pay(self, text, amount=None):
        """A to-do for the accountant: nothing but a person can pay.

        :param amount: the money it is about, without: all that goes back
        """
        channel, company = self.channel_id.sudo(), self.company_id
        people = (channel.refund_user_id, self.user_id, self.order_id._gtg_owner())
        # who pays for a channel of all companies may not see this one's
        payer = next((one for one in people if company in one.sudo().company_ids), None)
        if payer:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=text,
                note=self.currency_id.format(self.amount if amount is None else amount),
                user_id=payer.id,
            )

    def _gtg_refund_done(self):
        """Once per record: the money is back with the buyer."""
        for one in self.filtered(lambda one: one.refund_state not in ("done", "none")):
            now = fields.Datetime.now()
            one.write(
                {"refund_state": "done", "refunded_at": now, **one._gtg_settled()}
            )
            one.activity_unlink(["mail.mail_activity_data_todo"])
            one.order_id._gtg_read_refunds()
            if one.amount and one._gtg_was_paid():
                one._gtg_tell(one._gtg_refund_event)
            one._gtg_after_refunded()

    def _gtg_was_paid(self):
        order = self.sudo().order_id
        return bool(order.gtg_paid_at or order.gtg_cod_collected_at)

    # === CREDIT NOTE === #

    def _gtg_credit_note(self, bill, left):
        """:param dict left: {sale line: quantity to credit}, taken from
        :return: draft credit note over what is left of the bill, maybe empty
        """
        takes = {}
        for line in bill.invoice_line_ids:
            sale_line = line.sale_line_ids.filtered(lambda row: row in left)
            if len(sale_line) != 1 or line.display_type != "product":
                continue
            take = min(left[sale_line], line.quantity)
            unit = sale_line.product_uom_id  # a down payment has none
            if (unit.compare(take, 0) if unit else take) > 0:
                takes[sale_line] = take
                left[sale_line] -= take
        if not takes:
            return bill.browse()
        note = bill._reverse_moves(
            [{"ref": self._gtg_credit_ref(), "invoice_date": False}]
        )
        commands = []
        for line in note.invoice_line_ids:
            take = takes.pop(line.sale_line_ids.filtered(lambda row: row in left), 0)
            commands.append(
                Command.update(line.id, {"quantity": take})
                if take
                else Command.delete(line.id)
            )
        note.write({"invoice_line_ids": commands})
        return note

    def _gtg_credit_ref(self):
        return self.display_name

    def _gtg_only_credit(self, text):
        """No money goes back through us; what is invoiced is credited.

        :param str text: why, in words for the staff
        """
        text = " ".join(filter(None, (text, self._gtg_try_credit())))
        self.write({"refund_text": text, **self._gtg_settled()})
        self._message_log(body=text)

    def _gtg_try_credit(self):
        """Credit what is invoiced; what hinders that stops nothing else.

        :return: what is left to a person, in words, or ""
        """
        try:
            with self.env.cr.savepoint():
                notes = self._gtg_credit_notes()
        except CONFLICTS:
            raise
        except UserError as error:
            return str(error)
        except Exception:  # whatever an addon says: the order is cancelled
            _logger.exception("credit note of %s", self)
            return self.env._("The credit note could not be made: make it by hand.")
        if notes:
            names = ", ".join(notes.mapped("display_name"))
            return self.env._("Post the credit note %s", names)
        return ""
