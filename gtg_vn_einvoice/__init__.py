from . import models, providers, wizards
from .hooks import uninstall_hook
