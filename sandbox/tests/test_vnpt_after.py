"""VNPT: tax office, files, lists, corrections, payment, USB token, driven by zeep."""

import base64
import hashlib
import io
import zipfile

import pytest
from lxml import etree

from .vnpt_client import (
    MAIN,
    SMALL,
    Client,
    adjustment,
    batch,
    fkey,
    line,
    replacement,
)


@pytest.fixture
def client(vnpt):
    return Client(vnpt)


def tax_rows(client, *keys, operation='GetMCCQThueByFkeys', **more):
    result = client.call(operation, fkeys='_'.join(keys), **more)
    root = etree.fromstring(base64.b64decode(result))
    return [{child.tag: child.text or '' for child in node} for node in root]


def listed(result):
    return [{child.tag: child.text or '' for child in node}
            for node in etree.fromstring(result)]


# === TAX OFFICE === #

@pytest.mark.parametrize('serial', ['C26TAA', 'K26TAA'])
def test_status(vnpt, serial):
    client = Client(vnpt, serial=serial)
    one, two = client.issue(), client.issue()
    first, second = tax_rows(client, one, two, 'unknown')
    assert (first['KHMSHDon'], first['KHHDon'], first['SHDon'], first['Fkey']) == (
        '1', serial, '1', one)
    assert (second['TThai'], second['MCCQThue']) == ('1', '')
    first, _second = tax_rows(client, one, two, operation='GetMCCQThueByFkeysNoXMLSign')
    assert first['TThai'] == '2'
    assert len(first['MCCQThue']) == (34 if serial[0] == 'C' else 0)


def test_status_limits(client):
    assert client.call('GetMCCQThueByFkeys', fkeys='unknown') == 'ERR:2'
    assert client.call('GetMCCQThueByFkeys', fkeys='x', pattern='9/9') == 'ERR:20'
    assert client.call('GetMCCQThueByFkeys', fkeys='_'.join(['x'] * 101)) == 'ERR:10'
    client.issue('SO_1')  # an underscore falls apart in lists
    assert client.call('GetMCCQThueByFkeys', fkeys='SO_1') == 'ERR:2'
    token = client.call('GetMCCQThueByInvTokens', invTokens='1/001;C26TAA;0000001')
    assert b'SO_1' in base64.b64decode(token)


def test_refused(vnpt, client):
    bad = client.issue(lines=[line(name='Hàng bị từ chối')])
    unknown = client.issue(buyer={'MST': '0102663797', 'Ten': 'A', 'DChi': 'B'})
    by_hand = client.issue()
    vnpt.post(f'/vnpt/invoices/{by_hand}/refuse', {'reason': 'sai'})
    tax_rows(client, bad, unknown)
    rows = tax_rows(client, bad, unknown, by_hand)
    assert [row['TThai'] for row in rows] == ['3'] * 3
    assert all(row['MTLoi'] for row in rows) and rows[2]['MTLoi'] == 'sai'
    assert client.call('GetInvErrorViewFkey', fkey=bad).startswith('<html>')


def test_sending_by_hand(vnpt, client):
    vnpt.post('/vnpt/settings', {'tax_sending': 'manual', 'code_after_polls': 1})
    key = client.issue()
    assert tax_rows(client, key)[0]['TThai'] == '0'
    assert client.call('SendInvToCQTByFkeys', fkeys=key) == f'OK:{key}'
    assert tax_rows(client, key)[0]['TThai'] == '2'


def test_invoice_data(vnpt, client):
    key = client.issue()
    assert client.call('GetInvDataByFkey', fkey='x') == 'ERR:23'
    assert client.call('GetInvDataByFkey', fkey=key) == 'ERR:24'
    vnpt.post(f'/vnpt/invoices/{key}/approve')
    assert b'<MCCQT>' in base64.b64decode(client.call('GetInvDataByFkey', fkey=key))


