"""MISA: tax office, files, corrections, over real HTTP."""

import base64
import hashlib
import io
import zipfile

import pytest
import requests
from lxml import etree

from .misa_client import (
    HSM,
    TOKEN_ONLY,
    Client,
    invoice,
    line,
    lower,
    totals,
    unpacked,
)

FLAVOURS = pytest.mark.parametrize('flavour', ['portal', 'integration'])
DSIG = 'http://www.w3.org/2000/09/xmldsig#'


@pytest.fixture
def client(misa):
    return Client(misa)


def accepted(client, data=None):
    """The result of an invoice that the tax office has accepted."""
    item = client.issue(data)
    client.sb.post(f'/misa/invoices/{item["TransactionID"]}/approve')
    return item


def later(misa, seconds=2):
    misa.post('/clock', {'advance': seconds})


# === TEMPLATES, STATUS === #

@FLAVOURS
def test_templates(misa, flavour):
    client = Client(misa, flavour=flavour)

    def series(**params):
        answer = client.call('GET', '/templates', **params)
        return {row['InvSeries'] for row in unpacked(lower(answer.json())['data'])}

    assert series(invoiceWithCode='false') == {'1K26TYY', '2K26TYY', '1K26TSM'}
    assert '1C25TAA' in series(invoiceWithCode='true')
    assert '1C25TAA' not in series(invoiceWithCode='true', year=2026)
    assert series() > {'1K26TYY', '1C26TAA', '1C26MAA'}
    assert series(ticket='true') == set()


@pytest.mark.parametrize('series, seen', [('1C26TAA', [0, 0, 2]), ('1K26TYY', [1, 1, 2])])
def test_the_tax_office_takes_its_time(misa, client, series, seen):
    misa.post('/misa/settings', {'code_after_polls': 3})
    item, code = client.issue(invoice(series)), series[1] == 'C'
    rows = [client.status(item['TransactionID'], code=code, kind=1)[0] for _ in seen]
    assert [row['SendTaxStatus'] for row in rows] == seen
    assert [len(row['InvoiceCode']) for row in rows] == [0, 0, 34 if code else 0]


def test_the_tax_office_refuses(misa, client):
    bad = client.issue(invoice(lines=[line(name='Áo bị từ chối')]))
    unknown = client.issue(invoice(BuyerTaxCode='0100233480', BuyerLegalName='A',
                                   BuyerAddress='Hà Nội'))
    by_hand, late = client.issue(), client.issue()
    misa.post(f'/misa/invoices/{by_hand["TransactionID"]}/refuse', {'reason': 'x'})
    misa.post('/misa/settings', {'tax_outcome': 'fail'})
    names = [i['TransactionID'] for i in (bad, unknown, by_hand, late)]
    client.status(*names, kind=1)
    misa.post('/misa/settings', {'tax_outcome': 'approve'})
    misa.post('/misa/settings', {'code_after_polls': 3})
    rows = client.status(*names, kind=1)
    rows = client.status(*names, kind=1)
    assert [row['SendTaxStatus'] for row in rows] == [3, 3, 3, 2]


def test_sending_fails_and_goes_on(misa, client):
    misa.post('/misa/settings', {'tax_outcome': 'fail', 'code_after_polls': 1})
    code, plain = client.issue(), client.issue(invoice('1K26TYY'))
    assert client.status(code['RefID'])[0]['SendTaxStatus'] == 1
    assert client.status(plain['RefID'], code=False)[0]['SendTaxStatus'] == 4
    misa.post('/misa/settings', {'tax_outcome': 'approve'})
    assert client.status(code['RefID'])[0]['SendTaxStatus'] == 2


def test_status_by_hand_and_by_seconds(misa, client):
    misa.post('/misa/settings', {'code_mode': 'manual'})
    item = client.issue()
    for _ in range(5):
        assert client.status(item['RefID'])[0]['SendTaxStatus'] == 0
    misa.post('/misa/settings', {'code_mode': 'seconds', 'code_after_seconds': 60})
    assert client.status(item['RefID'])[0]['SendTaxStatus'] == 0
    later(misa, 61)
    assert client.status(item['RefID'])[0]['SendTaxStatus'] == 2


def test_status_leaves_out_what_it_does_not_know(misa, client):
    item = client.issue()
    assert client.status('nothing', item['RefID'])[0]['RefID'] == item['RefID']
    assert client.status(item['TransactionID']) == []  # the wrong inputType
    assert client.status(item['RefID'], calc=True) == []
    assert Client(misa, TOKEN_ONLY).status(item['RefID']) == []
    answer = client.post('/status', ['x'] * 51, inputType=2)
    assert (answer.status_code, answer.json()['ErrorCode']) == (
        400, 'InvoiceQuantityTooLarge')
    assert client.post('/status', {'x': 1}).status_code == 400


# === FILES, MAIL, LIST === #

