"""VNPT: WSDL, SOAP, accounts, import and issue, driven by zeep."""

import threading

import pytest
import requests
import zeep
import zeep.exceptions
from lxml import etree

from .vnpt_client import (
    MAIN,
    SERVICES,
    SMALL,
    Client,
    batch,
    fkey,
    line,
)

ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '{}</soap:Body></soap:Envelope>')


@pytest.fixture
def client(vnpt):
    return Client(vnpt)


def post(vnpt, body, service='PublishService', action='ImportAndPublishInv', **headers):
    return requests.post(
        f'{vnpt.url("vnpt")}/{service}.asmx', data=body.encode(), timeout=60, headers={
            'Content-Type': 'text/xml; charset=utf-8',
            'SOAPAction': f'"http://tempuri.org/{action}"', **headers})


# === WSDL AND SOAP === #

@pytest.mark.parametrize('service', SERVICES)
@pytest.mark.parametrize('build', ['new', 'old'])
def test_zeep_loads_the_wsdl(vnpt, service, build):
    vnpt.post('/vnpt/settings', {'build': build})
    address = f'{vnpt.url("vnpt")}/{service}.asmx'
    client = zeep.Client(address + '?wsdl')
    ports = client.wsdl.services[service].ports
    assert set(ports) == {f'{service}Soap', f'{service}Soap12'}
    operations = vnpt.provider('vnpt').services[service]
    assert set(client.service._binding._operations) == set(operations)
    assert ports[f'{service}Soap'].binding_options['address'] == address


def test_builds_differ_in_parameters(vnpt):
    vnpt.post('/vnpt/settings', {'build': 'old'})
    old = Client(vnpt)
    assert 'strOldArisingDate' not in old.parameters('AdjustWithoutInv')
    assert 'ImportAndPublishInvMTT' not in old.proxies
    vnpt.post('/vnpt/settings', {'build': 'new'})
    new = Client(vnpt)
    assert 'strOldArisingDate' in new.parameters('AdjustWithoutInv')
    assert set(old.proxies) < set(new.proxies)


VALUES = {'Int': 0, 'Decimal': 1, 'Boolean': False}


def test_zeep_calls_every_operation(vnpt, client):
    """With right accounts and empty data: a result string each, never a crash."""
    for operation in client.proxies:
        arguments = {
            name: VALUES[type(element.type).__name__]
            for name, element in client.parameters(operation).items()
            if type(element.type).__name__ in VALUES and name not in client.given}
        result = client.call(operation, **arguments)
        assert isinstance(result, int | str), operation
    calls = vnpt.calls('vnpt')
    assert {c['operation'] for c in calls} >= set(client.proxies)
    assert not [c for c in calls if c['verdict'] == 'crash']
    assert not vnpt.ledger('vnpt')


def test_soap_12(vnpt, client):
    wsdl = zeep.Client(client.base + '/PublishService.asmx?wsdl')
    proxy = wsdl.create_service('{http://tempuri.org/}PublishServiceSoap12',
                                client.base + '/PublishService.asmx')
    key = fkey()
    arguments = client.complete('ImportAndPublishInv', {'xmlInvData': batch(key)})
    assert proxy.ImportAndPublishInv(**arguments) == f'OK:1/001;C26TAA-{key}_1'


def test_unknown_elements_are_ignored(vnpt, client):
    """A parameter in the wrong case is silently null."""
    arguments = client.complete('ImportAndPublishInv', {'xmlInvData': batch(fkey())})

    def envelope(**changes):
        root = etree.Element('ImportAndPublishInv', nsmap={None: 'http://tempuri.org/'})
        for name, value in {**arguments, **changes}.items():
            if value is not None:
                etree.SubElement(root, name).text = str(value)
        return ENVELOPE.format(etree.tostring(root, encoding='unicode'))

    def result(body):
        answer = post(vnpt, body)
        assert answer.status_code == 200
        assert answer.headers['Content-Type'] == 'text/xml; charset=utf-8'
        return etree.fromstring(answer.content).findtext('.//{*}ImportAndPublishInvResult')

    assert result(envelope(Account=None, account='giomoi_admin')) == 'ERR:1'
    assert result(envelope(extra='x')).startswith('OK:')
    cdata = envelope(xmlInvData='HERE').replace('HERE', f'<![CDATA[{batch(fkey())}]]>')
    assert result(cdata).startswith('OK:')
    assert post(vnpt, envelope(convert=None)).status_code == 500
    assert post(vnpt, envelope(convert='x')).status_code == 500


