from . import (
    test_conformance,
    test_connect,
    test_import,
    test_intake,
    test_ship,
    test_ship_by,
)
