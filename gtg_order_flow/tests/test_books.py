from lxml import etree
from psycopg2.errors import SerializationFailure

from odoo import api, fields
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .test_bulk import BulkCase
from .two_cursors import TwoCursorsCase


@tagged("post_install", "-at_install")
class TestBooks(BulkCase):
    """Money that somebody says is in: registered in the right journal, once."""

    def setUp(self):
        super().setUp()
        self.clerk = self._user(
            "books-clerk",
            "gtg_order_flow.group_shop_staff",
            "account.group_account_invoice",
        )
        self.bank, self.ghn, self.other = self.env["account.journal"].create(
            [
                {"name": name, "code": code, "type": kind}
                for name, code, kind in (
                    ("Vietcombank", "VCB", "bank"),
                    ("Cash of GHN", "GHN", "bank"),
                    ("Till", "TIL", "cash"),
                )
            ]
        )
        self.phone.journal_id = self.bank
        self.carrier = self.env["delivery.carrier"].create(
            {
                "name": "GHN by hand",
                "product_id": self.env["product.product"]
                .create({"name": "Delivery", "type": "service"})
                .id,
                "gtg_cod_journal_id": self.ghn.id,
            }
        )

    def _confirmed(self, **vals):
        order = self._orders(gtg_channel_id=self.phone.id, **vals)
        order.action_confirm()
        return order

    def _payments(self, orders):
        return self.env["account.payment"].search([("memo", "in", orders.mapped("name"))])

    def _invoice(self, order):
        bill = order._create_invoices()
        bill.action_post()
        return bill

    def test_transfer_before_the_invoice_is_matched_when_it_is_posted(self):
        order = self._confirmed()
        answer = order.with_user(self.clerk).action_gtg_next()
        self.assertIn("Vietcombank", answer["params"]["message"])
        payment = order.gtg_payment_ids
        self.assertEqual((payment.journal_id, payment.amount), (self.bank, 200000))
        self.assertEqual(payment.partner_id, self.buyer)
        self.assertNotIn(payment.state, ("draft", "canceled"))
        order.with_user(self.clerk).action_gtg_paid()
        order.with_user(self.clerk).action_gtg_cod_in()
        self.assertEqual(order.gtg_payment_ids, payment, "pressed twice")
        bill = self._invoice(order)
        self.assertIn(bill.payment_state, ("paid", "in_payment"))
        self.assertEqual(bill.reconciled_payment_ids, payment)
        bill.button_draft()
        bill.action_post()
        self.assertIn(bill.payment_state, ("paid", "in_payment"))
        self.assertFalse(order._gtg_open_in_books())

    def test_cash_of_the_carrier_goes_to_its_journal(self):
        order = self._confirmed(gtg_is_cod=True, carrier_id=self.carrier.id)
        bill = self._invoice(order)
        order.with_user(self.clerk).action_gtg_cod_in()
        self.assertIn(bill.payment_state, ("paid", "in_payment"))
        self.assertEqual(bill.reconciled_payment_ids.journal_id, self.ghn)
        self.assertFalse(order.gtg_payment_ids, "the invoice is paid, nothing else")
        later = self._confirmed(gtg_is_cod=True)
        later.with_user(self.clerk).action_gtg_cod_in()
        self.assertEqual(later.gtg_payment_ids.journal_id, self.bank)

    def test_two_invoices_share_the_payment(self):
        order = self._confirmed()
        order.with_user(self.clerk).action_gtg_paid()
        order.order_line[1].product_uom_qty = 0
        first = self._invoice(order)
        order.order_line[1].product_uom_qty = 1
        second = self._invoice(order)
        for bill in first | second:
            self.assertIn(bill.payment_state, ("paid", "in_payment"))
        self.assertEqual(len(self._payments(order)), 1)

    def test_who_has_no_billing_rights_is_told(self):
        order = self._confirmed()
        answer = order.with_user(self.staff).action_gtg_next()
        self.assertIn("books are untouched", answer["params"]["message"])
        self.assertEqual(order.gtg_money, "paid")
        self.assertFalse(order.gtg_payment_ids)
        unbooked = [
            ("id", "=", order.id),
            ("gtg_money", "=", "paid"),
            ("gtg_payment_ids", "=", False),
            "!", ("transaction_ids.state", "=", "done"),
            "!", ("order_line.invoice_lines.move_id.payment_state", "in",
                  ("paid", "in_payment")),
        ]
        self.assertEqual(self.env["sale.order"].search(unbooked), order)
        self._run(self._bulk("money", order, user=self.clerk))
        self.assertEqual(order.gtg_payment_ids.amount, 200000)
        self.assertFalse(self.env["sale.order"].search(unbooked))

    def test_no_journal_no_books(self):
        self.phone.journal_id = False
        order = self._confirmed()
        answer = order.with_user(self.clerk).action_gtg_next()
        self.assertIn("books are untouched", answer["params"]["message"])
        self.assertFalse(order.gtg_payment_ids)

    def test_many_each_in_its_usual_journal(self):
        cod = self._confirmed(gtg_is_cod=True, carrier_id=self.carrier.id)
        transfer = self._confirmed()
        zalo = self._orders(
            gtg_channel_id=self.env.ref("gtg_order_flow.channel_zalo").id
        )
        zalo.action_confirm()
        orders = cod | transfer | zalo
        bulk = self._bulk("money", orders, user=self.clerk)
        self.assertIn("Cash of GHN", bulk.usual_names)
        bulk.arrived_on = "2026-01-05"
        self._run(bulk)
        self.assertEqual(set(orders.mapped("gtg_money")), {"paid"})
        self.assertEqual(cod.gtg_payment_ids.journal_id, self.ghn)
        self.assertEqual(transfer.gtg_payment_ids.journal_id, self.bank)
        self.assertEqual(str(transfer.gtg_payment_ids.date), "2026-01-05")
        self.assertFalse(zalo.gtg_payment_ids, "its channel has no journal")
        self._run(self._bulk("money", orders, user=self.clerk))
        self.assertEqual(len(self._payments(orders)), 2, "never twice")
        chosen = self._bulk("money", orders, user=self.clerk, journal_id=self.other.id)
        self._run(chosen)
        self.assertEqual(zalo.gtg_payment_ids.journal_id, self.other)
        self.assertEqual(len(self._payments(orders)), 3)

    def test_only_marked_when_so_chosen(self):
        order = self._confirmed()
        bulk = self._bulk("money", order, user=self.clerk, usual_journals=False)
        self._run(bulk)
        self.assertEqual(order.gtg_money, "paid")
        self.assertFalse(self._payments(order))

    def test_deposit_online_is_not_registered_again(self):
        order = self._confirmed()
        provider = self.env["payment.provider"].create(
            {"name": "Books", "code": "none", "state": "test"}
        )
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"]
                .create({"name": "Card", "code": "gtg_books"})
                .id,
                "reference": "books-1",
                "amount": 60000,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [fields.Command.set(order.ids)],
                "state": "done",
            }
        )
        self.assertTrue(tx)
        order.with_user(self.clerk).action_gtg_paid()
        self.assertEqual(order.gtg_payment_ids.amount, 140000)

    def test_another_name_on_the_invoice_is_matched_by_a_person(self):
        order = self._confirmed()
        order.with_user(self.clerk).action_gtg_paid()
        bill = order._create_invoices()
        bill.partner_id = self.env["res.partner"].create({"name": "Công ty Hoa Sen"})
        bill.action_post()
        self.assertEqual(bill.payment_state, "not_paid")
        self.assertIn("by hand", " ".join(order.message_ids.mapped("body")))

    def test_paid_early_and_cancelled_goes_back(self):
        order = self._confirmed()
        order.with_user(self.clerk).action_gtg_paid()
        order.gtg_paid_at = False
        order.action_cancel()
        self.assertEqual(order.gtg_cancel_request_ids.amount, 200000)

    def _of_two(self, **vals):
        """:return: orders of 200 and of 300 of one buyer, and their one invoice"""
        first, second = self._confirmed(**vals), self._confirmed(**vals)
        second.order_line[1].product_uom_qty = 3
        bill = (first | second)._create_invoices()
        bill.action_post()
        self.assertEqual((len(bill), bill.amount_total), (1, 500000))
        return first, second, bill

    def test_invoice_of_two_orders_is_not_paid_by_one(self):
        first, second, bill = self._of_two(gtg_is_cod=True, carrier_id=self.carrier.id)
        answer = first.with_user(self.clerk).action_gtg_cod_in()
        self.assertIn("for other orders too", answer["params"]["message"])
        self.assertIn("by hand", " ".join(first.message_ids.mapped("body")))
        self.assertNotIn("by hand", " ".join(second.message_ids.mapped("body")))
        self.assertEqual(bill.amount_residual, 500000)
        self.assertTrue(first.gtg_cod_collected_at)
        self.assertEqual((second.gtg_money, second.gtg_paid_at), ("cod", False))
        self.assertFalse(self._payments(first | second))
        bulk = self._bulk("money", first | second, user=self.clerk)
        self.assertEqual(bulk.amount_due, 500000)
        self._run(bulk)
        self.assertIn(bill.payment_state, ("paid", "in_payment"))
        payments = bill.reconciled_payment_ids
        self.assertEqual(sorted(payments.mapped("amount")), [200000, 300000])
        self.assertEqual(payments.journal_id, self.ghn)
        self.assertFalse((first | second)._gtg_open_in_books())

    def test_carrier_brings_less_than_the_invoice_says(self):
        order = self._confirmed(gtg_is_cod=True, carrier_id=self.carrier.id)
        order.gtg_cod_amount = 120000
        bill = self._invoice(order)
        bulk = self._bulk("money", order, user=self.clerk)
        self.assertEqual(bulk.amount_due, 120000)
        self._run(bulk)
        self.assertEqual(bill.amount_residual, 80000)
        self.assertEqual(bill.reconciled_payment_ids.amount, 120000)
        self._run(self._bulk("money", order, user=self.clerk, journal_id=self.bank.id))
        self.assertEqual(bill.amount_residual, 80000, "the deposit is not cash again")

    def test_money_that_waits_for_its_invoice_is_not_booked_again(self):
        order = self._confirmed()
        order.with_user(self.clerk).action_gtg_paid()
        bill = order._create_invoices()
        bill.partner_id = self.env["res.partner"].create({"name": "Công ty Hoa Sen"})
        bill.action_post()
        bulk = self._bulk("money", order, user=self.clerk, journal_id=self.bank.id)
        self._run(bulk)
        self.assertEqual((bulk.done, bulk.amount_due), (1, 0))
        self.assertEqual(bill.amount_residual, 200000)
        self.assertEqual(order._gtg_paid_in_books(), 200000)
        self.assertEqual(order._gtg_paid_amount(), 200000)

    def test_free_payment_first_then_the_rest(self):
        order = self._confirmed()
        order.with_user(self.clerk).action_gtg_paid()
        bill = self._invoice(order)
        bill.line_ids.remove_move_reconcile()
        order.order_line[1].product_uom_qty = 2
        self.assertEqual(bill.amount_residual, 200000)
        self._run(self._bulk("money", order, user=self.clerk, journal_id=self.bank.id))
        self.assertIn(bill.payment_state, ("paid", "in_payment"))
        self.assertEqual(sum(order.gtg_payment_ids.mapped("amount")), 250000)

    def test_invoice_made_anew_takes_the_payment_of_the_old_one(self):
        for cod in (False, True):
            order = self._confirmed()
            if cod:
                order.gtg_is_cod = True
            old = self._invoice(order)
            clerk = order.with_user(self.clerk)
            (clerk.action_gtg_cod_in if cod else clerk.action_gtg_paid)()
            payment = order.gtg_came_ids
            self.assertEqual(payment.amount, 200000)
            old.button_draft()
            old.button_cancel()
            new = self._invoice(order)
            self.assertIn(new.payment_state, ("paid", "in_payment"))
            step = self._bulk("money", order, user=self.clerk, journal_id=self.bank.id)
            self._run(step)
            self.assertEqual(order.gtg_came_ids | order.gtg_payment_ids, payment)

    def test_filter_offers_what_can_be_booked(self):
        view = etree.fromstring(
            self.env["sale.order"]
            .with_user(self.clerk)
            .get_view(
                self.env.ref("gtg_order_flow.view_order_board_search").id, "search"
            )["arch"]
        )
        domain = safe_eval(view.find(".//filter[@name='not_in_books']").get("domain"))
        goods, swapped, plain, shop, none = orders = self._orders(
            5, gtg_paid_at=fields.Datetime.now(), gtg_channel_id=self.phone.id
        )
        (goods | swapped).write({"gtg_exchange_credit": 150000})
        swapped.gtg_pays_first = True
        shop.gtg_channel_id = self.env["gtg.sale.channel"].create(
            {"name": "Market", "code": "MKTB", "kind": "marketplace"}
        )
        none.gtg_channel_id = False
        orders.flush_recordset()
        found = self.env["sale.order"].search([("id", "in", orders.ids), *domain])
        self.assertEqual(found, (swapped | plain | none).sorted(found._order))

    def test_journal_of_another_company_is_not_used(self):
        company = self.env["res.company"].create({"name": "Other shop"})
        foreign = self.env["account.journal"].with_company(company).create(
            {"name": "Foreign", "code": "FOR", "type": "bank", "company_id": company.id}
        )
        self.phone.with_company(company).journal_id = foreign
        order = self._confirmed()
        order.with_user(self.clerk).action_gtg_paid()
        self.assertEqual(order.gtg_payment_ids.journal_id, self.bank)


