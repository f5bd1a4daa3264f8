from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestMissing(OrderFlowCase):
    """Who approves sees before what is not there."""

    def setUp(self):
        super().setUp()
        self.env["sale.order"].search([("state", "in", ("draft", "sent"))]).action_cancel()

    def test_first_come_first_served(self):
        self._stock(2)
        now = fields.Datetime.now()
        orders = self._orders(3)
        for number, order in enumerate(orders):
            order.date_order = now + timedelta(minutes=number)
        self.assertEqual(orders.mapped("gtg_missing"), ["", "", "1 × TEA, 1 × CUP"])
        short = self.env["sale.order"].with_user(self.staff).search(
            [("gtg_missing", "!=", False), ("gtg_stage", "=", "new")]
        )
        self.assertEqual(short, orders[2])
        there = short.search([("gtg_missing", "=", False), ("gtg_stage", "=", "new")])
        self.assertEqual(there, orders[:2])
        self._stock(1)
        self.env.invalidate_all()
        self.assertEqual(orders[2].gtg_missing, "")

    def test_what_is_reserved_is_not_there(self):
        self._stock(5)
        first, second = self._orders(2)
        first.order_line.product_uom_qty = 4
        first.action_confirm()
        second.order_line[0].product_uom_qty = 3
        self.assertEqual(second.gtg_missing, "2 × TEA")
        self.assertFalse(first.gtg_missing, "confirmed: the goods axis tells")

    def test_units_services_and_old_quotations(self):
        self._stock(12)
        old, new = self._orders(2)
        old.order_line.product_uom_qty = 12
        old.date_order = fields.Datetime.now() - timedelta(days=30)
        dozen = self.env.ref("uom.product_uom_dozen")
        self.tea.uom_ids |= dozen
        new.order_line = [
            Command.update(
                new.order_line[0].id,
                {"product_uom_qty": 2, "product_uom_id": dozen.id},
            ),
            Command.create(
                {"product_id": self.env["product.product"].create(
                    {"name": "Gift wrap", "type": "service"}
                ).id}
            ),
        ]
        self.assertEqual(new.gtg_missing, "12 × TEA")
        self.assertFalse(old.gtg_missing)

    def test_other_company_and_carts(self):
        website = self.env["website"].search([], limit=1)
        cart = self._orders(website_id=website.id)
        self.assertFalse(cart.gtg_missing)
        order = self._orders()
        self.assertTrue(order.gtg_missing)
        company = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("missing-other", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        found = self.env["sale.order"].with_user(stranger)
        self.assertFalse(found.search([("gtg_missing", "!=", False)]))
