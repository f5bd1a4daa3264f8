from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import OrderFlowCase

LOG = "odoo.addons.gtg_order_flow.models.order_rule"


@tagged("post_install", "-at_install")
class TestRules(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "Big parcels"})
        cls.truck = cls.env["delivery.carrier"].create(
            {
                "name": "Truck",
                "product_id": cls.env["product.product"]
                .create({"name": "Freight", "type": "service"})
                .id,
            }
        )
        cls.warehouse_hue = cls.env["stock.warehouse"].create(
            {"name": "Hue", "code": "HUE"}
        )

    def _rule(self, domain="[('amount_total', '>', 150000)]", **vals):
        return self.env["gtg.order.rule"].create(
            {"name": vals.pop("name", "Rule"), "domain": domain, **vals}
        )

    def _small(self, count=1, **vals):
        cup = [Command.create({"product_id": self.cup.id})]
        return self._orders(count, order_line=cup, **vals)

    def test_matching_orders_get_everything_the_rule_says(self):
        tag = self.env["crm.tag"].create({"name": "VIP"})
        self._rule(
            name="Big",
            carrier_id=self.truck.id,
            warehouse_id=self.warehouse_hue.id,
            team_id=self.team.id,
            tag_ids=[Command.link(tag.id)],
            urgent=True,
        )
        big, small = self._orders(), self._small()
        self.assertEqual(big.carrier_id, self.truck)
        self.assertEqual(big.warehouse_id, self.warehouse_hue)
        self.assertEqual(big.team_id, self.team)
        self.assertEqual(big.tag_ids, tag)
        said = "".join(message.body for message in big.message_ids)
        self.assertIn("Rule Big - delivery method: Truck; warehouse: Hue", said)
        self.assertFalse(small.carrier_id or small.tag_ids or small.gtg_rule_ids)
        big.action_confirm()
        self.assertEqual(big.picking_ids.priority, "1")
        self.assertEqual(big.picking_ids.carrier_id, self.truck)
        big.gtg_urgent = False
        self.assertEqual(big.picking_ids.priority, "0")

    def test_by_product_place_and_weight(self):
        category = self.env["product.category"].create({"name": "Fragile"})
        self.cup.categ_id = category
        self.tea.weight, self.cup.weight = 3, 0.2
        hanoi, hue = self.env["res.country.state"].search(
            [("country_id.code", "=", "VN")], limit=2
        )
        conditions = {
            "product": f"[('order_line.product_id', 'in', [{self.tea.id}])]",
            "category": f"[('order_line.product_id.categ_id', '=', {category.id})]",
            "place": f"[('partner_shipping_id.state_id', 'in', [{hue.id}])]",
            "weight": "[('shipping_weight', '>', 5)]",
        }
        rules = {
            name: self._rule(domain, name=name, urgent=True)
            for name, domain in conditions.items()
        }
        there = self.env["res.partner"].create(
            {
                "name": "There",
                "type": "delivery",
                "parent_id": self.buyer.id,
                "state_id": hue.id,
            }
        )
        self.buyer.state_id = hanoi

        def met(product, quantity, place):
            line = {"product_id": product.id, "product_uom_qty": quantity}
            order = self._orders(
                order_line=[Command.create(line)], partner_shipping_id=place.id
            )
            return {name for name, rule in rules.items() if rule in order.gtg_rule_ids}

        self.assertEqual(met(self.tea, 1, self.buyer), {"product"})
        self.assertEqual(met(self.tea, 2, self.buyer), {"product", "weight"})
        self.assertEqual(met(self.cup, 24, self.buyer), {"category"})
        self.assertEqual(met(self.cup, 26, there), {"category", "weight", "place"})

    def test_a_cart_is_treated_when_checked_out(self):
        self._rule(carrier_id=self.truck.id, warehouse_id=self.warehouse_hue.id)
        website = self.env["website"].search([], limit=1)
        cart = self._orders(website_id=website.id)
        self.assertFalse(cart.gtg_rule_ids)
        cart.action_confirm()
        self.assertEqual(cart.picking_ids.carrier_id, self.truck)
        self.assertEqual(
            cart.picking_ids.picking_type_id.warehouse_id, self.warehouse_hue
        )

    def test_order_and_stop(self):
        first = self._rule(name="1", sequence=1, team_id=self.team.id, stop=True)
        self._rule("[]", name="2", sequence=2, carrier_id=self.truck.id)
        big, small = self._orders(), self._small()
        self.assertEqual((big.team_id, big.carrier_id), (self.team, self.env["delivery.carrier"]))
        self.assertEqual(small.carrier_id, self.truck)
        first.stop = False
        self.assertEqual(self._orders().carrier_id, self.truck)

    def test_once_per_order(self):
        rule = self._rule(team_id=self.team.id)
        order = self._orders()
        other = self.env["crm.team"].create({"name": "By hand"})
        order.team_id = other
        order.order_line[0].product_uom_qty = 5
        order.action_confirm()
        self.assertEqual(order.team_id, other)
        self.assertEqual(order.gtg_rule_ids, rule)

    def test_channels_and_companies(self):
        zalo = self.env.ref("gtg_order_flow.channel_zalo")
        self._rule("[]", channel_ids=[Command.link(zalo.id)], urgent=True)
        other = self.env["res.company"].create({"name": "Other"})
        self._rule("[]", company_id=other.id, confirm=True)
        self.assertTrue(self._orders(gtg_channel_id=zalo.id).gtg_urgent)
        order = self._orders()
        self.assertFalse(order.gtg_urgent)
        self.assertEqual(order.state, "draft")

    def test_hold_and_approve(self):
        self._rule(
            hold_reason_id=self.env.ref("gtg_order_flow.hold_reason_manual").id,
            hold_note="Call first",
        )
        self._rule("[]", sequence=20, confirm=True)
        big, small = self._orders(), self._small()
        self.assertEqual(big.gtg_open_hold_ids.note, "Call first")
        self.assertEqual((big.state, small.state), ("draft", "sale"))

    def test_approval_looks_at_the_checks(self):
        self.env.company.country_id = self.env.ref("base.vn")
        self._rule("[]", confirm=True)
        order = self._orders()
        self.assertEqual(order.gtg_open_hold_ids.reason_id.code, "address")
        self.assertEqual(order.state, "draft")

    def test_marketplace_orders_are_confirmed_by_their_shop(self):
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Shopee", "code": "shopee1", "kind": "marketplace"}
        )
        self._rule("[]", confirm=True, urgent=True)
        order = self._orders(gtg_channel_id=shop.id)
        self.assertTrue(order.gtg_urgent)
        self.assertEqual(order.state, "draft")

    def test_bad_conditions_are_refused(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "[('amount_total', 'above', 1)]",
            "amount > 5",
            "[('id', '=', __import__('os').getpid())]",
            "[(",
            "7",
        ):
            with self.assertRaisesRegex(ValidationError, "condition"):
                self._rule(domain, urgent=True)
        with self.assertRaisesRegex(ValidationError, "does nothing"):
            self._rule("[]")

    def test_manager_cannot_look_at_hidden_fields(self):
        manager = self._user("shop-manager", "gtg_order_flow.group_shop_manager")
        model = self.env["gtg.order.rule"].with_user(manager)
        model.create({"name": "Fine", "domain": "[]", "urgent": True})
        with self.assertRaises(ValidationError):
            model.create(
                {
                    "name": "Peep",
                    "domain": "[('user_id.totp_secret', 'like', 'A')]",
                    "urgent": True,
                }
            )
        with self.assertRaises(AccessError):
            self.env["gtg.order.rule"].with_user(self.staff).create(
                {"name": "Mine", "urgent": True}
            )

    def test_other_company_sees_no_rule(self):
        rule = self._rule(urgent=True)
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("stranger", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        found = self.env["gtg.order.rule"].with_user(stranger).search([])
        self.assertNotIn(rule, found)

    @mute_logger(LOG)
    def test_impossible_for_one_order_holds_that_one(self):
        foreign = self.env["res.partner"].create({"name": "Poison"})
        rule = self._rule("[]", warehouse_id=self.warehouse_hue.id)
        self._rule("[]", sequence=20, urgent=True)
        orders = self._with_poison(foreign)
        good, bad, last = orders
        self.assertEqual(bad.gtg_open_hold_ids.reason_id.code, "rule")
        self.assertIn("Rule", bad.gtg_open_hold_ids.note)
        self.assertNotEqual(bad.warehouse_id, self.warehouse_hue)
        self.assertEqual((good | last).warehouse_id, self.warehouse_hue)
        self.assertEqual(set(orders.mapped("gtg_urgent")), {True})
        self.assertEqual(good.gtg_rule_ids & rule, rule)

    def _with_poison(self, partner):
        """Three orders at once, of which the second has a delivery already."""
        orders = self.env["sale.order"].with_context(gtg_arrives_later=True).create(
            [
                {
                    "partner_id": buyer.id,
                    "order_line": [Command.create({"product_id": self.tea.id})],
                }
                for buyer in (self.buyer, partner, self.buyer)
            ]
        )
        orders = orders.with_context(gtg_arrives_later=False)
        self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.tea.id,
                            "product_uom_qty": 1,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.env.ref(
                                "stock.stock_location_customers"
                            ).id,
                            "sale_line_id": orders[1].order_line.id,
                        }
                    )
                ],
            }
        )
        orders.invalidate_recordset(["picking_ids"])
        orders._gtg_arrive()
        return orders

    @mute_logger(LOG)
    def test_condition_that_broke_later_holds_the_orders_it_may_concern(self):
        rule = self._rule(urgent=True)
        self.env.cr.execute(
            "UPDATE gtg_order_rule SET domain = %s WHERE id = %s",
            ["[('gone_field', '=', 1)]", rule.id],
        )
        rule.invalidate_recordset()
        order = self._orders()
        self.assertEqual(order.gtg_open_hold_ids.reason_id.code, "rule")
        self.assertIn("gone_field", order.gtg_open_hold_ids.note)

    def test_button_shows_what_would_match(self):
        big, small = self._orders(), self._small()
        rule = self._rule(urgent=True).with_user(
            self._user("shop-manager", "gtg_order_flow.group_shop_manager")
        )
        action = rule.action_matching()
        found = self.env["sale.order"].with_user(rule.env.user).search(action["domain"])
        self.assertIn(big, found)
        self.assertNotIn(small, found)

    def test_typed_orders_are_confirmed_by_who_types_them(self):
        self._rule("[]", confirm=True, team_id=self.team.id)
        with Form(self.env["sale.order"].with_user(self.staff)) as form:
            form.partner_id = self.buyer
            with form.order_line.new() as line:
                line.product_id = self.tea
        order = form.record
        self.assertEqual((order.state, order.team_id), ("draft", self.team))
        with form, form.order_line.new() as line:
            line.product_id = self.cup
        order.action_confirm()
        self.assertEqual(len(order.picking_ids.move_ids), 2)

    def test_form(self):
        with Form(self.env["gtg.order.rule"]) as form:
            form.name = "Approve the rest"
            form.confirm = True
        self.assertEqual(self._orders().state, "sale")

    def test_statements_do_not_grow_with_the_orders(self):
        self._rule(team_id=self.team.id, carrier_id=self.truck.id, urgent=True)
        model = self.env["sale.order"].with_context(gtg_arrives_later=True)
        vals = {
            "partner_id": self.buyer.id,
            "order_line": [
                Command.create({"product_id": self.tea.id, "product_uom_qty": 9})
            ],
        }
        orders = model.create([dict(vals) for __ in range(60)])

        def count(batch):
            return self._statements(batch._gtg_arrive)

        count(orders[:4])
        few, many = count(orders[4:14]), count(orders[14:])
        self.assertLessEqual(many, few + 2)
        self.assertEqual(orders.team_id, self.team)