def test_notice_of_errors(client):
    def notice(kind='4'):
        return (
            '<DLTBao><TNNT>GTG</TNNT><TCQT>x</TCQT><NTBao>2026-07-15</NTBao>'
            '<DDanh>HN</DDanh><Loai>1</Loai><DSHDon><HDon><STT>1</STT><KHMSHDon>1'
            '</KHMSHDon><KHHDon>C26TAA</KHHDon><SHDon>1</SHDon><Ngay>2026-07-15</Ngay>'
            f'<LADHDDT>1</LADHDDT><TCTBao>{kind}</TCTBao><LDo>Sai tên</LDo>'
            '<Fkey>SO1</Fkey></HDon></DSHDon></DLTBao>')

    assert client.call('SendInvNoticeErrors', xml=notice('9')) == 'ERR:3'
    result = client.call('SendInvNoticeErrors', xml=notice())
    code = result.removeprefix('OK:')
    assert base64.b64decode(client.call('HandleInvoiceErrors', mtd=code))
    assert client.call('ReceivedInvoiceErrors', mtd='x') == 'ERR:2'


# === FILES AND LISTS === #

@pytest.mark.parametrize('serial, code', [('C26TAA', 'ERR:12'), ('K26TAA', 'ERR:13')])
def test_files_wait_for_the_tax_office(vnpt, serial, code):
    vnpt.post('/vnpt/settings', {'code_mode': 'manual'})
    client = Client(vnpt, serial=serial)
    key = client.issue()
    for operation in ('downloadInvPDFFkeyNoPay', 'downloadInvFkeyNoPay',
                      'getInvViewFkeyNoPay', 'convertForStoreFkey'):
        assert client.call(operation, fkey=key) == code
        assert client.call(operation, fkey='x') == 'ERR:6'
    vnpt.post(f'/vnpt/invoices/{key}/approve')
    assert base64.b64decode(client.call('downloadInvPDFFkeyNoPay', fkey=key)).startswith(
        b'%PDF-')
    assert '<html>' in client.call('getInvViewFkeyNoPay', fkey=key)
    assert client.call('downloadInvPDFFkey', fkey=key) == 'ERR:11'
    assert client.call('confirmPaymentFkey', lstFkey=key) == 'OK'
    assert client.call('confirmPaymentFkey', lstFkey=key) == 'ERR:13'
    assert client.call('downloadInvFkey', fkey=key).startswith('<HDon>')
    assert client.call('UnConfirmPaymentFkey', lstFkey=key) == 'OK'
    assert client.call('downloadInvFkey', fkey=key) == 'ERR:11'


def test_legal_xml(client):
    key = client.accepted(buyer={'Ten': 'Công ty A', 'MST': '0100109106', 'DChi': 'HN'})
    root = etree.fromstring(client.call('downloadInvFkeyNoPay', fkey=key))
    for path, value in (('.//KHHDon', 'C26TAA'), ('.//SHDon', '1'),
                        ('.//NMua/MST', '0100109106'), ('.//TgTTTBSo', '198001'),
                        ('.//NBan/MST', '0100109106-621'), ('.//TSuat', '8%')):
        assert root.findtext(path) == value
    assert len(root.findtext('MCCQT')) == 34
    digest = base64.b64encode(hashlib.sha256(etree.tostring(
        root.find('DLHDon'), method='c14n')).digest()).decode()
    assert [one.text for one in root.iter('{*}DigestValue')] == [digest] * 2
    token = '1/001;C26TAA;1'
    assert client.call('downloadInvNoPay', invToken=token) == client.call(
        'downloadInvFkeyNoPay', fkey=key)
    data = base64.b64decode(
        client.call('downloadInvZipFkey', fkey=key, checkPayment=False))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ['1001_C26TAA_0000001.xml']
    assert client.call('downloadInvZipFkey', fkey=key, checkPayment=True) == 'ERR:11'


def test_paper_for_verification_only_once(client):
    key = client.accepted()
    for _ in range(2):
        assert client.call('convertForStoreFkey', fkey=key).startswith('<html>')
    assert client.call('convertForVerifyFkey', fkey=key).startswith('<html>')
    assert client.call('convertForVerifyFkey', fkey=key) == 'ERR:8'


