"""Answers that are lost, late, broken or refusing: one effect, and the user sees it."""

import pytest

from .effects import EFFECTS, Waybill
from .effects_einvoice import ALL, Vnpt, named

each_effect = pytest.mark.parametrize('effect', EFFECTS, ids=named)
at_all = pytest.mark.parametrize('effect', ALL, ids=named)
DONE_BUT_UNREADABLE = [
    ('lose_response', {}), ('truncated', {}), ('empty', {}),
    ('status:500', {'process': True}), ('html', {'process': True})]
NOT_DONE = [
    ('reset_before', {}), ('status:502', {}), ('status:503', {}), ('html', {}),
    ('empty', {'process': False})]


@at_all
def test_any_broken_answer(site, effect):
    """X4, X6: the first call of each subject meets another fault."""
    kinds = DONE_BUT_UNREADABLE + NOT_DONE
    ids = effect.prepare(site, len(kinds))
    struck = [site.fault(effect.code, effect.call, mode, **params)
              for mode, params in kinds]
    effect.ask(site.admin, ids)
    effect.settled(site, ids, hurry=10)
    assert [fired() for fired in struck] == [1] * len(kinds)
    assert site.complaints() == []


@at_all
def test_a_look_up_that_fails_decides_nothing(site, effect):
    """X4 twice: the answer is lost, and then the question is not answered either."""
    kinds = ['status:500', 'html', 'truncated', 'lose_response']
    ids = effect.prepare(site, len(kinds))
    site.fault(effect.code, effect.call, 'lose_response', times=len(kinds))
    struck = [site.fault(effect.code, effect.look_up, mode) for mode in kinds]
    effect.ask(site.admin, ids)
    effect.settled(site, ids, hurry=10)
    assert [fired() for fired in struck] == [1] * len(kinds)
    assert site.complaints() == []


@at_all
def test_slow_then_success(site, effect):
    """X5: we stop waiting, the provider goes on and does it."""
    ids = effect.prepare(site, 2)
    accounts = site.admin.call(effect.account, 'search', [])
    old = site.admin.call(effect.account, 'read', accounts, ['answer_seconds'])
    site.admin.call(effect.account, 'write', accounts, {'answer_seconds': 1})
    late = site.fault(effect.code, effect.call, 'delay', seconds=4, when='before')
    later = site.fault(effect.code, effect.call, 'delay', seconds=4, when='after')
    try:
        effect.ask(site.admin, ids)
        site.wait('both are slow', lambda: late() and later())
        site.wait('nobody waits for them', lambda: all(
            task[0] in ('unknown', 'done') or task[1] > 1
            for task in effect.tasks(site, ids).values()))
    finally:
        for row in old:
            site.admin.call(effect.account, 'write', [row['id']], {
                'answer_seconds': row['answer_seconds']})
    effect.settled(site, ids)
    attempts = [task[1] for task in effect.tasks(site, ids).values()]
    assert min(attempts) > 1, 'nobody stopped waiting'
    assert site.complaints() == []


@each_effect
def test_a_refusal_in_a_200_is_told_and_can_be_retried(site, effect):
    """X6: nothing was made, a person reads why, and the button goes on."""
    subject, = ids = effect.prepare(site, 1)
    site.world.sandbox.call('POST', '/sinvoice/settings', {'errors_as_200': ['*']})
    site.fault(effect.code, effect.call, **effect.refusal)
    effect.ask(site.admin, ids)
    site.wait('it has failed', lambda: effect.tasks(site, ids)[subject][0] == 'failed')
    said = effect.refusal.get('text') or effect.refusal['message']
    assert said in effect.complaint(site, subject)
    assert effect.count(site, ids) == {subject: 0}
    effect.retry(site, subject)
    effect.settled(site, ids)
    assert said not in (effect.complaint(site, subject) or '')
    assert site.complaints() == []


@at_all
def test_throttled(site, effect):
    """X7: the whole account waits, and no attempt is spent."""
    ids = effect.prepare(site, 3)
    fired = site.fault(effect.code, effect.call, 'rate_limit')
    effect.ask(site.admin, ids)
    site.wait('the account waits', lambda: fired() and site.paused(effect))
    site.resume(effect)
    effect.settled(site, ids)
    attempts = [task[1] for task in effect.tasks(site, ids).values()]
    assert attempts == [1, 1, 1]
    assert site.complaints() == []


@pytest.mark.parametrize('effect', [
    effect for effect in ALL if not isinstance(effect, (Waybill, Vnpt))
], ids=named)  # GHN's token has no end, VNPT has none
def test_token_expires_in_the_middle(site, effect):
    """X13: renewed once, the batch goes on, no person is asked."""
    ids = effect.prepare(site, 6)
    fired = site.fault(effect.code, effect.call, 'expire_token', after=2)
    effect.ask(site.admin, ids)
    effect.settled(site, ids)
    assert fired() == 1
    states = site.admin.call(effect.account, 'search_read', [], ['state'])
    assert {row['state'] for row in states} == {'connected'}
    attempts = [task[1] for task in effect.tasks(site, ids).values()]
    assert attempts == [1] * 6
    assert site.complaints() == []