def test_legal_xml_and_pdf(misa, client):
    data = invoice(BuyerLegalName='Công ty A & B', BuyerTaxCode='0100109106',
                   BuyerAddress='Hà Nội', BuyerIDNumber='001088012345')
    name = accepted(client, data)['TransactionID']
    (row,) = client.download('Xml', name)
    assert (row['Data'], row['ErrorCode']) == (None, 'InvoiceNotExist')  # too fresh
    later(misa)
    (row,) = client.download('Xml', name)
    root = etree.fromstring(row['Data'].encode())
    assert root.findtext('.//KHHDon') == 'C26TAA'
    assert root.findtext('.//SHDon') == '00000001'
    assert root.findtext('.//NMua/MST') == '0100109106'
    assert root.findtext('.//TgTTTBSo') == str(data['TotalAmount'])
    assert root.findtext('.//LTSuat/TSuat') == '8%'
    assert len(root.findtext('MCCQT')) == 34
    data_node = root.find('DLHDon')
    digest = base64.b64encode(hashlib.sha256(
        etree.tostring(data_node, method='c14n')).digest()).decode()
    assert [one.text for one in root.iter(f'{{{DSIG}}}DigestValue')] == [digest] * 2
    (row,) = client.download('pdf', name)
    assert base64.b64decode(row['Data']).startswith(b'%PDF-')
    (row,) = client.download('All', name)
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(row['Data']))) as archive:
        assert sorted(archive.namelist()) == [f'{name}.pdf', f'{name}.xml']
    assert client.download('Pdf', name, code=False)[0]['ErrorCode'] == 'InvoiceNotExist'


def test_links_die(misa, client):
    name = accepted(client)['TransactionID']
    later(misa)
    link = client.post('/publishview', [name]).json()['data']
    assert requests.get(link, timeout=60).content.startswith(b'%PDF-')
    misa.post('/misa/settings', {'download_as': 'link'})
    assert client.download('Xml', name)[0]['Data'].startswith('http')
    later(misa, 301)
    assert requests.get(link, timeout=60).status_code == 404


def test_preview_uses_no_number(misa, client):
    data = invoice()
    answer = client.post('/unpublishview', data)
    assert requests.get(answer.json()['data'], timeout=60).content.startswith(b'%PDF-')
    answer = client.post('/unpublishview', invoice(BuyerTaxCode='1'))
    assert (answer.status_code, answer.json()['ErrorCode']) == (400, 'InvalidTaxCode')
    assert not misa.ledger('misa')
    assert client.issue(data)['InvNo'] == '00000001'


def test_mail_paper_and_list(misa, client):
    name = accepted(client)['TransactionID']
    later(misa)
    answer = client.post('/sendemail', {
        'SendEmailDatas': [
            {'TransactionID': name, 'ReceiverName': 'A', 'ReceiverEmail': 'a@b.vn'},
            {'TransactionID': 'no', 'ReceiverName': 'A', 'ReceiverEmail': 'a@b.vn'}],
        'IsInvoiceCode': True, 'IsInvoiceCalculatingMachine': False})
    rows = unpacked(answer.json()['data'])
    assert [row['SendEmailStatus'] for row in rows] == [1, 2]
    answer = client.post('/voucher-paper', {
        'TransactionIDList': [name], 'Converter': 'A', 'ConvertDate': '2026-07-15'})
    assert unpacked(answer.json()['data'])[0]['Data']
    misa.post('/misa/invoices', {'total': 50000})  # somebody on MISA's site
    answer = client.post('/paging', {
        'FromDate': '2026-07-01', 'ToDate': '2026-07-31', 'Skip': 0, 'Take': 100})
    page = unpacked(answer.json()['data'])
    assert [row['InvNo'] for row in page['PageData']] == [1, 2]
    answer = client.post('/paging', {
        'FromDate': '2026-07-01', 'ToDate': '2026-07-31', 'Skip': 0, 'Take': 101})
    assert answer.status_code == 400


# === CORRECTIONS === #

def correction(item, kind, lines=None, **more):
    series = item['InvSeries']
    return invoice(series, lines, ReferenceType=kind, OrgInvoiceType=1, **{
        'OrgInvTemplateNo': series[0], 'OrgInvSeries': series[1:],
        'OrgInvNo': item['InvNo'], 'OrgInvDate': '2026-07-15',
        'InvoiceNote': 'Trả hàng', **more})


RETURN = {'Quantity': -1, 'UnitPrice': 91667, 'AmountOC': -91667, 'Amount': -91667,
          'AmountWithoutVATOC': -91667, 'AmountWithoutVAT': -91667,
          'VATAmountOC': -7333, 'VATAmount': -7333}
REDUCTION = {**RETURN, 'Quantity': 0, 'UnitPrice': 0}


@pytest.mark.parametrize('change', [RETURN, REDUCTION])
def test_adjustment(misa, client, change):
    item = accepted(client)
    made = client.issue(correction(item, 2, [line(**change)]))
    later(misa)
    first, second = client.status(item['RefID'], made['RefID'])
    assert (first['EInvoiceStatus'], first['ReferenceType']) == (8, 0)
    assert (second['EInvoiceStatus'], second['ReferenceType']) == (5, 2)
    xml = etree.fromstring(client.download('Xml', made['TransactionID'])[0]['Data']
                           .encode())
    assert xml.findtext('.//TTHDLQuan/TCHDon') == '2'
    assert xml.findtext('.//TTHDLQuan/SHDCLQuan') == item['InvNo']
    assert xml.findtext('.//TgTTTBSo') == '-99000'


