"""What GHN alone does, and what several boxes need."""

import json
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.tests import Form, tagged
from odoo.tools import file_path, mute_logger

from odoo.addons.gtg_vn_carriers.hooks import uninstall_hook

from .common import CarrierCase
from .ghn_bench import GhnBench


@tagged('post_install', '-at_install')
class TestParcels(CarrierCase):
    bench = GhnBench()

    def test_its_fee_lowers_the_profit(self):
        self.shirt.standard_price = 200000
        order = self.order()
        self.assertEqual(order.gtg_profit, 150000)
        self.assertEqual(order.gtg_fees_text, 'Carrier: not known yet')
        self.drain()
        fee = order.gtg_parcel_ids.fee_expected
        self.assertTrue(fee)
        self.assertEqual(order.gtg_profit, 150000 - fee)
        order.gtg_parcel_ids.fee_billed = fee + 5000
        order.invalidate_recordset(['gtg_profit'])
        self.assertEqual(order.gtg_profit, 145000 - fee)
        order.gtg_parcel_ids.sudo().payer = 'buyer'
        order.invalidate_recordset(['gtg_profit', 'gtg_fees_text'])
        self.assertEqual((order.gtg_profit, order.gtg_fees_text), (150000, ''))

    def test_upgrade_learns_of_the_fees(self):
        order = self.order()
        self.drain()
        profit, fees = order.gtg_profit, order.gtg_fees
        self.assertTrue(fees)
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE sale_order SET gtg_profit = gtg_profit + gtg_fees, gtg_fees = 0,
                      gtg_fees_known = 'none' WHERE id = %s""", [order.id])
        self.env.invalidate_all()
        path = file_path('gtg_vn_carriers/migrations/19.0.1.1.0/post-fees.py')
        load_script(path, 'post-fees').migrate(self.env.cr, '19.0.1.0.0')
        self.assertEqual(
            (order.gtg_profit, order.gtg_fees, order.gtg_fees_known),
            (profit, fees, 'all'))

    def test_no_second_waybill_where_the_marketplace_ships(self):
        channel = self.env['gtg.sale.channel'].create({
            'name': 'Platform', 'code': 'platform', 'kind': 'marketplace',
            'company_id': self.company.id})
        order = self.order(cod=False, confirm=False)
        order.sudo().write({'gtg_channel_id': channel.id, 'gtg_channel_ref': '240001'})
        order.action_confirm()
        with self.assertRaisesRegex(UserError, 'marketplace ships'):
            order.action_gtg_request()
        self.assertFalse(order.gtg_can_request)
        self.drain()
        self.assertFalse(order.gtg_parcel_ids)
        self.assertFalse(self.effects())
        bulk = self.env['gtg.order.bulk']._gtg_prepare('carrier', order)
        bulk.carrier_id = self.carrier
        bulk.action_start()
        bulk.action_chunk()
        self.assertIn('marketplace ships', bulk.failed_line_ids.message)
        order.gtg_own_carrier = True
        order.action_gtg_request()
        parcel = order.gtg_parcel_ids
        self.assertEqual(parcel.status, 'requested')
        with self.assertRaisesRegex(UserError, 'has a waybill'):
            order.gtg_own_carrier = False
        # at the same moment
        order.sudo().gtg_own_carrier = False
        self.drain()
        self.assertFalse(self.effects())
        self.assertEqual(parcel.status, 'draft')
        self.assertIn('marketplace ships', parcel.problem)
        parcel.action_gtg_retry()
        self.drain()
        self.assertFalse(self.effects())
        self.assertFalse(self.holds(order))
        order.gtg_own_carrier = True
        parcel.action_gtg_retry()
        self.drain()
        self.assertEqual(len(self.effects()), 1)
        with self.assertRaisesRegex(UserError, 'has a waybill'):
            order.gtg_own_carrier = False

    def test_waybills_of_many_with_a_reason_for_each_that_has_none(self):
        self.carrier.gtg_auto_request = False
        good, draft = self.order(), self.order(confirm=False)
        lost = self.order(buyer=self.buyer(street2='Phường Không Có', phone=False))
        orders = good | draft | lost
        bulk = self.env['gtg.order.bulk']._gtg_prepare('waybill', orders)
        bulk.action_start()
        bulk.action_chunk()
        self.assertEqual((bulk.done, bulk.failed), (1, 2))
        why = {line.order_id: line.message for line in bulk.failed_line_ids}
        self.assertIn('confirm the order', why[draft])
        self.assertEqual(why[lost], lost.gtg_parcel_ids.problem)
        self.drain()
        self.assertEqual(len(self.effects()), 1)
        again = self.env['gtg.order.bulk']._gtg_prepare('waybill', good)
        again.action_start()
        again.action_chunk()
        self.drain()
        self.assertEqual((again.done, len(self.effects())), (1, 1))

    # === SEVERAL BOXES === #

    def test_two_boxes_share_the_cash(self):
        order = self.packed_order()
        order.picking_ids.action_gtg_request()
        self.drain()
        parcels = order.gtg_parcel_ids.sorted('box')
        self.assertEqual(parcels.mapped('status'), ['ready', 'ready'])
        self.assertEqual(parcels.mapped('cod_amount'), [350000, 350000])
        self.assertEqual(parcels.mapped('weight'), [800, 800])
        self.assertEqual(len(self.effects()), 2)
        self.assertEqual(set(order.picking_ids.carrier_tracking_ref.split(',')),
                         set(parcels.mapped('tracking_number')))
        self.move(parcels[0], 'pick')
        self.assertEqual(order.picking_ids.state, 'assigned', 'one box is still here')
        self.assertFalse(order.gtg_shipped_at)
        self.move(parcels[1], 'pick')
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertTrue(order.gtg_shipped_at)
        self.move(parcels[0], 'delivered')
        self.assertFalse(order.gtg_delivered_at)
        self.move(parcels[1], 'delivered')
        self.assertEqual(order.gtg_goods, 'delivered')
        self.move(parcels[0], 'cod_paid')
        self.assertEqual(order.gtg_money, 'cod')
        self.move(parcels[1], 'cod_paid')
        self.assertEqual(order.gtg_stage, 'completed')

    def test_packing_later_makes_no_second_waybill(self):
        order = self.ready_order(quantity=2)
        order.picking_ids.move_line_ids.result_package_id = self.env[
            'stock.package'].create({'package_type_id': self.box.id})
        order.picking_ids.action_gtg_request()
        self.drain()
        self.assertEqual(len(order.gtg_parcel_ids), 1)
        self.assertEqual(len(self.effects()), 1)

    def test_labels_of_many_are_one_file(self):
        order = self.packed_order()
        order.picking_ids.action_gtg_request()
        self.drain()
        action = order.action_gtg_print_labels()
        self.assertEqual(action['url'], f'/gtg/labels?ids={order.picking_ids.id}')
        self.assertTrue(all(order.gtg_parcel_ids.mapped('label_printed_at')))
        self.assertTrue(order.gtg_label_printed_at)

    def half_delivered(self):
        order = self.packed_order()
        order.picking_ids.action_gtg_request()
        self.drain()
        first, second = order.gtg_parcel_ids.sorted('box')
        self.move(first, 'pick', 'deliver', 'delivered')
        self.move(second, *self.bench.returned)
        return order

    def test_one_box_delivered_one_returned(self):
        order = self.half_delivered()
        self.assertEqual(self.holds(order), {'partly'})
        self.assertFalse(order.gtg_delivered_at, 'all of it would be invoiced')
        note = order._gtg_open_holds().note
        for parcel in order.gtg_parcel_ids:
            self.assertIn(parcel.tracking_number, note)
        order._gtg_open_holds().action_release()
        self.assertEqual(order.gtg_goods, 'delivered')
        self.move(order.gtg_parcel_ids.sorted('box')[0], 'cod_paid')
        self.assertEqual(order.gtg_stage, 'completed')
        self.assertFalse(self.holds(order))

    def test_one_box_lost(self):
        order = self.packed_order()
        order.picking_ids.action_gtg_request()
        self.drain()
        first, second = order.gtg_parcel_ids.sorted('box')
        self.move(second, 'pick', 'lost')
        self.move(first, 'pick')
        self.assertFalse(self.holds(order))
        self.move(first, 'deliver', 'delivered')
        self.assertEqual(self.holds(order), {'partly'})
        order._action_cancel()
        self.assertFalse(order.gtg_delivered_at)

    # === SENT AGAIN === #

    def give_back(self, picking):
        wizard = self.env['stock.return.picking'].with_context(
            active_id=picking.id, active_model='stock.picking').create({})
        wizard.product_return_moves.quantity = 1
        return self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])

    def test_what_came_back_is_sent_again_and_paid(self):
        order = self.ready_order()
        first = order.picking_ids
        self.move(order.gtg_parcel_ids, *self.bench.returned)
        self.assertEqual(order.gtg_goods, 'returned')
        back = self.give_back(first)
        back.button_validate()
        self.assertEqual(back.state, 'done')
        second = self.give_back(back)
        second.carrier_id = self.carrier
        self.assertEqual(second.gtg_cod_amount, 350000)
        second.action_gtg_request()
        self.drain()
        parcel = second.gtg_parcel_ids
        self.assertEqual(parcel.status, 'ready', parcel.problem)
        seen = self.bench.seen(self.sandbox, parcel.tracking_number)
        self.assertEqual((seen['cod'], parcel.cod_amount), (350000, 350000))
        self.move(parcel, 'pick')
        self.assertEqual(order.gtg_goods, 'shipped')
        self.move(parcel, 'deliver', 'delivered')
        self.assertEqual(order.gtg_goods, 'delivered')
        self.assertFalse(self.holds(order))
        self.move(parcel, 'cod_paid')
        self.assertEqual(order.gtg_stage, 'completed')

    # === CASH THAT CHANGES === #

    def at_ghn(self, parcel):
        return self.sandbox.get(f'/ghn/orders/{parcel.tracking_number}')['cod_amount']

    def test_paid_after_the_waybill(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        order.gtg_paid_at = '2026-01-01'
        self.drain()
        self.hand_over(self.letters())
        self.assertEqual((self.at_ghn(parcel), parcel.cod_amount), (0, 0))
        self.assertFalse(parcel.cod_state)
        self.assertFalse(parcel.attention)
        self.assertFalse(order.activity_ids)

    def test_paid_while_the_answer_is_lost(self):
        order = self.order()
        self.fault('create', 'lose_response')
        self.drain('create_waybill', rounds=1)
        order.gtg_paid_at = '2026-01-01'
        self.drain()
        parcel = order.gtg_parcel_ids
        self.assertEqual((self.at_ghn(parcel), parcel.cod_amount), (0, 0))
        self.assertEqual(len(self.effects()), 1)

    def test_cheaper_after_the_waybill(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        order.order_line[0].price_unit = 300000
        self.drain()
        self.assertEqual((self.at_ghn(parcel), parcel.cod_amount), (300000, 300000))
        order.order_line[0].price_unit = 250000
        self.fault('update_cod', 'lose_response')
        self.drain()
        self.assertEqual((self.at_ghn(parcel), parcel.cod_amount), (250000, 250000))
        self.assertFalse(order.activity_ids)
        order.order_line[0].price_unit = 400000
        self.drain()
        self.assertTrue(order.activity_ids, 'too little is collected')
        self.assertEqual(self.at_ghn(parcel), 250000)

    def test_paid_but_ghn_does_not_change_it(self):
        self.sandbox.post('/ghn/settings', {'update_cod_needs_otp': True})
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        order.gtg_paid_at = '2026-01-01'
        self.drain()
        self.assertEqual(parcel.cod_amount, 350000)
        self.assertIn('portal', parcel.problem)
        self.assertIn('350,000', self.told(order))
        self.sandbox.post(f'/ghn/orders/{parcel.tracking_number}/update_cod', {
            'cod_amount': 0})
        self.hand_over(self.letters())
        self.assertEqual(parcel.cod_amount, 0)
        self.assertFalse(parcel.problem)
        self.assertFalse(parcel.attention)
        self.assertFalse(parcel.gtg_task_state)

    # === UNINSTALL === #

    def test_uninstalled_nothing_is_left_in_the_engine(self):
        order = self.ready_order()
        self.bench.move(self.sandbox, order.gtg_parcel_ids.tracking_number, 'pick')
        self.hand_over(self.letters())
        engine = [self.env[f'gtg.connector.{name}'].sudo() for name in (
            'token', 'health', 'pace', 'event', 'task')]
        mine = [('account_model', '=', 'gtg.carrier.account')]
        self.assertTrue(all(model.search_count(mine) for model in engine))
        uninstall_hook(self.env)
        for model in engine:
            self.assertFalse(model.search_count(mine), model._name)

    # === GHN === #

    def test_heavy_box_goes_by_the_heavy_service(self):
        self.shirt.weight = 20
        order = self.ready_order()
        row = self.sandbox.get(f'/ghn/orders/{order.gtg_parcel_ids.tracking_number}')
        self.assertEqual(row['service_type_id'], 5)

    def test_ward_that_is_corrected_ends_the_hold_and_asks(self):
        buyer = self.buyer(city='Phường 10')
        order = self.order(buyer=buyer)
        self.drain()
        self.assertEqual(self.holds(order), {'address'})
        buyer.write({'name': 'Bà Hai', 'street': '7 Lý Tự Trọng'})
        self.assertEqual(self.holds(order), {'address'}, 'the ward is as it was')
        buyer.city = 'Phường Sài Gòn'
        self.assertFalse(self.holds(order))
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'ready')
        self.assertEqual(len(self.effects()), 1)

    def test_street_of_another_ward(self):
        buyer = self.buyer(street='5 Đường Xung Đột')
        order = self.order(buyer=buyer)
        self.drain()
        parcel = order.gtg_parcel_ids
        self.assertEqual(parcel.status, 'draft')
        self.assertEqual(self.holds(order), {'address'})
        self.assertIn('conflict', order._gtg_open_holds().provider_text)
        wizard = Form(self.env['gtg.ward.wizard'].with_context(
            default_parcel_id=parcel.id))
        wizard.ward_id = self.env['gtg.carrier.unit'].search(
            [('name', '=', 'Phường Bến Thành')])
        wizard.save().action_apply()
        self.drain()
        self.assertEqual(parcel.status, 'ready', parcel.problem)
        self.assertEqual(buyer.city, 'Phường Bến Thành')
        self.assertFalse(self.holds(order))

    def test_map_service_down_is_tried_again(self):
        self.sandbox.post('/ghn/settings', {'geocoder_down': True})
        order = self.order()
        self.drain(rounds=1)
        self.assertEqual(order.gtg_parcel_ids.status, 'requested')
        self.drain(rounds=1)
        self.assertEqual(order.gtg_parcel_ids.status, 'draft')
        self.assertEqual(self.holds(order), {'address'})
        self.sandbox.post('/ghn/settings', {'geocoder_down': False})
        order._gtg_open_holds().action_retry()
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'ready')

    def test_outage_dressed_as_refusal(self):
        order = self.order()
        self.fault('create', 'infrastructure')
        self.drain('create_waybill', rounds=1)
        self.assertEqual(order.gtg_parcel_ids.status, 'requested')
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'ready')
        self.assertEqual(len(self.effects()), 1)

    def test_200_with_an_error_inside(self):
        order = self.order()
        self.fault('create', 'body_400')
        self.drain('create_waybill', rounds=1)
        self.assertNotEqual(order.gtg_parcel_ids.status, 'ready')
        self.assertFalse(order.gtg_parcel_ids.tracking_number)

    def test_same_request_still_running(self):
        order = self.order()
        self.fault('create', 'busy')
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'ready')
        self.assertEqual(len(self.effects()), 1)

    def test_lookup_may_answer_a_list(self):
        self.sandbox.post('/ghn/settings', {'client_code_answers_list': True})
        order = self.order()
        self.fault('create', 'lose_response')
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'ready')
        self.assertGreater(order.gtg_parcel_ids.fee_expected, 0)

    def test_somebody_elses_parcel_is_not_adopted(self):
        """The reference of a lost answer names a parcel older than ours."""
        order = self.order()
        parcel = order.gtg_parcel_ids
        self.sandbox.post('/clock', {'offset': -86400})
        self.fault('create', 'lose_response')
        self.drain(rounds=3)
        self.assertFalse(parcel.tracking_number)
        self.assertEqual(parcel.status, 'requested')
        self.assertIn(parcel.reference, parcel.gtg_task_message)
        self.assertEqual(parcel.gtg_task_state, 'failed', 'a person hears at once')
        self.sandbox.post('/clock', {'offset': 0})

    def test_given_up_request_is_a_draft_again(self):
        parcel = self.order().gtg_parcel_ids
        self.assertEqual(parcel.status, 'requested')
        parcel._gtg_task('create_waybill').action_cancel()
        self.assertEqual(parcel.status, 'draft')
        parcel.action_request()
        self.drain()
        self.assertEqual(parcel.status, 'ready')
        self.assertEqual(len(self.effects()), 1)

    def test_label_when_the_converter_is_stopped(self):
        order = self.order()
        self.drain('create_waybill')
        Report = type(self.env['ir.actions.report'])
        killed = UserError('Wkhtmltopdf failed (error code: -15).')
        with patch.object(Report, '_run_wkhtmltopdf', side_effect=killed):
            self.drain('fetch_label', rounds=1)
        self.assertFalse(order.gtg_parcel_ids.label_attachment_id)
        self.drain('fetch_label')
        self.assertTrue(order.gtg_parcel_ids.label_attachment_id)

    def test_another_shops_parcel_is_not_adopted(self):
        """References are unique per shop, the look-up finds those of all shops."""
        order = self.order()
        parcel = order.gtg_parcel_ids
        self.fault('create', 'status:502')
        self.drain('create_waybill', rounds=1)
        account = self.account.with_user(SUPERUSER_ID)
        adapter = account._adapter()
        shipment = adapter._checked_shipment(account, parcel)
        account.ghn_shop_id = '200124'
        with adapter._ghn(account) as ghn:
            ghn.create(shipment)
        account.ghn_shop_id = '200123'
        self.drain(rounds=3)
        self.assertFalse(parcel.tracking_number)
        self.assertEqual(parcel.status, 'requested')
        self.assertIn('200124', parcel.gtg_task_message)
        adapter._poll(account)
        self.assertFalse(parcel.tracking_number)

    def test_two_companies_with_the_same_delivery_number(self):
        """On one ShopId the second would be given the waybill of the first."""
        mine = self.order().picking_ids
        env = self.env(su=True)
        company = env['res.company'].create({'name': 'Other'})
        kind = env['stock.warehouse'].search(
            [('company_id', '=', company.id)], limit=1).out_type_id
        theirs = env['stock.picking'].create({
            'name': mine.name, 'picking_type_id': kind.id})
        self.assertEqual(theirs.name, mine.name)
        account = self.account.sudo().copy({'company_id': company.id})
        parcel = env['gtg.parcel'].create({
            'picking_id': theirs.id, 'account_id': account.id})
        self.assertNotEqual(parcel.reference, mine.gtg_parcel_ids.reference)
        with mute_logger('odoo.sql_db'), self.assertRaises(UniqueViolation):
            parcel.reference = mine.gtg_parcel_ids.reference
            parcel.flush_recordset()

    def test_an_unheard_wish_is_not_taken_for_done(self):
        """The answer is lost, and meanwhile GHN has decided the contrary."""
        for ask, route, steps in (
                ('redeliver', 'storing', ('wait_return', 'return')),
                ('send_back', 'return', ('store', 'deliver'))):
            with self.subTest(ask):
                parcel = self.ready_order().gtg_parcel_ids
                path = f'/ghn/orders/{parcel.tracking_number}'
                self.move(parcel, 'pick', 'deliver', 'fail')
                self.sandbox.post(f'{path}/{steps[0]}', {})
                self.hand_over(self.letters())
                getattr(parcel, f'action_{ask}')()
                self.sandbox.faults('ghn', route, 'status:502', times=1)
                self.drain(ask, rounds=1)
                self.sandbox.post(f'{path}/{steps[1]}', {})
                self.drain()
                task = parcel.gtg_task_ids.filtered(lambda t, ask=ask: t.operation == ask)
                self.assertEqual(task.state, 'failed')
                self.assertTrue(parcel.problem)
                self.assertFalse(self.sandbox.ledger('ghn', 'redeliver_order'))
                self.assertFalse(self.sandbox.ledger('ghn', 'return_order'))

    def test_pdf_or_page(self):
        self.sandbox.post('/ghn/settings', {'print_format': 'pdf'})
        order = self.ready_order()
        self.assertTrue(
            order.gtg_parcel_ids.label_attachment_id.raw.startswith(b'%PDF'))

    def test_failed_pickup_is_told(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.bench.move(self.sandbox, parcel.tracking_number, 'pick')
        self.letters()
        second = self.ready_order()
        parcel = second.gtg_parcel_ids
        for verb in ('picking', 'fail_pickup'):
            self.sandbox.post(f'/ghn/orders/{parcel.tracking_number}/{verb}', {})
        self.hand_over(self.letters())
        self.assertEqual(parcel.status, 'ready')
        self.assertTrue(parcel.attention)

    def test_decision_after_the_attempts(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.move(parcel, 'pick', 'deliver', 'fail')
        self.sandbox.post(f'/ghn/orders/{parcel.tracking_number}/wait_return', {})
        self.hand_over(self.letters())
        self.assertTrue(parcel.attention)
        parcel.action_redeliver()
        self.drain()
        self.assertEqual(len(self.sandbox.ledger('ghn', 'redeliver_order')), 1)
        self.hand_over(self.letters())
        self.assertEqual(parcel.status, 'in_transit')

    def test_weighed_again(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.move(parcel, 'pick')
        self.sandbox.post(f'/ghn/orders/{parcel.tracking_number}/update_weight', {
            'weight': 1300, 'length': 20, 'width': 20, 'height': 20})
        self.hand_over(self.letters())
        self.assertEqual(parcel.billed_weight, 1600)
        self.assertGreater(parcel.fee_billed, parcel.fee_expected)
        self.assertEqual(parcel.weight, 800)

    def test_other_cash_than_asked_is_flagged(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.sandbox.post(f'/ghn/orders/{parcel.tracking_number}/update_cod', {
            'cod_amount': 1000})
        self.hand_over(self.letters())
        self.assertTrue(parcel.attention)
        self.assertTrue(order.activity_ids)

    def test_shop_of_another_account(self):
        self.account.ghn_shop_id = '200200'
        with self.assertRaises(UserError) as caught:
            self.account.action_test_connection()
        self.assertIn('200123', str(caught.exception))

    def test_message_before_the_answer(self):
        """The carrier's message about a new parcel overtakes its own answer."""
        self.sandbox.post('/ghn/settings', {'create_event': 'before'})
        order = self.order()
        self.fault('create', 'lose_response')
        self.drain('create_waybill', rounds=1)
        self.hand_over(self.letters())
        parcel = order.gtg_parcel_ids
        self.assertEqual(parcel.status, 'ready')
        self.assertTrue(parcel.tracking_number)
        self.drain()
        self.assertEqual(len(self.effects()), 1)
        self.assertTrue(parcel.label_attachment_id)

    def test_an_end_that_is_never_confirmed_needs_a_person(self):
        parcel = self.ready_order().gtg_parcel_ids
        self.bench.move(self.sandbox, parcel.tracking_number, 'pick')
        headers, body = self.letters()[-1]
        self.hand_over([(headers, json.dumps(
            {**json.loads(body), 'Status': 'lost'}).encode())])
        event = self.env['gtg.connector.event'].sudo().search([
            ('account_id', '=', self.account.id)], order='id desc', limit=1)
        self.assertEqual((event.state, parcel.status == 'lost'), ('new', False))
        event.write({'next_try_at': '2026-01-01', 'received_at': '2026-01-01'})
        self.drain_inbox()
        self.assertEqual(event.state, 'failed')
        self.assertIn('own record', event.error_text)

    # === PEOPLE === #

    def test_staff_sees_and_works_but_reads_no_secret(self):
        order = self.order()
        staff = self.env['res.users'].create({
            'name': 'Staff', 'login': 'staff', 'company_id': self.company.id,
            'company_ids': [Command.set(self.company.ids)],
            'group_ids': [Command.set(self.env.ref(
                'gtg_order_flow.group_shop_staff').ids)]})
        parcel = order.gtg_parcel_ids.with_user(staff)
        parcel.action_cancel()
        self.assertEqual(parcel.status, 'cancelled')
        order.picking_ids.with_user(staff).action_gtg_request()
        self.drain()
        live = order.gtg_parcel_ids._gtg_live()
        self.assertEqual(live.status, 'ready')
        live.with_user(staff).action_print()
        self.assertTrue(live.with_user(staff).tracking_url)
        account = self.account.with_user(staff)
        for field in ('ghn_token', 'webhook_secret', 'webhook_url'):
            with self.assertRaises(AccessError):
                account.read([field])
        with self.assertRaises(AccessError):
            account.write({'payer': 'buyer'})

    def test_other_company_sees_nothing(self):
        order = self.order()
        other = self.env['res.users'].create({
            'name': 'Other', 'login': 'other',
            'company_id': self.env.ref('base.main_company').id,
            'company_ids': [Command.set(self.env.ref('base.main_company').ids)],
            'group_ids': [Command.set(self.env.ref(
                'gtg_order_flow.group_shop_manager').ids)]})
        parcels = self.env['gtg.parcel'].with_user(other)
        self.assertFalse(parcels.search([('id', '=', order.gtg_parcel_ids.id)]))
        with self.assertRaises(AccessError):
            order.gtg_parcel_ids.with_user(other).action_cancel()

    def test_a_requested_parcel_does_not_change(self):
        order = self.order()
        with self.assertRaises(UserError):
            order.gtg_parcel_ids.cod_amount = 1
        with self.assertRaises(UserError):
            order.gtg_parcel_ids.unlink()

    def test_every_screen_opens(self):
        order = self.ready_order()
        for record in (order, order.picking_ids, order.gtg_parcel_ids, self.account,
                       self.carrier):
            for view in ('form', 'list', 'search'):
                record.get_view(view_type=view)
        self.assertTrue(order.action_gtg_parcels()['res_id'])

    def test_two_at_once_cannot_make_two_parcels(self):
        order = self.order()
        picking = order.picking_ids.with_user(SUPERUSER_ID)
        with self.assertRaises(UniqueViolation), mute_logger('odoo.sql_db'), \
                self.env.cr.savepoint():
            self.env['gtg.parcel'].sudo().create(
                picking._gtg_parcel_vals(None, 1))
