from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_bulk import BulkCase


@tagged("post_install", "-at_install")
class TestBulkMoney(BulkCase):
    def setUp(self):
        super().setUp()
        self.clerk = self._user(
            "shop-clerk",
            "gtg_order_flow.group_shop_staff",
            "account.group_account_invoice",
        )
        self.bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )

    def _invoiced(self, orders):
        orders.action_confirm()
        invoices = orders._create_invoices(grouped=True)
        invoices.action_post()
        return invoices

    def test_cod_and_transfers_of_many_with_invoices(self):
        cod = self._orders(2, gtg_is_cod=True)
        unpaid = self._orders(2)
        invoices = self._invoiced(cod | unpaid)
        self.assertEqual(len(invoices), len(cod | unpaid))
        done, cancelled = self._orders(2)
        done.gtg_paid_at = fields.Datetime.now()
        cancelled._action_cancel()
        orders = cod | unpaid | done | cancelled
        bulk = self._bulk("money", orders, user=self.clerk, journal_id=self.bank.id)
        self.assertEqual(bulk.amount_due, 4 * 200000 + 200000)
        bulk.arrived_on = "2026-01-05"
        self._run(bulk)
        self.assertEqual(set(self._why(bulk)), {cancelled.id})
        self.assertEqual(set((cod | unpaid).mapped("gtg_money")), {"paid"})
        self.assertEqual(str(cod[0].gtg_cod_collected_at)[:10], "2026-01-05")
        self.assertEqual(str(unpaid[0].gtg_paid_at)[:10], "2026-01-05")
        self.assertLessEqual(
            set(invoices.mapped("payment_state")), {"paid", "in_payment"}
        )
        payments = self.env["account.payment"].search(
            [("invoice_ids", "in", invoices.ids)]
        )
        self.assertEqual(len(payments), 4)
        self.assertEqual(payments.journal_id, self.bank)
        self.assertEqual(sum(payments.mapped("amount")), 800000)
        again = self._run(
            self._bulk("money", cod, user=self.clerk, journal_id=self.bank.id)
        )
        self.assertEqual(again.done, 2)
        self.assertEqual(
            self.env["account.payment"].search_count(
                [("invoice_ids", "in", invoices.ids)]
            ),
            4,
        )

    def test_without_invoice_the_fact_is_noted(self):
        orders = self._orders(2, gtg_is_cod=True)
        orders.action_confirm()
        self._deliver(orders)
        orders.write({"gtg_delivered_at": fields.Datetime.now()})
        self.assertEqual(set(orders.mapped("gtg_substage")), {"to_collect"})
        self._run(self._bulk("money", orders))
        self.assertEqual(set(orders.mapped("gtg_stage")), {"completed"})
        noted = " ".join(orders[0].message_ids.mapped("body"))
        self.assertIn("shop-staff", noted)
        self.assertIn("books are untouched", noted)

    def test_staff_without_billing_rights_touch_no_books(self):
        order = self._orders()
        invoice = self._invoiced(order)
        with self.assertRaises(AccessError):
            self._run(
                self._bulk("money", order, user=self._user("x", "base.group_user"))
            )
        bulk = self._run(self._bulk("money", order))
        self.assertEqual((bulk.done, order.gtg_money), (1, "paid"))
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertIn("books", " ".join(order.message_ids.mapped("body")))
        refused = self._run(self._bulk("money", order, journal_id=self.bank.id))
        self.assertEqual(refused.failed, 1)
        self.assertFalse(
            self.env["account.payment"].search([("invoice_ids", "=", invoice.id)])
        )

    def test_transfers_that_waited_go_on(self):
        orders = self._orders(3, gtg_pays_first=True)
        self._run(self._bulk("money", orders))
        self.assertEqual(set(orders.mapped("gtg_goods")), {"allocated"})
        self.assertEqual(set(orders.mapped("state")), {"sale"})

    def test_money_to_give_back_is_not_taken(self):
        order = self._orders(gtg_paid_at=fields.Datetime.now())
        order.gtg_refund_requested_at = fields.Datetime.now()
        bulk = self._run(self._bulk("money", order))
        self.assertIn("given back", self._why(bulk)[order.id])
