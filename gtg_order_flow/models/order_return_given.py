from odoo import models
from odoo.exceptions import UserError


class GtgOrderReturn(models.Model):
    """What the goods of a return are worth, and what of them is not credited yet."""

    _inherit = "gtg.order.return"

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
            came = line.good + line.damaged - max(credited, 0)
            # what came back before the invoice was made may not be on it
            own = (sale_line.invoice_lines - rows).filtered(
                lambda row: row.parent_state != "cancel"
            )
            more = billed - sum((posted & notes | own).mapped("quantity"))
            left[sale_line] = min(came, max(more - sale_line.qty_delivered, 0))
        return left

    def _gtg_credit_late(self):
        """The goods came back before their invoice was made: it is credited by them."""
        for one in self.filtered(
            lambda one: (
                one.state in ("received", "closed")
                and one.wish != "exchange"
                and not one.credit_note_ids
                and one.refund_state in ("none", "waiting", "done")  # else a button does
                and any(line.good or line.damaged for line in one.line_ids)
            )
        ):
            text = one._gtg_try_credit()
            if not text:
                continue  # the invoice leaves out what came back
            if one.refund_state == "waiting" and one.credit_note_ids:
                text = one._gtg_how_by_note()
                one.refund_text = text
                one.activity_unlink(["mail.mail_activity_data_todo"])
            one._message_log(body=text)
            one._gtg_ask_to_pay(text)
