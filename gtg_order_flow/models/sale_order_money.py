from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_is_cod = fields.Boolean(string="Cash on Delivery", copy=False)
    gtg_cod_amount = fields.Monetary(
        string="COD Amount",
        compute="_compute_gtg_cod_amount",
        store=True,
        readonly=False,
        copy=False,
        help="What the carrier collects from the buyer for this order.",
    )

    gtg_exchange_credit = fields.Monetary(
        string="Paid with Returned Goods",
        readonly=True,
        copy=False,
        help="What the goods were worth that the buyer gave back for these.",
    )

    @api.depends("gtg_is_cod", "amount_total", "gtg_exchange_credit")
    def _compute_gtg_cod_amount(self):
        for order in self:
            if order.gtg_is_cod and order.gtg_cod_amount and order._gtg_handed_over():
                order.gtg_cod_amount = order.gtg_cod_amount  # as it is on the parcel
            else:
                order.gtg_cod_amount = order._gtg_to_pay() if order.gtg_is_cod else 0

    def _gtg_to_pay(self):
        """:return: money to come for the whole order; returned goods may pay a part"""
        self.ensure_one()
        return max(self.amount_total - self.gtg_exchange_credit, 0)

    def _get_prepayment_required_amount(self):
        required = super()._get_prepayment_required_amount()
        if not self.gtg_exchange_credit or not required:
            return required
        return self.currency_id.round(self._gtg_to_pay() * self.prepayment_percent)

    def _get_default_payment_link_values(self):
        values = super()._get_default_payment_link_values()
        if self.gtg_exchange_credit:
            left = max(self._gtg_to_pay() - self.amount_paid, 0)
            values["amount"] = min(values["amount"], left)
            values["amount_max"] = left
        return values

    @api.constrains("amount_total", "gtg_exchange_credit")
    def _check_gtg_exchange_credit(self):
        for order in self.filtered("gtg_exchange_credit"):
            left = order.gtg_exchange_credit - order.amount_total
            if order.state != "cancel" and order.currency_id.compare_amounts(left, 0) > 0:
                raise ValidationError(
                    self.env._(
                        "%(credit)s of %(order)s are paid with returned goods: it cannot "
                        "cost less. Cancel it, then the money can be given back.",
                        credit=order.currency_id.format(order.gtg_exchange_credit),
                        order=order.name,
                    )
                )

    @api.constrains("gtg_is_cod", "gtg_cod_amount", "gtg_channel_id")
    def _check_gtg_cod(self):
        for order in self:
            if order.gtg_cod_amount < 0:
                raise ValidationError(
                    self.env._(
                        "%(order)s: the amount to collect cannot be negative.",
                        order=order.name,
                    )
                )
            # at checkout the payment provider decides, and has decided already
            if (
                order.gtg_is_cod
                and not order.website_id
                and not order.gtg_channel_id.cod_allowed
                and order.gtg_channel_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(order)s: channel %(channel)s takes no cash on delivery. "
                        "Take another channel or another payment.",
                        order=order.name,
                        channel=order.gtg_channel_id.name,
                    )
                )

    # === FACTS FROM PAYMENTS AND INVOICES === #

    def _gtg_read_money(self):
        """Take the facts that payments and invoices tell: paid, to refund, refunded.

        Only what is whole counts: a part payment or a part refund changes nothing.
        """
        now = fields.Datetime.now()
        orders = self.sudo()
        paid_online, refunded_online = orders._gtg_online_amounts()
        none = self.browse().sudo()
        paid, asked, refunded = none, none, none
        for order in orders:
            total = order.amount_total
            invoices = order._gtg_standing_moves()
            credits = invoices.filtered(lambda m: m.move_type == "out_refund")
            bills = invoices.filtered(lambda m: m.move_type == "out_invoice")
            reaches = order.currency_id.compare_amounts
            bills_paid = bills and all(_is_paid(move) for move in bills)
            worth = sum(bills.mapped("amount_total"))
            if order.state == "cancel":
                worth -= bills._gtg_by_notes()  # credited is not paid
            if (
                total > 0
                and not order.gtg_paid_at
                and (
                    reaches(paid_online.get(order.id, 0), order._gtg_to_pay()) >= 0
                    or (bills_paid and reaches(worth, total) >= 0)
                )
            ):
                paid |= order
            if not (order.gtg_paid_at or order.gtg_cod_collected_at or order in paid):
                continue
            billed = sum(bills.mapped("amount_total"))
            credited = sum(credits.mapped("amount_total"))
            given_back = refunded_online.get(order.id, 0)
            if total > 0 and reaches(given_back, total) >= 0:
                refunded |= order
            elif credits and reaches(credited, billed) >= 0:
                # set against a bill that was never paid in the books, no money went
                in_books = credits._get_reconciled_invoices()
                if all(_is_paid(move) for move in credits) and not in_books:
                    refunded |= order
                else:
                    asked |= order
        paid.write({"gtg_paid_at": now})
        asked.filtered(lambda o: not o.gtg_refund_requested_at).write(
            {"gtg_refund_requested_at": now}
        )
        refunded = refunded.filtered(lambda o: not o.gtg_refunded_at)
        refunded._gtg_without_late_refunds().write({"gtg_refunded_at": now})

    def _gtg_without_late_refunds(self):
        """:return: those where nothing is to go back that came after a refund"""
        return self

    def _gtg_standing_moves(self):
        """Posted invoices and credit notes that tell what was sold and given back.
        Others leave out what only the books turn round."""
        self.ensure_one()
        return self.invoice_ids.filtered(lambda move: move.state == "posted")

    def _gtg_online_amounts(self):
        """:return: ({order id: paid online}, {order id: refunded online}), done only"""
        paid, refunded = {}, {}
        transactions = (
            self.env["payment.transaction"]
            .sudo()
            .search_fetch(
                [
                    ("state", "=", "done"),
                    ("operation", "!=", "validation"),
                    "|",
                    ("sale_order_ids", "in", self.ids),
                    ("source_transaction_id.sale_order_ids", "in", self.ids),
                ],
                ["amount", "operation", "source_transaction_id", "sale_order_ids"],
            )
        )
        for tx in transactions:
            orders = tx.sale_order_ids or tx.source_transaction_id.sale_order_ids
            if len(orders) != 1 or tx.currency_id != orders.currency_id:
                continue  # core confirms nothing on such payments either
            sums, sign = (refunded, -1) if tx.operation == "refund" else (paid, 1)
            sums[orders.id] = sums.get(orders.id, 0) + sign * tx.amount
        return paid, refunded


def _is_paid(move):
    return move.payment_state in ("paid", "in_payment")
