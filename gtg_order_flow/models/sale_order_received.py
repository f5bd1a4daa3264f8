from odoo import fields, models


class SaleOrder(models.Model):
    """What the buyer has paid for an order, on every way that we know, and how much of
    it was settled when the money went back: what comes later is owed anew.
    """

    _inherit = "sale.order"

    gtg_settled = fields.Monetary(
        copy=False,
        readonly=True,
        help="What had been paid when it was settled that the money goes back.",
    )
    gtg_settled_online = fields.Monetary(
        copy=False, readonly=True, help="The part of it that was paid online."
    )

    def _gtg_paid_amount(self):
        """:return: what the buyer has paid for the order, as far as we know"""
        self.ensure_one()
        return self._gtg_paid_amounts()[self]

    def _gtg_paid_amounts(self):
        """:return: {order: what the buyer has paid for it}

        One payment may be told by a person, a provider and the books: the largest
        counts. Once settled, what comes online is on top of whatever was known.
        """
        online = self._gtg_online_amounts()[0] if self else {}
        paid = {}
        bills = self.sudo().invoice_ids
        bills._gtg_by_money()  # reads for all at once what each order asks below
        bills._gtg_total_of(self)
        for order in self:
            told = order.gtg_paid_at or order.gtg_cod_collected_at
            credit = order.gtg_exchange_credit  # returned goods are no payment
            otherwise = order.gtg_settled - order.gtg_settled_online
            paid[order] = max(
                online.get(order.id, 0) + (otherwise if order.gtg_settled else credit),
                order._gtg_paid_in_books() + credit,
                order.amount_total if told else 0,
                order.gtg_settled,
            )
        return paid

    def _gtg_paid_in_books(self):
        """:return: what payments brought for the order, as the books say"""
        self.ensure_one()
        received = 0
        for bill in self.sudo()._gtg_standing_moves():
            if bill.move_type == "out_invoice" and bill.amount_total:
                share = bill._gtg_total_of(self) / bill.amount_total
                received += bill._gtg_by_money() * share
        return self.currency_id.round(received)

    def _gtg_settle(self):
        """All that is paid by now is settled by what goes back."""
        paid = self._gtg_paid_amounts()
        online = self._gtg_online_amounts()[0] if self else {}
        for order in self.filtered(lambda order: paid[order]):
            order.write(
                {
                    "gtg_settled": paid[order],
                    "gtg_settled_online": online.get(order.id, 0),
                }
            )
