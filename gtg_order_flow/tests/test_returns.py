from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .return_cases import ReturnCase


@tagged("post_install", "-at_install")
class TestReturns(ReturnCase):
    def test_whole_order_comes_back_good(self):
        order = self._delivered()
        self.assertEqual(order.gtg_stage, "completed")
        before = self._on_hand(self.tea)
        one = self._ask(order)
        self.assertTrue(one.name.startswith("RET"))
        self.assertEqual(one.amount, order.amount_total)
        one.action_accept()
        self.assertEqual(one.state, "accepted")
        self.assertEqual(one.picking_count, 1)
        self.assertEqual(order.gtg_goods, "returning")
        one.action_all_good()
        one.action_receive()
        self.assertEqual((one.state, one.refund_state), ("received", "due"))
        self.assertEqual(self._on_hand(self.tea), before + 2)
        self.assertEqual(self._axes(order)[:2], ("refunding", "returned"))
        self._money_back_by_hand(one)
        self.assertEqual((one.state, one.refund_state), ("closed", "done"))
        self.assertEqual(order.gtg_money, "refunded")
        self.assertEqual(order.gtg_stage, "cancelled")
        subjects = self.env["mail.mail"].search(
            [("model", "=", "gtg.order.return"), ("res_id", "=", one.id)]
        )
        self.assertEqual(len(subjects), 3)
        self.assertEqual(subjects.recipient_ids, self.buyer)

    def test_damaged_aside_missing_not_paid(self):
        order = self._delivered(3)
        good_before = self._on_hand(self.tea)
        one = self._ask(order, products=self.tea)
        one.action_accept()
        self.assertEqual(order.gtg_goods, "delivered", "the cups stay with the buyer")
        one.line_ids.write({"good": 1, "damaged": 1})
        with self.assertRaisesRegex(UserError, "what is damaged"):
            one.action_receive()
        one.line_ids.damage_note = "lid broken"
        one.action_receive()
        self.assertEqual(one.line_ids.missing, 1)
        self.assertEqual(self._on_hand(self.tea), good_before + 1)
        aside = self.warehouse.gtg_damage_location_id
        self.assertEqual(
            self.env["stock.quant"]._get_available_quantity(self.tea, aside), 1
        )
        self.assertEqual(
            self.tea.with_context(warehouse_id=self.warehouse.id).free_qty,
            good_before + 1,
            "damaged goods are not for sale",
        )
        self.assertEqual(one.amount, 300000)
        self.assertEqual(order.gtg_money, "refunding")
        self.assertEqual(order.gtg_next_action, "refund")
        action = order.action_gtg_next()
        self.assertEqual(action["res_id"], one.id)
        self.assertFalse(order.gtg_refunded_at)
        self._money_back_by_hand(one)
        self.assertEqual(order.gtg_money, "paid", "only a part was given back")
        self.assertEqual(order.gtg_stage, "completed")

    def test_nothing_came(self):
        order = self._delivered()
        one = self._ask(order)
        one.action_accept()
        one.action_receive()
        self.assertEqual((one.state, one.refund_state), ("closed", "none"))
        self.assertEqual(one.line_ids.mapped("missing"), [2, 2])
        self.assertEqual(one.picking_ids.state, "cancel")
        # the buyer keeps the goods, or the parcel is lost: a person finds out
        self.assertEqual(order.gtg_goods, "delivered")
        self.assertEqual(len(one.activity_ids), 1)
        one.action_lost()
        self.assertEqual(order.gtg_goods, "lost")
        self.assertFalse(one.activity_ids)

    def test_a_part_that_did_not_come_is_no_lost_order(self):
        order = self._delivered()
        one = self._ask(order, products=self.tea)
        one.action_accept()
        one.action_receive()
        self.assertFalse(one.may_be_lost or one.activity_ids)
        one.action_lost()
        self.assertEqual(order.gtg_goods, "delivered")

    def test_the_only_product_comes_back_in_part(self):
        line = {"product_id": self.tea.id}
        order = self._delivered(3, order_line=[Command.create(line)])
        one = self._ask(order)
        one.action_accept()
        one.line_ids.good = 2
        one.action_receive()
        self.assertEqual((one.amount, one.line_ids.missing), (300000, 1))
        self.assertEqual(order.gtg_goods, "delivered", "the buyer has one")
        self._money_back_by_hand(one)
        self.assertEqual(order.gtg_money, "paid", "only a part was given back")
        late = self._ask(order)
        late.action_accept()
        late.action_all_good()
        late.action_receive()
        self.assertEqual((late.amount, late.refund_state), (150000, "due"))
        self.assertEqual(order.gtg_goods, "returned")

    def test_warehouse_validates_the_transfer(self):
        order = self._delivered()
        one = self._ask(order, products=self.cup)
        one.action_accept()
        worker = self._user("warehouse", "stock.group_stock_user")
        picking = one.picking_ids
        picking.move_ids.picked = True
        picking.with_user(worker).button_validate()
        self.assertEqual(one.state, "received")
        self.assertEqual(one.line_ids.good, 2)

    def test_more_comes_than_was_announced(self):
        order = self._delivered(3)
        before = self._on_hand(self.tea)
        one = self._ask(order, quantity=1, products=self.tea, user_id=self.staff.id)
        one.action_accept()
        receipt = one.sudo().picking_ids
        receipt.move_ids.quantity = 3
        self.env["stock.move"].create(
            {
                "product_id": self.cup.id,
                "product_uom_qty": 1,
                "quantity": 1,
                "picking_id": receipt.id,
                "location_id": receipt.location_id.id,
                "location_dest_id": receipt.location_dest_id.id,
            }
        )
        receipt.move_ids.picked = True
        receipt.button_validate()
        self.assertEqual(receipt.state, "done")
        self.assertEqual(self._on_hand(self.tea), before + 3, "it lies there")
        line = one.line_ids
        self.assertEqual((line.good, line.surplus, line.missing), (1, 2, 0))
        self.assertEqual(one.state, "received")
        self.assertEqual(one.amount, 150000, "one was agreed")
        asked = one.activity_ids.filtered(lambda act: "More came" in act.summary)
        self.assertEqual(asked.user_id, self.staff)
        self.assertIn("2 × [TEA]", asked.summary)
        self.assertIn("1 × [CUP]", asked.summary)

    def test_marketplace_gives_the_money_back(self):
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Some shop", "kind": "marketplace", "code": "someshop"}
        )
        order = self._delivered(gtg_channel_id=shop.id)
        bill = order._create_invoices()
        bill.action_post()
        one = self._ask(order)
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        self.assertEqual((one.state, one.refund_state), ("closed", "none"))
        self.assertIn("marketplace gives the money back", one.refund_text)
        self.assertEqual(one.sudo().credit_note_ids.amount_total, bill.amount_total)
        self.assertEqual(order.gtg_money, "refunded")
        self.assertFalse(order.gtg_next_action)
        self.assertFalse(
            self.env["mail.mail"].search(
                [("model", "=", "gtg.order.return"), ("res_id", "=", one.id)]
            )
        )

    def test_a_part_of_a_marketplace_order(self):
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Some shop", "kind": "marketplace", "code": "someshop"}
        )
        order = self._delivered(gtg_channel_id=shop.id)
        one = self._ask(order, quantity=1, products=self.tea)
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        self.assertEqual((one.state, one.refund_state), ("closed", "none"))
        self.assertEqual(order.gtg_money, "paid")
        self.assertEqual(order.gtg_stage, "completed")

    def test_states_are_written_by_the_buttons_only(self):
        order = self._delivered()
        one = self._ask(order)
        for vals in (
            {"state": "received"},
            {"refund_state": "done"},
            {"taken_off": 1},
            {"deadline": False},
            {"answer": "Yes", "answered_at": fields.Datetime.now()},
            {"replacement_id": order.id},
        ):
            with self.assertRaisesRegex(AccessError, "buttons only"):
                one.write(vals)
            with self.assertRaisesRegex(AccessError, "buttons only"):
                self._ask(self._delivered(), **vals)
        one.action_accept()
        self.assertEqual(one.answered_by_id, self.staff)
        one.action_all_good()
        one.action_receive()
        with self.assertRaisesRegex(UserError, "booked already"):
            one.line_ids[0].write({"good": 0})
        asked = (
            self.env["gtg.cancel.request"]
            .with_user(self.staff)
            .create({"order_id": self._orders().id})
        )
        with self.assertRaisesRegex(AccessError, "buttons only"):
            asked.write({"state": "accepted"})
        with self.assertRaisesRegex(AccessError, "buttons only"):
            asked.create({"order_id": self._orders().id, "by_buyer": True})

    def test_transfer_cancelled_is_a_withdrawn_return(self):
        order = self._delivered()
        one = self._ask(order)
        one.action_accept()
        one.picking_ids.action_cancel()
        self.assertEqual(one.state, "cancelled")
        self.assertEqual(order.gtg_goods, "delivered")
        self.assertTrue(self._ask(order))

    def test_withdrawn(self):
        order = self._delivered()
        one = self._ask(order)
        one.action_accept()
        one.action_withdraw()
        self.assertEqual(one.state, "cancelled")
        self.assertEqual(one.picking_ids.state, "cancel")
        self.assertEqual(order.gtg_stage, "completed")

    def test_never_more_than_the_buyer_has(self):
        order = self._delivered(2)
        self._ask(order, quantity=1)
        with (
            self.assertRaisesRegex(ValidationError, "1 can still be returned"),
            self.cr.savepoint(),
        ):
            self._ask(order, quantity=2)
        second = self._ask(order, quantity=1)
        second.action_accept()
        second.action_all_good()
        second.action_receive()
        self._money_back_by_hand(second)
        with self.assertRaises(ValidationError):
            self._ask(order, quantity=1)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self._ask(self._delivered(), quantity=-1)
        other, strange = self._delivered(), self._delivered()
        with (
            self.assertRaisesRegex(ValidationError, "another order"),
            self.cr.savepoint(),
        ):
            self._ask(
                other,
                line_ids=[
                    Command.create({"order_line_id": strange.order_line[0].id})
                ],
            )
        with self.assertRaises(UserError):
            self._ask(other, line_ids=[])

    def test_refused_needs_a_word_and_frees_the_goods(self):
        order = self._delivered()
        one = self._ask(order)
        with self.assertRaisesRegex(UserError, "Our Answer"):
            one.action_refuse()
        one.answer = "Worn clothes <script>alert(1)</script>"
        one.action_refuse()
        mail = self.env["mail.mail"].search(
            [("model", "=", "gtg.order.return"), ("res_id", "=", one.id)]
        )
        self.assertIn("Worn clothes", mail.body_html)
        self.assertNotIn("<script>", mail.body_html)
        one.action_accept()
        self.assertEqual(one.state, "refused", "an answer is final")
        self.assertFalse(one.picking_ids)
        self.assertTrue(self._ask(order))

    def test_answer_has_a_deadline_and_an_owner(self):
        self.phone.write({"answer_hours": 5, "request_user_id": self.staff.id})
        one = self._ask(self._delivered())
        late = one.deadline - fields.Datetime.now()
        self.assertLess(abs(late - timedelta(hours=5)), timedelta(minutes=1))
        self.assertEqual(one.activity_ids.user_id, self.staff)
        one.action_accept()
        self.assertFalse(one.activity_ids)

    def test_pressed_twice(self):
        order = self._delivered()
        one = self._ask(order)
        one.action_accept()
        one.action_accept()
        self.assertEqual(len(one.picking_ids), 1)
        one.action_all_good()
        one.action_receive()
        one.action_receive()
        self.assertEqual(order.order_line.mapped("qty_delivered"), [0, 0])

    def test_several_deliveries(self):
        order = self._orders()
        order.order_line.product_uom_qty = 5
        order.action_confirm()
        picking = order.picking_ids
        for move in picking.move_ids:
            move.write({"quantity": 2, "picked": True})
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_create_backorder=[]
        ).button_validate()
        self._deliver(order)
        self.assertEqual(order.order_line.mapped("qty_delivered"), [5, 5])
        one = self._ask(order, quantity=4)
        one.action_accept()
        self.assertEqual(len(one.picking_ids), 2)
        one.line_ids[0].write({"good": 3, "damaged": 1, "damage_note": "wet"})
        one.line_ids[1].write({"good": 4})
        one.action_receive()
        self.assertEqual(one.line_ids.mapped("good"), [3, 4])
        self.assertEqual(one.line_ids.mapped("damaged"), [1, 0])
        self.assertEqual(order.order_line.mapped("qty_delivered"), [1, 1])

    def test_form_offers_what_the_buyer_has(self):
        order = self._delivered(3)
        action = order.with_user(self.staff).action_gtg_return()
        form = Form(
            self.env["gtg.order.return"]
            .with_user(self.staff)
            .with_context(**action["context"])
        )
        form.reason_id = self.reason
        one = form.save()
        self.assertEqual(one.line_ids.mapped("quantity"), [3, 3])
        self.assertEqual(order.gtg_request_count, 1)

    def test_access(self):
        order = self._delivered()
        one = self._ask(order)
        worker = self._user("warehouse", "stock.group_stock_user")
        with self.assertRaises(AccessError):
            one.with_user(worker).action_accept()
        portal = self._user("portal-lan", "base.group_portal")
        with self.assertRaises(AccessError):
            self.env["gtg.order.return"].with_user(portal).search([])
        company = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("stranger", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self.assertNotIn(one, one.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            one.with_user(stranger).action_accept()

    def test_staff_without_other_rights_goes_the_whole_way(self):
        order = self._delivered()
        one = self._ask(order, user=self.staff)
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        one.action_refund()
        one.action_refund_done()
        self.assertEqual(one.state, "closed")
