from . import next_wave, order_hold_wizard, shortage
from . import (
    delivery_split,
    order_hold_wizard,
)
