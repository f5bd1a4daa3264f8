from . import (
    marketplace_account,
    marketplace_adapter,
    marketplace_app,
    marketplace_connect,
    marketplace_listing,
    marketplace_package,
    marketplace_shop,
    order_buyers,
    order_import,
    order_lines,
    order_status,
    sale_order,
)
