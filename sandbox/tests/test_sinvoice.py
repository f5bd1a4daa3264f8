"""S-Invoice sandbox: log-in, issuing once, tax code, files, lists."""

import base64
import io
import threading
import zipfile

import pytest
import requests
from lxml import etree

import sandbox

from .sinvoice_client import API, LAX, STRICT, Client, body, key
from .waiting import at_once, until

# === LOG-IN === #

def test_login(sinvoice, client):
    url = sinvoice.url('sinvoice') + '/auth/login'
    assert client.login['expires_in'] == 1199
    bad = requests.post(url, json={'username': STRICT, 'password': 'x'}, timeout=60)
    assert bad.status_code == 401
    assert bad.json()['message'] == 'error.http.401'
    assert 'invalid_grant' in bad.json()['detail']
    form = requests.post(url, data={'username': STRICT, 'password': 'x'}, timeout=60)
    assert form.status_code == 415
    sinvoice.post('/sinvoice/settings', {'ip_allowed': False})
    blocked = requests.post(url, json={}, timeout=60)
    assert (blocked.status_code, blocked.content) == (500, b'')


@pytest.mark.parametrize('way', ['bearer', 'cookie', 'basic'])
def test_ways_to_authenticate(client, way):
    token = client.login['access_token']
    basic = base64.b64encode(f'{STRICT}:Sandbox@507'.encode()).decode()
    headers = {
        'bearer': {'Authorization': f'Bearer {token}'},
        'cookie': {'Cookie': f'access_token={token}'},
        'basic': {'Authorization': f'Basic {basic}'},
    }[way]
    ask = {'taxCode': STRICT, 'invoiceType': 'all'}
    answer = client.post('InvoiceUtilsWS/getAllInvoiceTemplates', ask, headers=headers)
    assert {'templateCode': '1/001', 'invoiceSeri': 'C26TAA', 'taxPolicy': 'VAT'} in (
        answer.json()['template'])
    headers = {name: value[:-3] for name, value in headers.items()}
    refused = client.post('InvoiceUtilsWS/getAllInvoiceTemplates', ask, headers=headers)
    assert refused.status_code == 401


def test_token_ends(sinvoice):
    sinvoice.post('/sinvoice/settings', {'token_seconds': 2, 'expires_in_as_text': True})
    client = Client(sinvoice)
    assert client.login['expires_in'] == '2'
    assert client.create(body()).status_code == 200
    sinvoice.post('/clock', {'advance': 3})
    assert client.create(body()).status_code == 401
    client = Client(sinvoice)
    sinvoice.faults('sinvoice', 'create', 'expire_token')
    assert client.create(body()).status_code == 401
    assert len(sinvoice.ledger('sinvoice')) == 1


def test_rights_and_foreign_tenant(sinvoice, client):
    assert key(client.post(f'InvoiceWS/createInvoice/{LAX}', body())) == (
        'TAX_CODE_INVALID')
    basic = base64.b64encode(f'{STRICT}_portal:Sandbox@507'.encode()).decode()
    answer = client.post('InvoiceWS/createInvoice/TAX', body(),
                         headers={'Authorization': f'Basic {basic}'})
    assert key(answer) == 'DONOT_HAVE_PERMISSION'
    assert not sinvoice.ledger('sinvoice')


def test_wrong_routes_and_types(client):
    get = requests.get(client.url + API + f'InvoiceWS/createInvoice/{STRICT}', timeout=60)
    assert get.status_code == 405
    assert client.post('InvoiceWS/nothing', {}).status_code == 404
    form = client.post('InvoiceWS/createInvoice/TAX', data={'a': 1})
    assert form.status_code == 415


# === ISSUING === #

def test_create_is_one_effect_with_number_and_codes(sinvoice, client):
    first, second = client.issue(), client.issue()
    assert (first['invoiceNo'], second['invoiceNo']) == ('C26TAA1', 'C26TAA2')
    assert first['codeOfTax'] is None
    assert len(first['reservationCode']) == 12
    assert first['transactionID'].isdigit()
    assert [(r['operation'], r['reference'], r['object_id'])
            for r in sinvoice.ledger('sinvoice')] == [
        ('create_invoice', first['uuid'], 'C26TAA1'),
        ('create_invoice', second['uuid'], 'C26TAA2')]


def test_same_uuid_gives_the_first_invoice_for_three_days(sinvoice, client):
    data = body()
    first = client.issue(data)
    sinvoice.post('/clock', {'advance': 3 * 86400 - 60})
    client = Client(sinvoice)
    assert client.issue(data) == first
    sinvoice.post('/clock', {'advance': 120})
    assert Client(sinvoice).issue(data)['invoiceNo'] == 'C26TAA2'
    assert len(sinvoice.ledger('sinvoice', 'create_invoice')) == 2
    assert len(Client(sinvoice).search(first['uuid']).json()['result']) == 2


