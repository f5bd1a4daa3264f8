import io

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from ..lib import orders as o
from .common import ShopeeCase


@tagged('post_install', '-at_install')
class TestShip(ShopeeCase):

    def setUp(self):
        super().setUp()
        self.shop = self.connected_shop()

    def arrived(self, **values):
        ref = self.order_at_shopee(push=False, **values)
        self.poll(self.shop)
        return self.sale(ref)

    def ledger(self, operation):
        return self.sandbox.ledger('shopee', operation)

    def test_a_restored_database_asks_before_it_sends_again(self):
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        task = order.gtg_package_ids.gtg_task_ids
        # sent, and then the dump of a moment ago is restored
        self.shop._adapter()._send_ship_order(self.shop, task)
        health = self.env['gtg.connector.health']._of(self.shop)
        ours = health.database_pin
        health.database_pin = ours.replace('@', '0@')
        self.assertTrue(self.shop.is_copy)
        self.drain()
        self.assertEqual(task.state, 'queued')
        self.shop._gtg_connected()
        self.assertFalse(self.shop.is_copy)
        self.drain()
        self.assertEqual((task.state, task.result), ('done', {'looked_up': True}))
        self.assertEqual(len(self.ledger('ship_order')), 1)

    def test_no_courier_of_ours_when_theirs_may_come(self):
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        with self.assertRaisesRegex(UserError, 'has a waybill'):
            order.with_user(self.env.ref('base.user_admin')).gtg_own_carrier = True
        order.sudo().gtg_own_carrier = True  # at the same moment
        self.drain()
        self.assertFalse(self.ledger('ship_order'))
        order.sudo().gtg_own_carrier = False
        order.gtg_package_ids.sudo().gtg_task_ids.action_retry()
        self.drain('ship_order')
        self.assertEqual(len(self.ledger('ship_order')), 1)
        with self.assertRaisesRegex(UserError, 'has a waybill'):
            order.with_user(self.env.ref('base.user_admin')).gtg_own_carrier = True

    def test_what_we_ship_needs_no_waybill_of_theirs(self):
        order = self.arrived()
        picking = order.picking_ids
        self.assertTrue(picking._gtg_scan_blocks())
        order.gtg_own_carrier = True
        self.assertFalse(picking._gtg_scan_blocks())
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, 'done')
        self.assertTrue(order.gtg_shipped_at)
        self.assertFalse(order.activity_ids.filtered(
            lambda activity: 'not arranged' in (activity.summary or '')))

    def test_from_arranging_to_the_label(self):
        order = self.arrived()
        self.assertFalse(self.ledger('ship_order'))
        order.action_gtg_arrange_shipment()
        order.action_gtg_arrange_shipment()
        self.drain()
        package = order.gtg_package_ids
        self.assertEqual(len(self.ledger('ship_order')), 1)
        self.assertTrue(package.tracking_number)
        self.assertEqual(order.picking_ids.carrier_tracking_ref, package.tracking_number)
        self.assertEqual(package.label_id.raw[:4], b'%PDF')
        self.assertEqual(package.label_id.res_model, 'stock.picking')
        self.assertTrue(order.gtg_label_ready_at)
        self.assertEqual(order.gtg_goods, 'to_print')
        self.assertNotIn('file', package.gtg_task_ids.filtered(
            lambda task: task.operation == 'fetch_label').result)
        with self.assertRaises(UserError):
            order.action_gtg_arrange_shipment()

    def test_arrange_many_with_a_reason_for_each_that_is_not(self):
        good, held = self.arrived(), self.arrived()
        held._gtg_hold('manual', note='Ask the buyer')
        bulk = self.env['gtg.order.bulk']._gtg_prepare('arrange', good | held)
        bulk.action_start()
        bulk.action_chunk()
        self.assertEqual(bulk.failed_line_ids.order_id, held)
        self.assertIn('Ask the buyer', bulk.failed_line_ids.message)
        self.drain()
        self.assertEqual(len(self.ledger('ship_order')), 1)
        bulk.action_again()
        bulk.action_chunk()
        again = self.env['gtg.order.bulk']._gtg_prepare('arrange', good)
        again.action_start()
        again.action_chunk()
        self.drain()
        self.assertEqual((again.done, len(self.ledger('ship_order'))), (1, 1))

    def test_a_cancelled_parcel_is_not_arranged(self):
        order = self.arrived()
        order.gtg_package_ids.sudo().write({'state': 'cancelled', 'is_arranged': True})
        order.gtg_package_ids.sudo().create(
            {'name': 'NEW', 'order_id': order.id, 'state': 'waiting'})

        def answer():
            bulk = self.env['gtg.order.bulk']._gtg_prepare('arrange', order)
            bulk.action_start()
            bulk.action_chunk()
            return bulk.failed_line_ids.message

        self.assertIn('cannot be arranged now', answer())
        order.gtg_own_carrier = True
        self.assertIn('ship it yourselves', answer())

    def test_its_label_in_the_station_and_for_many(self):
        order, waiting = self.arrived(), self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        package = order.gtg_package_ids
        self.assertEqual(order.gtg_next_action, 'print_labels')
        self.assertEqual(order.gtg_fees_text, 'Marketplace: not known yet')
        bulk = self.env['gtg.order.bulk']._gtg_prepare('print', waiting + order)
        self.assertEqual(bulk.papers, 'labels')
        bulk.action_start()
        bulk.action_chunk()
        self.assertEqual(bulk.failed_line_ids.order_id, waiting)
        self.assertIn('has not been arranged yet', bulk.failed_line_ids.message)
        file = bulk.action_follow_up()['params']
        self.env.flush_all()
        self.authenticate('admin', 'admin')
        answer = self.url_open(file['url'])
        self.assertEqual(answer.content, package.label_id.raw)
        self.assertFalse(package.label_printed_at)
        bulk.action_printed(file['picking_ids'])
        self.assertTrue(package.label_printed_at)
        self.assertTrue(order.gtg_label_printed_at)
        # the paper got lost: fetched once more, the station prints it
        package.action_fetch_label()
        self.drain()
        station = self.env['stock.picking']
        shown = station.gtg_scan_open(package.tracking_number)
        self.assertEqual(shown['boxes'], [package.tracking_number])
        answer = order.picking_ids.gtg_scan_finish(
            [[self.shirt.id, False, 2]], token='1')
        self.assertIn(f'ids={order.picking_ids.id}', answer['label']['url'])
        order.picking_ids.gtg_scan_printed()
        self.assertFalse(order.picking_ids.gtg_scan_finish([], token='1')['label'])
        self.assertIn('left', station.gtg_scan_open(package.tracking_number))

    def test_not_arranged_does_not_leave(self):
        order = self.arrived()
        picking = order.picking_ids
        scanned = [[self.shirt.id, False, 2]]
        with self.assertRaisesRegex(UserError, 'has no waybill yet'):
            picking.gtg_scan_finish(scanned)
        order.action_gtg_arrange_shipment()
        self.drain()
        picking.gtg_scan_finish(scanned)
        self.assertEqual(picking.state, 'done')

    def test_validated_without_the_station_and_not_arranged(self):
        order, late = self.arrived(), self.arrived()
        (order | late).picking_ids.button_validate()
        self.assertEqual(set((order | late).picking_ids.mapped('state')), {'done'})
        self.assertIn('not arranged', order.activity_ids.summary)
        self.assertIn('not arranged', str(order.message_ids.mapped('body')))
        self.assertFalse(order.gtg_shipped_at)
        self.assertEqual(order._gtg_next_action(), 'arrange_shipment')
        order.action_gtg_next()
        self.drain()
        self.assertTrue(order.gtg_package_ids.label_id)
        self.control(f'/orders/{order.gtg_channel_ref}/pickup')
        # nobody arranged the other one: the marketplace cancels it
        self.control(f'/orders/{late.gtg_channel_ref}/cancel')
        self.poll(self.shop)
        self.assertEqual(order.gtg_goods, 'shipped')
        self.assertEqual(late.gtg_platform_state, 'cancelled')
        self.assertEqual(late.gtg_goods, 'returning', 'its goods are to be put back')

    def take_parcels(self, order, *packages):
        """What the marketplace says of the order's parcels now."""
        self.shop.sudo()._take_packages([(order, o.Order(
            order.gtg_channel_ref, 'to_ship', 'PROCESSED', 'VND', None, None, (), packages=[
                o.Package(name, status, tracking_number=number, arranged=True)
                for name, status, number in packages]))])

    def test_a_changed_number_needs_another_label(self):
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        package, picking = order.gtg_package_ids, order.picking_ids
        order.action_gtg_print_labels()
        old = package.tracking_number
        self.take_parcels(order, (package.name, o.PACKAGE_ARRANGED, 'SPXVN-NEW'))
        self.assertEqual(picking.carrier_tracking_ref, 'SPXVN-NEW')
        self.assertFalse(package.label_id)
        self.assertEqual(order.gtg_goods, 'allocated')
        station = self.env['stock.picking']
        with self.assertRaisesRegex(UserError, 'no waybill'):
            station.gtg_scan_open(old)
        self.assertEqual(station.gtg_scan_open('SPXVN-NEW')['id'], picking.id)
        self.assertEqual(package.gtg_task_ids.filtered(
            lambda t: t.operation == 'fetch_label' and t.state == 'queued').generation, 1)

    def test_a_cancelled_parcel_does_not_leave(self):
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        package, picking = order.gtg_package_ids, order.picking_ids
        order.action_gtg_print_labels()
        old, scanned = package.tracking_number, [[self.shirt.id, False, 2]]
        self.take_parcels(order, (package.name, o.PACKAGE_CANCELLED, old))
        self.assertFalse(package.label_id)
        self.assertFalse(picking.carrier_tracking_ref)
        with self.assertRaisesRegex(UserError, 'marketplace are cancelled'):
            picking.gtg_scan_finish(scanned)
        self.take_parcels(order, ('OFG-2', o.PACKAGE_READY, ''))
        with self.assertRaisesRegex(UserError, 'OFG-2 has no waybill yet'):
            picking.gtg_scan_finish(scanned)
        self.take_parcels(order, ('OFG-2', o.PACKAGE_ARRANGED, 'SPXVN-2'))
        self.assertEqual(picking.carrier_tracking_ref, 'SPXVN-2')
        self.assertEqual(picking._gtg_scan_waybills(), ['SPXVN-2'])
        picking.gtg_scan_finish(scanned)
        self.assertEqual(picking.state, 'done')

    def test_each_label_of_two_deliveries_once(self):
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        one = order.gtg_package_ids
        other = one.copy({
            'name': 'OFG-2', 'tracking_number': 'SPXVN-2', 'state': 'arranged',
            'is_arranged': True, 'label_id': one.label_id.copy().id})
        first = order.picking_ids
        first.move_ids.quantity = 1
        first.action_split_transfer()
        second = order.picking_ids - first
        second.action_assign()
        self.env.flush_all()
        self.authenticate('admin', 'admin')

        def pages(action):
            content = self.url_open(action['url']).content
            return len(PdfFileReader(io.BytesIO(content), strict=False).pages)

        each = pages(first._gtg_labels_action()) // 2
        self.assertEqual(pages(order.action_gtg_print_labels()), 2 * each)
        scanned = [[self.shirt.id, False, 1]]
        first.gtg_scan_finish(scanned, waybills=[one.tracking_number])
        self.assertEqual(second._gtg_scan_waybills(), ['SPXVN-2'])
        self.env.flush_all()
        self.assertEqual(pages(order.action_gtg_print_labels()), each,
                         'what has left is not printed again')
        other.write({'state': 'cancelled', 'is_shippable': False})
        with self.assertRaisesRegex(UserError, 'have left with another delivery'):
            second.gtg_scan_finish(scanned, waybills=[one.tracking_number])

    def test_every_parcel_of_a_split_order_is_scanned(self):
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        first = order.gtg_package_ids
        other = first.copy({'name': 'OFG-2', 'tracking_number': 'SPXVN-2',
                            'state': 'arranged', 'is_arranged': True})
        picking = order.picking_ids
        shown = self.env['stock.picking'].gtg_scan_open(first.tracking_number)
        self.assertEqual(shown['boxes_needed'], 2)
        scanned = [[self.shirt.id, False, 2]]
        with self.assertRaisesRegex(UserError, 'SPXVN-2'):
            picking.gtg_scan_finish(scanned, waybills=[first.tracking_number])
        other.write({'state': 'cancelled', 'is_shippable': False})
        shown = self.env['stock.picking'].gtg_scan_open(first.tracking_number)
        self.assertEqual((shown['boxes'], shown['boxes_needed']),
                         ([first.tracking_number], 0))

    def test_automatically_as_soon_as_it_may_be_shipped(self):
        self.shop.auto_arrange = True
        order = self.arrived()
        self.drain()
        self.assertTrue(order.gtg_package_ids.label_id)
        self.assertEqual(len(self.ledger('ship_order')), 1)

    def test_lost_answers_arrange_once(self):
        for mode in ('lose_response', 'status:502', 'html', 'truncated', 'empty',
                     'reset_before'):
            order = self.arrived()
            before = len(self.ledger('ship_order'))
            self.sandbox.faults('shopee', 'ship_order', mode, times=1)
            order.action_gtg_arrange_shipment()
            self.drain()
            self.assertEqual(len(self.ledger('ship_order')), before + 1, mode)
            self.assertTrue(order.gtg_package_ids.label_id, mode)

    def test_arranged_in_seller_centre_meanwhile(self):
        order = self.arrived()
        client = self.shop._adapter()._client(self.shop)
        with client:
            offer = client.shipping_parameter(order.gtg_channel_ref)
            place = offer['pickup']['address_list'][0]
            client.ship_order(order.gtg_channel_ref, 'pickup', {
                'address_id': place['address_id'],
                'pickup_time_id': place['time_slot_list'][0]['pickup_time_id']})
        order.action_gtg_arrange_shipment()
        self.drain()
        self.assertEqual(len(self.ledger('ship_order')), 1)
        self.assertTrue(order.gtg_package_ids.label_id)

    def test_the_number_and_the_label_take_their_time(self):
        self.control('/settings', {'tracking_empty': 3, 'document_processing': 2})
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        self.assertTrue(order.gtg_package_ids.label_id)

    def test_labels_in_a_zip(self):
        self.control('/settings', {'document_format': 'zip'})
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        self.assertEqual(order.gtg_package_ids.label_id.raw[:4], b'%PDF')

    def test_dropoff_is_an_empty_object(self):
        self.shop.ship_method = 'dropoff'
        order = self.arrived(methods=['dropoff'])
        order.action_gtg_arrange_shipment()
        self.drain()
        self.assertEqual(len(self.ledger('ship_order')), 1)

    def test_a_refusal_holds_the_order_with_shopees_words(self):
        order = self.arrived()
        self.sandbox.faults('shopee', 'ship_order', 'error', times=1,
                            error='logistics.error_no_pickup',
                            message='No pickup in this ward.')
        order.action_gtg_arrange_shipment()
        self.drain()
        hold = order.gtg_open_hold_ids
        self.assertEqual(hold.reason_id.code, 'provider')
        self.assertIn('No pickup in this ward.', hold.provider_text)
        hold.action_retry()
        self.drain()
        self.assertFalse(order.gtg_open_hold_ids)
        self.assertTrue(order.gtg_package_ids.label_id)

    def test_the_rest_of_its_life(self):
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        ref = order.gtg_channel_ref
        self.control(f'/orders/{ref}/pickup')
        self.poll(self.shop)
        self.assertEqual(order.gtg_goods, 'shipped')
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertEqual(order.order_line.filtered(
            lambda line: line.gtg_line_kind == 'goods').qty_delivered, 2)
        self.control(f'/orders/{ref}/deliver')
        self.poll(self.shop)
        self.assertEqual(order.gtg_goods, 'delivered')
        self.assertEqual(order.gtg_money, 'paid')
        self.assertEqual(order.gtg_stage, 'completed')
        self.control(f'/orders/{ref}/complete')
        self.poll(self.shop)
        self.assertEqual(order.gtg_platform_state, 'completed')

    def test_steps_missed_between_two_polls(self):
        ref = self.order_at_shopee(push=False)
        other = self.arrived()
        self.assertEqual(other.state, 'sale')
        with self.shop._adapter()._client(self.shop) as client:
            offer = client.shipping_parameter(ref)
            place = offer['pickup']['address_list'][0]
            client.ship_order(ref, 'pickup', {
                'address_id': place['address_id'],
                'pickup_time_id': place['time_slot_list'][0]['pickup_time_id']})
        self.control(f'/orders/{ref}/tracking')
        for verb in ('pickup', 'deliver', 'complete'):
            self.control(f'/orders/{ref}/{verb}')
        self.poll(self.shop)
        order = self.sale(ref)
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertEqual(order.gtg_stage, 'completed')

    def test_failed_delivery_comes_back(self):
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        self.control(f'/orders/{order.gtg_channel_ref}/pickup')
        self.poll(self.shop)
        self.control(f'/orders/{order.gtg_channel_ref}/fail_delivery')
        self.poll(self.shop)
        self.assertEqual(order.gtg_platform_state, 'cancelled')
        self.assertEqual(order.gtg_goods, 'returning')
        self.assertEqual(order.state, 'sale', 'the goods are not back yet')

    def test_shipped_without_stock_here_all_the_same(self):
        self.env['stock.quant'].search([('product_id', '=', self.shirt.id)]).with_context(
            inventory_mode=True).write({'inventory_quantity': 0})
        self.env['stock.quant'].search(
            [('product_id', '=', self.shirt.id)]).action_apply_inventory()
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        self.control(f'/orders/{order.gtg_channel_ref}/pickup')
        self.poll(self.shop)
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertEqual(order.gtg_goods, 'shipped')
