from odoo import fields, models

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .account_move import PAYMENT_COUNTS

READERS = "account.group_account_invoice,account.group_account_readonly"
OPEN_ITEMS = ("asset_receivable", "liability_payable")


class AccountPayment(models.Model):
    _inherit = "account.payment"

    gtg_order_id = fields.Many2one(
        "sale.order",
        string="Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Paid before it was invoiced: matched when the invoice is posted.",
    )
    gtg_came_for_id = fields.Many2one(
        "sale.order",
        string="Money of Order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _gtg_open_items(self):
        return self.move_id.line_ids.filtered(
            lambda line: line.account_type in OPEN_ITEMS and not line.reconciled
        )

    def _gtg_free(self):
        """:return: what these payments brought and no invoice has used"""
        free = 0
        for payment in self.filtered(lambda pay: pay.state in PAYMENT_COUNTS):
            if payment.move_id:
                items = payment._gtg_open_items()
                free -= sum(items.mapped("amount_residual_currency"))
            else:  # core enters it only with the bank's statement
                used = sum(payment.invoice_ids.mapped("amount_total"))
                free += max(payment.amount - used, 0)
        return free


class SaleOrder(models.Model):
    """Money that somebody says is in goes into the books too, once: what is invoiced
    is paid, what is not yet is a payment that is matched when the invoice is posted.
    """

    _inherit = "sale.order"

    gtg_payment_ids = fields.One2many(
        "account.payment",
        "gtg_order_id",
        string="Payments before the invoice",
        groups=READERS,
    )
    gtg_came_ids = fields.One2many(
        "account.payment",
        "gtg_came_for_id",
        string="Payments of the invoices",
        groups=READERS,
    )

    def action_gtg_paid(self):
        return self._gtg_take_money("gtg_paid_at", super().action_gtg_paid)

    def action_gtg_cod_in(self):
        return self._gtg_take_money("gtg_cod_collected_at", super().action_gtg_cod_in)

    def _gtg_take_money(self, fact, tell):
        """The money is in, says a person: note it, and register it once.

        :param str fact: field that is set by it
        :param tell: does the noting
        """
        self._gtg_touch(wait=True)  # who comes second at the same moment runs again
        fresh = self.filtered(lambda order: not order[fact])
        cod = fact == "gtg_cod_collected_at"
        journals = fresh._gtg_journals(lambda order: cod)
        tell()
        texts = [
            some._gtg_book_and_tell(journal)
            for journal, some in journals.items()
            if some._gtg_open_in_books()
        ]
        if len(self) > 1 or not any(texts):
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if any(journals) else "warning",
                "message": texts[0],
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _gtg_journals(self, is_cod):
        """:param is_cod: tells of an order whether its carrier brought the money
        :return: {journal: orders}; no journal: the books are not touched
        """
        chosen = self.env.context.get("gtg_money_journal")
        if chosen is not None:
            return {self.env["account.journal"].browse(chosen or []): self}
        if not self.env.user.has_group("account.group_account_invoice"):
            return {self.env["account.journal"]: self}
        return self.grouped(lambda order: order._gtg_usual_journal(is_cod(order)))

    def _gtg_open_in_books(self):
        """:return: those of whose money something is in no journal yet"""
        return self.filtered(
            lambda order: (
                order._gtg_came() > 0
                and (order._gtg_open_invoices() or order._gtg_to_book() > 0)
            )
        )

    def _gtg_book_and_tell(self, journal):
        orders = self._gtg_open_in_books()
        if not journal:
            text = self.env._(
                "The books are untouched: that needs billing rights and a journal, of "
                "the channel, of the carrier or chosen under Paid."
            )
            orders._gtg_log(text)
            return text
        bills = orders._gtg_open_invoices()._gtg_not_only_for(orders)
        texts = []
        if orders._gtg_book(journal):
            texts.append(self.env._("Registered in %s.", journal.display_name))
            (orders - bills._gtg_sale_orders())._gtg_log(texts[0])
        for bill in bills.sudo():
            text = self.env._(
                "%s is for other orders too: register the payment by hand.",
                bill.display_name,
            )
            (orders & bill._gtg_sale_orders())._gtg_log(text)
            texts.append(text)
        return " ".join(texts)

    def _gtg_online_not_billed(self):
        """:return: what was paid online and is on no invoice; None: for several orders
        at once, an accountant knows how much
        """
        online = self.transaction_ids.filtered(
            lambda tx: tx.state == "done" and tx.operation != "validation"
        )
        if any(len(tx.sale_order_ids) > 1 for tx in online):
            return None
        used = sum(online.payment_id.mapped("amount")) - online.payment_id._gtg_free()
        return max(sum(online.mapped("amount")) - used, 0)

    def _gtg_came(self):
        """:return: what the buyer pays and no payment in the books brought yet"""
        self.ensure_one()
        order = self.sudo()
        online = order._gtg_online_not_billed()
        if online is None:
            return 0
        rest = order._gtg_to_pay() - order._gtg_paid_in_books() - online
        rest -= order._gtg_draft_amount()
        if order.gtg_is_cod and not order.gtg_paid_at:
            own = order._gtg_own_payments().filtered(lambda pay: pay.state not in ("canceled", "rejected"))
            rest = min(rest, order.gtg_cod_amount - sum(own.mapped("amount")))
        return max(order.currency_id.round(rest), 0)

    def _gtg_to_book(self):
        """:return: what the buyer pays, is on no invoice yet, and no payment brought"""
        self.ensure_one()
        order = self.sudo()
        came = order._gtg_came()
        if not came:
            return 0
        bills = order._gtg_standing_moves().filtered(
            lambda move: move.move_type == "out_invoice"
        )
        own = order._gtg_own_payments()._gtg_free() + order._gtg_draft_amount()
        own += order._gtg_online_not_billed()
        rest = order.amount_total - bills._gtg_total_of(order) - own
        return max(order.currency_id.round(min(rest, came)), 0)

    def _gtg_book(self, journal):
        """Register the money of these orders, on the day of the context (of today):
        what came, however much more their invoices say.

        :return: the payments
        """
        day = self.env.context.get("gtg_paid_on") or vietnam_date(fields.Datetime.now())
        payments = self.env["account.payment"].with_company(journal.company_id)
        bills = self._gtg_open_invoices()
        for bill in bills:
            bill.sudo()._gtg_match_payments()
        left = {order: order._gtg_came() for order in self}
        for bill in (bills - bills._gtg_not_only_for(self)).sorted("id"):
            # taxes are rounded on each invoice
            slack = bill.currency_id.rounding * len(bill.sudo().invoice_line_ids)
            for order in self & bill._gtg_sale_orders():
                rest = bill.sudo().amount_residual
                amount = min(left[order], rest)
                if amount and rest - amount <= slack:
                    amount = rest
                if bill.currency_id.compare_amounts(amount, 0) > 0:
                    payments |= bill._gtg_register(journal, day, amount, order)
                    left[order] -= amount
        to_book = {order: min(order._gtg_to_book(), left[order]) for order in self}
        early = payments.create(
            [
                order._gtg_payment_vals(journal, day, amount)
                for order, amount in to_book.items()
                if amount > 0
            ]
        )
        early.action_post()
        return payments | early

    def _gtg_payment_vals(self, journal, day, amount):
        return {
            "gtg_order_id": self.id,
            "partner_id": self.sudo().partner_invoice_id.commercial_partner_id.id,
            "partner_type": "customer",
            "payment_type": "inbound",
            "amount": amount,
            "currency_id": self.currency_id.id,
            "journal_id": journal.id,
            "date": day,
            "memo": self.name,
        }

    def _gtg_own_payments(self):
        """:return: what we registered for these orders, before the invoice or on one:
            an invoice that is cancelled or named anew sets its payment free
        """
        return self.gtg_payment_ids | self.gtg_came_ids

    def _gtg_draft_amount(self):
        drafts = self._gtg_own_payments().filtered(lambda pay: pay.state == "draft")
        return sum(drafts.mapped("amount"))

    def _gtg_paid_in_books(self):
        own = self.sudo()._gtg_own_payments()._gtg_free()
        return super()._gtg_paid_in_books() + own


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        for bill in posted.filtered(lambda move: move.move_type == "out_invoice"):
            bill.sudo()._gtg_match_payments()
        return posted

    def _gtg_not_only_for(self, orders):
        """:return: those where nobody can tell how much of a payment is for which"""
        return self.filtered(
            lambda bill: (
                not bill._gtg_sale_orders() <= orders
                or bill.currency_id not in orders.currency_id
            )
        )

    def _gtg_register(self, journal, day, amount, order):
        """:return: the payment of a part of this invoice, for one of its orders"""
        self.ensure_one()
        payment = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=self.ids)
            .create(
                {
                    "journal_id": journal.id,
                    "payment_date": day,
                    "currency_id": self.currency_id.id,
                    "amount": amount,
                    "group_payment": True,
                    "payment_difference_handling": "open",
                }
            )
            ._create_payments()
        )
        payment.sudo().gtg_came_for_id = order
        return payment

    def _gtg_match_payments(self):
        """What was paid for the orders before they were invoiced pays the invoice."""
        self.ensure_one()
        orders = self._gtg_sale_orders()
        if orders:
            orders._gtg_touch(wait=True)  # who says "paid" at this moment runs again
        payments = orders._gtg_own_payments()
        for payment in payments.sorted("id"):
            if not payment._gtg_free() or self.currency_id.is_zero(self.amount_residual):
                continue
            if payment.partner_id.commercial_partner_id != self.commercial_partner_id:
                (payment.gtg_order_id | payment.gtg_came_for_id)._gtg_log(
                    self.env._(
                        "%(invoice)s names somebody else than the payment %(payment)s: "
                        "match them by hand.",
                        invoice=self.display_name,
                        payment=payment.display_name,
                    )
                )
            elif payment.move_id:
                for item in payment._gtg_open_items():
                    self.js_assign_outstanding_line(item.id)
            else:
                self.matched_payment_ids += payment
