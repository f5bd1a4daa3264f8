from odoo import fields
from odoo.tests import tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestFacts(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(100)
        self.calls = []
        model = self.env.registry["sale.order"]
        for event in ("shipped", "delivered", "completed"):
            name = f"_gtg_after_{event}"
            real = getattr(model, name)

            def spy(orders, event=event, real=real):
                self.calls.append((event, orders.ids))
                return real(orders)

            self.patch(model, name, spy)

    def test_hooks_once_per_order_in_batches(self):
        orders = self._orders(3, gtg_is_cod=True)
        orders.action_confirm()
        self._deliver(orders)
        now = fields.Datetime.now()
        orders.write({"gtg_delivered_at": now})
        orders[0].write({"gtg_delivered_at": now, "gtg_shipped_at": now})
        orders.write({"gtg_cod_collected_at": now})
        orders.write({"gtg_delivered_at": False})
        orders.write({"gtg_delivered_at": now})
        self.assertEqual(
            sorted(self.calls, key=str),
            sorted(
                [(e, orders.ids) for e in ("shipped", "delivered", "completed")],
                key=str,
            ),
        )

    def test_hooks_for_orders_that_arrive_with_facts(self):
        now = fields.Datetime.now()
        order = self._orders(gtg_shipped_at=now)
        self.assertEqual(self.calls, [("shipped", order.ids)])

    def test_carrier_that_knows_better_says_shipped(self):
        order = self._orders()
        order.action_confirm()
        self.patch(
            self.env.registry["sale.order"],
            "_gtg_shipped_when_picked",
            lambda orders: orders.browse(),
        )
        self._deliver(order)
        self.assertFalse(order.gtg_shipped_at)
        self.assertFalse(self.calls)

    def test_return_to_the_warehouse(self):
        order = self._orders()
        order.action_confirm()
        self._deliver(order)
        picking = order.picking_ids
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 1
        action = wizard.action_create_returns()
        back = self.env["stock.picking"].browse(action["res_id"])
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(order.gtg_return_state, "returned")

    def _pay(self, order, amount):
        provider = self.env["payment.provider"].create(
            {"name": "Bank", "code": "none", "state": "test"}
        )
        method = self.env["payment.method"].search([], limit=1)
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": f"{order.name}-{amount}",
                "amount": amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )

    def test_online_payment_in_two_parts(self):
        order = self._orders()
        order.action_confirm()
        self._pay(order, 150000)._set_done()
        self.assertFalse(order.gtg_paid_at)
        self._pay(order, 50000)._set_done()
        self.assertTrue(order.gtg_paid_at)
        self.assertEqual(order.gtg_money, "paid")

    def test_authorized_is_not_paid(self):
        order = self._orders()
        self._pay(order, 200000)._set_pending()
        self.assertEqual(order.gtg_money, "unpaid")

    def _invoice(self, order):
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _register(self, move):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()

    def test_paid_invoice_then_refund(self):
        order = self._orders()
        order.action_confirm()
        invoice = self._invoice(order)
        self.assertEqual(order.gtg_money, "unpaid")
        self._register(invoice)
        self.assertEqual(order.gtg_money, "paid")
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        credit = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        credit.action_post()
        self.assertEqual(order.gtg_money, "refunding")
        self._register(credit)
        self.assertEqual(order.gtg_money, "refunded")

    def test_replaced_unpaid_invoice_is_no_refund(self):
        order = self._orders()
        order.action_confirm()
        invoice = self._invoice(order)
        self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"journal_id": invoice.journal_id.id}).modify_moves()
        self.assertEqual(order.gtg_money, "unpaid")
