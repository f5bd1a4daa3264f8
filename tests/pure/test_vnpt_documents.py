"""VNPT: random invoices add up in its XML, sick servers and hostile XML prove nothing."""

import base64
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Retryable,
)
from odoo.addons.gtg_vn_einvoice.lib import amounts, document
from odoo.addons.gtg_vn_einvoice.providers.vnpt import (
    answers,
    client,
    const,
    mapping,
)

from . import vnpt_wsdl

REF = '3cd0b3b0-3392-56eb-aee4-c7cb224e9486'
KEY = REF.replace('-', '')
SELLER = mapping.Seller('Công ty TNHH Gió Mới', '0312345678', '12 Lê Lợi')
STAFF = ['Account', 'ACpass', 'username', 'password']
PORTAL = ['userName', 'userPass']


def operations(**names):
    return {name: [(row, 'int' if row == 'convert' else 'string', row == 'convert')
                   for row in rows] for name, rows in names.items()}


IMPORT = ['Account', 'ACpass', 'xmlInvData', 'username', 'password', 'pattern',
          'serial', 'convert']
WSDLS = {
    const.PUBLISH: vnpt_wsdl.build(const.PUBLISH, operations(
        ImportAndPublishInv=IMPORT, ImportAndPublishInvMTT=IMPORT,
        GetMCCQThueByFkeys=[*STAFF, 'pattern', 'fkeys'],
        SendInvToCQTByFkeys=[*STAFF, 'pattern', 'fkeys'])),
    const.BUSINESS: vnpt_wsdl.build(const.BUSINESS, operations(
        getSerialByPattern=[*PORTAL, 'pattern'])),
    const.PORTAL: vnpt_wsdl.build(const.PORTAL, operations(
        listInvByCusFkey=['key', 'fromDate', 'toDate', *PORTAL],
        downloadInvPDFFkeyNoPay=['fkey', *PORTAL],
        downloadInvFkeyNoPay=['fkey', *PORTAL])),
}


class Server:
    """Takes the place of the transport: answers by operation."""

    def __init__(self, status=200, content=None, **results):
        self.status, self.content, self.results = status, content, results
        self.calls = []

    def send(self, method, path, headers=None, data=None, safe=False):
        self.calls.append((method, path, safe))
        if method == 'GET':
            return SimpleNamespace(status=self.status, headers={}, content=self.content)
        operation = headers['SOAPAction'].strip('"').rpartition('/')[2]
        content = self.content
        if content is None:
            node = etree.Element(f'{{{const.NAMESPACE}}}{operation}Result')
            node.text = self.results[operation]
            inner = etree.tostring(node).decode()
            content = (
                '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
                f'<{operation}Response xmlns="{const.NAMESPACE}">{inner}'
                f'</{operation}Response></e:Body></e:Envelope>').encode()
        return SimpleNamespace(status=self.status, content=content,
                               headers={'Content-Type': 'text/xml; charset=utf-8'})


def seller(server):
    return client.VnptClient(server, WSDLS, client.Login('staff', 'p1', 'svc', 'p2'))


def publish(server, register=False):
    return seller(server).publish(KEY, '1/001', 'C26TAA', '<DSHDon/>', register)


# === bodies === #

@st.composite
def lines(draw):
    found = []
    for number in range(draw(st.integers(1, 12))):
        rate = draw(st.sampled_from(list(amounts.PERCENT)))
        price = draw(st.integers(1, 50_000_000))
        quantity = draw(st.sampled_from([Decimal(1), Decimal(3), Decimal('0.5')]))
        percent = draw(st.sampled_from([0, 0, 10, Decimal('33.33'), 100]))
        sign = -1 if number and draw(st.booleans()) else 1
        discount = (price * quantity * percent / 100).quantize(Decimal(1), ROUND_FLOOR)
        found.append(document.Line(f'Hàng & {number}', amounts.included_line(
            sign * price, quantity, rate, sign * discount), rate))
    return found


def make(rows, **values):
    return document.Document(**{
        'reference': REF, 'form': '1', 'series': 'C26TAA', 'template': '1/001',
        'buyer': document.Buyer('consumer'), 'lines': tuple(rows), **values})


