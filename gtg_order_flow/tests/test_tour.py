from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.web.controllers import dataset

from .common import OrderFlowCase
from .test_entry import EntryCase
from .test_scan_out import ScanCase


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

    def test_time_left_runs_on(self):
        self.env["sale.order"].search([]).action_cancel()
        now = fields.Datetime.now()
        for minutes in (135.9, -31, 60 * 24 * 2.5):
            self._orders(gtg_ship_by=now + timedelta(minutes=minutes))
        self.start_tour("/odoo", "gtg_order_flow_time_left", login="shop-staff")

    def test_bulk_approve_with_one_failing(self):
        self._stock(100)
        self.env["sale.order"].search([]).action_cancel()
        orders = self._orders(9)
        orders[7]._gtg_hold("address", note="The ward is missing")
        self.start_tour("/odoo", "gtg_order_flow_bulk_approve", login="shop-staff")
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(set(orders.mapped("gtg_goods")), {"allocated"})
        self.assertEqual(len(orders.picking_ids), 9)


class CountedCalls(HttpCase):
    def _calls_of_tour(self, url, tour):
        """:return: ["model.method"] that the browser called, in this order"""
        calls = []

        def counted(model, method, *args):
            if not model._name.startswith("discuss."):  # Odoo's chat, now and then
                calls.append(f"{model._name}.{method}")
            return call_kw(model, method, *args)

        call_kw = dataset.call_kw
        with patch.object(dataset, "call_kw", counted):
            self.start_tour(url, tour, login="shop-staff")
        return calls


@tagged("post_install", "-at_install")
class TestTypedToShipped(EntryCase, CountedCalls):
    def test_known_customer_from_the_first_key_to_the_carrier(self):
        """What is counted does not depend on the machine: keys (in the tour) and calls.
        Twenty keys are typed well within thirty seconds.
        """
        self.tea.barcode = "8938505970012"
        known = self._save(lines=[{"product_id": self.cup.id, "quantity": "2"}])
        calls = self._calls_of_tour("/odoo", "gtg_order_flow_typed_to_shipped")
        order = self.env["sale.order"].search(
            [("partner_id", "=", known.partner_id.id), ("id", "!=", known.id)]
        )
        self.assertEqual(self._axes(order)[:2], ("cod", "shipped"))
        self.assertEqual(order.partner_shipping_id.street, "12 Lê Lợi")
        self.assertEqual(order.order_line.mapped("qty_delivered"), [1])
        self.assertEqual(order.gtg_cod_amount, 150000)
        totals = calls.count("gtg.order.entry.total")  # asked while one types on
        self.assertLessEqual(totals, 3)
        ours = ("gtg.order.entry.", "stock.picking.gtg_scan_")
        self.assertEqual(
            [
                call.rpartition(".")[2]
                for call in calls
                if call.startswith(ours) and call != "gtg.order.entry.total"
            ],
            ["start", "find_customer", "find_products", "save"]
            + ["gtg_scan_open"] * 2  # one of them of a number that nobody knows
            + ["gtg_scan_finish"],
        )


@tagged("post_install", "-at_install")
class TestScanCalls(ScanCase, CountedCalls):
    def test_a_parcel_costs_two_calls(self):
        orders = self._ready("GHN0001") | self._ready("GHN0002")
        calls = self._calls_of_tour("/odoo/scan-out", "gtg_order_flow_scan_calls")
        self.assertEqual(set(orders.mapped("gtg_goods")), {"shipped"})
        # three at most: the third, where there is a label, fetches it
        parcel = ["stock.picking.gtg_scan_open", "stock.picking.gtg_scan_finish"]
        self.assertEqual(calls[calls.index(parcel[0]) :], parcel * 2)
