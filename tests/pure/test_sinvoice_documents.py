"""Random invoices: the sums are the books', every line passes strict checks."""

import io
import zipfile
from datetime import datetime, timezone
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odoo.addons.gtg_connector_base.lib.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Retryable,
)
from odoo.addons.gtg_connector_base.lib.money import round_half_up
from odoo.addons.gtg_vn_einvoice.lib import amounts, document, legal_xml, words
from odoo.addons.gtg_vn_einvoice.providers.sinvoice import (
    answers,
    const,
    correction,
    files,
    mapping,
)

ISSUED = datetime(2026, 11, 19, 18, tzinfo=timezone.utc)


def test_no_result_is_not_none_found():
    assert answers.found({'result': None}) is None
    assert answers.found({'result': []}) is None
    for unfinished in ({}, {'result': [{'transactionUuid': 'x', 'invoiceNo': None}]},
                       {'result': {'status': 'DRAFT'}}, {'result': ['?']}):
        with pytest.raises(Retryable):
            answers.found(unfinished)
    two = {'result': [{'invoiceNo': ''}, {'invoiceNo': 'C26TAA7'}]}
    assert answers.found(two).number == 'C26TAA7'


RATE = st.sampled_from(list(amounts.PERCENT))
PRICE = st.integers(1, 50_000_000)
QUANTITY = st.one_of(
    st.integers(1, 500).map(Decimal),
    st.decimals('0.01', '99.99', places=2))
PERCENT = st.sampled_from([0, 0, 5, 10, Decimal('12.5'), Decimal('33.33'), 100])


