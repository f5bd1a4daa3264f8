"""MISA: log-in, publishing, what is refused, over real HTTP."""

import base64
import json

import pytest
import requests

from .misa_client import (
    HOUSEHOLD,
    HSM,
    TOKEN_ONLY,
    Client,
    invoice,
    line,
    lower,
    totals,
    unpacked,
)
from .waiting import at_once

FLAVOURS = pytest.mark.parametrize('flavour', ['portal', 'integration'])


@pytest.fixture
def client(misa):
    return Client(misa)


# === LOG-IN === #

@FLAVOURS
def test_token_is_a_jwt_with_its_end(misa, flavour):
    client = Client(misa, flavour=flavour)
    token = client.headers['Authorization'].split()[1]
    claims = token.split('.')[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + '=' * (-len(claims) % 4)))
    days = {'portal': 14, 'integration': 15}[flavour]
    assert claims['exp'] - claims['nbf'] == days * 86400
    assert claims['TaxCode'] == HSM


@pytest.mark.parametrize('changes, code', [
    ({'password': 'no'}, 'MisaIdError'), ({'username': 'nobody@x.vn'}, 'MisaIdError'),
    ({'taxcode': '0300588569'}, 'TaxCodeNotExist'),
    ({'username': f'ketoan@{TOKEN_ONLY}.vn', 'password': 'Misa@612'}, 'UserNotExist'),
    ({'username': f'sep@{HSM}.vn'}, 'TwoFactorAuthen'),
    ({'username': f'cu@{HSM}.vn'}, 'InactiveUser'),
])
def test_portal_log_in_refused(misa, changes, code):
    answer = Client(misa, login=False).login(**changes)
    assert answer.status_code == 400
    assert set(answer.json()) == {'Success', 'ErrorCode', 'DescriptionErrorCode',
                                  'Errors', 'Data', 'CustomData'}
    assert (answer.json()['ErrorCode'], answer.json()['Errors']) == ('UnAuthorize', [code])


@pytest.mark.parametrize('changes, code', [
    ({'password': 'no'}, 'WrongPassWord'), ({'username': 'nobody@x.vn'}, 'UserNotExist'),
    ({'appid': 'b0a1c4de-0000-4c28-8a57-2f6f9f0a7d21'}, 'InvalidAppID'),
    ({'appid': '11111111-7f1b-4c28-8a57-2f6f9f0a7d21'}, 'InActiveAppID'),
])
def test_integration_log_in_refused(misa, changes, code):
    answer = Client(misa, flavour='integration', login=False).login(**changes)
    assert answer.status_code == 400
    assert answer.json()['Errors'] == [code]


def test_keys_of_one_flavour_do_not_work_on_the_other(misa):
    answer = Client(misa, flavour='integration', login=False).login(appid=None)
    assert (answer.status_code, answer.json()['ErrorCode']) == (400, 'InvalidParameter')
    portal, integration = Client(misa), Client(misa, flavour='integration')
    integration.headers = {'Authorization': portal.headers['Authorization']}
    assert lower(integration.call('GET', '/templates').json())['success'] is False


def test_gateway_wants_the_client_keys(misa):
    client = Client(misa)
    wrong = {'ClientID': client.headers['ClientID'], 'ClientSecret': 'no'}
    assert client.login(headers=wrong).status_code == 401
    del client.headers['ClientID']
    assert client.call('GET', '/templates').status_code == 401


def test_dead_tokens(misa, client):
    misa.post('/clock', {'advance': 14 * 86400 + 1})
    answer = client.publish(invoice())
    assert (answer.status_code, answer.json()['errorCode']) == (200, 'TokenExpiredCode')
    client = Client(misa)
    misa.post(f'/misa/tenants/{HSM}/set_password', {'password': 'Misa@2'})
    assert client.publish(invoice()).json()['errorCode'] == 'InvalidTokenCode'
    client.headers['Authorization'] = 'Bearer nothing'
    answer = client.publish(invoice())
    assert (answer.status_code, answer.json()['ErrorCode']) == (401, 'UnAuthorize')
    assert not misa.ledger('misa')


# === PUBLISHING === #

@FLAVOURS
def test_publish(misa, flavour):
    client = Client(misa, flavour=flavour)
    data = invoice(BuyerLegalName='Công ty A & B', BuyerTaxCode='0100109106',
                   BuyerAddress='Hà Nội')
    answer = client.publish(data).json()
    assert set(answer) == {'success', 'errorCode', 'descriptionErrorCode',
                           'createInvoiceResult', 'publishInvoiceResult'}
    assert isinstance(answer['publishInvoiceResult'], str)
    (item,) = json.loads(answer['publishInvoiceResult'])
    assert (item['RefID'], item['InvNo'], item['InvSeries'], item['InvCode']) == (
        data['RefID'], '00000001', '1C26TAA', '')
    assert len(item['TransactionID']) == 12
    assert client.issue()['InvNo'] == '00000002'
    assert [row['reference'] for row in misa.ledger('misa', 'create_invoice')][0] == (
        data['RefID'])


