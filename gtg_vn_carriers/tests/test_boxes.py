"""What is too heavy for one parcel: told before the request, and split into boxes."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CarrierCase
from .ghn_bench import GhnBench


@tagged('post_install', '-at_install')
class TestBoxes(CarrierCase):
    bench = GhnBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['stock.package.type'].search([]).package_use = 'reusable'
        cls.shirt.weight = 12

    def split(self, order):
        action = order.action_gtg_boxes()
        split = self.env[action['res_model']].browse(action['res_id'])
        return self.env['stock.picking'].search(split.action_make()['domain'])

    def test_told_before_the_request(self):
        self.carrier.gtg_auto_request = False
        order = self.order(quantity=6)
        self.assertEqual(
            order.gtg_box_problem,
            '72 kg: Test carrier takes at most 50 kg in one box.')
        self.assertEqual(order.gtg_next_action, 'boxes')
        first = order.picking_ids
        deliveries = self.split(order)
        self.assertEqual(deliveries.sorted('id').mapped('weight'), [48, 24])
        self.assertFalse(order.gtg_box_problem)
        self.assertFalse(order.gtg_parcel_ids)
        self.assertEqual(order.gtg_next_action, 'request_waybill')
        order.action_gtg_request()
        self.drain()
        parcels = order.gtg_parcel_ids.sorted('weight')
        self.assertEqual(parcels.mapped('status'), ['ready', 'ready'])
        self.assertEqual(parcels.mapped('weight'), [24000, 48000])
        self.assertEqual(sum(parcels.mapped('cod_amount')), order.amount_total)
        self.assertEqual(first.gtg_parcel_ids.cod_amount, order.amount_total)
        self.assertEqual(len(self.effects()), 2)

    def test_what_was_requested_by_itself(self):
        """The refused draft holds the order; the split ends that and goes on."""
        order = self.order(quantity=6)
        self.assertEqual(order.gtg_parcel_ids.problem_code, 'too_heavy')
        self.assertEqual(self.holds(order), {'parcel'})
        self.assertEqual(order.gtg_next_action, 'boxes')
        deliveries = self.split(order)
        self.assertFalse(self.holds(order))
        self.drain()
        parcels = order.gtg_parcel_ids
        self.assertEqual(parcels.picking_id, deliveries)
        self.assertEqual(sorted(parcels.mapped('weight')), [24000, 48000])
        self.assertEqual(parcels.mapped('status'), ['ready', 'ready'])
        self.assertEqual(sum(parcels.mapped('cod_amount')), order.amount_total)
        self.assertEqual(
            sum(parcels.mapped('declared_value')), order.amount_total)
        self.assertEqual(len(self.effects()), 2)

    def test_told_to_all_and_only_where_it_helps(self):
        self.carrier.gtg_auto_request = False
        order = self.order(quantity=6)
        books = self.env['res.users'].create({
            'name': 'Books', 'login': 'box-books', 'company_id': self.company.id,
            'company_ids': self.company.ids,
            'group_ids': [(6, 0, self.env.ref('account.group_account_invoice').ids)]})
        self.env.invalidate_all()
        self.assertIn('at most 50 kg', order.with_user(books).gtg_box_problem)
        picking = order.picking_ids
        picking.button_validate()
        self.assertEqual(picking.state, 'done')
        self.assertFalse(picking.gtg_box_problem)
        self.assertFalse(order.gtg_box_problem)

    def test_by_itself_each_box_is_requested_with_its_own_weight(self):
        """No draft is there any more: the waybill was cancelled in order to split."""
        self.shirt.weight = 1
        order = self.ready_order(quantity=4)
        gone = order.gtg_parcel_ids
        gone.action_cancel()
        self.drain()
        self.assertEqual(gone.status, 'cancelled')
        picking = order.picking_ids
        picking._gtg_split({picking.move_ids: 1})
        self.drain()
        parcels = (order.gtg_parcel_ids - gone).sorted('weight')
        self.assertEqual(parcels.mapped('weight'), [1000, 3000])
        self.assertEqual(parcels.mapped('status'), ['ready', 'ready'])
        self.assertEqual(parcels.mapped('declared_value'), [350000, 1050000])
        self.assertEqual(sum(parcels.mapped('cod_amount')), order.amount_total)
        self.assertEqual(len(parcels.picking_id), 2)

    def test_by_itself_what_is_too_heavy_as_a_whole(self):
        self.carrier.gtg_auto_request = False
        order = self.order(quantity=6)
        self.carrier.gtg_auto_request = True
        self.split(order)
        self.assertFalse(self.holds(order))
        self.drain()
        parcels = order.gtg_parcel_ids
        self.assertEqual(sorted(parcels.mapped('weight')), [24000, 48000])
        self.assertEqual(parcels.mapped('status'), ['ready', 'ready'])

    def test_one_piece_too_heavy_stays_told(self):
        self.shirt.weight = 60
        order = self.order()
        self.assertNotEqual(order.gtg_next_action, 'boxes')
        self.assertEqual(self.holds(order), {'parcel'})
        self.assertTrue(order.gtg_box_problem)
        self.drain()
        self.assertFalse(self.effects())

    def test_no_split_behind_a_requested_waybill(self):
        self.shirt.weight = 1
        order = self.order(quantity=2)
        self.assertEqual(order.gtg_parcel_ids.status, 'requested')
        with self.assertRaisesRegex(UserError, 'is requested'):
            order.action_gtg_split()
        self.drain()
        with self.assertRaisesRegex(UserError, 'waybill'):
            order.action_gtg_split()

    def test_bulk_tells_what_is_only_requested(self):
        self.shirt.weight = 1
        order = self.order()

        def told():
            bulk = self.env['gtg.order.bulk']._gtg_prepare('waybill', order)
            bulk.action_start()
            bulk.action_chunk()
            return bulk.line_ids.message

        self.assertIn('has not answered', told())
        self.drain()
        self.assertEqual(told(), 'Has its waybill already.')

    def test_the_parcel_has_the_size_of_its_box(self):
        self.carrier.gtg_auto_request = False
        crate = self.env['stock.package.type'].create({
            'name': 'Crate', 'packaging_length': 600, 'width': 400, 'height': 300,
            'base_weight': 2, 'max_weight': 30})
        self.env['stock.package.type'].create({
            'name': 'Coffin', 'packaging_length': 1900, 'width': 600, 'height': 400,
            'max_weight': 500})  # longer than the carrier takes
        order = self.order(quantity=3)
        deliveries = self.split(order)
        self.assertEqual(deliveries.gtg_package_type_id, crate)
        order.action_gtg_request()
        self.assertEqual(
            [(p.length, p.width, p.height) for p in order.gtg_parcel_ids],
            [(60, 40, 30)] * 2)
        self.assertEqual(sorted(order.gtg_parcel_ids.mapped('weight')), [14000, 26000])

    def test_the_ward_that_a_person_chose_is_of_the_door(self):
        self.carrier.gtg_auto_request = False
        order = self.order(quantity=6, buyer=self.buyer(street2='Phường Không Có'))
        order.action_gtg_request()
        draft = order.gtg_parcel_ids
        ward = self.env['gtg.carrier.unit'].search(
            [('provider', '=', draft.provider), ('level', '=', 'ward')], limit=1)
        draft.ward_id = ward
        draft.action_request()
        self.assertEqual(draft.problem_code, 'too_heavy')
        self.split(order)
        order.action_gtg_request()
        self.assertEqual(len(order.gtg_parcel_ids), 2)
        self.assertEqual(order.gtg_parcel_ids.ward_id, ward)
