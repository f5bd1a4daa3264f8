from odoo.tests import HttpCase, tagged

from .common import OrderFlowCase


@tagged("post_install", "-at_install")
class TestTour(OrderFlowCase, HttpCase):
    def test_phone_order_held_and_released(self):
        self._stock(10)
        self.start_tour("/odoo", "gtg_order_flow_phone_order", login="shop-staff")
        order = self.env["sale.order"].search(
            [("partner_id", "=", self.buyer.id)], limit=1
        )
        self.assertEqual(
            self._axes(order), ("cod", "allocated", "approved", "processing")
        )
        self.assertEqual(order.gtg_hold_ids.mapped("state"), ["released"])
        self.assertEqual(order.gtg_hold_ids.released_by_id, self.staff)