def test_shapes_of_answers_are_switches(misa, client):
    misa.post('/misa/settings', {
        'data_as': 'array', 'casing': 'pascal', 'result_series': 'short', 'no_error': ''})
    answer = client.publish(invoice()).json()
    (item,) = answer['PublishInvoiceResult']
    assert (item['InvSeries'], item['InvTemplateNo'], item['ErrorCode']) == (
        'C26TAA', '1', '')


def test_cash_register_has_its_code_at_once(client):
    item = client.issue(invoice('1C26MAA'))
    assert len(item['InvCode']) == 23
    (row,) = client.status(item['RefID'], calc=True)
    assert row['InvoiceCode'] == item['InvCode']


def test_same_ref_id_is_issued_once(misa, client):
    data = invoice()
    client.issue(data)
    (item,) = client.results(data)
    assert (item['ErrorCode'], item['InvNo']) == ('DuplicateInvoiceRefID', None)
    misa.post('/misa/settings', {'duplicate_as': 'request'})
    assert client.publish(data).json() == {
        **client.publish(data).json(), 'success': False,
        'errorCode': 'DuplicateInvoiceRefID'}
    assert len(misa.ledger('misa', 'create_invoice')) == 1


def test_a_refused_ref_id_may_come_again(client):
    data = invoice(BuyerTaxCode='12')
    assert client.error(data) == 'InvalidTaxCode'
    data['BuyerTaxCode'] = ''
    assert client.issue(data)['InvNo'] == '00000001'


def test_partial_batch(client):
    items = client.results(invoice(), invoice(BuyerTaxCode='12'), invoice())
    assert [item['ErrorCode'] for item in items] == [None, 'InvalidTaxCode', None]
    assert [item['InvNo'] for item in items] == ['00000001', None, '00000002']


def test_parallel_publishing_of_a_series_is_refused(misa, client):
    misa.post('/misa/settings', {'processing_seconds': 50})
    data = invoice()
    seen = at_once(misa, lambda: client.error(data), 4, lambda seen: len(seen) == 3)
    assert sorted(map(str, seen)) == ['InvoiceNumberNotCotinuous'] * 3 + ['None']
    assert len(misa.ledger('misa', 'create_invoice')) == 1


@FLAVOURS
def test_lost_answer_is_found_by_ref_id(misa, flavour):
    client, data = Client(misa, flavour=flavour), invoice()
    misa.faults('misa', 'publish', 'lose_response')
    with pytest.raises(requests.ConnectionError):
        client.publish(data)
    assert client.status(data['RefID'], code=False) == []  # the wrong flag
    (row,) = client.status(data['RefID'])
    assert (row['InvNo'], row['RefID']) == ('00000001', data['RefID'])


@pytest.mark.parametrize('mode, code', [('exception', 'Exception'), ('no_number', None)])
def test_issued_but_not_told(misa, client, mode, code):
    misa.faults('misa', 'publish', mode)
    data = invoice()
    body = lower(client.publish(data).json())
    if code:
        assert (body['success'], body['errorCode']) == (False, code)
    else:
        assert unpacked(body['publishInvoiceResult'])[0]['TransactionID'] is None
    assert client.status(data['RefID'])


def test_rate_limit_and_maintenance(misa, client):
    misa.faults('misa', '*', 'rate_limit')
    answer = client.publish(invoice())
    assert (answer.status_code, answer.headers['Retry-After']) == (429, '1')
    misa.faults('misa', '*', 'status:503')
    assert client.publish(invoice()).text.startswith('<html>')
    assert not misa.ledger('misa')


# === WHICH WAY OF SIGNING === #

def test_sign_types(misa, client):
    assert client.error(invoice(), sign_type=1) == 'APINotSupportTypeInvoice'
    assert client.error(invoice(), sign_type=3) == 'APINotSupportTypeInvoice'
    assert client.error(invoice(), sign_type=5) == 'APINotSupportTypeInvoice'
    assert client.error(invoice('1C26MAA'), sign_type=2) == 'APINotSupportTypeInvoice'
    assert client.error(invoice(), sign_type='2') == 'InvalidParameter'
    usb = Client(misa, TOKEN_ONLY)
    assert usb.error(invoice()) == 'CallSignServiceFail'
    assert usb.issue(invoice('1C26MAA'))['InvNo'] == '00000001'


