"""The seller's note and the words of corrections reach each provider whole."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from odoo.addons.gtg_vn_einvoice.lib import amounts, document
from odoo.addons.gtg_vn_einvoice.providers.misa import mapping as misa
from odoo.addons.gtg_vn_einvoice.providers.sinvoice import mapping as sinvoice
from odoo.addons.gtg_vn_einvoice.providers.vnpt import mapping as vnpt

from .test_corrections_misa_vnpt import make as corrected
from .test_vnpt_documents import REF, SELLER

LINE = document.Line('Áo', amounts.included_line(
    Decimal(108000), Decimal(1), '8%'), '8%')
PLAIN = document.Document(
    REF, '1', 'C26TAA', '1/0b9a', document.Buyer('consumer'), (LINE,), note='Đã giảm 20%')


def test_sinvoice_prints_it_as_the_note():
    general = sinvoice.payload(PLAIN)['generalInvoiceInfo']
    assert general['invoiceNote'] == 'Đã giảm 20%'
    made = corrected('replace', [LINE], note='Đã giảm 20%')
    made = replace(made, correction=replace(
        made.correction, agreed_on=date(2026, 11, 20)))
    general = sinvoice.payload(made)['generalInvoiceInfo']
    assert general['invoiceNote'] == 'Điều chỉnh cho hóa đơn…. Đã giảm 20%'


@pytest.mark.parametrize('made', [
    PLAIN, corrected('replace', [LINE], note='Đã giảm 20%')])
def test_misa_prints_it_as_the_last_line_without_amounts(made):
    bare = replace(made, note='')
    body, without = misa.invoice(made), misa.invoice(bare)
    assert body.pop('OriginalInvoiceDetail') == [
        *without.pop('OriginalInvoiceDetail'),
        {'ItemType': 4, 'SortOrder': None, 'LineNumber': 2, 'ItemName': 'Đã giảm 20%'}]
    assert body == without
    draft, without = misa.web_invoice(made), misa.web_invoice(bare)
    assert draft.pop('InvoiceDetails') == [*without.pop('InvoiceDetails'), {
        'InventoryItemType': 3, 'SortOrder': 2, 'SortOrderView': None,
        'Description': 'Đã giảm 20%'}]
    assert draft == without


@pytest.mark.parametrize('made', [
    PLAIN, corrected('replace', [LINE], note='Đã giảm 20%')])
def test_vnpt_prints_it_as_a_note_line(made):
    root = etree.fromstring(vnpt.xml(made, SELLER))
    rows = [(row.findtext('TChat'), row.findtext('THHDVu'), len(row))
            for row in root.iter('HHDVu')]
    assert rows[1:] == [('4', 'Đã giảm 20%', 2)]
    assert root.findtext('.//TgTTTBSo') == '108000'
