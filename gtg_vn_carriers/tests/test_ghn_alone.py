"""What GHN alone does."""

import json
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CarrierCase
from .ghn_bench import GhnBench


@tagged('post_install', '-at_install')
class TestGhnAlone(CarrierCase):
    bench = GhnBench()

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
