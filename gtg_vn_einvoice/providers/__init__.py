from . import sinvoice
