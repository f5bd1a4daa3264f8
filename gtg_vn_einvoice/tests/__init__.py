from . import (
    test_bulk,
    test_corrections,
    test_corrections_misa_vnpt,
    test_documents,
    test_guards,
    test_misa,
    test_notices,
    test_send_dialog,
    test_sinvoice,
    test_tour,
    test_vnpt,
    test_watch,
)
