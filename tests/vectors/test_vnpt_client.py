"""The recorded vectors of VNPT against our client, and what it sends."""

import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree

from odoo.addons.gtg_connector_base.lib.errors import (
    Blocked,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
)
from odoo.addons.gtg_connector_base.lib.money import dec
from odoo.addons.gtg_vn_einvoice.lib import amounts, document
from odoo.addons.gtg_vn_einvoice.providers.vnpt import (
    answers,
    client,
    const,
    mapping,
    soap,
)

from tests.pure import vnpt_wsdl

FILE = Path(__file__).parents[2].parent / 'shared' / 'vectors' / 'misa_vnpt.json'
if not FILE.exists():
    pytest.skip('no shared vectors here', allow_module_level=True)
VECTORS = [v for v in json.loads(FILE.read_text('utf-8'))
           if v['kind'].startswith('vnpt_')]


def vectors(kind, used=None):
    chosen = [v for v in VECTORS if v['kind'] == kind and (
        used is None or v['inputs']['operation'] in used)]
    assert chosen, kind
    return pytest.mark.parametrize('v', chosen, ids=[v['name'] for v in chosen])


def descriptions():
    services, results = defaultdict(dict), {}
    for v in VECTORS:
        if v['kind'] == 'vnpt_operation_signature':
            i, expected = v['inputs'], v['expected']
            services[i['service']][i['operation']] = [
                row[:3] for row in expected['params']]
            results[i['operation']] = expected['result'][1]
    return {name: vnpt_wsdl.build(name, rows, results)
            for name, rows in services.items()}


WSDLS = descriptions()


class Recorder:
    """Takes the place of the transport and keeps what was to be sent."""

    def __init__(self, content, status=200):
        self.answer = SimpleNamespace(status=status, content=content.encode(), headers={
            'Content-Type': 'text/xml; charset=utf-8'})
        self.calls = []

    def send(self, method, path, **options):
        self.calls.append({'method': method, 'path': path, **options})
        return self.answer


def envelope(operation, result):
    return (f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            f'<{operation}Response xmlns="http://tempuri.org/"><{operation}Result>'
            f'{result}</{operation}Result></{operation}Response></e:Body></e:Envelope>')


# === SOAP === #

def body_child(content):
    (child,) = etree.fromstring(content).find('{*}Body')
    return etree.tostring(child, method='c14n', exclusive=True).decode()


@vectors('vnpt_soap_request')
def test_request(v):
    i, expected = v['inputs'], v['expected']
    result = '0' if 'Cus' in i['operation'] else 'OK:'
    wire = Recorder(envelope(i['operation'], result))
    soap.call(wire, i['service'], WSDLS[i['service']], i['operation'], i['arguments'],
              safe=False)
    (call,) = wire.calls
    assert call['path'] == f'/{i["service"]}.asmx' and call['safe'] is False
    assert call['headers']['SOAPAction'].strip('"') == expected['soap_action']
    assert body_child(call['data']) == expected['body_child_c14n']


@vectors('vnpt_soap_response')
def test_response(v):
    i = v['inputs']
    arguments = {'convert': 0} if i['operation'] in (
        'ImportAndPublishInv', 'UpdateCus') else {}
    found = soap.call(
        Recorder(i['envelope'], i['http_status']), i['service'], WSDLS[i['service']],
        i['operation'], arguments, safe=False)
    value = v['expected']['value']
    assert found == ('' if value is None else str(value))


@vectors('vnpt_operation_signature', {
    *const.NEEDED[const.PUBLISH], *const.NEEDED[const.PORTAL], 'getSerialByPattern',
    'AdjustInvoiceAction', 'ReplaceInvoiceAction', 'GetInvViewByDate'})
def test_our_calls_have_the_parameters_of_the_server(v):
    """Servers ignore what they do not know, so a wrong name would stay unnoticed."""
    i, expected = v['inputs'], v['expected']
    wire = Recorder(envelope(i['operation'], ''))
    seller = client.VnptClient(wire, WSDLS, client.Login('a', 'b', 'c', 'd'))
    calls = {
        'ImportAndPublishInv': lambda: seller.publish('k', '1/001', 'C26TAA', 'x', False),
        'GetMCCQThueByFkeys': lambda: seller.tax_states('1/001', ['k']),
        'SendInvToCQTByFkeys': lambda: seller.send_to_tax('k', '1/001', 'C26TAA', False),
        'listInvByCusFkey': lambda: seller.find('k', '1/001', DAY, DAY),
        'downloadInvPDFFkeyNoPay': lambda: seller.file('k', 'pdf'),
        'downloadInvFkeyNoPay': lambda: seller.file('k', 'xml'),
        'getSerialByPattern': seller.templates,
        'GetInvViewByDate': lambda: seller.invoices('1/001', 'C26TAA', DAY, DAY),
        'AdjustInvoiceAction': lambda: correct(seller, 'adjust'),
        'ReplaceInvoiceAction': lambda: correct(seller, 'replace'),
    }
    try:
        calls[i['operation']]()
    except ConnectorError:
        pass  # an empty result means something else for each of them
    sent = etree.fromstring(wire.calls[0]['data']).find('{*}Body')[0]
    assert etree.QName(sent).localname == i['operation']
    assert [etree.QName(node).localname for node in sent] == [
        row[0] for row in expected['params']]
    minutes = {'AttachFile', 'Attachfile'}  # sent empty
    assert all(node.text or etree.QName(node).localname in minutes for node in sent)


