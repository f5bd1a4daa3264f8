from . import adapter
from . import intake
from . import labels
