"""Two transactions at the same parcel: real cursors, real commits."""

from contextlib import closing

from psycopg2 import errors

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged('post_install', '-at_install')
class TestTwoAtOnce(BaseCase):

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = self.env_of(cr)
            company = env['res.company'].search([], limit=1)
            warehouse = env['stock.warehouse'].search(
                [('company_id', '=', company.id)], limit=1)
            buyer = env['res.partner'].create({'name': 'Two at once'})
            picking = env['stock.picking'].create({
                'picking_type_id': warehouse.out_type_id.id, 'partner_id': buyer.id})
            account = env['gtg.carrier.account'].create({
                'name': 'Two at once', 'provider': 'ghn', 'company_id': company.id})
            parcel = env['gtg.parcel'].create({
                'picking_id': picking.id, 'account_id': account.id})
            parcel.write({'status': 'ready', 'tracking_number': 'TWOATONCE'})
            self.made = [(record._name, record.id) for record in (
                parcel, picking, account, buyer)]
            self.parcel_id = parcel.id
        self.addCleanup(self._remove)

    def env_of(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def parcel(self, cr):
        return self.env_of(cr)['gtg.parcel'].browse(self.parcel_id)

    def _remove(self):
        with self.registry.cursor() as cr:
            env = self.env_of(cr)
            env['gtg.connector.task'].search([
                ('res_model', '=', 'gtg.parcel'),
                ('res_id', '=', self.parcel_id)]).unlink()
            self.parcel(cr).status = 'draft'
            for model, record_id in self.made:
                env[model].browse(record_id).unlink()

    def while_the_carrier_speaks(self, method):
        """Call the method while a message of the carrier is being applied, and again
        in the same snapshot when that has been committed."""
        with closing(self.registry.cursor()) as carrier, \
                closing(self.registry.cursor()) as person, \
                mute_logger('odoo.sql_db'):
            parcel = self.parcel(carrier)
            parcel.reason = 'The courier comes'
            parcel.flush_recordset()
            person.execute("SET LOCAL lock_timeout = '300ms'")
            with self.assertRaises(errors.LockNotAvailable, msg='did not wait'):
                getattr(self.parcel(person), method)()
            person.rollback()
            person.execute('SELECT 1 FROM gtg_parcel LIMIT 1')
            carrier.commit()
            with self.assertRaises(errors.SerializationFailure):
                getattr(self.parcel(person), method)()

    def test_a_cancellation_waits_for_the_carriers_message(self):
        self.while_the_carrier_speaks('action_cancel')
        with self.registry.cursor() as cr:  # as Odoo does: the same again
            self.parcel(cr).action_cancel()
        with self.registry.cursor() as cr:
            self.assertTrue(self.parcel(cr).cancel_wanted)
            self.assertEqual(self.parcel(cr)._gtg_task('cancel_waybill').state, 'queued')

    def test_the_station_waits_for_a_cancellation(self):
        """Neither sees the other's rows: the parcel would leave without its waybill."""
        with closing(self.registry.cursor()) as office, \
                closing(self.registry.cursor()) as station, \
                mute_logger('odoo.sql_db'):
            station.execute('SELECT 1 FROM gtg_parcel LIMIT 1')  # its snapshot begins
            self.parcel(office).action_cancel()
            self.env_of(office).flush_all()
            station.execute("SET LOCAL lock_timeout = '300ms'")
            with self.assertRaises(errors.LockNotAvailable, msg='did not wait'):
                self.parcel(station).picking_id._gtg_scan_lock()
            station.rollback()
            station.execute('SELECT 1 FROM gtg_parcel LIMIT 1')
            office.commit()
            with self.assertRaises(errors.SerializationFailure):
                self.parcel(station).picking_id._gtg_scan_lock()
        with self.registry.cursor() as cr:  # as Odoo does: the same again
            picking = self.parcel(cr).picking_id
            picking._gtg_scan_lock()
            self.assertIn('is being cancelled', ''.join(picking._gtg_scan_blocks()))

    def test_a_cancellation_waits_for_the_station(self):
        with closing(self.registry.cursor()) as office, \
                closing(self.registry.cursor()) as station, \
                mute_logger('odoo.sql_db'):
            self.parcel(station).picking_id._gtg_scan_lock()
            office.execute("SET LOCAL lock_timeout = '300ms'")
            with self.assertRaises(errors.LockNotAvailable, msg='did not wait'):
                self.parcel(office).action_cancel()
            office.rollback()

    def test_a_request_waits_too(self):
        with self.registry.cursor() as cr:
            self.parcel(cr).write({'status': 'draft', 'tracking_number': False})
        self.while_the_carrier_speaks('action_request')
