from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestHolds(OrderFlowCase):
    def setUp(self):
        super().setUp()
        self._stock(10)
        self.order = self._orders()

    def test_ends_by_its_button_alone(self):
        hold = self.order._gtg_hold("address").with_user(self.staff)
        for name, value in (("state", "released"), ("finding", "x"), ("cause", 7)):
            with self.assertRaisesRegex(AccessError, "buttons only"):
                hold.write({name: value})
        for name, record in (
            ("reason_id", self.env["gtg.hold.reason"].search([], limit=1)),
            ("order_id", self._orders()),
        ):
            with self.assertRaisesRegex(AccessError, "cannot be changed any more"):
                hold.write({name: record.id})
        hold.write({"note": "asked", "deadline": fields.Datetime.now()})
        hold.action_release()
        self.assertEqual((hold.state, hold.released_by_id), ("released", self.staff))

    def _put(self, code, order=None):
        """A person puts the hold, from the form."""
        wizard = self.env["gtg.order.hold.wizard"].with_user(self.staff).create(
            {
                "order_ids": (order or self.order).ids,
                "reason_id": self.env.ref(f"gtg_order_flow.hold_reason_{code}").id,
            }
        )
        wizard.action_hold()
        return (order or self.order).gtg_open_hold_ids

    def test_ends_when_the_money_arrives_whoever_put_it(self):
        hold, by_hand = self._put("unpaid"), self._orders()
        stays = self._put("manual", by_hand)
        self.assertEqual((hold.ends, stays.ends), ("itself", "person"))
        (self.order | by_hand).write({"gtg_is_cod": False})
        self.assertEqual(hold.state, "open")
        (self.order | by_hand).write({"gtg_paid_at": fields.Datetime.now()})
        self.assertEqual((hold.state, stays.state), ("released", "open"))

    def test_paid_already_is_a_persons_doubt(self):
        self.order.gtg_paid_at = fields.Datetime.now()
        hold = self._put("unpaid")
        self.order.gtg_buyer_note = "hello"
        self.assertEqual(hold.state, "open", "nothing has changed")

    def test_ends_when_address_and_phone_are_corrected(self):
        self.buyer.write(
            {
                "street": "12 Lý Tự Trọng",
                "street2": "Bến Thành",
                "city": "TP.HCM",
                "country_id": self.env.ref("base.vn").id,
            }
        )
        address = self._put("address")
        phone = self._put("phone") - address
        self.buyer.email = "other@example.com"
        self.assertEqual((address.state, phone.state), ("open", "open"))
        self.buyer.write({"name": "Bà Hai", "phone": "0912"})
        self.assertEqual(address.state, "open", "it still goes to the same door")
        self.buyer.street = "x"
        self.assertEqual(address.state, "open", "corrected into something worse")
        self.buyer.street = "14 Lý Tự Trọng"
        self.assertEqual((address.state, phone.state), ("released", "open"))
        self.buyer.phone = "12"
        self.assertEqual(phone.state, "open")
        self.buyer.phone = "0987654321"
        self.assertEqual(phone.state, "released")

    def test_ends_when_stock_is_there(self):
        order = self._orders()
        order.order_line.product_uom_qty = 50
        order.action_confirm()
        hold = self._put("stock", order)
        self.assertEqual((order.gtg_goods, hold.state), ("waiting", "open"))
        self._stock(100)
        order.action_gtg_allocate()
        self.assertEqual((order.gtg_goods, hold.state), ("allocated", "released"))

    def test_reason_without_a_visible_cause_says_so(self):
        self.assertEqual(self._put("duplicate").ends, "person")

    def test_ship_is_refused_with_the_reason(self):
        self.order.action_confirm()
        self.order._gtg_hold("address", note="No ward given")
        self.assertEqual(self.order.gtg_info, "on_hold")
        picking = self.order.picking_ids
        picking.move_ids.picked = True
        with self.assertRaisesRegex(UserError, r"Unclear address.*No ward given"):
            picking.button_validate()
        with self.assertRaisesRegex(UserError, "on hold"):
            picking._action_done()
        self.assertEqual(picking.state, "assigned")
        self.order._gtg_release("address")
        self.assertEqual(self.order.gtg_info, "approved")
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_batch_with_one_held_order_ships_nothing(self):
        other = self._orders()
        (self.order | other).action_confirm()
        self.order._gtg_hold("manual")
        pickings = (self.order | other).picking_ids
        pickings.move_ids.picked = True
        with self.assertRaises(UserError):
            pickings.button_validate()
        self.assertEqual(set(pickings.mapped("state")), {"assigned"})

    def test_reservation_is_kept_from_it_and_comes_back(self):
        self.order._gtg_hold("duplicate")
        self.order.action_confirm()
        self.assertEqual(self.order.gtg_goods, "waiting")
        self.assertFalse(self.order.picking_ids.move_line_ids)
        self.order.picking_ids.action_assign()
        self.assertFalse(self.order.picking_ids.move_line_ids)
        with self.assertRaisesRegex(UserError, "Possible duplicate"):
            self.order.action_gtg_allocate()
        self.order._gtg_release("duplicate")
        self.assertEqual(self.order.gtg_goods, "allocated")

    def test_hold_frees_what_was_reserved(self):
        self.order.action_confirm()
        self.assertEqual(self.order.gtg_goods, "allocated")
        self.order._gtg_hold("duplicate")
        self.assertEqual(self.order.gtg_goods, "waiting")
        free = self.tea.with_context(warehouse_id=self.warehouse.id).free_qty
        self.assertEqual(free, 10)

    def test_others_are_reserved_beside_a_held_one(self):
        other = self._orders()
        self.order._gtg_hold("duplicate")
        (self.order | other).action_confirm()
        self.assertEqual(other.gtg_goods, "allocated")

    def test_print_is_refused(self):
        self.order.action_confirm()
        self.order._gtg_hold("total_mismatch")
        with self.assertRaisesRegex(UserError, "Not printed"):
            self.order.picking_ids.do_print_picking()
        with self.assertRaisesRegex(UserError, "Not printed"):
            self.env["ir.actions.report"]._pre_render_qweb_pdf(
                "stock.report_deliveryslip", self.order.picking_ids.ids
            )

    def test_same_reason_twice_is_one_hold(self):
        first = self.order._gtg_hold("stock", note="2 cups missing")
        messages = len(self.order.message_ids)
        again = self.order._gtg_hold("stock", note="2 cups missing")
        self.assertEqual(first, again)
        self.assertEqual(len(self.order.message_ids), messages)
        self.order._gtg_hold("stock", note="1 cup missing")
        self.assertEqual(first.note, "1 cup missing")
        self.assertEqual(len(self.order.message_ids), messages + 1)

    def test_history_is_kept(self):
        hold = self.order._gtg_hold("manual", note="ask Minh")
        self.assertIn("ask Minh", self.order.message_ids[0].body)
        hold.with_user(self.staff).action_release()
        self.assertEqual(hold.released_by_id, self.staff)
        self.assertIn("Released", self.order.message_ids[0].body)
        second = self.order._gtg_hold("manual")
        self.assertNotEqual(hold, second)
        self.assertEqual(self.order.gtg_hold_ids, hold | second)

    def test_two_reasons_end_one_by_one(self):
        self.order.action_confirm()
        self.order._gtg_hold("address")
        self.order._gtg_hold("unpaid")
        self.order._gtg_release("address")
        self.assertEqual(self.order.gtg_info, "on_hold")
        self.order._gtg_release("unpaid")
        self.assertEqual(self.order.gtg_info, "approved")

    def test_cancel_ends_holds(self):
        hold = self.order._gtg_hold("manual")
        self.order._action_cancel()
        self.assertEqual(hold.state, "released")

    def test_unknown_reason_is_a_programming_error(self):
        with self.assertRaises(ValueError):
            self.order._gtg_hold("no_such_reason")

    def test_hostile_text_stays_text(self):
        self.order._gtg_hold("manual", note="<img src=x onerror=alert(1)>")
        self.assertNotIn("<img", self.order.message_ids[0].body)

    def test_statements_do_not_grow_with_the_orders(self):
        def count(orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders._gtg_hold("stock", note="cups")
            self.env.flush_all()
            orders.action_gtg_release()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        orders = self._orders(60)
        count(orders[:3])  # warm up what is cached per registry
        self.assertLessEqual(count(orders), count(orders[:10]) + 2)
        self.assertEqual(set(orders.mapped("gtg_info")), {"to_review"})
        self.assertEqual(set(orders.gtg_hold_ids.mapped("state")), {"released"})

    def test_wizard_holds_the_selected(self):
        orders = self._orders(3)
        action = orders.action_gtg_hold()
        wizard = (
            self.env["gtg.order.hold.wizard"]
            .with_user(self.staff)
            .with_context(**action["context"])
            .create({"note": "strange prices"})
        )
        self.assertEqual(wizard.order_ids, orders)
        wizard.action_hold()
        self.assertEqual(set(orders.mapped("gtg_info")), {"on_hold"})

    def _task(self, order, text):
        return self.env["gtg.connector.task"].create(
            {
                "account_model": "res.company",
                "account_id": self.env.company.id,
                "operation": "create_waybill",
                "res_model": "sale.order",
                "res_id": order.id,
                "generation": self.env["gtg.connector.task"].search_count([]),
                "state": "failed",
                "error_text": text,
                "error_hint": "Choose another ward.",
            }
        )

    def test_refused_exchange_is_retried_from_the_hold(self):
        task = self._task(self.order, "to_ward_code is not valid")
        hold = self.order._gtg_hold("provider", task=task).with_user(self.staff)
        self.assertEqual(hold.provider_text, "to_ward_code is not valid")
        self.assertEqual(hold.what_to_do, "Choose another ward.")
        self.assertTrue(hold.can_retry)
        hold.action_retry()
        self.assertEqual(task.state, "queued")
        self.assertFalse(hold.can_retry)
        task.write({"state": "failed", "error_text": "weight is too high"})
        again = self.order._gtg_hold("provider", task=task)
        self.assertEqual(again, hold)
        self.assertEqual(hold.provider_text, "weight is too high")

    def test_two_refused_exchanges_end_one_by_one(self):
        first = self._task(self.order, "ward")
        second = self._task(self.order, "tax code")
        self.order._gtg_hold("provider", task=first)
        self.order._gtg_hold("provider", task=second)
        self.order._gtg_release("provider", first)
        self.assertEqual(self.order.gtg_open_hold_ids.task_id, second)
        (first | second).unlink()
        self.assertEqual(self.order.gtg_info, "on_hold")
        self.order._gtg_release("provider")
        self.assertEqual(self.order.gtg_info, "to_review")
