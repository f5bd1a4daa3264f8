from datetime import timedelta
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
        order.modified(["state"])
        order.invalidate_recordset(["gtg_fees_text"])
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

    def _learn(self, *orders):
        for order in orders:
            order.modified(["state"])
        self.env["product.template"]._gtg_cron_learn_fees()

    def test_fees_of_the_product_are_learnt_from_its_orders(self):
        tea, cup = (self.tea | self.cup).product_tmpl_id
        order = self._orders()
        order.action_confirm()
        self._deliver(order)
        with self._knows(Fee("Carrier", 20000), Fee("Marketplace", None)):
            self._learn(order)
        self.assertEqual(order.gtg_fees_known, "some")
        self.assertEqual(tea.gtg_fees_learnt, "unknown", "half of it is not all of it")
        self.assertEqual(tea.gtg_fees_text, "Not known yet")
        self.assertEqual(tea.gtg_profit_after_fees, 60000)
        with self._knows(Fee("Carrier", 20000)):
            self._learn(order)
        # 20,000 of 200,000: a tenth of each price
        self.assertEqual(tea.gtg_fees_learnt, "known")
        self.assertIn("15,000", tea.gtg_fees_text)
        self.assertIn("1 orders", tea.gtg_fees_text)
        self.assertEqual(tea.gtg_profit_after_fees, 150000 * 0.9 - 90000)
        self.assertEqual(cup.gtg_profit_after_fees, 50000 * 0.9 - 20000)
        products = self.env["product.template"].with_user(self.staff)
        mine = [("id", "in", (tea | cup).ids)]
        self.assertEqual(
            products.search(mine, order="gtg_profit_after_fees").ids, [cup.id, tea.id]
        )
        cup.standard_price = 46000
        with self._knows(Fee("Carrier", 20000)):
            self._learn()
        self.assertEqual(
            products.search([*mine, ("gtg_profit_after_fees", "<", 0)]), cup
        )
        groups = products.formatted_read_group(
            mine, ["gtg_fees_learnt"], ["__count"]
        )
        self.assertEqual(
            [(g["gtg_fees_learnt"], g["__count"]) for g in groups], [("known", 2)]
        )
        order.gtg_shipped_at -= timedelta(days=100)
        self._learn()
        self.assertEqual(tea.gtg_fees_learnt, "unknown", "long ago")

    def test_a_cost_typed_later_counts_for_the_last_days(self):
        order, old = self._orders(), self._orders()
        (order | old).action_confirm()
        old.date_order -= timedelta(days=8)
        before = order.gtg_profit
        self.assertEqual(old.gtg_profit, before)
        self.cup.standard_price += 6000
        self._learn()
        self.assertEqual(order.gtg_profit, before - 6000)
        self.assertEqual(old.gtg_profit, before, "of its time")

    def test_orders_are_sorted_and_grouped_by_what_is_left(self):
        manager = self._user("profit-boss", "gtg_order_flow.group_shop_manager")
        good, bad, draft = self._orders(), self._orders(), self._orders()
        (good | bad).action_confirm()
        with self._knows(Fee("Carrier", 10000)):
            good.modified(["state"])
            self.assertEqual((good.gtg_profit, good.gtg_fees), (80000, 10000))
        with self._knows(Fee("Carrier", 95000), Fee("Marketplace", None)):
            bad.modified(["state"])
            self.assertEqual((bad.gtg_profit, bad.gtg_fees_known), (-5000, "some"))
        self.assertEqual(draft.gtg_profit, 0, "nothing is sold yet")
        orders = self.env["sale.order"].with_user(manager)
        mine = [("id", "in", (good | bad).ids)]
        self.assertEqual(orders.search(mine, order="gtg_profit").ids, [bad.id, good.id])
        report = self.env["gtg.order.report"].with_user(manager)
        rows = report.formatted_read_group(
            [("order_id", "in", (good | bad).ids)], ["fees_known"], ["profit:sum"]
        )
        self.assertEqual(
            {row["fees_known"]: row["profit:sum"] for row in rows},
            {"all": 80000, "some": -5000},
        )
        staff = self.env["gtg.order.report"].with_user(self.staff)
        self.assertNotIn("profit", staff.fields_get())

    def test_only_managers_read_the_profit_of_orders(self):
        order = self._orders()
        manager = self._user("profit-manager", "gtg_order_flow.group_shop_manager")
        self.assertIn("gtg_profit", order.with_user(manager).fields_get())
        self.assertNotIn("gtg_profit", order.with_user(self.staff).fields_get())