def correct(seller, kind):
    return seller.correct(kind, 'k', 'k2', '1/001', 'C26TAA', 'x', False)


DAY = date(2026, 11, 20)


# === result strings === #

@vectors('vnpt_result_parse', {'ImportAndPublishInv', 'ImportAndPublishInvMTT'})
def test_result(v):
    raw, expected = v['inputs']['raw'], v['expected']
    if not expected['ok']:
        number, text = answers.error_of(raw)
        assert (number, text) == (expected['code'], expected.get('detail', ''))
        return
    register = v['inputs']['operation'].endswith('MTT')
    assert [
        {'pattern': item.pattern, 'serial': item.serial, 'fkey': item.fkey,
         'number': item.number, 'tax_code_id': item.tax_code or None}
        for item in answers.items(raw, register)] == expected['items']


@vectors('vnpt_result_parse', {'AdjustInvoiceAction'})
def test_result_of_a_correction(v):
    (item,) = v['expected']['items']
    issued = answers.corrected(v['inputs']['raw'], 'k2', item['serial'])
    assert (issued.number, issued.lookup_code) == (
        f'{item["serial"]}{item["number"]}', 'k2')


@vectors('vnpt_error_map', {'AdjustInvoiceAction'})
def test_errors_of_a_correction(v):
    with pytest.raises(Rejected) as caught:
        answers.corrected(f'ERR:{v["inputs"]["code"]}', 'k2', 'C26TAA')
    assert v['expected']['action'] == 'stop'
    assert caught.value.code in const.CORRECTED


@vectors('vnpt_error_map', {'ImportAndPublishInv'})
def test_errors_of_a_publish(v):
    expected = v['expected']
    with pytest.raises(ConnectorError) as caught:
        answers.published(f'ERR:{v["inputs"]["code"]}', 'k', 'C26TAA')
    unknown = expected['action'] in ('lookup_by_fkey', 'lookup_then_retry_same_fkey')
    blocked = v['inputs']['code'] in const.BLOCKED_ACCOUNT | const.BLOCKED_SERIES
    assert type(caught.value) is (
        OutcomeUnknown if unknown else Blocked if blocked else Rejected)


@vectors('vnpt_error_map', {'downloadInvPDFFkeyNoPay', 'getInvViewFkeyNoPay'})
def test_errors_of_downloads(v):
    """"Not yet" and "not found" are asked again, by the same call of ours."""
    wire = Recorder(envelope('downloadInvPDFFkeyNoPay', f'ERR:{v["inputs"]["code"]}'))
    seller = client.VnptClient(wire, WSDLS, client.Login('a', 'b', 'c', 'd'))
    assert seller.file('k', 'pdf') is None


@vectors('vnpt_tax_status')
def test_tax_states(v):
    found = answers.tax_states(v['inputs']['raw'])
    states = {'accepted': 'accepted', 'sent_waiting': 'pending', 'not_sent': 'pending',
              'rejected': 'rejected'}
    for row in v['expected']:
        issued = found[row['fkey']]
        assert issued.number == row['serial'] + row['number']
        assert issued.tax_code == (row['tax_code_id'] or '')
        assert issued.tax_state == states[row['state']]
        assert issued.unsent == (row['state'] == 'not_sent')
    assert len(found) == len(v['expected'])


@vectors('vnpt_list_parse')
def test_list(v):
    for expected, (item, status, issued) in zip(
            v['expected'], answers.listed(v['inputs']['raw']), strict=True):
        assert (item.pattern, item.serial, item.number) == (
            expected['pattern'], expected['serial'], expected['number'])
        assert (status == '1') == (expected['status'] == 'issued')
        assert issued.number == 'C26TAA17'
        assert issued.issued_at.isoformat() == '2026-11-20T10:15:00+07:00'


# === XML === #

@vectors('vnpt_xml_build')
def test_xml(v):
    (i,) = v['inputs']['invoices']
    seller = mapping.Seller(*(i['seller'][name] for name in ('Ten', 'MST', 'DChi')))
    lines = tuple(document.Line(
        row['name'], amounts.from_parts(
            dec(row['amount']), dec(row['tax']), dec(0), dec(row['qty']),
            dec(row['price'])),
        f'{row["rate"]}%', row.get('code', ''), row['unit'])
        for row in i['lines'] if row.get('tchat') != 4)  # we print no notes
    party = i['buyer']
    company = 'MST' in party
    doc = document.Document(
        i['key'], '1', 'C26TAA', '1/001', document.Buyer(
            'company' if company else 'consumer', legal_name=party['Ten'],
            tax_code=party.get('MST', ''), address=party['DChi']),
        lines, payment_method=i['payment'])
    expected = etree.fromstring(v['expected']['c14n'])
    for note in expected.xpath('//HHDVu[TChat=4] | //MKHang | //HVTNMHang'):
        note.getparent().remove(note)  # no customer codes, consumers have no name
    found = etree.fromstring(mapping.xml(doc, seller))
    assert etree.tostring(found, method='c14n') == etree.tostring(expected, method='c14n')
