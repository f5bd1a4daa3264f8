from . import adapter, core_symbols
