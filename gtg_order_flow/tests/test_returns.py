from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import OrderFlowCase


class ReturnCase(OrderFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("gtg_order_flow.return_reason_size")

    def setUp(self):
        super().setUp()
        self._stock(100)

    def _delivered(self, quantity=2, paid=True, **vals):
        order = self._orders(**vals)
        order.order_line.product_uom_qty = quantity
        order.action_confirm()
        self._deliver(order)
        now = fields.Datetime.now()
        order.write({"gtg_delivered_at": now, "gtg_paid_at": paid and now})
        return order

    def _ask(self, order, quantity=None, products=None, user=None, **vals):
        lines = order.order_line.filtered(
            lambda ln: not products or ln.product_id in products
        )
        return (
            self.env["gtg.order.return"]
            .with_user(user or self.staff)
            .create(
                {
                    "order_id": order.id,
                    "reason_id": self.reason.id,
                    "line_ids": [
                        Command.create(
                            {
                                "order_line_id": line.id,
                                "quantity": quantity or line.qty_delivered,
                            }
                        )
                        for line in lines
                    ],
                    **vals,
                }
            )
        )

    def _on_hand(self, product):
        return self.env["stock.quant"]._get_available_quantity(
            product, self.warehouse.lot_stock_id
        )

    def _money_back_by_hand(self, one):
        one.action_refund()
        one.action_refund_done()


class RefundCase(ReturnCase):
    """Money that goes back: by a provider, a credit note, a person."""

    def _received(self, order, **kwargs):
        one = self._ask(order, **kwargs)
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        return one

    def _pay(self, move):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()

    def _pay_part(self, move, amount):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"amount": amount})._create_payments()

    def _paid_online(self, order, amount=None):
        provider = self.env["payment.provider"].create(
            {"name": "Provider of the test", "code": "none", "state": "test"}
        )
        method = self.env["payment.method"].create(
            {
                "name": "Card",
                "code": "gtg_card",
                "support_refund": "partial",
                "provider_ids": [Command.set(provider.ids)],
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_method SET support_refund = 'partial' WHERE id = %s",
            [method.id],
        )
        self.patch(
            self.env.registry["payment.provider"],
            "_compute_feature_support_fields",
            lambda providers: providers.update({"support_refund": "partial"}),
        )
        provider.invalidate_recordset()
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": f"{order.name}-{len(order.transaction_ids)}",
                "amount": amount or order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        return tx

    def _wire(self, answer):
        """The provider's answer to a refund, in place of its HTTP call."""
        calls = []

        def send(tx):
            calls.append(tx.amount)
            answer(tx)

        self.patch(self.env.registry["payment.transaction"], "_send_refund_request", send)
        return calls

    def _run_cron(self):
        self.env["gtg.order.return"]._cron_refund()

    def _credit(self, order, quantity=None, pay=True):
        """Accounting credits by itself, and pays at the bank."""
        bill = order.invoice_ids.filtered(lambda m: m.move_type == "out_invoice")
        note = bill._reverse_moves([{"invoice_date": fields.Date.today()}])
        if quantity:
            tea = note.invoice_line_ids.filtered(lambda row: row.product_id == self.tea)
            tea.quantity = quantity
            (note.invoice_line_ids - tea).unlink()
        if pay:
            note.action_post()
            self._pay(note)
        return note


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


@tagged("post_install", "-at_install")
class TestReturnMoney(RefundCase):
    def test_credit_note_over_what_came(self):
        order = self._delivered(3, paid=False)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        self.assertEqual(order.gtg_money, "paid")
        one = self._received(order, products=self.tea, quantity=2)
        one.action_refund()
        one.action_refund()
        note = one.with_user(self.env.user).credit_note_ids
        self.assertEqual(len(note), 1)
        self.assertEqual((note.state, note.move_type), ("draft", "out_refund"))
        self.assertEqual(note.amount_total, 300000)
        self.assertEqual(note.reversed_entry_id, bill)
        self.assertEqual(note.invoice_line_ids.product_id, self.tea)
        self.assertEqual(one.refund_state, "waiting")
        note.action_post()
        self._pay(note)
        self.assertEqual((one.refund_state, one.state), ("done", "closed"))

    def test_provider_is_asked_once_and_outside_of_the_click(self):
        order = self._delivered(2)
        self._paid_online(order)
        calls = self._wire(lambda tx: tx._set_done())
        one = self._received(order, products=self.tea, quantity=1)
        one.action_refund()
        one.action_refund()
        self.assertFalse(calls)
        self.assertEqual(one.refund_state, "queued")
        self._run_cron()
        self._run_cron()
        self.assertEqual(calls, [-150000])
        self.assertEqual((one.refund_state, one.state), ("done", "closed"))
        self.assertEqual(order.gtg_money, "paid")

    def test_provider_answers_later(self):
        order = self._delivered()
        self._paid_online(order)
        self._wire(lambda tx: tx._set_pending())
        one = self._received(order)
        one.action_refund()
        self._run_cron()
        self.assertEqual(one.refund_state, "sending")
        one.sudo().refund_tx_id._set_done()
        self.assertEqual(one.refund_state, "done")
        self.assertEqual(order.gtg_money, "refunded")

    def test_provider_refuses_later(self):
        order = self._delivered()
        self._paid_online(order)
        calls = self._wire(lambda tx: tx._set_pending())
        one = self._received(order)
        one.action_refund()
        self._run_cron()
        one.sudo().refund_tx_id._set_error("Card is closed")
        self.assertEqual(one.refund_state, "failed")
        self.assertIn("Card is closed", one.refund_text)
        one.action_refund_done()
        self.assertEqual(one.state, "closed")
        self.assertEqual(len(calls), 1)

    def test_card_of_a_brand_is_refunded_as_its_method_can(self):
        order = self._delivered()
        self._paid_online(order)
        method = order.transaction_ids.payment_method_id
        brand = method.copy({"code": "gtg_brand", "primary_payment_method_id": method.id})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_method SET support_refund = 'none' WHERE id = %s", [brand.id]
        )
        brand.invalidate_recordset()
        order.transaction_ids.payment_method_id = brand
        calls = self._wire(lambda tx: tx._set_done())
        one = self._received(order)
        one.action_refund()
        self._run_cron()
        self.assertEqual((len(calls), one.refund_state), (1, "done"))

    def _timed_out(self):
        """Core turns a time-out into a ValidationError, and that into an error."""
        order = self._delivered()
        self._paid_online(order)

        def booked_but_lost(tx):
            raise ValidationError(self.env._("Could not establish the connection"))

        calls = self._wire(booked_but_lost)
        one = self._received(order, products=self.tea, quantity=1)
        one.action_refund()
        self._run_cron()
        return one, calls

    def test_time_out_is_no_refusal(self):
        one, calls = self._timed_out()
        self.assertEqual(one.refund_state, "unknown")
        self.assertIn("establish the connection", one.refund_text)
        one.action_refund()
        self._run_cron()
        self.assertEqual(len(calls), 1, "a person looks at the provider first")
        one.action_refund_again()
        one.action_refund()
        self._run_cron()
        self.assertEqual(len(calls), 2)

    def test_webhook_ends_a_time_out(self):
        one, __ = self._timed_out()
        one.sudo().refund_tx_id._set_error("Card is closed")
        self.assertEqual(one.refund_state, "failed")
        one, __ = self._timed_out()
        one.sudo().refund_tx_id._set_done()
        self.assertEqual(one.refund_state, "done")

    def test_webhook_comes_after_a_person_was_mistaken(self):
        one, calls = self._timed_out()
        one.action_refund_again()
        one.action_refund()
        one.sudo().refund_tx_id._set_done()
        self._run_cron()
        self.assertEqual((one.refund_state, len(calls)), ("done", 1))

    def test_lost_answer_is_never_repeated_by_itself(self):
        order = self._delivered()
        self._paid_online(order)

        def lost(tx):
            raise ConnectionError("read timed out")

        calls = self._wire(lost)
        one = self._received(order)
        one.action_refund()
        with self.assertLogs("odoo.addons.gtg_order_flow", "ERROR"):
            self._run_cron()
        self._run_cron()
        self.assertEqual(len(calls), 1)
        self.assertEqual(one.refund_state, "unknown")
        one.action_refund()
        self.assertEqual(one.refund_state, "unknown", "first a person has to look")
        one.action_refund_again()
        self.assertEqual(one.refund_state, "due")

    def test_dead_worker_leaves_it_to_a_person(self):
        order = self._delivered()
        one = self._received(order)
        one.sudo().refund_state = "sending"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE gtg_order_return SET write_date = now() - interval '1 hour' "
            "WHERE id = %s",
            [one.id],
        )
        self._run_cron()
        self.assertEqual(one.refund_state, "unknown")

    def _billed(self, online=True):
        order = self._delivered(2)
        if online:
            self._paid_online(order)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        return order

    def test_accounting_gave_everything_back_before_the_goods_came(self):
        order = self._billed()
        calls = self._wire(lambda tx: tx._set_done())
        one = self._ask(order)
        one.action_accept()
        self._credit(order)
        self.assertEqual(order.gtg_money, "refunded")
        one.action_all_good()
        one.action_receive()
        self.assertEqual((one.state, one.refund_state, one.amount), ("closed", "none", 0))
        one.action_refund()
        self._run_cron()
        self.assertFalse(calls)

    def test_told_refunded_while_asked_is_not_sent(self):
        order = self._billed()
        calls = self._wire(lambda tx: tx._set_done())
        one = self._received(order)
        one.action_refund()
        order.gtg_refunded_at = fields.Datetime.now()
        self._run_cron()
        self.assertFalse(calls)
        self.assertEqual((one.state, one.amount), ("closed", 0))

    def test_accounting_gave_a_part_back_after_the_goods_came(self):
        order = self._billed()
        calls = self._wire(lambda tx: tx._set_done())
        one = self._received(order, products=self.tea)
        self._credit(order, quantity=1)
        one.action_refund()
        self._run_cron()
        self.assertEqual((one.refund_state, one.amount), ("due", 150000))
        self.assertIn("on another way", one.refund_text)
        self.assertFalse(calls, "a person reads the new amount first")
        one.action_refund()
        self._run_cron()
        self.assertEqual(calls, [-150000])

    def test_note_over_what_a_return_paid_takes_nothing_off(self):
        order = self._billed()
        calls = self._wire(lambda tx: tx._set_done())
        first = self._received(order, products=self.tea, quantity=1)
        first.action_refund()
        self._run_cron()
        self._credit(order, quantity=1, pay=False).action_post()
        second = self._received(order, products=self.tea, quantity=1)
        second.action_refund()
        self._run_cron()
        self.assertEqual(calls, [-150000, -150000])

    def test_what_accounting_took_off_counts_once(self):
        order = self._billed()
        self._credit(order, quantity=1)
        first = self._received(order, products=self.tea, quantity=1)
        self.assertEqual((first.state, first.amount), ("closed", 0))
        second = self._received(order, products=self.cup)
        self.assertEqual((second.refund_state, second.amount), ("due", 100000))

    def test_no_second_credit_note_over_the_same_goods(self):
        order = self._billed(online=False)
        one = self._received(order, products=self.tea)
        draft = self._credit(order, quantity=1, pay=False)
        with self.assertRaisesRegex(UserError, "post or delete"):
            one.action_refund()
        draft.action_post()
        self._pay(draft)
        one.action_refund()
        one.action_refund()
        note = one.sudo().credit_note_ids
        self.assertEqual(note.invoice_line_ids.quantity, 1)
        self.assertEqual(note.amount_total, one.amount)

    def test_discount_of_the_order_is_shared_out(self):
        order = self._orders()
        voucher = self.env["product.product"].create(
            {"name": "Voucher", "type": "service", "taxes_id": False}
        )
        order.order_line[1].unlink()
        order.order_line = [
            Command.create({"product_id": voucher.id, "price_unit": -50000})
        ]
        order.order_line[0].product_uom_qty = 2
        order.action_confirm()
        self._deliver(order)
        now = fields.Datetime.now()
        order.write({"gtg_delivered_at": now, "gtg_paid_at": now})
        first = self._received(order, products=self.tea, quantity=1)
        self.assertEqual(first.amount, 125000)
        first.amount = 150000
        first.action_refund()
        second = self._received(order, products=self.tea, quantity=1)
        self.assertEqual(second.amount, 100000, "no more than is left of 250,000")
        second.amount = 125000
        with self.assertRaisesRegex(UserError, "No more than"):
            second.action_refund()

    def test_agreed_before_the_goods_came(self):
        order = self._delivered(2)
        one = self._ask(order, products=self.tea)
        one.amount = 100000
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        self.assertEqual((one.refund_state, one.amount), ("due", 100000))
        one.amount = 0
        one.action_refund_done()
        self.assertEqual((one.state, one.amount), ("closed", 0))

    def test_agreed_but_goods_are_missing(self):
        one = self._ask(self._delivered(2), products=self.tea)
        one.amount = 200000
        one.action_accept()
        one.line_ids.good = 1
        one.action_receive()
        self.assertEqual(one.amount, 150000)

    def test_replacement_confirmed_by_a_rule(self):
        one = self._received(self._delivered(1), wish="exchange")
        self.env["gtg.order.rule"].create({"name": "All", "confirm": True})
        one.action_replace()
        self.assertEqual((one.replacement_id.state, one.state), ("sale", "closed"))

    def test_goods_or_money_never_both(self):
        one = self._ask(self._delivered(1))
        one.wish = "exchange"
        one.wish = "refund"
        one.action_accept()
        fixed = self.assertRaisesRegex(AccessError, "cannot be changed any more")
        with fixed:
            one.wish = "exchange"
        with fixed:
            one.order_id = self._delivered(1)
        one.action_all_good()
        one.action_receive()
        one.amount -= 1
        one.action_refund()
        self.assertEqual(one.refund_state, "waiting")
        with fixed:
            one.amount += 1
        one.sudo().wish = "exchange"  # imported by the system
        one.action_replace()
        self.assertFalse(one.replacement_id)
        one.action_refund_done()
        self.assertEqual(one.state, "closed")

    def test_exchange_is_a_free_order_of_its_own(self):
        order = self._delivered(2)
        one = self._received(order, products=self.cup, quantity=1, wish="exchange")
        self.assertEqual(one.refund_state, "none")
        self.assertEqual(self._axes(order)[:2], ("paid", "delivered"))
        one.action_replace()
        one.action_replace()
        new = one.replacement_id
        self.assertEqual((new.state, new.amount_total), ("sale", 0))
        self.assertEqual(new.gtg_channel_id, order.gtg_channel_id)
        self.assertEqual(new.order_line.product_id, self.cup)
        self.assertEqual(new.gtg_money, "paid")
        self.assertEqual(one.state, "closed")
        self._deliver(new)
        self.assertEqual(new.gtg_goods, "shipped")

    def test_exchange_changes_no_invoice(self):
        (self.tea | self.cup).invoice_policy = "delivery"
        order = self._delivered(2)
        order._create_invoices().action_post()
        one = self._received(order, products=self.cup, quantity=1, wish="exchange")
        one.action_replace()
        self.assertFalse(order._get_invoiceable_lines(final=True))
        new = one.replacement_id
        self._deliver(new)
        self.assertFalse(new._get_invoiceable_lines(final=True))
        self.assertEqual(order._gtg_returnable()[order.order_line[1]], 1)
        with self.assertRaises(ValidationError):
            self._ask(order, products=self.cup, quantity=2)

    def test_exchange_of_everything_owes_no_money(self):
        order = self._delivered(1)
        self._received(order, wish="exchange")
        self.assertEqual(self._axes(order)[:2], ("paid", "delivered"))

    def test_unpaid_order_owes_nothing(self):
        order = self._delivered(paid=False)
        one = self._received(order)
        self.assertEqual((one.state, one.refund_state), ("closed", "none"))
        self.assertEqual(order.gtg_stage, "cancelled")
