from odoo import fields, models
from odoo.exceptions import UserError

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
        waiting = self.filtered(lambda order: order._gtg_waits_for_money())
        waiting.picking_ids.move_ids.filtered(
            lambda move: (
                move.state in ("assigned", "partially_available")
                and move.picking_code != "incoming"
                and not move.picked
            )
        )._do_unreserve()

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
        for order in waiting:
            try:
                with self.env.cr.savepoint():
                    order.action_confirm()
            except UserError as error:
                order._gtg_hold("manual", note=str(error))
        return res


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        """Nothing is reserved for who has not paid yet but said so."""
        if force_qty:
            return super()._action_assign(force_qty=force_qty)
        waiting = (self.sale_line_id.order_id | self.picking_id.sale_id).filtered(
            lambda order: order._gtg_waits_for_money()
        )
        if not waiting:
            return super()._action_assign(force_qty=force_qty)
        blocked = self.filtered(
            lambda move: (
                move.picking_code != "incoming"
                and (move.sale_line_id.order_id | move.picking_id.sale_id) & waiting
            )
        )
        return super(StockMove, self - blocked)._action_assign(force_qty=force_qty)


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
