from . import misa, sinvoice
