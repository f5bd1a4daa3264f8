"""MISA: random invoices add up by its own formulas, sick servers prove nothing."""

import json
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Retryable,
)
from odoo.addons.gtg_connector_base.lib.money import round_half_up
from odoo.addons.gtg_connector_base.lib.transport import dumps
from odoo.addons.gtg_vn_einvoice.lib import amounts, document
from odoo.addons.gtg_vn_einvoice.providers.misa import answers, client, const, mapping

REF = '3cd0b3b0-3392-56eb-aee4-c7cb224e9486'
ROW = {'RefID': REF, 'TransactionID': 'A7Q2ZK81MB0X', 'InvSeries': '1C26TAA',
       'InvNo': '00000042', 'InvCode': ''}


def reply(status, value=b'', headers=None):
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return SimpleNamespace(status=status, content=content, headers=headers or {})


def make(lines, **values):
    return document.Document(**{
        'reference': REF, 'form': '1', 'series': 'C26TAA', 'lines': tuple(lines),
        'template': '1/5f0c61d2-1c56-4d0e-9f3b-4f2f8f0a1c01',
        'buyer': document.Buyer('consumer'), **values})


# === bodies === #

@st.composite
def lines(draw, digits=0):
    found = []
    for number in range(draw(st.integers(1, 12))):
        rate = draw(st.sampled_from(list(amounts.PERCENT)))
        price = draw(st.decimals('1', '5000000', places=digits))
        quantity = draw(st.sampled_from([Decimal(1), Decimal(3), Decimal('0.5')]))
        percent = draw(st.sampled_from([0, 0, 10, Decimal('33.33'), 100]))
        sign = -1 if number and draw(st.booleans()) else 1
        # a discount never exceeds its line, not even by what rounding adds
        discount = (price * quantity * percent / 100).quantize(
            Decimal(1).scaleb(-digits), ROUND_FLOOR)
        amount = amounts.included_line(
            sign * price, quantity, rate, sign * discount, digits)
        found.append(document.Line(f'Hàng {number}', amount, rate))
    return found


def check_body(doc, style):
    """MISA's header formulas over the lines as sent (README 3)."""
    body = mapping.invoice(doc, style)
    digits = doc.digits
    sale = discount = tax = Decimal(0)
    for row in body['OriginalInvoiceDetail']:
        sign = -1 if row['ItemType'] == 3 else 1
        if row['ItemType'] == 2:  # a gift has no value at all
            assert not (row['UnitPrice'] or row['AmountOC'] or row['DiscountAmountOC'])
        assert min(row['AmountOC'], row['DiscountAmountOC'], row['VATAmountOC']) >= 0
        assert row['AmountWithoutVATOC'] == row['AmountOC'] - row['DiscountAmountOC']
        assert abs(row['Quantity'] * row['UnitPrice'] - row['AmountOC']) < 1
        assert abs(round_half_up(row['AmountOC'] * row['DiscountRate'] / 100, digits)
                   - row['DiscountAmountOC']) <= Decimal(1).scaleb(-digits)
        exact = row['AmountWithoutVATOC'] * amounts.PERCENT[row['VATRateName']] / 100
        assert abs(exact - row['VATAmountOC']) < 1
        sale += sign * row['AmountOC']
        discount += sign * row['DiscountAmountOC']
        tax += sign * row['VATAmountOC']
    assert body['TotalSaleAmountOC'] == sale
    assert body['TotalDiscountAmountOC'] == discount
    assert body['TotalAmountWithoutVATOC'] == sale - discount == doc.net
    assert body['TotalVATAmountOC'] == tax == doc.tax
    assert body['TotalAmountOC'] == doc.total
    rate = doc.exchange_rate or 1
    for name in mapping.TOTALS:
        assert body[name] == round_half_up(body[name + 'OC'] * rate)
    assert sum(row['AmountWithoutVATOC'] for row in body['TaxRateInfo']) == doc.net
    assert sum(row['VATAmountOC'] for row in body['TaxRateInfo']) == doc.tax
    orders = [row['SortOrder'] for row in body['OriginalInvoiceDetail']
              if row['ItemType'] != 3]
    assert orders == list(range(1, len(orders) + 1))
    return body


