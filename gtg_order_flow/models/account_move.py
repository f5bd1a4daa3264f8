from odoo import models

MONEY_JOURNALS = ("bank", "cash", "credit")
PAYMENT_COUNTS = ("in_process", "paid")


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        credits = posted.filtered(lambda move: move.move_type == "out_refund")
        credits._gtg_sale_orders()._gtg_read_money()
        posted._gtg_set_against()
        bills = posted.filtered(lambda move: move.move_type == "out_invoice")
        bills._gtg_sale_orders().gtg_return_ids._gtg_credit_late()
        return posted

    def _gtg_set_against(self):
        """The credit note over goods that were exchanged pays the goods sent instead."""
        orders = self._gtg_sale_orders()
        for one in orders.gtg_return_ids | orders.gtg_replaces_ids:
            if not one.set_against:
                continue
            moves = (one.credit_note_ids | one._gtg_bills_settled()).filtered(
                lambda move: move.state == "posted"
            )
            open_lines = moves.line_ids.filtered(
                lambda row: (
                    row.account_id.account_type == "asset_receivable"
                    and not row.reconciled
                )
            )
            for rows in open_lines.grouped(lambda r: (r.account_id, r.partner_id)).values():
                if {row.balance > 0 for row in rows} == {True, False}:
                    rows.reconcile()

    def _invoice_paid_hook(self):
        res = super()._invoice_paid_hook()
        self._gtg_sale_orders()._gtg_read_money()
        return res

    def _gtg_sale_orders(self):
        return self.sudo().line_ids.sale_line_ids.order_id

    def _gtg_total_of(self, order):
        """:return: what these invoices say about this order, not about others"""
        return sum(
            row.price_total
            for row in self.invoice_line_ids
            if row.sale_line_ids.order_id <= order
        )

    def _gtg_by_money(self):
        """:return: what payments brought to these bills, or paid out of credit notes"""
        partials = self._gtg_partials()
        money = sum(
            amount for line, amount in partials if line.journal_id.type in MONEY_JOURNALS
        )
        # payments that core enters only with the bank's statement
        loose = self.matched_payment_ids.filtered(
            lambda pay: not pay.move_id and pay.state in PAYMENT_COUNTS
        )
        total = sum(self.mapped("amount_total"))
        return max(money, min(sum(loose.mapped("amount")), total))

    def _gtg_by_notes(self):
        """:return: what credit notes took off these bills"""
        return sum(
            amount
            for line, amount in self._gtg_partials()
            if line.move_id.move_type == "out_refund"
        )

    def _gtg_partials(self):
        """:return: [(journal item of the other side, amount set off against it)]"""
        lines = self.line_ids.filtered(
            lambda line: line.account_type in ("asset_receivable", "liability_payable")
        )
        return [
            (partial.credit_move_id, partial.debit_amount_currency)
            for partial in lines.matched_credit_ids
        ] + [
            (partial.debit_move_id, partial.credit_amount_currency)
            for partial in lines.matched_debit_ids
        ]
