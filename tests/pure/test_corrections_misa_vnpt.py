"""Adjustments and replacements at MISA and VNPT: random ones add up, the original is
named, nothing uncertain counts as done."""

from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
)
from odoo.addons.gtg_vn_einvoice.lib import amounts, document
from odoo.addons.gtg_vn_einvoice.providers.misa import answers as misa_answers
from odoo.addons.gtg_vn_einvoice.providers.misa import const as misa_const
from odoo.addons.gtg_vn_einvoice.providers.misa import mapping as misa
from odoo.addons.gtg_vn_einvoice.providers.vnpt import client, const
from odoo.addons.gtg_vn_einvoice.providers.vnpt import mapping as vnpt

from . import vnpt_wsdl
from .test_vnpt_documents import KEY, REF, SELLER, Server, operations

NOTE = 'Điều chỉnh cho hóa đơn…. Trả hàng'
OLD = '11111111-3392-56eb-aee4-c7cb224e9486'
ORIGINAL = document.Original(
    '1', 'C26TAA', '1/001', 'C26TAA41', datetime(2026, 11, 19, 18, tzinfo=timezone.utc),
    reference=OLD, lookup_code='A7Q2ZK81MB0X')
PARAMETERS = ['Account', 'ACpass', 'xmlInvData', 'username', 'pass', 'fkey']
LAST = ['convert', 'pattern', 'serial']
CORRECTIONS = operations(
    AdjustInvoiceAction=[*PARAMETERS, 'AttachFile', *LAST],
    ReplaceInvoiceAction=[*PARAMETERS, 'Attachfile', *LAST],
    AdjustInvMTT=[*PARAMETERS, 'AttachFile', *LAST, 'OldPattern'],
    ReplaceInvMTT=[*PARAMETERS, 'AttachFile', *LAST, 'OldPattern'])


def make(kind, lines, **values):
    return document.Document(**{
        'reference': REF, 'form': '1', 'series': 'C26TAA', 'template': '1/001',
        'buyer': document.Buyer('consumer'), 'lines': tuple(lines),
        'correction': document.Correction(
            kind, ORIGINAL, 'Điều chỉnh cho hóa đơn…', 'Trả hàng'), **values})


@st.composite
def changes(draw, signs=(-1, 1)):
    found = []
    for number in range(draw(st.integers(1, 10))):
        rate = draw(st.sampled_from(list(amounts.PERCENT)))
        price = draw(st.integers(1, 50_000_000))
        quantity = draw(st.sampled_from([Decimal(1), Decimal(3), Decimal('0.5')]))
        sign = draw(st.sampled_from(signs))
        line = amounts.included_line(price, quantity, rate)
        found.append(document.Line(f'Hàng {number}', amounts.Amounts(
            line.unit_price, sign * line.quantity, Decimal(0), sign * line.after,
            sign * line.tax), rate))
    return found


# === MISA === #

@given(changes())
def test_misa_changes_add_up_with_their_signs(lines):
    doc = make('adjust', lines)
    body = misa.invoice(doc)
    for row, line in zip(body['OriginalInvoiceDetail'], doc.lines, strict=True):
        assert row['UnitPrice'] >= 0 and row['DiscountAmountOC'] == 0
        assert abs(row['Quantity'] * row['UnitPrice'] - row['AmountOC']) < 1
        assert row['AmountWithoutVATOC'] == row['Amount'] == line.amounts.after
        assert row['VATAmountOC'] == row['VATAmount'] == line.amounts.tax
    assert body['TotalSaleAmountOC'] == body['TotalAmountWithoutVAT'] == doc.net
    assert (body['TotalVATAmountOC'], body['TotalAmountOC']) == (doc.tax, doc.total)
    assert {(row['VATRateName'], row['AmountWithoutVATOC'], row['VATAmountOC'])
            for row in body['TaxRateInfo']} == set(doc.rates)
    assert body['TotalAmountInWords'].startswith('Âm ') == (doc.total < 0)
    draft = misa.web_invoice(doc)
    assert draft['TotalAmountOC'] == doc.total
    assert [row['AmountOC'] for row in draft['InvoiceDetails']] == [
        line.amounts.after for line in doc.lines]


