from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestRefusedOrders(OrderCase):
    """The order of a refused e-invoice says so until an accountant has decided."""

    def refused(self):
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        einvoice = order.invoice_ids.gtg_einvoice_id
        self.drain('poll_code')
        self.bench.refuse(self.sandbox, einvoice, 'Sai mã số thuế')
        self.drain('poll_code')
        self.assertEqual(einvoice.state, 'refused')
        return order, einvoice

    def decide(self, einvoice, step):
        getattr(self.env['gtg.einvoice.refused'].create({
            'einvoice_id': einvoice.id, 'reason': 'sai'}), f'action_{step}')()

    def test_issued_anew(self):
        order, first = self.refused()
        self.assertTrue(order.gtg_open_hold_ids)
        self.assertEqual(order.gtg_next_action, 'refused')
        self.assertEqual(order.action_gtg_next()['res_model'], 'gtg.einvoice.refused')
        with self.assertRaisesRegex(UserError, 'Sai mã số thuế'):
            order.action_gtg_invoice()
        lines = self.invoice_many(order).line_ids
        self.assertIn('Sai mã số thuế', str(lines.mapped('message')))
        self.assertTrue(order.gtg_open_hold_ids, 'nothing has been done about it')
        seller = new_test_user(
            self.env, 'seller_refused', company_id=self.company.id,
            groups='sales_team.group_sale_manager,gtg_order_flow.group_shop_manager')
        with self.assertRaisesRegex(UserError, 'Ask your accountant'):
            order.with_user(seller).action_gtg_refused()
        self.decide(first, 'anew')
        self.drain('poll_code')
        self.drain('create_invoice')
        self.assertFalse(order.gtg_open_hold_ids)
        second = order.invoice_ids.gtg_einvoice_id
        self.assertEqual(self.bench.created(self.sandbox), [first.number, second.number])
        self.assertEqual(order.gtg_einvoice_number, second.number)

    def test_changed_first(self):
        order, first = self.refused()
        self.decide(first, 'change')
        self.drain('poll_code')
        self.assertEqual(order.gtg_next_action, 'invoice')
        order.invoice_ids.button_draft()
        self.buyer.vat = '0100109106'
        order.action_gtg_next()
        self.drain('create_invoice')
        self.assertFalse(order.gtg_open_hold_ids)
        self.assertEqual(order.invoice_ids.gtg_einvoice_id.buyer_tax_code, '0100109106')

    def test_accepted_after_all(self):
        order, first = self.refused()
        self.bench.approve(self.sandbox, first)
        self.drain('poll_code')
        self.assertEqual(first.state, 'coded')
        self.assertFalse(order.gtg_open_hold_ids)

    def test_accepted_after_the_order_was_invoiced_anew(self):
        """One sale, two invoices, one e-invoice: a person decides."""
        order, first = self.refused()
        old = first.move_id
        self.decide(first, 'change')
        self.drain('poll_code')
        old.button_draft()
        old.button_cancel()
        order.action_gtg_invoice()
        new = order.invoice_ids - old
        self.assertEqual(new.gtg_einvoice_state, 'queued')
        first._apply_poll({'authority_code': 'M1', 'tax_state': 'accepted'})
        self.assertTrue(first.accepted_late)
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [first.number])
        for step in (order.action_gtg_invoice, new.action_gtg_issue):
            with self.assertRaisesRegex(UserError, 'what now'):
                step()
        self.assertTrue(order.gtg_open_hold_ids)
        old.button_draft()
        old.action_post()
        with self.assertRaisesRegex(UserError, 'invoices the same order'):
            self.decide(first, 'counts')
        new.button_draft()
        new.button_cancel()
        self.decide(first, 'counts')
        self.drain('create_invoice')
        self.assertEqual((first.state, order.gtg_einvoice_number), ('coded', first.number))
        self.assertEqual(self.bench.created(self.sandbox), [first.number])
        self.assertFalse(order.gtg_open_hold_ids)
