# ruff: noqa: I001
from . import (
    account_move,
    account_move_buyer,
    account_move_deadline,
    account_move_payment,
    account_move_rule,
    account_move_series,
    einvoice_undone,
    einvoice_watch,
    order_bulk,
    order_hold,
    res_company,
    res_config_settings,
    sale_channel,
    sale_order,
    sale_order_buyer,
    sale_order_channel_buyer,
    sale_order_correction,
    sale_order_deadline,
    sale_order_part,
    sale_order_rule,
    account_move_return,  # extends what orders do
)
