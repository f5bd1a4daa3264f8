from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import OrderFlowCase


class ScanCase(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packer = cls._user("packer", "stock.group_stock_user")
        cls.manager = cls._user("shop-manager", "gtg_order_flow.group_shop_manager")
        cls.tea.barcode = "8938505970012"

    def _ready(self, tracking="GHN0001", stock=10, **vals):
        """A confirmed order whose goods are reserved and whose waybill is there."""
        if stock:
            self._stock(stock)
        order = self._orders(**vals)
        order.action_confirm()
        order.picking_ids.carrier_tracking_ref = tracking
        return order

    def _open(self, code, user=None):
        return self.env["stock.picking"].with_user(user or self.packer).gtg_scan_open(
            code
        )

    def _finish(self, picking, scanned=None, user=None, **kwargs):
        if scanned is None:
            scanned = [
                [product.id, lot.id, quantity]
                for (product, lot), quantity in picking._gtg_scan_needs().items()
            ]
        return picking.with_user(user or self.packer).gtg_scan_finish(scanned, **kwargs)

    def _refused(self, sentence, function, *args, **kwargs):
        with self.assertRaisesRegex(UserError, sentence), self.env.cr.savepoint():
            function(*args, **kwargs)


@tagged("post_install", "-at_install")
class TestScanOut(ScanCase):
    def test_waybill_order_channel_number_and_delivery_open_the_parcel(self):
        order = self._ready(
            gtg_channel_id=self.website_channel.id,
            gtg_channel_ref="260123ABC",
            gtg_buyer_note="Gói quà giúp em",
            gtg_seller_note="fragile",
        )
        picking = order.picking_ids
        picking.carrier_tracking_ref = "GHN0001, GHN0002"
        for code in ("ghn0002", "GHN0001", order.name, "260123abc", picking.name):
            parcel = self._open(f" {code} ")
            self.assertEqual(parcel["id"], picking.id, code)
        self.assertEqual(parcel["order"], order.name)
        self.assertEqual(parcel["channel"], self.website_channel.name)
        self.assertEqual(parcel["buyer_note"], "Gói quà giúp em")
        self.assertEqual(parcel["seller_note"], "fragile")
        self.assertEqual(
            {line["code"]: line["quantity"] for line in parcel["lines"]},
            {"TEA": 1, "CUP": 1},
        )
        tea = next(line for line in parcel["lines"] if line["code"] == "TEA")
        self.assertIn(["8938505970012", 1], tea["codes"])
        self.assertIn(["TEA", 1], tea["codes"])

    def test_unknown_code_and_wildcards(self):
        self._ready()
        for code in ("GHN", "GHN000%", "GHN000_", "%", "", "'; DROP", "x" * 500, None):
            self._refused("is no waybill", self._open, code)

    def test_all_scanned_packs_and_ships(self):
        order = self._ready()
        answer = self._finish(order.picking_ids, weight=0.45)
        self.assertEqual(answer["order"], order.name)
        self.assertEqual(order.picking_ids.state, "done")
        self.assertTrue(order.gtg_packed_at)
        self.assertEqual(order.gtg_goods, "shipped")
        self.assertEqual(order.picking_ids.shipping_weight, 0.45)
        self.assertEqual(self.tea.qty_available, 9)
        self._refused("has left already", self._open, "GHN0001")
        self._refused("has left already", self._finish, order.picking_ids, [])

    def test_what_was_scanned_must_be_what_is_ordered(self):
        order = self._ready()
        picking = order.picking_ids
        tea, cup = [self.tea.id, False, 1], [self.cup.id, False, 1]
        stranger = self.env["product.product"].create({"name": "Hat"})
        for scanned in (
            [],
            [tea],
            [tea, [self.cup.id, False, 2]],
            [tea, cup, [stranger.id, False, 1]],
            [tea, cup, [self.cup.id, False, 1]],
            [tea, [self.cup.id, False, float("nan")]],
            [tea, [self.cup.id, False, "one"]],
            [tea, [self.cup.id, False, -1]],
            [tea, "cup"],
            "all",
            None,
        ):
            self._refused(".", self._finish, picking, scanned or "nothing")
        for weight in (-1, "heavy", float("inf"), 5000):
            self._refused("no weight", self._finish, picking, weight=weight)
        self.assertEqual(picking.state, "assigned")
        self.assertFalse(order.gtg_packed_at)
        self._finish(picking, [tea, cup])
        self.assertEqual(picking.state, "done")

    def test_order_changed_while_it_was_packed(self):
        order = self._ready()
        scanned = [[self.tea.id, False, 1], [self.cup.id, False, 1]]
        order.order_line[0].product_uom_qty = 3
        self._refused("1 scanned, 3 ordered", self._finish, order.picking_ids, scanned)

    def test_held_order_is_refused_until_a_manager_decides(self):
        order = self._ready()
        order._gtg_hold("address", note="Which street?")
        parcel = self._open("GHN0001")
        self.assertIn("Which street?", parcel["blocks"][0])
        self.assertFalse(parcel["can_force"])
        picking = order.picking_ids
        self._refused("Which street", self._finish, picking)
        self._refused("Only a shop manager", self._finish, picking, reason="I say so")
        self._refused(
            "Which street", self._finish, picking, user=self.manager, reason="  "
        )
        self.assertEqual(picking.state, "assigned")
        self.assertTrue(self._open("GHN0001", self.manager)["can_force"])
        self._finish(picking, user=self.manager, reason="Buyer <b>fetches</b> it")
        self.assertEqual(picking.state, "done")
        log = "".join(order.message_ids.mapped("body"))
        self.assertIn("shop-manager", log)
        self.assertIn("Buyer &lt;b&gt;fetches&lt;/b&gt; it", log)
        self.assertIn("Which street?", log)
        self.assertEqual(order.gtg_hold_ids.released_by_id, self.manager)

    def test_hold_that_does_not_block_shipping_ships(self):
        order = self._ready()
        order._gtg_hold("stock")
        self.assertFalse(self._open("GHN0001")["blocks"])
        self._finish(order.picking_ids)
        self.assertEqual(order.gtg_goods, "shipped")

    def test_refunded_order_is_intercepted(self):
        order = self._ready()
        order.write({"gtg_paid_at": "2026-01-01", "gtg_refunded_at": "2026-01-02"})
        self.assertIn("money back", self._open("GHN0001")["blocks"][0])
        self._refused("money back", self._finish, order.picking_ids)

    def test_cancelled_order_is_refused(self):
        order = self._ready()
        order._action_cancel()
        self._refused("is cancelled", self._open, "GHN0001")
        self._refused(
            "is cancelled",
            self._finish,
            order.picking_ids,
            user=self.manager,
            reason="Because",
        )

    def test_short_order_is_intercepted_and_may_be_forced(self):
        order = self._ready(stock=0)
        self._stock(1, self.tea)
        order.action_gtg_allocate()
        self.assertIn("Missing: 1 × [CUP]", self._open("GHN0001")["blocks"][0])
        picking = order.picking_ids
        self._refused("Missing", self._finish, picking)
        self._finish(picking, user=self.manager, reason="Cup lies here")
        self.assertEqual(picking.state, "done")
        self.assertEqual(order.order_line.mapped("qty_delivered"), [1, 1])

    def test_gift_line_is_scanned_too(self):
        self._stock(10)
        order = self._orders(
            order_line=[
                Command.create({"product_id": self.tea.id, "product_uom_qty": 1}),
                Command.create(
                    {"product_id": self.cup.id, "product_uom_qty": 2, "price_unit": 0}
                ),
            ]
        )
        order.action_confirm()
        lines = {line["code"]: line for line in self._open(order.name)["lines"]}
        self.assertEqual((lines["CUP"]["quantity"], lines["CUP"]["gift"]), (2, 2))
        self.assertEqual(lines["TEA"]["gift"], 0)
        self._refused(
            "0 scanned, 2 ordered",
            self._finish,
            order.picking_ids,
            [[self.tea.id, False, 1]],
        )

    def test_serial_number_is_scanned_instead_of_the_product(self):
        phone = self.env["product.product"].create(
            {
                "name": "Phone",
                "default_code": "PHONE",
                "is_storable": True,
                "tracking": "serial",
            }
        )
        one, two = self.env["stock.lot"].create(
            [{"name": name, "product_id": phone.id} for name in ("IMEI1", "IMEI2")]
        )
        self.env["stock.quant"]._update_available_quantity(
            phone, self.warehouse.lot_stock_id, 1, lot_id=one
        )
        order = self._orders(
            order_line=[
                Command.create({"product_id": phone.id, "product_uom_qty": 1})
            ]
        )
        order.action_confirm()
        [line] = self._open(order.name)["lines"]
        self.assertEqual((line["lot"], line["codes"]), ("IMEI1", [["IMEI1", 1]]))
        self.assertEqual(line["product_codes"], ["PHONE"])
        picking = order.picking_ids
        self._refused(".", self._finish, picking, [[phone.id, two.id, 1]])
        self._refused(".", self._finish, picking, [[phone.id, False, 1]])
        self._finish(picking, [[phone.id, one.id, 1]])
        self.assertEqual(picking.move_line_ids.lot_id, one)

    def test_tracked_product_without_reserved_number_is_refused(self):
        phone = self.env["product.product"].create(
            {"name": "Phone", "is_storable": True, "tracking": "lot"}
        )
        order = self._orders(
            order_line=[
                Command.create({"product_id": phone.id, "product_uom_qty": 1})
            ]
        )
        order.action_confirm()
        self._refused("No lot or serial number", self._open, order.name)

    def test_packaging_barcode_counts_its_units(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.env["product.uom"].create(
            {"product_id": self.cup.id, "uom_id": dozen.id, "barcode": "BOX12"}
        )
        self._ready()
        lines = {line["code"]: line for line in self._open("GHN0001")["lines"]}
        self.assertIn(["BOX12", 12], lines["CUP"]["codes"])

    def test_two_steps_only_the_delivery_leaves(self):
        self.warehouse.delivery_steps = "pick_ship"
        self._stock(10)
        order = self._orders()
        order.action_confirm()
        pick = order.picking_ids.filtered(lambda p: p.picking_type_code == "internal")
        self._refused(f"not picked yet. First: {pick.name}", self._open, order.name)
        pick.move_ids.picked = True
        pick.button_validate()
        delivery = order.picking_ids.filtered(
            lambda p: p.picking_type_code == "outgoing"
        )
        for code in (order.name, pick.name, delivery.name):
            self.assertEqual(self._open(code)["id"], delivery.id)
        self._refused("no delivery to a buyer", self._finish, pick, [])
        self._finish(delivery)
        self.assertEqual(order.gtg_goods, "shipped")

    def test_packed_when_the_last_delivery_of_an_order_is(self):
        order = self._ready()
        first = order.picking_ids
        first.move_ids[1].quantity = 0
        first.action_split_transfer()
        second = order.picking_ids - first
        second.action_assign()
        self._finish(first)
        self.assertFalse(order.gtg_packed_at)
        self._finish(second)
        self.assertTrue(order.gtg_packed_at)

    def test_every_box_of_several_shows_its_waybill(self):
        order = self._ready("GHN0001, GHN0002,GHN0003, GHN0001")
        picking = order.picking_ids
        parcel = self._open(order.name)
        self.assertEqual(parcel["boxes"], ["GHN0001", "GHN0002", "GHN0003"])
        self.assertEqual(parcel["boxes_needed"], 3)
        for seen in (
            None,
            [],
            "GHN0001",
            ["GHN0001", "GHN0002"],
            ["GHN0001", "GHN0002", "GHN0002", "GHN0009"],
            [["GHN0001"], {"GHN0002": 1}, 3],
        ):
            self._refused("still missing: .*GHN0003", self._finish, picking, waybills=seen)
        self.assertEqual(picking.state, "assigned")
        self._finish(picking, waybills=["ghn0003", "GHN 0001", "GHN0002"])
        self.assertEqual(picking.state, "done")

    def test_waybill_of_one_box_need_not_be_scanned(self):
        order = self._ready("GHN0001")
        self.assertEqual(self._open(order.name)["boxes_needed"], 0)
        self._finish(order.picking_ids)
        self.assertEqual(order.picking_ids.state, "done")

    def test_a_lost_answer_is_given_again(self):
        order = self._ready()
        picking = order.picking_ids
        answer = self._finish(picking, token="one")
        moved = picking.move_ids.ids
        self.assertEqual(self._finish(picking, [], token="one"), answer)
        self.assertEqual(picking.gtg_scanned_by_id, self.packer)
        self.assertEqual(picking.move_ids.ids, moved)
        self.assertEqual(self.tea.qty_available, 9)
        for user, token in (
            (self.packer, "two"),
            (self.packer, ""),
            (self.packer, None),
            (self.packer, ["one"]),
            (self.manager, "one"),
        ):
            self._refused(
                "has left already", self._finish, picking, [], user=user, token=token
            )

    def test_without_a_token_nothing_is_repeated(self):
        order = self._ready()
        self._finish(order.picking_ids)
        self._refused("has left already", self._finish, order.picking_ids, token="")

    def test_number_of_two_orders_asks_for_the_waybill(self):
        one, two = self._ready(), self._ready()
        self._refused("found more than once", self._open, "GHN0001")
        two.picking_ids.carrier_tracking_ref = "GHN0002"
        self.assertEqual(self._open("GHN0001")["id"], one.picking_ids.id)

    def test_portal_and_other_company_are_kept_out(self):
        order = self._ready()
        portal = self._user("portal-scan", "base.group_portal")
        with self.assertRaises(AccessError):
            self._open("GHN0001", portal)
        with self.assertRaises(AccessError):
            self._finish(order.picking_ids, user=portal)
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("stranger", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self._refused("is no waybill", self._open, "GHN0001", stranger)
        self._refused("is no waybill", self._open, order.name, stranger)
        with self.assertRaises(AccessError):
            self._finish(order.picking_ids, user=stranger)
        self.assertEqual(order.picking_ids.state, "assigned")


@tagged("post_install", "-at_install")
class TestScanOutTour(ScanCase, HttpCase):
    def test_typed_order_leaves_by_scanner(self):
        """Manual order to shipped: what a packer does in a day, without the mouse."""
        order = self._ready(gtg_buyer_note="Gói quà giúp em")
        order.order_line[1].product_uom_qty = 2
        held = self._ready("GHN0666")
        held._gtg_hold("address", note="Which street?")
        late = self._ready("GHN0777")
        self.start_tour("/odoo/scan-out", "gtg_order_flow_scan_out", login="shop-staff")
        self.assertEqual(order.gtg_goods, "shipped")
        self.assertEqual(order.order_line.mapped("qty_delivered"), [1, 2])
        self.assertEqual(order.picking_ids.shipping_weight, 0.75)
        self.assertEqual(late.gtg_goods, "shipped")
        self.assertEqual(held.picking_ids.state, "assigned")
        self.assertFalse(held.gtg_packed_at)

    def test_several_boxes_leave_together(self):
        order = self._ready("GHN0101,GHN0102,GHN0103")
        self._ready("GHN0999")
        self.start_tour(
            "/odoo/scan-out", "gtg_order_flow_scan_boxes", login="shop-staff"
        )
        self.assertEqual(order.picking_ids.state, "done")
