from . import (
    carrier_account,
    carrier_adapter,
    carrier_unit,
    delivery_carrier,
    parcel,
    parcel_cod,
    parcel_event,
    parcel_facts,
    parcel_request,
    sale_order,
    stock_move,
    stock_picking,
)
