from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderFlowCase


class BulkCase(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(1000)

    def _bulk(self, operation, orders, user=None, **vals):
        orders = orders.with_user(user or self.staff)
        action = orders.with_context(gtg_bulk=operation).action_gtg_bulk()
        bulk_id = action.get("res_id") or action["params"]["bulk_id"]
        bulk = orders.env["gtg.order.bulk"].browse(bulk_id)
        bulk.write(vals)
        bulk.action_start()
        return bulk

    def _run(self, bulk):
        asked = 0
        while bulk.action_chunk()["waiting"]:
            asked += 1
            self.assertLess(asked, 50, "never ends")
        return bulk

    def _why(self, bulk):
        return {line.order_id.id: line.message for line in bulk.failed_line_ids}


@tagged("post_install", "-at_install")
class TestBulk(BulkCase):
    def test_approve_many_with_some_failing(self):
        orders = self._orders(7)
        broken, held, cancelled = orders[2], orders[4], orders[5]
        broken.order_line[0].product_id = False
        held._gtg_hold("address", note="No ward given")
        cancelled._action_cancel()
        bulk = self._run(self._bulk("confirm", orders))
        good = orders - broken - held - cancelled
        self.assertEqual(set(good.mapped("state")), {"sale"})
        self.assertEqual(set(good.mapped("gtg_goods")), {"allocated"})
        self.assertEqual((bulk.done, bulk.failed, bulk.waiting), (4, 3, 0))
        why = self._why(bulk)
        self.assertIn("missing a product", why[broken.id])
        self.assertIn("No ward given", why[held.id])
        self.assertIn("cancelled", why[cancelled.id])
        self.assertEqual(bulk.action_finish()["res_id"], bulk.id)

        held._gtg_release("address")
        broken.order_line[0].product_id = self.tea
        bulk.action_again()
        self._run(bulk)
        self.assertEqual((bulk.done, bulk.failed), (6, 1))
        self.assertEqual((held | broken).mapped("state"), ["sale", "sale"])
        self.assertEqual(len(held.picking_ids), 1)

    def test_hold_many_says_what_was_not_held(self):
        orders = self._orders(4)
        cancelled, gone = orders[0], orders[1]
        cancelled._action_cancel()
        gone.action_confirm()
        self._deliver(gone)
        reason = self.env.ref("gtg_order_flow.hold_reason_manual")
        bulk = self._bulk(
            "hold", orders, hold_reason_id=reason.id, hold_note="Recall of the tea"
        )
        self._run(bulk)
        self.assertEqual((bulk.done, bulk.failed), (2, 2))
        why = self._why(bulk)
        self.assertIn("cancelled", why[cancelled.id])
        self.assertIn("have left", why[gone.id])
        held = orders - cancelled - gone
        self.assertEqual(set(held.mapped("gtg_info")), {"on_hold"})
        self.assertEqual(held.gtg_open_hold_ids.mapped("note"), ["Recall of the tea"] * 2)

    def test_split_sends_what_is_here(self):
        rare = self.env["product.product"].create(
            {"name": "Rare cup", "is_storable": True, "taxes_id": False}
        )
        short, whole = self._orders(2)
        empty = self._orders(order_line=[Command.create({"product_id": rare.id})])
        short.order_line[0].product_uom_qty = 5000
        (whole | empty | short).action_confirm()
        before = short.picking_ids
        here = before.move_ids.filtered(lambda m: m.product_id == self.tea).quantity
        self.assertTrue(0 < here < 5000)
        orders = short | whole | empty
        bulk = self._run(self._bulk("split", orders))
        self.assertEqual((bulk.done, bulk.failed), (2, 1))
        self.assertIn("Nothing of it is here", self._why(bulk)[empty.id])
        self.assertEqual(before.state, "assigned")
        second = short.picking_ids - before
        self.assertEqual(second.move_ids.mapped("product_uom_qty"), [5000 - here])
        self.assertEqual(len(whole.picking_ids), 1)
        again = self._run(self._bulk("split", orders))
        self.assertEqual((again.done, len(short.picking_ids)), (2, 2))

    def test_ship_only_what_the_station_would_let_go(self):
        good, held, short, paid_back = self._orders(4)
        short.order_line[0].product_uom_qty = 5000
        orders = good | held | short | paid_back
        orders.action_confirm()
        held._gtg_hold("address", note="No ward given")
        paid_back.gtg_refund_requested_at = fields.Datetime.now()
        bulk = self._run(self._bulk("ship", orders))
        self.assertEqual((bulk.done, bulk.failed), (1, 3))
        why = self._why(bulk)
        self.assertIn("No ward given", why[held.id])
        self.assertIn("Missing", why[short.id])
        self.assertIn("money back", why[paid_back.id])
        self.assertEqual((good.gtg_goods, good.picking_ids.state), ("shipped", "done"))
        self.assertTrue(good.gtg_packed_at)
        self.assertFalse((held | short | paid_back).filtered("gtg_shipped_at"))
        again = self._run(self._bulk("ship", good))
        self.assertEqual(again.done, 1)
        self.assertEqual(good.order_line.mapped("qty_delivered"), [1, 1])

    def test_ship_keeps_the_waybill_and_takes_the_lock_of_the_station(self):
        order = self._orders()
        order.action_confirm()
        order.picking_ids.carrier_tracking_ref = "VN123"
        locked = []
        model = self.env.registry["stock.picking"]
        real = model._gtg_scan_lock

        def lock(pickings):
            locked.extend(pickings.ids)
            return real(pickings)

        self.patch(model, "_gtg_scan_lock", lock)
        self._run(self._bulk("ship", order))
        self.assertEqual(locked, order.picking_ids.ids)
        self.assertEqual(order.picking_ids.gtg_scan_used, "VN123")

    def test_a_mistake_of_the_program_stops_only_its_order(self):
        orders = self._orders(5)
        bad = orders[3]
        real = self.env.registry["sale.order"].action_confirm

        def confirm(records):
            if bad in records:
                raise KeyError("boom")
            return real(records)

        self.patch(self.env.registry["sale.order"], "action_confirm", confirm)
        with self.assertLogs("odoo.addons.gtg_order_flow", "WARNING"):
            bulk = self._run(self._bulk("confirm", orders))
        self.assertEqual(bulk.failed_line_ids.order_id, bad)
        self.assertEqual(set((orders - bad).mapped("state")), {"sale"})
        self.assertEqual(bad.state, "draft")

    def test_never_twice(self):
        orders = self._orders(3)
        bulk = self._run(self._bulk("confirm", orders))
        again = self._run(self._bulk("confirm", orders))
        bulk.action_chunk()
        self.assertEqual((again.done, again.failed), (3, 0))
        self.assertIn("already", again.line_ids[0].message)
        self.assertEqual(len(orders.picking_ids), 3)
        mails = self._mails(orders).filtered(lambda m: "onfirm" in (m.subject or ""))
        self.assertLessEqual(len(mails), 3)

    def test_left_half_way_and_continued(self):
        orders = self._orders(4)
        bulk = self._bulk("confirm", orders)
        lines = bulk.line_ids
        bulk._gtg_sort_and_do(lines[:2])
        self.assertEqual(bulk._gtg_progress()["waiting"], 2)
        self.assertEqual(bulk.action_finish()["res_id"], bulk.id)
        self._run(bulk)
        self.assertEqual(set(orders.mapped("state")), {"sale"})

    def test_release(self):
        orders = self._orders(3)
        orders.action_confirm()
        orders[:2]._gtg_hold("duplicate")
        bulk = self._run(self._bulk("release", orders))
        self.assertEqual(bulk.done, 3)
        self.assertEqual(set(orders.mapped("gtg_goods")), {"allocated"})

    def test_carrier_for_confirmed_and_new(self):
        product = self.env["product.product"].create(
            {"name": "Ship", "type": "service", "list_price": 0}
        )
        carrier, far = self.env["delivery.carrier"].create(
            [
                {"name": "Express", "product_id": product.id},
                {
                    "name": "France only",
                    "product_id": product.id,
                    "country_ids": [Command.set(self.env.ref("base.fr").ids)],
                },
            ]
        )
        orders = self._orders(3)
        orders[0].action_confirm()
        orders[1].action_confirm()
        self._deliver(orders[1])
        bulk = self._run(self._bulk("carrier", orders, carrier_id=carrier.id))
        self.assertEqual(orders[0].picking_ids.carrier_id, carrier)
        self.assertEqual(orders[2].carrier_id, carrier)
        self.assertEqual(orders[2].amount_total, 200000)
        self.assertIn("have left", self._why(bulk)[orders[1].id])
        bulk = self._run(self._bulk("carrier", orders[2], carrier_id=far.id))
        self.assertIn("France only", self._why(bulk)[orders[2].id])
        with self.assertRaises(UserError):
            self._bulk("carrier", orders[2])

    def test_warehouse_of_confirmed_orders(self):
        other = self.env["stock.warehouse"].create({"name": "Hà Nội", "code": "HN"})
        for product in self.tea | self.cup:
            self.env["stock.quant"]._update_available_quantity(
                product, other.lot_stock_id, 2
            )
        orders = self._orders(3)
        orders[:2].action_confirm()
        orders[1].gtg_packed_at = "2026-01-01"
        bulk = self._run(self._bulk("warehouse", orders, warehouse_id=other.id))
        self.assertEqual(self._why(bulk), {orders[1].id: "It is being packed already."})
        moved = orders[0]
        self.assertEqual(moved.warehouse_id, other)
        live = moved.picking_ids.filtered(lambda p: p.state != "cancel")
        self.assertEqual(live.picking_type_id.warehouse_id, other)
        self.assertEqual(live.location_id, other.lot_stock_id)
        self.assertEqual(sum(live.move_ids.mapped("product_uom_qty")), 2)
        self.assertEqual(moved.gtg_goods, "allocated")
        free = self.tea.with_context(warehouse_id=self.warehouse.id).free_qty
        self.assertEqual(free, 999, "the old warehouse got its tea back")

    def test_one_batch_for_all_chunks(self):
        orders = self._orders(4)
        orders[:3].action_confirm()
        orders[2]._gtg_hold("address")
        bulk = self._bulk("batch", orders)
        bulk._gtg_sort_and_do(bulk.line_ids[:1])
        self._run(bulk)
        batch = bulk.batch_ids
        self.assertEqual(len(batch), 1)
        self.assertEqual(batch.picking_ids, orders[:2].picking_ids)
        self.assertEqual(batch.state, "in_progress")
        self.assertEqual(set(self._why(bulk)), {orders[2].id, orders[3].id})
        again = self._run(self._bulk("batch", orders[0]))
        self.assertIn(batch.name, again.line_ids.message)

    def test_print_those_that_may(self):
        orders = self._orders(3)
        orders.action_confirm()
        orders[1]._gtg_hold("total_mismatch", note="12,000 missing")
        bulk = self._run(self._bulk("print", orders))
        self.assertIn("12,000 missing", self._why(bulk)[orders[1].id])
        good = orders - orders[1]
        self.assertEqual(set(good.mapped("gtg_goods")), {"to_pack"})
        self.assertEqual(bulk.papers, "slips", "no carrier gives labels here")
        papers = bulk.action_follow_up()
        self.assertEqual(
            sorted(papers["context"]["active_ids"]), sorted(good.picking_ids.ids)
        )

    def test_who_may(self):
        orders = self._orders(1)
        portal = self._user("bulk-portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self._bulk("confirm", orders, user=portal)
        seller = self._user("bulk-seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self._bulk("confirm", orders, user=seller)
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("bulk-stranger", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        bulk = self._bulk("confirm", orders)
        with self.assertRaises(AccessError):
            bulk.with_user(stranger).action_chunk()
        self.assertFalse(
            self.env["gtg.order.bulk.line"]
            .with_user(stranger)
            .search([("bulk_id", "=", bulk.id)])
        )
        self.assertEqual(orders.state, "draft")

    def test_hostile_message_stays_text(self):
        order = self._orders()
        order._gtg_hold("manual", note="<script>alert(1)</script>")
        bulk = self._run(self._bulk("confirm", order))
        self.assertIn("<script>", self._why(bulk)[order.id])

    def test_little_more_than_the_bare_confirm(self):
        """The frame around one chunk costs a constant number of statements."""

        def count(number):
            orders = self._orders(number)
            bulk = self._bulk("confirm", orders)
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._run(bulk)
            self.env.cr.flush()
            framed = self.env.cr.sql_log_count - before
            bare = self._orders(number).with_user(self.staff)
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            bare.action_confirm()
            self.env.cr.flush()
            return framed - (self.env.cr.sql_log_count - before)

        count(3)
        self.assertLessEqual(count(20), count(5) + 5)
