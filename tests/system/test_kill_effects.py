"""kill -9 of the whole server at named points of requests to all providers."""

from contextlib import ExitStack

from .effects_einvoice import ALL, ask, named, prepared, settled
from .sites import black_hole


def states(site, asked):
    return {named(effect): sorted(
        task[0] for task in effect.tasks(site, ids).values()) for effect, ids in asked}


def done(site, asked):
    """How many effects the providers have made of each."""
    return {named(effect): sum(effect.count(site, ids).values())
            for effect, ids in asked}


def all_are(value):
    return {named(effect): value for effect in ALL}


def never_tired(site):
    """However long the preparations take, no call is given up before the kill."""
    for effect in ALL:
        site.sql(f'UPDATE {effect.account.replace(".", "_")} SET answer_seconds = 600')


def test_killed_before_anything_was_sent(site):
    """X1: only the wish is on disk, and it is enough."""
    asked = prepared(site, 2)
    site.restart(cron_threads=0)
    ask(site, asked)
    site.kill()
    assert states(site, asked) == all_are(['queued', 'queued'])
    assert done(site, asked) == all_are(0)
    site.start()
    settled(site, asked)


def test_killed_before_the_provider_got_it(site):
    """X2: the rows say "sending", the requests went nowhere."""
    asked = prepared(site, 1)
    never_tired(site)
    there = {effect: site.address(effect) for effect, _ids in asked}
    with ExitStack() as holes:
        swallowed = []
        for effect, ids in asked:
            nowhere, paths = holes.enter_context(black_hole(there[effect], effect.path))
            swallowed.append(paths)
            site.move(effect, nowhere)
            effect.ask(site.admin, ids)
        site.wait('the requests on their way', lambda: all(swallowed))
        site.kill()
    for effect, _ids in asked:
        site.move(effect, there[effect])
    assert states(site, asked) == all_are(['sending'])
    assert done(site, asked) == all_are(0)
    site.start()
    settled(site, asked)


def test_killed_after_the_provider_did_it(site):
    """X3: it is adopted with its number, not asked for again."""
    asked = prepared(site, 1)
    never_tired(site)
    for effect, ids in asked:
        effect.fault(site, 'delay', when='after', seconds=600)
        effect.ask(site.admin, ids)
    site.wait('the providers did it', lambda: done(site, asked) == all_are(1))
    site.kill()
    assert states(site, asked) == all_are(['sending'])
    calls = {effect: site.calls(effect) for effect, _ids in asked}
    site.start()
    settled(site, asked)
    for effect, _ids in asked:  # not even tried
        assert site.calls(effect) == calls[effect], named(effect)


def test_killed_again_and_again(site):
    """X3 with two deaths: in the calls, and in the look-ups."""
    asked = prepared(site, 3)
    never_tired(site)
    for effect, ids in asked:
        effect.fault(site, 'delay', when='after', seconds=600)
        effect.fault(site, 'delay', effect.look_up, seconds=600)
        effect.ask(site.admin, ids)
    site.wait('one of each is done', lambda: all(done(site, asked).values()))
    site.restart()
    site.wait('all are at it again', lambda: all(
        'sending' in found for found in states(site, asked).values()))
    site.kill()
    site.clear_faults()
    site.start()
    settled(site, asked)
