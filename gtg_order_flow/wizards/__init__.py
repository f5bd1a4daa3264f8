from . import (
    delivery_split,
    demand_forecast,
    next_wave,
    order_hold_wizard,
    ship_date,
    shortage,
)
