from . import einvoice_correct, einvoice_correct_many, move_reversal