@pytest.mark.parametrize(('mode', 'made'), [('refuse', 1), ('duplicate', 2)])
def test_uuid_in_flight(sinvoice, client, mode, made):
    sinvoice.post('/sinvoice/settings', {'in_flight': mode, 'processing_seconds': 50})
    data, under_way = body(), sinvoice.provider('sinvoice').in_flight
    answers = at_once(sinvoice, lambda: client.create(data), 2, lambda answers: (
        len(answers if mode == 'refuse' else under_way) == made))
    assert len(sinvoice.ledger('sinvoice', 'create_invoice')) == made
    keys = sorted(str(key(a)) for a in answers)
    assert keys == (['None', 'TRANSACTION_IS_BEING_PROCESSED'] if mode == 'refuse'
                    else ['None', 'None'])


def test_lost_answer_is_found_by_uuid(sinvoice, client):
    sinvoice.faults('sinvoice', 'create', 'lose_response')
    data = body()
    with pytest.raises(requests.ConnectionError):
        client.create(data)
    row = client.found(data['generalInvoiceInfo']['transactionUuid'])
    assert row['invoiceNo'] == 'C26TAA1'
    assert client.issue(data)['invoiceNo'] == 'C26TAA1'
    assert len(sinvoice.ledger('sinvoice', 'create_invoice')) == 1


def test_issued_without_saying_the_number(sinvoice, client):
    sinvoice.faults('sinvoice', 'create', 'no_number')
    answer = client.create(body())
    assert answer.status_code == 200
    assert 'invoiceNo' not in answer.json()['result']
    assert len(sinvoice.ledger('sinvoice', 'create_invoice')) == 1


def test_any_refusal_on_demand(sinvoice, client):
    sinvoice.faults('sinvoice', 'create', 'refuse', key='INVOICE_NO_DUPLICATED')
    data = body()
    assert key(client.create(data)) == 'INVOICE_NO_DUPLICATED'
    assert not sinvoice.ledger('sinvoice')
    client.issue(data)


def test_slow_is_in_flight(sinvoice, client):
    sinvoice.faults('sinvoice', 'create', 'slow', seconds=50)
    data = body()
    thread = threading.Thread(target=client.create, args=(data,))
    thread.start()
    until(lambda: sinvoice.provider('sinvoice').in_flight)
    assert key(client.search(data['generalInvoiceInfo']['transactionUuid'])) == (
        'NOT_FOUND_DATA')
    assert key(client.create(data)) == 'TRANSACTION_IS_BEING_PROCESSED'
    sinvoice.post('/clock', {'advance': 60})
    thread.join()
    assert client.issue(data)['invoiceNo'] == 'C26TAA1'


def test_dates(sinvoice, client):
    now = 1784082615000
    answer = client.create(body(invoiceIssuedDate=now + 3600_000))
    assert key(answer) == 'INVOICE_ISSUED_DATE_OVER_CURRENT_TIME'
    client.issue(invoiceIssuedDate=now - 10_000)
    assert key(client.create(body(invoiceIssuedDate=now - 20_000))) == (
        'INVOICE_ISSUED_DATE_INVALID')
    client.issue('C26TBB', invoiceIssuedDate=now - 20_000)  # another series
    sinvoice.post('/sinvoice/invoices', {'series': 'C26TBB'})  # somebody on the portal
    assert key(client.create(body('C26TBB', invoiceIssuedDate=now - 10_000))) == (
        'INVOICE_ISSUED_DATE_INVALID')


def test_series(sinvoice, client):
    answer = client.create(body('C26TXX'))
    assert (answer.status_code, key(answer)) == (200, 'TEMPLATE_NOT_FOUND')
    assert key(client.create(body(templateCode='2/001', invoiceType='1'))) == (
        'TEMPLATE_NOT_FOUND')
    for _ in range(3):
        client.issue('C26TZZ', templateCode='1/770')
    assert key(client.create(body('C26TZZ', templateCode='1/770'))) == (
        'OUT_OF_INVOICE_NO')
    left = client.post('InvoiceUtilsWS/getProvidesStatusUsingInvoice', {
        'supplierTaxCode': STRICT, 'templateCode': '1/770', 'serial': 'C26TZZ'}).json()
    assert (left['numOfpublishInv'], left['totalInv']) == (3, 3)
    sinvoice.post('/clock', {'now': '2027-01-02T09:00:00+07:00'})
    client = Client(sinvoice)
    assert client.create(body()).status_code == 400
    sinvoice.post(f'/sinvoice/tenants/{STRICT}/add_series',
                  {'templateCode': '1/001', 'invoiceSeri': 'C27TAA'})
    assert client.issue('C27TAA')['invoiceNo'] == 'C27TAA1'


