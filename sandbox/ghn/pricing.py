"""Deterministic prices: fee, preview, create and soc all ask here.

GHN publishes no price table; the numbers are ours (README, "Prices").
All weights in grams, sides in centimetres, money in VND.
"""
from dataclasses import dataclass

LIGHT, HEAVY = 2, 5
SAME_PROVINCE, SAME_REGION, FAR = 'province', 'region', 'far'
# zone: first VND, then VND per started 500 g
LIGHT_TABLE = {SAME_PROVINCE: (27000, 3500), SAME_REGION: (33000, 4500), FAR: (37000, 6000)}
# zone: VND per box, then VND per started kilogram
HEAVY_TABLE = {SAME_PROVINCE: (60000, 2500), SAME_REGION: (80000, 3500), FAR: (95000, 5000)}
ROW_SURCHARGE = 11000           # a row of several boxes costs more than single rows
FREE_INSURANCE = 1000000        # below: no fee (README, "Prices": unsure)
DELIVERY_DAYS = {SAME_PROVINCE: 1, SAME_REGION: 2, FAR: 3}

# order document key -> key of the fee endpoint
FEE_KEYS = {
    'main_service': 'service_fee', 'insurance': 'insurance_fee', 'cod_fee': 'cod_fee',
    'station_do': 'pick_station_fee', 'coupon': 'coupon_value', 'r2s': 'r2s_fee',
    'return_again': 'return_again', 'document_return': 'document_return',
    'double_check': 'double_check', 'pick_remote_areas_fee': 'pick_remote_areas_fee',
    'deliver_remote_areas_fee': 'deliver_remote_areas_fee',
    'cod_failed_fee': 'cod_failed_fee',
}
ORDER_FEES = (
    'main_service', 'insurance', 'cod_fee', 'station_do', 'station_pu', 'return', 'r2s',
    'return_again', 'coupon', 'document_return', 'double_check', 'double_check_deliver',
    'pick_remote_areas_fee', 'deliver_remote_areas_fee', 'pick_remote_areas_fee_return',
    'deliver_remote_areas_fee_return', 'cod_failed_fee',
)


@dataclass(frozen=True)
class Measure:
    """What GHN weighs: the outer sides, the real and the volumetric weight."""
    length: int
    width: int
    height: int
    weight: int

    @property
    def converted(self):
        return self.length * self.width * self.height // 5

    @property
    def charged(self):
        return max(self.weight, self.converted)


def measure(service_type, parcel):
    """Sides and weight that count for a parcel (dict with the request's fields)."""
    if service_type != HEAVY or not parcel.get('items'):
        return Measure(*(parcel.get(key) or 0
                         for key in ('length', 'width', 'height', 'weight')))
    boxes = [sorted((box['length'], box['width'], box['height']), reverse=True)
             for box in parcel['items']]
    return Measure(
        max(box[0] for box in boxes), max(box[1] for box in boxes),
        sum(box[2] for box in boxes), sum(box['weight'] for box in parcel['items']))


def zone(sender, receiver):
    if sender.province_id == receiver.province_id:
        return SAME_PROVINCE
    return SAME_REGION if sender.region == receiver.region else FAR


def main_service(service_type, parcel, where):
    """Price of the transport alone."""
    if service_type == HEAVY:
        return sum(_box(row, where) for row in parcel['items'])
    first, step = LIGHT_TABLE[where]
    return first + step * -(-measure(LIGHT, parcel).charged // 500)


def _box(row, where):
    base, per_kg = HEAVY_TABLE[where]
    weight = measure(LIGHT, row).charged
    count = row.get('quantity') or 1
    price = count * (base + per_kg * -(-weight // 1000))
    return price + (ROW_SURCHARGE if count > 1 else 0)


def fees(service_type, parcel, sender, receiver):
    """The fee rows of an order; their sum is its price.

    :return: dict of VND per key of ``ORDER_FEES``
    """
    insured = parcel.get('insurance_value') or 0
    result = dict.fromkeys(ORDER_FEES, 0)
    result['main_service'] = main_service(service_type, parcel, zone(sender, receiver))
    result['insurance'] = insured // 200 if insured >= FREE_INSURANCE else 0
    return result


def as_fee_answer(order_fees):
    """The same rows in the words of the fee endpoint."""
    answer = {'total': sum(order_fees.values())}
    answer.update({theirs: order_fees[ours] for ours, theirs in FEE_KEYS.items()})
    return answer | {'change_to_address_fee': 0, 'change_return_address_fee': 0,
                     'return': order_fees['return']}
