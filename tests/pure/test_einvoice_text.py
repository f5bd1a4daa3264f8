from odoo.addons.gtg_vn_einvoice.lib.text import one_line


def test_one_line():
    assert one_line('  Áo\tthun\n  cổ tròn ') == 'Áo thun cổ tròn'
    assert one_line('a\x00b\x07c\x1bd\x85e') == 'abcde'
    assert one_line('\u202egnud oẹrT\u202c\u2066x\u2069\ufeff') == 'gnud oẹrTx'
    assert one_line('<b>&"\'') == '<b>&"\''
    assert one_line(None) == one_line('') == ''
