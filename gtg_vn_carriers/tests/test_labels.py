"""Labels of the carrier: at the scan-out station and for many orders at once."""

import io
import re

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.pdf import PdfFileReader

from .common import CarrierCase
from .ghn_bench import GhnBench


class LabelCase(CarrierCase, HttpCase):
    bench = GhnBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packer = new_test_user(
            cls.env, 'packer', 'gtg_order_flow.group_shop_staff',
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])

    def two_boxes(self):
        order = self.packed_order()
        order.picking_ids.action_gtg_request()
        self.drain()
        return order

    def pages(self, url, login='packer'):
        """Texts of the pages behind an action's address."""
        self.env.flush_all()
        self.authenticate(login, login)
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(answer.headers['Content-Type'], 'application/pdf')
        pages = PdfFileReader(io.BytesIO(answer.content), strict=False).pages
        # the converter ends each label with an empty one
        return [text for page in pages if (text := page.extract_text().strip())]


@tagged('post_install', '-at_install')
class TestStation(LabelCase):

    def station(self, order):
        return order.picking_ids.with_user(self.packer)

    def finish(self, order, **values):
        picking = self.station(order)
        return picking.gtg_scan_finish(
            [[self.shirt.id, False, picking.move_ids.product_qty]], **values)

    def test_printed_when_the_browser_has_it(self):
        order = self.ready_order()
        answer = self.finish(order, token='x')
        self.assertTrue(answer['label'])
        self.assertFalse(order.gtg_label_printed_at, 'nobody has seen it yet')
        self.assertEqual(self.finish(order, token='x')['label'], answer['label'])
        self.assertEqual(len(self.pages(answer['label']['url'])), 1)
        self.station(order).gtg_scan_printed()
        self.assertTrue(order.gtg_label_printed_at)
        self.assertTrue(order.gtg_parcel_ids.label_printed_at)
        self.assertFalse(self.finish(order, token='x')['label'])

    def test_once_more_by_who_shipped_it_a_moment_ago(self):
        order = self.ready_order()
        answer = self.finish(order)
        self.station(order).gtg_scan_printed()
        scan = self.station(order).gtg_scan_open
        number = order.gtg_parcel_ids.tracking_number
        again = scan(number)
        self.assertIn('has left already', again['left'])
        self.assertEqual(again['label'], answer['label'])
        with self.assertRaisesRegex(UserError, 'has left already'):
            order.picking_ids.gtg_scan_open(number)  # another person
        order.picking_ids.date_done = '2026-01-01'
        with self.assertRaisesRegex(UserError, 'has left already'):
            scan(number)

    def test_printed_before_it_is_not_printed_again(self):
        order = self.ready_order()
        order.action_gtg_print_labels()
        self.assertFalse(self.station(order).gtg_scan_open(order.name)['label'])
        self.assertFalse(self.finish(order)['label'])

    def test_a_cancelled_waybill_does_not_leave(self):
        order = self.ready_order()
        order.gtg_parcel_ids.action_cancel()
        with self.assertRaisesRegex(UserError, 'being cancelled'):
            self.finish(order)
        self.drain()
        self.assertEqual(order.gtg_parcel_ids.status, 'cancelled')
        with self.assertRaisesRegex(UserError, 'was cancelled'):
            self.finish(order)
        self.assertNotEqual(order.picking_ids.state, 'done')

    def test_a_single_box_does_not_leave_without_its_waybill(self):
        self.carrier.gtg_auto_request = False
        order = self.order()
        with self.assertRaisesRegex(UserError, 'has no waybill. Request one'):
            self.finish(order)
        order.picking_ids.action_gtg_request()
        parcel = order.gtg_parcel_ids
        for status in ('requested', 'draft'):
            parcel.status = status
            with self.assertRaisesRegex(UserError, 'has no waybill yet'):
                self.finish(order)
        parcel.status = 'requested'
        self.drain()
        self.finish(order)
        self.assertEqual(order.picking_ids.state, 'done')

    def test_another_waybill_is_another_label_to_print(self):
        order = self.ready_order()
        order.action_gtg_print_labels()
        self.assertEqual(order.gtg_goods, 'to_pack')
        order.gtg_parcel_ids.action_cancel()
        self.drain()
        self.assertEqual(order.gtg_goods, 'allocated')
        order.picking_ids.action_gtg_request()
        self.drain()
        self.assertEqual(order.gtg_goods, 'to_print')
        order.action_gtg_print_labels()
        self.assertEqual(order.gtg_goods, 'to_pack')
        order.gtg_parcel_ids._gtg_live().action_label()
        self.drain()
        self.assertEqual(order.gtg_goods, 'to_print', 'the paper may show another box')

    def test_cancelled_for_another_way_to_the_buyer(self):
        order = self.ready_order()
        order.gtg_parcel_ids.action_cancel()
        self.drain()
        order.picking_ids.carrier_id = self.env['delivery.carrier'].create({
            'name': 'Own van', 'delivery_type': 'fixed',
            'product_id': self.carrier.product_id.id})
        self.assertFalse(self.station(order).gtg_scan_open(order.name)['blocks'])
        self.finish(order)
        self.assertEqual(order.picking_ids.state, 'done')

    def test_every_box_and_no_cancelled_one(self):
        order = self.two_boxes()
        first, second = order.gtg_parcel_ids.sorted('box')
        shown = self.station(order).gtg_scan_open(first.tracking_number)
        self.assertEqual(shown['boxes_needed'], 2)
        self.assertEqual(shown['boxes'],
                         [first.tracking_number, second.tracking_number])
        self.assertEqual(len(self.pages(shown['label']['url'])), 2)
        with self.assertRaisesRegex(UserError, second.tracking_number):
            self.finish(order, waybills=[first.tracking_number])
        gone = second.tracking_number
        second.action_cancel()
        self.drain()
        order.picking_ids.action_gtg_request()
        other = order.gtg_parcel_ids._gtg_live() - first
        shown = self.station(order).gtg_scan_open(order.name)
        self.assertIn('has no waybill yet', ''.join(shown['blocks']))
        self.drain()
        with self.assertRaisesRegex(UserError, other.tracking_number):
            self.finish(order, waybills=[first.tracking_number, gone])
        self.finish(order, waybills=[other.tracking_number, first.tracking_number])
        self.assertEqual(order.picking_ids.state, 'done')

    def test_connection_lost_after_it_has_left(self):
        """Repeated by itself, by a key, and after the page was left."""
        orders = [self.ready_order() for _time in range(3)]
        codes = [order.gtg_parcel_ids.tracking_number for order in orders]
        for parcel, code in zip([o.gtg_parcel_ids for o in orders],
                                ('LOST1', 'LOST2', 'LOST3'), strict=True):
            parcel.tracking_number = code
        self.env['stock.picking'].concat(*(o.picking_ids for o in orders)
                                         )._gtg_sync_tracking()
        self.assertEqual(len(set(codes)), 3)
        self.start_tour('/odoo/scan-out', 'gtg_vn_carriers_lost_answers', login='packer')
        for order in orders:
            self.assertEqual(order.picking_ids.state, 'done')
            self.assertTrue(order.gtg_label_printed_at)
            self.assertEqual(order.order_line.qty_delivered, 1)

    def test_a_label_that_does_not_come_is_not_lost(self):
        orders = [self.ready_order() for _time in range(2)]
        for order, code in zip(orders, ('STALL1', 'STALL2'), strict=True):
            order.gtg_parcel_ids.tracking_number = code
            order.picking_ids._gtg_sync_tracking()
        self.start_tour('/odoo/scan-out', 'gtg_vn_carriers_lost_label', login='packer')
        self.assertTrue(orders[0].gtg_label_printed_at)
        self.assertNotEqual(orders[1].picking_ids.state, 'done')

    def test_a_manager_ships_several_boxes_on_hold(self):
        order = self.two_boxes()
        for parcel in order.gtg_parcel_ids:
            parcel.tracking_number = f'BOX{parcel.box}'
        order.picking_ids._gtg_sync_tracking()
        hold = order._gtg_hold('address', 'Which street?')
        with self.assertRaisesRegex(UserError, 'Only a shop manager'):
            self.station(order).gtg_scan_force('I want to')
        boss = new_test_user(
            self.env, 'boss', 'gtg_order_flow.group_shop_manager',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        with self.assertRaisesRegex(UserError, 'must not leave'):
            order.picking_ids.with_user(boss).gtg_scan_force(' ')
        self.assert_forced_labels_only(order, boss)
        self.start_tour('/odoo/scan-out', 'gtg_vn_carriers_forced_boxes', login='boss')
        self.assertEqual(order.picking_ids.state, 'done')
        self.assertTrue(order.gtg_label_printed_at)
        self.assertFalse(order._gtg_blocks('ship'), hold)
        self.assertIn('gấp', ''.join(order.message_ids.mapped('body')))

    def assert_forced_labels_only(self, order, boss):
        """Forced and put aside again: the labels may be printed, the hold stands."""
        station = order.picking_ids.with_user(boss)
        url = station.gtg_scan_force('He waits outside')['label']['url']
        self.assertEqual(len(self.pages(url, 'boss')), 2)
        slips = self.env['ir.actions.report'].with_context(force_report_rendering=False)
        leaving = ('stock.action_report_delivery', order.picking_ids.ids)
        self.assertTrue(slips.with_user(boss)._pre_render_qweb_pdf(*leaving))
        with self.assertRaisesRegex(UserError, 'Which street'):
            slips._pre_render_qweb_pdf(*leaving)
        self.assertTrue(order._gtg_blocks('ship'))
        self.assertTrue(station.gtg_scan_open(order.name)['blocks'])
        self.assertIn('He waits outside', ''.join(order.message_ids.mapped('body')))
        with self.assertRaisesRegex(UserError, 'must not leave'):
            self.finish(order)
        self.assertFalse(station - station._gtg_forced())
        self.assertFalse(self.station(order)._gtg_forced(), 'his decision only')
        other = order._gtg_hold('manual', 'Not this one')
        self.env.flush_all()
        self.env.cr.execute('UPDATE gtg_order_hold SET write_date = write_date + '
                            "interval '1 second' WHERE id = %s", [other.id])
        self.env.invalidate_all()
        self.assertFalse(station._gtg_forced(), 'another reason since')
        order._gtg_release('manual')


@tagged('post_install', '-at_install')
class TestBulkPrint(LabelCase):

    def bulk(self, orders, papers='labels'):
        action = orders.with_user(self.packer).with_context(
            gtg_bulk='print').action_gtg_bulk()
        bulk = self.env['gtg.order.bulk'].with_user(self.packer).browse(
            action['res_id'])
        self.assertEqual(bulk.papers, 'labels', 'these orders have labels')
        bulk.papers = papers
        bulk.action_start()
        while bulk.action_chunk()['waiting']:
            pass
        return bulk

    def file(self, bulk):
        """Texts of the pages of the file, which is opened."""
        params = bulk.action_follow_up()['params']
        pages = self.pages(params['url'])
        bulk.action_printed(params['picking_ids'])
        return pages

    def test_one_file_in_the_order_of_the_work_list(self):
        late, soon, early = (
            self.ready_order(gtg_ship_by=day) for day in (
                '2026-03-03', '2026-03-02', '2026-03-01'))
        draft = self.order(confirm=False)
        held = self.ready_order()
        held._gtg_hold('total_mismatch', '12,000 missing')
        silent = self.order()  # its waybill is asked for, the carrier is silent
        orders = late + soon + silent + draft + held + early
        bulk = self.bulk(orders)
        why = {line.order_id: line.message for line in bulk.failed_line_ids}
        self.assertEqual(set(why), {silent, draft, held})
        self.assertIn('the carrier has not answered yet', why[silent])
        self.assertIn('approve the order first', why[draft])
        self.assertIn('12,000 missing', why[held])
        good = early + soon + late
        self.assertFalse(any(good.mapped('gtg_label_printed_at')), 'nobody has it yet')
        texts = self.file(bulk)
        self.assertTrue(all(good.mapped('gtg_label_printed_at')))
        self.assertFalse(held.gtg_label_printed_at)
        numbers = [parcel.tracking_number for parcel in good.gtg_parcel_ids.sorted(
            lambda p: p.order_id.gtg_ship_by)]
        self.assertEqual(
            [re.search('|'.join(numbers), text)[0] for text in texts], numbers)
        # the others later, and all of it once more: no label is lost with its paper
        self.drain()
        again = self.bulk(orders)
        self.assertEqual(again.failed_line_ids.order_id, draft + held)
        self.assertEqual(len(self.file(again)), 4)

    def test_one_bad_order_does_not_stop_the_file(self):
        good, broken, held = (self.ready_order() for _order in range(3))
        broken.gtg_parcel_ids.label_attachment_id.raw = b'%PDF-1.4 cut of'
        bulk = self.bulk(good + broken + held)
        self.assertEqual(bulk.failed_line_ids.order_id, broken)
        self.assertIn('cannot be read', bulk.failed_line_ids.message)
        held._gtg_hold('total_mismatch', '12,000 missing')
        self.assertEqual(bulk.action_follow_up()['params']['left_out'], 1)
        self.assertEqual(len(self.file(bulk)), 1)
        self.assertEqual(bulk.failed_line_ids.order_id, broken + held)
        self.assertTrue(good.gtg_label_printed_at)
        self.assertFalse(held.gtg_label_printed_at)
        good._gtg_hold('total_mismatch', '12,000 missing')
        self.assertEqual(bulk.action_follow_up()['res_model'], bulk._name)
        stranger = self.ready_order()
        bulk.action_printed(stranger.picking_ids.ids)
        self.assertFalse(stranger.gtg_label_printed_at, 'is not of this step')

    def test_from_the_list_to_the_paper(self):
        self.env['sale.order'].search([]).action_cancel()
        order = self.ready_order()
        self.start_tour('/odoo', 'gtg_vn_carriers_print_labels', login='packer')
        self.assertTrue(order.gtg_label_printed_at)
        self.assertEqual(order.gtg_goods, 'to_pack')

    def test_boxes_of_one_order_stay_together(self):
        order = self.two_boxes()
        bulk = self.bulk(order)
        self.assertEqual(len(self.file(bulk)), 2)
        second = order.gtg_parcel_ids.sorted('box')[1]
        second.label_attachment_id.unlink()
        order.gtg_label_printed_at = False
        bulk = self.bulk(order)
        self.assertIn(second.tracking_number, bulk.failed_line_ids.message)
        self.assertFalse(order.gtg_label_printed_at, 'half of its labels is not printed')

    def test_a_carrier_without_labels_and_slips(self):
        order = self.ready_order()
        plain = self.order(carrier_id=self.env['delivery.carrier'].create({
            'name': 'Own van', 'delivery_type': 'fixed',
            'product_id': self.carrier.product_id.id}).id)
        bulk = self.bulk(order + plain)
        self.assertIn('print the delivery slip', bulk.failed_line_ids.message)
        self.assertEqual(bulk.failed_line_ids.order_id, plain)
        bulk = self.bulk(order + plain, 'both')
        self.assertFalse(bulk.failed_line_ids)
        self.assertFalse(plain.gtg_label_printed_at)
        bulk.action_printed(bulk.action_follow_up()['params']['picking_ids'])
        self.assertTrue(plain.gtg_label_printed_at)
        bulk = self.bulk(order, 'both')
        texts = self.file(bulk)
        self.assertEqual(len(texts), 2, 'a label and a slip')
        self.assertIn(order.gtg_parcel_ids.tracking_number, texts[0])

    def test_what_must_not_be_printed_is_not_given_out(self):
        order = self.ready_order()
        url = order.picking_ids._gtg_labels_action()['url']
        self.env.flush_all()
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open(url).url)
        new_test_user(self.env, 'label-portal', 'base.group_portal')
        self.authenticate('label-portal', 'label-portal')
        self.assertEqual(self.url_open(url).status_code, 403)
        other = self.env['res.company'].create({'name': 'Other shop'})
        new_test_user(self.env, 'label-other', 'gtg_order_flow.group_shop_staff',
                      company_id=other.id, company_ids=[Command.set(other.ids)])
        self.authenticate('label-other', 'label-other')
        self.assertEqual(self.url_open(url).status_code, 403)
        self.authenticate('packer', 'packer')
        for ids in ('', 'x', '99999999999999999999', '-1', '1;2', '²'):
            self.assertEqual(self.url_open(f'/gtg/labels?ids={ids}').status_code, 404)
        order._gtg_hold('total_mismatch', '12,000 missing')
        self.env.flush_all()
        self.assertNotEqual(self.url_open(url).status_code, 200)

    def test_label_of_a_cancelled_parcel_stays_in_the_drawer(self):
        order = self.ready_order()
        parcel = order.gtg_parcel_ids
        self.assertEqual(len(self.pages(parcel.action_print()['url'])), 1)
        for ids in ('²', '99999999999999999999', '-1'):
            self.assertEqual(
                self.url_open(f'/gtg/parcel/labels?ids={ids}').status_code, 404)
        order.gtg_label_printed_at = False
        parcel.action_cancel()
        with self.assertRaisesRegex(UserError, 'no label yet'):
            parcel.action_print()
        self.drain()
        with self.assertRaisesRegex(UserError, 'no label yet'):
            parcel.action_print()
        self.assertFalse(order.gtg_label_printed_at)

    def test_a_broken_label_is_named(self):
        first, second = self.ready_order(), self.ready_order()
        second.gtg_parcel_ids.label_attachment_id.raw = b'%PDF-1.4 cut of'
        self.env.flush_all()
        self.authenticate('packer', 'packer')
        answer = self.url_open((first + second).picking_ids._gtg_labels_action()['url'])
        self.assertNotEqual(answer.status_code, 200)
        self.assertIn(second.gtg_parcel_ids.tracking_number, answer.text)
        self.assertNotIn(first.gtg_parcel_ids.tracking_number, answer.text)

    def test_from_a_list_not_more_than_one_file_holds(self):
        order, waiting = self.ready_order(), self.order()
        shown = (order + waiting).action_gtg_print_labels()
        self.assertIn(waiting.picking_ids.name, shown['params']['message'])
        self.assertNotIn(order.picking_ids.name, shown['params']['message'])
        self.assertEqual(len(self.pages(shown['params']['next']['url'])), 1)
        many = self.env['stock.picking'].create([
            {'picking_type_id': self.warehouse.out_type_id.id} for _one in range(501)])
        with self.assertRaisesRegex(UserError, '500 deliveries; you selected 501'):
            many.action_gtg_print_labels()
        url = '/gtg/labels?ids=' + ','.join(['1'] * 1001)
        self.assertEqual(self.url_open(url).status_code, 400)

    def test_so_many_at_once_and_not_more(self):
        orders = self.env['sale.order'].create([{
            'partner_id': self.env.user.partner_id.id,
            'carrier_id': self.carrier.id} for _order in range(201)])
        bulk = self.env['gtg.order.bulk']._gtg_prepare('print', orders)
        bulk.papers = 'both'
        with self.assertRaisesRegex(UserError, '200 orders; you selected 201'):
            bulk.action_start()
        bulk.papers = 'labels'
        self.assertEqual(bulk.action_start()['tag'], 'gtg_order_bulk')
