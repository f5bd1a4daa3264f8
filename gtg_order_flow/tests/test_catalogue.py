from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestCatalogue(OrderFlowCase):
    def test_brand_once(self):
        brand = self.env["gtg.product.brand"].with_user(self.staff)
        self.tea.gtg_brand_id = brand.create({"name": "Thái Nguyên"})
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            brand.create({"name": "THÁI NGUYÊN"})
        groups = self.env["product.template"].formatted_read_group(
            [("id", "in", (self.tea | self.cup).product_tmpl_id.ids)],
            ["gtg_brand_id"],
            ["__count"],
        )
        self.assertEqual(len(groups), 2)

    def test_main_branch_and_sub_warehouses(self):
        main, branch, sub = self.env["stock.warehouse"].create(
            [{"name": f"Kho {code}", "code": code} for code in ("KH1", "KH2", "KH3")]
        )
        branch.gtg_parent_id = main
        sub.gtg_parent_id = branch
        self.assertEqual(
            (main | branch | sub).mapped("gtg_level"),
            ["1_main", "2_branch", "3_sub"],
        )
        with self.assertRaises(ValidationError):
            main.gtg_parent_id = sub
        branch.gtg_parent_id = False
        self.assertEqual((branch | sub).mapped("gtg_level"), ["1_main", "2_branch"])
        order = self._orders(warehouse_id=sub.id)
        found = self.env["sale.order"].search(
            [("warehouse_id.gtg_parent_id", "ilike", "Kho KH2")]
        )
        self.assertEqual(found, order)

    def test_profit_is_without_vat(self):
        vat = self.env["account.tax"].create(
            {"name": "VAT 10 incl.", "amount": 10, "price_include_override": "tax_included"}
        )
        self.tea.write(
            {
                "list_price": 110000,
                "standard_price": 60000,
                "taxes_id": [Command.set(vat.ids)],
            }
        )
        template = self.tea.product_tmpl_id
        self.assertEqual(template.gtg_profit, 40000)
        self.assertAlmostEqual(template.gtg_profit_rate, 0.4)
        vat.price_include_override = "tax_excluded"
        template.invalidate_recordset()
        self.assertEqual(template.gtg_profit, 50000)
        template.list_price = 0
        self.assertEqual(template.gtg_profit_rate, 0)

    def test_profit_of_many_products_needs_no_query_each(self):
        templates = self.env["product.template"].create(
            [{"name": f"P{n}", "list_price": n} for n in range(40)]
        )
        self.env.invalidate_all()
        templates[:20].mapped("gtg_profit")
        self.env.invalidate_all()
        few = self._count_queries(lambda: templates[:20].mapped("gtg_profit"))
        self.env.invalidate_all()
        many = self._count_queries(lambda: templates.mapped("gtg_profit"))
        self.assertLessEqual(many, few + 2)

    def _count_queries(self, call):
        before = self.env.cr.sql_log_count
        call()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestDemandForecast(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("shop-manager", "gtg_order_flow.group_shop_manager")

    def _sold(self, weeks_ago, quantity, **vals):
        order = self._orders(**vals)
        order.order_line.product_uom_qty = quantity
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(weeks=weeks_ago)
        return order

    def _forecast(self, warehouse=None, **vals):
        forecast = (
            self.env["gtg.demand.forecast"]
            .with_user(self.manager)
            .create({"weeks": 8, "safety_days": 7, "cover_days": 14, **vals})
        )
        forecast.action_forecast()
        return forecast.line_ids.filtered(
            lambda ln: (
                ln.product_id == self.tea
                and ln.warehouse_id == (warehouse or self.warehouse)
            )
        )

    def test_proposal_becomes_a_rule_and_changes_it(self):
        vendor = self.env["res.partner"].create({"name": "Vendor"})
        self.tea.seller_ids = [Command.create({"partner_id": vendor.id, "delay": 7})]
        self._sold(6, 40)
        self._sold(20, 1000)
        self._orders()  # not confirmed
        line = self._forecast()
        self.assertEqual((line.sold, line.weekly, line.lead_days), (40, 5, 7))
        self.assertEqual((line.new_min, line.new_max), (10, 20))
        line.action_apply()
        rule = line.rule_id
        self.assertEqual((rule.product_min_qty, rule.product_max_qty), (10, 20))
        self.assertEqual(rule.location_id, self.warehouse.lot_stock_id)
        self._sold(1, 40)
        line = self._forecast()
        self.assertEqual(line.weekly, 10, "what sells more lately counts")
        self.assertEqual((line.now_min, line.rule_id), (10, rule))
        line.action_apply()
        line.action_apply()
        self.assertEqual(rule.product_min_qty, 20)
        self.assertEqual(
            self.env["stock.warehouse.orderpoint"].search_count(
                [("product_id", "=", self.tea.id)]
            ),
            1,
        )

    def test_rule_of_a_forecast_raises_the_alarm(self):
        """What falls below the proposed minimum is bought at once, up to the maximum."""
        vendor = self.env["res.partner"].create({"name": "Vendor"})
        (self.tea | self.cup).seller_ids = [
            Command.create({"partner_id": vendor.id, "delay": 7, "price": 1000})
        ]
        self._sold(6, 40)
        self.env["stock.quant"]._update_available_quantity(
            self.tea, self.warehouse.lot_stock_id, 55
        )
        line = self._forecast()
        self.assertEqual((line.new_min, line.new_max), (10, 20))
        line.action_apply()
        bought = [("product_id", "=", self.tea.id), ("order_id.partner_id", "=", vendor.id)]
        self.env["stock.rule"].run_scheduler(company_id=self.env.company.id)
        self.assertFalse(self.env["purchase.order.line"].search(bought), "15 are left")
        self._sold(0, 8)
        self.assertEqual(self.env["purchase.order.line"].search(bought).product_qty, 13)

    def test_units_and_channels(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        line = {"product_id": self.tea.id, "product_uom_id": dozen.id}
        self._sold(1, 2, order_line=[Command.create(line)])
        self._sold(1, 100, gtg_channel_id=self.website_channel.id)
        line = self._forecast(channel_ids=[Command.set(self.phone.ids)])
        self.assertEqual(line.sold, 24)

    def test_what_was_cancelled_or_came_back_is_no_demand(self):
        self._stock(20)
        order = self._sold(1, 8)
        picking = order.picking_ids
        for move in picking.move_ids:
            move.write({"quantity": 5, "picked": True})
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=picking.ids
        ).button_validate()
        self.assertEqual(self._forecast().sold, 5, "the rest never leaves")
        self._sold(1, 2)
        self.assertEqual(self._forecast().sold, 7, "two are to leave")
        self._sold(1, 30).action_cancel()
        order.write({"gtg_delivered_at": fields.Datetime.now()})
        one = self.env["gtg.order.return"].create(
            {
                "order_id": order.id,
                "reason_id": self.env.ref("gtg_order_flow.return_reason_size").id,
                "line_ids": [
                    Command.create(
                        {"order_line_id": order.order_line[0].id, "quantity": 3}
                    )
                ],
            }
        )
        one.action_accept()
        self.assertEqual(self._forecast().sold, 7, "not here yet")
        one.line_ids.write({"good": 1, "damaged": 2, "damage_note": "wet"})
        one.action_receive()
        self.assertEqual(self._forecast().sold, 4)

    def test_each_warehouse_and_what_is_picked_first(self):
        far = self.env["stock.warehouse"].create(
            {"name": "Far", "code": "FAR", "delivery_steps": "pick_ship"}
        )
        place = far.lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.tea, place, 9)
        self.env["stock.quant"]._update_available_quantity(self.cup, place, 9)
        self._sold(1, 3, warehouse_id=far.id)
        order = self._sold(1, 4, warehouse_id=far.id)
        self._sold(1, 5)
        for __ in ("waits", "picked", "shipped"):
            self.assertEqual(self._forecast().sold, 5)
            self.assertEqual(self._forecast(warehouse=far).sold, 7)
            self._deliver(order)
        self.assertEqual(order.order_line.mapped("qty_delivered"), [4, 4])
        chosen = self._forecast(warehouse=far, warehouse_ids=[Command.set(far.ids)])
        self.assertEqual(chosen.forecast_id.line_ids.warehouse_id, far)

    def test_constant_number_of_queries(self):
        products = self.env["product.product"].create(
            [{"name": f"P{n}", "is_storable": True} for n in range(60)]
        )

        def run(count):
            self.env["sale.order"].search([]).filtered("order_line")
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.buyer.id,
                    "order_line": [
                        Command.create({"product_id": p.id}) for p in products[:count]
                    ],
                }
            )
            order.action_confirm()
            forecast = self.env["gtg.demand.forecast"].create({})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            forecast.action_forecast()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        run(5)
        few = run(5)
        many = run(60)
        self.assertLessEqual(many, few + 5)

    def test_managers_only(self):
        with self.assertRaises(AccessError):
            self.env["gtg.demand.forecast"].with_user(self.staff).create({})
