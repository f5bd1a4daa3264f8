"""MISA: own signature and the draft group, over real HTTP."""

import base64
import hashlib
import uuid

import pytest
from lxml import etree

from .misa_client import TOKEN_ONLY, Client, draft, invoice, lower, unpacked

FLAVOURS = pytest.mark.parametrize('flavour', ['portal', 'integration'])
DSIG = 'http://www.w3.org/2000/09/xmldsig#'
JUNK = (None, [], {}, 'x', 7, True, -1, [None], {'a': {}})


# === OWN SIGNATURE === #

def seller_signature(xml, transaction):
    """What a person's signing tool makes of the XML (the value is not a signature)."""
    root = etree.fromstring(xml.encode())
    signature = etree.SubElement(
        root.find('DSCKS/NBan'), f'{{{DSIG}}}Signature', Id='seller')
    info = etree.SubElement(signature, f'{{{DSIG}}}SignedInfo')
    etree.SubElement(signature, f'{{{DSIG}}}SignatureValue').text = 'c2lnbmF0dXJl'
    x509 = etree.SubElement(etree.SubElement(
        signature, f'{{{DSIG}}}KeyInfo'), f'{{{DSIG}}}X509Data')
    etree.SubElement(x509, f'{{{DSIG}}}X509SubjectName').text = 'CN=Test'
    etree.SubElement(x509, f'{{{DSIG}}}X509Certificate').text = 'MIIB'
    moment = etree.SubElement(signature, f'{{{DSIG}}}Object', Id='SigningTime')
    moment.text = '2026-07-15T09:30:00'
    for node, uri in ((root.find('DLHDon'), transaction), (moment, 'SigningTime')):
        reference = etree.SubElement(info, f'{{{DSIG}}}Reference', URI=f'#{uri}')
        etree.SubElement(reference, f'{{{DSIG}}}DigestMethod',
                         Algorithm='http://www.w3.org/2001/04/xmlenc#sha256')
        etree.SubElement(reference, f'{{{DSIG}}}DigestValue').text = base64.b64encode(
            hashlib.sha256(etree.tostring(node, method='c14n')).digest())
    return etree.tostring(root).decode()


@FLAVOURS
def test_own_signature(misa, flavour):
    client = Client(misa, TOKEN_ONLY, flavour)
    path = '/publishing/token' if flavour == 'portal' else ''

    def unsigned(data):
        body = lower(client.post(path, {
            'SignType': 1, 'InvoiceData': [data], 'PublishInvoiceData': None}).json())
        assert body['publishInvoiceResult'] is None
        return unpacked(body['createInvoiceResult'])[0]

    def publish(data, item, xml):
        body = lower(client.post(path, {
            'SignType': 1, 'InvoiceData': None, 'PublishInvoiceData': [{
                'RefID': data['RefID'], 'TransactionID': item['TransactionID'],
                'InvSeries': data['InvSeries'], 'InvoiceData': xml,
                'IsInvoiceCalculatingMachine': False, 'IsSendEmail': False}]}).json())
        return unpacked(body['publishInvoiceResult'])[0]

    data = invoice()
    first, item = unsigned(data), unsigned(data)
    assert first['InvNo'] == item['InvNo'] == '00000001'
    assert first['TransactionID'] != item['TransactionID']
    assert client.status(data['RefID']) == [] and not misa.ledger('misa')
    assert publish(data, item, item['InvoiceData'])['ErrorCode'] == 'SignatureEmpty'
    signed = seller_signature(item['InvoiceData'], item['TransactionID'])
    changed = signed.replace('Áo thun', 'Áo khác').replace('&#193;o thun', 'X')
    assert publish(data, item, changed)['ErrorCode'] == 'InvalidSignature'
    assert publish(data, item, '<x')['ErrorCode'] == 'InvalidXMLData'
    assert publish(data, item, signed)['InvNo'] == '00000001'
    assert publish(data, item, signed)['ErrorCode'] == 'DuplicateInvoiceRefID'
    other, late = invoice(), invoice()
    held, overtaken = unsigned(other), unsigned(late)
    publish(other, held, seller_signature(held['InvoiceData'], held['TransactionID']))
    signed = seller_signature(overtaken['InvoiceData'], overtaken['TransactionID'])
    assert publish(late, overtaken, signed)['ErrorCode'] == 'InvalidInvNo'


# === DRAFTS === #

