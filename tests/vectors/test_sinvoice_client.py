"""The recorded vectors of S-Invoice against our client."""

import base64
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from odoo.addons.gtg_connector_base.lib.clock import UTC, to_unix
from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
)
from odoo.addons.gtg_connector_base.lib.money import dec, split
from odoo.addons.gtg_vn_einvoice.lib import (
    amounts,
    corrections,
    document,
    legal_xml,
    sentences,
    symbol,
    tax_code,
    words,
)
from odoo.addons.gtg_vn_einvoice.providers.sinvoice import (
    answers,
    client,
    const,
    files,
    mapping,
)

FILE = Path(__file__).parents[2].parent / 'shared' / 'vectors' / 'sinvoice.json'
if not FILE.exists():
    pytest.skip('no shared vectors here', allow_module_level=True)
VECTORS = json.loads(FILE.read_text('utf-8'))
RATES = {code: rate for rate, code in const.TAX_PERCENTAGE.items()}
# not what our client does: other clients' wire habits, the server's own validation,
# adjustments of mere information, batches (we send one by one)
NOT_OURS = (
    'wire/odoo_', 'wire/ts_list_data', 'validate/', 'adjust/information',
    'batch/', 'money/unit_first', 'money/discount_rate_wrong', 'exchange/',
)


def vectors(*prefixes):
    chosen = [v for v in VECTORS if v['name'].startswith(prefixes)]
    assert chosen, prefixes
    return pytest.mark.parametrize('v', chosen, ids=[v['name'] for v in chosen])


USED = (
    'wire/ts_', 'odoo/single', 'money/', 'breakdown/', 'prorate/', 'strict/',
    'official/', 'text/', 'time/', 'symbol/', 'mst/', 'words/', 'answer/', 'zip/',
    'buyer/', 'phone/', 'item/', 'adjust/', 'odoo/adjust', 'odoo/replace',
)


def test_every_vector_is_used_or_named():
    assert not [v['name'] for v in VECTORS if not v['name'].startswith(USED + NOT_OURS)]


def line_of(result, rate):
    return {
        'unitPrice': result.unit_price, 'quantity': result.quantity,
        'itemTotalAmountWithoutTax': result.net, 'itemDiscount': result.discount,
        'itemTotalAmountAfterDiscount': result.after,
        'taxPercentage': const.TAX_PERCENTAGE[rate], 'taxAmount': result.tax,
        'itemTotalAmountWithTax': result.total,
    }


def same(expected, found):
    for key, value in expected.items():
        if isinstance(value, dict):
            same(value, found[key])
        elif isinstance(value, list):
            assert len(value) == len(found[key]), key
            for a, b in zip(value, found[key], strict=True):
                same(a, b)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            assert dec(found[key]) == dec(value), key
        else:
            assert found[key] == value, key


# === money === #

@vectors('money/total_first')
def test_included_line(v):
    i, rate = v['inputs'], RATES[v['inputs']['rate']]
    result = amounts.included_line(
        i['unit_price_gross'], i['quantity'], rate, i['line_discount_gross'])
    same(v['expected']['line'], line_of(result, rate))


@vectors('money/net')
def test_excluded_line(v):
    i, rate = v['inputs'], RATES[v['inputs']['rate']]
    same(v['expected'], line_of(
        amounts.excluded_line(i['unit_price'], i['quantity'], rate), rate))


@vectors('official/line_discount')
def test_percent_discount(v):
    i = v['inputs']
    result = amounts.excluded_line(
        i['unit_price'], i['quantity'], '10%', i['discount_pct'])
    same(v['expected'], {**line_of(result, '10%'), 'discount': result.discount_percent})


@vectors('money/discount_rate_cap')
def test_percent_has_two_decimals(v):
    i = v['inputs']
    discount = dec(i['discount_amount'])
    result = amounts.from_parts(
        dec(i['gross_line']) - discount, dec(0), discount, dec(1))
    assert result.discount_percent == dec(v['expected']['discount'])


@vectors('prorate/')
def test_largest_remainder(v):
    assert split(v['inputs']['amount'], v['inputs']['weights']) == v['expected']


