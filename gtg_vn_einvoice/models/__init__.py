from . import (
    account_move,
    account_move_document,
    account_move_send,
    account_tax,
    einvoice,
    einvoice_account,
    einvoice_adapter,
    einvoice_exchange,
    einvoice_files,
    einvoice_series,
    res_partner,
    vat_rate,
)
