"""Something is asked for while a drain is just ending: it has looked for the last time,
and nobody else can have its cron yet."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from demo.web import WebError
from gtgtools import db

from . import webhooks

HELD = 4711
# in the last step of a cron's run, when its work is done
LAST_STEP = f"""
CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock({HELD}); RETURN NEW; END $$;
CREATE TRIGGER wait_here BEFORE UPDATE ON ir_cron_progress FOR EACH ROW
WHEN (OLD.timed_out_counter > 0 AND NEW.timed_out_counter = 0
      AND NEW.cron_id = {{cron}}) EXECUTE FUNCTION wait_here();
"""
ENDING = f"""SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = {HELD}
 AND NOT granted AND database = (SELECT oid FROM pg_database
                                  WHERE datname = current_database())"""
CRON = """SELECT cron.id FROM ir_cron cron
  JOIN ir_act_server action ON action.id = cron.ir_actions_server_id
 WHERE action.code = 'model._drain_shard({})'"""


class Shop:
    """With one drain, and something harmless that can be sent again and again."""

    def __init__(self, world):
        self.world, self.sql = world, world.sql
        ((self.cron,),) = self.sql(CRON.format(1))
        self.sql(f'UPDATE ir_cron SET active = FALSE WHERE id = ({CRON.format(2)})')
        self.sql(LAST_STEP.format(cron=self.cron))
        self.task = int(self.sql('SELECT max(id) FROM gtg_connector_task'
                                 " WHERE operation = 'load_catalogue'")[0][0])

    @contextmanager
    def held(self):
        """No run of the drain's cron comes to its end."""
        with closing(db.connect(self.world.db)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute('SELECT pg_advisory_lock(%s)', [HELD])
            yield

    def wait_for_the_end(self):
        self.world.wait('a drain that has looked for the last time',
                        lambda: self.sql(ENDING), 60)

    def ask(self, person):
        self.sql("UPDATE gtg_connector_task SET state = 'queued', attempt = 0,"
                 f" next_try_at = '2100-01-01' WHERE id = {self.task}")
        person.call('gtg.connector.task', 'action_retry', [self.task])

    def wait_until_done(self, seconds):
        self.world.wait('what was asked for', lambda: self.sql(
            'SELECT 1 FROM gtg_connector_task'
            f" WHERE id = {self.task} AND state = 'done'"), seconds)


@pytest.mark.parametrize('workers', [0, 3], ids=['threads', 'processes'])
def test_nothing_waits_for_the_next_tick(world, workers):
    shop = Shop(world)
    with world.server(workers=workers, cron_threads=2) as server:
        person, other = world.session(), world.session()
        shop.ask(person)
        shop.wait_until_done(90)  # the registry is loaded
        with ThreadPoolExecutor() as pool:
            for start in (shop.ask, run_by_hand(shop)):
                with shop.held():
                    running = pool.submit(start, person)
                    shop.wait_for_the_end()
                    shop.ask(other)
                    time.sleep(2)  # all workers look, and cannot have it
                shop.wait_until_done(30)
                running.result(60)
        assert webhooks.unexpected(server) == []


def run_by_hand(shop):
    def start(person):
        while True:
            try:
                return person.press('ir.cron', int(shop.cron), 'method_direct_trigger')
            except WebError as error:  # the run before is still being put away
                assert 'already executing' in str(error)
    return start
