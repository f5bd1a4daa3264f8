from . import models, providers
from .hooks import uninstall_hook
