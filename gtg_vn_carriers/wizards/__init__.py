from . import ward_wizard
