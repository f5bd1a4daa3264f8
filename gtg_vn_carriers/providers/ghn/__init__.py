from . import account, adapter, delivery
