from . import test_buyer, test_deadlines, test_orders
