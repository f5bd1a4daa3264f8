from . import (
    test_sinvoice,
    test_documents,
    test_guards,
    test_send_dialog,
    test_tour,
)