def test_lists(vnpt, client):
    one = client.issue(buyer={'MKHang': 'KH01'})
    client.issue()
    period = {'fromDate': '01/07/2026', 'toDate': '31/07/2026'}
    (row,) = listed(client.call('listInvByCusFkey', key=one, **period))
    assert (row['pattern'], row['serial'], row['invNum'], row['amount'], row['status'],
            row['payment'], row['publishDate']) == (
        '1/001', 'C26TAA', '1', '198001', '1', '0', '15/07/2026 09:30:15')
    assert client.call('listInvByCusFkey', key='x', **period) == '<Data/>'
    assert client.call('listInvByCusFkey', key=one, fromDate='2026-07-01',
                       toDate='') == 'ERR:5'
    assert len(listed(client.call('listInvByCus', cusCode='KH01', **period))) == 1
    numbers = {'invPattern': '1/001', 'invSerial': 'C26TAA'}
    assert len(listed(client.call(
        'listInvFromNoToNo', invFromNo='1', invToNo='100', **numbers))) == 2
    assert client.call('listInvFromNoToNo', invFromNo='1', invToNo='101',
                       **numbers) == 'ERR:10'
    week = {'fromDate': '14/07/2026', 'toDate': '20/07/2026'}
    assert len(listed(client.call('GetInvViewByDate', **week))) == 2
    assert client.call('GetInvViewByDate', **{**week, 'toDate': '30/07/2026'}) == 'ERR:10'
    vnpt.post('/vnpt/settings', {'nothing_listed': 'error', 'list_says_ok': True})
    assert client.call('listInvByCusFkey', key='x', **period) == 'ERR:6'
    assert client.call('listInvByCusFkey', key=one, **period).startswith('OK: <Data>')


def test_customers_series_mail(vnpt, client):
    customer = ('<Customers><Customer><Name>A</Name><Code>KH01</Code><Address>HN</Address>'
                '<CusType>{}</CusType></Customer></Customers>')
    assert client.call('UpdateCus', XMLCusData=customer.format(1)) == 1
    assert client.call('UpdateCus', XMLCusData=customer.format(7)) == -2
    assert client.call('UpdateCus', XMLCusData='x') == -3
    assert '<Name>A</Name>' in client.call('getCus', cusCode='KH01')
    assert client.call('getSerialByPattern') == 'C26TAA,K26TAA,C25TAA'
    assert client.call('GetCertInfo').startswith('<Cert>')
    key = client.issue()
    mail = f'<Invoices><Inv><Fkey>{key}</Fkey><EmailDeliver>a@b.vn</EmailDeliver></Inv>'
    assert client.call('SendAgainEmailServ', hdPattern='1/001', Serial='C26TAA',
                       xmlDataInvoiceEmail=mail + '</Invoices>') == 'OK'
    assert vnpt.ledger('vnpt', 'send_mail')[0]['object_id'] == 'a@b.vn'


# === CORRECTIONS === #

def test_adjustment(vnpt, client):
    original, key = client.accepted(), fkey()
    xml = adjustment(key, 3, [line(quantity=1)])
    assert client.call('AdjustInvoiceAction', xmlInvData=xml, fkey=original,
                       AttachFile='') == 'OK: 1/001;C26TAA;0000002'
    (row,) = listed(client.call('listInvByCusFkey', key=original))
    assert row['status'] == '4'
    vnpt.post(f'/vnpt/invoices/{key}/approve')
    root = etree.fromstring(client.call('downloadInvFkeyNoPay', fkey=key))
    assert root.findtext('.//TTHDLQuan/TCHDon') == '2'
    assert root.findtext('.//TTHDLQuan/SHDCLQuan') == '1'
    assert root.findtext('.//TgTTTBSo') == '-99000'
    assert [r['operation'] for r in vnpt.ledger('vnpt')] == [
        'issue_invoice', 'adjust_invoice']


def test_replacement(vnpt, client):
    original = client.accepted()
    call = {'fkey': original, 'Attachfile': '10'}
    assert client.call('ReplaceInvoiceAction', xmlInvData=replacement(fkey()), **call) == (
        'OK: 1/001;C26TAA;0000002')
    assert listed(client.call('listInvByCusFkey', key=original))[0]['status'] == '3'
    again = client.call('ReplaceInvoiceAction', xmlInvData=replacement(fkey()), **call)
    assert again == 'ERR:8'
    assert len(vnpt.ledger('vnpt', 'replace_invoice')) == 1