def test_malformed_calls_are_faults(vnpt):
    good = ENVELOPE.format('<ImportAndPublishInv xmlns="http://tempuri.org/"/>')
    for body, headers in (
        ('<x', {}), ('<a/>', {}), (ENVELOPE.format(''), {}),
        (good, {'SOAPAction': ''}), (good, {'SOAPAction': '"http://tempuri.org/Nope"'}),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + good, {}),
    ):
        answer = post(vnpt, body, **headers)
        assert answer.status_code == 500
        assert etree.fromstring(answer.content).find('.//faultstring') is not None
    assert post(vnpt, good, **{'Content-Type': 'application/json'}).status_code == 415
    assert post(vnpt, good, service='NopeService').status_code == 404
    address = vnpt.url('vnpt')
    assert requests.get(address + '/PublishService.asmx', timeout=60).status_code == 200
    assert requests.get(address + '/nobody/PublishService.asmx?wsdl',
                        timeout=60).status_code == 404


def test_required_convert_is_zeeps_business(client):
    arguments = client.complete('ImportAndPublishInv', {'xmlInvData': 'x'})
    del arguments['convert']
    _client, proxy = client.proxies['ImportAndPublishInv']
    with pytest.raises(zeep.exceptions.ValidationError):
        proxy.ImportAndPublishInv(**arguments)


# === ACCOUNTS === #

@pytest.mark.parametrize('changes, result', [
    ({'ACpass': 'no'}, 'ERR:1'), ({'Account': None}, 'ERR:1'),
    ({'Account': 'giomoi_xem'}, 'ERR:1'),
    ({'password': 'no'}, 'ERR:7'), ({'username': 'giomoi_admin'}, 'ERR:7'),
    ({'username': 'giolanhservice', 'password': 'Vnpt@2service'}, 'ERR:7'),
    ({'xmlInvData': 'garbage'}, 'ERR:3'),  # the test of a connection
    ({'pattern': '9/009'}, 'ERR:20'), ({'serial': 'C26TXX'}, 'ERR:20'),
    ({'serial': 'C25TAA'}, 'ERR:20'), ({'pattern': '1', 'serial': 'C26MMT'}, 'ERR:20'),
    ({'pattern': '', 'serial': ''}, 'ERR:35'), ({'serial': ''}, 'ERR:20'),
])
def test_accounts_and_series(vnpt, changes, result):
    client = Client(vnpt, host=False)
    arguments = {'xmlInvData': batch(fkey()), **changes}
    assert client.call('ImportAndPublishInv', **arguments) == result
    assert not vnpt.ledger('vnpt')


def test_customers_are_apart(vnpt):
    main, small = Client(vnpt), Client(vnpt, SMALL, serial='C26TBB')
    assert small.call('ImportAndPublishInv', xmlInvData=batch('K1'), pattern='',
                      serial='') == 'OK:1/001;C26TBB-K1_1'
    main.issue('K1')  # its own Fkeys
    foreign = small.given
    small.base = main.base
    assert Client(vnpt).call('ImportAndPublishInv', xmlInvData='x', **{
        k: foreign[k] for k in ('Account', 'ACpass')}) == 'ERR:1'


def test_portal_and_customers_know_the_technical_account_only(client):
    assert client.call('downloadInvPDFFkeyNoPay', fkey='x', userPass='no') == 'ERR:1'
    assert client.call('UpdateCus', XMLCusData='x', **{'pass': 'no'}) == -1


# === IMPORT AND ISSUE === #

def test_issue(vnpt, client):
    one, two, three = fkey(), fkey(), fkey()
    assert client.call('ImportAndPublishInv', xmlInvData=batch(one)) == (
        f'OK:1/001;C26TAA-{one}_1')
    assert client.call('ImportAndPublishInv', xmlInvData=batch(two, three)) == (
        f'OK:1/001;C26TAA-{two}_2,{three}_3')
    rows = vnpt.ledger('vnpt', 'issue_invoice')
    assert [(r['reference'], r['object_id']) for r in rows] == [
        (one, '1/001;C26TAA;0000001'), (two, '1/001;C26TAA;0000002'),
        (three, '1/001;C26TAA;0000003')]
    assert client.call('getCurrentNo') == '3'


