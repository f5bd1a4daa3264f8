from . import (
    test_buyer,
    test_corrections,
    test_deadlines,
    test_foreign_buyer,
    test_orders,
    test_parts,
    test_payment_method,
    test_refused,
    test_returns,
    test_rule,
    test_who_issues,
)
