from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestSplit(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(10)
        self.order = self._orders(gtg_is_cod=True)
        self.order.order_line.product_uom_qty = 3
        self.order.action_confirm()
        self.first = self.order.picking_ids

    def _split(self, quantities, user=None):
        action = self.first.with_user(user or self.staff).action_gtg_split()
        split = self.env[action["res_model"]].with_user(user or self.staff)
        split = split.browse(action["res_id"])
        for line in split.line_ids:
            line.quantity = quantities.get(line.product_id, 0)
        return self.env["stock.picking"].browse(split.action_split()["res_id"])

    def _content(self, picking):
        return {m.product_id: m.product_uom_qty for m in picking.move_ids}

    def test_chosen_quantities_go_second(self):
        second = self._split({self.tea: 1, self.cup: 3})
        self.assertEqual(self._content(self.first), {self.tea: 2})
        self.assertEqual(self._content(second), {self.tea: 1, self.cup: 3})
        self.assertEqual((self.first | second).mapped("state"), ["assigned"] * 2)
        self.assertEqual(second.sale_id, self.order)
        self.assertEqual(self.order.gtg_goods, "allocated")
        reserved = self.env["stock.quant"]._get_available_quantity(
            self.tea, self.warehouse.lot_stock_id
        )
        self.assertEqual(reserved, 7)
        # the carrier collects once
        self.assertEqual(self.first.gtg_cod_amount, 600000)
        self.assertEqual(second.gtg_cod_amount, 0)
        self._deliver(self.order)
        self.assertEqual(self.order.gtg_goods, "shipped")
        self.assertEqual(self.order.order_line.mapped("qty_delivered"), [3, 3])

    def test_one_product_on_two_lines(self):
        rare = self.env["product.product"].create(
            {"name": "Rare tea", "is_storable": True, "taxes_id": False}
        )
        self._stock(2, rare)
        order = self._orders(
            order_line=[
                Command.create({"product_id": rare.id, "product_uom_qty": 2})
                for __ in range(2)
            ]
        )
        order.action_confirm()
        first = order.picking_ids
        first.do_unreserve()
        has = first.move_ids[1]
        has._action_assign()
        first._gtg_split(first._gtg_parts_not_here())
        self.assertEqual(first.move_ids, has)
        self.assertEqual(has.state, "assigned", "what is here can leave")

    def test_shipped_when_both_have_left(self):
        second = self._split({self.cup: 3})
        self.first.move_ids.picked = True
        self.first.button_validate()
        self.assertFalse(self.order.gtg_shipped_at)
        second.move_ids.picked = True
        second.button_validate()
        self.assertEqual(self.order.gtg_goods, "shipped")

    def test_refused(self):
        for quantities, sentence in (
            ({}, "how much"),
            ({self.tea: 3, self.cup: 3}, "must stay"),
            ({self.tea: 4}, "0 to 3"),
            ({self.tea: -1}, "0 to 3"),
        ):
            with self.assertRaisesRegex(UserError, sentence):
                self._split(quantities)
        self.first.carrier_tracking_ref = "GHN1"
        with self.assertRaisesRegex(UserError, "waybill"):
            self._split({self.tea: 1})
        self.first.carrier_tracking_ref = False
        self._deliver(self.order)
        with self.assertRaisesRegex(UserError, "has not left"):
            self.first.action_gtg_split()
        with self.assertRaisesRegex(UserError, "nothing to split"):
            self.order.action_gtg_split()
        self.assertEqual(len(self.order.picking_ids), 1)

    def test_changed_meanwhile(self):
        action = self.first.with_user(self.staff).action_gtg_split()
        split = self.env[action["res_model"]].browse(action["res_id"])
        split.line_ids[0].quantity = 1
        self._split({split.line_ids[0].product_id: 3})
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            split.action_split()

    def test_who_may(self):
        seller = self._user("split-seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self._split({self.tea: 1}, user=seller)


@tagged("post_install", "-at_install")
class TestLocks(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(10)
        self.shopee = self.env["gtg.sale.channel"].create(
            {"name": "Shopee", "code": "sp", "kind": "marketplace"}
        )

    def test_what_a_marketplace_sold_is_not_edited_by_hand(self):
        order = self._orders(gtg_channel_id=self.shopee.id).with_user(self.staff)
        line = order.order_line[0]
        with self.assertRaisesRegex(UserError, "sold on Shopee"):
            line.product_uom_qty = 5
        with self.assertRaisesRegex(UserError, "sold on Shopee"):
            line.price_unit = 1
        with self.assertRaisesRegex(UserError, "sold on Shopee"):
            line.unlink()
        with self.assertRaisesRegex(UserError, "sold on Shopee"):
            line.copy({"order_id": order.id})
        line.name = "Oolong tea, red box"
        line.product_uom_qty = 1  # as it is
        gift = line.copy({"order_id": order.id, "price_unit": 0})
        gift.unlink()
        line.sudo().product_uom_qty = 2  # the import itself
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        with self.assertRaisesRegex(UserError, "on the marketplace"):
            order.picking_ids.action_gtg_split()

    def test_hours_are_sold_on_top_of_what_has_left(self):
        order = self._orders()
        tax = self.env["account.tax"].create({"name": "Eight", "amount": 8})
        order.order_line[0].tax_ids = tax
        order.action_confirm()
        self._deliver(order)
        order = order.with_user(self.staff)
        repair = self.env["product.product"].create(
            {"name": "Repair", "type": "service", "list_price": 90000}
        )
        line = {"order_id": order.id, "product_id": repair.id}
        hours = order.order_line.create({**line, "product_uom_qty": 1})
        hours.product_uom_qty = 2
        with self.assertRaisesRegex(UserError, "handed over"):
            order.order_line[0].product_uom_qty = 5
        # the same taxes are no change, in whichever commands
        for commands in ([(6, 0, tax.ids)], [Command.link(tax.id)]):
            order.order_line[0].write({"tax_ids": commands, "product_uom_qty": 1})
        with self.assertRaisesRegex(UserError, "handed over"):
            order.order_line[0].write({"tax_ids": [(5,)], "product_uom_qty": 1})
        with self.assertRaisesRegex(UserError, "handed over"):
            order.order_line.create({**line, "product_id": self.cup.id})
        cod = self._orders(gtg_is_cod=True)
        cod.action_confirm()
        self._deliver(cod)
        with self.assertRaisesRegex(UserError, "handed over"):
            cod.with_user(self.staff).order_line.create({**line, "order_id": cod.id})

    def test_form_of_a_marketplace_order(self):
        order = self._orders(gtg_channel_id=self.shopee.id)
        form = Form(order.with_user(self.staff))
        with self.assertRaises(AssertionError), form.order_line.edit(0):
            pass

    def test_own_orders_are_edited_until_they_left(self):
        order = self._orders().with_user(self.staff)
        order.action_confirm()
        order.order_line[0].product_uom_qty = 2
        other = self.buyer.copy({"name": "Lan at work"})
        order.partner_shipping_id = other
        self._deliver(order)
        with self.assertRaisesRegex(UserError, "has left"):
            order.partner_shipping_id = self.buyer
        order.write({"partner_shipping_id": other.id, "gtg_seller_note": "same"})