def test_fkey_is_issued_once(vnpt, client):
    key = client.issue()
    assert client.refused(batch(key)) == 'ERR:13'
    other = fkey()
    assert client.refused(batch(other, other)) == 'ERR:13'
    assert len(vnpt.ledger('vnpt', 'issue_invoice')) == 1


def test_one_bad_invoice_refuses_the_batch(vnpt, client):
    good, bad = fkey(), fkey()
    xml = batch(good, bad).replace(f'<key>{bad}</key>', '<key/>')
    assert client.refused(xml) == 'ERR:3'
    assert not vnpt.ledger('vnpt')
    client.issue(good)


@pytest.mark.parametrize('old, new', [
    ('<DVTTe>VND</DVTTe>', ''), ('<Ten>Bán cho người tiêu dùng</Ten>', '<Ten/>'),
    ('<DChi>Hà Nội</DChi>', ''), ('<THHDVu>Áo thun</THHDVu>', ''),
    ('<TChat>1</TChat>', '<TChat>7</TChat>'), ('<TSuat>8</TSuat>', '<TSuat>7</TSuat>'),
    ('<TSuat>8</TSuat>', '<TSuat>8%</TSuat>'), ('>91667<', '>91,667<'),
    ('<ThTien>183334</ThTien>', '<ThTien>1.8e5</ThTien>'),
    ('<TgTTTBSo>198001</TgTTTBSo>', '<TgTTTBSo>198002</TgTTTBSo>'),
    ('<TgTThue>14667</TgTThue>', '<TgTThue>14668</TgTThue>'),
    ('<DGia>91667</DGia>', '<DGia>91660</DGia>'),
    ('<TThue>14667</TThue><TSThue>', '<TThue>14660</TThue><TSThue>'),
    ('<TgTTTBChu>Một trăm nghìn đồng</TgTTTBChu>', ''),
    ('<TChat>1</TChat><STT>1</STT>', '<STT>1</STT><TChat>1</TChat>'),
    ('<DSHDon>', '<Invoices>'), ('<DLHDon>', '<DLHDon '),
    ('<DSHDon>', '<?xml version="1.0"?><DSHDon>'),
])
def test_bad_xml(vnpt, client, old, new):
    xml = batch(fkey())
    assert old in xml
    changed = xml.replace(old, new)
    if old == '<DSHDon>' and 'Invoices' in new:
        changed = changed.replace('</DSHDon>', '</Invoices>')
    assert client.refused(changed) == 'ERR:3'
    assert not vnpt.ledger('vnpt')


def test_literal_cdata_is_no_xml(client):
    assert client.refused(f'<![CDATA[{batch(fkey())}]]>') == 'ERR:3'


def test_hostile_xml(client):
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]>' + batch(fkey())
    assert client.refused(bomb) == 'ERR:3'
    assert client.refused('<DSHDon>' * 5000) == 'ERR:3'
    assert client.refused('') == client.refused(None) == 'ERR:3'


def test_ampersands_survive_two_escapings(vnpt, client):
    key = client.accepted(buyer={'Ten': 'Công ty A & B <x>'})
    xml = etree.fromstring(client.call('downloadInvFkeyNoPay', fkey=key))
    assert xml.findtext('.//NMua/Ten') == 'Công ty A & B <x>'


@pytest.mark.parametrize('rate, name', [
    ('0', '0%'), ('5', '5%'), ('10', '10%'), ('-1', 'KCT'), ('-2', 'KKKNT')])
def test_rates_are_numbers(client, rate, name):
    key = client.accepted(lines=[line(rate=rate)])
    xml = etree.fromstring(client.call('downloadInvFkeyNoPay', fkey=key))
    assert xml.findtext('.//LTSuat/TSuat') == name


def test_rates_of_another_build(vnpt, client):
    vnpt.post('/vnpt/settings', {'rate_style': 'schema'})
    row = line(rate='10')
    client.issue(lines=[{**row, 'TSuat': '10%'}])
    row = line(quantity=1, price=100000, rate='0')
    client.issue(lines=[{**row, 'TSuat': 'KHAC:3.5%', 'TThue': 3500, 'TSThue': 103500}])
    assert client.refused(batch(fkey())) == 'ERR:3'