STYLES = st.sampled_from(['item_discount', 'discount_line'])


@given(lines(), STYLES)
def test_body_adds_up(rows, style):
    body = check_body(make(rows), style)
    json.loads(dumps(body))


@given(lines(digits=2), STYLES)
def test_foreign_currency_adds_up(rows, style):
    doc = make(rows, currency='USD', digits=2, exchange_rate=Decimal('25450.5'))
    body = check_body(doc, style)
    assert body['OptionUserDefined']['ExchangRateDecimalDigits'] == '1'
    assert 'đô la Mỹ' in body['TotalAmountInWords']


@given(lines(), STYLES)
def test_draft_has_the_same_money(rows, style):
    doc = make(rows)
    body, draft = mapping.invoice(doc, style), mapping.web_invoice(doc, style)
    assert draft['TotalAmountOC'] == doc.total
    for line, web in zip(body['OriginalInvoiceDetail'], draft['InvoiceDetails'],
                         strict=True):
        assert web['InventoryItemType'] == {1: 0, 2: 2, 3: 4}[line['ItemType']]
        assert web['VATRate'] == const.WEB_RATES[line['VATRateName']]
        assert (web['SortOrder'], web['SortOrderView']) == (
            line['LineNumber'], line['SortOrder'])
        assert web['Description'] == line['ItemName'] and 'ItemType' not in web
    assert draft['InvoiceTemplateID'] == '5f0c61d2-1c56-4d0e-9f3b-4f2f8f0a1c01'
    assert not {'ReceiverEmail', 'TaxRateInfo'} & set(draft)


def test_sales_invoice_has_no_tax():
    line = document.Line('Hàng', amounts.from_parts(
        Decimal(1000), Decimal(0), Decimal(0), Decimal(2)), None)
    doc = make([line], form='2', series='C26TBB')
    body = mapping.invoice(doc)
    assert body['InvSeries'] == '2C26TBB' and 'TaxRateInfo' not in body
    assert not {'VATRateName', 'VATAmountOC'} & set(body['OriginalInvoiceDetail'][0])
    assert 'VATRate' not in mapping.web_invoice(doc)['InvoiceDetails'][0]


@pytest.mark.parametrize('party, expected', [
    (document.Buyer('consumer'), {'BuyerFullName': 'Bán cho người tiêu dùng'}),
    (document.Buyer('household', name='Hộ Ba', tax_code='0101243150', address='Huế'),
     {'BuyerLegalName': 'Hộ Ba', 'BuyerTaxCode': '0101243150', 'BuyerAddress': 'Huế'}),
    (document.Buyer('foreigner', name='Ann', id_number='X1', address='Rome'),
     {'BuyerFullName': 'Ann', 'BuyerPassport': 'X1', 'BuyerAddress': 'Rome'}),
    (document.Buyer('person', name='An', id_number='001099000001', address='Huế',
                    email='bad@, an@example.com; b@example.com'),
     {'BuyerFullName': 'An', 'BuyerIDNumber': '001099000001', 'BuyerAddress': 'Huế',
      'BuyerEmail': 'an@example.com'}),
])
def test_buyer(party, expected):
    assert mapping.buyer(party) == expected


@given(st.decimals('1', '500000000', places=0), st.decimals('0', '1', places=6))
def test_discount_rate_leads_back(net, part):
    discount = round_half_up(net * part)
    rate = mapping.discount_rate(net, discount)
    assert abs(round_half_up(net * rate / 100) - discount) <= 3
    assert mapping.discount_rate(net, round_half_up(net / 10)) <= Decimal('10.5') or (
        net < 100)