@tagged("post_install", "-at_install")
class TestBooksTwice(TwoCursorsCase):
    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, 1, {})
            order = env["sale.order"].browse(self.order_id)
            self.channel_id = order.gtg_channel_id.id
            journal = env["account.journal"].create(
                {"name": "Two", "code": "TWO2", "type": "bank"}
            )
            order.gtg_channel_id.journal_id = journal
            self.journal_id = journal.id
        self.addCleanup(self._remove_books)

    def _remove_books(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, 1, {})
            payments = env["account.payment"].search(
                [("gtg_order_id", "=", self.order_id)]
            )
            payments.action_draft()
            payments.unlink()
            env["gtg.sale.channel"].browse(self.channel_id).journal_id = False
            journal = env["account.journal"].browse(self.journal_id)
            account = journal.default_account_id
            journal.unlink()
            account.unlink()

    def test_two_users_press_at_once(self):
        first, second = self.registry.cursor(), self.registry.cursor()
        self.addCleanup(first.close)
        self.addCleanup(second.close)
        orders = []
        for cr in (first, second):
            order = api.Environment(cr, 2, {})["sale.order"].browse(self.order_id)
            self.assertFalse(order.gtg_paid_at)
            orders.append(order)
        orders[0].action_gtg_paid()
        first.commit()
        with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
            orders[1].action_gtg_paid()
        second.rollback()
        order = api.Environment(second, 2, {})["sale.order"].browse(self.order_id)
        order.action_gtg_paid()  # Odoo runs it again
        self.assertEqual(len(order.sudo().gtg_payment_ids), 1)
        self.assertEqual(order.sudo().gtg_payment_ids.journal_id.id, self.journal_id)

    def test_posted_while_somebody_says_paid(self):
        with self.registry.cursor() as cr:
            order = api.Environment(cr, 1, {})["sale.order"].browse(self.order_id)
            order.order_line.product_id.type = "service"
            order.action_confirm()
            bill_id = order._create_invoices().id
        self.addCleanup(self._remove_bill, bill_id)
        with self.registry.cursor() as posting:
            bill = api.Environment(posting, 1, {})["account.move"].browse(bill_id)
            self.assertEqual(bill.state, "draft")
            with self.registry.cursor() as cr:
                order = api.Environment(cr, 2, {})["sale.order"].browse(self.order_id)
                order.action_gtg_paid()
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                bill.action_post()
            posting.rollback()
            bill = api.Environment(posting, 1, {})["account.move"].browse(bill_id)
            bill.action_post()  # Odoo runs it again
            self.assertIn(bill.payment_state, ("paid", "in_payment"))
            posting.rollback()

    def _remove_bill(self, bill_id):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, 1, {})
            env["account.move"].browse(bill_id).unlink()
            env["sale.order"].browse(self.order_id)._action_cancel()
