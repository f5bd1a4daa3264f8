from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestHome(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(1000)
        self.env["sale.order"].search([])._action_cancel()
        self.home = self.env["gtg.order.home"].with_user(self.staff)

    def _tiles(self, home=None):
        return {
            (section["key"], tile["label"]): tile
            for section in (self.home if home is None else home).today()["sections"]
            for tile in section["tiles"]
        }

    def _assert_opens(self, tile, records):
        """A tile counts what it opens."""
        found = self.env[tile["model"]].with_user(self.staff).search(tile["domain"])
        self.assertEqual(found, records)
        self.assertEqual(tile["count"], len(records))

    def test_today(self):
        now = fields.Datetime.now()
        late, today, delivered, refunding, fresh = self._orders(5)
        late.gtg_ship_by = now - timedelta(hours=1)
        today.gtg_ship_by = self.home._midnight(1) - timedelta(seconds=1)
        delivered.gtg_is_cod = True
        delivered.action_confirm()
        delivered.write({"gtg_shipped_at": now, "gtg_delivered_at": now})
        refunding.write({"gtg_paid_at": now, "gtg_refund_requested_at": now})
        hold = fresh._gtg_hold("address")
        (late | today | delivered | refunding | fresh).date_order = now
        tiles = self._tiles()
        self._assert_opens(tiles["deadlines", "Too late"], late)
        self._assert_opens(tiles["deadlines", "Ship today"], today)
        self._assert_opens(tiles["money", "Delivered, money to come"], delivered)
        self.assertEqual(tiles["money", "Delivered, money to come"]["amount"], 200000)
        self._assert_opens(tiles["money", "To give back"], refunding)
        self._assert_opens(tiles["holds", hold.reason_id.name], hold)
        self.assertEqual(tiles["arrivals", self.phone.name]["count"], 5)
        self.assertEqual(tiles["steps", "To review"]["count"], 3)
        self.assertEqual(tiles["steps", "To pack"]["count"], 0)

    def test_who_waits_for_a_person(self):
        """Nothing that has an answer to give or money that is stuck stays unseen."""
        now = fields.Datetime.now()
        asked, paid, held, half = self._orders(4)
        (asked | paid).action_confirm()
        request = self.env["gtg.cancel.request"].create({"order_id": asked.id})
        request.deadline = now - timedelta(hours=1)
        paid.gtg_paid_at = now
        paid.action_cancel()
        money = paid.gtg_cancel_request_ids
        money.refund_state = "unknown"
        hold = held._gtg_hold("manual")
        hold.deadline = now - timedelta(minutes=1)
        hold.user_id = self.staff
        lamp = self.env["product.product"].create({"name": "Lamp", "is_storable": True})
        short, waits = self._orders(2)
        for order in (short, waits):
            order.order_line = [
                Command.create({"product_id": lamp.id, "product_uom_qty": 1})
            ]
        waits.action_confirm()
        bulk = self.env["gtg.order.bulk"]._gtg_prepare("confirm", half)
        bulk.started_at = now
        tiles = self._tiles()
        for label, records in (
            ("Cancellations to answer", request),
            ("Cancellations, answer is late", request),
            ("Refunds of cancelled stuck", money),
            ("Holds are late", hold),
            ("My holds", hold),
            ("To review, goods missing", short),
            ("Confirmed, wait for stock", waits),
            ("Bulk steps left half way", bulk),
        ):
            self._assert_opens(tiles["answers", label], records)
        self.assertNotIn(("answers", "Returns to answer"), tiles, "only what waits")

    def test_constant_statements(self):
        def count(number):
            self._orders(number)._gtg_hold("stock")
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.home.today()
            return self.env.cr.sql_log_count - before

        count(2)
        few = count(5)
        self.assertLessEqual(count(60), few)
        self.assertLessEqual(few, 35)

    def test_other_company_and_portal(self):
        self._orders(3)
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("home-other", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        # like every request of the web client
        there = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        tiles = self._tiles(there["gtg.order.home"])
        self.assertEqual([t for t in tiles.values() if t["count"]], [])
        report = self.env["gtg.order.report"]
        self.assertFalse(there["gtg.order.report"].search_count([]))
        portal = self._user("home-portal", "base.group_portal")
        with self.assertRaises(AccessError):
            report.with_user(portal).search([])
        with self.assertRaises(AccessError):
            self.env["gtg.order.home"].with_user(portal).today()

    def test_numbers(self):
        orders = self._orders(4)
        # 01:30 in Vietnam is the evening before in UTC
        orders.date_order = "2026-03-01 18:30:00"
        in_time, late, waiting, __ = orders
        in_time.write(
            {"gtg_ship_by": "2026-03-03", "gtg_shipped_at": "2026-03-02 18:30:00"}
        )
        late.write({"gtg_ship_by": "2026-03-03", "gtg_shipped_at": "2026-03-04"})
        waiting.gtg_ship_by = "2026-03-03"
        waiting._gtg_hold("address")
        self.staff.tz = "Asia/Ho_Chi_Minh"
        report = self.env["gtg.order.report"].with_user(self.staff)
        rows = report.search([("order_id", "in", orders.ids)])
        self.assertEqual(len(rows), 4)
        self.assertEqual(set(rows.mapped("hour")), {"01h"})
        [(rate, total)] = report._read_group(
            [("order_id", "in", orders.ids)], [], ["on_time:avg", "amount_total:sum"]
        )
        self.assertAlmostEqual(rate, 100 / 3)
        self.assertEqual(total, 800000)
        row = rows.filtered(lambda r: r.order_id == in_time)
        self.assertEqual(row.hours_to_ship, 24)
        held = report._read_group(
            [("order_id", "in", orders.ids)], ["hold_reason_id"], ["__count"]
        )
        self.assertIn((waiting.gtg_hold_reason_id, 1), held)

    def test_hours_in_a_step_begin_with_the_step(self):
        report = self.env["gtg.order.report"]

        def hours(at):
            self.env.flush_all()
            self.env.invalidate_all()
            with freeze_time(at):
                return round(report.search([("order_id", "=", order.id)]).stage_hours)

        self._stock(-1000)
        with freeze_time("2026-03-02 02:00:00"):
            order = self._orders(date_order="2026-02-20 02:00:00", gtg_is_cod=True)
            self.env.flush_all()
            self.assertEqual(order.gtg_substage, "to_review")
        self.assertEqual(hours("2026-03-02 05:00:00"), 3)
        with freeze_time("2026-03-02 10:00:00"):
            order.action_confirm()
            self.assertEqual(order.gtg_substage, "to_allocate")
        self.assertEqual(hours("2026-03-02 15:00:00"), 5, "since it was confirmed")
        with freeze_time("2026-03-03 10:00:00"):
            order.gtg_seller_note = "urgent"
            order._gtg_hold("manual")
            self.env.flush_all()
        self.assertEqual(hours("2026-03-03 10:00:00"), 24, "still waits for goods")
        with freeze_time("2026-03-04 10:00:00"):
            self._stock(10)
            order._gtg_reserve()
            self.env.flush_all()
            self.assertNotEqual(order.gtg_substage, "to_allocate")
        self.assertEqual(hours("2026-03-04 12:00:00"), 2, "since it was reserved")
        with freeze_time("2026-03-05 10:00:00"):
            order.gtg_packed_at = "2026-03-05 10:00:00"
            self.env.flush_all()
        self.assertEqual(hours("2026-03-05 11:00:00"), 1)
        order._action_cancel()
        self.assertFalse(hours("2026-03-06 11:00:00"))

    def test_numbers_of_returns(self):
        self._stock(10)
        orders = self._orders(2, gtg_channel_id=self.phone.id)
        orders.action_confirm()
        self._deliver(orders)
        orders.action_gtg_delivered()
        small, broken = self.env["gtg.return.reason"].create(
            [{"name": "Too small"}, {"name": "Broken"}]
        )
        for order, reason, products in (
            (orders[0], small, self.tea | self.cup),
            (orders[1], broken, self.cup),
        ):
            lines = order.order_line.filtered(
                lambda line, products=products: line.product_id in products
            )
            self.env["gtg.order.return"].create(
                {
                    "order_id": order.id,
                    "reason_id": reason.id,
                    "line_ids": [
                        Command.create({"order_line_id": line.id, "quantity": 1})
                        for line in lines
                    ],
                }
            )
        self.env.flush_all()
        report = self.env["gtg.return.report"].with_user(self.staff)
        mine = [("order_id", "in", orders.ids)]
        rows = report._read_group(
            mine, ["reason_id", "product_id"], ["quantity:sum", "value:sum"]
        )
        self.assertCountEqual(
            rows,
            [
                (small, self.tea, 1, 150000),
                (small, self.cup, 1, 50000),
                (broken, self.cup, 1, 50000),
            ],
        )
        [(channel, returns)] = report._read_group(
            mine, ["channel_id"], ["return_id:count_distinct"]
        )
        self.assertEqual((channel, returns), (self.phone, 2))
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("returns-other", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        there = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(there["gtg.return.report"].search_count(mine))
        with self.assertRaises(AccessError):
            report.with_user(self._user("returns-portal", "base.group_portal")).search([])
