"""S-Invoice sandbox: replacement, adjustment, and what strict tenants refuse."""

import copy
import json
import uuid

import pytest

from .sinvoice_client import LAX, STRICT, Client, body, key

NOW = 1784082615000


@pytest.fixture
def original(sinvoice, client):
    """A coded invoice."""
    made = client.issue()
    sinvoice.post(f'/sinvoice/invoices/{made["uuid"]}/approve')
    return made


def references(number='C26TAA1', **more):
    return {'originalInvoiceId': number, 'originalInvoiceIssueDate': NOW,
            'originalTemplateCode': '1/001', 'additionalReferenceDesc': 'BB-01',
            'additionalReferenceDate': NOW, 'invoiceNote': 'Thay thế cho hóa đơn', **more}


def replacement(**more):
    return body(adjustmentType='3', **references(**more))


def decrease(number='C26TAA1', price=100926, plus=False):
    """The official body of a decrease: positive amounts, flags say minus."""
    data = body(adjustmentType='5', adjustmentInvoiceType='1',
                **references(number=number),
                item={'unitPrice': price, 'isIncreaseItem': plus,
                      'adjustmentTaxAmount': 1})
    data['taxBreakdowns'][0].update(taxableAmountPos=plus, taxAmountPos=plus)
    data['summarizeInfo'] = {
        'sumOfTotalLineAmountWithoutTax': 100926, 'totalAmountWithoutTax': 100926,
        'totalTaxAmount': 8074, 'totalAmountWithTax': 109000, 'discountAmount': 0,
        'isTotalAmountPos': plus, 'isTotalTaxAmountPos': plus,
        'isTotalAmtWithoutTaxPos': plus}
    return data


@pytest.mark.parametrize('what', ['', '1'])  # Odoo core sends 1
def test_replacement(client, original, what):
    made = client.issue(replacement(adjustmentInvoiceType=what))
    assert made['invoiceNo'] == 'C26TAA2'
    assert client.found(original['uuid'])['status'] == 'Hóa đơn bị thay thế'
    assert client.found(made['uuid'])['status'] == 'Hóa đơn thay thế'
    again = client.create(replacement())
    assert (again.status_code, again.json()['message']) == (
        400, 'Hóa đơn gốc đã bị thay thế')


@pytest.mark.parametrize('missing', [
    'originalInvoiceId', 'originalInvoiceIssueDate', 'originalTemplateCode',
    'additionalReferenceDesc', 'additionalReferenceDate'])
def test_references_are_required(client, original, missing):
    assert client.create(replacement(**{missing: None})).status_code == 400


def test_original_must_exist_and_have_its_code(client, original):
    assert client.create(replacement(number='C26TAA77')).status_code == 400
    young = client.issue()['invoiceNo']
    assert client.create(replacement(number=young)).status_code == 400
    late = replacement(additionalReferenceDate=NOW + 10 ** 9)
    assert client.create(late).status_code == 400


def test_information_adjustment(client, original):
    data = body(adjustmentType='5', adjustmentInvoiceType='2', **references())
    data.update(itemInfo=[], taxBreakdowns=[], summarizeInfo={})
    made = client.issue(data)
    assert client.found(original['uuid'])['status'] == (
        'Hóa đơn bị điều chỉnh thông tin')
    assert made['invoiceNo'] == 'C26TAA2'


@pytest.mark.parametrize(('name', 'value'), [
    ('itemInfo', body()['itemInfo']), ('taxBreakdowns', body()['taxBreakdowns']),
    ('summarizeInfo', {'totalAmountWithoutTax': 0, 'discountAmount': 0}),
    ('invoiceNote', '')])
def test_information_has_words_and_no_amounts(sinvoice, client, original, name, value):
    data = body(adjustmentType='5', adjustmentInvoiceType='2', **references())
    data.update(itemInfo=[], taxBreakdowns=[], summarizeInfo={})
    (data if name in data else data['generalInvoiceInfo'])[name] = value
    assert client.create(data).status_code == 400
    assert len(sinvoice.ledger('sinvoice')) == 1