class Web(Client):
    def __init__(self, sb, flavour='portal'):
        super().__init__(sb, TOKEN_ONLY, flavour, web=True)
        keys = {'taxcode': TOKEN_ONLY, 'username': f'ketoan@{TOKEN_ONLY}.vn',
                'password': 'Misa@612'}
        answer = self.call('POST', f'{self.web}/templates', keys, invoiceWithCode='true')
        rows = unpacked(lower(answer.json())['data'])
        self.template = {row['InvSeries']: row['IPTemplateID'] for row in rows}['1C26TAA']

    def make(self, **more):
        return draft(self.template, **more)

    def insert(self, *drafts):
        answer = self.call('POST', f'{self.web}/insert', list(drafts),
                           invoiceWithCode='true')
        assert answer.status_code == 200, answer.text
        body = lower(answer.json())
        return unpacked(body['data']), body['error']

    def listed(self, *refs, code='true'):
        answer = self.call('POST', f'{self.web}/getlist', list(refs),
                           invoiceWithCode=code)
        return unpacked(lower(answer.json())['data'])


@FLAVOURS
def test_drafts_are_signed_by_a_person(misa, flavour):
    web = Web(misa, flavour)
    data = web.make()
    (row,), refused = web.insert(data)
    assert (row['RefID'], refused) == (data['RefID'], [])
    (row,) = web.listed(data['RefID'])
    assert (row['InvNo'], row['TransactionID'], row['PublishStatus']) == (
        '<Chưa cấp số>', None, 0)
    misa.post(f'/misa/drafts/{data["RefID"]}/sign')
    (row,) = web.listed(data['RefID'])
    assert (row['InvNo'], row['PublishStatus']) == (1, 4)
    (row,) = web.listed(data['RefID'])
    assert row['PublishStatus'] == 6
    (found,) = Client(misa, TOKEN_ONLY, flavour).status(data['RefID'])
    assert (found['TransactionID'], found['InvNo']) == (row['TransactionID'], '00000001')
    assert [r['operation'] for r in misa.ledger('misa')] == ['insert_draft', 'sign_draft']


def test_a_draft_twice_is_one_draft(misa):
    web = Web(misa)
    data = web.make()
    web.insert(data, data)
    changed = {**data, 'ContactName': 'Lê Minh'}
    assert len(web.insert(changed)[0]) == 1
    assert len(web.listed(data['RefID'])) == 1
    assert misa.get('/misa/drafts')[0]['buyer'] == 'Lê Minh'
    misa.post(f'/misa/drafts/{data["RefID"]}/sign')
    assert web.insert(data) == ([], [])  # in neither list
    assert len(misa.ledger('misa', 'insert_draft')) == 1


def test_drafts_refused(misa):
    web = Web(misa)
    one, two = web.make(RefID='SO0001'), web.make(InvDate='2026-07-15')
    three = web.make(TotalAmountOC=5)
    four = web.make()
    four['InvoiceDetails'][0]['VATRate'] = 7
    good = web.make()
    accepted_rows, refused = web.insert(one, two, three, four, good)
    assert [row['RefID'] for row in accepted_rows] == [good['RefID']]
    assert [row['ErrorCode'] for row in refused] == [
        'InvalidParameter', 'InvalidInvoiceDate', 'Invalid_[Invoice.TotalAmountOC]',
        'InvalidVatPercentage']
    assert all(row['ErrorMessage'] for row in refused)


def test_drafts_go_away(misa):
    web = Web(misa)
    mine, theirs = web.make(), web.make()
    web.insert(mine, theirs)
    assert web.listed(mine['RefID'], code='false') == []
    answer = web.call('DELETE', f'{web.web}/delete', invoiceWithCode='true',
                      refid=mine['RefID'])
    assert lower(answer.json())['success']
    misa.post(f'/misa/drafts/{theirs["RefID"]}/delete')
    assert web.listed(mine['RefID'], theirs['RefID'], str(uuid.uuid4())) == []


def test_draft_views_and_pages(misa):
    web = Web(misa)
    data = web.make()
    web.insert(data)
    answer = web.call('POST', f'{web.web}/preview', data)
    assert base64.b64decode(lower(answer.json())['data']).startswith(b'%PDF-')
    answer = web.call('GET', f'{web.web}/viewrefid', invoiceWithCode='true',
                      RefID=data['RefID'])
    assert base64.b64decode(lower(answer.json())['data']).startswith(b'%PDF-')
    answer = web.call('POST', f'{web.web}/paging', {
        'Start': 0, 'Length': 100, 'PublishStatus': 0})
    assert unpacked(lower(answer.json())['data'])['Total'] == 1


def test_tokens_of_one_group_do_not_work_in_the_other(misa):
    web, client = Web(misa), Client(misa, TOKEN_ONLY)
    publish_token = client.headers['Authorization']
    client.headers['Authorization'] = web.headers['Authorization']
    assert lower(client.publish(invoice()).json())['success'] is False
    web.headers['Authorization'] = publish_token
    assert web.call('POST', f'{web.web}/getlist', []).status_code == 401
    whole = Client(misa, TOKEN_ONLY, login=False).login(web=True).json()['Data']
    web.headers['Authorization'] = f'Bearer {whole}'
    answer = web.call('POST', f'{web.web}/getlist', [])
    assert (answer.status_code, answer.json()['ErrorCode']) == (401, 'UnAuthorize')


