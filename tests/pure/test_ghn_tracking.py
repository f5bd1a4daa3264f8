"""The fold of tracking events: the same end whatever comes when (X10)."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.gtg_vn_carriers.lib import tracking as T
from odoo.addons.gtg_vn_carriers.providers.ghn import const, mapping

START = datetime(2026, 11, 20, 3, 0, tzinfo=timezone.utc)
JOURNEY = ("ready_to_pick", "picking", "picked", "storing", "transporting", "sorting",
           "delivering", "delivery_fail", "storing", "delivering", "delivery_fail",
           "delivering", "delivered")


def event(code, minutes=0, **values):
    return mapping.event(code, START + timedelta(minutes=minutes), **values)


def journey(codes=JOURNEY, step=1):
    return [event(code, number * step) for number, code in enumerate(codes)]


@given(st.permutations(journey()), st.data())
def test_every_order_and_any_repetition(events, data):
    again = data.draw(st.lists(st.sampled_from(events), max_size=5))
    outcome = T.fold(events + again)
    assert outcome == T.fold(journey())
    assert outcome.status == T.DELIVERED
    assert outcome.failed_attempts == 2
    assert outcome.picked_at == START + timedelta(minutes=2)
    assert outcome.delivered_at == START + timedelta(minutes=12)


@given(st.permutations(journey(step=0)))
def test_all_in_the_same_millisecond(events):
    assert T.fold(events) == T.fold(journey(step=0))
    assert T.fold(events).status == T.DELIVERED


@given(st.permutations(list(enumerate(journey()))))
def test_arriving_one_by_one_a_final_status_is_never_left(numbered):
    known, status = [], ""
    for _number, new in numbered:
        known.append(new)
        before, status = status, T.fold(known, status).status
        if before in T.FINAL:
            assert status == before
    assert status == T.DELIVERED


@given(st.lists(st.sampled_from([*const.STATUSES, "teleported", ""]), max_size=12),
       st.randoms())
@settings(max_examples=200)
def test_whatever_a_carrier_says_the_fold_does_not_depend_on_arrival(codes, rng):
    events = journey([code or "x" for code in codes])
    shuffled = list(events)
    rng.shuffle(shuffled)
    assert T.fold(shuffled) == T.fold(events)


def test_unknown_status_keeps_the_state_and_calls_a_person():
    outcome = T.fold([event("picked"), event("teleported", 5)])
    assert outcome.status == T.PICKED
    assert "teleported" in outcome.attention


def test_exception_concludes_nothing():
    outcome = T.fold([event("transporting"), event("exception", 1)])
    assert outcome.status == T.IN_TRANSIT and outcome.attention
    assert T.fold([event("transporting"), event("exception", 1),
                   event("delivered", 2)]).status == T.DELIVERED


def test_each_failed_attempt_counts():
    """The same word at another time is another attempt, waiting for the shop is none."""
    fails = [event("delivering"), event("delivery_fail", 5), event("delivery_fail", 90)]
    assert T.fold(fails).failed_attempts == 2
    assert T.fold([*fails, event("waiting_to_return", 95)]).failed_attempts == 2
    assert T.fold([event("delivering"), event("waiting_to_return", 9)]
                  ).failed_attempts == 1
    assert T.fold([*fails, event("delivery_fail", 90)]).failed_attempts == 2


def test_a_report_after_the_end_is_flagged():
    outcome = T.fold([event("delivered"), event("delivery_fail", 9)])
    assert outcome.status == T.DELIVERED
    assert "delivery_fail" in outcome.attention


def test_failed_pickup_stays_ready_with_the_reason():
    outcome = T.fold([event("picking"), event("ready_to_pick", 9,
                                              reason_code="GHN-PFA2A3")])
    assert outcome.status == T.READY
    assert "Người gửi không nghe máy" in outcome.attention


def test_milliseconds_tell_two_reports_apart():
    at = START + timedelta(milliseconds=120)
    assert T.moment(at) == "2026-11-20T03:00:00.120Z"
    assert T.from_moment(T.moment(at)) == at
    two = [mapping.event("delivery_fail", START), mapping.event("delivering", START),
           mapping.event("delivery_fail", at)]
    assert len({e.key for e in two}) == 3


def test_history_repeats_what_was_pushed():
    pushed = [event("delivering", 1, pushed=True), event("delivery_fail", 2, pushed=True)]
    pulled = [mapping.event("delivering", START + timedelta(seconds=61)),
              mapping.event("delivery_fail", START + timedelta(seconds=119))]
    assert T.unknown_of(pulled, pushed) == []
    second = event("delivery_fail", 600)
    assert T.unknown_of([*pulled, second], pushed) == [second]


def test_two_attempts_within_seconds_stay_two():
    """One stored report stands for one entry of the history, not for all near it."""
    first, second = event("delivery_fail", 0), mapping.event(
        "delivery_fail", START + timedelta(seconds=3))
    assert T.unknown_of([first, second], [second]) == [first]


@pytest.mark.parametrize("code", const.STATUSES)
def test_every_status_is_known(code):
    assert T.fold([event(code)]).status in (const.STATUSES[code].status or T.READY)