@pytest.mark.parametrize('plus', [False, True])
def test_money_adjustment_official_body(sinvoice, client, original, plus):
    client.issue(decrease(plus=plus))
    assert client.found(original['uuid'])['status'] == 'Hóa đơn bị điều chỉnh tiền'
    total = sinvoice.get('/sinvoice/invoices/C26TAA2')['total']
    assert total == (109000 if plus else -109000)


def test_decrease_styles(sinvoice, client, original):
    assert client.create(decrease(price=-100926)).status_code == 400  # tenant A
    sinvoice.post(f'/sinvoice/tenants/{STRICT}/set', {'decrease': 'B'})
    assert client.create(decrease()).status_code == 400  # the flip breaks check 43
    client.issue(decrease(price=-100926))


def test_cancelling_is_gone(sinvoice, client, original):
    answer = client.post('InvoiceWS/cancelTransactionInvoice', data={
        'supplierTaxCode': STRICT, 'invoiceNo': 'C26TAA1', 'strIssueDate': NOW,
        'additionalReferenceDesc': 'x', 'additionalReferenceDate': NOW})
    assert answer.status_code == 400
    assert client.create(body(adjustmentType='7', **references())).status_code == 400
    assert len(sinvoice.ledger('sinvoice')) == 1


# === WHAT IS REFUSED === #

@pytest.mark.parametrize(('item', 'wanted'), [
    ({'unitPrice': 109000}, None),
    ({'taxAmount': 8720}, None),
    ({'unitPrice': 100926.00001}, 'INVALID_DECIMAL_POINT_PRICE'),
    ({'taxAmount': 8074.4}, 'INVALID_DECIMAL_POINT_TAX_MONEY'),
    ({'discount': 10000}, 'DISCOUNT_INVALID'),
    ({'discount': 3.333}, 'BAD_REQUEST_INVALID_DECIMAL_POINT_DISCOUNT'),
    ({'itemName': ''}, 'ITEM_NAME_NULL'),
    ({'itemName': 'x' * 501}, 'ITEM_NAME_INVALID'),
    ({'itemName': 'Áo\nđỏ'}, 'ITEM_NAME_INVALID'),
    ({'itemTotalAmountWithoutTax': None},
     'BAD_REQUEST_ITEM_TOTAL_AMOUNT_WITHOUT_TAX_INVALID'),
    ({'itemTotalAmountWithoutTax': 100.02999999999},
     'BAD_REQUEST_ITEM_TOTAL_AMOUNT_WITHOUT_TAX_INVALID'),
    ({'unitPrice': -100926}, None), ({'quantity': -1}, None),
    ({'taxPercentage': 15}, None), ({'selection': 7}, 'BAD_REQUEST_ITEM_SELECTION_INVALID'),
])
def test_lines_refused(sinvoice, client, item, wanted):
    answer = client.create(body(item=item))
    assert answer.status_code == 400
    if wanted:
        assert key(answer) == wanted
    assert not sinvoice.ledger('sinvoice')


def test_exponents_are_refused(client):
    text = json.dumps(body()).replace('"unitPrice": 100926', '"unitPrice": 1.00926E5')
    answer = client.post(
        'InvoiceWS/createInvoice/TAX', data=text.encode(),
        headers={**client.auth, 'Content-Type': 'application/json'})
    assert answer.status_code == 400


@pytest.mark.parametrize(('buyer', 'wanted'), [
    ({'buyerTaxCode': '0100233480'}, 'INVOICE_VALID_INPUT_INVALID_BUYER_TAX_CODE'),
    ({'buyerPhoneNumber': '090.123'}, 'BAD_REQUEST_BUYER_PHONE_INVALID'),
    ({'buyerName': 'x' * 101}, 'BAD_REQUEST_BUYER_NAME_MAXLENGTH'),
    ({'buyerIdType': '1'}, 'BAD_REQUEST_BUYER_ID_NO_INVALID'),
    ({'buyerNotGetInvoice': 0}, 'Địa chỉ người mua không được để trống'),
])
def test_buyer_refused(client, buyer, wanted):
    data = body()
    data['buyerInfo'].update(buyer)
    assert key(client.create(data)) == wanted