@given(lines(), st.sampled_from(['item_discount', 'discount_line']))
def test_xml_adds_up(rows, style):
    doc = make(rows)
    root = etree.fromstring(mapping.xml(doc, SELLER, style, 'text'))
    net = tax = Decimal(0)
    for row in root.iter('HHDVu'):
        sign = {'1': 1, '2': 0, '3': -1}[row.findtext('TChat')]
        after, vat = Decimal(row.findtext('ThTien')), Decimal(row.findtext('TThue'))
        assert after >= 0 and vat >= 0
        assert Decimal(row.findtext('TSThue')) == after + vat
        assert abs(after * amounts.PERCENT[row.findtext('TSuat')] / 100 - vat) < 1
        if sign == 1:
            gross = Decimal(row.findtext('SLuong')) * Decimal(row.findtext('DGia'))
            assert abs(gross - Decimal(row.findtext('STCKhau') or 0) - after) < 1
        net, tax = net + sign * after, tax + sign * vat
    total = root.find('.//TToan')
    assert Decimal(total.findtext('TgTCThue')) == net == doc.net
    assert Decimal(total.findtext('TgTThue')) == tax == doc.tax
    assert Decimal(total.findtext('TgTTTBSo')) == doc.total
    by_rate = [(node.findtext('TSuat'), Decimal(node.findtext('ThTien')))
               for node in total.iter('LTSuat')]
    assert sum(value for _rate, value in by_rate) == net
    assert len(dict(by_rate)) == len(by_rate)
    assert total.findtext('TgTTTBChu').endswith('đồng')


def test_sales_invoice_and_cash_register():
    line = document.Line('Hàng\x0b1', amounts.from_parts(
        Decimal(1000), Decimal(0), Decimal(0), Decimal(2)), None)
    root = etree.fromstring(mapping.xml(
        make([line], form='2', series='C26MBB', template='2'), SELLER))
    assert not [tag for tag in ('TSuat', 'TThue', 'THTTLTSuat', 'TgTThue')
                if root.find(f'.//{tag}') is not None]
    assert root.find('HDon/MCCQT') is not None
    assert root.findtext('.//THHDVu') == 'Hàng 1'
    assert root.findtext('.//key') == KEY


@pytest.mark.parametrize('with_email', [True, False])
def test_mail_address_only_where_vnpt_shall_mail(with_email):
    party = document.Buyer('company', legal_name='A', tax_code='0101243150',
                           address='Huế', email='a@b.vn', name='Bà Hoa')
    root = etree.fromstring(mapping.xml(make([], buyer=party), SELLER,
                                        with_email=with_email))
    assert (root.findtext('.//NMua/DCTDTu') == 'a@b.vn') == with_email
    assert root.findtext('.//NMua/HVTNMHang') == 'Bà Hoa'


# === a sick server === #

FAULT = (b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
         b'<e:Fault><faultcode>e:Server</faultcode><faultstring>crash</faultstring>'
         b'</e:Fault></e:Body></e:Envelope>')
SICK = [
    (500, FAULT), (200, FAULT), (502, b'<html><body>Bad gateway</body></html>'),
    (200, b''), (200, b'<html/>'), (200, b'not XML'), (503, b''), (200, FAULT[:60]),
    (200, b'<!DOCTYPE x [<!ENTITY e "x">]>' + FAULT),
]


@pytest.mark.parametrize('status, content', SICK)
def test_nothing_certain_is_unknown(status, content):
    with pytest.raises(OutcomeUnknown):
        publish(Server(status, content))
    with pytest.raises(Retryable):
        seller(Server(status, content)).tax_states('1/001', [KEY])


def test_throttled():
    with pytest.raises(RateLimited):
        publish(Server(429, b''))


@pytest.mark.parametrize('result, error', [
    ('', OutcomeUnknown), ('ERR:', OutcomeUnknown), ('ERR:5 System.Data', OutcomeUnknown),
    ('ERR:13', OutcomeUnknown), ('ERR:1', AuthExpired), ('ERR:7', AuthExpired),
    ('ERR:3', Rejected), ('ERR:30', Rejected), ('ERR:999', Rejected),
    ('OK:', OutcomeUnknown), ('OK:1/001;C26TAA-another_17', OutcomeUnknown),
    (f'OK:1/001;C26TAA-{KEY}_x', OutcomeUnknown), ('hello', OutcomeUnknown),
    (f'OK:1/001;C26TBB-{KEY}_17', OutcomeUnknown),
])
def test_results_of_a_publish(result, error):
    with pytest.raises(ConnectorError) as caught:
        publish(Server(ImportAndPublishInv=result))
    assert type(caught.value) is error
    assert error is not Rejected or caught.value.hint.endswith('.')


