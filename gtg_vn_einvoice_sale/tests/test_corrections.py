from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.gtg_vn_einvoice.tests.correction_conformance import CorrectionTools

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestOrderCorrections(CorrectionTools, OrderCase):
    """Whatever corrects an e-invoice, its order never issues a second original."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.gtg_einvoice_watch_from = '2026-01-01'

    def sold(self):
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        self.complete(order.invoice_ids.gtg_einvoice_id)
        return order

    def assert_issues_nothing(self, order):
        """Neither its buttons nor its events make or issue anything."""
        moves, states = order.invoice_ids, order.invoice_ids.mapped('state')
        numbers = self.created()
        self.assertFalse(order.gtg_legal_deadline)
        order.action_gtg_invoice_many()
        order._gtg_invoice_due('delivered')
        self.assertNotEqual(order.gtg_next_action, 'invoice')
        self.drain('create_invoice')
        self.assertEqual(self.created(), numbers)
        self.assertEqual(order.invoice_ids, moves)
        self.assertEqual(order.invoice_ids.mapped('state'), states)
        self.assertFalse(order.gtg_open_hold_ids)

    def test_price_was_lowered(self):
        order = self.sold()
        note = self.credit(order.invoice_ids, 2, prices=[1000])
        self.issue(note)
        self.assertEqual(order.invoice_status, 'to invoice', 'says core')
        self.assert_issues_nothing(order)
        with self.assertRaisesRegex(UserError, 'by hand'):
            order.action_gtg_invoice()

    def test_adjustment_that_is_refused(self):
        order = self.sold()
        note = self.credit(order.invoice_ids, 2, prices=[1000])
        self.sandbox.post(f'/sinvoice/tenants/{self.bench.seller}/set', {
            'decrease': 'B' if self.account.decrease_style == 'official' else 'A'})
        adjustment = self.issue(note)
        self.assertEqual(adjustment.state, 'draft')
        self.assertTrue(adjustment.activity_ids, 'the accountant is told')
        self.assert_issues_nothing(order)

    def test_replacement_is_not_issued_before_it_was_edited(self):
        order = self.sold()
        original = order.invoice_ids
        new = self.corrected(self.wizard(original, 'all'))
        self.assertIn(new, order.invoice_ids)
        self.assert_issues_nothing(order)
        order.action_gtg_invoice()
        self.assertEqual((new.state, original.gtg_einvoice_state), ('draft', 'coded'))
        new.action_post()
        self.complete(self.issue(new))
        self.assertEqual(original.gtg_einvoice_state, 'replaced')
        self.assert_issues_nothing(order)

    def test_deleted_replacement(self):
        order = self.sold()
        self.corrected(self.wizard(order.invoice_ids, 'all')).unlink()
        self.assert_issues_nothing(order)