def test_second_adjustment_is_a_setting(vnpt, client):
    original = client.accepted()

    def adjust():
        return client.call('AdjustInvoiceAction', fkey=original, AttachFile='',
                           xmlInvData=adjustment(fkey(), 3, [line(quantity=1)]))

    assert adjust().startswith('OK: ')
    assert adjust() == 'ERR:8'
    vnpt.post('/vnpt/settings', {'second_adjustment': True})
    assert adjust().startswith('OK: ')


def test_corrections_refused(vnpt, client):
    original, waiting = client.accepted(), client.issue()
    vnpt.post('/vnpt/settings', {'code_mode': 'manual'})

    def adjust(xml=None, of=original, **more):
        return client.call(
            'AdjustInvoiceAction', fkey=of, AttachFile='',
            xmlInvData=xml or adjustment(fkey(), 3, [line()]), **more)

    assert adjust(of='x') == 'ERR:2'
    assert adjust(of=waiting) == 'ERR:9'
    assert adjust(serial='K26TAA') == 'ERR:60'
    assert adjust(pattern='2/001', serial='C26TSA') == 'ERR:61'
    assert adjust(pattern='1/002', serial='C26TZZ') == 'ERR:19'
    assert adjust(serial='C26TXX') == 'ERR:20'
    assert adjust('<x') == 'ERR:3'
    assert adjust(batch(fkey())) == 'ERR:15'
    assert adjust(adjustment(fkey(), 9, [line()])) == 'ERR:3'
    assert adjust(adjustment(waiting, 3, [line()])) == 'ERR:13'
    negative = line(SLuong=-2, ThTien=-183334, TThue=-14667, TSThue=-198001)
    assert adjust(adjustment(fkey(), 3, [negative])) == 'ERR:3'
    vnpt.post(f'/vnpt/tenants/{MAIN}/set', {'certificate': 'expired'})
    assert adjust() == 'ERR:29'
    assert not vnpt.ledger('vnpt', 'adjust_invoice')


def test_information_only(vnpt, client):
    original = client.accepted()
    assert client.call('AdjustInvoiceAction', fkey=original, AttachFile='',
                       xmlInvData=adjustment(fkey(), 4)).startswith('OK: ')
    other = client.accepted()
    assert client.call('AdjustInvoiceAction', fkey=other, AttachFile='',
                       xmlInvData=adjustment(fkey(), 4, [line()])) == 'ERR:3'
    note = '<DieuChinhHD><Description>Sai địa chỉ</Description></DieuChinhHD>'
    assert client.call('AdjustInvoiceNote', fkey=other, xmlInvData=note) == 'OK:'
    assert client.call('AdjustInvoiceNote', fkey='x', xmlInvData=note) == 'ERR:2'


def test_originals_of_another_system(client):
    old = {'oldPattern': '01GTKT3/001', 'oldSerial': 'AA/20E', 'oldNo': 7,
           'relatedInvType': 3}
    xml = adjustment(fkey(), 3, [line()])
    assert client.call('AdjustWithoutInv', invXml=xml, strOldArisingDate='2020-01-02',
                       **old) == 'ERR:12'
    assert client.call('AdjustWithoutInv', invXml=xml, strOldArisingDate='02/01/2020',
                       **old) == 'OK: 1/001;C26TAA;0000001'
    assert client.call('ReplaceWithoutInv', invXml=replacement(fkey()), **old,
                       strOldArisingDate='02/01/2020') == 'OK: 1/001;C26TAA;0000002'
    today = {'oldNo': 7, 'relatedInvType': 1, 'strOldArisingDate': '02/01/2026'}
    for old, answer in ((('1/001', 'K26TZZ'), 'ERR:60'), (('2/001', 'C26TZZ'), 'ERR:61')):
        assert client.call('AdjustWithoutInv', invXml=xml, **today, oldPattern=old[0],
                           oldSerial=old[1]) == answer


