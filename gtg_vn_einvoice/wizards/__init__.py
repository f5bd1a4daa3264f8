from . import einvoice_correct, move_reversal
