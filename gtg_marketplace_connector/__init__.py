from . import controllers, models, providers
from .hooks import uninstall_hook
