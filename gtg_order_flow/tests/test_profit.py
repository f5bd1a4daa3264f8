from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ..models.sale_order_profit import Fee
from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestProfit(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(10)
        self.tea.standard_price = 90000
        self.cup.standard_price = 20000

    def _knows(self, *fees):
        """An addon that knows these fees of every order."""
        return patch.object(
            type(self.env["sale.order"]),
            "_gtg_known_fees",
            lambda orders: {order: list(fees) for order in orders},
        )

    def _fresh(self, order):
        order.invalidate_recordset(["gtg_profit", "gtg_fees_text"])
        return order.gtg_profit, order.gtg_fees_text

    def test_what_is_not_known_is_not_nothing(self):
        order = self._orders()
        order.order_line[0].product_uom_qty = 2
        order.action_confirm()
        self.assertEqual(self._fresh(order), (2 * 60000 + 30000, ""))
        with self._knows(Fee("Carrier", 22000), Fee("Marketplace", None)):
            profit, text = self._fresh(order)
        self.assertEqual(profit, 128000)
        self.assertIn("22,000", text)
        self.assertIn("Marketplace: not known yet", text)
        with self._knows(Fee("Carrier", 0)):
            self.assertNotIn("not known", self._fresh(order)[1])

    def test_dozens_and_what_came_back(self):
        order = self._orders(
            order_line=[
                Command.create(
                    {
                        "product_id": self.tea.id,
                        "product_uom_qty": 1,
                        "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
                        "price_unit": 1500000,
                    }
                )
            ]
        )
        self._stock(10, self.tea)
        order.action_confirm()
        self.assertEqual(order.gtg_profit, 1500000 - 12 * 90000)
        self._deliver(order)
        back = self.env["stock.return.picking"].create(
            {"picking_id": order.picking_ids.id}
        )
        back.product_return_moves.quantity = 6
        receipt = back._create_return()
        receipt.move_ids.picked = True
        receipt.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 0.5)
        self.assertEqual(self._fresh(order)[0], (1500000 - 12 * 90000) / 2)

    def test_average_of_the_product(self):
        product = self.tea.product_tmpl_id
        self.assertEqual(product.gtg_fees_text, "Not known yet")
        order = self._orders()
        order.action_confirm()
        self._deliver(order)
        with self._knows(Fee("Carrier", 20000)):
            product.invalidate_recordset(["gtg_fees_text"])
            # 150,000 of 200,000: three quarters of the fee
            self.assertIn("15,000", product.gtg_fees_text)
        with self._knows(Fee("Carrier", 20000), Fee("Marketplace", None)):
            product.invalidate_recordset(["gtg_fees_text"])
            self.assertEqual(product.gtg_fees_text, "Not known yet")

    def test_only_managers_read_the_profit_of_orders(self):
        order = self._orders()
        manager = self._user("profit-manager", "gtg_order_flow.group_shop_manager")
        self.assertIn("gtg_profit", order.with_user(manager).fields_get())
        self.assertNotIn("gtg_profit", order.with_user(self.staff).fields_get())
