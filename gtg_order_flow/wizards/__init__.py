from . import next_wave, order_hold_wizard, shortage