def test_issued():
    issued = publish(Server(ImportAndPublishInv=f'OK:1/001;C26TAA-x_y_16,{KEY}_17'))
    assert (issued.number, issued.tax_code) == ('C26TAA17', '')
    code = 'M1-26-43836-00600000009'
    issued = publish(Server(
        ImportAndPublishInvMTT=f'OK:1;C26TAA-{KEY}_9_{code}'), register=True)
    assert (issued.number, issued.tax_code) == ('C26TAA9', code)


def test_a_call_that_the_server_lacks_is_never_sent():
    server = Server()
    with pytest.raises(Rejected, match='does not offer'):
        seller(server).send_to_tax(KEY, '1', 'C26MAA', True)
    assert not server.calls


@given(st.text(max_size=60) | st.text('OK:ER;-_,0159 ', max_size=30))
def test_fuzzed_results_never_mean_success(result):
    with pytest.raises(ConnectorError):
        answers.published(result, KEY, 'C26TAA')


# === look-up === #

def states(*rows):
    text = ''.join(
        f'<HDon><KHMSHDon>1</KHMSHDon><KHHDon>C26TAA</KHHDon><SHDon>{number}</SHDon>'
        f'<MCCQThue>{code}</MCCQThue><TThai>{state}</TThai><MTLoi/><Fkey>{KEY}</Fkey>'
        '</HDon>' for number, code, state in rows)
    return base64.b64encode(f'<DSHDon>{text}</DSHDon>'.encode()).decode()


def listing(*rows):
    return '<Data>' + ''.join(
        '<Item><publishDate>20/11/2026 10:15:00</publishDate><pattern>1/001</pattern>'
        f'<serial>C26TAA</serial><invNum>{number}</invNum><status>{status}</status>'
        '</Item>' for number, status in rows) + '</Data>'


def find(**results):
    day = date(2026, 11, 20)
    return seller(Server(**results)).find(KEY, '1/001', day, day)


def test_found_in_both():
    found = find(listInvByCusFkey=listing(('0000017', 1)),
                 GetMCCQThueByFkeys=states(('17', 'CODE', 2)))
    assert (found.number, found.tax_code, found.tax_state) == (
        'C26TAA17', 'CODE', 'accepted')
    assert found.issued_at.isoformat() == '2026-11-20T10:15:00+07:00'


@pytest.mark.parametrize('listed, asked', [
    (listing(('17', 1)), ''), (listing(('17', 1)), 'ERR:2'),
    ('ERR:6', states(('17', '', 0))), ('', states(('17', '', 0))),
    ('OK:' + listing(('17', 1)), states()),
])
def test_one_of_the_two_is_enough(listed, asked):
    found = find(listInvByCusFkey=listed, GetMCCQThueByFkeys=asked)
    assert (found.number, found.lookup_code) == ('C26TAA17', KEY)


@pytest.mark.parametrize('listed', ['', 'ERR:6', listing(), 'OK:<Data></Data>'])
def test_missing_in_both_is_not_there(listed):
    assert find(listInvByCusFkey=listed, GetMCCQThueByFkeys='') is None


@pytest.mark.parametrize('listed, error', [
    (listing(('0', 0)), Rejected), ('ERR:5', Retryable), ('<Data', Retryable),
    ('ERR:1', AuthExpired), ('<!DOCTYPE a><Data/>', Retryable),
])
def test_what_cannot_be_told_is_no_miss(listed, error):
    with pytest.raises(error):
        find(listInvByCusFkey=listed, GetMCCQThueByFkeys='')


@pytest.mark.parametrize('result', ['ERR:12', 'ERR:13', 'ERR:6', ''])
def test_files_come_later(result):
    assert seller(Server(downloadInvFkeyNoPay=result)).file(KEY, 'xml') is None


def test_files():
    pdf = base64.b64encode(b'%PDF-1.4' + bytes(20_000_000)).decode()  # > libxml2's text
    assert seller(Server(downloadInvPDFFkeyNoPay=pdf)).file(KEY, 'pdf')[:4] == b'%PDF'
    xml = '\ufeff<HDon><!-- & --></HDon>'
    assert seller(Server(downloadInvFkeyNoPay=xml)).file(KEY, 'xml')[:6] == b'<HDon>'
    with pytest.raises(Rejected):
        seller(Server(downloadInvFkeyNoPay='neither')).file(KEY, 'xml')


# === connection === #

