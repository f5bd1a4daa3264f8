"""Answers that are lost, late, broken or refusing: one effect, and the user sees it.

All providers at once: what is waited for is waited for together.
"""

from collections import Counter

import pytest

from .effects_einvoice import (
    ALL,
    MisaIntegration,
    Vnpt,
    ask,
    named,
    prepared,
    settled,
)

DONE_BUT_UNREADABLE = [
    ('lose_response', {}), ('truncated', {}), ('empty', {}),
    ('status:500', {'process': True}), ('html', {'process': True})]
NOT_DONE = [
    ('reset_before', {}), ('status:502', {}), ('status:503', {}), ('html', {}),
    ('empty', {'process': False})]


def struck(faults):
    """{name of the effect: how often its faults have struck}"""
    return {named(effect): [fired() for fired in fired_of]
            for effect, fired_of in faults.items()}


def attempts(site, asked):
    return {named(effect): [task[1] for task in effect.tasks(site, ids).values()]
            for effect, ids in asked}


def test_any_broken_answer(site):
    """X4, X6: the first call of each subject meets another fault."""
    kinds = DONE_BUT_UNREADABLE + NOT_DONE
    asked = prepared(site, len(kinds))
    faults = {effect: [effect.fault(site, mode, **params) for mode, params in kinds]
              for effect in ALL}
    ask(site, asked)
    settled(site, asked, hurry=True)
    assert struck(faults) == {named(effect): [1] * len(kinds) for effect in ALL}


def test_a_look_up_that_fails_decides_nothing(site):
    """X4 twice: the answer is lost, and then the question is not answered either."""
    kinds = ['status:500', 'html', 'truncated', 'lose_response']
    asked = prepared(site, len(kinds))
    for effect in ALL:
        effect.fault(site, 'lose_response', times=len(kinds))
    faults = {effect: [effect.fault(site, mode, effect.look_up) for mode in kinds]
              for effect in ALL}
    ask(site, asked)
    settled(site, asked, hurry=True)
    assert struck(faults) == {named(effect): [1] * len(kinds) for effect in ALL}


def test_slow_then_success(site):
    """X5: we stop waiting, the provider goes on and does it."""
    asked = prepared(site, 2)
    tables = {effect.account.replace('.', '_') for effect in ALL}
    old = {table: site.sql(f'SELECT id, answer_seconds FROM {table}')
           for table in tables}
    for table in tables:
        site.sql(f'UPDATE {table} SET answer_seconds = 1')
    faults = {effect: [effect.fault(site, 'delay', seconds=4, when='before'),
                       effect.fault(site, 'delay', seconds=4, when='after')]
              for effect in ALL}
    try:
        ask(site, asked)
        site.wait('all are slow', lambda: all(
            fired() for fired_of in faults.values() for fired in fired_of))
        site.wait('nobody waits for them', lambda: all(
            task[0] in ('unknown', 'done') or task[1] > 1
            for effect, ids in asked for task in effect.tasks(site, ids).values()))
    finally:
        for table, rows in old.items():
            for row, seconds in rows:
                site.sql(f'UPDATE {table} SET answer_seconds = {seconds}'
                         f' WHERE id = {row}')
    settled(site, asked)
    tried = attempts(site, asked)
    assert all(min(numbers) > 1 for numbers in tried.values()), tried


def test_a_refusal_in_a_200_is_told_and_can_be_retried(site):
    """X6: nothing was made, a person reads why, and the button goes on."""
    asked = prepared(site, 1)
    site.world.sandbox.call('POST', '/sinvoice/settings', {'errors_as_200': ['*']})
    for effect in ALL:
        effect.fault(site, **effect.refusal)
    ask(site, asked)
    for effect, (subject,) in asked:
        site.wait(f'{named(effect)} has failed', lambda effect=effect, subject=subject: (
            effect.tasks(site, [subject])[subject][0] == 'failed'))
        assert effect.refusal_said in effect.complaint(site, subject)
        assert effect.count(site, [subject]) == {subject: 0}
        effect.retry(site, subject)
    settled(site, asked)
    for effect, (subject,) in asked:
        assert effect.refusal_said not in (effect.complaint(site, subject) or '')


def test_throttled(site):
    """X7: the whole account waits, and no attempt is spent."""
    asked = prepared(site, 3)
    faults = {effect: [effect.fault(site, 'rate_limit')] for effect in ALL}
    ask(site, asked)
    once = {named(effect): [1] for effect in ALL}
    accounts = Counter(effect.account for effect in ALL)
    site.wait('the accounts wait', lambda: struck(faults) == once and all(
        len(site.paused(effect)) >= accounts[effect.account] for effect in ALL))
    for effect in ALL:
        site.resume(effect)
    settled(site, asked)
    assert attempts(site, asked) == {named(effect): [1, 1, 1] for effect in ALL}


# GHN's token has no end, VNPT has none; what ends one of MISA's ends all of them
@pytest.mark.parametrize('effects', [
    [effect for effect in ALL if effect.code in ('sinvoice', 'shopee')
     or effect.title == 'MISA portal'],
    [effect for effect in ALL if isinstance(effect, MisaIntegration)],
], ids=['most', 'misa_integration'])
def test_token_expires_in_the_middle(site, effects):
    """X13: renewed once, the batch goes on, no person is asked."""
    asked = prepared(site, 6, effects)
    faults = {effect: [effect.fault(site, 'expire_token', after=2)]
              for effect in effects}
    ask(site, asked)
    settled(site, asked)
    assert struck(faults) == {named(effect): [1] for effect in effects}
    for effect in effects:
        states = site.admin.call(effect.account, 'search_read', [], ['state'])
        assert {row['state'] for row in states} == {'connected'}
    assert attempts(site, asked) == {named(effect): [1] * 6 for effect in effects}


def test_logins_are_refused_in_the_middle(site):
    """X13 where no token can be renewed: the account waits for a person, nothing is
    lost meanwhile, and after its button the batch goes on."""
    effect = next(effect for effect in ALL if isinstance(effect, Vnpt))
    ids = effect.prepare(site, 6)
    before = site.calls(effect)
    fired = effect.fault(site, 'refuse', key='1', after=2)
    effect.ask(site.admin, ids)
    account = effect.connected(site)
    asks = "SELECT 1 FROM gtg_einvoice_account WHERE state = 'reconnect' AND id ="
    site.wait('a person is asked', lambda: site.sql(f'{asks} {account}'))
    assert fired() == 1
    tasks = effect.tasks(site, ids)
    assert sorted(task[0] for task in tasks.values()) == ['done'] * 2 + ['queued'] * 4
    assert site.admin.call(effect.account, 'read', [account], [
        'next_action'])[0]['next_action']
    site.hurry(effect)
    assert {subject: task[0] for subject, task in effect.tasks(site, ids).items()} == {
        subject: task[0] for subject, task in tasks.items()}
    site.admin.press(effect.account, account, 'action_test_connection')
    settled(site, [(effect, ids)])
    assert [task[1] for task in effect.tasks(site, ids).values()] == [1] * 6
    # six, the refused one and the test: nobody knocked with what was refused
    assert site.calls(effect) == before + 8
