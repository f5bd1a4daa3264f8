from odoo.tests import HttpCase, tagged

from .common import CarrierCase
from .ghn_bench import GhnBench


@tagged('post_install', '-at_install')
class TestCheckout(CarrierCase, HttpCase):
    """A stranger buys in the web shop and pays the courier."""

    bench = GhnBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['website'].sudo().search([], limit=1).company_id = cls.company
        cls.shirt.is_published = True
        cls.carrier.write({'website_published': True, 'allow_cash_on_delivery': True})
        cls.env.ref('delivery.payment_provider_cod').sudo().copy({
            'company_id': cls.company.id, 'state': 'enabled', 'is_published': True})

    def test_live_price_and_cash_on_delivery(self):
        self.start_tour('/shop', 'gtg_vn_carriers_checkout')
        order = self.env['sale.order'].search(
            [('partner_id.email', '=', 'buoi@example.com')])
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.gtg_channel_id,
                         self.env.ref('gtg_order_flow.channel_website'))
        self.assertTrue(order.gtg_is_cod)
        self.assertEqual(order.gtg_money, 'cod')
        parcel = order.gtg_parcel_ids
        self.assertEqual(parcel.status, 'requested', parcel.problem)
        self.assertFalse(self.effects(), 'called while the buyer waited')
        self.drain()
        self.assertEqual(parcel.status, 'ready', parcel.problem)
        self.assertEqual(order.amount_delivery, parcel.fee_expected)
        seen = self.bench.seen(self.sandbox, parcel.tracking_number)
        self.assertEqual(seen['cod'], order.amount_total)
        self.assertEqual(seen['payer'], 'shop')
        self.assertEqual(len(self.effects()), 1)