@pytest.mark.parametrize('result, error', [
    ('ERR:3', None), ('ERR:20', None), ('ERR:35', None), ('ERR:1', AuthExpired),
    ('ERR:7', AuthExpired), ('', Rejected), ('ERR:5', OutcomeUnknown),
])
def test_garbage_proves_the_logins(result, error):
    call = seller(Server(ImportAndPublishInv=result))
    if not error:
        assert call.check('1/001', 'C26TAA') is None
    else:
        with pytest.raises(error):
            call.check('1/001', 'C26TAA')


def test_series_in_any_shape():
    found = seller(Server(getSerialByPattern='OK:C26TAA;K26TBB#AB/12E')).templates()
    assert {row.series for row in found} == {'C26TAA', 'K26TBB'}
    assert [row.template for row in found][::2] == list(const.PATTERNS)
    assert seller(Server(getSerialByPattern='ERR:20')).templates() == []


@pytest.mark.parametrize('status, content, error', [
    (200, b'<html/>', Rejected), (200, b'', Rejected), (404, b'', Rejected),
    (503, b'', Retryable),
    (200, WSDLS[const.PORTAL], Rejected),
    (200, b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + WSDLS[const.PUBLISH], Rejected),
    (200, WSDLS[const.PUBLISH].replace(
        b'<wsdl:types>', b'<wsdl:import namespace="x" location="http://evil.example/x"/>'
        b'<wsdl:types>'), Rejected),
    (200, WSDLS[const.PUBLISH].replace(
        b'<s:complexType name="ArrayOfInt">',
        b'<s:include schemaLocation="file:///etc/passwd"/>'
        b'<s:complexType name="ArrayOfInt">'), Rejected),
    (200, vnpt_wsdl.build(const.PUBLISH, operations(ImportAndPublishInv=IMPORT)),
     Rejected),
])
def test_descriptions_that_are_not_taken(status, content, error):
    with pytest.raises(error):
        client.fetch_wsdl(Server(status, content), const.PUBLISH)


def test_description_is_read_once_and_the_address_in_it_is_ignored():
    server = Server(200, WSDLS[const.PUBLISH])
    assert client.fetch_wsdl(server, const.PUBLISH) == WSDLS[const.PUBLISH]
    server = Server(ImportAndPublishInv=f'OK:1/001;C26TAA-{KEY}_1')
    publish(server)
    assert server.calls == [('POST', '/PublishService.asmx', False)]


def test_every_hint_says_what_to_do():
    assert all(text.endswith('.') for text in const.HINTS.values())


# === lists === #

class Busy(Server):
    """Ten invoices on each day, and only so many in one list."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def send(self, method, path, headers=None, data=None, safe=False):
        root = etree.fromstring(data)
        first, last = (datetime.strptime(root.findtext(f'.//{{*}}{name}'), '%d/%m/%Y')
                       for name in ('fromDate', 'toDate'))
        days = (last - first).days + 1
        self.asked.append(days)
        self.results = {'GetInvViewByDate': 'ERR:10' if days * 10 > self.most else ''.join(
            ['<Data>', *(
                f'<Item><pattern>1/001</pattern><serial>C26TAA</serial><invNum>{number}'
                f'</invNum><amount>1000</amount><status>1</status><publishDate>'
                f'{first:%d/%m/%Y} 10:00:00</publishDate><cusname>A</cusname></Item>'
                for number in range(first.day * 10, (first.day + days) * 10)),
             '</Data>'])}
        return super().send(method, path, headers, data, safe)


@pytest.mark.parametrize('most', [10, 35, 100])
def test_lists_are_asked_in_pieces(most):
    server = Busy()
    server.most = most
    wsdls = {const.PORTAL: vnpt_wsdl.build(const.PORTAL, operations(
        GetInvViewByDate=[*PORTAL, 'pattern', 'serial', 'fromDate', 'toDate']))}
    caller = client.VnptClient(server, wsdls, client.Login('staff', 'p1', 'svc', 'p2'))
    found = caller.invoices('1/001', 'C26TAA', date(2026, 11, 1), date(2026, 11, 9))
    assert [row.number for row in found] == [f'C26TAA{n}' for n in range(10, 100)]
    assert max(server.asked) == 7 and found[0].issued_at.date() == date(2026, 11, 1)
    server.most = 5
    with pytest.raises(Rejected):
        caller.invoices('1/001', 'C26TAA', date(2026, 11, 1), date(2026, 11, 1))
