from . import controllers, models, providers, wizards
from .hooks import uninstall_hook
