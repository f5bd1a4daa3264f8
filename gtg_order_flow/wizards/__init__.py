from . import delivery_split, next_wave, order_hold_wizard, shortage
