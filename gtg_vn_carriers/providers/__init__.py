from . import ghn