def test_preview_batch_and_draft(sinvoice, client):
    preview = client.post('InvoiceUtilsWS/createInvoiceDraftPreview/TAX', body()).json()
    assert base64.b64decode(preview['fileToBytes']).startswith(b'%PDF')
    refused = client.post('InvoiceUtilsWS/createInvoiceDraftPreview/TAX',
                          body(item={'taxAmount': 1}))
    assert refused.status_code == 400
    draft = client.post('InvoiceWS/createOrUpdateInvoiceDraft/TAX', body()).json()
    assert draft['result'] == {}
    assert not sinvoice.ledger('sinvoice')
    batch = client.post('InvoiceWS/createBatchInvoice/TAX', {
        'commonInvoiceInputs': [body(), body('C26TXX'), body()]}).json()
    assert (batch['totalSuccess'], batch['totalFail']) == (2, 1)
    assert [o['errorCode'] for o in batch['createInvoiceOutputs']] == [
        None, 'TEMPLATE_NOT_FOUND', None]
    assert len(sinvoice.ledger('sinvoice', 'create_invoice')) == 2


# === TAX OFFICE === #

def test_code_comes_after_polls(client):
    made = client.issue()
    row = client.found(made['uuid'])
    assert (row['exchangeStatus'], row['codeOfTax']) == ('INVOICE_HAS_CODE_SENT', None)
    row = client.found(made['uuid'])
    assert row['exchangeStatus'] == 'INVOICE_HAS_CODE_APPROVED'
    assert len(row['codeOfTax']) == 34
    assert row['status'] == 'Hóa đơn gốc'


def test_code_comes_after_seconds(sinvoice, client):
    sinvoice.post('/sinvoice/settings', {'code_mode': 'seconds'})
    made = client.issue()
    assert client.found(made['uuid'])['codeOfTax'] is None
    sinvoice.post('/clock', {'advance': 6})
    assert client.found(made['uuid'])['codeOfTax']


def test_code_by_hand_and_refusal(sinvoice, client):
    sinvoice.post('/sinvoice/settings', {'code_mode': 'manual'})
    one, two = client.issue(), client.issue()
    for _ in range(5):
        assert client.found(one['uuid'])['codeOfTax'] is None
    sinvoice.post(f'/sinvoice/invoices/{one["invoiceNo"]}/approve')
    assert client.found(one['uuid'])['codeOfTax']
    sinvoice.post(f'/sinvoice/invoices/{two["uuid"]}/refuse', {'reason': 'Sai MST'})
    row = client.found(two['uuid'])
    assert row['exchangeStatus'] == 'INVOICE_HAS_CODE_DIS_APPROVED'
    assert (row['exchangeDes'], row['codeOfTax']) == ('Sai MST', None)


def test_cash_register_and_series_without_code(client):
    register = client.issue('C26MAA')
    assert register['codeOfTax'] == 'M1-26-SBOXA-00000000001'
    plain = client.issue('K26TAA')
    assert plain['codeOfTax'] is None
    client.found(plain['uuid'])
    row = client.found(plain['uuid'])
    assert (row['exchangeStatus'], row['codeOfTax']) == (
        'INVOICE_NO_CODE_APPROVED', None)


def test_sending_by_hand(sinvoice, client):
    sinvoice.post('/sinvoice/settings', {'tax_sending': 'manual'})
    made = client.issue()
    for _ in range(3):
        row = client.found(made['uuid'])
        assert row['exchangeStatus'] == 'INVOICE_HAS_CODE_NOT_SENT'
    answer = client.post('InvoiceWS/sendInvoiceByTransactionUuid', data={
        'supplierTaxCode': STRICT, 'transactionUuid': f'{made["uuid"]},missing-uuid-1',
        'startDate': '2026-07-15', 'endDate': '2026-07-15'}).json()
    assert (answer['success'], answer['fail']) == ('1', '1')
    assert answer['errorlist'][0]['message'] == 'INVOCIE_NOT_FOUND'
    assert client.found(made['uuid'])['codeOfTax']