# === answers === #

def published(**row):
    return {'success': True, 'publishInvoiceResult': json.dumps([{**ROW, **row}])}


@pytest.mark.parametrize('status, content', [
    (502, b'<html>Bad gateway</html>'), (503, b''), (200, b''), (200, b'{"success":tr'),
    (200, b'<html>'), (200, {'success': True}), (200, {'success': True, 'data': '[]'}),
    (200, published(InvNo=None)), (200, published(TransactionID='')),
    (200, published(RefID='another')), (500, published()),
    (200, published(ErrorCode='Exception')),
    (400, {'success': False, 'errorCode': 'CreateInvoiceDataError'}),
    (200, published(ErrorCode='DuplicateInvoiceRefID')),
    (200, {'success': False, 'errorCode': 'x', 'descriptionErrorCode':
           'InvoiceDuplicated: r'}),
    (200, {'success': True, 'createInvoiceResult': json.dumps([ROW])}),
])
def test_nothing_certain_is_unknown(status, content):
    with pytest.raises(OutcomeUnknown):
        answers.published(reply(status, content), REF)


@pytest.mark.parametrize('status, content, error', [
    (400, {'success': False, 'errorCode': 'XMLTooLong'}, Rejected),
    (200, published(ErrorCode='InvalidTaxCode'), Rejected),
    (200, published(ErrorCode='InvoiceNumberNotCotinuous'), Retryable),
    (200, published(ErrorCode='SignEsignHSMError'), Retryable),
    (200, {'success': False, 'errorCode': 'TokenExpiredCode'}, AuthExpired),
    (401, b'', AuthExpired), (403, b'<html>', AuthExpired), (429, b'', RateLimited),
    (400, {'Success': False, 'ErrorCode': 'UnAuthorize', 'Errors': ['UserNotExist']},
     AuthExpired),
])
def test_refusals_of_a_publish(status, content, error):
    with pytest.raises(ConnectorError) as caught:
        answers.published(reply(status, content), REF)
    assert type(caught.value) is error
    assert error is not Rejected or caught.value.hint.endswith('.')


@pytest.mark.parametrize('status, content, error', [
    (429, b'', RateLimited), (502, b'<html>', Retryable), (500, b'', Retryable),
    (200, b'<html>', Retryable), (400, {'success': False, 'errorCode': 'Exception'},
                                  Retryable),
    (400, {'success': False, 'errors': ['Invalid_[x]']}, Rejected),
])
def test_reads_of_a_sick_server(status, content, error):
    with pytest.raises(ConnectorError) as caught:
        answers.read(reply(status, content))
    assert type(caught.value) is error


def test_pause_is_what_the_gateway_says_but_has_an_end():
    for header, after in (('7', 7), ('999999', answers.MAX_PAUSE), ('soon', 30)):
        with pytest.raises(RateLimited) as caught:
            answers.read(reply(429, b'', {'retry-after': header}))
        assert caught.value.after == after


@given(st.binary(max_size=200) | st.text().map(str.encode), st.sampled_from(
    [200, 201, 302, 400, 401, 403, 404, 429, 500, 503]))
def test_fuzzed_answers_never_mean_success(content, status):
    for call in (answers.published, answers.inserted):
        with pytest.raises(ConnectorError):
            call(reply(status, content), REF)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ['success', 'data', 'errorCode', 'errors', 'publishInvoiceResult', 'RefID',
         'InvNo', 'error']), inner, max_size=4), max_leaves=12)


@given(JSON, st.sampled_from([200, 400]))
def test_odd_json_is_an_error_of_ours(value, status):
    for call in (answers.published, answers.inserted):
        try:
            call(reply(status, value), REF)
        except ConnectorError:
            continue


