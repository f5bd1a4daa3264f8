"""A delivery validated from its own form, whose boxes the carrier does not know."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CarrierCase
from .ghn_bench import GhnBench


@tagged('post_install', '-at_install')
class TestLeftWithout(CarrierCase):
    bench = GhnBench()

    def validated(self, order):
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        self.assertEqual(order.picking_ids.state, 'done')
        return order

    def never_requested(self):
        self.carrier.gtg_auto_request = False
        return self.validated(self.order())

    def assert_told(self, order, boxes=1):
        drafts = order.gtg_parcel_ids.filtered(lambda p: p.status == 'draft')
        self.assertEqual(len(drafts), boxes)
        self.assertTrue(all(drafts.mapped('problem')))
        self.assertIn('without a waybill', self.told(order))
        self.assertIn('without a waybill', str(order.message_ids.mapped('body')))
        self.assertFalse(order.gtg_shipped_at, 'the buyer is told that it is coming')
        self.assertEqual(order._gtg_next_action(), 'request_waybill')
        return drafts

    def test_its_waybill_is_requested_afterwards(self):
        order = self.never_requested()
        parcel = self.assert_told(order)
        self.assertEqual(parcel.cod_amount, 350000)
        order.action_gtg_next()
        self.drain()
        self.assertEqual(parcel.status, 'ready', parcel.problem)
        self.assertFalse(parcel.problem)
        self.assertEqual(len(self.effects()), 1)
        self.assertFalse(order.gtg_can_request)
        self.move(parcel, 'pick')
        self.assertTrue(order.gtg_shipped_at)

    def test_put_aside(self):
        order = self.never_requested()
        parcel = self.assert_told(order)
        parcel.action_cancel()
        self.assertTrue(order.gtg_shipped_at)
        self.assertIn('needs no waybill', str(order.message_ids.mapped('body')))
        self.assertFalse(order.gtg_can_request)
        with self.assertRaises(UserError):
            order.action_gtg_request()
        self.drain()
        self.assertFalse(self.effects())

    def test_what_left_long_ago_gets_no_waybill(self):
        """Validated before there was this rule: shipped, and its draft still there."""
        order = self.never_requested()
        order.sudo().gtg_shipped_at = '2026-01-05 03:00:00'
        self.assertFalse(order.gtg_can_request)
        bulk = self.env['gtg.order.bulk']._gtg_prepare('waybill', order)
        bulk.action_start()
        bulk.action_chunk()
        order.gtg_parcel_ids.action_gtg_retry()
        self.drain()
        self.assertFalse(self.effects())

    def test_refused_before_and_forced(self):
        """A draft with a problem of its own keeps it, and is corrected afterwards."""
        buyer = self.buyer(phone='0012345678')
        order = self.order(buyer=buyer)
        self.drain()
        why = order.gtg_parcel_ids.problem
        self.assertTrue(why)
        order.action_gtg_release()
        self.validated(order)
        self.assertEqual(self.assert_told(order).problem, why)
        buyer.phone = '+84 912 345 678'
        order.action_gtg_next()
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'ready')
        self.assertEqual(len(self.effects()), 1)

    def test_one_box_of_two(self):
        order = self.packed_order()
        order.picking_ids.action_gtg_request()
        self.drain()
        second = order.gtg_parcel_ids.sorted('box')[1]
        second.action_cancel()
        self.drain()
        self.validated(order)
        draft = self.assert_told(order)
        self.assertEqual(draft.package_id, second.package_id)
        order.action_gtg_next()
        self.drain()
        self.assertEqual(
            set(order.gtg_parcel_ids._gtg_live().mapped('status')), {'ready'})
        self.assertEqual(len(self.effects()), 3, 'no box has two')

    def test_with_its_waybill_nobody_is_told(self):
        order = self.validated(self.ready_order())
        self.assertFalse(order.activity_ids)
        self.assertEqual(len(order.gtg_parcel_ids), 1)

    def test_number_of_a_waybill_made_by_hand(self):
        self.carrier.gtg_auto_request = False
        order = self.order()
        order.picking_ids.carrier_tracking_ref = 'BYHAND1'
        self.validated(order)
        self.assertFalse(order.gtg_parcel_ids)
        self.assertFalse(order.activity_ids)
        self.assertTrue(order.gtg_shipped_at)

    def test_cancelled_order_asks_for_nothing(self):
        order = self.never_requested()
        order._action_cancel()
        self.assertEqual(order.gtg_parcel_ids.status, 'cancelled')
        self.assertFalse(order.gtg_shipped_at)
        self.assertFalse(order.gtg_can_request)