def test_search_body_or_query(client):
    made = client.issue()
    query = f'?supplierTaxCode={STRICT}&transactionUuid={made["uuid"]}'
    answer = client.post(
        'InvoiceWS/searchInvoiceByTransactionUuid' + query,
        headers={**client.auth, 'Content-Type': 'application/x-www-form-urlencoded;'})
    assert answer.json()['result'][0]['invoiceNo'] == 'C26TAA1'
    missing = client.search('not-there-at-all')
    assert (missing.status_code, key(missing)) == (400, 'NOT_FOUND_DATA')


# === FILES === #

def content(answer):
    return base64.b64decode(answer.json()['fileToBytes'])


def xml_of(data, depth=0):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith('.xml'):
                return etree.fromstring(archive.read(name)), depth
            if name.endswith('.zip'):
                return xml_of(archive.read(name), depth + 1)
    raise AssertionError('no xml')


def test_pdf_and_legal_xml(sinvoice, client):
    made = client.issue()
    assert content(client.file('C26TAA1')).startswith(b'%PDF')
    root, depth = xml_of(content(client.file('C26TAA1', 'ZIP')))
    assert depth == 1
    assert root.find('MCCQT') is None
    sinvoice.post('/sinvoice/invoices/C26TAA1/approve')
    sinvoice.post('/sinvoice/settings', {'zip': 'flat'})
    root, depth = xml_of(content(client.file('C26TAA1', 'ZIP')))
    assert depth == 0
    assert root.findtext('MCCQT') == client.found(made['uuid'])['codeOfTax']
    general, content_ = 'DLHDon/TTChung/', 'DLHDon/NDHDon/'
    assert root.findtext(general + 'KHMSHDon') == '1'
    assert root.findtext(general + 'KHHDon') == 'C26TAA'
    assert root.findtext(general + 'SHDon') == '1'
    assert root.findtext(general + 'NLap') == '2026-07-15'
    assert root.findtext(content_ + 'NBan/MST') == STRICT
    assert root.findtext(content_ + 'NMua/HVTNMHang') == 'Bán cho người tiêu dùng'
    assert root.findtext(content_ + 'TToan/TgTTTBSo') == '109000'
    assert root.findtext(content_ + 'TToan/TgTTTBChu') == 'Một trăm linh chín nghìn đồng'
    assert root.findtext(content_ + 'TToan/THTTLTSuat/LTSuat/TSuat') == '8%'
    signatures = root.findall('DSCKS/*/{http://www.w3.org/2000/09/xmldsig#}Signature')
    assert len(signatures) == 2


def test_hostile_text_stays_text(client):
    name = '<b>&amp; \x01 ☃ ]]> {{7*7}} %s'
    number = client.issue(item={'itemName': name})['invoiceNo']
    root, _ = xml_of(content(client.file(number, 'ZIP')))
    assert root.findtext('.//THHDVu') == name.replace('\x01', '')
    assert content(client.file(number)).startswith(b'%PDF')


@pytest.mark.parametrize('late', ['empty', 'not_found'])
def test_file_is_late(sinvoice, client, late):
    sinvoice.post('/sinvoice/settings', {'files_late': late, 'files_late_calls': 1})
    client.issue()
    first = client.file('C26TAA1')
    if late == 'empty':
        assert content(first) == b''
    else:
        assert key(first) == 'NOT_FOUND_DATA'
    assert content(client.file('C26TAA1')).startswith(b'%PDF')


def test_file_refusals(client):
    client.issue()
    assert key(client.file('C26TAA9')) == 'NOT_FOUND_DATA'
    assert key(client.file('C26TAA1', template='1/770')) == 'NOT_FOUND_DATA'
    assert key(client.file('C26TAA1', template='')) == (
        'BAD_REQUEST_TEMPLATE_CODE_REQUIRED')
    assert key(client.file('C26TAA1', 'XML2')) == 'BAD_REQUEST_FILE_TYPE_LENGTH_INVALID'
    assert client.file('C26TAA1', transactionUuid='x' * 12).status_code == 400


def test_public_file_needs_the_secret_code(client):
    made = client.issue()
    ask = {'supplierTaxCode': STRICT, 'templateCode': '1/001', 'invoiceNo': 'C26TAA1',
           'reservationCode': made['reservationCode'], 'fileType': 'xml'}
    answer = client.post('InvoiceUtilsWS/getInvoiceFilePortal', data=ask)
    assert content(answer).startswith(b'<?xml')
    ask['reservationCode'] = 'WRONG'
    assert key(client.post('InvoiceUtilsWS/getInvoiceFilePortal', data=ask)) == (
        'NOT_FOUND_DATA')


# === LISTS, PAYMENT, MAIL === #

