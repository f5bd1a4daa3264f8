from odoo.fields import Command
from odoo.tests import tagged

from .return_cases import RefundCase


@tagged("post_install", "-at_install")
class TestCombos(RefundCase):
    """Core's combos: one price, the products in them are what is sold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.combos = cls.env["product.combo"].create(
            [
                {
                    "name": product.name,
                    "combo_item_ids": [Command.create({"product_id": product.id})],
                }
                for product in (cls.tea, cls.cup)
            ]
        )
        cls.set = cls.env["product.product"].create(
            {
                "name": "Tea for one",
                "default_code": "SET",
                "type": "combo",
                "list_price": 160000,
                "taxes_id": False,
                "combo_ids": [Command.set(cls.combos.ids)],
            }
        )

    def _typed(self, quantity=2, **values):
        return {
            "phone": "0987654321",
            "name": "Trần Văn Minh",
            "street": "12 Lê Lợi",
            "ward": "Phường Bến Thành",
            "channel_id": self.phone.id,
            "payment": "paid",
            "key": "combo",
            "lines": [
                {"product_id": self.set.id, "quantity": quantity},
                {"product_id": self.tea.id, "quantity": 1},
            ],
            **values,
        }

    def _enter(self, *args, **values):
        entry = self.env["gtg.order.entry"].with_user(self.staff)
        return entry.save(self._typed(*args, **values))

    def test_new_order_to_return(self):
        answer = self._enter()
        self.assertNotIn("errors", answer)
        order = self.env["sale.order"].browse(answer["order"]["id"])
        self.assertEqual(order.state, "sale")
        self.assertEqual(
            order.order_line.mapped(lambda ln: (ln.product_id, ln.product_uom_qty)),
            [(self.tea, 2), (self.cup, 2), (self.tea, 1)],
        )
        # 160,000 by 150 : 50
        self.assertEqual(order.order_line.mapped("price_unit"), [120000, 40000, 150000])
        self.assertEqual(order.amount_total, 470000)
        picking = order.picking_ids
        self.assertEqual(
            {(move.product_id, move.product_uom_qty) for move in picking.move_ids},
            {(self.tea, 2), (self.cup, 2), (self.tea, 1)},
        )
        parcel = self.env["stock.picking"].gtg_scan_open(order.name)
        wanted = {line["product_id"]: line["quantity"] for line in parcel["lines"]}
        self.assertEqual(wanted, {self.tea.id: 3, self.cup.id: 2})
        picking.gtg_scan_finish([[self.tea.id, False, 3], [self.cup.id, False, 2]])
        self.assertEqual(order.gtg_goods, "shipped")
        order.action_gtg_delivered()
        bill = order._create_invoices()
        bill.action_post()
        self.assertEqual(bill.amount_total, 470000)
        cups = order.order_line[1]
        self.assertEqual(order._gtg_portal_returnable()[cups], 2)
        one = self._received(order, products=self.cup, quantity=1)
        self.assertEqual(one.amount, 40000)
        one.action_refund()
        self.assertEqual(one.sudo().credit_note_ids.amount_total, 40000)

    def test_shortage_is_of_what_is_in_it(self):
        self._enter(quantity=500)
        action = self.env["gtg.shortage"].action_open()
        lines = self.env["gtg.shortage"].browse(action["res_id"]).line_ids
        self.assertIn(self.cup, lines.product_id)
        self.assertNotIn(self.set, lines.product_id)

    def test_where_the_buyer_chooses_somebody_asks(self):
        other = self.env["product.product"].create({"name": "Glass"})
        self.combos[1].combo_item_ids = [Command.create({"product_id": other.id})]
        answer = self._enter()
        self.assertIn("buyer chooses", answer["errors"]["line_0"])
        self.assertFalse(
            self.env["sale.order"].search([("gtg_entry_key", "=", "combo")])
        )

    def test_the_same_product_twice(self):
        again = self.combos[0].copy()
        self.set.combo_ids = [Command.link(again.id)]
        entry = self.env["gtg.order.entry"].with_user(self.staff)
        told = entry.total(self._typed())
        self.assertEqual(told["amounts"], {0: 320000, 1: 150000})
        answer = self._enter(shown=told["total"])
        order = self.env["sale.order"].browse(answer["order"]["id"])
        self.assertEqual(order.amount_total, 470000)
        pieces = dict.fromkeys(self.tea | self.cup, 0)
        for move in order.picking_ids.move_ids:
            pieces[move.product_id] += move.product_uom_qty
        self.assertEqual(pieces, {self.tea: 2 * 2 + 1, self.cup: 2})

    def test_total_that_is_told(self):
        entry = self.env["gtg.order.entry"].with_user(self.staff)
        told = entry.total(self._typed())
        self.assertEqual(told["amounts"], {0: 320000, 1: 150000})
        self.assertEqual(told["total"], 470000)
        lines = [{"product_id": self.set.id, "quantity": 3, "price": 100000}]
        told = entry.total(self._typed(lines=lines, discount="50%"))
        self.assertEqual(told["amounts"], {0: 150000})
        answer = self._enter(lines=lines, discount="50%", shown=told["total"])
        order = self.env["sale.order"].browse(answer["order"]["id"])
        self.assertEqual(order.amount_total, told["total"])
        self.assertEqual(order.order_line.mapped("price_unit"), [75000, 25000])