def test_limits(misa, client):
    answer = client.publish(*[invoice() for _ in range(31)])
    assert (answer.status_code, answer.json()['ErrorCode']) == (
        400, 'InvoiceQuantityTooLarge')
    answer = client.publish(invoice(), invoice('1K26TYY'))
    assert (answer.status_code, answer.json()['ErrorCode']) == (400, 'InvalidParameter')
    rows = [line(position=n) for n in range(1, 202)]
    assert client.error(invoice(lines=rows)) == 'XMLTooLong'
    misa.post(f'/misa/tenants/{HSM}/set', {'licence': 1})
    items = client.results(invoice(), invoice())
    assert [i['ErrorCode'] for i in items] == [None, 'LicenseInfo_OutOfInvoice']
    misa.post(f'/misa/tenants/{HSM}/set', {'licence_state': 'expired'})
    assert client.error(invoice()) == 'LicenseInfo_Expired'


@pytest.mark.parametrize('series, code', [
    ('1C26TZZ', 'InvoiceTemplateNotExist'), ('C26TAA', 'InvoiceTemplateNotExist'),
    ('1C26TXX', 'InvoicePublishNotExist'), ('6C26NAA', 'TemplateNotSupport'),
    ('1C25TAA', 'InvalidInvoiceDate'),
])
def test_series(client, series, code):
    assert client.error(invoice(series), sign_type=2) == code


def test_dates(misa, client):
    assert client.error(invoice(day='2026-07-16')) == 'InvalidInvoiceDate'
    assert client.error(invoice(day='15/07/2026')) == 'InvalidInvoiceDate'
    client.issue(invoice(day='2026-07-14'))
    client.issue(invoice())
    assert client.error(invoice(day='2026-07-14')) == (
        'InvoiceIssuedDateSmallerThanLastest')
    client.issue(invoice('1C26TBB', day='2026-07-14'))  # another series


def test_the_vietnamese_day_counts(misa, client):
    misa.post('/clock', {'now': '2026-07-15T18:00:00+00:00'})  # 01:00 of the 16th
    client.issue(invoice(day='2026-07-16'))


def test_year_change(misa, client):
    client.issue()
    misa.post(f'/misa/tenants/{HSM}/add_series', {'series': '1C27TAA'})
    misa.post('/clock', {'now': '2027-01-01T00:30:00+07:00'})
    client = Client(misa)
    ten = [line(rate='10%')]
    assert client.error(invoice(day='2027-01-01', lines=ten)) == 'InvalidInvoiceDate'
    eight = invoice('1C27TAA', day='2027-01-01')
    assert client.error(eight) == 'TaxReductionDateInValid'
    assert client.issue(invoice('1C27TAA', day='2027-01-01', lines=ten))['InvNo'] == (
        '00000001')
    assert client.error(invoice(day='2026-12-31', lines=ten)) == 'ExistsInvoiceNextYear'


# === FIELDS === #

@pytest.mark.parametrize('changes, code', [
    ({'RefID': ''}, 'RequireError_RefID'),
    ({'PaymentMethodName': ''}, 'RequireError_PaymentMethodName'),
    ({'TotalAmountInWords': None}, 'RequireError_TotalAmountInWords'),
    ({'IsInvoiceSummary': None}, 'RequireError_IsInvoiceSummary'),
    ({'IsInvoiceSummary': True}, 'Invalid_[Invoice.IsInvoiceSummary]'),
    ({'OriginalInvoiceDetail': []}, 'RequireError_OriginalInvoiceDetail'),
    ({'IsInvoiceCalculatingMachine': True},
     'Invalid_[Invoice.IsInvoiceCalculatingMachine]'),
    ({'ExchangeRate': 2}, 'Invalid_[Invoice.ExchangeRate]'),
    ({'BuyerFullName': ''}, 'RequireInfo_BuyerFullName'),
    ({'BuyerTaxCode': '0100109106'}, 'RequireInfo_BuyerLegalName'),
    ({'BuyerTaxCode': '0100109106', 'BuyerLegalName': 'A'}, 'RequireInfo_BuyerAddress'),
    ({'BuyerTaxCode': '01001091O6'}, 'InvalidTaxCode'),
    ({'BuyerTaxCode': '0100109106507'}, 'InvalidTaxCode'),
    ({'BuyerIDNumber': '12345'}, 'Invalid_[Invoice.BuyerIDNumber]'),
    ({'BuyerBudgetCode': '12345678'}, 'Invalid_[Invoice.BuyerBudgetCode]'),
    ({'BuyerEmail': 'a@b.vn;c@d.vn'}, 'Invalid_[Invoice.BuyerEmail]'),
    ({'ReceiverEmail': 'a@b.vn;no'}, 'Invalid_[Invoice.ReceiverEmail]'),
    ({'IsSendEmail': True}, 'RequireError_ReceiverEmail'),
    ({'BuyerPassport': 'X' * 21}, 'Invalid_[Invoice.BuyerPassport]'),
    ({'ReferenceType': 3}, 'InvalidAdjustmentType'),
    ({'ReferenceType': 2}, 'RequireError_OrgInvoiceType'),
    ({'OptionUserDefined': {'AmountOCDecimalDigits': 0}},
     'Invalid_[Invoice.OptionUserDefined.AmountOCDecimalDigits]'),
])
def test_header(client, changes, code):
    assert client.error(invoice(**changes)) == code


