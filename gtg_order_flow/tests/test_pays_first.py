from odoo.tests import tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestPaysFirst(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(10)

    def _promise(self, order):
        provider = self.env["payment.provider"].search(
            [("custom_mode", "=", "wire_transfer")], limit=1
        )
        self.assertTrue(provider)
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": f"{order.name}-w",
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        tx._set_pending()
        tx._post_process()
        return tx

    def test_transfer_at_checkout_waits_unreserved(self):
        website = self.env["website"].search([], limit=1)
        order = self._orders(website_id=website.id)
        order.gtg_channel_id.auto_confirm = True
        self._promise(order)
        self.assertEqual(order.state, "sent")
        self.assertTrue(order.gtg_pays_first)
        order._gtg_auto_confirm()
        self.assertEqual(order.state, "sent")
        self.assertEqual(order._gtg_next_action(), "payment")
        order.with_user(self.staff).action_gtg_paid()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.gtg_goods, "allocated")

    def test_confirmed_by_hand_reserves_when_the_money_is_here(self):
        order = self._orders(gtg_pays_first=True)
        other = self._orders()
        (order | other).action_confirm()
        self.assertEqual(order.gtg_goods, "waiting")
        self.assertEqual(other.gtg_goods, "allocated")
        order.picking_ids.action_assign()
        self.assertEqual(order.gtg_goods, "waiting")
        order.action_gtg_paid()
        self.assertEqual(order.gtg_goods, "allocated")

    def test_reserved_before_it_was_known(self):
        order = self._orders()
        order.action_confirm()
        self.assertEqual(order.gtg_goods, "allocated")
        order._gtg_pay_first()
        self.assertEqual(order.gtg_goods, "waiting")
        order.gtg_pays_first = False
        self.assertEqual(order.gtg_goods, "allocated")

    def test_held_one_is_not_confirmed_by_its_money(self):
        order = self._orders(gtg_pays_first=True)
        order._gtg_hold("address")
        order.action_gtg_paid()
        self.assertEqual((order.state, order.gtg_money), ("draft", "paid"))
