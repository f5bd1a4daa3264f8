"""Parcels of Manufacturing's kits: run by ``tests/system/test_core_kits.py``."""

from odoo import Command
from odoo.tests import tagged

from .common import CarrierCase
from .ghn_bench import GhnBench


@tagged('post_install', '-at_install')
class TestKitParcels(CarrierCase):
    bench = GhnBench()

    def kit_order(self):
        cap = self.env['product.product'].create({
            'name': 'Nón', 'is_storable': True, 'list_price': 50000, 'weight': 0.1})
        self.env['stock.quant']._update_available_quantity(
            cap, self.warehouse.lot_stock_id, 100)
        outfit = self.env['product.product'].create({
            'name': 'Bộ đồ', 'is_storable': True, 'taxes_id': False})
        self.env['mrp.bom'].create({
            'product_tmpl_id': outfit.product_tmpl_id.id, 'type': 'phantom',
            'bom_line_ids': [
                Command.create({'product_id': self.shirt.id, 'product_qty': 1}),
                Command.create({'product_id': cap.id, 'product_qty': 3})]})
        return self.ready_order(order_line=[Command.create({
            'product_id': outfit.id, 'product_uom_qty': 2, 'price_unit': 400000})])

    def test_the_carrier_is_told_what_the_kit_costs_not_its_parts(self):
        order = self.kit_order()
        parcel = order.gtg_parcel_ids
        # 400,000 by 350,000 : 150,000
        self.assertEqual(
            [(product.name, quantity, round(price))
             for product, quantity, price in parcel._contents()],
            [('Áo thun cổ tròn', 2, 280000), ('Nón', 6, 40000)])
        self.assertEqual(round(parcel._value()), order.amount_total)
