

from odoo import fields
from odoo.fields import Command

from .common import OrderFlowCase


class ReturnCase(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("gtg_order_flow.return_reason_size")

    def setUp(self):
        super().setUp()
        self._stock(100)

    def _delivered(self, quantity=2, paid=True, **vals):
        order = self._orders(**vals)
        order.order_line.product_uom_qty = quantity
        order.action_confirm()
        self._deliver(order)
        now = fields.Datetime.now()
        order.write({"gtg_delivered_at": now, "gtg_paid_at": paid and now})
        return order

    def _ask(self, order, quantity=None, products=None, user=None, **vals):
        lines = order.order_line.filtered(
            lambda ln: not products or ln.product_id in products
        )
        return (
            self.env["gtg.order.return"]
            .with_user(user or self.staff)
            .create(
                {
                    "order_id": order.id,
                    "reason_id": self.reason.id,
                    "line_ids": [
                        Command.create(
                            {
                                "order_line_id": line.id,
                                "quantity": quantity or line.qty_delivered,
                            }
                        )
                        for line in lines
                    ],
                    **vals,
                }
            )
        )

    def _on_hand(self, product):
        return self.env["stock.quant"]._get_available_quantity(
            product, self.warehouse.lot_stock_id
        )

    def _money_back_by_hand(self, one):
        one.action_refund()
        one.action_refund_done()


class RefundCase(ReturnCase):
    """Money that goes back: by a provider, a credit note, a person."""

    def _received(self, order, **kwargs):
        one = self._ask(order, **kwargs)
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        return one

    def _pay(self, move):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()

    def _pay_part(self, move, amount):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"amount": amount})._create_payments()

    def _paid_online(self, order, amount=None):
        provider = self.env["payment.provider"].create(
            {"name": "Provider of the test", "code": "none", "state": "test"}
        )
        method = self.env["payment.method"].create(
            {
                "name": "Card",
                "code": "gtg_card",
                "support_refund": "partial",
                "provider_ids": [Command.set(provider.ids)],
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_method SET support_refund = 'partial' WHERE id = %s",
            [method.id],
        )
        self.patch(
            self.env.registry["payment.provider"],
            "_compute_feature_support_fields",
            lambda providers: providers.update({"support_refund": "partial"}),
        )
        provider.invalidate_recordset()
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": f"{order.name}-{len(order.transaction_ids)}",
                "amount": amount or order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        return tx

    def _wire(self, answer):
        """The provider's answer to a refund, in place of its HTTP call."""
        calls = []

        def send(tx):
            calls.append(tx.amount)
            answer(tx)

        self.patch(self.env.registry["payment.transaction"], "_send_refund_request", send)
        return calls

    def _run_cron(self):
        self.env["gtg.order.return"]._cron_refund()

    def _credit(self, order, quantity=None, pay=True):
        """Accounting credits by itself, and pays at the bank."""
        bill = order.invoice_ids.filtered(lambda m: m.move_type == "out_invoice")
        note = bill._reverse_moves([{"invoice_date": fields.Date.today()}])
        if quantity:
            tea = note.invoice_line_ids.filtered(lambda row: row.product_id == self.tea)
            tea.quantity = quantity
            (note.invoice_line_ids - tea).unlink()
        if pay:
            note.action_post()
            self._pay(note)
        return note
