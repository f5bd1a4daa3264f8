from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..lib.text import line, storable

DRAINS = ('odoo.addons.gtg_connector_base.models.task_drain',
          'odoo.addons.gtg_connector_base.models.event_drain')


@tagged('post_install', '-at_install')
class TestPoison(TransactionCase):
    """What cannot be worked on must not stop what can."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # as rows look after the addon of their account was uninstalled
        key = {'account_model': 'gone.account', 'account_id': 1}
        health = cls.env['gtg.connector.health']
        health.create({
            **key, 'provider': 'gone', 'webhook_token': 'gone', 'is_open': True,
            'database_pin': health._database_pin()})
        cls.env['gtg.connector.pace'].create({**key, 'slot_seconds': 0})
        cls.key = key

    def _task(self, **values):
        return self.env['gtg.connector.task'].create({
            **self.key, 'operation': 'x', 'res_model': 'gone.subject', 'res_id': 1,
            'next_try_at': '2026-01-01', **values})

    @mute_logger(*DRAINS)
    def test_a_task_without_its_addon_fails_alone(self):
        task = self._task()
        self.env['gtg.connector.task']._drain(max_tasks=1)
        self.assertEqual(task.state, 'failed')
        self.assertFalse(task.account_name)

    @mute_logger(*DRAINS)
    def test_a_task_in_the_air_without_its_addon_is_recovered(self):
        task = self._task(state='sending', attempt=1, runner=1)
        self.env['gtg.connector.task']._recover_dead()
        self.assertEqual((task.state, task.unsure), ('unknown', True))

    @mute_logger(*DRAINS)
    def test_what_kills_its_server_every_time_ends_with_a_person(self):
        once, ever = (
            self._task(state='sending', attempt=attempt, runner=1, res_id=attempt)
            for attempt in (39, 40))
        self.env['gtg.connector.task']._recover_dead()
        self.assertEqual((once.state, ever.state), ('unknown', 'failed'))
        self.assertTrue(ever.unsure and ever.ended_at)

    @mute_logger(*DRAINS)
    def test_an_event_without_its_addon_waits(self):
        event = self.env['gtg.connector.event'].create({
            **self.key, 'dedupe_key': 'k', 'received_at': '2026-01-01',
            'next_try_at': '2026-01-01'})
        self.env['gtg.connector.event']._drain()
        self.assertEqual((event.state, event.attempt), ('new', 1))

    @mute_logger(*DRAINS)
    def test_a_database_restored_under_its_old_name_calls_nobody(self):
        row = self.env['gtg.connector.health'].search([('provider', '=', 'gone')])
        ours = row._database_pin()
        uuid, name, identity = ours.rsplit('/', 2)
        self.assertEqual(name, self.env.cr.dbname)
        oid, _at, cluster = identity.partition('@')
        self.assertTrue(oid.isdigit() and cluster.isdigit())
        event = self.env['gtg.connector.event'].create({
            **self.key, 'dedupe_key': 'k', 'received_at': '2026-01-01',
            'next_try_at': '2026-01-01'})
        task = self._task()
        for other in (f'{int(oid) + 1}@{cluster}', f'{oid}@{int(cluster) + 1}'):
            row.database_pin = f'{uuid}/{name}/{other}'
            self.env.flush_all()
            self.env['gtg.connector.event']._drain()
            self.env['gtg.connector.task']._drain(max_tasks=1)
            self.assertEqual((event.attempt, task.state), (0, 'queued'))
        row.database_pin = ours
        self.env.flush_all()
        self.env['gtg.connector.event']._drain()
        self.assertEqual(event.attempt, 1)

    def test_text_that_the_database_refuses(self):
        self.assertEqual(line('a\0b\ud800'), 'ab?')
        self.assertEqual((line(404), line(None), line(b'\xff')), ('404', None, '\ufffd'))
        self.assertEqual(
            storable({'a': ['x\0', float('nan'), 1.5, {'b\0': None}]}),
            {'a': ['x', None, 1.5, {'b': None}]})
        task = self._task(state='done', applied=True)
        task.result = storable({'name': 'x\0\ud800'})
        self.env.flush_all()
        self.assertEqual(task.result, {'name': 'x?'})
