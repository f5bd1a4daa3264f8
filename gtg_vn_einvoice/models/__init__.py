from . import (
    einvoice_adapter,
    einvoice_account,
    einvoice_series,
    einvoice,
    einvoice_exchange,
    einvoice_files,
    account_tax,
    res_partner,
    account_move,
    account_move_document,
    account_move_send,
)