def test_promotions_discounts_notes(client):
    rows = [
        line(), line(0, 1, name='Quà', TChat=2, STT=2),
        {'TChat': 3, 'THHDVu': 'Chiết khấu', 'ThTien': 10000, 'TSuat': '8',
         'TThue': 800, 'TSThue': 10800},
        {'TChat': 4, 'THHDVu': 'Đơn hàng 2401'}]
    key = client.accepted(lines=rows)
    xml = etree.fromstring(client.call('downloadInvFkeyNoPay', fkey=key))
    assert xml.findtext('.//TgTTTBSo') == str(198001 - 10800)


def test_sales_invoice_has_no_rates(vnpt):
    client = Client(vnpt, pattern='2/001', serial='C26TSA')
    row = line(rate='0')
    del row['TSuat'], row['TThue'], row['TSThue']
    client.issue(lines=[row])
    assert client.refused(batch(fkey())) == 'ERR:3'


def test_numbers_end(vnpt):
    client = Client(vnpt, pattern='1/002', serial='C26TZZ')
    assert client.refused(batch(*[fkey() for _ in range(4)])) == 'ERR:6'
    client.issue()
    assert client.refused(batch(*[fkey() for _ in range(3)])) == 'ERR:6'


def test_certificate_dates_and_batches(vnpt, client):
    vnpt.post('/vnpt/settings', {'max_batch': 2})
    assert client.refused(batch(*[fkey() for _ in range(3)])) == 'ERR:10'
    assert client.refused(batch(fkey(), general={'NLap': '2026-07-16'})) == 'ERR:3'
    vnpt.post('/clock', {'advance': 86400})
    client.issue()
    assert client.refused(batch(fkey(), general={'NLap': '2026-07-15'})) == 'ERR:30'
    vnpt.post(f'/vnpt/tenants/{MAIN}/set', {'certificate': 'expired'})
    assert client.refused(batch(fkey())) == 'ERR:29'


def test_year_change(vnpt, client):
    client.issue()
    vnpt.post('/clock', {'now': '2027-01-01T00:10:00+07:00'})
    assert client.refused(batch(fkey())) == 'ERR:20'
    vnpt.post(f'/vnpt/tenants/{MAIN}/add_series', {
        'pattern': '1/001', 'serial': 'C27TAA'})
    client.serial = 'C27TAA'
    assert client.refused(batch('N1')) == 'OK:1/001;C27TAA-N1_1'


def test_assigned_numbers(client):
    def publish(number, key=None):
        xml = batch(key or fkey()).replace(
            '<TTChung>', f'<TTChung><SHDon>{number}</SHDon>')
        return client.refused(xml, 'ImportAndPublishAssignedNo')

    assert publish(5, 'K5') == 'OK:1/001;C26TAA-K5_5'
    assert publish(5) == 'ERR:21'
    assert publish(4) == publish('x') == publish('') == 'ERR:31'
    assert client.issue() and client.call('getCurrentNo') == '6'


def test_cash_register(vnpt):
    client = Client(vnpt, pattern='1', serial='C26MMT')
    xml = batch('K1').replace('</key>', '</key><MCCQT/>')
    result = client.refused(xml, 'ImportAndPublishInvMTT')
    head, _, code = result.rpartition('_')
    assert (head, len(code)) == ('OK:1;C26MMT-K1_1', 23)
    assert client.call('downloadInvPDFFkeyNoPay', fkey='K1').startswith('JVBERi')
    assert client.call('SendInvMTTFkey', lstFkey='K1', serialCert='').startswith('OK:V')
    assert [r['operation'] for r in vnpt.ledger('vnpt')] == [
        'issue_invoice', 'send_to_tax']


# === DRAFTS === #

