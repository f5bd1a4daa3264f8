from odoo import fields, models

PAY_FIRST_MODES = ("wire_transfer", "on_site")


class SaleOrder(models.Model):
    """Transfers and payments in the store: the order waits for the money, unreserved."""

    _inherit = "sale.order"

    gtg_pays_first = fields.Boolean(
        string="Pays first",
        copy=False,
        help="Transfer or payment in the store: the order waits for the money, and "
        "stock is reserved when it has come.",
    )

    def _gtg_waits_for_money(self):
        self.ensure_one()
        return self.gtg_pays_first and self.gtg_money == "unpaid"

    def _gtg_pay_first(self):
        """The buyer has promised the money: what was reserved meanwhile is freed."""
        self.write({"gtg_pays_first": True})
        self.filtered(lambda order: order._gtg_waits_for_money())._gtg_free_stock()

    def _gtg_kept_from_stock(self):
        waiting = self.filtered(lambda order: order._gtg_waits_for_money())
        return super()._gtg_kept_from_stock() | waiting

    def _gtg_auto_confirm(self):
        ready = self.filtered(lambda order: not order._gtg_waits_for_money())
        return super(SaleOrder, ready)._gtg_auto_confirm()

    def write(self, vals):
        res = super().write(vals)
        if vals.get("gtg_paid_at") or vals.get("gtg_pays_first") is False:
            freed = self.filtered(lambda o: o.gtg_paid_at or not o.gtg_pays_first)
            freed.filtered(
                lambda o: o.state == "sale" and o.gtg_goods == "waiting"
            )._gtg_reserve()
        return res

    def action_gtg_paid(self):
        """The money that these orders waited for is here: they go on."""
        waiting = self.filtered(
            lambda order: order._gtg_waits_for_money() and order.gtg_info == "to_review"
        )
        res = super().action_gtg_paid()
        waiting._gtg_confirm_each()
        return res


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        promised = self.filtered(
            lambda tx: (
                tx.state == "pending" and tx.provider_id.custom_mode in PAY_FIRST_MODES
            )
        )
        promised.sale_order_ids._gtg_pay_first()
        return super()._post_process()