def listed(client, path='getInvoicesAll', **more):
    return client.post(f'InvoiceUtilsWS/{path}/TAX', {
        'startDate': '2026-07-15', 'endDate': '2026-07-15', 'rowPerPage': 2,
        'pageNum': 1, **more})


def test_lists(client):
    made = [client.issue() for _ in range(3)]
    first, second = listed(client).json(), listed(client, pageNum=2).json()
    assert first['totalRows'] == 3
    rows = first['invoices'] + second['invoices']
    assert {r['transactionUuid'] for r in rows} == {m['uuid'] for m in made}
    assert rows[0]['total'] == 109000
    assert listed(client, pageNum=3).json()['invoices'] == []
    zero = listed(client, pageNum=0)
    assert zero.status_code == 500
    assert 'Page index must not be less than zero' in zero.text
    assert listed(client, startDate='15/07/2026').status_code == 400
    assert key(listed(client, startDate='')) == 'BAD_REQUEST_START_DATE_REQUIRED'
    assert key(listed(client, rowPerPage=0)) == 'BAD_REQUEST_ROW_PER_PAGE_MIN_VALUE'
    assert listed(client, startDate='2026-07-16', endDate='2026-07-17').json()[
        'totalRows'] == 0
    control = client.post('InvoiceUtilsWS/getListInvoiceDataControl', {
        'supplierTaxCode': STRICT, 'fromDate': '15/07/2026', 'toDate': '15/07/2026'})
    assert control.json()['totalRows'] == 3
    assert listed(client, 'getInvoices', invoiceNo='C26TAA2').json()['totalRows'] == 1


def test_custom_fields_required(sinvoice, client):
    field = {'id': 2, 'keyTag': 'orderNo', 'valueType': 'text', 'keyLabel': 'Đơn hàng',
             'isRequired': True, 'isSeller': False}
    sinvoice.post(f'/sinvoice/tenants/{STRICT}/set', {'custom_fields': [field]})
    got = requests.get(client.url + API + 'InvoiceWS/getCustomFields', params={
        'taxCode': STRICT, 'templateCode': '1/001'}, headers=client.auth, timeout=60)
    assert got.json()['customFields'][0]['keyTag'] == 'orderNo'
    assert client.create(body()).status_code == 400
    data = body()
    data['metadata'] = [{'keyTag': 'orderNo', 'valueType': 'text', 'stringValue': 'S1'}]
    client.issue(data)


def test_payment_state(sinvoice, client):
    client.issue(paymentStatus=False)
    query = {'supplierTaxCode': STRICT, 'invoiceNo': 'C26TAA1',
             'strIssueDate': '1784082615000', 'templateCode': '1/001'}
    paid = client.post('InvoiceWS/updatePaymentStatus', data=query)
    assert paid.json()['result'] is True
    assert key(client.post('InvoiceWS/updatePaymentStatus', data=query)) == 'INVOICE_PAID'
    undone = client.post('InvoiceWS/cancelPaymentStatus', data=query)
    assert undone.json()['result'] is True
    assert key(client.post('InvoiceWS/cancelPaymentStatus', data=query)) == (
        'NO_RECORD_UPDATED')
    assert [r['operation'] for r in sinvoice.ledger('sinvoice')] == [
        'create_invoice', 'update_payment', 'cancel_payment']


def test_mail(sinvoice, client):
    data = body()
    uuid = client.issue(data)['uuid']
    ask = {'supplierTaxCode': STRICT, 'lstTransactionUuid': uuid}
    path = 'InvoiceUtilsWS/sendHtmlMailProcess'
    assert key(client.post(path, ask)) == 'BUYER_EMAIL_REQUIRED'
    data = body()
    data['buyerInfo']['buyerEmail'] = 'a@example.com'
    ask['lstTransactionUuid'] = client.issue(data)['uuid']
    assert client.post(path, ask).json() == {'code': '200', 'message': 'OK'}
    assert len(sinvoice.ledger('sinvoice', 'send_mail')) == 1


def test_state_survives(tmp_path):
    path = tmp_path / 'state.json'
    with sandbox.start(providers=['sinvoice'], state=path) as sb:
        sb.post('/clock', {'now': '2026-07-15T09:30:15+07:00'})
        sb.post('/sinvoice/reset')
        data = body()
        first = Client(sb).issue(data)
    with sandbox.start(providers=['sinvoice'], state=path) as sb:
        client = Client(sb)
        assert client.issue(data) == first
        assert client.issue()['invoiceNo'] == 'C26TAA2'
        assert content(client.file('C26TAA1')).startswith(b'%PDF')
        assert len(sb.ledger('sinvoice')) == 2
