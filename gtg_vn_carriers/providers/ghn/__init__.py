from . import account
from . import adapter
from . import delivery
