from odoo import fields, models
from odoo.exceptions import UserError

GOING = ("queued", "sending", "unknown", "waiting", "done")


class GtgOrderReturn(models.Model):
    """Money that went back, but not through this return, is not paid twice."""

    _inherit = "gtg.order.return"

    taken_off = fields.Monetary(
        string="Given back on another way", readonly=True, copy=False
    )

    def _gtg_worth(self):
        """:return: the goods' part of what was paid for the order's goods"""
        self.ensure_one()
        if not self.order_id:
            return 0
        arrived = self.state in ("received", "closed")
        worth = sum(
            line.order_line_id.price_total
            * (line.good + line.damaged if arrived else line.quantity)
            / (line.order_line_id.product_uom_qty or 1)
            for line in self.line_ids
        )
        rows = self.sudo().order_id.order_line.filtered(
            lambda row: not (row.is_downpayment or row.is_delivery)
        )
        goods = sum(row.price_total for row in rows if row.price_total > 0)
        share = max(sum(rows.mapped("price_total")), 0) / goods if goods else 1
        worth = self.currency_id.round(worth * share) - self.taken_off
        return max(min(worth, self._gtg_left()), 0)

    def _gtg_left(self):
        """:return: what was paid and other returns neither gave nor shall give back"""
        order = self.sudo().order_id
        others = (order.gtg_return_ids - self).filtered(
            lambda one: one.refund_state != "none"
        )
        taken = sum(order.gtg_return_ids.mapped("taken_off"))
        return order.amount_total - sum(others.mapped("amount")) - taken

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
        """:return: money of the order that went back, but through no return"""
        self.ensure_one()
        order = self.order_id
        returns = order.gtg_return_ids
        moves = order._gtg_standing_moves()
        notes = moves.filtered(lambda move: move.move_type == "out_refund")
        bills = moves.filtered(lambda move: move.move_type == "out_invoice")
        refunded = -sum(
            order.transaction_ids.child_transaction_ids.filtered(
                lambda tx: (
                    tx.operation == "refund"
                    and tx.state not in ("error", "cancel")
                    and tx not in returns.refund_tx_id
                )
            ).mapped("amount")
        )
        # notes over what a return gave back, and over what was billed again
        explained = sum(
            (returns - self)
            .filtered(lambda one: one.refund_state in GOING and not one.credit_note_ids)
            .mapped("amount")
        )
        billed_again = max(_total(bills, order) - order.amount_total, 0)
        credited = _total(notes - returns.credit_note_ids, order)
        return refunded + max(credited - billed_again - explained - refunded, 0)

    def _gtg_take_off(self):
        """Take off the amount what went back meanwhile on another way.

        :return: whether the amount changed: nothing is sent before a person looked
        """
        self.ensure_one()
        more = self.amount
        if not self.order_id.gtg_refunded_at:
            taken = sum(self.order_id.gtg_return_ids.mapped("taken_off"))
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
            self.write({"refund_state": "none", "state": "closed"})
            self.order_id._gtg_read_returns()
        return True

    def _gtg_left_to_credit(self):
        """:return: {sale line: quantity that came and nobody has credited}

        :raise UserError: accounting is at a credit note over the same goods
        """
        self.ensure_one()
        returns = self.order_id.gtg_return_ids
        quiet = (returns - self).filtered(
            lambda one: one.state == "closed" and not one.credit_note_ids
        )
        standing = self.order_id._gtg_standing_moves()
        left = {}
        for line in self.line_ids:
            sale_line = line.order_line_id
            rows = sale_line.invoice_lines.filtered(
                lambda row: row.move_id not in returns.credit_note_ids
            )
            notes = rows.filtered(lambda row: row.move_type == "out_refund")
            drafts = notes.filtered(lambda row: row.parent_state == "draft").move_id
            if drafts:
                raise UserError(
                    self.env._(
                        "%s credits the same goods: post or delete it first.",
                        ", ".join(drafts.mapped("display_name")),
                    )
                )
            posted = rows.filtered(lambda row, moves=standing: row.move_id in moves)
            billed = sum((posted - notes).mapped("quantity"))
            credited = sum((posted & notes).mapped("quantity"))
            others = quiet.line_ids.filtered(
                lambda other, ln=sale_line: other.order_line_id == ln
            )
            credited -= max(billed - sale_line.product_uom_qty, 0)
            credited -= sum(other.good + other.damaged for other in others)
            left[sale_line] = line.good + line.damaged - max(credited, 0)
        return left


def _total(moves, order):
    """:return: what the moves say about this order, not about others"""
    return sum(
        row.price_total
        for row in moves.invoice_line_ids
        if row.sale_line_ids.order_id <= order
    )
