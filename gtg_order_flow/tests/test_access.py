from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestAccess(OrderFlowCase):
    def test_staff_works_an_order_but_not_the_configuration(self):
        self._stock(10)
        order = self._orders().with_user(self.staff)
        order.action_confirm()
        order._gtg_hold("address")
        order.gtg_open_hold_ids.action_release()
        self._deliver(order)
        order.action_gtg_paid()
        order.action_gtg_delivered()
        self.assertEqual(order.gtg_stage, "completed")
        with self.assertRaises(AccessError):
            self.phone.with_user(self.staff).name = "Mine"
        with self.assertRaises(AccessError):
            self.env.ref("gtg_order_flow.hold_reason_manual").with_user(
                self.staff
            ).blocks_ship = False

    def test_after_sale_and_carts_stay_in_their_company(self):
        """Requests, messages, cart steps: staff read, others see nothing."""
        self._stock(10)
        order = self._orders()
        order.action_confirm()
        request = self.env["gtg.cancel.request"].create({"order_id": order.id})
        message = self.env["gtg.buyer.message"].search([("order_id", "=", order.id)])
        self.assertTrue(message)
        company = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("stranger", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        portal = self._user("portal-else", "base.group_portal")
        for record in (request, message):
            self.assertTrue(record.with_user(self.staff).read(["order_id"]))
            self.assertFalse(record.with_user(stranger).search([("id", "=", record.id)]))
            with self.assertRaises(AccessError):
                record.with_user(portal).read(["order_id"])
        with self.assertRaises(AccessError):
            request.with_user(stranger).action_accept()
        with self.assertRaises(AccessError):
            message.with_user(self.staff).event = "delivered"
        with self.assertRaises(AccessError):
            self.env["gtg.cart.step"].with_user(self.staff).create({"name": "Mine"})

    def test_manager_configures(self):
        manager = self._user("shop-manager", "gtg_order_flow.group_shop_manager")
        self.phone.with_user(manager).name = "Hotline"

    def test_warehouse_worker_ships_without_sales_rights(self):
        self._stock(10)
        order = self._orders()
        order.action_confirm()
        worker = self._user("warehouse", "stock.group_stock_user")
        order._gtg_hold("address")
        hold = order.gtg_open_hold_ids
        with self.assertRaises(AccessError):
            hold.with_user(worker).action_release()
        order._gtg_release("address")
        self._deliver_as(order.picking_ids, worker)
        self.assertEqual(order.gtg_goods, "shipped")

    def _deliver_as(self, pickings, user):
        pickings.move_ids.picked = True
        pickings.with_user(user).button_validate()

    def test_portal_sees_nothing_internal(self):
        portal = self._user("portal-lan", "base.group_portal")
        order = self._orders(partner_id=portal.partner_id.id, gtg_seller_note="secret")
        order.state = "sent"
        order._gtg_hold("risk_check", note="fraud?")
        as_portal = order.with_user(portal)
        self.assertEqual(as_portal.name, order.name)
        for name in ("gtg_seller_note", "gtg_hold_ids", "gtg_open_hold_ids"):
            with self.assertRaises(AccessError):
                as_portal.read([name])
        for model in (
            "gtg.order.hold",
            "gtg.hold.reason",
            "gtg.sale.channel",
            "gtg.buyer.message",
        ):
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).search_read([], ["id"])
        with self.assertRaises(AccessError):
            as_portal.gtg_paid_at = fields.Datetime.now()
        with self.assertRaises(AccessError):
            as_portal.action_gtg_paid()
        with self.assertRaises(AccessError):
            as_portal.action_gtg_release()

    def test_other_company_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("stranger", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        hold = self._orders()._gtg_hold("manual")
        own = self.env["gtg.sale.channel"].create(
            {"name": "Ours", "code": "ours", "company_id": self.env.company.id}
        )
        found = self.env["gtg.order.hold"].with_user(stranger).search([])
        self.assertNotIn(hold, found)
        channels = self.env["gtg.sale.channel"].with_user(stranger).search([])
        self.assertNotIn(own, channels)
        self.assertIn(self.phone, channels)
        with self.assertRaises(AccessError):
            hold.with_user(stranger).action_release()