@st.composite
def included(draw):
    price, quantity, rate = draw(PRICE), draw(QUANTITY), draw(RATE)
    # a discount never exceeds its line, not even by what rounding adds
    discount = min(round_half_up(price * quantity * Decimal(draw(PERCENT)) / 100),
                   price * quantity // 1)
    return rate, price, quantity, discount


@given(included())
def test_included_line_keeps_the_paid_total(case):
    rate, price, quantity, discount = case
    line = amounts.included_line(price, quantity, rate, discount)
    assert line.total == round_half_up(price * quantity - discount)
    assert not failing(line, rate)


@given(PRICE, QUANTITY, RATE, PERCENT)
def test_excluded_line_passes_strict_checks(price, quantity, rate, percent):
    line = amounts.excluded_line(price, quantity, rate, percent)
    assert not failing(line, rate)


def failing(line, rate):
    return amounts.failing_checks(
        line.net, line.unit_price, line.quantity, line.discount, line.tax, rate)


@given(st.lists(st.tuples(PRICE, QUANTITY, PERCENT), min_size=1, max_size=40),
       st.sampled_from(['10%', '8%', '5%']))
def test_books_rounded_per_document(rows, rate):
    """Accounting that rounds once per document, as Odoo does by default."""
    lines = [amounts.excluded_line(*row[:2], rate, row[2]) for row in rows]
    exact = sum(Decimal(price) * quantity * (1 - Decimal(percent) / 100)
                for price, quantity, percent in rows)
    net = round_half_up(exact)
    tax = round_half_up(exact * amounts.PERCENT[rate] / 100)
    fitted = amounts.fit(lines, rate, net, tax)
    assert sum(line.after for line in fitted) == net
    assert sum(line.tax for line in fitted) == tax
    assert not [line for line in fitted if failing(line, rate)]


@given(st.lists(st.tuples(included(), st.booleans()), min_size=1, max_size=20),
       st.sampled_from(['item_discount', 'discount_line']))
@example([(('10%', 400345, 1, 133435), False)], 'discount_line')
def test_body_adds_up(cases, style):
    """What the provider will recompute from our body is our total."""
    lines = []
    for number, ((rate, price, quantity, discount), negative) in enumerate(cases):
        line = amounts.included_line(
            -price if negative and number else price, quantity, rate,
            -discount if negative and number else discount)
        lines.append(document.Line(f'Hàng {number}', line, rate))
    doc = document.Document(
        'r' * 36, '1', 'C26TAA', '1/001', document.Buyer('consumer'), tuple(lines))
    body = mapping.payload(doc, style)
    net = tax = Decimal(0)
    for item in body['itemInfo']:
        sign = -1 if item['selection'] == 3 else 1
        after = item.get('itemTotalAmountAfterDiscount',
                         item['itemTotalAmountWithoutTax'])
        assert item['itemTotalAmountWithoutTax'] >= 0 and item['taxAmount'] >= 0
        if item['taxPercentage'] > 0:
            expected = after * item['taxPercentage'] / 100
            assert abs(expected - item['taxAmount']) < 1
        if sign == 1:
            assert abs(item['quantity'] * item['unitPrice']
                       - item['itemTotalAmountWithoutTax']) < 1
        net, tax = net + sign * after, tax + sign * item['taxAmount']
    assert (net, tax, net + tax) == (doc.net, doc.tax, doc.total)
    signed = [(-1 if not row['taxableAmountPos'] else 1, row)
              for row in body['taxBreakdowns']]
    assert sum(sign * row['taxableAmount'] for sign, row in signed) == net
    assert body['summarizeInfo']['totalAmountWithTax'] == doc.total
    assert len({row['taxPercentage'] for row in body['taxBreakdowns']}) == len(signed)


def test_sales_invoice_has_no_tax():
    line = document.Line('Hàng', amounts.from_parts(
        Decimal(1000), Decimal(0), Decimal(0), Decimal(2)), None)
    body = mapping.payload(document.Document(
        'r' * 36, '2', 'C26TBB', '2/001', document.Buyer('consumer'), (line,)))
    assert body['taxBreakdowns'] == []
    assert not {'taxPercentage', 'taxAmount'} & set(body['itemInfo'][0])


# === words: read them back === #

DIGITS = {'một': 1, 'mốt': 1, 'hai': 2, 'ba': 3, 'bốn': 4, 'năm': 5, 'lăm': 5,
          'sáu': 6, 'bảy': 7, 'tám': 8, 'chín': 9, 'không': 0}


def read_words(text):
    total = block = group = digit = 0
    for word in text.lower().removesuffix(' đồng').split():
        if word in DIGITS:
            digit = DIGITS[word]
        elif word == 'mười':
            group += 10
        elif word == 'mươi':
            group, digit = group + digit * 10, 0
        elif word == 'trăm':
            group, digit = group + digit * 100, 0
        elif word in ('nghìn', 'triệu'):
            block += (group + digit) * {'nghìn': 1000, 'triệu': 10 ** 6}[word]
            group = digit = 0
        elif word == 'tỷ':
            total = (total + block + group + digit) * 10 ** 9
            block = group = digit = 0
        else:
            assert word == 'linh'
    return total + block + group + digit


@given(st.integers(0, 10 ** 18 - 1))
def test_words_can_be_read_back(value):
    assert read_words(words.amount_in_words(value)) == value


@pytest.mark.parametrize('value, text', [
    (1_500_000_000_000, 'Một nghìn năm trăm tỷ đồng'),
    (1_000_000_005, 'Một tỷ không trăm linh năm đồng'),
    (24_001_014, 'Hai mươi bốn triệu không trăm linh một nghìn không trăm mười bốn đồng'),
    (-21, 'Âm hai mươi mốt đồng'),
    (105_000_000_000_000_000, 'Một trăm linh năm triệu tỷ đồng'),
])
def test_words_of_large_numbers(value, text):
    assert words.amount_in_words(value) == text


# === answers of a sick server === #

@pytest.mark.parametrize('status, content', [
    (502, b'<html>Bad gateway</html>'), (500, b''), (200, b''), (200, b'{"errorCode":nul'),
    (200, b'{"errorCode":null,"result":null}'), (200, b'[]'), (200, b'<html>'),
    (200, b'{"errorCode":null,"result":{"transactionID":"1"}}'),
    (500, b'{"code":500,"message":"GENERAL","data":"bean"}'),
    (400, b'{"code":400,"message":"GENERAL","data":"bean"}'),
    (500, b'{"code":500,"message":"TEMPLATE_NOT_FOUND"}'),
    # a number beside a code that we do not know: something was made
    (200, b'{"errorCode":"00","result":{"invoiceNo":"C26TAA7"}}'),
    (200, b'{"errorCode":"SUCCESS","result":{"invoiceNo":"C26TAA7"}}'),
    (400, b'{"errorCode":"TAX_CODE_INVALID","result":{"invoiceNo":"C26TAA7"}}'),
])
def test_nothing_certain_is_unknown(status, content):
    with pytest.raises(OutcomeUnknown):
        answers.created(SimpleNamespace(status=status, content=content))


@pytest.mark.parametrize('status, content, error', [
    (429, b'', RateLimited), (502, b'<html>', Retryable), (500, b'', Retryable),
    (200, b'<html>', Retryable),
    (400, b'{"code":400,"message":"GENERAL","data":"bean"}', Retryable),
    (400, b'{"code":400,"message":"S\xc3\xa0i","data":null}', Rejected),
])
def test_reads_of_a_sick_server(status, content, error):
    with pytest.raises(error):
        answers.read(SimpleNamespace(status=status, content=content))


def test_mail_envelope_is_success():
    reply = SimpleNamespace(status=200, content=b'{"code":"200","message":"OK"}')
    assert answers.read(reply)['message'] == 'OK'


@given(st.binary(max_size=200) | st.text().map(str.encode), st.sampled_from(
    [200, 201, 302, 400, 401, 403, 404, 429, 500, 503]))
def test_fuzzed_answers_never_mean_success(content, status):
    reply = SimpleNamespace(status=status, content=content)
    with pytest.raises(Exception) as caught:
        answers.created(reply)
    assert type(caught.value).__module__.endswith('lib.errors')


# === archives and XML === #

XML = b'<HDon><DLHDon><TTChung><SHDon>7</SHDon></TTChung></DLHDon></HDon>'


def zipped(**entries):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace('_', '.'), content)
    return stream.getvalue()


