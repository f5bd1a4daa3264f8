"""Many at once: users, workers, servers, and one whose data is poison."""

import threading

import pytest

from demo.web import Session, WebError
from gtgtools import db

from .effects import EFFECTS, Einvoice
from .effects_einvoice import ALL

each_effect = pytest.mark.parametrize('effect', EFFECTS, ids=lambda e: e.operation)


def in_threads(*jobs):
    """Run the jobs at once; their WebErrors as a list."""
    start, refused = threading.Barrier(len(jobs)), []

    def run(job):
        start.wait()
        try:
            job()
        except WebError as error:
            refused.append(str(error))
    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
        assert not thread.is_alive()
    return refused


@each_effect
def test_two_users_click_at_once(site, effect):
    """X17: ten documents, on each of which two people press the button together."""
    ids = effect.prepare(site, 10)
    colleague = site.world.session(effect.colleague)
    for subject in ids:
        refused = in_threads(lambda s=subject: effect.ask(site.admin, [s]),
                             lambda s=subject: effect.ask(colleague, [s]))
        assert len(refused) < 2, refused
    effect.settled(site, ids)
    assert site.complaints() == []


@each_effect
def test_the_request_is_run_again_after_a_conflict(site, effect):
    """X16: another transaction changed what ours needs; Odoo runs ours anew."""
    ids = effect.prepare(site, 1)
    waits = ("SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
             " AND wait_event_type = 'Lock' AND query ~* 'INSERT INTO \"?gtg_'")
    site.new_log()
    other = db.connect(site.world.db)
    try:
        with other.cursor() as cr:
            # what the task, the parcel and the e-invoice all refer to
            cr.execute('SELECT id FROM res_company FOR UPDATE')
            cr.execute('UPDATE res_company SET write_date = write_date')
        ours = threading.Thread(target=effect.ask, args=(site.admin, ids))
        ours.start()
        site.wait('our request waits', lambda: site.sql(waits))
        other.commit()
        ours.join(240)
    finally:
        other.close()
    assert 'tries left, try again' in site.new_log(), 'there was no conflict'
    effect.settled(site, ids)
    assert site.complaints() == []


@each_effect
def test_one_is_poison(site, effect):
    """X32: the twenty others get through, and a person is told about the one."""
    ids = effect.prepare(site, 21)
    poison, good = ids[10], ids[:10] + ids[11:]
    site.pause(effect)
    effect.ask(site.admin, ids)
    effect.poison(site, poison)
    site.resume(effect)
    effect.settled(site, good)
    state, = site.wait('it has failed', lambda: site.sql(
        'SELECT error_text, error_hint FROM gtg_connector_task'
        " WHERE state = 'failed'"))
    assert all(state), state
    assert effect.complaint(site, poison)
    assert effect.count(site, [poison]) == {poison: 0}
    crons = site.sql("SELECT active FROM ir_cron WHERE cron_name LIKE 'GTG%'")
    assert crons and all(active == 't' for active, in crons)
    assert site.complaints([r'task \d+ ']) == []
    site.sql("DELETE FROM gtg_connector_task WHERE state = 'failed'")


def request_all(site, count):
    """``count`` tasks of each family, on disk, and none begun."""
    asked = [(effect, effect.prepare(site, count)) for effect in ALL]
    for effect, ids in asked:
        site.pause(effect)
        effect.ask(site.admin, ids)
    return asked


def test_two_servers_share_the_work(site):
    """Two servers with two cron threads each: 70 effects, each once."""
    asked = request_all(site, 14)
    first = site.restart(cron_threads=2)
    with site.another(cron_threads=2) as second:
        for effect, _ids in asked:
            site.resume(effect)
        for effect, ids in asked:
            effect.settled(site, ids)

        def shared():
            if all('task_drain: task ' in server.log.read_text()
                   for server in (first, second)):
                return True
            more = Einvoice()  # one was too quick for the other
            ids = more.prepare(site, 4)
            more.ask(site.admin, ids)
            more.settled(site, ids)
            return False
        site.wait('both work', shared)
        assert site.complaints() == []


def test_one_of_two_servers_dies(site):
    """kill -9 of one server in the middle; the other one takes over what was its."""
    asked = request_all(site, 8)
    with site.another(workers=2, cron_threads=2) as second:
        for effect, _ids in asked:
            site.resume(effect)
        site.wait('it is under way', lambda: sum(
            sum(effect.count(site, ids).values()) for effect, ids in asked) >= 6)
        site.kill()
        site.admin = Session(second.url, site.world.db, 'admin')
        for effect, ids in asked:
            effect.settled(site, ids)
        assert site.complaints() == []
