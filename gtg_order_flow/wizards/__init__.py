from . import order_hold_wizard
