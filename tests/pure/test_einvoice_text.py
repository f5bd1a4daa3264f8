import pytest

from odoo.addons.gtg_vn_einvoice.lib import symbol
from odoo.addons.gtg_vn_einvoice.lib.text import one_line
from odoo.addons.gtg_vn_einvoice.providers.vnpt import answers


def test_one_line():
    assert one_line('  Áo\tthun\n  cổ tròn ') == 'Áo thun cổ tròn'
    assert one_line('a\x00b\x07c\x1bd\x85e') == 'abcde'
    assert one_line('\u202egnud oẹrT\u202c\u2066x\u2069\ufeff') == 'gnud oẹrTx'
    assert one_line('<b>&"\'') == '<b>&"\''
    assert one_line(None) == one_line('') == ''


def test_symbols_may_end_with_digits():
    assert symbol.parse_symbol('1C26TA1').suffix == 'A1'
    assert symbol.split_number('C26TA100000023') == ('C26TA1', 23)
    assert symbol.split_number('C26T1223') == ('C26T12', 23)
    assert answers.serials('<s>C26TA1</s><s>C26TAA</s>') == ['C26TA1', 'C26TAA']
    for wrong in ('C26TA', 'C26TAAA', 'C26Taa1', 'AA/20E', 'C26TÁ1'):
        with pytest.raises(ValueError):
            symbol.parse_symbol(wrong)