@pytest.mark.parametrize('status, value, stored', [
    (200, {'Success': True, 'Data': json.dumps([{'RefID': REF.upper()}])}, True),
    (200, {'success': True, 'data': []}, False),
    (200, {'success': True, 'data': [{'RefID': 'x'}], 'error': []}, False),
])
def test_a_draft_that_nobody_lists_is_looked_up(status, value, stored):
    assert answers.inserted(reply(status, value), REF) is stored


def test_refused_draft():
    value = {'success': True, 'data': [], 'error': [
        {'RefID': REF, 'ErrorMessage': 'Thiếu mẫu hóa đơn'}]}
    with pytest.raises(Rejected, match='Thiếu mẫu'):
        answers.inserted(reply(200, value), REF)


# === the way to the wire === #

class Recorder:
    """Takes the place of the transport and keeps what was to be sent."""

    def __init__(self, *values):
        self.values, self.calls = list(values), []

    def send(self, method, path, **options):
        self.calls.append({'method': method, 'path': path, **options})
        return reply(200, self.values.pop(0))


def seller(wire, flavour='portal'):
    return client.MisaClient(
        wire, client.Keys(flavour, 'id', 'secret'), '0312345678', 'T', 'W')


@pytest.mark.parametrize('flavour, path, names', [
    ('portal', '/invoice/publishing', {'Authorization', 'ClientID'}),
    ('integration', '/invoice', {'Authorization'}),
])
def test_publish_of_both_flavours(flavour, path, names):
    wire = Recorder(published())
    body = mapping.invoice(make([], series='C26MAA'))
    issued = seller(wire, flavour).publish(body)
    assert (issued.number, issued.lookup_code) == ('C26TAA42', 'A7Q2ZK81MB0X')
    (call,) = wire.calls
    assert call['path'] == path and set(call['headers']) == names
    assert call['json']['SignType'] == 5 and call['safe'] is False


def test_status_asks_fifty_at_once_and_both_kinds():
    row = {**ROW, 'SendTaxStatus': 2, 'InvoiceCode': 'CODE'}
    wire = Recorder({'success': True, 'data': '[]'},
                    {'success': True, 'data': json.dumps([row])},
                    {'success': True, 'data': [row]})
    ids = ['A7Q2ZK81MB0X'] + [f'T{n}' for n in range(59)]
    found = seller(wire).status('C26TAA', ids)
    assert found['A7Q2ZK81MB0X'].tax_code == 'CODE'
    assert [(len(call['json']), call['params']['invoiceWithCode'])
            for call in wire.calls] == [(50, 'true'), (50, 'false'), (10, 'true')]


def test_login_of_the_draft_group_sends_no_secret_later():
    wire = Recorder({'Success': True, 'Data': '{"access_token":"w","expires_in":60}'})
    keys = client.Keys('integration', 'app', '')
    token = client.login(wire, keys, '1', 'u', 'p', web=True)
    assert token.value == 'w' and wire.calls[0]['path'] == '/webapp/token'
    assert wire.calls[0]['json'] == {'taxcode': '1', 'username': 'u', 'password': 'p'}
    wire = Recorder({'success': True, 'data': '[]'})
    assert seller(wire).find_draft('C26TAA', REF) is None
    (call,) = wire.calls
    assert call['headers'] == {
        'Authorization': 'Bearer W', 'ClientID': 'id', 'TaxCode': '0312345678'}


def test_series_of_both_kinds():
    def rows(*series):
        return {'success': True, 'data': json.dumps([
            {'IPTemplateID': 'guid', 'InvSeries': name, 'InvTemplateNo': '1',
             'IsSendSummary': name[1] == 'K', 'Inactive': name.endswith('ZZ')}
            for name in series])}
    found = seller(Recorder(rows('1C26TAA', '1C26TZZ'), rows('1K26TBB'))).templates()
    assert [(row.template, row.series, row.in_summary) for row in found] == [
        ('1/guid', 'C26TAA', False), ('1/guid', 'K26TBB', True)]