@pytest.mark.parametrize('code', [
    '0100109106', '0100109106-507', '077200004194', '0314409058-002'])
def test_buyer_tax_codes_accepted(client, code):
    data = body()
    data['buyerInfo'].update(
        buyerTaxCode=code, buyerLegalName='Công ty', buyerAddressLine='Hà Nội',
        buyerNotGetInvoice=0)
    client.issue(data)


def test_sums_and_breakdowns_refused(client):
    good = body()
    good['summarizeInfo'] = {
        'sumOfTotalLineAmountWithoutTax': 100926, 'totalAmountWithoutTax': 100926,
        'totalTaxAmount': 8074, 'totalAmountWithTax': 109000, 'discountAmount': 0}
    client.issue(copy.deepcopy(good))
    for path, value in (
        (('summarizeInfo', 'totalTaxAmount'), 8075),
        (('summarizeInfo', 'sumOfTotalLineAmountWithoutTax'), 100925),
        (('summarizeInfo', 'discountAmount'), None),
        (('taxBreakdowns', 0, 'taxableAmount'), 109000),
        (('taxBreakdowns', 0, 'taxAmount'), 8073),
        (('taxBreakdowns', 0, 'taxPercentage'), 10),
        (('taxBreakdowns', 0, 'taxAmountPos'), False),
    ):
        bad = copy.deepcopy(good)
        bad['generalInvoiceInfo']['transactionUuid'] = str(uuid.uuid4())
        node = bad
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value
        assert client.create(bad).status_code == 400, path


DAY = 24 * 3600 * 1000


@pytest.mark.parametrize(('moment', 'status'), [
    (NOW - DAY, 400), (NOW + DAY, 400), (NOW + 3600 * 1000, 200), (str(NOW), 200)])
def test_the_originals_day_is_its_own(sinvoice, client, original, moment, status):
    answer = client.create(replacement(originalInvoiceIssueDate=moment))
    assert answer.status_code == status, answer.text
    if status == 400:
        assert key(answer) == 'BAD_REQUEST_ORIGIN_INVOICE_ISSUE_DATE_INVALID'


def discounted():
    """The official line discount, a discount line of the same rate, and their sums."""
    data = body(item={
        'unitPrice': 1750000, 'quantity': 2, 'itemTotalAmountWithoutTax': 3500000,
        'discount': 4, 'itemDiscount': 140000, 'itemTotalAmountAfterDiscount': 3360000,
        'taxPercentage': 10, 'taxAmount': 336000, 'itemTotalAmountWithTax': 3696000})
    data['itemInfo'].append({
        'lineNumber': 2, 'selection': 3, 'itemName': 'Chiết khấu',
        'itemTotalAmountWithoutTax': 50000, 'isIncreaseItem': False,
        'taxPercentage': 10, 'taxAmount': 5000, 'itemTotalAmountWithTax': 55000})
    data['taxBreakdowns'] = [
        {'taxPercentage': 10, 'taxableAmount': 3310000, 'taxAmount': 331000}]
    data['summarizeInfo'] = {
        'totalAmountWithoutTax': 3310000, 'totalTaxAmount': 331000,
        'totalAmountWithTax': 3641000, 'discountAmount': 190000,
        'totalAmountAfterDiscount': 3310000, 'isTotalAmountPos': True,
        'isTotalTaxAmountPos': True, 'isTotalAmtWithoutTaxPos': True}
    return data


def test_totals_follow_from_discounted_lines(client):
    client.issue(discounted())
    for part, name, value in (
        ('summarizeInfo', 'totalAmountWithoutTax', 3320000),
        ('summarizeInfo', 'totalAmountWithTax', 3641001),
        ('summarizeInfo', 'totalAmountWithTax', -3641000),
        ('summarizeInfo', 'totalAmountAfterDiscount', 3360000),
        ('summarizeInfo', 'discountAmount', 50000),
        ('summarizeInfo', 'isTotalAmountPos', False),
        ('summarizeInfo', 'isTotalTaxAmountPos', False),
        ('summarizeInfo', 'isTotalAmtWithoutTaxPos', False),
        ('itemInfo', 'itemTotalAmountAfterDiscount', 3500000),
        ('itemInfo', 'itemTotalAmountWithTax', 3836000),
    ):
        bad = discounted()
        (bad[part][0] if part == 'itemInfo' else bad[part])[name] = value
        assert client.create(bad).status_code == 400, (name, value)


