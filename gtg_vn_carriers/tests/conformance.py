"""What every carrier must do, asserted against its sandbox's ledger.

A carrier's test class inherits `CarrierConformance` and `CarrierCase`, and sets
``bench`` to an object that speaks the dialect of its sandbox.
"""

import itertools
import random

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.errors import Retryable

UNKNOWN_OUTCOMES = (
    ('lose_response', {}), ('status:500', {'process': True}), ('status:502', {}),
    ('html', {'process': True}), ('truncated', {}), ('empty', {'process': True}))


class Bench:
    """What differs between carriers. Methods get the running sandbox first."""

    provider = delivery_type = None
    # neutral operation -> the sandbox's route: create, cancel, quote, detail, label
    operations = {}
    # steps of `move` of a parcel that is delivered, and of one that comes back
    delivered = ()
    returned = ()

    def account_values(self, sb):
        """Credentials of the seed."""
        raise NotImplementedError

    def prepare(self, sb, mailbox, account):
        """Before each test: its webhooks go to ``mailbox.url`` with our secret."""
        raise NotImplementedError

    def address(self, env):
        """Partner values of an address that the carrier serves."""
        raise NotImplementedError

    def wrong_secret(self):
        """Account values that the carrier does not accept."""
        raise NotImplementedError

    def move(self, sb, tracking, step):
        """The carrier does a step: pick, transit, deliver, fail, delivered, return,
        returned, lost, cod_paid, unknown, cancel."""
        raise NotImplementedError

    def effects(self, sb, kind):
        """Ledger rows of ``create`` or ``cancel``."""
        raise NotImplementedError

    def seen(self, sb, tracking):
        """What the carrier has: dict cod, payer, weight, phone, reference, fee."""
        raise NotImplementedError


