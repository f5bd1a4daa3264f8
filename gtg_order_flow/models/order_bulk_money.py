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
        help="The money is registered in this journal. Empty: in the usual journals.",
    )
    usual_journals = fields.Boolean(
        string="In the usual journals",
        default=True,
        help="Each payment in the journal of its channel, cash on delivery in that of "
        "its carrier. Orders without such a journal are only marked.",
    )
    usual_names = fields.Char(string="Usual journals", compute="_compute_usual_names")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_due = fields.Monetary(string="To come", compute="_compute_amount_due")
    open_invoices = fields.Integer(compute="_compute_amount_due")

    @api.depends("line_ids.order_id.invoice_ids.amount_residual")
    def _compute_amount_due(self):
        for bulk in self:
            bulk.amount_due = sum(bulk.line_ids.mapped("amount_due"))
            bulk.open_invoices = len(bulk.line_ids.order_id._gtg_open_invoices())

    @api.depends("line_ids.order_id")
    def _compute_usual_names(self):
        for bulk in self:
            journals = bulk.line_ids.order_id._gtg_journals(_cod_brings_it)
            bulk.usual_names = ", ".join(j.display_name for j in journals if j)

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
            elif order.gtg_money == "paid" and not self._gtg_unbooked(order):
                known[order.id] = DONE, self.env._("The money was in already.")
        return known

    def _gtg_do_money(self, orders):
        """The facts first, with the day that was typed, then the books."""
        now = fields.Datetime.now()
        here = fields.Datetime.context_timestamp(self, now)
        days = here.date() - self.arrived_on
        told_at = now - max(days, timedelta())  # never a day that is still to come
        for journal, some in self._gtg_journals(orders).items():
            some = some.with_context(
                gtg_told_at=told_at,
                gtg_paid_on=self.arrived_on,
                gtg_money_journal=journal.id,
            )
            told = some.filtered(lambda order: order.gtg_money == "paid")
            some.filtered(lambda o: o.gtg_money == "cod").action_gtg_cod_in()
            some.filtered(lambda o: o.gtg_money == "unpaid").action_gtg_paid()
            if journal and told:
                some._gtg_touch(wait=True)
                some._gtg_book_and_tell(journal)  # together: some share an invoice

    def _gtg_journals(self, orders):
        """:return: {journal: orders} as the person chose; no journal: only marked"""
        if self.journal_id or not self.usual_journals:
            return {self.journal_id: orders}
        return orders._gtg_journals(_cod_brings_it)

    def _gtg_unbooked(self, order):
        return any(self._gtg_journals(order)) and order._gtg_open_in_books()


def _cod_brings_it(order):
    return order.gtg_money == "cod" or bool(order.gtg_cod_collected_at)


class GtgOrderBulkLine(models.Model):
    _inherit = "gtg.order.bulk.line"

    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_due = fields.Monetary(string="To come", compute="_compute_amount_due")

    @api.depends("order_id.gtg_money", "order_id.invoice_ids.amount_residual")
    def _compute_amount_due(self):
        for line in self:
            order = line.order_id
            open_one = order.gtg_money in ("cod", "unpaid")
            due = open_one or order._gtg_open_invoices()
            line.amount_due = order._gtg_came() if due else 0


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
