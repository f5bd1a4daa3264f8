from . import einvoice_preview