class CarrierConformance:
    allow_inherited_tests_method = True  # or Odoo's own runner leaves these out

    # === CONNECTING === #

    def test_wrong_credentials_are_told(self):
        account = self.make_account(name='Wrong', **self.bench.wrong_secret())
        with self.assertRaises(UserError) as caught:
            account.action_test_connection()
        self.assertTrue(str(caught.exception).strip())
        self.assertEqual(account.state, 'draft')

    def test_lost_authorization_pauses_and_goes_on(self):
        order = self.order()
        good = self.bench.account_values(self.sandbox)
        self.account.write(self.bench.wrong_secret())
        self.drain()
        self.assertEqual(self.account.state, 'reconnect')
        self.assertFalse(self.effects())
        self.account.write(good)
        self.account.action_test_connection()
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'ready')
        self.assertEqual(len(self.effects()), 1)

    # === PRICE === #

    def test_price_is_what_the_waybill_costs(self):
        order = self.order(confirm=False)
        rate = self.carrier.rate_shipment(order)
        self.assertTrue(rate['success'], rate)
        order.action_confirm()
        self.drain()
        self.assertEqual(rate['price'], order.gtg_parcel_ids.fee_expected)
        self.assertFalse(self.effects('cancel'))

    def test_no_price_is_a_sentence(self):
        order = self.order(confirm=False, buyer=self.buyer(city='Phường Không Có'))
        rate = self.carrier.rate_shipment(order)
        self.assertFalse(rate['success'])
        self.assertTrue(rate['error_message'])
        self.fault('quote', 'status:500', times=0)
        rate = self.carrier.rate_shipment(self.order(confirm=False))
        self.assertFalse(rate['success'])
        self.assertTrue(rate['error_message'])

    # === WAYBILL === #

    def test_waybill_before_the_goods_leave(self):
        order = self.order()
        parcel = order.gtg_parcel_ids
        self.assertEqual(parcel.status, 'requested', parcel.problem)
        self.assertFalse(self.effects(), 'called inside the transaction')
        self.drain()
        effect, = self.effects()
        self.assertEqual(effect['reference'], parcel.reference)
        self.assertEqual(effect['object_id'], parcel.tracking_number)
        self.assertEqual(parcel.status, 'ready')
        self.assertEqual(order.picking_ids.carrier_tracking_ref,
                         parcel.tracking_number)
        self.assertIn(parcel.tracking_number,
                      order.picking_ids.carrier_tracking_url)
        self.assertGreater(parcel.fee_expected, 0)
        self.assertEqual(order.picking_ids.state, 'assigned')

    def test_label_is_a_stored_pdf(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.assertTrue(parcel.label_attachment_id.raw.startswith(b'%PDF'))
        self.assertTrue(order.gtg_label_ready_at)
        calls = len(self.sandbox.calls(self.bench.provider))
        action = parcel.action_print()
        self.assertIn(str(parcel.id), action['url'])
        self.assertTrue(order.gtg_label_printed_at)
        self.assertEqual(len(self.sandbox.calls(self.bench.provider)), calls,
                         'printing again asked the carrier')

    def test_the_carrier_gets_what_the_order_says(self):
        order = self.ready_order(cod=True, quantity=2)
        parcel = order.gtg_parcel_ids
        seen = self.bench.seen(self.sandbox, parcel.tracking_number)
        self.assertEqual(seen['cod'], 700000)
        self.assertEqual(seen['payer'], 'shop')
        self.assertEqual(seen['weight'], 1600)
        self.assertEqual(seen['phone'], '0912345678')
        self.assertEqual(seen['reference'], parcel.reference)
        self.assertEqual(parcel.cod_state, 'to_collect')

    def test_a_paid_order_collects_nothing(self):
        order = self.ready_order(cod=False)
        seen = self.bench.seen(self.sandbox, order.gtg_parcel_ids.tracking_number)
        self.assertEqual(seen['cod'], 0)
        self.assertFalse(order.gtg_parcel_ids.cod_state)

    def test_shipping_in_the_total_is_not_collected_twice(self):
        self.account.payer = 'buyer'
        order = self.order(confirm=False)
        order.set_delivery_line(self.carrier, 34000)
        order.action_confirm()
        self.drain()
        parcel = order.gtg_parcel_ids
        seen = self.bench.seen(self.sandbox, parcel.tracking_number)
        self.assertEqual((seen['cod'], seen['payer']), (384000, 'shop'))
        free = self.ready_order()
        seen = self.bench.seen(self.sandbox, free.gtg_parcel_ids.tracking_number)
        self.assertEqual((seen['cod'], seen['payer']), (350000, 'buyer'))

    # === NEVER TWO WAYBILLS === #

    def test_every_lost_answer_ends_in_one_waybill(self):
        for mode, options in UNKNOWN_OUTCOMES:
            with self.subTest(mode):
                before = len(self.effects())
                order = self.order()
                self.fault('create', mode, **options)
                self.drain('create_waybill', rounds=1)
                parcel = order.gtg_parcel_ids
                self.assertEqual(parcel.status, 'requested', mode)
                self.drain()
                effect, = self.effects()[before:]
                self.assertEqual(parcel.status, 'ready', parcel.problem)
                self.assertEqual(parcel.tracking_number, effect['object_id'])

    def test_a_throttled_request_waits(self):
        order = self.order()
        self.fault('create', 'rate_limit')
        self.drain('create_waybill', rounds=1)
        self.assertEqual(order.gtg_parcel_ids.status, 'requested')
        self.drain()
        self.assertEqual(len(self.effects()), 1)
        self.assertEqual(order.gtg_parcel_ids.status, 'ready')

    def test_two_clicks_one_waybill(self):
        order = self.order()
        order.picking_ids.action_gtg_request()
        order.action_gtg_request()
        self.drain()
        order.picking_ids.action_gtg_request()
        self.drain()
        self.assertEqual(len(self.effects()), 1)
        self.assertEqual(len(order.gtg_parcel_ids), 1)

    def test_validation_calls_nobody(self):
        order = self.ready_order()
        calls = len(self.sandbox.calls(self.bench.provider))
        order.picking_ids.button_validate()
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertEqual(len(self.sandbox.calls(self.bench.provider)), calls)
        self.assertFalse(order.gtg_shipped_at, 'the courier has not come yet')

    # === WHAT GOES WRONG === #

    def test_unclear_ward_waits_for_one_click(self):
        order = self.order(buyer=self.buyer(city='Phường 10'))
        parcel = order.gtg_parcel_ids
        self.assertEqual(parcel.status, 'draft')
        self.assertEqual(parcel.problem_code, 'address')
        self.assertEqual(self.holds(order), {'address'})
        self.assertEqual(order._gtg_next_action(), 'choose_ward')
        self.drain()
        self.assertFalse(self.effects())
        good = self.bench.address(self.env)['city']
        ward = self.env['gtg.carrier.unit'].search([
            ('provider', '=', self.bench.provider), ('name', '=', good)], limit=1)
        wizard = self.env['gtg.ward.wizard'].create({'parcel_id': parcel.id})
        wizard.ward_id = ward
        wizard.action_apply()
        self.drain()
        self.assertEqual(parcel.status, 'ready', parcel.problem)
        self.assertFalse(self.holds(order))
        self.assertEqual(len(self.effects()), 1)

    def test_a_refusal_shows_and_continues_after_the_fix(self):
        buyer = self.buyer(phone='0012345678')
        order = self.order(buyer=buyer)
        self.drain()
        parcel = order.gtg_parcel_ids
        self.assertEqual(parcel.status, 'draft')
        self.assertTrue(parcel.problem)
        self.assertTrue(self.holds(order))
        buyer.phone = '0912345678'
        parcel.action_gtg_retry()
        self.drain()
        self.assertEqual(parcel.status, 'ready', parcel.problem)
        self.assertFalse(self.holds(order))
        self.assertFalse(parcel.problem)

    def test_a_company_reads_its_language(self):
        self.env['res.lang']._activate_lang('vi_VN')
        self.company.partner_id.lang = 'vi_VN'
        self.fault('create', 'lose_response')
        order = self.order()
        self.drain(rounds=1)  # a drain has no user, so no language of its own
        task = order.gtg_parcel_ids._gtg_open_tasks()
        self.assertIn('không trả lời', task.error_text)

    def test_a_person_says_it_is_done_there(self):
        self.fault('create', 'lose_response')
        order = self.order()
        self.drain(rounds=1)
        parcel, task = order.gtg_parcel_ids, order.gtg_parcel_ids._gtg_open_tasks()
        self.assertEqual(task.state, 'unknown')
        task.write({'state': 'failed', 'error_text': 'Asked 40 times.'})
        parcel._gtg_task_failed(task)  # as after the last look-up without an answer
        self.assertTrue(self.holds(order))
        task.action_mark_done()
        self.assertFalse(self.holds(order))
        self.assertFalse(parcel.problem)
        self.assertFalse(self.drain('create_waybill'), 'nothing is sent any more')

    def test_one_bad_parcel_of_many(self):
        self.carrier.gtg_auto_request = False
        orders = self.env['sale.order'].union(*(
            self.order(buyer=self.buyer(city=city) if city else None)
            for city in ('', 'Phường 10', '')))
        orders.action_gtg_request()
        self.drain()
        self.assertEqual(len(self.effects()), 2)
        self.assertEqual(orders.gtg_parcel_ids.filtered('problem').order_id, orders[1])

    def test_what_cannot_be_sent_is_refused_before(self):
        calls = len(self.effects())
        heavy = self.order(quantity=100)
        self.assertEqual(heavy.gtg_parcel_ids.problem_code, 'too_heavy')
        self.box.packaging_length = 0
        self.assertEqual(self.order().gtg_parcel_ids.problem_code, 'no_size')
        self.box.packaging_length = 1510
        self.assertEqual(self.order().gtg_parcel_ids.problem_code, 'too_long')
        self.shirt.weight = 0
        self.assertEqual(self.order().gtg_parcel_ids.problem_code, 'no_weight')
        self.drain()
        self.assertEqual(len(self.effects()), calls)

    def test_cod_is_never_more_than_owed(self):
        order = self.order(confirm=False)
        self.carrier.gtg_auto_request = False
        order.action_confirm()
        parcels = order.picking_ids.sudo()._gtg_make_parcels().sudo(False)
        parcels.cod_amount = 400000
        parcels.action_request()
        self.assertEqual(parcels.problem_code, 'cod')
        self.assertEqual(parcels.status, 'draft')

    def test_paid_before_the_waybill_is_sent(self):
        order = self.order()
        order.gtg_paid_at = '2026-01-01'
        self.drain()
        parcel = order.gtg_parcel_ids
        self.assertEqual(parcel.status, 'ready', parcel.problem)
        seen = self.bench.seen(self.sandbox, parcel.tracking_number)
        self.assertEqual((seen['cod'], parcel.cod_amount), (0, 0))
        self.assertFalse(self.holds(order))
        self.assertEqual(len(self.effects()), 1)

    def test_held_before_the_waybill_is_sent(self):
        order = self.order()
        order._gtg_hold('manual', 'Wait')
        self.drain()
        self.assertFalse(self.effects())
        self.assertEqual(self.holds(order), {'manual'})
        order._gtg_release('manual')
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'ready')
        self.assertFalse(order.gtg_parcel_ids.problem)
        self.assertEqual(len(self.effects()), 1)

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
