from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError
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

    def _forecast(self, **vals):
        forecast = (
            self.env["gtg.demand.forecast"]
            .with_user(self.manager)
            .create({"weeks": 8, "safety_days": 7, "cover_days": 14, **vals})
        )
        forecast.action_forecast()
        return forecast.line_ids.filtered(
            lambda ln: ln.product_id == self.tea and ln.warehouse_id == self.warehouse
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

    def test_units_and_channels(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._sold(1, 1)
        order.order_line[0].product_uom_id = dozen
        order.order_line[0].product_uom_qty = 2
        self._sold(1, 100, gtg_channel_id=self.website_channel.id)
        line = self._forecast(channel_ids=[Command.set(self.phone.ids)])
        self.assertEqual(line.sold, 24)

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
            order.state = "sale"
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
