# ruff: noqa: I001
from . import (
    legal_deadline,  # before what has deadlines
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
    account_move_deadline,
    einvoice_account_watch,
    einvoice_sending,
    einvoice_watch,
    holiday,
    penalty_step,
    res_company,
    res_config_settings,
)
