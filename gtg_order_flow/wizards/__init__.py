# ruff: noqa: I001 - what is inherited comes first
from . import (
    delivery_split,
    delivery_boxes,
    demand_forecast,
    next_wave,
    order_hold_wizard,
    ship_date,
    shortage,
)
