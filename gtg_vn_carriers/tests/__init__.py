from . import (
    test_boxes,
    test_checkout,
    test_entry_quote,
    test_ghn,
    test_ghn_alone,
    test_labels,
    test_left_without,
    test_parcels,
    test_places,
    test_screens,
    test_two_at_once,
    test_webhook,
)
