"""Debit notes of orders' invoices: run by ``tests/system/test_core_modules.py`` in a
database that has core's module."""

from odoo import fields
from odoo.tests import tagged

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .test_orders import OrderCase


@tagged('post_install', '-at_install')
class TestOrderDebitNotes(OrderCase):
    """An order is invoiced once, whatever is raised afterwards."""

    def debit(self, move):
        """A debit note as core's dialog makes it: all lines, not confirmed."""
        action = self.env['account.debit.note'].with_context(
            active_model='account.move', active_ids=move.ids).create({
                'reason': 'Sai giá', 'copy_lines': True,
                'date': vietnam_date(fields.Datetime.now())}).create_debit()
        return self.env['account.move'].browse(action['res_id'])

    def issued_order(self, quantity=2):
        order = self.make_order()
        order.order_line.product_uom_qty = quantity
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        self.assertTrue(order.invoice_ids.gtg_einvoice_number)
        return order

    def test_a_draft_is_left_to_its_accountant(self):
        order = self.issued_order()
        note = self.debit(order.invoice_ids)
        self.assertIn(note, order.invoice_ids, 'core links its lines to the order')
        order.action_gtg_invoice()
        self.drain('create_invoice')
        self.assertEqual(note.state, 'draft')
        self.assertFalse(note.gtg_einvoice_id)

    def test_it_names_no_more_goods(self):
        order = self.issued_order()
        note = self.debit(order.invoice_ids)
        note.invoice_line_ids.price_unit = 1000
        note.action_post()
        self.assertEqual(order.order_line._gtg_quantity_named(), 2)
