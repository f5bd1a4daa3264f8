from datetime import datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.gtg_connector_base.lib import backoff, clock, money, transport


@given(
    st.integers(-10 ** 12, 10 ** 12),
    st.lists(st.integers(0, 10 ** 9), min_size=1, max_size=50))
def test_split_sums_to_the_dong_and_stays_near_the_share(total, weights):
    parts = money.split(Decimal(total), weights)
    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights, strict=True):
        exact = Decimal(total) * (weight if sum(weights) else 1) / whole
        assert abs(part - exact) < 1


def test_split_gives_ties_to_the_first_line():
    assert money.split(Decimal(100), [1, 1, 1]) == [34, 33, 33]


@pytest.mark.parametrize('value, rounded', [
    ('0.5', 1), ('1.5', 2), ('2.5', 3), ('-0.5', -1), ('-2.5', -3), ('2.4999', 2)])
def test_halves_round_away_from_zero(value, rounded):
    assert money.round_half_up(value) == rounded


def test_numbers_come_in_every_shape():
    assert money.dec('129000') == money.dec(129000) == money.dec(129000.0) == 129000
    assert money.dec(0.1) == Decimal('0.1')
    assert money.dec('') == money.dec(None) == 0
    for bad in ('1,5', 'abc', 'NaN', 'Infinity'):
        with pytest.raises(ValueError):
            money.dec(bad)


@given(st.decimals(-10 ** 12, 10 ** 12, allow_nan=False, places=6))
def test_json_numbers_never_carry_an_exponent(value):
    text = transport.dumps({'n': value}).decode()
    assert 'e' not in text.lower().replace('"n"', '')
    assert Decimal(text[5:-1]) == value


def test_json_keeps_vietnamese_text_and_digit_texts():
    assert transport.dumps({'a': 'Bưởi', 'b': '1.0', 'c': [Decimal('1.50')]}) == (
        '{"a":"Bưởi","b":"1.0","c":[1.5]}'.encode())


@pytest.mark.parametrize('text, expected', [
    ('2026-07-15T04:49:47.811Z', datetime(2026, 7, 15, 4, 49, 47, 811000)),
    ('2026-07-16T16:59:59Z', datetime(2026, 7, 16, 16, 59, 59)),
    ('2026-07-16T23:59:59+07:00', datetime(2026, 7, 16, 16, 59, 59)),
    ('2026-07-16T16:59:59.123456789Z', datetime(2026, 7, 16, 16, 59, 59, 123456)),
    ('0001-01-01T00:00:00Z', None), ('', None)])
def test_provider_times_become_utc(text, expected):
    value = clock.from_iso(text)
    assert value == (expected and expected.replace(tzinfo=timezone.utc))


def test_the_vietnamese_day_starts_at_17_utc():
    assert clock.vietnam_date(datetime(2026, 12, 31, 16, 59)).year == 2026
    assert clock.vietnam_date(datetime(2026, 12, 31, 17, 0)).year == 2027


def test_unix_zero_means_never():
    assert clock.from_unix(0) is None and clock.from_unix('') is None
    assert clock.to_unix(clock.from_unix('1793000000')) == 1793000000


@given(st.integers(0, 5000))
def test_backoff_grows_to_its_cap(attempt):
    assert 4 <= backoff.delay(attempt) <= 4320
