from . import adapter, intake, labels