def test_a_correction_is_not_seen_at_once(misa, client):
    misa.post('/misa/settings', {'correction_seen_after_ms': 60000})
    made = client.issue(correction(accepted(client), 2, [line(**RETURN)]))
    assert client.status(made['RefID']) == []
    later(misa, 61)
    assert client.status(made['RefID'])


def test_replacement_and_what_may_follow(client):
    item = accepted(client)
    client.issue(correction(item, 1))
    assert client.error(correction(item, 1)) == 'InvoiceCannotReplace'
    assert client.error(correction(item, 2, [line(**RETURN)])) == 'InvoiceCannotAdjust'
    other = accepted(client)
    client.issue(correction(other, 2, [line(**RETURN)]))
    client.issue(correction(other, 2, [line(**RETURN)]))
    assert client.error(correction(other, 1)) == 'HasAdjustmentInvoice'
    fresh = client.issue()
    assert client.error(correction(fresh, 1)) == 'InvoiceCannotReplaceByStatusNew'


def test_negative_amounts_only_in_adjustments(client):
    item = accepted(client)
    assert client.error(correction(item, 1, [line(**RETURN)])) == 'InvoiceDetail_AmountOC'
    assert client.error(invoice(lines=[line(**RETURN)])) == 'InvoiceDetail_AmountOC'
    wrong = correction(item, 2, [line(**{**RETURN, 'UnitPrice': -91667})])
    assert client.error(wrong) == 'InvoiceDetail_UnitPrice'


@pytest.mark.parametrize('field, value, code', [
    ('InvoiceNote', '', 'RequireError_InvoiceNote'),
    ('OrgInvNo', '1', 'Invalid_[Invoice.OrgInvNo]'),
    ('OrgInvSeries', '1C26TAA', 'Invalid_[Invoice.OrgInvSeries]'),
    ('OrgInvDate', '2026-07-14', 'Invalid_[Invoice.OrgInvDate]'),
    ('OrgInvDate', '15/07/2026', 'Invalid_[Invoice.OrgInvDate]'),
])
def test_reference_to_the_original(client, field, value, code):
    item = accepted(client)
    assert client.error(
        correction(item, 2, [line(**RETURN)], **{field: value})) == code


def test_an_unknown_original_is_refused_by_the_tax_office_only(misa, client):
    item = accepted(client)
    made = client.issue(correction(item, 2, [line(**RETURN)], OrgInvNo='00000099'))
    later(misa)
    client.status(made['RefID'])
    assert client.status(made['RefID'])[0]['SendTaxStatus'] == 3


# === STATE === #

def test_state_survives(tmp_path):
    import sandbox

    file = tmp_path / 'state.json'
    with sandbox.start(providers=['misa'], state=file) as sb:
        sb.post('/clock', {'now': '2026-07-15T09:30:15+07:00'})
        sb.post('/misa/reset')
        client = Client(sb)
        item = client.issue(invoice(lines=[line(91666.5)]))
        headers = client.headers
    with sandbox.start(providers=['misa'], state=file) as sb:
        client = Client(sb, login=False)
        client.headers = headers
        (row,) = client.status(item['RefID'])
        assert row['TransactionID'] == item['TransactionID']
        later(sb)
        assert '91666.5' in client.download('Xml', item['TransactionID'])[0]['Data']
        assert client.issue()['InvNo'] == '00000002'
        assert sb.get('/misa/tenants')[0]['id'] == HSM


def test_totals_builder_agrees_with_a_batch_of_random_lines(client):
    rows = [line(1000 * n + 7, '8%' if n % 2 else '10%', n, f'Hàng {n}', n)
            for n in range(1, 40)]
    assert client.issue(invoice(lines=rows, **totals(rows)))['InvNo'] == '00000001'


JUNK = (None, [], {}, 'x', 7, True, -1, [None], {'a': {}})


def test_garbage_never_crashes(misa, client):
    name = accepted(client)['TransactionID']
    later(misa)
    bodies = {
        '/status': [name], '/Download': [name], '/publishview': [name],
        '/sendemail': {'SendEmailDatas': [{'TransactionID': name}], 'IsInvoiceCode': 1},
        '/voucher-paper': {'TransactionIDList': [name], 'Converter': 'A'},
        '/paging': {'FromDate': '2026-07-01', 'ToDate': '2026-07-31', 'Skip': 0,
                    'Take': 5},
        '/publishing/token': {'SignType': 1, 'PublishInvoiceData': [{}]},
    }
    for path, body in bodies.items():
        for junk in JUNK:
            client.post(path, junk, downloadDataType='pdf', invoiceWithCode='maybe')
            client.post(path, [junk], downloadDataType='xml')
            for field in body if isinstance(body, dict) else ():
                client.post(path, {**body, field: junk})
                client.post(path, {**body, field: [junk, {'TransactionID': junk}]})
    assert not [c for c in misa.calls('misa') if c['verdict'] == 'crash']
