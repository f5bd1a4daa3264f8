from odoo import Command
from odoo.tests import tagged

from .common import CarrierCase
from .ghn_bench import GhnBench


@tagged('post_install', '-at_install')
class TestEntryQuote(CarrierCase):
    """New order with a carrier that quotes its price."""

    bench = GhnBench()

    def test_the_total_told_to_a_new_buyer_is_the_one_saved(self):
        self.env.user.group_ids = [Command.link(
            self.env.ref('gtg_order_flow.group_shop_manager').id)]
        place = self.bench.address(self.env)
        state = self.env['res.country.state'].browse(place['state_id'])
        entry = self.env['gtg.order.entry'].with_company(self.company)
        values = {
            'phone': '0987 654 321', 'name': 'Trần Văn Nam', 'street': place['street'],
            'ward': place['city'], 'province': state.name, 'payment': 'cod',
            'channel_id': self.env.ref('gtg_order_flow.channel_phone').id,
            'carrier_id': self.carrier.id, 'key': 'quote',
            'lines': [{'product_id': self.shirt.id, 'quantity': '1'}]}
        told = entry.total(values)
        self.assertEqual(told['errors'], {})
        self.assertGreater(told['fee'], 0)
        answer = entry.save({**values, 'shown': told['total']})
        self.assertNotIn('errors', answer)
        order = self.env['sale.order'].browse(answer['order']['id'])
        self.assertEqual(order.amount_total, told['total'])
        fee = order.order_line.filtered('is_delivery')
        self.assertEqual(fee.price_unit, told['fee'])
