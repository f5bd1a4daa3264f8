from . import controllers, models, providers, wizards