@pytest.mark.parametrize('row, expected', [
    ({'Data': '<HDon/>'}, b'<HDon/>'), ({'Data': 'JVBERi0='}, b'%PDF-'),
    ({'Data': 'https://x.misa.vn/f'}, 'https://x.misa.vn/f'), ({'Data': ''}, None),
    ({'ErrorCode': 'InvoiceNotExist'}, None),
])
def test_files(row, expected):
    wire = Recorder([{'TransactionID': 'A', **row}])
    assert seller(wire).file('C26TAA', 'A', 'Xml') == expected


def test_every_hint_says_what_to_do():
    assert all(text.endswith('.') for text in const.HINTS.values())


# === lists === #

class Pages:
    """MISA with some invoices, however it pages."""

    def __init__(self, count, cap=100, total=True, stuck=False):
        self.count, self.cap, self.total, self.stuck = count, cap, total, stuck

    def send(self, method, path, json=None, **options):
        first = 0 if self.stuck else json['Skip']
        rows = [{
            'InvSeries': '1C26TAA', 'InvNo': number, 'TransactionID': f'T{number}',
            'RefID': f'R{number}', 'InvDate': '2026-11-20T00:00:00+07:00',
            'TotalAmount': 1000 + number, 'PublishStatus': 1,
        } for number in range(1, self.count + 1)][first:][:min(self.cap, json['Take'])]
        return reply(200, {'Success': True, 'Data': {
            'Total': self.count, 'PageData': rows} if self.total else rows})

    def page(self, skip=0):
        seller = client.MisaClient(self, client.Keys('portal', 'c', 's'), '1', 't')
        return seller.invoices(DAY, DAY, skip)


DAY = date(2026, 11, 20)


@pytest.mark.parametrize('options', [
    {}, {'cap': 20}, {'total': False}, {'cap': 20, 'total': False}])
def test_a_page_says_how_many_came_and_how_many_there_are(options):
    wire = Pages(250, **options)
    rows, count, total = wire.page(skip=120)
    assert (count, total) == (options.get('cap', 100), 250 * options.get('total', True))
    assert [row.number for row in rows] == [f'C26TAA{n}' for n in range(121, 121 + count)]
    assert all(row.issued_at.date() == DAY and row.kind == 'original' for row in rows)
    assert [(row.total, row.currency) for row in rows[:2]] == [
        (1121, 'VND'), (1122, 'VND')]
    assert wire.page(skip=250)[:2] == ([], 0)


def test_total_in_the_currency_of_the_invoice_where_it_is_told():
    (row,) = answers.listed([{
        'invseries': 'C26TAA', 'invno': '1', 'transactionid': 'T', 'currencycode': 'USD',
        'totalamountoc': Decimal('12.5'), 'totalamount': 318125}])
    assert (row.total, row.currency) == (Decimal('12.5'), 'USD')


def test_unsigned_drafts_are_not_listed():
    row = {'InvSeries': '1C26TAA', 'InvNo': '<Chưa cấp số>', 'TransactionID': None}
    assert answers.listed([{name.lower(): value for name, value in row.items()}]) == []


def test_templates_of_the_next_year_are_asked_for_too():
    rows = [{'iptemplateid': 'a', 'invseries': '1C26TAA'}]
    later = [{'iptemplateid': 'b', 'invseries': '1C27TAA'}]
    wire = Recorder(*({'success': True, 'data': json.dumps(data)}
                      for data in (rows, later, [], later)))
    found = seller(wire).templates(2027)
    assert {template.series for template in found} == {'C26TAA', 'C27TAA'}
    assert [call['params'].get('year') for call in wire.calls] == [None, 2027] * 2
    wire = Recorder(*[{'success': True, 'data': json.dumps(rows)}] * 2)
    assert len(seller(wire).templates()) == 1
    assert not any('year' in call['params'] for call in wire.calls)