@pytest.mark.parametrize('kind, reference, web', [('replace', 1, 3), ('adjust', 2, 4)])
def test_misa_names_the_original(kind, reference, web):
    doc = make(kind, [])
    body, draft = misa.invoice(doc), misa.web_invoice(doc)
    named = {'OrgInvTemplateNo': '1', 'OrgInvSeries': 'C26TAA', 'OrgInvNo': '00000041'}
    # one o'clock at night in Vietnam
    expected = {**named, 'ReferenceType': reference, 'OrgInvoiceType': 1,
                'OrgInvDate': '2026-11-20', 'InvoiceNote': NOTE, 'RefID': REF}
    assert {name: body[name] for name in expected} == expected
    expected = {**named, 'EInvoiceStatus': web, 'OrgRefID': OLD, 'ChangeReason': NOTE,
                'OrgTransactionID': ORIGINAL.lookup_code,
                'OrgInvDate': '2026-11-20T00:00:00+07:00'}
    assert {name: draft[name] for name in expected} == expected


def test_misa_originals_name_nothing():
    doc = make('adjust', [], correction=None)
    assert not [name for name in misa.invoice(doc) if name.startswith(('Org', 'Ref'))
                and name != 'RefID' and name != 'OriginalInvoiceDetail']
    assert misa.web_invoice(doc)['EInvoiceStatus'] == 1


@pytest.mark.parametrize('code', [
    *misa_const.CORRECTED_CODES, 'InvoiceCannotReplaceByStatusNew'])
def test_misa_refusals_say_what_to_do(code):
    error = misa_answers.refusal((code,), code, 200)
    assert isinstance(error, Rejected) and error.code == code
    assert error.hint != misa_const.DEFAULT_HINT


# === VNPT === #

def sums(root):
    return tuple(Decimal(root.findtext(f'.//TToan/{name}')) for name in (
        'TgTCThue', 'TgTThue', 'TgTTTBSo'))


@given(st.sampled_from([(-1,), (1,), (-1, 1)]).flatmap(changes))
def test_vnpt_changes_add_up_by_their_type(lines):
    doc = make('adjust', lines)
    root = etree.fromstring(vnpt.xml(doc, SELLER, rate_style='text'))
    raised = {line.amounts.after > 0 for line in lines}
    kind = '6' if len(raised) > 1 else '2' if raised == {True} else '3'
    assert (root.tag, root.findtext('key'), root.findtext('Type')) == (
        'DieuChinhHD', KEY, kind)
    assert [node.tag for node in root] == ['key', 'Type', 'TTChung', 'NDHDon']
    sign = -1 if kind == '3' else 1
    assert sums(root) == (sign * doc.net, sign * doc.tax, sign * doc.total)
    for row, line in zip(root.iter('HHDVu'), lines, strict=True):
        after, tax = Decimal(row.findtext('ThTien')), Decimal(row.findtext('TThue'))
        assert (after, tax) == (sign * line.amounts.after, sign * line.amounts.tax)
        assert kind == '6' or min(after, tax) >= 0
        assert row.findtext('TChat') == '1' and '-0' not in (
            row.findtext('TThue'), row.findtext('ThTien'))
        assert abs(Decimal(row.findtext('SLuong')) * Decimal(row.findtext('DGia'))
                   - after) < 1
    assert kind == '6' or not root.findtext('.//TgTTTBChu').startswith('Âm')


