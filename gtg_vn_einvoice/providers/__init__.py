from . import misa, sinvoice, vnpt
