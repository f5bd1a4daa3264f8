from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestSplitBoxes(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["stock.package.type"].search([]).package_use = "reusable"
        cls.small, cls.big = cls.env["stock.package.type"].create(
            [
                {
                    "name": name,
                    "packaging_length": side,
                    "width": side,
                    "height": side,
                    "base_weight": 0.5,
                    "max_weight": most,
                }
                for name, side, most in (("Small", 200, 5.5), ("Big", 400, 20.5))
            ]
        )
        cls.tea.weight = 8
        cls.cup.weight = 2

    def setUp(self):
        super().setUp()
        self._stock(50)

    def _confirmed(self, tea=3, cup=4, **vals):
        order = self._orders(**vals)
        for line, quantity in zip(order.order_line, (tea, cup), strict=True):
            line.product_uom_qty = quantity
        order.action_confirm()
        return order

    def _wizard(self, picking, user=None, propose=True):
        action = picking.with_user(user or self.staff).action_gtg_split()
        split = self.env[action["res_model"]].with_user(user or self.staff)
        split = split.browse(action["res_id"])
        if propose:
            split.action_propose()
        return split

    def _content(self, picking):
        return {m.product_id: m.product_uom_qty for m in picking.move_ids}

    def test_proposed_and_made(self):
        order = self._confirmed(gtg_is_cod=True)
        first = order.picking_ids
        split = self._wizard(first)
        self.assertEqual(
            [(b.goods, b.weight, b.package_type_id, b.problem) for b in split.box_ids],
            [
                ("2 × [TEA] Oolong tea, 2 × [CUP] Clay cup", "20.5 kg", self.big, ""),
                ("1 × [TEA] Oolong tea, 2 × [CUP] Clay cup", "12.5 kg", self.big, ""),
            ],
        )
        self.assertIn("Without volume", split.note)
        deliveries = self.env["stock.picking"].search(split.action_make()["domain"])
        self.assertEqual(len(deliveries), 2)
        second = deliveries - first
        self.assertEqual(self._content(first), {self.tea: 2, self.cup: 2})
        self.assertEqual(self._content(second), {self.tea: 1, self.cup: 2})
        self.assertEqual(deliveries.mapped("state"), ["assigned"] * 2)
        self.assertEqual(deliveries.gtg_package_type_id, self.big)
        self.assertEqual(second.sale_id, order)
        # the carrier collects once
        self.assertEqual(
            (first.gtg_cod_amount, second.gtg_cod_amount), (order.amount_total, 0)
        )
        self._deliver(order)
        self.assertEqual(order.gtg_goods, "shipped")
        self.assertEqual(order.order_line.mapped("qty_delivered"), [3, 4])

    def test_a_person_moves_goods_between_boxes(self):
        picking = self._confirmed().picking_ids
        split = self._wizard(picking)
        split.action_add_box()
        self.assertEqual(split.box_ids.mapped("number"), [1, 2, 3])
        with Form(split) as form:
            for number, quantity in ((0, 1), (2, 1)):
                with form.box_ids.edit(number) as box, box.line_ids.edit(0) as line:
                    line.quantity = quantity
            with form.box_ids.edit(2) as box:
                box.package_type_id = self.small
        self.assertEqual(split.box_ids[2].problem, "Too heavy: at most 5.5 kg.")
        deliveries = self.env["stock.picking"].search(split.action_make()["domain"])
        self.assertEqual(
            [self._content(p) for p in deliveries.sorted("id")],
            [
                {self.tea: 1, self.cup: 2},
                {self.tea: 1, self.cup: 2},
                {self.tea: 1},
            ],
        )

    def test_no_box_says_so_and_nothing_is_lost(self):
        picking = self._confirmed().picking_ids
        split = self._wizard(picking)
        split.box_ids[0].line_ids[0].quantity = 1
        with self.assertRaisesRegex(UserError, "2 of 3 are in boxes"):
            split.action_make()
        split.box_ids[0].line_ids[0].quantity = -1
        with self.assertRaisesRegex(UserError, "below zero"):
            split.action_make()
        split.box_ids[0].line_ids[0].quantity = 2
        other = self._wizard(picking)
        other.action_make()
        with self.assertRaisesRegex(UserError, "are in boxes"):
            split.action_make()
        self.assertEqual(len(picking.sale_id.picking_ids), 2)

    def test_without_boxes_and_limit(self):
        picking = self._confirmed().picking_ids
        split = self._wizard(picking, propose=False)
        split.package_type_ids = False
        with self.assertRaisesRegex(UserError, "most weight of a box"):
            split.action_propose()
        split.max_weight = 9
        self.cup.weight = 0
        split.action_propose()
        self.assertEqual(len(split.box_ids), 3)
        self.assertIn("Without weight, counted as nothing: [CUP] Clay cup", split.note)
        self.assertFalse(split.box_ids.package_type_id)

    def test_nothing_is_told_without_a_limit(self):
        order = self._confirmed(tea=30)
        self.assertFalse(order.gtg_box_problem)
        self.assertFalse(order.picking_ids.gtg_box_problem)
        receipt = self.env["stock.picking"].create(
            {"picking_type_id": self.warehouse.in_type_id.id}
        )
        self.assertFalse(receipt.gtg_box_problem)

    def test_accountants_open_an_order_in_boxes(self):
        carrier = self.env["delivery.carrier"].create(
            {
                "name": "Courier",
                "product_id": self.env["product.product"]
                .create({"name": "Shipping", "type": "service"})
                .id,
            }
        )
        order = self._confirmed(carrier_id=carrier.id)
        self._wizard(order.picking_ids).action_make()
        self.assertEqual(order.picking_ids.gtg_package_type_id, self.big)
        books = self._user("box-books", "account.group_account_invoice")
        self.env.invalidate_all()
        for record in order, order.picking_ids:
            for seen in record.with_user(books).web_read({"gtg_box_problem": {}}):
                self.assertFalse(seen["gtg_box_problem"])

    def test_one_piece_over_the_limit_goes_alone_and_is_told(self):
        self.tea.weight = 40
        split = self._wizard(self._confirmed(tea=1).picking_ids)
        self.assertEqual(
            split.box_ids.mapped("problem"), ["Too heavy: at most 20.5 kg.", ""]
        )

    def test_all_in_one_box(self):
        picking = self._confirmed(tea=1, cup=1).picking_ids
        split = self._wizard(picking)
        self.assertIn("Everything goes into one box", split.note)
        split.action_make()
        self.assertEqual(picking.sale_id.picking_ids, picking)
        self.assertEqual(picking.gtg_package_type_id, self.big)
        self.assertEqual(picking.state, "assigned")

    def test_volume_and_odd_quantities(self):
        self.env.ref("product.decimal_volume").digits = 6
        self.tea.write({"weight": 0.1, "volume": 0.03})
        order = self._confirmed(tea=2.5, cup=0)
        split = self._wizard(order.picking_ids)
        self.assertEqual(
            [(b.goods, b.package_type_id) for b in split.box_ids],
            [
                ("2 × [TEA] Oolong tea", self.big),
                ("0.5 × [TEA] Oolong tea", self.big),
            ],
        )
        self.assertIn("× [TEA]", split.box_ids[0].goods)

    def _gift_boxes(self, quantity=4):
        """A delivery as Manufacturing makes it of a kit: one tea and four cups each."""
        gift = self.env["product.product"].create(
            {"name": "Gift box", "is_storable": True, "list_price": 500000}
        )
        order = self._orders(
            order_line=[
                Command.create({"product_id": gift.id, "product_uom_qty": quantity}),
                Command.create({"product_id": self.cup.id, "product_uom_qty": 1}),
            ]
        )
        order.action_confirm()
        move = order.picking_ids.move_ids.filtered(lambda m: m.product_id == gift)
        for product, each in ((self.tea, 1), (self.cup, 4)):
            move.copy({"product_id": product.id, "product_uom_qty": each * quantity})
        move._action_cancel()
        move.unlink()
        picking = order.picking_ids
        picking.move_ids._action_confirm(merge=False)
        picking.action_assign()
        return picking

    def test_kits_stay_whole(self):
        picking = self._gift_boxes()  # 16 kg each, and a cup of 2
        split = self._wizard(picking)
        self.assertEqual(
            split.box_ids.mapped("weight"), ["18.5 kg", "16.5 kg", "16.5 kg", "16.5 kg"]
        )
        cups = split.box_ids[1].line_ids.filtered(
            lambda line: line.product_id == self.cup and line.quantity
        )
        cups.quantity = 3
        with self.assertRaisesRegex(UserError, "parts of Gift box go together"):
            split.action_make()
        cups.quantity = 4
        made = self.env["stock.picking"].search(split.action_make()["domain"])
        self.assertEqual(
            sorted(sum(p.move_ids.mapped("product_uom_qty")) for p in made), [5, 5, 5, 6]
        )
        self.assertEqual(made.mapped("state"), ["assigned"] * 4)

    def test_a_kit_is_not_split_by_hand_either(self):
        picking = self._gift_boxes(2)
        split = self._wizard(picking, propose=False)
        lines = {(li.product_id, li.demand): li for li in split.line_ids}
        lines[self.tea, 2].quantity = 1
        with self.assertRaisesRegex(UserError, "parts of Gift box go together"):
            split.action_split()
        lines[self.cup, 8].quantity = 4
        split.action_split()
        self.assertEqual(len(picking.sale_id.picking_ids), 2)
        # what stayed is one kit
        self.assertIn(
            ({m: m.product_uom_qty for m in picking._gtg_kits()[0]}, 1),
            picking._gtg_pieces(),
        )

    def test_who_may(self):
        picking = self._confirmed().picking_ids
        split = self._wizard(picking)
        seller = self._user("box-seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            split.with_user(seller).action_make()
        with self.assertRaises(AccessError):
            picking.with_user(seller).action_gtg_boxes()