@vectors('strict/')
def test_own_check_before_sending(v):
    i = v['inputs']
    failing = amounts.failing_checks(
        dec(i['itemTotalAmountWithoutTax']), dec(i['unitPrice']), dec(i['quantity']),
        dec(0), dec(i['taxAmount']), RATES[i['taxPercentage']])
    numbers = {'price': 43, 'tax': 44}
    assert [numbers[name] for name in failing] == v['expected']['failing_checks']


# === body === #

def make(lines, **values):
    return document.Document(**{
        'reference': '8b0f6a3e-0a55-5d0e-9f3b-4f2f8f0a1c01', 'form': '1',
        'series': 'K24TUT', 'template': '1/001', 'lines': tuple(lines),
        'buyer': document.Buyer('consumer'), **values})


@vectors('breakdown/', 'official/discount_line')
def test_rates_and_discount_lines(v):
    rows = v['inputs'].get('lines') or [{'net': 50000, 'tax': 0, 'rate': 8, 'sel': 3}]
    body = mapping.payload(make(
        document.Line('Áo', amounts.from_parts(
            dec(row['net']) * sign, dec(row['tax']) * sign, dec(0), dec(1)),
            RATES[row['rate']])
        for row in rows for sign in [-1 if row.get('sel') == 3 else 1]))
    if 'selection' in v['expected']:
        item = body['itemInfo'][0]
        assert not set(v['expected'].pop('absent')) & set(item)
        same(v['expected'], item)
    else:
        same(v['expected'], {**body['summarizeInfo'], **body})


@vectors('odoo/single_line_10pct')
def test_same_amounts_as_core(v):
    (line,) = v['inputs']['lines']
    body = mapping.payload(make([document.Line('x', amounts.excluded_line(
        line['price_unit'], line['quantity'], '10%'), '10%')]))
    expected = v['expected']
    for absent in ('invoiceIssuedDate', 'validation'):  # README 4.1
        del expected['generalInvoiceInfo'][absent]
    del expected['itemInfo'][0]['discount']
    same(expected, body)


# === corrections === #

def correct(kind, lines, number='C26TAA123', **values):
    """Body of a correction of an invoice of 1 January 2024."""
    style = values.pop('style', 'official')
    return mapping.payload(make(lines, correction=document.Correction(
        kind, document.Original(
            '1', 'K24TUT', '1/001', number, datetime(2024, 1, 1, tzinfo=UTC)),
        'sentence', agreement_ref='N/A', agreed_on=date(2024, 1, 1)), **values),
        decrease_style=style)


def changed(rows, rate_of, sign):
    return [document.Line('Áo', amounts.from_parts(
        sign * dec(row['net']), sign * dec(row['tax']), dec(0), dec(sign)),
        rate_of(row)) for row in rows]


@vectors('adjust/return', 'adjust/increase')
def test_adjustment(v):
    i, expected = v['inputs'], v['expected']
    body = correct('adjust', changed(
        i.get('lines') or i['returned'], lambda row: RATES[row['rate']],
        1 if i['kind'] == 'increase' else -1))
    for number, flags in enumerate(expected.pop('itemFlags')):
        same(flags, body['itemInfo'][number])
    same(expected, {**body['generalInvoiceInfo'], **body['summarizeInfo'], **body})


@vectors('official/decrease')
def test_decrease_line(v):
    i, expected = v['inputs'], v['expected']
    line = amounts.excluded_line(i['unit_price'], i['quantity'], '10%')
    (item,) = correct('adjust', [corrections.change(
        document.Line('Áo', line, '10%'), -1)])['itemInfo']
    assert item['itemName'].startswith(expected.pop('name_prefix').strip())
    same(expected, item)


@vectors('odoo/adjust')
def test_decrease_as_core_sends_it(v):
    body = correct('adjust', changed(
        [{'net': 100, 'tax': 10}], lambda _row: '10%', -1), 'K24TUT01',
        style='negative_unit_price')
    expected = v['expected']
    del expected['generalInvoiceInfo']['additionalReferenceDate']  # a day, not an hour
    same(expected['generalInvoiceInfo'], body['generalInvoiceInfo'])
    same(expected['itemInfo0'], body['itemInfo'][0])


