"""Kits that come back: run by ``tests/system/test_core_kits.py``."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .core_kits import Kits
from .return_cases import RefundCase


@tagged("post_install", "-at_install")
class TestKitReturns(Kits, RefundCase):
    def _sold(self, quantity=1, **vals):
        return self._delivered(
            quantity,
            order_line=[Command.create({"product_id": self.box.id})],
            **vals,
        )

    def _accepted(self, order, **kwargs):
        one = self._ask(order, **kwargs)
        one.action_accept()
        return one

    def _part(self, one, product):
        return one.part_ids.filtered(lambda part: part.product_id == product)

    def test_one_of_two_kits_comes_back_whole(self):
        order = self._sold(2)
        bill = order._create_invoices()
        bill.action_post()
        before = self._on_hand(self.tea), self._on_hand(self.cup)
        one = self._accepted(order, quantity=1)
        self.assertEqual(one.amount, 500000)
        self.assertEqual(
            {part.product_id: part.quantity for part in one.part_ids},
            {self.tea: 1, self.cup: 4},
        )
        self.assertEqual(one.picking_count, 1)
        self.assertEqual(order.gtg_goods, "delivered", "one stays with the buyer")
        one.action_all_good()
        one.action_receive()
        self.assertEqual((one.state, one.refund_state), ("received", "due"))
        self.assertEqual((one.line_ids.good, one.line_ids.missing), (1, 0))
        self.assertEqual(self._on_hand(self.tea), before[0] + 1)
        self.assertEqual(self._on_hand(self.cup), before[1] + 4)
        self.assertEqual(order.order_line.qty_delivered, 1)
        self.assertEqual(one.amount, 500000)
        one.action_refund()
        note = one.sudo().credit_note_ids
        row = note.invoice_line_ids
        self.assertEqual((row.product_id, row.quantity), (self.box, 1))
        self.assertEqual(note.amount_total, 500000)
        self.assertEqual(order._gtg_returnable(), {order.order_line: 1})

    def test_part_of_a_kit_is_paid_back_by_its_share(self):
        order = self._sold(1)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        before = self._on_hand(self.tea), self._on_hand(self.cup)
        one = self._accepted(order)
        self.assertEqual(order.gtg_goods, "returning")
        with self.assertRaisesRegex(UserError, "count the components"):
            one.line_ids.good = 1
        with Form(one) as form, form.part_ids.edit(0) as part:
            self.assertEqual(part.product_id, self.tea)
            part.damaged = 1
        self._part(one, self.cup).good = 3
        with self.assertRaisesRegex(UserError, "Oolong tea.*what is damaged"):
            one.action_receive()
        self._part(one, self.tea).damage_note = "wet"
        one.action_receive()
        line = one.line_ids
        # of 350,000 the tea is 150,000, three cups are 150,000
        self.assertEqual((line.good, line.damaged, line.missing), (0.43, 0.43, 0.14))
        self.assertEqual(self._part(one, self.cup).missing, 1)
        self.assertEqual(self._on_hand(self.tea), before[0])
        self.assertEqual(self._on_hand(self.cup), before[1] + 3)
        aside = self.warehouse.gtg_damage_location_id
        self.assertEqual(
            self.env["stock.quant"]._get_available_quantity(self.tea, aside), 1
        )
        self.assertEqual(one.amount, 430000)
        said = "".join(one.message_ids.mapped("body"))
        self.assertIn("counts as 0.86 of 1", said)
        self.assertIn("1 missing", said)
        one.action_refund()
        note = one.sudo().credit_note_ids
        self.assertEqual(note.invoice_line_ids.quantity, 0.86)
        self.assertEqual(note.amount_total, one.amount)
        note.action_post()
        self._pay(note)
        self.assertEqual(one.refund_state, "done")
        # the cup that came too late
        self.assertEqual(order._gtg_returnable(), {order.order_line: 0.25})
        rest = self._accepted(order, quantity=0.25)
        self.assertEqual(
            rest.part_ids.mapped(lambda part: (part.product_id, part.quantity)),
            [(self.cup, 1)],
        )
        rest.action_all_good()
        rest.action_receive()
        self.assertEqual(rest.line_ids.missing, 0)
        self.assertEqual(one.amount + rest.amount, 500000)
        self.assertEqual(order.gtg_goods, "returned")
        self.assertFalse(order._gtg_returnable())

    def test_warehouse_validates_the_transfer(self):
        order = self._sold(2)
        one = self._accepted(order, quantity=1, user_id=self.staff.id)
        picking = one.sudo().picking_ids
        cups = picking.move_ids.filtered(lambda move: move.product_id == self.cup)
        cups.quantity = 6
        picking.move_ids.picked = True
        worker = self._user("warehouse", "stock.group_stock_user")
        picking.with_user(worker).button_validate()
        self.assertEqual(one.state, "received")
        cup = self._part(one, self.cup)
        self.assertEqual((cup.good, cup.surplus), (4, 2))
        self.assertEqual((one.line_ids.good, one.amount), (1, 500000))
        self.assertIn("2 × [CUP]", one.activity_ids.summary)

    def test_replacement_is_the_kit_or_what_came_of_it(self):
        order = self._sold(2)
        whole = self._accepted(order, quantity=1, wish="exchange")
        whole.action_all_good()
        whole.action_receive()
        whole.action_replace()
        sent = whole.replacement_id
        self.assertEqual(sent.order_line.product_id, self.box)
        self.assertEqual(sent.picking_ids.move_ids.product_id, self.tea | self.cup)
        part = self._accepted(order, quantity=1, wish="exchange")
        self._part(part, self.cup).good = 2
        part.action_receive()
        part.action_replace()
        sent = part.replacement_id
        self.assertEqual(sent.state, "sale")
        self.assertEqual(
            sent.order_line.mapped(lambda ln: (ln.product_id, ln.product_uom_qty)),
            [(self.cup, 2)],
        )
        self.assertEqual(sent.amount_total, 0)
        self.assertEqual(
            order._gtg_returnable(), {order.order_line: 1}, "one tea and two cups"
        )

    def test_buyer_asks_for_kits_on_the_portal(self):
        order = self._sold(2)
        line = order.order_line
        self.assertEqual(order._gtg_portal_returnable(), {line: 2})
        form = {"reason_id": str(self.reason.id)}
        with self.assertRaisesRegex(UserError, "from 0 to 2"):
            order._gtg_ask_return({**form, f"qty_{line.id}": "3"}, [])
        one = order._gtg_ask_return({**form, f"qty_{line.id}": "2"}, [])
        self.assertEqual((one.line_ids.quantity, one.amount), (2, 1000000))
        self.assertFalse(order._gtg_portal_returnable())
        self.assertFalse(one.part_ids, "only when it is accepted")

    def test_kit_beside_its_component_and_nested_kit(self):
        pair = self.env["product.product"].create(
            {"name": "Two boxes", "is_storable": True, "list_price": 900000}
        )
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": pair.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": self.box.id, "product_qty": 2})
                ],
            }
        )
        order = self._delivered(
            3,
            order_line=[
                Command.create({"product_id": product.id, "tax_ids": False})
                for product in (pair, self.cup)
            ],
        )
        line = order.order_line[0]
        self.assertEqual(
            order._gtg_returnable(), {line: 3, order.order_line[1]: 3}
        )
        one = self._accepted(order, quantity=2)
        self.assertEqual(
            {part.product_id: part.quantity for part in one.part_ids},
            {self.tea: 4, self.cup: 16},
        )
        one.action_all_good()
        one.action_receive()
        self.assertEqual(one.line_ids.mapped("good"), [2, 2])
        self.assertEqual(one.amount, 2 * 900000 + 2 * 50000)
        self.assertEqual(
            order._gtg_returnable(), {line: 1, order.order_line[1]: 1}
        )

    def test_bill_of_materials_changed_meanwhile(self):
        order = self._sold(1)
        self.bom.bom_line_ids[1].product_qty = 2
        one = self._accepted(order)
        self.assertEqual(
            {part.product_id: part.quantity for part in one.part_ids},
            {self.tea: 1, self.cup: 2},
            "as core counts",
        )
        self.assertFalse(order._gtg_returnable(), "one kit was sold")
        one.action_withdraw()
        self.bom.bom_line_ids.unlink()
        self.assertFalse(order._gtg_returnable())

    def test_who_may(self):
        one = self._accepted(self._sold())
        part = one.part_ids[0]
        for vals in ({"quantity": 9}, {"share": 1}, {"per_kit": 9}, {"surplus": 1}):
            with self.assertRaises(AccessError):
                part.write(vals)
        with self.assertRaises(AccessError):
            part.unlink()
        seller = self._user("kit-seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            part.with_user(seller).good = 1
        company = self.env["res.company"].create({"name": "Another shop"})
        other = self._user("other", "gtg_order_flow.group_shop_staff")
        other.write({"company_ids": company.ids, "company_id": company.id})
        with self.assertRaises(AccessError):
            part.with_user(other).with_company(company).read(["good"])
        one.action_all_good()
        one.action_receive()
        with self.assertRaisesRegex(UserError, "booked already"):
            part.good = 0
