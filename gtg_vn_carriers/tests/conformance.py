"""What every carrier must do, asserted against its sandbox's ledger.

A carrier's test class inherits `CarrierConformance` and `CarrierCase`, and sets
``bench`` to an object that speaks the dialect of its sandbox.
"""

from odoo.exceptions import UserError

from .journey_conformance import JourneyConformance

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


class CarrierConformance(JourneyConformance):
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
