from . import shopee
