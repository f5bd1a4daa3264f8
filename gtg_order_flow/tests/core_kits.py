"""Kits of Manufacturing, which is no dependency: run by
``tests/system/test_core_kits.py`` in a database that has it."""

from odoo.fields import Command
from odoo.tests import tagged

from .test_scan_out import ScanCase


class Kits:
    """A gift box that is a kit of one tea and four cups."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.box = cls.env["product.product"].create(
            {
                "name": "Gift box",
                "default_code": "BOX",
                "barcode": "8938505970029",
                "is_storable": True,
                "list_price": 500000,
                "taxes_id": False,
                "invoice_policy": "order",
            }
        )
        cls.bom = cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": cls.box.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": cls.tea.id, "product_qty": 1}),
                    Command.create({"product_id": cls.cup.id, "product_qty": 4}),
                ],
            }
        )

    def _boxes(self, quantity=1, **vals):
        line = {"product_id": self.box.id, "product_uom_qty": quantity}
        order = self._orders(order_line=[Command.create(line)], **vals)
        order.action_confirm()
        return order


@tagged("post_install", "-at_install")
class TestKits(Kits, ScanCase):
    def test_shortage_is_of_components(self):
        vendor = self.env["res.partner"].create({"name": "Pottery"})
        seller = {"partner_id": vendor.id, "price": 20000}
        self.cup.seller_ids = [Command.create(seller)]
        self._stock(2, self.tea)
        self._stock(3, self.cup)
        self._boxes(2)
        action = self.env["gtg.shortage"].action_open()
        shortage = self.env["gtg.shortage"].browse(action["res_id"])
        lines = {line.product_id: line for line in shortage.line_ids}
        self.assertNotIn(self.box, lines)
        self.assertEqual(lines[self.cup].lacking, 5)
        self.assertNotIn(self.tea, lines)
        shortage.action_buy()
        bought = self.env["purchase.order.line"].search(
            [("product_id", "in", (self.box | self.cup).ids)]
        )
        self.assertEqual(bought.product_id, self.cup)
        self.assertEqual(bought.product_qty, 5)

    def test_order_waits_for_its_last_component(self):
        self._stock(1, self.tea)
        self._stock(3, self.cup)
        order = self._boxes()
        self.assertEqual(order.gtg_goods, "waiting")
        self._stock(1, self.cup)
        order._gtg_reserve()
        self.assertEqual(order.gtg_goods, "allocated")

    def test_station_wants_the_components(self):
        self._stock(10)
        order = self._boxes(2)
        parcel = self._open(order.name)
        lines = {line["product_id"]: line for line in parcel["lines"]}
        self.assertEqual(
            {product: line["quantity"] for product, line in lines.items()},
            {self.tea.id: 2, self.cup.id: 8},
        )
        self.assertFalse(any(line["gift"] for line in lines.values()))
        picking = order.picking_ids
        self._refused("scanned", self._finish, picking, [[self.box.id, False, 2]])
        self._refused("scanned", self._finish, picking, [[self.tea.id, False, 2]])
        self._finish(picking)
        self.assertEqual(picking.state, "done")
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertEqual(order.gtg_goods, "shipped")

    def _box_and_cups(self):
        """A confirmed order of a kit and, beside it, two of its component."""
        self._stock(20)
        order = self._orders(
            order_line=[
                Command.create({"product_id": self.box.id, "product_uom_qty": 1}),
                Command.create({"product_id": self.cup.id, "product_uom_qty": 2}),
            ]
        )
        order.action_confirm()
        return order

    def test_kit_beside_its_own_component(self):
        order = self._box_and_cups()
        lines = self._open(order.name)["lines"]
        quantities = {line["product_id"]: line["quantity"] for line in lines}
        self.assertEqual(quantities, {self.tea.id: 1, self.cup.id: 6})
        self._finish(order.picking_ids)
        self.assertEqual(order.order_line.mapped("qty_delivered"), [1, 2])

    def test_pick_list_fetches_components(self):
        self._stock(20)
        orders = self._boxes(2) | self._boxes(1)
        bulk = self.env["gtg.order.bulk"]._gtg_prepare("batch", orders)
        bulk.action_chunk()
        quantities = {
            entry["product"]: entry["quantity"]
            for entry in bulk.batch_ids._gtg_pick_lines()
        }
        self.assertEqual(quantities, {self.tea: 3, self.cup: 12})
        report = self.env["ir.actions.report"]
        html, __ = report._render_qweb_html(
            "gtg_order_flow.report_pack_list_batch", bulk.batch_ids.ids
        )
        self.assertIn("Clay cup", html.decode())

    def test_part_of_a_kit_is_no_kit(self):
        self._stock(20)
        order = self._boxes(2)
        picking = order.picking_ids
        for move in picking.move_ids:
            quantity = {self.tea: 2, self.cup: 4}[move.product_id]
            move.write({"quantity": quantity, "picked": True})
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_create_backorder=[]
        ).button_validate()
        self.assertEqual(order.order_line.qty_delivered, 1)
        self.assertNotEqual(order.gtg_goods, "shipped")
        self._deliver(order)
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertEqual(order.gtg_goods, "shipped")

    def test_a_kit_that_stays_with_the_buyer_is_not_returning(self):
        order = self._box_and_cups()
        self._deliver(order)
        order.action_gtg_delivered()
        cups = order.order_line.filtered(lambda line: line.product_id == self.cup)
        one = self.env["gtg.order.return"].create(
            {
                "order_id": order.id,
                "reason_id": self.env["gtg.return.reason"].search([], limit=1).id,
                "line_ids": [
                    Command.create({"order_line_id": cups.id, "quantity": 2})
                ],
            }
        )
        one.action_accept()
        self.assertEqual(order.gtg_goods, "delivered")
        one.action_all_good()
        one.action_receive()
        self.assertEqual(order.order_line.mapped("qty_delivered"), [1, 0])

    def test_demand_is_of_components(self):
        self._stock(20)
        self._deliver(self._boxes(2))
        self._boxes(1)
        self._boxes(7).action_cancel()
        forecast = self.env["gtg.demand.forecast"].create({})
        forecast.action_forecast()
        lines = forecast.line_ids.filtered(lambda ln: ln.warehouse_id == self.warehouse)
        sold = {line.product_id: line.sold for line in lines}
        self.assertEqual((sold[self.tea], sold[self.cup]), (3, 12))
        self.assertNotIn(self.box, sold)

    def test_bulk_split_parts_no_kit(self):
        self._stock(5, self.tea)
        self._stock(6, self.cup)
        order = self._boxes(3)
        none = self._boxes(1)
        bulk = self.env["gtg.order.bulk"]._gtg_prepare("split", order | none)
        bulk.action_chunk()
        failed = bulk.failed_line_ids
        self.assertEqual(failed.order_id, none)
        self.assertIn("Nothing of it is here", failed.message)
        self.assertEqual(len(none.picking_ids), 1)
        first, second = order.picking_ids.sorted("id")
        quantities = [
            {move.product_id: move.product_uom_qty for move in picking.move_ids}
            for picking in (first, second)
        ]
        self.assertEqual(
            quantities, [{self.tea: 1, self.cup: 4}, {self.tea: 2, self.cup: 8}]
        )
        self.assertEqual(first.move_ids.mapped("state"), ["assigned"] * 2)
        first.move_ids.picked = True
        first.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 1)