@vectors('odoo/replace')
def test_replacement(v):
    body = correct('replace', [document.Line(
        'Áo', amounts.excluded_line(900, 1, '10%'), '10%')], 'K24TUT01')
    expected = dict(v['expected'])
    same(expected.pop('itemInfo0'), body['itemInfo'][0])
    same(expected['generalInvoiceInfo'], {
        **body['generalInvoiceInfo'], 'originalInvoiceId': 'K24TUT01'})


@vectors('buyer/')
def test_buyer(v):
    i = v['inputs']
    if i['is_company']:
        party = document.Buyer(
            'company', name=i['contact'], legal_name=i['name'], tax_code=i['vat'],
            address=i['street'], phone=i['phone'], email=i['email'])
    elif i['name']:
        party = document.Buyer('person', name=i['name'], address=i['street'],
                               id_number=i['personal_id'])
    else:
        party = document.Buyer('consumer')
    block = mapping.buyer(party)
    assert not set(v['expected'].pop('absent', ())) & set(block)
    assert block == v['expected']


@vectors('phone/')
def test_seller_phone(v):
    assert mapping.seller_phone(v['inputs']['phone']) == (
        v['expected']['sellerPhoneNumber'])


@pytest.mark.parametrize(
    'v', [v for v in VECTORS if v['name'].startswith('validate/buyerInfo.buyerPhone')],
    ids=lambda v: v['name'])
def test_buyer_phone_is_sent_clean(v):
    typed = v['inputs']['value']
    block = mapping.buyer(document.Buyer('person', name='An', phone=typed))
    assert (block['buyerPhoneNumber'] == typed) == (v['expected']['error'] is None)


@vectors('item/')
def test_item_name_is_one_line(v):
    body = mapping.payload(make([document.Line(
        v['inputs']['name'], amounts.excluded_line(1, 1, '8%'), '8%')]))
    same(v['expected'], body['itemInfo'][0])


# === texts === #

@vectors('text/')
def test_correction_sentence(v):
    i = dict(v['inputs'])
    i['date'] = date.fromisoformat(i['date'])
    assert sentences.correction(**i) == v['expected']


@vectors('time/ms')
def test_milliseconds(v):
    instant = datetime.fromisoformat(v['inputs']['instant'])
    assert to_unix(instant) * 1000 == v['expected']
    row = {'result': [{'invoiceNo': 'C26TAA1', 'issueDate': v['expected']}]}
    assert answers.found(row).issued_at == instant


@vectors('time/transmit')
def test_transmission_deadline(v):
    i = v['inputs']
    day = sentences.next_working_day(
        date.fromisoformat(i['issued_local']),
        [date.fromisoformat(day) for day in i['holidays']])
    assert day.isoformat() == v['expected']


@vectors('time/token')
def test_token_life(v):
    i = v['inputs']
    assert i['safety_margin_s'] == const.TOKEN_MARGIN
    wire = Recorder({'access_token': 'x', 'expires_in': str(i['expires_in'])})
    token = client.login(wire, 'u', 'p')
    assert i['login_at'] + token.seconds - const.TOKEN_MARGIN == (
        v['expected']['reuse_until'])


@vectors('symbol/')
def test_symbol(v):
    if 'invoiceNo' in v['inputs']:
        series, number = symbol.split_number(v['inputs']['invoiceNo'])
        assert {'series': series, 'number': number} == v['expected']
    elif not v['expected'].pop('valid'):
        with pytest.raises(ValueError):
            symbol.parse_symbol(v['inputs']['symbol'])
    else:
        parsed = symbol.parse_symbol(v['inputs']['symbol'])
        assert {key: getattr(parsed, key) for key in v['expected']} == v['expected']


@vectors('mst/')
def test_tax_code(v):
    code, expected = v['inputs']['tax_code'], v['expected']
    if expected.get('accepted_as_buyer_or_household_code'):
        assert tax_code.normalise(code) == code and tax_code.is_personal(code)
    elif expected['valid']:
        assert tax_code.normalise(code) == expected['formatted']
        assert tax_code.normalise(expected['compact']) == expected['formatted']
    else:
        with pytest.raises(tax_code.BadTaxCode) as caught:
            tax_code.normalise(code)
        assert 'Invalid' + caught.value.args[0].capitalize() == expected['why']


