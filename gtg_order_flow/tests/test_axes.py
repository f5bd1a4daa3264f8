from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import file_path
from odoo.tools.safe_eval import safe_eval

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestAxes(OrderFlowCase):
    def test_phone_order_with_cod_from_entry_to_money_in(self):
        self._stock(10)
        order = self._orders(gtg_is_cod=True)
        self.assertEqual(order.gtg_channel_id, self.phone)
        self.assertEqual(order.gtg_cod_amount, 200000)
        self.assertEqual(self._axes(order), ("cod", "waiting", "to_review", "new"))
        self.assertEqual(order.gtg_classic_state, "unconfirmed_unpaid")
        self.assertEqual(order.gtg_next_action, "confirm")

        order.action_gtg_next()
        self.assertEqual(
            self._axes(order), ("cod", "allocated", "approved", "processing")
        )
        self.assertEqual(order.gtg_substage, "to_print")
        self.assertEqual(order.picking_ids.gtg_cod_amount, 200000)
        self.assertEqual(order.gtg_classic_state, "paid_unprocessed")
        self.env.invalidate_all()
        self.assertEqual(order.gtg_next_action, "ship")

        now = fields.Datetime.now()
        order.gtg_label_ready_at = now
        self.assertEqual(order.gtg_goods, "to_print")
        order.gtg_label_printed_at = now
        self.assertEqual(order.gtg_goods, "to_pack")
        self.assertEqual(order.gtg_classic_state, "processed")
        order.gtg_packed_at = now
        self.assertEqual((order.gtg_goods, order.gtg_substage), ("to_ship", "to_ship"))

        self._deliver(order)
        self.assertTrue(order.gtg_shipped_at)
        self.assertEqual(
            (order.gtg_goods, order.gtg_substage), ("shipped", "in_transit")
        )
        self.assertEqual(order.gtg_classic_state, "processed_shipped")
        self.env.invalidate_all()
        self.assertEqual(order.gtg_next_action, "delivered")
        order.action_gtg_next()
        self.assertEqual(
            self._axes(order), ("cod", "delivered", "approved", "processing")
        )
        self.assertEqual(order.gtg_substage, "to_collect")
        self.env.invalidate_all()
        self.assertEqual(order.gtg_next_action, "cod_in")
        order.action_gtg_next()
        self.assertEqual(
            self._axes(order), ("paid", "delivered", "approved", "completed")
        )
        self.assertTrue(order.gtg_completed_at)
        self.env.invalidate_all()
        self.assertFalse(order.gtg_next_action)

    def test_no_stock_then_stock(self):
        self._stock(10, self.tea)
        order = self._orders()
        order.action_confirm()
        self.assertEqual(
            (order.gtg_goods, order.gtg_substage), ("waiting", "to_allocate")
        )
        order.gtg_paid_at = fields.Datetime.now()
        self.env.invalidate_all()
        self.assertEqual(order.gtg_next_action, "allocate")
        answer = order.action_gtg_next()
        self.assertIn("Clay cup", answer["params"]["message"])
        self._stock(10, self.cup)
        self.assertIs(order.action_gtg_next(), True)
        self.assertEqual(order.gtg_goods, "allocated")

    def test_partly_reserved_is_waiting(self):
        self._stock(1)
        order = self._orders()
        order.order_line.product_uom_qty = 2
        order.action_confirm()
        self.assertEqual(order.gtg_goods, "waiting")

    def test_backorder_is_not_shipped(self):
        self._stock(10)
        order = self._orders()
        order.order_line.product_uom_qty = 2
        order.action_confirm()
        picking = order.picking_ids
        for move in picking.move_ids:
            move.write({"quantity": 1, "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(len(order.picking_ids), 2)
        self.assertFalse(order.gtg_shipped_at)
        self.assertEqual(order.gtg_stage, "processing")
        self.assertEqual(sorted(order.picking_ids.mapped("gtg_cod_amount")), [0, 0])
        self._deliver(order)
        self.assertEqual(order.gtg_goods, "shipped")

    def test_three_step_delivery(self):
        self.warehouse.delivery_steps = "pick_pack_ship"
        self._stock(10)
        order = self._orders()
        order.action_confirm()
        self.assertEqual(order.gtg_goods, "allocated")
        for __ in range(3):
            self.assertFalse(order.gtg_shipped_at)
            self._deliver_ready(order)
        self.assertEqual(order.gtg_goods, "shipped")

    def _deliver_ready(self, order):
        ready = order.picking_ids.filtered(lambda p: p.state == "assigned")
        self.assertTrue(ready)
        ready.move_ids.picked = True
        ready.button_validate()

    def test_cancelled_paid_order_owes_money(self):
        order = self._orders()
        order.action_confirm()
        order.gtg_paid_at = fields.Datetime.now()
        order._action_cancel()
        self.assertEqual((order.gtg_money, order.gtg_stage), ("refunding", "cancelled"))
        self.assertEqual(order.gtg_classic_state, "refunding")
        self.env.invalidate_all()
        self.assertEqual(order.gtg_next_action, "refund")
        self.assertEqual(order.action_gtg_next()["res_model"], "gtg.cancel.request")
        order.gtg_cancel_request_ids.action_refund_done()
        self.assertEqual(order.gtg_money, "refunded")

    def test_returned_cod_order_ends_cancelled(self):
        self._stock(10)
        order = self._orders(gtg_is_cod=True)
        order.action_confirm()
        self._deliver(order)
        order.gtg_return_state = "returning"
        self.assertEqual(
            (order.gtg_goods, order.gtg_stage), ("returning", "processing")
        )
        order.gtg_return_state = "returned"
        self.assertEqual((order.gtg_money, order.gtg_stage), ("cod", "cancelled"))

    def test_returned_paid_order_owes_money(self):
        now = fields.Datetime.now()
        order = self._orders()
        order.action_confirm()
        order.write({"gtg_paid_at": now, "gtg_delivered_at": now})
        self.assertEqual(order.gtg_stage, "completed")
        order.gtg_return_state = "returned"
        self.assertEqual(
            (order.gtg_money, order.gtg_stage), ("refunding", "processing")
        )
        order.gtg_refunded_at = now
        self.assertEqual(order.gtg_stage, "cancelled")

    def test_free_order_needs_no_money(self):
        order = self._orders()
        order.order_line.price_unit = 0
        order.action_confirm()
        self.assertEqual(order.gtg_money, "paid")

    def test_service_order_has_a_next_step_to_the_end(self):
        self.tea.type = self.cup.type = "service"
        order = self._orders()
        order.action_confirm()
        steps = []
        for __ in range(3):
            self.env.invalidate_all()
            steps.append(order.gtg_next_action)
            order.action_gtg_next()
        self.assertEqual(steps, ["payment", "delivered", ""])
        self.assertEqual(order.gtg_stage, "completed")

    def test_classic_states_are_found(self):
        order = self._orders()
        found = self.env["sale.order"].search(
            [("gtg_classic_state", "=", "unconfirmed_unpaid")]
        )
        self.assertIn(order, found)
        order.action_confirm()
        found = self.env["sale.order"].search(
            [("gtg_classic_state", "=", "confirmed_unpaid")]
        )
        self.assertIn(order, found)

    def test_filters_of_the_board_find_what_they_say(self):
        now = fields.Datetime.now()
        late, today, tomorrow = orders = self._orders(3)
        late.gtg_ship_by = now - timedelta(days=1)
        today.gtg_ship_by = now
        tomorrow.gtg_ship_by = now + timedelta(days=2)
        late._gtg_hold("address")
        tomorrow.gtg_is_cod = True
        arch = etree.fromstring(
            self.env["sale.order"].get_view(
                self.env.ref("gtg_order_flow.view_order_board_search").id, "search"
            )["arch"]
        )
        found = {}
        for node in arch.iter("filter"):
            if node.get("domain"):
                domain = safe_eval(node.get("domain"), {"uid": self.env.uid})
                found[node.get("name")] = self.env["sale.order"].search(domain) & orders
        self.assertEqual(found["ship_late"] - today, late)
        self.assertEqual(found["ship_today"], late | today)
        self.assertEqual(found["on_hold"], late)
        self.assertEqual(found["to_review"], today | tomorrow)
        self.assertEqual(found["cod"], tomorrow)
        self.assertEqual(found["classic_unconfirmed_unpaid"], orders)
        self.assertFalse(found["classic_refunded"])

    def test_recompute_takes_a_constant_number_of_statements(self):
        self._stock(1000)
        orders = self._orders(100)
        orders.action_confirm()
        few = self._count_recompute(orders[:10])
        many = self._count_recompute(orders)
        self.assertEqual(few, many)

    def _count_recompute(self, orders):
        axes = ["gtg_money", "gtg_goods", "gtg_info", "gtg_stage"]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET gtg_money = NULL, gtg_goods = NULL,"
            " gtg_stage = NULL, gtg_info = NULL WHERE id IN %s",
            [tuple(orders.ids)],
        )
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        for name in axes:
            self.env.add_to_compute(orders._fields[name], orders)
        orders.flush_recordset()
        count = self.env.cr.sql_log_count - before
        self.env.invalidate_all()
        self.assertEqual(set(orders.mapped("gtg_goods")), {"allocated"})
        self.assertEqual(set(orders.mapped("gtg_stage")), {"processing"})
        return count

    def test_board_reads_a_constant_number_of_statements(self):
        self._stock(1000)
        orders = self._orders(60)
        orders.action_confirm()

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.read(["name", "gtg_goods", "gtg_channel_id", "gtg_next_action_label"])
            return self.env.cr.sql_log_count - before

        count(orders[:5])  # warm up what is cached per registry
        self.assertEqual(count(orders[:10]), count(orders))

    def test_upgrade_says_since_when_orders_are_in_their_step(self):
        order, new = self._orders(), self._orders()
        order.action_confirm()
        order.gtg_packed_at = order.date_order + timedelta(hours=2)
        started = new.gtg_step_at
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET gtg_step_at = NULL WHERE id = %s", [order.id]
        )
        self.env.invalidate_all()
        path = file_path("gtg_order_flow/migrations/19.0.1.1.0/post-steps.py")
        load_script(path, "post-steps").migrate(self.env.cr, "19.0.1.0.0")
        self.assertEqual(order.gtg_step_at, order.gtg_packed_at)
        self.assertEqual(new.gtg_step_at, started, "known already")
