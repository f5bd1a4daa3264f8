from datetime import timedelta

from odoo import api, fields, models

from .order_bulk_steps import DONE, FAILED


class GtgOrderBulk(models.Model):
    """The money of many orders has arrived: transfers, or what a carrier handed over."""

    _inherit = "gtg.order.bulk"

    operation = fields.Selection(
        selection_add=[("money", "Money arrived")], ondelete={"money": "cascade"}
    )
    arrived_on = fields.Date(default=fields.Date.context_today)
    journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash')), ('company_id', '=', company_id)]",
        help="Open invoices of the orders are paid in this journal. Empty: only the "
        "orders are marked.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_due = fields.Monetary(string="To come", compute="_compute_amount_due")
    open_invoices = fields.Integer(compute="_compute_amount_due")

    @api.depends("line_ids.order_id.invoice_ids.amount_residual")
    def _compute_amount_due(self):
        for bulk in self:
            bulk.amount_due = sum(bulk.line_ids.mapped("amount_due"))
            bulk.open_invoices = len(bulk.line_ids.order_id._gtg_open_invoices())

    def _gtg_asks(self):
        view = "gtg_order_flow.view_order_bulk_money"
        return {**super()._gtg_asks(), "money": ("arrived_on", view)}

    def _gtg_check_money(self, orders):
        known = {}
        for order in orders:
            if order.company_id != self.company_id:
                known[order.id] = (
                    FAILED,
                    self.env._(
                        "The order belongs to %s: select the orders of one company.",
                        order.company_id.name,
                    ),
                )
            elif order.gtg_money in ("refunding", "refunded"):
                known[order.id] = FAILED, self.env._("Its money is to be given back.")
            elif order.state == "cancel":
                known[order.id] = FAILED, self.env._("The order is cancelled.")
            elif order.gtg_money == "paid" and not self._gtg_to_pay(order):
                known[order.id] = DONE, self.env._("The money was in already.")
        return known

    def _gtg_do_money(self, orders):
        """The facts first, with the day that was typed, then the books."""
        invoices = self._gtg_to_pay(orders)
        now = fields.Datetime.now()
        here = fields.Datetime.context_timestamp(self, now)
        days = here.date() - self.arrived_on
        told_at = now - max(days, timedelta())  # never a day that is still to come
        orders = orders.with_context(gtg_told_at=told_at)
        cod = orders.filtered(lambda o: o.gtg_money == "cod")
        cod.action_gtg_cod_in()
        orders.filtered(lambda o: o.gtg_money == "unpaid").action_gtg_paid()
        if invoices:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoices.ids
            ).create(
                {
                    "journal_id": self.journal_id.id,
                    "payment_date": self.arrived_on,
                    "group_payment": False,
                }
            )._create_payments()
            return
        orders.filtered(lambda o: o._gtg_open_invoices())._gtg_log(
            self.env._("Its invoice still needs its payment in the books.")
        )

    def _gtg_to_pay(self, orders):
        """:return: the invoices whose payment is registered with this step"""
        return orders._gtg_open_invoices() if self.journal_id else orders.invoice_ids[:0]


class GtgOrderBulkLine(models.Model):
    _inherit = "gtg.order.bulk.line"

    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_due = fields.Monetary(string="To come", compute="_compute_amount_due")

    @api.depends("order_id.gtg_money", "order_id.invoice_ids.amount_residual")
    def _compute_amount_due(self):
        for line in self:
            order = line.order_id
            invoices = order._gtg_open_invoices()
            if invoices:
                line.amount_due = sum(invoices.sudo().mapped("amount_residual"))
            elif order.gtg_money == "cod":
                line.amount_due = order.gtg_cod_amount
            else:
                line.amount_due = (
                    order.amount_total if order.gtg_money == "unpaid" else 0
                )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _gtg_open_invoices(self):
        """:return: posted invoices of the orders of which something is still owed"""
        return self.sudo().invoice_ids.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.state == "posted"
                and move.payment_state in ("not_paid", "partial")
            )
        ).sudo(self.env.su)
