from . import test_buyer, test_orders
