"""Odoo's own modules in one database with ours: S-Invoice and debit notes."""

from . import beside_core


def test_one_sale_gets_one_invoice_beside_core_modules():
    beside_core.run(
        'l10n_vn_edi_viettel,account_debit_note',
        'gtg_vn_einvoice/tests/core_sinvoice.py',
        'gtg_vn_einvoice/tests/core_debit_notes.py',
        'gtg_vn_einvoice_sale/tests/core_debit_notes.py', least=12)