def test_cash_register_corrections(vnpt):
    client = Client(vnpt, pattern='1', serial='C26MMT')
    client.refused(batch('M1'), 'ImportAndPublishInvMTT')
    result = client.call('ReplaceInvMTT', fkey='M1', xmlInvData=replacement('M2'),
                         AttachFile='', OldPattern='')
    assert result.startswith('OK: 1;C26MMT-M2_2_M1-26-')
    again = {'fkey': 'M2', 'AttachFile': '', 'xmlInvData': adjustment('M3', 3, [line()])}
    assert client.call('AdjustInvMTT', OldPattern='1/001', **again) == 'ERR:19'
    assert client.call('AdjustInvMTT', OldPattern='1', **again).startswith(
        'OK: 1;C26MMT-M3_3_')


def test_raising_and_lowering_at_once(vnpt, client):
    def adjust(kind):
        rows = [line(SLuong=-2, ThTien=-183334, TThue=-14667, TSThue=-198001),
                line(quantity=1, STT=2)]
        return client.call(
            'AdjustInvoiceAction', fkey=client.accepted(), AttachFile='',
            xmlInvData=adjustment(fkey(), kind, rows))

    assert adjust(3) == adjust(2) == 'ERR:3'
    assert adjust(6).startswith('OK: ')
    vnpt.post('/vnpt/settings', {'build': 'old'})
    assert adjust(6) == 'ERR:3'


def test_cancel(vnpt, client):
    vnpt.post('/vnpt/settings', {'code_mode': 'manual'})
    waiting, paid, accepted = client.issue(), client.issue(), client.accepted()
    client.call('confirmPayment', lstInvToken='1/001;C26TAA;0000002')
    assert client.call('cancelInv', fkey='x') == 'ERR:2'
    assert client.call('cancelInv', fkey=accepted) == 'ERR:8'
    assert client.call('cancelInv', fkey=paid) == 'ERR:9'
    assert client.call('cancelInvNoPay', fkey=paid) == 'OK:'
    assert client.call('cancelInv', fkey=waiting) == 'OK:'
    assert client.call('cancelInv', fkey=waiting) == 'ERR:8'
    assert listed(client.call('listInvByCusFkey', key=waiting))[0]['status'] == '5'


# === USB TOKEN === #

def test_usb_token(vnpt, client):
    serial = vnpt.provider('vnpt').settings['certificate_serial']

    def signed(hashes, certificate=serial):
        root = etree.Element('Invoices')
        etree.SubElement(root, 'SerialCert').text = certificate
        for one in etree.fromstring(hashes):
            node = etree.SubElement(root, 'Inv')
            for name in ('key', 'idInv'):
                etree.SubElement(node, name).text = one.findtext(name)
            etree.SubElement(node, 'signValue').text = 'c2lnbg=='
        return etree.tostring(root, encoding='unicode')

    def hashed(xml, kind=0, token='', certificate=serial):
        return client.call('getHashInvWithToken', xmlInvData=xml, serialCert=certificate,
                           type=kind, invToken=token)

    assert hashed(batch('T1'), certificate='x') == 'ERR:28'
    hashes = hashed(batch('T1'))
    assert not vnpt.ledger('vnpt')
    assert client.refused(signed(hashes, 'x'), 'publishInvWithToken') == 'ERR:24'
    assert client.refused(signed(hashes), 'publishInvWithToken') == 'OK:1/001;C26TAA-T1_1'
    assert client.refused(signed(hashes), 'publishInvWithToken') == 'ERR:0'
    vnpt.post('/vnpt/invoices/T1/approve')
    hashes = hashed(adjustment('T2', 3, [line()]), 3, '1/001;C26TAA;0000001')
    assert client.call('AdjustReplaceInvWithToken', xmlInvData=signed(hashes),
                       type=3) == 'OK: 1/001;C26TAA;0000002'


def test_a_customer_sees_only_its_own(vnpt, client):
    key = client.accepted()
    other = Client(vnpt, SMALL, serial='C26TBB')
    assert other.call('downloadInvFkeyNoPay', fkey=key) == 'ERR:6'
    assert other.call('GetMCCQThueByFkeys', fkeys=key) == 'ERR:2'
    assert other.call('cancelInv', fkey=key) == 'ERR:2'
