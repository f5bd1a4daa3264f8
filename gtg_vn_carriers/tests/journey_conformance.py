"""What every carrier must do once it has a parcel: part of `conformance`."""

import itertools
import random

from odoo import SUPERUSER_ID

from odoo.addons.gtg_connector_base.lib.errors import Retryable


class JourneyConformance:
    # === CANCELLING === #

    def test_cancel_then_a_new_number(self):
        order = self.ready_order()
        first = order.gtg_parcel_ids
        first.action_cancel()
        self.assertEqual(first.status, 'ready', 'cancelled before the carrier said so')
        order.picking_ids.action_gtg_request()
        self.assertEqual(len(order.gtg_parcel_ids), 1, 'a second one before the cancel')
        self.drain()
        self.assertEqual(first.status, 'cancelled')
        self.assertEqual(len(self.effects('cancel')), 1)
        self.assertFalse(order.picking_ids.carrier_tracking_ref)
        order.picking_ids.action_gtg_request()
        self.drain()
        second = order.gtg_parcel_ids - first
        self.assertEqual(second.status, 'ready')
        self.assertEqual(second.generation, 2)
        self.assertNotEqual(second.reference, first.reference)
        self.assertNotEqual(second.tracking_number, first.tracking_number)
        self.assertEqual(len(self.effects()), 2)

    def test_cancel_with_a_lost_answer(self):
        order = self.ready_order()
        self.fault('cancel', 'lose_response')
        order.gtg_parcel_ids.action_cancel()
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'cancelled')
        self.assertEqual(len(self.effects('cancel')), 1)

    def test_cancel_before_the_answer_came(self):
        order = self.order()
        self.fault('create', 'lose_response')
        self.drain('create_waybill', rounds=1)
        order.gtg_parcel_ids.action_cancel()
        self.assertEqual(order.gtg_parcel_ids.status, 'requested')
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'cancelled')
        self.assertEqual(len(self.effects()), len(self.effects('cancel')))

    def test_cancel_before_anything_was_sent(self):
        order = self.order()
        order.gtg_parcel_ids.action_cancel()
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'cancelled')
        self.assertFalse(self.effects())

    def test_cancelled_order_cancels_its_parcel(self):
        order = self.ready_order()
        order._action_cancel()
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'cancelled')
        self.assertEqual(len(self.effects('cancel')), 1)

    def test_order_cancelled_after_the_station_let_it_out(self):
        """The delivery is validated, the courier has not come yet."""
        order = self.ready_order()
        order.picking_ids.button_validate()
        order._action_cancel()
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'cancelled')
        self.assertEqual(len(self.effects('cancel')), 1)
        self.assertIn(order.picking_ids.name, self.told(order), 'the goods are still here, but not in stock')

    def test_order_cancelled_when_the_courier_has_it(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.move(parcel, 'pick')
        order._action_cancel()
        self.assertTrue(parcel.problem)
        self.assertIn(parcel.problem, self.told(order))
        self.drain()
        self.assertFalse(self.effects('cancel'))
        unheard = self.ready_order()
        parcel = unheard.gtg_parcel_ids
        self.bench.move(self.sandbox, parcel.tracking_number, 'pick')
        unheard._action_cancel()
        self.drain()
        self.assertTrue(parcel.problem)
        self.assertIn(parcel.problem, self.told(unheard))

    def test_too_late_to_cancel(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.bench.move(self.sandbox, parcel.tracking_number, 'pick')
        parcel.action_cancel()
        self.drain()
        self.assertNotEqual(parcel.status, 'cancelled')
        self.assertTrue(parcel.problem)
        self.assertFalse(self.effects('cancel'))

    # === THE JOURNEY === #

    def test_delivered_and_paid(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.move(parcel, 'pick')
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertTrue(order.gtg_shipped_at)
        self.assertEqual(order.gtg_goods, 'shipped')
        self.move(parcel, 'deliver', 'fail')
        self.assertEqual(parcel.status, 'failed_attempt')
        self.assertTrue(parcel.reason)
        self.assertIn('attempt_failed', self.env['gtg.buyer.message'].search(
            [('order_id', '=', order.id)]).mapped('event'))
        self.assertTrue(order.activity_ids)
        self.move(parcel, 'deliver', 'delivered')
        self.assertEqual(order.gtg_goods, 'delivered')
        self.assertEqual(parcel.cod_state, 'collected')
        self.assertEqual(order.gtg_money, 'cod')
        self.move(parcel, 'cod_paid')
        self.assertEqual(parcel.cod_state, 'remitted')
        self.assertEqual(order.gtg_money, 'paid')
        self.assertEqual(order.gtg_stage, 'completed')

    def test_events_in_every_order(self):
        """X10: whatever comes first, and twice, the end is the same."""
        orders = []
        for shuffle in (None, 'reversed', *range(4)):
            order = self.ready_order()
            parcel = order.gtg_parcel_ids
            for step in self.bench.delivered:
                self.bench.move(self.sandbox, parcel.tracking_number, step)
            letters = self.letters()
            if shuffle == 'reversed':
                letters.reverse()
            elif shuffle is not None:
                random.Random(shuffle).shuffle(letters)
                letters = letters + letters[:2]
            for letter in letters:  # one by one: each could be the last
                self.hand_over([letter])
            orders.append(order)
        results = {
            (p.status, p.failed_attempts, p.cod_state, p.order_id.gtg_stage,
             p.picking_id.state,
             tuple(e.code for e in p.event_ids.sorted('moment')))
            for p in (order.gtg_parcel_ids for order in orders)}
        self.assertEqual(len(results), 1, results)
        self.assertEqual(next(iter(results))[0], 'delivered')
        for order in orders:
            messages = self.env['gtg.buyer.message'].search(
                [('order_id', '=', order.id)]).mapped('event')
            self.assertEqual(len(messages), len(set(messages)))

    def test_old_messages_change_nothing(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        letters = []
        for step in self.bench.delivered:
            self.bench.move(self.sandbox, parcel.tracking_number, step)
            letters += self.letters()
        self.hand_over(letters)
        before = parcel.read(['status', 'status_at', 'failed_attempts', 'cod_state'])
        count = len(parcel.event_ids)
        self.env['gtg.connector.event'].sudo().search([]).unlink()  # even if forgotten
        for letter in itertools.chain(letters, reversed(letters)):
            self.hand_over([letter])
        self.assertEqual(parcel.read(
            ['status', 'status_at', 'failed_attempts', 'cod_state']), before)
        self.assertEqual(len(parcel.event_ids), count)

    def test_no_message_ever_comes(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        for step in self.bench.delivered:
            self.bench.move(self.sandbox, parcel.tracking_number, step)
        self.letters()
        parcel.heard_at = '2020-01-01'
        account = self.account.with_user(SUPERUSER_ID)
        account._adapter()._poll(account)
        self.env.invalidate_all()
        self.assertEqual(parcel.status, 'delivered')
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertTrue(order.gtg_delivered_at)

    def test_one_unreadable_parcel_does_not_stop_the_poll(self):
        orders = [self.ready_order() for _number in range(3)]
        parcels = self.env['gtg.parcel'].union(*(o.gtg_parcel_ids for o in orders))
        for parcel in parcels:
            self.bench.move(self.sandbox, parcel.tracking_number, 'pick')
        self.letters()
        account = self.account.with_user(SUPERUSER_ID)
        for mode in ('status:500', 'html', 'reset_before'):
            with self.subTest(mode):
                parcels.write({'heard_at': '2020-01-01', 'polled_at': False})
                self.fault('detail', mode)  # the first that is asked for
                account._adapter()._poll(account)
                self.env.invalidate_all()
                self.assertTrue(parcels[0].polled_at, 'it would be the first again')
        self.assertEqual(parcels[1:].mapped('status'), ['picked', 'picked'])
        self.assertTrue(parcels[0].attention)
        parcels.write({'heard_at': '2020-01-01', 'polled_at': False})
        account._adapter()._poll(account)
        self.assertEqual(parcels[0].status, 'picked')
        self.assertFalse(parcels[0].attention)

    def test_a_carrier_that_is_down_is_asked_again(self):
        parcel = self.ready_order().gtg_parcel_ids
        parcel.heard_at = '2020-01-01'
        account = self.account.with_user(SUPERUSER_ID)
        self.fault('detail', 'status:500', times=0)
        with self.assertRaises(Retryable):
            account._adapter()._poll(account)
        self.assertFalse(parcel.polled_at)

    def test_comes_back(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.move(parcel, *self.bench.returned[:-1])
        self.assertEqual(order.gtg_return_state, 'returning')
        self.move(parcel, self.bench.returned[-1])
        self.assertEqual(parcel.status, 'returned')
        self.assertEqual(order.gtg_goods, 'returned')
        self.assertFalse(parcel.cod_state)

    def test_lost(self):
        order = self.ready_order()
        self.move(order.gtg_parcel_ids, 'pick', 'lost')
        self.assertEqual(order.gtg_parcel_ids.status, 'lost')
        self.assertEqual(order.gtg_goods, 'lost')
        self.assertTrue(order.gtg_parcel_ids.attention)

    def test_an_unknown_status_is_flagged(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.move(parcel, 'pick', 'unknown')
        self.assertEqual(parcel.status, 'picked')
        self.assertTrue(parcel.attention)

    def test_cancelled_at_the_carrier(self):
        order = self.ready_order()
        self.move(order.gtg_parcel_ids, 'cancel')
        self.assertEqual(order.gtg_parcel_ids.status, 'cancelled')
        self.assertEqual(order.picking_ids.state, 'assigned')
        self.assertTrue(order.gtg_can_request)
        self.assertTrue(order.activity_ids, 'nobody is told')
        self.assertFalse(order.gtg_parcel_ids._gtg_open_tasks())

    def test_cancelled_at_the_carrier_after_the_station_let_it_out(self):
        order = self.ready_order()
        first = order.gtg_parcel_ids
        order.picking_ids.button_validate()
        self.move(first, 'cancel')
        self.assertEqual(first.status, 'cancelled')
        self.assertTrue(order.activity_ids)
        self.assertFalse(order.gtg_shipped_at)
        self.assertTrue(order.gtg_can_request)
        self.assertEqual(order._gtg_next_action(), 'request_waybill')
        order.action_gtg_request()
        self.drain()
        second = order.gtg_parcel_ids - first
        self.assertEqual(second.status, 'ready', second.problem)
        self.assertEqual(second.cod_amount, 350000)
        self.move(second, 'pick', 'deliver', 'delivered')
        self.assertTrue(order.gtg_shipped_at)
        self.assertEqual(order.gtg_goods, 'delivered')

    def test_our_own_cancellation_alarms_nobody(self):
        order = self.ready_order()
        order.gtg_parcel_ids.action_cancel()
        self.drain('cancel_waybill')
        self.hand_over(self.letters())
        self.assertEqual(order.gtg_parcel_ids.status, 'cancelled')
        self.assertFalse(order.activity_ids)

    def test_picked_up_but_not_to_be_validated(self):
        order = self.ready_order()
        order._gtg_hold('manual', 'Wait')
        self.move(order.gtg_parcel_ids, 'pick')
        self.assertEqual(order.gtg_parcel_ids.status, 'picked')
        self.assertNotEqual(order.picking_ids.state, 'done')
        self.assertIn('left', self.holds(order))
        order._gtg_release('manual')
        order.picking_ids.button_validate()
        self.assertFalse(self.holds(order))

    def test_a_message_that_proves_nothing_is_refused(self):
        from odoo.addons.gtg_connector_base.lib.errors import BadSignature
        order = self.ready_order()
        self.bench.move(self.sandbox, order.gtg_parcel_ids.tracking_number, 'pick')
        (headers, body), *_rest = self.letters()
        adapter = self.account._adapter()
        for forged in ({}, {key: 'guess' for key in headers}):
            with self.assertRaises(BadSignature):
                adapter._webhook_notices(self.account.sudo(), forged, body)