def test_drafts(vnpt, client):
    assert client.refused(batch('D1', 'D2', 'D3'), 'ImportInvByPattern') == (
        'OK:1/001;C26TAA-D1,D2,D3')
    assert client.refused(batch('D1')) == 'ERR:13'
    assert client.call('downloadNewInvPDFFkey', fkey='D1').startswith('JVBERi')
    assert client.call('downloadInvPDFFkeyNoPay', fkey='D1') == 'ERR:6'
    assert client.call('deleteInvoiceByFkey', lstFkey='D3') == 'OK:D3'
    assert client.call('PublishInvFkey', lsFkey='D1') == 'ERR:6#||ERR:15#||OK:#D1_1'
    assert client.call('PublishInvFkey', lsFkey='D1_D2_D3') == (
        'ERR:6#D3||ERR:15#D1||OK:#D2_2')
    assert client.call('deleteInvoiceByFkey', lstFkey='D1') == 'ERR:9'
    client.refused(batch('D4'), 'ImportInvByPattern')
    index = vnpt.get('/vnpt/invoices/D4')['id']
    assert client.call('publishInv', invIDs={'int': [index]}) == (
        'OK:1/001;C26TAA-D4_3')
    client.refused(batch('D5'), 'ImportInvByPattern')
    assert vnpt.post('/vnpt/invoices/D5/sign')['number'] == 4


# === WHAT GOES WRONG === #

def test_crash_after_the_work(vnpt, client):
    vnpt.faults('vnpt', 'ImportAndPublishInv', 'crash')
    key = fkey()
    with pytest.raises(zeep.exceptions.Fault):
        client.refused(batch(key))
    assert client.refused(batch(key)) == 'ERR:13'
    assert '<invNum>1</invNum>' in client.call('listInvByCusFkey', key=key)


def test_other_faults(vnpt, client):
    vnpt.faults('vnpt', 'ImportAndPublishInv', 'refuse', key=5, text='System.Data.X')
    key = fkey()
    assert client.refused(batch(key)) == 'ERR:5 System.Data.X'
    assert client.call('listInvByCusFkey', key=key) == '<Data/>'
    vnpt.faults('vnpt', 'ImportAndPublishInv', 'empty_result')
    assert client.refused(batch(key)) is None
    assert client.refused(batch(key)) == 'ERR:13'
    vnpt.faults('vnpt', 'ImportAndPublishInv', 'lose_response')
    with pytest.raises(requests.ConnectionError):
        client.refused(batch(fkey()))
    assert len(vnpt.ledger('vnpt', 'issue_invoice')) == 2


def test_state_survives(tmp_path):
    import sandbox

    file = tmp_path / 'state.json'
    with sandbox.start(providers=['vnpt'], state=file) as sb:
        sb.post('/clock', {'now': '2026-07-15T09:30:15+07:00'})
        sb.post('/vnpt/reset')
        key = Client(sb).accepted()
    with sandbox.start(providers=['vnpt'], state=file) as sb:
        client = Client(sb)
        assert client.refused(batch(key)) == 'ERR:13'
        assert client.call('downloadInvFkeyNoPay', fkey=key).startswith('<HDon>')
        assert client.refused(batch('N2')) == 'OK:1/001;C26TAA-N2_2'


def test_garbage_never_crashes(vnpt, client):
    """Every tag of a good invoice emptied, doubled, filled with nonsense."""
    good = etree.fromstring(batch('G1'))
    for place, _node in enumerate(good.iter()):
        for change in ('', 'x', '-1', '9' * 40, '1e9', '\u00b2', None):
            root = etree.fromstring(batch(fkey()))
            node = list(root.iter())[place]
            if change is None:
                if node.getparent() is None:
                    continue
                node.getparent().append(etree.fromstring(etree.tostring(node)))
            else:
                node.text = change
                for child in node:
                    node.remove(child)
            result = client.refused(etree.tostring(root, encoding='unicode'))
            assert result.startswith(('OK:', 'ERR:'))
    for name in ('invFromNo', 'fromDate', 'fkey', 'invToken', 'lsFkey', 'fkeys'):
        for operation in client.proxies:
            if name in client.parameters(operation) and operation != 'deliverInvFkey':
                required = {
                    k: VALUES[type(e.type).__name__]
                    for k, e in client.parameters(operation).items()
                    if type(e.type).__name__ in VALUES and k not in client.given}
                client.call(operation, **required, **{name: '9;\u00b2;²'})
    assert not [c for c in vnpt.calls('vnpt') if c['verdict'] == 'crash']


def test_one_fkey_from_eight_threads(vnpt, client):
    xml, seen = batch('RACE'), []
    threads = [threading.Thread(target=lambda: seen.append(Client(vnpt).refused(xml)))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == ['ERR:13'] * 7 + ['OK:1/001;C26TAA-RACE_1']
    assert len(vnpt.ledger('vnpt', 'issue_invoice')) == 1
