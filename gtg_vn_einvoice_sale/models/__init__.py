from . import (
    res_company,
    sale_channel,
    res_config_settings,
    account_move,
    order_hold,
    sale_order,
)
