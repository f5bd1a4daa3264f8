from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .return_cases import RefundCase


@tagged("post_install", "-at_install")
class TestExchange(RefundCase):
    """Other goods instead of the returned: only the difference is money."""

    def _swap(self, order, product, quantity=1, back=None, **vals):
        return self._received(
            order,
            products=back or self.tea,
            quantity=1,
            wish="other",
            exchange_ids=[
                Command.create({"product_id": product.id, "quantity": quantity})
            ],
            **vals,
        )

    def test_dearer_the_courier_collects_the_difference(self):
        order = self._delivered(1)
        one = self._swap(order, self.cup, 5)
        self.assertEqual((one.state, one.refund_state), ("received", "due"))
        self.assertEqual((one.exchange_total, one.exchange_rest), (250000, 100000))
        one.action_replace()
        one.action_replace()
        new = one.replacement_id
        self.assertEqual((new.amount_total, new.gtg_cod_amount), (250000, 100000))
        self.assertEqual(new.picking_ids.gtg_cod_amount, 100000)
        self.assertEqual(self._axes(new)[:2], ("cod", "allocated"))
        self.assertEqual(new.gtg_replaces_ids, one)
        self.assertEqual((one.state, one.refund_state), ("closed", "done"))
        self.assertEqual(one.amount, 0)
        self.assertEqual(one.exchange_rest, 100000)
        self.assertEqual(order.gtg_money, "paid", "the cup stays sold")
        self.assertEqual(order.order_line.mapped("qty_delivered"), [0, 1])
        new.order_line.product_uom_qty = 6
        self.assertEqual(new.gtg_cod_amount, 150000)

    def test_cheaper_the_rest_goes_back(self):
        order = self._delivered(1)
        one = self._swap(order, self.cup)
        self.assertEqual(one.exchange_rest, -100000)
        one.action_replace()
        self.assertEqual((one.amount, one.refund_state), (100000, "due"))
        new = one.replacement_id
        self.assertEqual((new.gtg_money, new.gtg_goods), ("paid", "allocated"))
        self.assertFalse(new.gtg_is_cod)
        self.assertEqual(order.gtg_money, "refunding")
        self._money_back_by_hand(one)
        self.assertEqual((one.state, order.gtg_money), ("closed", "paid"))

    def test_never_more_than_was_paid(self):
        order = self._delivered(1)
        first = self._swap(order, self.tea)
        first.action_replace()
        self.assertEqual(first.replacement_id.gtg_money, "paid")
        second = self._received(order, products=self.cup)
        self.assertEqual(second.amount, 50000)
        second.amount = 200000
        with self.assertRaisesRegex(UserError, "No more than"):
            second.action_refund()

    def test_books_credit_note_pays_the_new_invoice(self):
        (self.tea | self.cup).invoice_policy = "delivery"
        order = self._delivered(1)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        one = self._swap(order, self.cup, 5)
        one.action_replace()
        note = one.sudo().credit_note_ids
        self.assertEqual(note.amount_total, 150000)
        self.assertIn(note.display_name, one.refund_text)
        new = one.replacement_id
        self._deliver(new)
        invoice = new._create_invoices()
        self.assertEqual(invoice.amount_total, 250000)
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 250000)
        note.action_post()
        self.assertEqual((note.amount_residual, invoice.amount_residual), (0, 100000))
        self.assertFalse(new.gtg_paid_at)
        self._pay(invoice)
        self.assertTrue(new.gtg_paid_at)
        self.assertEqual(one.refund_state, "done")

    def test_books_take_only_the_difference(self):
        (self.tea | self.cup).invoice_policy = "delivery"
        journal = self.env["account.journal"].create(
            {"name": "Cash of GHN", "code": "GHNX", "type": "bank"}
        )
        order = self._delivered(1)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        one = self._swap(order, self.cup, 5)
        one.action_replace()
        new = one.replacement_id
        self._deliver(new)
        invoice = new._create_invoices()
        invoice.action_post()
        with_journal = new.with_env(self.env).with_context(gtg_money_journal=journal.id)
        with_journal.action_gtg_cod_in()
        self.assertEqual(invoice.amount_residual, 150000)
        self.assertFalse(with_journal._gtg_open_in_books())
        one.sudo().credit_note_ids.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(one.sudo().credit_note_ids.amount_residual, 0)

    def test_books_take_nothing_when_goods_paid_all(self):
        one = self._swap(self._delivered(1), self.cup)
        one.action_replace()
        invoice = one.replacement_id._create_invoices()
        invoice.action_post()
        self.assertFalse(one.replacement_id._gtg_open_in_books())

    def test_books_of_a_cheaper_one(self):
        one = self._cheaper_in_books()
        one.action_refund()
        note = one.sudo().credit_note_ids
        note.action_post()
        invoice = one.replacement_id._create_invoices()
        invoice.action_post()
        self.assertEqual((note.amount_residual, invoice.amount_residual), (100000, 0))
        self.assertEqual(one.refund_state, "waiting")
        self._pay(note)
        self.assertEqual((one.refund_state, one.state), ("done", "closed"))

    def _cheaper_in_books(self):
        order = self._delivered(1)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        one = self._swap(order, self.cup)
        one.action_replace()
        return one

    def test_only_the_rest_of_the_credit_note_is_paid(self):
        one = self._cheaper_in_books()
        one.action_refund()
        note = one.sudo().credit_note_ids
        self.assertEqual((note.amount_total, one.amount), (150000, 100000))
        self.assertIn("pay only", one.refund_text)
        self.assertIn(one.currency_id.format(100000), one.refund_text)
        self.assertIn(one.replacement_id.name, one.refund_text)
        self.assertEqual(one.activity_ids.summary, one.refund_text)
        note.action_post()
        self._pay(note)
        self.assertEqual(one.refund_state, "done")
        self.assertIn("ask for them", one.refund_text)
        self.assertIn("50,000.00", one.activity_ids.note)

    def test_cancelled_uninvoiced_its_money_is_the_rest_of_the_note(self):
        one = self._cheaper_in_books()
        one.action_refund()
        note = one.sudo().credit_note_ids
        note.action_post()
        new = one.replacement_id
        new._action_cancel()
        owed = new.gtg_cancel_request_ids
        self.assertEqual((owed.amount, owed.refund_state), (50000, "due"))
        owed.action_refund()
        self.assertEqual(owed.refund_state, "waiting")
        self.assertIn(note.display_name, owed.refund_text)

    def test_cancelled_uninvoiced_is_not_paid_twice(self):
        one = self._cheaper_in_books()
        one.action_refund()
        new = one.replacement_id
        new._action_cancel()
        owed = new.gtg_cancel_request_ids
        self.assertEqual((owed.amount, owed.refund_state), (50000, "due"))
        note = one.sudo().credit_note_ids
        note.action_post()
        self._pay(note)
        self.assertEqual(one.refund_state, "done")
        self.assertFalse(one.activity_ids)
        owed.action_refund()
        self.assertEqual((owed.amount, owed.refund_state), (0, "none"))

    def test_overpaid_then_cancelled_nothing_more_is_owed(self):
        one = self._cheaper_in_books()
        one.action_refund()
        note = one.sudo().credit_note_ids
        note.action_post()
        self._pay(note)
        new = one.replacement_id
        new._action_cancel()
        owed = new.gtg_cancel_request_ids
        self.assertFalse(sum(owed.mapped("amount")))

    def test_money_that_went_back_meanwhile_sends_no_goods(self):
        order = self._delivered(1)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        one = self._swap(order, self.cup, 5)
        self._credit(order, 1)
        one.action_replace()
        self.assertFalse(one.replacement_id)
        self.assertEqual((one.amount, one.refund_state), (0, "none"))
        self.assertIn("another way", one.refund_text)

    def test_goods_for_more_than_was_paid_are_refused(self):
        one = self._swap(self._delivered(1), self.cup, 5)
        one.amount = 250000
        with self.assertRaisesRegex(UserError, "No more than"):
            one.action_replace()
        self.assertFalse(one.replacement_id)

    def test_rest_by_the_provider_credits_too(self):
        order = self._delivered(1)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        self._paid_online(order)
        self._wire(lambda tx: tx._set_done())
        one = self._swap(order, self.cup)
        one.action_replace()
        one.action_refund()
        self.assertEqual(one.refund_state, "queued")
        self._run_cron()
        self.assertEqual((one.refund_state, one.amount), ("done", 100000))
        note = one.sudo().credit_note_ids
        self.assertEqual((len(note), note.amount_total), (1, 150000))
        note.action_post()
        invoice = one.replacement_id._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 0)

    def test_refused_by_the_provider_one_credit_note(self):
        order = self._delivered(1)
        bill = order._create_invoices()
        bill.action_post()
        self._pay(bill)
        tx = self._paid_online(order)
        one = self._swap(order, self.cup)
        one.action_replace()
        one.action_refund()
        tx.provider_id.state = "disabled"
        self._run_cron()
        self.assertEqual(one.refund_state, "failed")
        one.action_refund()
        self.assertEqual(one.refund_state, "waiting")
        self.assertEqual(len(one.sudo().credit_note_ids), 1)

    def test_new_order_keeps_what_was_paid_with_goods(self):
        one = self._swap(self._delivered(1), self.tea)
        one.action_replace()
        new = one.replacement_id
        with self.assertRaisesRegex(ValidationError, "cannot cost less"):
            new.order_line.price_unit = 100000
            self.env.flush_all()

    def test_online_the_difference_is_asked(self):
        self.phone.write({"cod_allowed": False, "check_total": True})
        one = self._swap(self._delivered(1), self.cup, 5)
        one.action_replace()
        new = one.replacement_id.sudo()
        new.write({"require_payment": True, "prepayment_percent": 1})
        self.assertEqual(new._get_prepayment_required_amount(), 100000)
        link = new._get_default_payment_link_values()
        self.assertEqual((link["amount"], link["amount_max"]), (100000, 100000))
        self._paid_online(new, 100000)
        self.assertFalse(new._gtg_find_totals())
        self._paid_online(new, 150000)
        self.assertIn(new, new._gtg_find_totals())

    def test_paid_at_the_door_counts_before_the_carrier_pays_out(self):
        order = self._delivered(1, paid=False)
        order.gtg_is_cod = True
        one = self._swap(order, self.cup)
        one.action_replace()
        self.assertEqual(one.replacement_id.gtg_exchange_credit, 50000)
        self.assertEqual((one.amount, one.refund_state), (100000, "due"))

    def test_unpaid_goods_pay_nothing(self):
        one = self._swap(self._delivered(1, paid=False), self.cup)
        one.action_replace()
        new = one.replacement_id
        self.assertEqual((new.gtg_exchange_credit, new.gtg_cod_amount), (0, 50000))
        self.assertEqual(one.state, "closed")

    def test_channel_without_cod_waits_for_the_difference(self):
        self.phone.cod_allowed = False
        one = self._swap(self._delivered(1), self.cup, 5)
        one.action_replace()
        new = one.replacement_id
        self.assertEqual((new.state, new.gtg_money), ("draft", "unpaid"))
        new.action_gtg_paid()
        self.assertEqual(self._axes(new)[:2], ("paid", "allocated"))

    def test_cancelled_the_credit_goes_back(self):
        one = self._swap(self._delivered(1), self.cup, 5)
        one.action_replace()
        new = one.replacement_id
        new._action_cancel()
        owed = new.gtg_cancel_request_ids
        self.assertEqual((owed.amount, owed.refund_state), (150000, "due"))

    def test_what_must_be_said_first(self):
        order = self._delivered(1)
        one = self._received(order, products=self.tea, wish="other")
        with self.assertRaisesRegex(UserError, "what is sent instead"):
            one.action_replace()
        one.exchange_ids = [Command.create({"product_id": self.cup.id})]
        one.action_refund()
        with self.assertRaisesRegex(UserError, "on its way back"):
            one.action_replace()
        self.assertFalse(one.replacement_id)

    def test_form_starts_with_the_same_goods(self):
        order = self._delivered(1)
        order.order_line[0].discount = 10
        action = order.with_user(self.staff).action_gtg_return()
        form = Form(
            self.env["gtg.order.return"]
            .with_user(self.staff)
            .with_context(**action["context"])
        )
        form.reason_id = self.reason
        form.wish = "other"
        one = form.save()
        self.assertEqual(one.exchange_ids.product_id, self.tea | self.cup)
        self.assertEqual(one.exchange_ids.mapped("price_unit"), [135000, 50000])
        self.assertEqual(one.exchange_rest, 0)

    def test_what_was_sent_stays(self):
        one = self._swap(self._delivered(1), self.cup)
        one.action_replace()
        line = one.exchange_ids
        for change in (
            lambda: line.write({"quantity": 2}),
            line.unlink,
            lambda: line.create({"return_id": one.id, "product_id": self.tea.id}),
        ):
            with self.assertRaisesRegex(UserError, "sent already"), self.cr.savepoint():
                change()
        with self.assertRaises(AccessError):
            one.write({"set_against": 1})

    def test_marketplaces_settle_themselves(self):
        shop = self.env["gtg.sale.channel"].create(
            {"name": "Some shop", "kind": "marketplace", "code": "someshop"}
        )
        order = self._delivered(gtg_channel_id=shop.id)
        with self.assertRaisesRegex(ValidationError, "marketplace settles"):
            self._ask(order, wish="other")

    def test_who_may(self):
        one = self._swap(self._delivered(1), self.cup)
        line = one.exchange_ids
        worker = self._user("exchange-worker", "stock.group_stock_user")
        self.assertEqual(line.with_user(worker).product_id, self.cup)
        with self.assertRaises(AccessError):
            line.with_user(worker).write({"quantity": 2})
        other = self.env["res.company"].create({"name": "Other shop"})
        stranger = self._user("exchange-other", "gtg_order_flow.group_shop_manager")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            line.with_user(stranger).read(["quantity"])

    # === PORTAL === #

    def _shirts(self):
        size = self.env["product.attribute"].create(
            {"name": "Size", "value_ids": [Command.create({"name": n}) for n in "SML"]}
        )
        shirt = self.env["product.template"].create(
            {
                "name": "Shirt",
                "is_storable": True,
                "taxes_id": False,
                "list_price": 90000,
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": size.id,
                            "value_ids": [Command.set(size.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        return shirt.product_variant_ids

    def test_buyer_wants_another_size(self):
        small, medium, large = self._shirts()
        self._stock(10, small | medium)
        order = self._orders(
            order_line=[Command.create({"product_id": small.id, "product_uom_qty": 2})]
        )
        order.action_confirm()
        self._deliver(order)
        now = fields.Datetime.now()
        order.write({"gtg_delivered_at": now, "gtg_paid_at": now})
        line = order.order_line
        self.assertEqual(line._gtg_swaps(), medium | large)
        form = {
            f"qty_{line.id}": "1",
            "reason_id": str(self.reason.id),
            "wish": "exchange",
            f"swap_{line.id}": str(self.tea.id),
        }
        for hostile in (str(self.tea.id), "x", "-1", str(small.id), "9" * 50):
            with self.assertRaises(UserError), self.cr.savepoint():
                order._gtg_ask_return({**form, f"swap_{line.id}": hostile}, [])
        one = order._gtg_ask_return({**form, f"swap_{line.id}": str(medium.id)}, [])
        self.assertEqual((one.wish, one.exchange_ids.product_id), ("other", medium))
        self.assertEqual(one.exchange_ids.quantity, 1)
        one = one.with_user(self.staff)
        one.action_accept()
        one.action_all_good()
        one.action_receive()
        one.action_replace()
        new = one.replacement_id
        self.assertEqual(new.order_line.product_id, medium)
        self.assertEqual((new.gtg_money, new.gtg_goods), ("paid", "allocated"))
        same = order._gtg_ask_return({**form, f"swap_{line.id}": ""}, [])
        self.assertEqual(same.wish, "exchange", "the same again, if nothing is chosen")


@tagged("post_install", "-at_install")
class TestExchangeOnline(RefundCase, HttpCase):
    def test_portal_asks_for_the_difference(self):
        self.phone.cod_allowed = False
        order = self._delivered(1)
        one = self._received(
            order,
            products=self.tea,
            wish="other",
            exchange_ids=[Command.create({"product_id": self.cup.id, "quantity": 5})],
        )
        one.action_replace()
        new = one.replacement_id.sudo()
        new.write({"require_payment": True, "require_signature": False})
        new.write({"prepayment_percent": 1, "state": "sent"})
        self.assertTrue(new._has_to_be_paid())
        page = self.url_open(new.get_portal_url()).text
        modal = page[page.index("Pay Order") :]
        self.assertIn("100,000.00", modal[: modal.index("</main>")])
