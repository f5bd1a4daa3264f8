from . import einvoice_correct
