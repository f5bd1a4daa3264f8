from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..lib import phone
from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestChecks(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.country_id = cls.env.ref("base.vn")
        cls.buyer.write(cls._place(cls.env))

    @staticmethod
    def _place(env):
        return {
            "street": "12 Lý Tự Trọng",
            "street2": "Phường Bến Thành",
            "state_id": env.ref("base.state_vn_VN-SG").id,
            "country_id": env.ref("base.vn").id,
        }

    def _later(self, orders, hours):
        """These orders arrived so many hours before those made from now on."""
        self.env.flush_all()
        for order in orders:
            order.gtg_arrived_at -= timedelta(hours=hours)

    def _reasons(self, order):
        return set(order.gtg_open_hold_ids.reason_id.mapped("code"))

    def _buyer(self, **vals):
        return self.env["res.partner"].create(
            {"name": "Trần Văn Bình", **self._place(self.env), **vals}
        )

    def test_vietnamese_numbers(self):
        for text, digits in (
            ("0912345678", "0912345678"),
            ("+84 912 345 678", "0912345678"),
            ("+84 (0) 912.345.678", "0912345678"),
            ("84912345678", "0912345678"),
            ("0084-912-345-678", "0912345678"),
            ("028 3822 1234", "02838221234"),
            ("0296 385 2222", "02963852222"),
            ("gọi 0912 / 0987654321", "0987654321"),
            ("０９１２３４５６７８", "0912345678"),
            ("091234567", ""),
            ("09123456789", ""),
            ("0123456789", ""),
            ("+1 212 555 0123", ""),
            ("1900 1234", ""),
            ("", ""),
            (False, ""),
            ("٠٩١٢٣٤٥٦٧٨x", ""),
        ):
            self.assertEqual(phone.national(text), digits, text)
        self.assertEqual(phone.key("******45"), "")
        self.assertEqual(phone.key("+84912345678"), phone.key("0912 345 678"))

    def test_a_good_order_arrives_unheld(self):
        order = self._orders()
        self.assertTrue(order.gtg_arrived_at)
        self.assertEqual(order.gtg_info, "to_review")

    def test_a_check_that_fails_costs_no_order_its_arrival(self):
        self.buyer.phone = "12345"
        orders = self.env.registry["sale.order"]
        with (
            patch.object(orders, "_gtg_find_addresses", side_effect=KeyError("x")),
            mute_logger("odoo.addons.gtg_order_flow.models.sale_order_checks"),
        ):
            order = self._orders()
        self.assertTrue(order.gtg_arrived_at)
        self.assertEqual(self._reasons(order), {"phone"})

    def test_reasons_of_checks_stay(self):
        reason = self.env.ref("gtg_order_flow.hold_reason_address")
        with self.assertRaisesRegex(UserError, "archive"):
            reason.unlink()
        with self.assertRaises(UserError):
            reason.code = "elsewhere"
        reason.active = False
        self.assertEqual(self.env["gtg.hold.reason"]._gtg_get("address"), reason)

    def test_wrong_phone_is_held_until_corrected(self):
        self.buyer.phone = "12345"
        order = self._orders()
        hold = order.gtg_open_hold_ids
        self.assertEqual(hold.reason_id.code, "phone")
        self.assertIn("12345", hold.note)
        self.buyer.with_user(self.staff).phone = "0987 654 321"
        self.assertEqual(order.gtg_info, "to_review")
        self.buyer.phone = "12345"
        self.assertEqual(self._reasons(order), {"phone"})

    def test_released_as_it_is_now_not_as_it_was_found_first(self):
        self.buyer.write({"street": "12 A", "street2": False, "city": False})
        order = self._orders()
        hold = order.gtg_open_hold_ids
        note, logged = hold.note, len(order.message_ids)
        self.buyer.street = "12 Lê Lợi"  # the ward is missing as before
        self.assertEqual(order.gtg_open_hold_ids, hold)
        self.assertEqual((hold.note, len(order.message_ids)), (note, logged))
        hold.with_user(self.staff).action_release()
        order.action_confirm()
        self.assertEqual(self._reasons(order), set())

    def test_a_cancelled_twin_frees_only_who_resembles_it(self):
        def order_of(number):
            return self._orders(partner_id=self._buyer(phone=number).id)

        first, other = order_of("0911111111"), order_of("0922222222")
        self._later(first | other, 1)
        again, other_again = order_of("0911111111"), order_of("0922222222")
        self.assertEqual(self._reasons(again), {"duplicate"})
        self.assertEqual(first._gtg_twins(), again)
        first.action_cancel()
        self.assertEqual(self._reasons(again), set())
        self.assertEqual(self._reasons(other_again), {"duplicate"})

    def test_what_a_person_released_is_not_held_again_for_the_same(self):
        self.buyer.phone = "12345"
        order = self._orders()
        order.gtg_open_hold_ids.with_user(self.staff).action_release()
        order.order_line[0].product_uom_qty = 3
        self.assertFalse(self._reasons(order))
        self.buyer.phone = "1234"
        self.assertEqual(self._reasons(order), {"phone"})

    def test_incomplete_address(self):
        buyer = self._buyer(phone="0912000111", street=False)
        order = self._orders(partner_id=buyer.id)
        self.assertEqual(self._reasons(order), {"address"})
        self.assertIn("house number", order.gtg_open_hold_ids.note)
        buyer.write({"street": "5 Hàng Gai", "street2": False})
        self.assertIn("ward", order.gtg_open_hold_ids.note)
        buyer.street = "5 Hàng Gai, P. Hoàn Kiếm, Hà Nội"
        self.assertFalse(self._reasons(order))

    def test_another_delivery_address_is_looked_at(self):
        order = self._orders()
        other = self._buyer(phone="0912000111", street="?")
        order.partner_shipping_id = other
        self.assertEqual(self._reasons(order), {"address"})
        order.partner_shipping_id = self.buyer
        self.assertFalse(self._reasons(order))

    def test_abroad_masked_and_services_are_excused(self):
        abroad = self.env["res.partner"].create(
            {"name": "Ann", "phone": "+1 212 5550123", "country_id": self._us()}
        )
        masked = self._buyer(phone="******45", street="***", street2=False)
        service = self.env["product.product"].create(
            {"name": "Gift card", "type": "service"}
        )
        nowhere = self.env["res.partner"].create({"name": "Mr E-mail"})
        for order in (
            self._orders(partner_id=abroad.id),
            self._orders(partner_id=masked.id),
            self._orders(
                partner_id=nowhere.id,
                order_line=[Command.create({"product_id": service.id})],
            ),
        ):
            self.assertFalse(self._reasons(order))

    def _us(self):
        return self.env.ref("base.us").id

    def test_duplicate_is_the_later_one(self):
        first = self._orders()
        self._later(first, 3)
        same_phone = self._buyer(phone="+84 912 345 678")
        second = self._orders(partner_id=same_phone.id)
        self.assertEqual(self._reasons(second), {"duplicate"})
        self.assertIn(first.name, second.gtg_open_hold_ids.note)
        self.assertFalse(self._reasons(first))
        first._action_cancel()
        self.assertFalse(self._reasons(second))

    def test_duplicate_ends_when_either_gets_other_goods(self):
        first = self._orders()
        self._later(first, 3)
        second, third = self._orders(2)
        self.assertEqual(self._reasons(second), {"duplicate"})
        second.order_line[0].unlink()
        self.assertFalse(self._reasons(second))
        self.assertEqual(self._reasons(third), {"duplicate"})
        first.order_line[0].unlink()
        self.assertFalse(self._reasons(third))
        fourth = self._orders(
            order_line=[Command.create({"product_id": self.cup.id})]
        )
        fourth._gtg_check()
        self._later(second, 1)
        fourth._gtg_check()
        self.assertEqual(self._reasons(fourth), {"duplicate"})
        first.unlink()
        self.assertEqual(self._reasons(fourth), {"duplicate"})
        second.unlink()
        self.assertFalse(self._reasons(fourth))

    def test_no_duplicates(self):
        first = self._orders()
        self._later(first, 25)
        self.assertFalse(self._reasons(self._orders()))  # too long ago
        self._later(first, -24)
        cup = [Command.create({"product_id": self.cup.id})]
        self.assertFalse(self._reasons(self._orders(order_line=cup)))
        other = self._buyer(phone="0987654321")
        self.assertFalse(self._reasons(self._orders(partner_id=other.id)))
        self.phone.duplicate_hours = 0
        self.assertFalse(self._reasons(self._orders()))

    def test_duplicate_keeps_stock_and_gives_it_back(self):
        self._stock(1)
        first = self._orders()
        first.action_confirm()
        self._later(first, 1)
        second = self._orders()
        second.action_confirm()
        self.assertEqual(second.gtg_goods, "waiting")
        first._action_cancel()
        self.assertEqual(second.gtg_goods, "allocated")

    def test_first_order_with_much_cash(self):
        self.phone.first_cod_limit = 100000
        order = self._orders(gtg_is_cod=True)
        self.assertEqual(self._reasons(order), {"first_cod"})
        order.gtg_paid_at = fields.Datetime.now()
        self.assertFalse(self._reasons(order))
        self.phone.first_cod_limit = 300000
        self.assertFalse(self._reasons(self._orders(gtg_is_cod=True)))
        self.phone.first_cod_limit = 100000
        order.gtg_delivered_at = fields.Datetime.now()
        self.assertFalse(self._reasons(self._orders(gtg_is_cod=True)))

    def test_message_is_read_by_somebody(self):
        zalo = self.env.ref("gtg_order_flow.channel_zalo")
        order = self._orders(
            gtg_channel_id=zalo.id, gtg_buyer_note="<b>Giao sau 17h</b>"
        )
        self.assertEqual(self._reasons(order), {"buyer_note"})
        self.assertNotIn("<b>Giao", order.message_ids[0].body)
        order.gtg_open_hold_ids.with_user(self.staff).action_release()
        order.gtg_is_cod = True
        self.assertFalse(self._reasons(order))
        order.gtg_buyer_note = "Giao sau 18h"
        self.assertEqual(self._reasons(order), {"buyer_note"})

    def test_out_of_stock_is_told_and_ends_with_the_stock(self):
        self.phone.check_stock = True
        order = self._orders()
        order.action_confirm()
        self.assertEqual(self._reasons(order), {"stock"})
        self.assertIn("Clay cup", order.gtg_open_hold_ids.note)
        self._stock(5)
        order.action_gtg_allocate()
        self.assertFalse(self._reasons(order))
        self.assertEqual(order.gtg_goods, "allocated")

    def test_free_stock_beside_the_order_is_not_missing(self):
        self.phone.check_stock = True
        self._stock(1)
        order = self._orders()
        order.action_confirm()
        order.picking_ids.do_unreserve()
        self.assertEqual(order.gtg_goods, "waiting")
        self.assertFalse(order._gtg_find_shortages())
        self._stock(-1, self.cup)
        self.env.invalidate_all()
        self.assertIn("Clay cup", order._gtg_find_shortages()[order][1])

    def test_cart_is_no_order_yet(self):
        self.website_channel.auto_confirm = True
        website = self.env["website"].search([], limit=1)
        self.buyer.phone = "12345"
        bad = self._orders(website_id=website.id)
        good = self._orders(
            website_id=website.id, partner_id=self._buyer(phone="0987654321").id
        )
        self.assertFalse(bad.gtg_arrived_at or bad.gtg_hold_ids)
        (bad | good).action_quotation_sent()
        self.assertEqual(self._reasons(bad), {"phone"})
        self.assertEqual((bad | good).mapped("state"), ["sent", "sale"])

    def test_paid_online_another_amount(self):
        website = self.env["website"].search([], limit=1)
        order = self._orders(website_id=website.id)
        self.env["payment.transaction"].create(
            {
                "provider_id": self.env.ref("payment.payment_provider_transfer").id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "reference": "checks-1",
                "state": "done",
                "sale_order_ids": [Command.link(order.id)],
            }
        )
        order.action_confirm()
        self.assertFalse(self._reasons(order))
        order.order_line[0].product_uom_qty = 2
        self.assertEqual(self._reasons(order), {"total_mismatch"})
        order.order_line[0].product_uom_qty = 1
        self.assertFalse(self._reasons(order))

    def test_marketplace_and_counter_check_nothing_by_themselves(self):
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Shopee", "code": "shopee1", "kind": "marketplace"}
        )
        self.buyer.write({"phone": "1", "street": False})
        for channel in (shop, self.env.ref("gtg_order_flow.channel_counter")):
            order = self._orders(gtg_channel_id=channel.id, gtg_buyer_note="Hi")
            self.assertTrue(order.gtg_arrived_at)
            self.assertFalse(self._reasons(order))

    def test_statements_do_not_grow_with_the_orders(self):
        self.phone.write(
            {"check_note": True, "check_stock": True, "first_cod_limit": 1000}
        )
        self._later(self._orders(), 1)
        buyers = self.env["res.partner"].create(
            [
                {"name": f"B{n}", "phone": "12" if n % 2 else "0912345678"}
                for n in range(60)
            ]
        )
        orders = self.env["sale.order"].with_context(gtg_arrives_later=True)
        orders = orders.create(
            [
                {
                    "partner_id": buyer.id,
                    "gtg_is_cod": True,
                    "gtg_buyer_note": "Hello",
                    "order_line": [Command.create({"product_id": p.id})],
                }
                for buyer in buyers
                for p in self.tea
            ]
        )

        def count(batch):
            return self._statements(batch._gtg_arrive)

        count(orders[:4])
        few, many = count(orders[4:14]), count(orders[14:])
        self.assertLessEqual(many, few + 2)
        self.assertEqual(
            self._reasons(orders[15]), {"phone", "address", "buyer_note", "first_cod"}
        )
