from . import (
    einvoice_correct,
    einvoice_correct_many,
    einvoice_correct_texts,
    einvoice_outside,
    einvoice_refused,
    move_reversal,
)