def test_garbage_drafts_never_crash(misa):
    web = Web(misa)
    for path in ('insert', 'preview', 'getlist', 'paging', 'templates/ticket', 'templates',
                 'token'):
        for junk in JUNK:
            web.call('POST', f'{web.web}/{path}', junk)
            web.call('POST', f'{web.web}/{path}', [junk])
            for field in ('Start', 'Length', 'FromDate', 'PublishStatus', 'start',
                          'length', 'taxcode', 'TaxCode'):
                web.call('POST', f'{web.web}/{path}', {field: junk})
    for junk in JUNK:
        made = [{**web.make(), field: junk} for field in (*web.make(), 'OrgInvDate')]
        lines = [
            {**web.make(), 'InvoiceDetails': [
                {**web.make()['InvoiceDetails'][0], field: junk}]}
            for field in web.make()['InvoiceDetails'][0]]
        for bodies in (made, lines):
            for start in range(0, len(bodies), 30):
                web.insert(*bodies[start:start + 30])
    assert not [c for c in misa.calls('misa') if c['verdict'] == 'crash']


# === CORRECTIONS BY DRAFT === #

def signed_original(misa, web):
    """(draft, its invoice as it is listed), accepted by the tax office."""
    data = web.make()
    web.insert(data)
    misa.post(f'/misa/drafts/{data["RefID"]}/sign')
    (row,) = web.listed(data['RefID'])
    misa.post(f'/misa/invoices/{row["TransactionID"]}/approve')
    return data, row


def correcting(web, original, row, status=4, sign=-1, **more):
    """A draft that takes all goods of the original back, or sells them anew."""
    data = web.make()
    (goods,) = data['InvoiceDetails']
    for name in ('Quantity', 'AmountOC', 'Amount', 'VATAmountOC', 'VATAmount'):
        goods[name] *= sign
    totals = {name: sign * value for name, value in data.items()
              if name.startswith('Total')}
    return {
        **data, **totals, 'EInvoiceStatus': status, 'OrgRefID': original['RefID'],
        'OrgTransactionID': row['TransactionID'], 'OrgInvNo': f'{row["InvNo"]:08d}',
        'OrgInvTemplateNo': '1', 'OrgInvSeries': 'C26TAA',
        'OrgInvDate': '2026-07-15T00:00:00+07:00', 'ChangeReason': 'Trả hàng', **more}


@FLAVOURS
def test_an_adjustment_signed_by_a_person(misa, flavour):
    misa.post('/misa/settings', {'correction_seen_after_ms': 0})
    web = Web(misa, flavour)
    original, row = signed_original(misa, web)
    data = correcting(web, original, row)
    (accepted,), refused = web.insert(data)
    assert (accepted['EInvoiceStatus'], refused) == (4, [])
    client = Client(misa, TOKEN_ONLY, flavour)
    assert client.status(original['RefID'])[0]['EInvoiceStatus'] == 1, 'only a draft'
    misa.post(f'/misa/drafts/{data["RefID"]}/sign')
    before, after = client.status(original['RefID'], data['RefID'])
    assert (before['EInvoiceStatus'], after['EInvoiceStatus']) == (8, 5)
    assert after['TotalAmount'] == data['TotalAmountOC'] < 0
    _none, (refused,) = web.insert(correcting(web, original, row, status=3, sign=1))
    assert refused['ErrorCode'] == 'HasAdjustmentInvoice'


@pytest.mark.parametrize('change, code', [
    ({'OrgInvDate': '2026-07-15'}, 'Invalid_[Invoice.OrgInvDate]'),
    ({'OrgInvDate': '2026-07-14T00:00:00+07:00'}, 'Invalid_[Invoice.OrgInvDate]'),
    ({'OrgTransactionID': 'ABCDEFGHIJKL'}, 'Invalid_[Invoice.OrgTransactionID]'),
    ({'OrgRefID': str(uuid.uuid4())}, 'Invalid_[Invoice.OrgRefID]'),
    ({'OrgInvSeries': '1C26TAA'}, 'Invalid_[Invoice.OrgInvSeries]'),
    ({'ChangeReason': ''}, 'RequireError_InvoiceNote'),
    ({'EInvoiceStatus': 2}, 'InvalidAdjustmentType'),
    ({'EInvoiceStatus': 3}, 'InvoiceDetail_AmountOC'),
])
def test_a_draft_that_corrects_is_checked(misa, change, code):
    web = Web(misa)
    original, row = signed_original(misa, web)
    _none, (refused,) = web.insert(correcting(web, original, row, **change))
    assert refused['ErrorCode'] == code
