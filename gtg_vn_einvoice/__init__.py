from . import controllers, models, providers, report, wizards
from .hooks import uninstall_hook
