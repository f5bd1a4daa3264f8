from odoo import fields
from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestSettings(TransactionCase):

    def test_shards_follow_the_setting(self):
        tasks = self.env['gtg.connector.task']
        for count in (4, 1, 2):
            self.env['res.config.settings'].create(
                {'gtg_connector_shards': count}).execute()
            self.assertEqual(tasks._shards().mapped('code'), [
                f'model._drain_shard({number})' for number in range(1, count + 1)])

    def test_housekeeping_keeps_what_needs_a_person(self):
        long_ago = fields.Datetime.subtract(fields.Datetime.now(), days=200)
        common = {
            'account_model': 'res.partner', 'account_id': 1, 'res_model': 'res.partner',
            'res_id': 1, 'ended_at': long_ago}
        done, failed, unapplied = self.env['gtg.connector.task'].create([
            {**common, 'operation': 'a', 'state': 'done', 'applied': True},
            {**common, 'operation': 'b', 'state': 'failed'},
            {**common, 'operation': 'c', 'state': 'done', 'applied': False}])
        event = self.env['gtg.connector.event'].create({
            'account_model': 'res.partner', 'account_id': 1, 'dedupe_key': 'k',
            'received_at': long_ago, 'state': 'done'})
        self.env['gtg.connector.task']._gc_done()
        self.env['gtg.connector.event']._gc_done()
        self.assertFalse(done.exists() or event.exists())
        self.assertTrue(failed.exists() and unapplied.exists())