def test_nested_archive():
    inner = zipped(invoice_xml=XML, invoice_xsl=b'<x/>')
    assert files.find_xml(zipped(a_zip=inner)) == XML
    assert files.find_xml(zipped(a_zip=zipped(b_zip=inner))) == XML
    assert files.find_xml(XML) == XML
    assert files.find_xml(zipped(readme_txt=b'later')) is None
    too_deep = zipped(a_zip=zipped(b_zip=zipped(c_zip=inner)))
    assert files.find_xml(too_deep) is None


@pytest.mark.parametrize('archive', [
    zipped(bomb_xml=b'<' + b'0' * (files.MAX_BYTES + 1)),
    zipped(**{f'f{n}_xsl': b'' for n in range(files.MAX_ENTRIES + 1)}),
    b'PK\x03\x04 damaged', b'no archive at all',
    zipped(invoice_xml=XML)[:-30],
])
def test_hostile_archives(archive):
    with pytest.raises(files.BadFile):
        files.find_xml(archive)


@pytest.mark.parametrize('content', [
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><HDon><DLHDon>&e;'
    b'</DLHDon></HDon>',
    b'<!DOCTYPE x><HDon><DLHDon/></HDon>', b'<HDon/>', b'<HDon', b'',
    XML.replace(b'7', b'seven'),
])
def test_hostile_xml(content):
    with pytest.raises(legal_xml.BadXml):
        legal_xml.parse(content)


def test_differences_name_the_field():
    found = legal_xml.LegalInvoice(
        '1', 'C26TAA', 7, '2026-11-22', '0300588569', '0100109106', Decimal(8074),
        Decimal(109000), 'CODE')
    same = {'seller_tax_code': '0300588569', 'form': '1', 'series': 'C26TAA',
            'number': 7, 'buyer_tax_code': '0100109106', 'tax': Decimal('8074.0'),
            'total': Decimal('109000.0'), 'authority_code': 'CODE'}
    assert legal_xml.differences(found, **same) == []
    wrong = {**same, 'seller_tax_code': '0300588569-001', 'form': '2', 'number': 8,
             'tax': Decimal(9909), 'total': Decimal(108999)}
    assert [row[0] for row in legal_xml.differences(found, **wrong)] == [
        'seller_tax_code', 'form', 'number', 'tax', 'total']


def test_every_hint_says_what_to_do():
    assert all(text.endswith('.') for text in const.HINTS.values())


def test_list_rows_are_neutral_and_hostile_ones_do_no_harm():
    page = answers.listed({'totalRow': '3', 'invoices': [
        {'invoiceNo': 'C26TAA7', 'adjustmentType': 3, 'total': Decimal('109000'),
         'originalInvoiceId': 'C26TAA1', 'transactionUuid': 'u', 'currency': 'VND',
         'issueDate': 1784082615000, 'buyerTaxCode': None},
        {'invoiceNo': 'C26TAA8', 'total': 'NaN', 'issueDate': 'x'},
        'nonsense', {'invoiceNo': None}]}, 1)
    first, second = page.rows
    assert (first.kind, first.corrects, first.total) == (
        'replacement', 'C26TAA1', Decimal('109000'))
    assert (second.kind, second.total, second.issued_at) == ('original', None, None)
    assert (page.total, page.more) == (3, False)


def test_list_without_a_list_is_tried_again():
    with pytest.raises(Retryable):
        answers.listed({'errorCode': None}, 1)


def changed(*pairs):
    """An adjustment over (net, tax) of 8 %."""
    lines = [document.Line('Áo', amounts.from_parts(
        Decimal(net), Decimal(tax), Decimal(0), Decimal(1)), '8%') for net, tax in pairs]
    return document.Document(
        'r' * 36, '1', 'C26TAA', '1/001', document.Buyer('consumer'), tuple(lines),
        correction=document.Correction('adjust', document.Original(
            '1', 'C26TAA', '1/001', 'C26TAA1', ISSUED), 'Điều chỉnh', agreed_on=ISSUED))


@pytest.mark.parametrize(('pairs', 'plus', 'torn'), [
    ([(-1000, -80)], False, []), ([(1000, 80)], True, []),
    ([(1000, 80), (-1000, -81)], False, []), ([(1000, 81), (-1000, -80)], True, []),
    ([(1000, 80), (-999, -81)], True, ['8%']),
])
def test_one_sign_for_net_and_tax(pairs, plus, torn):
    made = changed(*pairs)
    (row,) = mapping.payload(made)['taxBreakdowns']
    assert (row['taxableAmountPos'], row['taxAmountPos']) == (plus, plus)
    assert correction.torn_rates(made) == torn