@pytest.mark.parametrize('sign, kind', [(-1, '3'), (1, '2')])
def test_vnpt_discounts_go_back_with_the_goods(sign, kind):
    goods, discount = (document.Line(name, amounts.Amounts(
        Decimal(price), Decimal(signed), Decimal(0), Decimal(signed * price),
        Decimal(signed * price // 10)), '10%', trade_discount=price < 100)
        for name, price, signed in (('Áo', 100, sign), ('Voucher', 30, -sign)))
    doc = make('adjust', [goods, discount])
    root = etree.fromstring(vnpt.xml(doc, SELLER))
    assert root.findtext('Type') == kind
    assert [(row.findtext('TChat'), row.findtext('ThTien'), row.findtext('TThue'))
            for row in root.iter('HHDVu')] == [('1', '100', '10'), ('3', '30', '3')]
    assert sums(root) == (70, 7, 77)
    other = make('adjust', [goods, replace(discount, trade_discount=False)])
    assert etree.fromstring(vnpt.xml(other, SELLER)).findtext('Type') == '6'


def test_vnpt_replacement_is_complete():
    line = document.Line('Áo', amounts.included_line(109000, 2, '8%', 18000), '8%')
    doc = make('replace', [line])
    root = etree.fromstring(vnpt.xml(doc, SELLER))
    assert [node.tag for node in root] == ['key', 'TTChung', 'NDHDon']
    assert root.tag == 'ThayTheHD' and sums(root)[2] == 200000
    assert root.findtext('.//STCKhau')


def test_vnpt_cash_register_tells_the_reason():
    root = etree.fromstring(vnpt.xml(make('replace', [], series='C26MAA'), SELLER))
    assert root.findtext('LDo') == 'Trả hàng' and root.find('MCCQT') is not None


def correct(result, kind='adjust', register=False):
    (operation, _minutes) = const.CORRECT[kind, register]
    wsdls = {const.BUSINESS: vnpt_wsdl.build(const.BUSINESS, CORRECTIONS)}
    server = Server(**{operation: result})
    seller = client.VnptClient(server, wsdls, client.Login('staff', 'p1', 'svc', 'p2'))
    try:
        return seller.correct(kind, 'OLD', KEY, '1/001', 'C26TAA', '<x/>', register)
    finally:
        assert [call[1:] for call in server.calls] == [('/BusinessService.asmx', False)]


@pytest.mark.parametrize('kind', ['adjust', 'replace'])
def test_vnpt_numbers_of_corrections(kind):
    issued = correct('OK: 1/001;C26TAA;0000042', kind)
    assert (issued.number, issued.lookup_code) == ('C26TAA42', KEY)
    issued = correct(f'OK: 1/001;C26TAA-{KEY}_42_M1-26-1', kind, register=True)
    assert (issued.number, issued.tax_code) == ('C26TAA42', 'M1-26-1')


@pytest.mark.parametrize('register', [False, True])
@pytest.mark.parametrize('result, error', [
    ('', OutcomeUnknown), ('ERR:', OutcomeUnknown), ('ERR:5 x', OutcomeUnknown),
    ('ERR:13', OutcomeUnknown), ('ERR:21', OutcomeUnknown), ('ERR:1', AuthExpired),
    ('ERR:2', Rejected), ('ERR:8', Rejected), ('ERR:9', Rejected), ('ERR:61', Rejected),
    ('OK:', OutcomeUnknown), ('OK: 1/001;C26TBB;0000042', OutcomeUnknown),
    ('OK: 1/001;C26TAA;0', OutcomeUnknown), ('OK: 1/001;C26TAA;x', OutcomeUnknown),
    ('OK: 1/001;C26TAA;0000042;9', OutcomeUnknown), ('hello', OutcomeUnknown),
])
def test_vnpt_results_of_corrections(result, error, register):
    with pytest.raises(ConnectorError) as caught:
        correct(result, register=register)
    assert type(caught.value) is error
    if error is Rejected:
        assert caught.value.text != f'ERR:{caught.value.code}' and caught.value.hint