@pytest.mark.parametrize('value', [None, '100', True])
def test_missing_totals_make_the_request_unreadable(client, value):
    answer = client.publish(invoice(), invoice(TotalSaleAmount=value))
    assert answer.status_code == 400
    assert answer.json()['ErrorCode'] == 'InvalidInvoiceData'
    assert answer.json()['Errors'] == ['Invalid_[Invoice.TotalSaleAmount]']
    assert not client.sb.ledger('misa')  # not even the good one


@pytest.mark.parametrize('changes, code', [
    ({'ItemName': ' '}, 'InvoiceDetail_ItemName'),
    ({'ItemName': 'x' * 501}, 'InvoiceDetail_ItemName'),
    ({'ItemType': 9}, 'InvoiceDetail_ItemType'),
    ({'LineNumber': 2}, 'InvoiceDetail_LineNumber'),
    ({'SortOrder': None}, 'InvoiceDetail_SortOrder'),
    ({'UnitPrice': -1}, 'InvoiceDetail_UnitPrice'),
    ({'Quantity': None}, 'InvoiceDetail_Quantity'),
    ({'AmountOC': 183400}, 'InvoiceDetail_AmountOC'),
    ({'AmountWithoutVATOC': 183333}, 'InvoiceDetail_AmountWithoutVATOC'),
    ({'Amount': 183335}, 'InvoiceDetail_Amount'),
    ({'VATAmountOC': 14669, 'VATAmount': 14669}, 'InvoiceDetail_VATAmountOC'),
    ({'DiscountAmountOC': 5}, 'InvoiceDetail_DiscountAmountOC'),
    ({'VATRateName': '7%'}, 'InvalidVatPercentage'),
    ({'VATRateName': 8}, 'InvalidVatPercentage'),
    ({'VATRateName': 'KCT'}, 'InvoiceDetail_VATAmountOC'),
    ({'UnitPrice': 91666.555},
     'Invalid_[Invoice.OptionUserDefined.UnitPriceOCDecimalDigits]'),
])
def test_lines(client, changes, code):
    assert client.error(invoice(lines=[line(**changes)], **totals([line()]))) == code


def test_totals_are_exact(client):
    for name in ('SaleAmount', 'DiscountAmount', 'AmountWithoutVAT', 'VATAmount',
                 'Amount'):
        for field in (f'Total{name}OC', f'Total{name}'):
            data = invoice()
            data[field] += 1
            assert client.error(data) == f'Invalid_[Invoice.{field}]'


def test_rate_table(client):
    good = [line(), line(90909, '10%', 1, 'Mũ', 2), line(5000, 'KCT', 1, 'Sách', 3)]
    client.issue(invoice(lines=good))
    table = totals(good)['TaxRateInfo']
    wrong = [dict(table[0], VATAmountOC=1), *table[1:]]
    for rows in ([], table[:2], wrong, [*table, table[0]]):
        assert client.error(invoice(lines=good, TaxRateInfo=rows)) == (
            'TaxRateInfo_VATRateName')


def test_sales_invoice_has_no_vat(misa):
    client = Client(misa, HOUSEHOLD)
    assert client.issue(invoice('2C26TAA'))['InvTemplateNo'] == '2'
    assert client.error(invoice('2C26TAA', lines=[line()])) == 'InvalidVatPercentage'
    assert client.error(invoice('2C26TAA', TaxRateInfo=[
        {'VATRateName': '8%', 'AmountWithoutVATOC': 0, 'VATAmountOC': 0}])) == (
            'TaxRateInfo_VATRateName')


def test_garbage_is_refused_without_a_crash(misa, client):
    for body in ([], 'x', {}, {'SignType': 2}, {'SignType': 2, 'InvoiceData': [1]},
                 {'SignType': 2, 'InvoiceData': {}}, {'SignType': None}):
        assert client.post('/publishing', body).status_code == 400
    for value in (None, [], {}, 'x', 10 ** 40, -1, True):
        for field in invoice():
            client.publish(invoice(**{field: value}), sign_type=2)
        for field in line():
            rows = [{**line(), field: value}]
            client.publish({**invoice(), 'OriginalInvoiceDetail': rows})
    assert not [c for c in misa.calls('misa') if c['verdict'] == 'crash']
