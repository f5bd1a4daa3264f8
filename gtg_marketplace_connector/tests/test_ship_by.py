"""When must it leave, and did it really? Deadlines of the marketplace."""

from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.modules.migration import load_script
from odoo.tests import freeze_time, tagged
from odoo.tools import file_path

from .common import ShopeeCase


@tagged('post_install', '-at_install')
class TestShipBy(ShopeeCase):

    def setUp(self):
        super().setUp()
        self.shop = self.connected_shop()
        self.clerk, self.manager = (self.env['res.users'].create({
            'name': name, 'login': name, 'email': f'{name}@example.com',
            'group_ids': [Command.set(self.env.ref(group).ids)]})
            for name, group in (
                ('ship-clerk', 'gtg_order_flow.group_shop_staff'),
                ('ship-boss', 'gtg_order_flow.group_shop_manager')))
        self.shop.channel_id.user_id = self.clerk

    def arrived(self, **values):
        ref = self.order_at_shopee(push=False, **values)
        self.poll(self.shop)
        return self.sale(ref)

    def left_us(self):
        order = self.arrived()
        order.action_gtg_arrange_shipment()
        self.drain()
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        self.assertTrue(order.gtg_shipped_at)
        return order

    def later(self, order, days=3, user=None, **values):
        return self.env['gtg.ship.date'].with_user(user or self.manager).create({
            'order_ids': [Command.set(order.ids)],
            'ship_by': fields.Datetime.now() + timedelta(days=days),
            'reason': 'Agreed with Shopee, case 4711', **values}).action_change()

    def test_warned_before_the_date_of_the_marketplace(self):
        order = self.arrived()
        self.assertEqual(order.gtg_ship_by, order.gtg_platform_ship_by)
        self.assertEqual(order.gtg_deadline, order.gtg_ship_by - timedelta(hours=4))
        self.assertEqual(
            order.gtg_deadline_clock_id,
            self.env.ref('gtg_order_flow.clock_promise_near'))
        with freeze_time(order.gtg_ship_by - timedelta(hours=3)):
            order._gtg_tell_due(fields.Datetime.now())
        self.assertEqual(order.activity_ids.user_id, self.clerk)
        self.assertIn('four hours', order.activity_ids.summary)

    def test_left_us_but_never_scanned(self):
        order = self.left_us()
        clock = self.env.ref('gtg_order_flow.clock_unscanned')
        self.assertEqual(order.gtg_unscanned_since, order.gtg_shipped_at)
        self.assertEqual(order.gtg_deadline_clock_id, clock)
        self.assertEqual(order.gtg_deadline, (
            order.gtg_shipped_at + timedelta(hours=24)).replace(microsecond=0))
        home = self.env['gtg.order.home']

        def tile():
            return [t for s in home.today()['sections'] for t in s['tiles']
                    if t['label'] == 'Left us, not scanned']

        self.assertFalse(tile(), 'the courier may still come')
        with freeze_time(order.gtg_deadline + timedelta(minutes=1)):
            order._gtg_tell_due(fields.Datetime.now())
            [shown] = tile()
            self.assertIn(order, self.env['sale.order'].search(shown['domain']))
        self.assertEqual(order.activity_ids.user_id, self.clerk)
        self.assertIn('not scanned', order.activity_ids.summary)

    def test_upgrade_starts_the_clock_of_what_has_left_before(self):
        order, waiting = self.left_us(), self.arrived()
        facts = ('gtg_unscanned_since', 'gtg_deadline', 'gtg_deadline_clock_id',
                 'gtg_fees_known', 'gtg_platform_ship_by')
        before = [order[name] for name in facts]
        self.assertTrue(all(before))
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE sale_order SET gtg_unscanned_since = NULL, gtg_deadline = NULL,
                      gtg_deadline_clock_id = NULL, gtg_fees_known = 'none',
                      gtg_platform_ship_by = NULL
                WHERE id = ANY(%s)""", [(order | waiting).ids])
        self.env.invalidate_all()
        name = 'gtg_marketplace_connector/migrations/19.0.1.1.0/post-facts.py'
        load_script(file_path(name), 'post-facts').migrate(self.env.cr, '19.0.1.0.0')
        self.assertEqual([order[name] for name in facts], before)
        self.assertFalse(waiting.gtg_unscanned_since)
        self.assertEqual(waiting.gtg_fees_known, 'some')
        # a date noted between the upgrade and the next news of the order stands
        self.later(waiting, days=9)
        ours = waiting.gtg_ship_by
        self.control(f'/orders/{waiting.gtg_channel_ref}/edit', {'message': 'Hello'})
        self.poll(self.shop)
        self.assertEqual((waiting.gtg_buyer_note, waiting.gtg_ship_by), ('Hello', ours))

    def test_scanned_in_time(self):
        order = self.left_us()
        self.control(f'/orders/{order.gtg_channel_ref}/pickup')
        self.poll(self.shop)
        self.assertEqual(order.gtg_platform_state, 'shipped')
        self.assertFalse(order.gtg_unscanned_since)
        self.assertFalse(order.gtg_deadline_clock_id)

    def test_what_another_carrier_takes_is_not_scanned_there(self):
        order = self.arrived()
        order.gtg_own_carrier = True
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        self.assertTrue(order.gtg_shipped_at)
        self.assertFalse(order.gtg_unscanned_since)

    def test_a_date_agreed_there_is_noted_by_a_manager(self):
        order = self.arrived()
        theirs = order.gtg_ship_by
        with self.assertRaisesRegex(UserError, 'on the marketplace'):
            self.later(order, user=self.clerk)
        self.assertEqual(order.gtg_ship_by, theirs)
        self.later(order, days=9)
        ours = order.gtg_ship_by
        self.assertGreater(ours, theirs)
        self.assertIn('case 4711', ''.join(order.message_ids.mapped('body')))
        self.assertFalse(self.env['gtg.buyer.message'].search(
            [('order_id', '=', order.id), ('event', '=', 'delayed')]))
        # other news of the order changes nothing of it
        ref = order.gtg_channel_ref
        self.control(f'/orders/{ref}/edit', {'message': 'After six, please'})
        self.poll(self.shop)
        self.assertEqual(order.gtg_buyer_note, 'After six, please')
        self.assertEqual(order.gtg_ship_by, ours)
        # until it names another date
        moved = int((theirs + timedelta(days=2) - datetime(1970, 1, 1)).total_seconds())
        self.control(f'/orders/{ref}/edit', {'ship_by_date': moved})
        self.poll(self.shop)
        self.assertEqual(order.gtg_ship_by, theirs + timedelta(days=2))
