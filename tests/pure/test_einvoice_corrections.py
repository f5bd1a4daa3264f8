"""Corrections: which way, how much, and what the XML must say."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.gtg_vn_einvoice.lib import (
    amounts,
    corrections,
    document,
    legal_xml,
    sentences,
)

ALL = ('adjust', 'inform', 'replace')


@pytest.mark.parametrize(('given_', 'ways', 'why'), [
    ({'what': 'name'}, ('notice',), 'words'),
    ({'what': 'amount'}, ('adjust', 'replace'), 'choice'),
    ({'what': 'amount', 'method': 'replace'}, ('replace',), 'same_method'),
    ({'what': 'all', 'method': 'adjust'}, ('adjust',), 'same_method'),
    ({'what': 'buyer'}, ('replace',), 'whole'),
    ({'what': 'buyer', 'method': 'adjust'}, (), 'texts_by_adjustment'),
    ({'what': 'buyer', 'can': ALL}, ('replace', 'inform'), 'buyer'),
    ({'what': 'buyer', 'method': 'adjust', 'can': ALL}, ('inform',), 'same_method'),
    ({'what': 'text'}, ('replace',), 'texts_replaced'),
    ({'what': 'text', 'can': ALL}, ('inform', 'replace'), 'texts'),
    ({'what': 'text', 'method': 'replace', 'can': ALL}, ('replace',), 'same_method'),
    ({'what': 'text', 'method': 'adjust', 'can': ALL}, ('inform',), 'same_method'),
    ({'what': 'text', 'method': 'adjust'}, (), 'texts_by_adjustment'),
    ({'what': 'text', 'cash_register': True, 'can': ALL}, ('replace',), 'register'),
    ({'what': 'return'}, ('adjust',), 'return'),
    ({'what': 'return', 'method': 'replace'}, ('adjust',), 'return'),
    ({'what': 'name', 'cash_register': True}, ('replace',), 'register'),
    ({'what': 'amount', 'cash_register': True}, ('replace',), 'register'),
    ({'what': 'amount', 'cash_register': True, 'method': 'adjust'}, (),
     'adjusted_before'),
    ({'what': 'return', 'cash_register': True}, ('adjust',), 'register_return'),
    ({'what': 'return', 'cash_register': True, 'register_returns': 'replace'},
     ('replace',), 'register_return'),
    ({'what': 'amount', 'can': ('replace',)}, ('replace',), 'choice'),
    ({'what': 'return', 'can': ('replace',)}, (), 'provider'),
    ({'what': 'name', 'can': ()}, ('notice',), 'words'),
    ({'what': 'name', 'cash_register': True, 'register_names': 'notice'}, ('notice',),
     'words'),
    ({'what': 'text', 'cash_register': True, 'register_names': 'notice'}, ('replace',),
     'register'),
    ({'what': 'name', 'in_summary': True}, (), 'next_table'),
    ({'what': 'name', 'in_summary': True, 'cash_register': True}, (), 'next_table'),
    ({'what': 'amount', 'in_summary': True}, ('adjust', 'replace'), 'choice'),
])
def test_decision(given_, ways, why):
    assert corrections.decide(**given_) == corrections.Decision(ways, why)


@pytest.mark.parametrize(('what', 'kind', 'exempt', 'needed'), [
    ('amount', 'company', False, True), ('amount', 'household', False, True),
    ('return', 'budget', False, True), ('amount', 'company', True, False),
    ('amount', 'consumer', False, False), ('name', 'company', False, False),
])
def test_agreement(what, kind, exempt, needed):
    assert corrections.needs_agreement(what, kind, exempt) is needed
    assert not corrections.needs_agreement(what, kind, exempt, in_summary=True)


def test_sentence_in_other_words():
    words = 'Thay cho {form}{series}-{number} ({day}/{month}/{year}) {__class__}'
    assert sentences.correction('replace', '1', 'C26TAA', 7, date(2026, 3, 5), words) == (
        'Thay cho 1C26TAA-7 (05/03/2026) {__class__}')


def line(values, rate='8%'):
    return document.Line('Áo', values, rate, 'AT01')


def test_discount_disappears_in_the_price():
    sold = line(amounts.included_line(109000, 2, '8%', 18000))
    change = corrections.change(sold, -1).amounts
    assert (change.after, change.tax) == (-sold.amounts.after, -sold.amounts.tax)
    assert (change.quantity, change.discount) == (-2, 0)
    assert change.unit_price > 0
    assert not amounts.failing_checks(
        change.net, change.unit_price, change.quantity, change.discount, change.tax, '8%')


def test_returned_discount_is_an_increase():
    discount = line(amounts.from_parts(
        Decimal(-50000), Decimal(-4000), Decimal(0), Decimal(1)))
    change = corrections.change(discount, -1).amounts
    assert (change.after, change.quantity, change.unit_price) == (50000, 1, 50000)


PRICES = st.integers(1000, 5_000_000)


@given(PRICES, st.integers(2, 12), st.sampled_from(['10%', '8%', '5%', '0%', 'KCT']),
       st.booleans())
def test_returns_one_by_one_end_at_nothing(price, quantity, rate, included):
    make = amounts.included_line if included else amounts.excluded_line
    sold, unit = make(price, quantity, rate), make(price, 1, rate)
    left = {rate: (sold.after, sold.tax)}
    for earlier in range(quantity):
        changes = [corrections.change(line(unit, rate), -1)]
        changes, slack = corrections.take_the_rest(changes, left, earlier)
        assert slack <= 2 * (1 + earlier)
        net, tax = left[rate]
        assert earlier == quantity - 1 or not slack
        left[rate] = (net + changes[0].amounts.after, tax + changes[0].amounts.tax)
    assert left[rate] == (0, 0)


def test_more_than_is_left():
    left = {'8%': (Decimal(100926), Decimal(8074))}
    twice = [corrections.change(line(amounts.included_line(109000, 2, '8%')), -1)]
    assert corrections.overdrawn(twice, left) == [('8%', Decimal(100926))]
    other = [corrections.change(line(amounts.excluded_line(1, 1, '10%'), '10%'), -1)]
    assert corrections.overdrawn(other, left) == [('10%', Decimal(0))]
    assert not corrections.overdrawn(
        [corrections.change(line(amounts.included_line(109000, 1, '8%')), -1)], left)


# === the XML === #

XML = '''<HDon><DLHDon><TTChung><KHMSHDon>1</KHMSHDon><KHHDon>C26TAA</KHHDon>
<SHDon>8</SHDon>%s</TTChung><NDHDon><TToan><TgTTTBSo>-109000</TgTTTBSo></TToan></NDHDon>
</DLHDon></HDon>'''
RELATED = ('<TTHDLQuan><TCHDon>%s</TCHDon><KHMSHDCLQuan>%s</KHMSHDCLQuan>'
           '<KHHDCLQuan>%s</KHHDCLQuan><SHDCLQuan>%s</SHDCLQuan></TTHDLQuan>')


def differing(xml, corrected):
    found = legal_xml.parse(xml.encode())
    return [field for field, _expected, _found in legal_xml.differences(
        found, '', '1', 'C26TAA', 8, '', Decimal(0), Decimal(-109000), '', corrected)]


def test_xml_names_the_corrected_invoice():
    right = legal_xml.related('adjust', '1', 'C26TAA', '00000007')
    for kind, form, series, number, wrong in (
        ('2', '1', 'C26TAA', '7', []), ('2', '1', '1C26TAA', '0007', []),
        ('1', '1', 'C26TAA', '7', ['related']), ('2', '1', 'C26TAA', '8', ['related']),
        ('2', '2', 'C26TAA', '7', ['related']), ('2', '1', 'C26TBB', '7', ['related']),
    ):
        assert differing(XML % (RELATED % (kind, form, series, number)), right) == wrong
    assert differing(XML % '', right) == ['related']
    assert differing(XML % (RELATED % ('2', '1', 'C26TAA', '7')), '') == ['related']
