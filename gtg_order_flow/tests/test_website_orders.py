from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestWebsiteOrders(OrderFlowCase):
    """What core does for orders of the website is there for our people too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([], limit=1)

    def setUp(self):
        super().setUp()
        self._stock(10)

    def _menu(self, name):
        """:return: the orders that staff see behind a menu of the app"""
        menu = self.env.ref(f"gtg_order_flow.{name}").with_user(self.staff)
        self.assertIn(menu.id, menu._visible_menu_ids())
        self.assertEqual(
            menu.parent_path.split("/")[0],
            str(self.env.ref("gtg_order_flow.menu_root").id),
        )
        domain = safe_eval(menu.sudo().action.domain)
        return self.env["sale.order"].with_user(self.staff).search(Domain(domain))

    def test_salesperson_and_team_of_the_website(self):
        seller = self._user("seller", "gtg_order_flow.group_shop_staff")
        team = self.env["crm.team"].create({"name": "Online"})
        self.website.write({"salesperson_id": seller.id, "salesteam_id": team.id})
        order = self._orders(website_id=self.website.id)
        self.assertFalse(order.user_id, "a cart is nobody's yet")
        order.action_confirm()
        self.assertEqual((order.user_id, order.team_id), (seller, team))
        hold = order._gtg_hold("manual")
        self.assertEqual(hold.user_id, seller, "who looks after it")

    def test_unpaid_orders_and_abandoned_carts_have_menus(self):
        self.website.cart_abandoned_delay = 1
        cart, fresh, waiting, typed = [
            self._orders(**vals)
            for vals in (*[{"website_id": self.website.id}] * 3, {})
        ]
        waiting.state = "sent"
        cart.date_order = fields.Datetime.now() - timedelta(hours=3)
        self.env.flush_all()
        carts, unpaid = self._menu("menu_abandoned_carts"), self._menu("menu_unpaid")
        self.assertEqual(carts & (cart | fresh | waiting | typed), cart)
        self.assertEqual(unpaid & (cart | fresh | waiting | typed), waiting | typed)
        waiting.with_user(self.staff).action_gtg_paid()
        self.assertNotIn(waiting, self._menu("menu_unpaid"))

    def test_pay_in_the_store_waits_unreserved(self):
        """Click and Collect (website_sale_collect) confirms the order at once."""
        provider = self.env["payment.provider"].search(
            [("custom_mode", "!=", False)], limit=1
        )
        self.assertTrue(provider)
        self.env.cr.execute(
            "UPDATE payment_provider SET custom_mode = 'on_site' WHERE id = %s",
            [provider.id],
        )
        provider.invalidate_recordset()
        order, other = self._orders(2, website_id=self.website.id)
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": f"{order.name}-store",
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        tx._set_pending()
        order.action_confirm()  # core's, before or after our own step
        tx._post_process()
        other.action_confirm()
        self.assertEqual(order.gtg_goods, "waiting")
        order.picking_ids.action_assign()
        self.assertEqual(order.gtg_goods, "waiting")
        self.assertEqual(other.gtg_goods, "allocated")
        self.assertEqual(order._gtg_next_action(), "payment")
        order.with_user(self.staff).action_gtg_paid()
        self.assertEqual((order.gtg_money, order.gtg_goods), ("paid", "allocated"))
