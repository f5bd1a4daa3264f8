from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestChannels(OrderFlowCase):
    def test_website_order_gets_the_website_channel(self):
        website = self.env["website"].search([], limit=1)
        order = self._orders(website_id=website.id)
        self.assertEqual(order.gtg_channel_id, self.website_channel)

    def test_company_channel_goes_before_the_shared_one(self):
        own = self.env["gtg.sale.channel"].create(
            {
                "name": "Hotline",
                "code": "hot",
                "kind": "phone",
                "company_id": self.env.company.id,
            }
        )
        self.assertEqual(self._orders().gtg_channel_id, own)

    def test_channel_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other shop"})
        channel = self.env["gtg.sale.channel"].create(
            {"name": "Hotline", "code": "hot", "kind": "phone", "company_id": other.id}
        )
        self.assertEqual(self._orders().gtg_channel_id, self.phone)
        with self.assertRaises(UserError):
            self._orders(gtg_channel_id=channel.id)

    def test_channel_gives_warehouse_and_pricelist(self):
        warehouse = self.env["stock.warehouse"].create({"name": "Hue", "code": "HUE"})
        pricelist = self.env["product.pricelist"].create({"name": "Facebook prices"})
        facebook = self.env.ref("gtg_order_flow.channel_facebook")
        facebook.write({"warehouse_id": warehouse.id, "pricelist_id": pricelist.id})
        order = self._orders(gtg_channel_id=facebook.id)
        self.assertEqual(order.warehouse_id, warehouse)
        self.assertEqual(order.pricelist_id, pricelist)

    def test_later_change_of_channel_keeps_what_was_chosen(self):
        warehouse = self.env["stock.warehouse"].create({"name": "Hue", "code": "HUE"})
        order = self._orders(warehouse_id=warehouse.id)
        team = self.env["crm.team"].create({"name": "Night shift"})
        order.team_id = team
        order.gtg_channel_id = self.env.ref("gtg_order_flow.channel_zalo")
        self.assertEqual((order.warehouse_id, order.team_id), (warehouse, team))

    def test_form_takes_what_the_chosen_channel_gives(self):
        warehouse = self.env["stock.warehouse"].create({"name": "Hue", "code": "HUE"})
        zalo = self.env.ref("gtg_order_flow.channel_zalo")
        zalo.warehouse_id = warehouse
        with Form(self.env["sale.order"]) as form:
            form.partner_id = self.buyer
            form.gtg_channel_id = zalo
        self.assertEqual(form.record.warehouse_id, warehouse)

    def test_shared_channel_gives_only_to_its_own_company(self):
        other = self.env["res.company"].create({"name": "Other shop"})
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", other.id)], limit=1
        )
        self.phone.warehouse_id = warehouse
        self.assertEqual(self._orders().warehouse_id, self.warehouse)
        with self.assertRaises(UserError):
            self.phone.company_id = self.env.company

    def test_channel_order_comes_in_once(self):
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Shopee", "code": "shopee1", "kind": "marketplace"}
        )
        self._orders(gtg_channel_id=shop.id, gtg_channel_ref="2611220001")
        self._orders(2, gtg_channel_id=shop.id)
        self._orders(2, gtg_channel_id=shop.id, gtg_channel_ref="")
        self._orders(gtg_channel_id=self.phone.id, gtg_channel_ref="2611220001")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._orders(gtg_channel_id=shop.id, gtg_channel_ref="2611220001")

    def test_copy_is_another_order_of_the_channel(self):
        order = self._orders(gtg_channel_ref="A1", gtg_is_cod=True)
        order.action_confirm()
        order._gtg_hold("manual")
        copy = order.copy()
        self.assertEqual(copy.gtg_channel_id, self.phone)
        self.assertFalse(copy.gtg_channel_ref or copy.gtg_hold_ids)
        self.assertEqual(copy.gtg_stage, "new")

    def test_auto_confirm_leaves_the_held_ones(self):
        self.phone.auto_confirm = True
        orders = self._orders(3)
        orders[0]._gtg_hold("address")
        orders[1].order_line[0].product_id = False
        done = orders._gtg_auto_confirm()
        self.assertEqual(done, orders[2])
        self.assertEqual(orders[2].state, "sale")
        self.assertEqual(orders[1].state, "draft")
        self.assertIn("missing a product", orders[1].gtg_hold_ids.note)
