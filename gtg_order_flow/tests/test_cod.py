from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestCod(OrderFlowCase):
    def test_amount_follows_the_total(self):
        order = self._orders(gtg_is_cod=True)
        order.order_line[0].product_uom_qty = 2
        self.assertEqual(order.gtg_cod_amount, 350000)
        order.gtg_is_cod = False
        self.assertEqual(order.gtg_cod_amount, 0)

    def test_negative_amount_is_refused(self):
        order = self._orders(gtg_is_cod=True)
        with self.assertRaises(ValidationError):
            order.gtg_cod_amount = -1

    def test_counter_takes_no_cod(self):
        with self.assertRaisesRegex(ValidationError, "Counter"):
            self._orders(
                gtg_is_cod=True,
                gtg_channel_id=self.env.ref("gtg_order_flow.channel_counter").id,
            )

    def test_backorder_does_not_ask_twice(self):
        self._stock(10)
        order = self._orders(gtg_is_cod=True)
        order.order_line.product_uom_qty = 2
        order.action_confirm()
        first = order.picking_ids
        for move in first.move_ids:
            move.write({"quantity": 1, "picked": True})
        first.with_context(skip_backorder=True).button_validate()
        self.assertEqual(first.gtg_cod_amount, 400000)
        self.assertEqual((order.picking_ids - first).gtg_cod_amount, 0)

    def test_website_buyer_chose_cod_at_checkout(self):
        website = self.env["website"].search([], limit=1)
        order = self._orders(website_id=website.id)
        provider = self.env["payment.provider"].search(
            [("custom_mode", "=", "cash_on_delivery")], limit=1
        )
        self.assertTrue(provider)
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": order.name,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        tx._set_pending()
        tx._post_process()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.gtg_money, "cod")
        self.assertEqual(order.gtg_cod_amount, order.amount_total)
