from . import (
    test_access,
    test_axes,
    test_bulk,
    test_buyer_messages,
    test_channels,
    test_checks,
    test_cod,
    test_facts,
    test_holds,
    test_rules,
    test_scan_out,
    test_tour,
)
