"""What several boxes need, cash that changes, and who may do what."""

from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.tests import tagged
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
