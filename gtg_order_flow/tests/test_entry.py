import random

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import OrderFlowCase

HOSTILE = [
    None, True, False, 0, -1, 1, 10**400, 2**31, 1.5, float("nan"), float("inf"), "",
    " ", "0912345678", "+84 912 345 678", "0912", "abc", "%", "_", "\\", "'; DROP", "\0",
    "\ud800", "<img src=x onerror=alert(1)>", "{{7*7}}", "ễ" * 5000, "1e400", "NaN", "-3",
    "0", "2,5", [], [[]], {}, {"id": 1}, [None], [1, "x"], {"product_id": 1},
]


class EntryCase(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(1000)
        self.entry = self.env["gtg.order.entry"].with_user(self.staff)
        self.env.company.country_id = self.env.ref("base.vn")

    def _values(self, **more):
        return {
            "phone": "0987 654 321",
            "name": "Trần Văn Nam",
            "street": "12 Lê Lợi",
            "ward": "Phường Sài Gòn",
            "province": "ho chi minh",
            "channel_id": self.phone.id,
            "payment": "cod",
            "lines": [{"product_id": self.tea.id, "quantity": "2"}],
            "key": "k",
            **more,
        }

    def _save(self, **more):
        answer = self.entry.save(self._values(**more))
        self.assertNotIn("errors", answer)
        return self.env["sale.order"].browse(answer["order"]["id"])


@tagged("post_install", "-at_install")
class TestEntry(EntryCase):
    def test_new_customer(self):
        order = self._save(buyer_note="Call first", seller_note="VIP")
        self.assertEqual(self._axes(order)[:2], ("cod", "allocated"))
        self.assertEqual(order.partner_id.name, "Trần Văn Nam")
        self.assertEqual(order.partner_id.phone, "0987654321")
        self.assertEqual(order.partner_id.state_id.code, "VN-SG")
        self.assertEqual(order.gtg_cod_amount, 300000)
        self.assertEqual(order.gtg_buyer_note, "Call first")
        self.assertEqual(order.user_id, self.staff)

    def test_province_as_people_type_it(self):
        for typed in ("hcm", "TP.HCM", "Hồ Chí Minh", "SG", "tp hồ chí minh"):
            self.assertEqual(self.entry._state_of(typed).code, "VN-SG", typed)
        self.assertEqual(self.entry._state_of("da nang").code, "VN-DN")
        self.assertFalse(self.entry._state_of("Hà"))  # which one?

    def test_known_customer_however_the_number_is_written(self):
        zalo = self.env.ref("gtg_order_flow.channel_zalo")
        order = self._save(channel_id=zalo.id)
        order.partner_id.phone = "+84 (98) 765-4321"
        self.env.flush_all()
        for number in ("0987654321", "84987654321", "+84 987.654.321"):
            found = self.entry.find_customer(number)
            self.assertEqual(found["customer"]["id"], order.partner_id.id)
        self.assertEqual(found["customer"]["channel_id"], zalo.id)
        self.assertEqual(found["customer"]["street"], "12 Lê Lợi")
        self.assertEqual(found["customer"]["province"], order.partner_id.state_id.name)
        again = self._save(key="k2")
        self.assertEqual(again.partner_id, order.partner_id)
        self.assertEqual(again.partner_shipping_id, order.partner_id)

    def test_another_address_does_not_overwrite(self):
        first = self._save()
        second = self._save(key="k2", street="99 Nguyễn Huệ")
        self.assertEqual(second.partner_id, first.partner_id)
        self.assertEqual(first.partner_shipping_id.street, "12 Lê Lợi")
        self.assertEqual(second.partner_shipping_id.street, "99 Nguyễn Huệ")
        self.assertEqual(second.partner_shipping_id.type, "delivery")
        third = self._save(key="k3", street="99 Nguyễn Huệ")
        self.assertEqual(third.partner_shipping_id, second.partner_shipping_id)

    def test_pressed_twice_is_one_order(self):
        first = self._save()
        self.assertEqual(self._save(), first)
        self.assertNotEqual(self._save(key="other"), first)

    def test_payments(self):
        paid = self._save(payment="paid")
        self.assertEqual((paid.gtg_money, paid.state), ("paid", "sale"))
        transfer = self._save(payment="transfer", key="t")
        self.assertEqual((transfer.gtg_money, transfer.state), ("unpaid", "draft"))
        self.assertFalse(transfer.picking_ids)
        transfer.with_user(self.staff).action_gtg_next()
        self.assertEqual(self._axes(transfer)[:2], ("paid", "allocated"))

    def test_products_by_sku_barcode_name(self):
        self.cup.barcode = "8934567890123"
        find = self.entry.find_products
        self.assertEqual([p["id"] for p in find("tea")], [self.tea.id])
        self.assertEqual([p["id"] for p in find("8934567890123")], [self.cup.id])
        self.assertIn(self.tea.id, [p["id"] for p in find("oolong")])
        self.assertEqual(find("tea")[0]["price"], 150000)
        self.assertFalse(find("%"))
        self.assertFalse(find("no such thing"))

    def test_errors_by_field(self):
        answer = self.entry.save(
            self._values(
                phone="123",
                name=" ",
                province="Atlantis",
                channel_id=self.website_channel.id,
                payment="gold",
                lines=[
                    {"product_id": 0, "quantity": 1},
                    {"product_id": self.tea.id, "quantity": "0"},
                ],
            )
        )
        self.assertEqual(
            set(answer["errors"]),
            {"phone", "name", "province", "channel_id", "payment", "line_0", "line_1"},
        )
        counter = self.env.ref("gtg_order_flow.channel_counter")
        answer = self.entry.save(self._values(channel_id=counter.id, lines=[]))
        self.assertEqual(set(answer["errors"]), {"payment", "lines"})

    def test_refused_at_the_end_leaves_nothing(self):
        before = self.env["sale.order"].search_count([])
        self.patch(
            self.env.registry["sale.order"],
            "_confirmation_error_message",
            lambda order: "Not today",
        )
        answer = self.entry.save(self._values())
        self.assertEqual(answer, {"errors": {"form": "Not today"}})
        self.assertEqual(self.env["sale.order"].search_count([]), before)
        self.assertFalse(
            self.env["res.partner"].search([("phone", "=", "0987654321")])
        )

    def test_hostile_input(self):
        """Whatever is sent: an answer, and an order only where all of it is right."""
        rng = random.Random(7)
        for value in HOSTILE:
            self.entry.find_customer(value)
            self.entry.find_products(value, value, value)
            self.entry.save(value)
        for _round in range(150):
            values = self._values(key=f"r{_round}")
            for name in rng.sample(sorted(values), rng.randint(1, 3)):
                values[name] = rng.choice(HOSTILE)
            if rng.random() < 0.5:
                values["lines"] = [
                    {
                        "product_id": rng.choice([self.tea.id, *HOSTILE]),
                        "quantity": rng.choice([1, *HOSTILE]),
                    }
                ]
            answer = self.entry.save(values)
            if "order" in answer:
                order = self.env["sale.order"].browse(answer["order"]["id"])
                self.assertGreater(order.order_line.product_uom_qty, 0)
                self.assertEqual(order.partner_id.phone[0], "0")
                self.assertIn(order.gtg_channel_id, self.entry._channels())
            else:
                self.assertTrue(answer["errors"])

    def test_who_may(self):
        worker = self._user("entry-worker", "stock.group_stock_user")
        for method, args in (
            ("start", []),
            ("find_customer", ["0987654321"]),
            ("find_products", ["tea"]),
            ("save", [self._values()]),
        ):
            with self.assertRaises(AccessError):
                getattr(self.env["gtg.order.entry"].with_user(worker), method)(*args)

    def test_other_company_is_not_found(self):
        self._save()
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("entry-other", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        entry = self.env["gtg.order.entry"].with_user(stranger)
        self.assertFalse(entry.find_customer("0987654321")["customer"])


@tagged("post_install", "-at_install")
class TestEntryTour(EntryCase, HttpCase):
    def test_by_keyboard(self):
        known = self._save()
        self.start_tour("/odoo", "gtg_order_flow_entry", login="shop-staff")
        orders = self.env["sale.order"].search(
            [("partner_id", "=", known.partner_id.id), ("id", "!=", known.id)]
        )
        self.assertEqual(len(orders), 1)
        quantities = {
            line.product_id: line.product_uom_qty for line in orders.order_line
        }
        self.assertEqual(quantities, {self.tea: 3, self.cup: 1})
        self.assertEqual(orders.state, "sale")
        self.assertEqual(orders.gtg_money, "cod")
