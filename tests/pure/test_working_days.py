"""Legal deadlines count the working days of the Vietnamese state."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.gtg_vn_einvoice.lib.working_days import WorkingDays

VIETNAM_2026 = WorkingDays(
    frozenset(map(date.fromisoformat, (
        '2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-02-20',
        '2026-04-27', '2026-04-30', '2026-05-01', '2026-08-31', '2026-09-01',
        '2026-09-02', '2027-01-01'))),
    frozenset({date(2026, 8, 22)}))


@pytest.mark.parametrize(('sold', 'deadline'), [
    ('2026-11-19', '2026-11-20'),  # Thursday: Friday
    ('2026-11-20', '2026-11-23'),  # Friday: Monday
    ('2026-11-21', '2026-11-23'),  # Saturday
    ('2026-11-22', '2026-11-23'),  # Sunday
    ('2026-02-13', '2026-02-23'),  # the last day before Tet
    ('2026-02-18', '2026-02-23'),  # in the middle of Tet
    ('2026-04-24', '2026-04-28'),  # Hung Kings on a Sunday, Monday in lieu
    ('2026-04-29', '2026-05-04'),
    ('2026-08-21', '2026-08-22'),  # a Saturday that is worked
    ('2026-08-28', '2026-09-03'),  # bridge day and National Day
    ('2026-12-31', '2027-01-04'),
])
def test_next_working_day(sold, deadline):
    assert VIETNAM_2026.next(date.fromisoformat(sold)).isoformat() == deadline


@pytest.mark.parametrize(('deadline', 'today', 'late'), [
    ('2026-11-23', '2026-11-23', 0),  # on the day itself
    ('2026-11-23', '2026-11-22', 0),
    ('2026-11-20', '2026-11-21', 1),  # over, although nobody works
    ('2026-11-20', '2026-11-23', 1),
    ('2026-11-20', '2026-11-24', 2),
    ('2026-02-13', '2026-02-23', 1),
    ('2026-08-21', '2026-08-24', 2),  # the Saturday in between was worked
    ('2026-11-20', '2026-12-18', 20),
])
def test_days_late(deadline, today, late):
    assert VIETNAM_2026.late(
        date.fromisoformat(deadline), date.fromisoformat(today)) == late


days = st.dates(date(2025, 12, 1), date(2027, 12, 31))
calendars = st.builds(
    WorkingDays, st.frozensets(days, max_size=30),
    st.frozensets(days.filter(lambda day: day.weekday() > 4), max_size=10))


@given(calendars, days, st.integers(0, 60))
def test_late_counts_each_working_day(calendar, deadline, past):
    today = deadline + timedelta(past)
    counted = sum(calendar.is_working(deadline + timedelta(n))
                  for n in range(1, past + 1))
    assert calendar.late(deadline, today) == (max(counted, 1) if past else 0)


@given(calendars, days, st.integers(1, 10))
def test_search_agrees_with_the_days_shown(calendar, today, late):
    latest = calendar.latest_deadline(late, today)
    assert calendar.late(latest, today) >= late
    assert calendar.late(latest + timedelta(1), today) < late
