# the shop before those that extend it
# ruff: noqa: I001
from . import marketplace_account
from . import marketplace_adapter
from . import marketplace_app
from . import marketplace_shop
from . import marketplace_connect
from . import marketplace_listing
from . import marketplace_package
from . import order_bulk
from . import order_buyers
from . import order_import
from . import order_lines
from . import order_status
from . import sale_channel
from . import sale_order
from . import stock_picking