@vectors('words/')
def test_words(v):
    value = v['inputs']['amount_vnd']
    assert words.amount_in_words(value) == v['expected']['linh']
    assert words.amount_in_words(value, 'lẻ') == v['expected']['le']


# === answers === #

def answer(status, value):
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return SimpleNamespace(status=status, content=content)


@vectors('answer/')
def test_classifier(v):
    i, expected = v['inputs'], v['expected']
    reply = answer(i['http_status'], i['body'])
    if 'file' in v['name']:
        content = files.decode(answers.read(reply)['fileToBytes'])
        assert content.startswith(expected['magic'].encode())
    elif expected['class'] == 'success':
        issued = answers.created(reply)
        assert issued.number == expected['invoiceNo']
        assert (not issued.tax_code) == expected['code_pending']
    elif expected['class'] == 'not_found':
        with pytest.raises(Rejected) as caught:
            answers.read(reply)
        assert caught.value.code == const.NOT_FOUND
    else:
        wanted = {'rejected': Rejected, 'in_flight': OutcomeUnknown,
                  'auth': AuthExpired}[expected['class']]
        with pytest.raises(ConnectorError) as caught:
            answers.created(reply)
        assert type(caught.value) is wanted
        assert caught.value.code == expected.get('key', caught.value.code)


@pytest.mark.parametrize(
    'v', [v for v in VECTORS if v['name'].startswith('exchange/')],
    ids=lambda v: v['name'])
def test_tax_state(v):
    found = answers.found({'result': [
        {'invoiceNo': 'C26TAA1', 'exchangeStatus': v['inputs']['exchangeStatus']}]})
    assert found.tax_state == v['expected']['tax_state']


@vectors('zip/')
def test_archive(v):
    xml = files.find_xml(base64.b64decode(v['inputs']['fileToBytes']))
    found = legal_xml.parse(xml)
    assert str(found.number) == v['expected']['SHDon']
    assert found.authority_code == v['expected']['MCCQT']


# === wire === #

class Recorder:
    """Takes the place of the transport and keeps what was to be sent."""

    def __init__(self, value):
        self.value, self.calls = value, []

    def send(self, method, path, **options):
        self.calls.append({'method': method, 'path': path, **options})
        return answer(200, self.value)


CALLS = {
    'login': lambda c, e: client.login(c.wire, **e['json']),
    'create_invoice_unicode': lambda c, e: c.create(e['json']),
    'draft_preview': lambda c, e: c.preview(e['json']),
    'search_by_uuid': lambda c, e: c.find('8b0f6a3e-0a55-5d0e-9f3b-4f2f8f0a1c01'),
    'file_pdf': lambda c, e: c.file('C26TAA123', '1/001', 'PDF'),
}


@pytest.mark.parametrize(
    'v', [v for v in VECTORS if v['name'].startswith('wire/ts_')
          and 'data_control' not in v['name']], ids=lambda v: v['name'])
def test_requests(v):
    expected = v['expected']
    wire = Recorder({
        'access_token': 'x', 'fileToBytes': 'JVBERi0xLjQK', 'errorCode': None,
        'result': {'invoiceNo': 'C26TAA1'}})
    CALLS[v['name'][len('wire/ts_'):]](client.SInvoiceClient(
        wire, '0100109106-507', client.bearer(v['inputs']['access_token'])), expected)
    (call,) = wire.calls
    assert (call['method'], call['path']) == (expected['method'], expected['path'])
    assert call.get('json') == expected.get('json')
    if 'form_body_raw' in expected:
        body = '&'.join(f'{key}={value}' for key, value in call['data'].items())
        assert body == expected['form_body_raw']
    if 'authorization' in expected['headers']:
        assert call['headers']['Authorization'] == expected['headers']['authorization']
        assert v['inputs']['access_token'] in call['headers']['Cookie']


def test_amounts_are_decimals():
    line = amounts.included_line(100, 7, '8%')
    assert line.unit_price == Decimal('92.5714')
