"""Many at once: users, workers, servers, and one whose data is poison."""

import threading
from collections import Counter

import pytest

from demo.web import Session, WebError
from gtgtools import db

from .effects_einvoice import EINVOICES, FAMILIES, ask, named, prepared, settled

each_family = pytest.mark.parametrize(
    'effects', FAMILIES, ids=lambda effects: effects[0].operation)


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


def shared(site, count, effects):
    """At least ``count`` documents, some of each effect; see `prepared`."""
    return prepared(site, -(-count // len(effects)), effects)


@each_family
def test_two_users_click_at_once(site, effects):
    """X17: ten documents, on each of which two people press the button together."""
    asked = shared(site, 10, effects)
    colleague = site.world.session(effects[0].colleague)
    for effect, ids in asked:
        for subject in ids:
            refused = in_threads(
                lambda e=effect, s=subject: e.ask(site.admin, [s]),
                lambda e=effect, s=subject: e.ask(colleague, [s]))
            assert len(refused) < 2, refused
    settled(site, asked)


def test_two_users_correct_at_once(site):
    """X17: of one e-invoice there is one replacement, whoever made it and whoever
    issues it."""
    effects = {effect.code: effect for effect in EINVOICES}
    before = {code: len(effect.ledger(site)) for code, effect in effects.items()}
    asked = prepared(site, 1, EINVOICES)
    ask(site, asked)
    settled(site, asked)
    people = site.admin, site.world.session('ketoan')
    renewed = []
    for effect, (move,) in asked:
        einvoice = site.wait('it is valid', lambda move=move: site.admin.one(
            'gtg.einvoice', [('move_id', '=', move), ('state', '=', 'coded')], ['id']))
        wizards = [person.create('gtg.einvoice.correct', {
            'einvoice_id': einvoice['id'], 'what': 'all', 'reason': 'Sai'})
            for person in people]
        refused = in_threads(*(
            lambda p=person, w=wizard: p.press('gtg.einvoice.correct', w, 'action_confirm')
            for person, wizard in zip(people, wizards, strict=True)))
        assert len(refused) == 1 and 'corrects this e-invoice already' in refused[0]
        made = site.admin.call(
            'account.move', 'search', [('gtg_corrects_id', '=', einvoice['id'])])
        assert len(made) == 1
        site.admin.press('account.move', made, 'action_post')
        refused = in_threads(*(
            lambda p=person, e=effect, m=made: e.ask(p, m) for person in people))
        assert len(refused) < 2, refused
        renewed.append((effect, made))
    settled(site, renewed)
    # each original and its replacement, and nothing else
    issued = Counter(effect.code for effect, _ids in asked + renewed)
    assert {code: len(effect.ledger(site)) - before[code]
            for code, effect in effects.items()} == issued


@each_family
def test_the_request_is_run_again_after_a_conflict(site, effects):
    """X16: another transaction changed what ours needs; Odoo runs ours anew."""
    asked = prepared(site, 1, effects)
    ids = [subject for _effect, subjects in asked for subject in subjects]
    waits = ("SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
             " AND wait_event_type = 'Lock' AND query ~* 'INSERT INTO \"?gtg_'")
    site.new_log()
    other = db.connect(site.world.db)
    try:
        with other.cursor() as cr:
            # what the task, the parcel and the e-invoice all refer to
            cr.execute('SELECT id FROM res_company FOR UPDATE')
            cr.execute('UPDATE res_company SET write_date = write_date')
        ours = threading.Thread(target=effects[0].ask, args=(site.admin, ids))
        ours.start()
        site.wait('our request waits', lambda: site.sql(waits))
        other.commit()
        ours.join(240)
    finally:
        other.close()
    assert 'tries left, try again' in site.new_log(), 'there was no conflict'
    settled(site, asked)


@each_family
def test_one_is_poison(site, effects):
    """X32: the twenty others get through, and a person is told about the one of each
    account."""
    asked = shared(site, 20 + len(effects), effects)
    site.pause(effects[0])
    ask(site, asked)
    poison = [(effect, ids.pop(len(ids) // 2)) for effect, ids in asked]
    for effect, subject in poison:
        effect.poison(site, subject)
    site.resume(effects[0])
    for effect, ids in asked:
        effect.settled(site, ids)
    failed = ("SELECT error_text, error_hint FROM gtg_connector_task"
              " WHERE state = 'failed'")
    site.wait('they have failed', lambda: len(site.sql(failed)) == len(poison))
    assert all(map(all, site.sql(failed))), site.sql(failed)
    for effect, subject in poison:
        assert effect.complaint(site, subject), named(effect)
        assert effect.count(site, [subject]) == {subject: 0}
    crons = site.sql("SELECT active FROM ir_cron WHERE cron_name LIKE 'GTG%'")
    assert crons and all(active == 't' for active, in crons)
    assert site.complaints([r'task \d+ ']) == []
    site.sql("DELETE FROM gtg_connector_task WHERE state = 'failed'")


def request_all(site, count):
    """``count`` tasks of each effect, on disk, and none begun."""
    asked = prepared(site, count)
    for effect, _ids in asked:
        site.pause(effect)
    ask(site, asked)
    return asked


def test_two_servers_share_the_work(site):
    """Two servers with two cron threads each: 72 effects, each once."""
    asked = request_all(site, 12)
    first = site.restart(cron_threads=2)
    with site.another(cron_threads=2) as second:
        for effect, _ids in asked:
            site.resume(effect)
        settled(site, asked)

        def both_work():
            if all('task_drain: task ' in server.log.read_text()
                   for server in (first, second)):
                return True
            more = EINVOICES[0]  # one was too quick for the other
            ids = more.prepare(site, 4)
            more.ask(site.admin, ids)
            more.settled(site, ids)
            return False
        site.wait('both work', both_work)
        assert site.complaints() == []


def test_one_of_two_servers_dies(site):
    """kill -9 of one server in the middle; the other one takes over what was its."""
    asked = request_all(site, 7)
    with site.another(workers=2, cron_threads=2) as second:
        for effect, _ids in asked:
            site.resume(effect)
        site.wait('it is under way', lambda: sum(
            sum(effect.count(site, ids).values()) for effect, ids in asked) >= 6)
        site.kill()
        site.admin = Session(second.url, site.world.db, 'admin')
        settled(site, asked)