@pytest.mark.parametrize('flag', [
    'isTotalAmountPos', 'isTotalTaxAmountPos', 'isTotalAmtWithoutTaxPos'])
def test_flags_of_a_decrease_say_minus(client, original, flag):
    bad = decrease()
    bad['summarizeInfo'][flag] = True
    assert client.create(bad).status_code == 400
    client.issue(decrease())


def test_lax_tenant_checks_no_sums(sinvoice):
    client = Client(sinvoice, LAX)
    data = body(item={'taxAmount': 1}, validation=0)
    client.issue(data)
    assert Client(sinvoice).create(body(item={'taxAmount': 1}, validation=0)
                                   ).status_code == 400  # the tenant decides


def test_line_discount_and_discount_line(client):
    data = body(item={
        'unitPrice': 1750000, 'quantity': 2, 'itemTotalAmountWithoutTax': 3500000,
        'discount': 4, 'itemDiscount': 140000, 'itemTotalAmountAfterDiscount': 3360000,
        'taxPercentage': 10, 'taxAmount': 336000, 'itemTotalAmountWithTax': 3696000})
    data['taxBreakdowns'] = [
        {'taxPercentage': 10, 'taxableAmount': 3360000, 'taxAmount': 336000}]
    client.issue(data)
    data = body(item={
        'unitPrice': 500000, 'itemTotalAmountWithoutTax': 500000, 'taxAmount': 40000,
        'itemTotalAmountWithTax': 540000})
    data['itemInfo'].append({
        'lineNumber': 2, 'selection': 3, 'itemName': 'Chiết khấu', 'taxPercentage': 8,
        'itemTotalAmountWithoutTax': 50000, 'taxAmount': 4000, 'isIncreaseItem': False})
    data['taxBreakdowns'] = [
        {'taxPercentage': 8, 'taxableAmount': 450000, 'taxAmount': 36000}]
    client.issue(data)


def test_sales_invoice(client):
    data = body('C26TSA', invoiceType='2', templateCode='2/001')
    for name in ('taxPercentage', 'taxAmount', 'itemTotalAmountWithTax'):
        del data['itemInfo'][0][name]
    data['taxBreakdowns'] = []
    assert client.issue(data)['invoiceNo'] == 'C26TSA1'


def leaves(node, path=()):
    if isinstance(node, dict | list):
        yield path
        pairs = node.items() if isinstance(node, dict) else enumerate(node)
        for name, child in pairs:
            yield from leaves(child, (*path, name))
    else:
        yield path


ODD = (None, '', 0, -1, True, [], {}, [[]], 'x' * 2000, 1.5, '☃', '1e400', 'NaN', 10 ** 30)


def test_odd_values_are_refused_or_taken_but_never_a_crash(sinvoice, client, original):
    preview = 'InvoiceUtilsWS/createInvoiceDraftPreview/TAX'
    draft = 'InvoiceWS/createOrUpdateInvoiceDraft/TAX'
    for base, url in ((body(), preview), (decrease(), draft)):
        for path in list(leaves(base))[1:]:
            for odd in ODD:
                bad = copy.deepcopy(base)
                bad['generalInvoiceInfo']['transactionUuid'] = str(uuid.uuid4())
                node = bad
                for step in path[:-1]:
                    node = node[step]
                node[path[-1]] = odd
                answer = client.post(url, bad)
                assert answer.status_code in (200, 400), (path, odd, answer.text)
    assert not [c for c in sinvoice.calls('sinvoice') if c['verdict'] == 'crash']
    assert len(sinvoice.ledger('sinvoice')) == 1
