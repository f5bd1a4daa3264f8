"""What every carrier needs to know about one parcel, in units that cannot be mixed
up: grams and centimetres are whole numbers, money is whole dong as ``Decimal``."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from odoo.addons.gtg_connector_base.lib.errors import Rejected


@dataclass(frozen=True)
class Party:
    """Where a parcel goes.

    :param str ward: commune name exactly as in the carrier's catalogue
    :param str district: only in the three-level model that ended in July 2025
    :param bool two_level: province and commune only, no district
    """

    name: str
    phone: str
    street: str
    ward: str
    province: str
    district: str = ''
    two_level: bool = True
    ward_code: str = ''
    district_id: int = 0


@dataclass(frozen=True)
class Box:
    """One physical box: grams and centimetres."""

    weight: int
    length: int = 0
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Item:
    """One line of the content; price of one piece in VND, weight in grams."""

    name: str
    code: str = ''
    quantity: int = 1
    price: Decimal = Decimal(0)
    weight: int = 0


@dataclass(frozen=True)
class Shipment:
    """A request for one waybill.

    :param str reference: our own number, unique for ever: the idempotency key
    :param Decimal cod: VND that the courier takes from the buyer
    :param str payer: who pays the carrier, ``shop`` or ``buyer`` (then the courier
        takes the fee on top of ``cod``)
    :param str inspection: may the buyer open it: ``no``, ``look``, ``try``
    :param Decimal value: declared value in VND, the base of compensation
    """

    reference: str
    to: Party
    box: Box
    items: tuple = ()
    cod: Decimal = Decimal(0)
    payer: str = 'shop'
    inspection: str = 'look'
    value: Decimal = Decimal(0)
    service: str = ''
    note: str = ''

    @property
    def content(self):
        """One line of text naming the goods."""
        return ', '.join(f'{item.name} x{item.quantity}' for item in self.items)


@dataclass(frozen=True)
class Limits:
    """What a carrier accepts per box; 0 = no limit of ours."""

    max_weight: int = 0
    max_side: int = 0
    max_cod: Decimal = Decimal(0)


@dataclass(frozen=True)
class Quote:
    """A price in VND and, if the carrier promises one, the day of arrival (UTC)."""

    fee: Decimal
    expected_at: datetime | None = None


@dataclass(frozen=True)
class Waybill:
    """The carrier's answer to a request for a waybill."""

    tracking: str
    fee: Decimal = Decimal(0)
    sort_code: str = ''
    expected_at: datetime | None = None


@dataclass(frozen=True)
class Snapshot:
    """What the carrier knows about a parcel at one moment.

    ``events`` are `lib.tracking.Event`; ``None`` means that the carrier does not say.
    """

    tracking: str
    reference: str
    status: str
    updated_at: datetime | None = None
    events: tuple = ()
    cod: Decimal | None = None
    cod_collected_at: datetime | None = None
    cod_transferred_at: datetime | None = None
    weight: int = 0
    converted_weight: int = 0
    created_at: datetime | None = None
    extra: dict = field(default_factory=dict)


# marks texts for the translators; models translate them when they are shown
_ = str

_MASK = re.compile(r'[*•]|[xX]{3,}')


def masked(text):
    """Whether a marketplace has hidden (part of) the text."""
    return bool(_MASK.search(text or ''))


def local_phone(text):
    """A Vietnamese phone number in its domestic form (0…).

    :raise Rejected: no such number can be made of it
    """
    digits = re.sub(r'\D', '', text or '')
    if digits.startswith('00'):
        digits = digits[2:]
    if digits.startswith('84') and len(digits) >= 11:
        digits = '0' + digits[2:].lstrip('0')
    # 10 digits; the fixed lines of 2017 have 11 (024…, 028…), 01… ended in 2018
    if masked(text) or not re.fullmatch(r'0[2-9]\d{8}|02\d{9}', digits):
        raise Rejected(
            _('This is no Vietnamese phone number.'), code='phone',
            hint=_('Correct the phone number of the delivery address, then retry.'))
    return digits


def replace_phone(shipment, phone):
    """The shipment with another phone number of the receiver."""
    return replace(shipment, to=replace(shipment.to, phone=phone))


def with_service(shipment, service):
    """The shipment by another service of the carrier."""
    return replace(shipment, service=service)


def check_box(box, limits):
    """Refuse what cannot be weighed or measured before a carrier sees it.

    :raise Rejected: size or weight is missing or beyond the limits
    """
    if box.weight <= 0:
        raise Rejected(_('The parcel has no weight.'), code='no_weight',
                       hint=_('Enter the weight of the parcel or of its products.'))
    sides = (box.length, box.width, box.height)
    if min(sides) <= 0:
        raise Rejected(_('The parcel has no size.'), code='no_size',
                       hint=_('Enter length, width and height, or choose a box.'))
    if limits.max_weight and box.weight > limits.max_weight:
        raise Rejected(
            _('The parcel is heavier than the carrier takes.'), code='too_heavy',
            hint=_('Split the goods into several parcels.'))
    if limits.max_side and max(sides) > limits.max_side:
        raise Rejected(
            _('The parcel is longer than the carrier takes.'), code='too_long',
            hint=_('Use a smaller box, or split the goods.'))


def check_cod(cod, limits):
    """:raise Rejected: the courier may not take that much money"""
    if cod < 0 or cod != cod.to_integral_value():
        raise Rejected(_('The amount to collect is no whole number of dong.'),
                       code='cod_amount',
                       hint=_('Enter a whole, positive amount to collect.'))
    if limits.max_cod and cod > limits.max_cod:
        raise Rejected(
            _('The courier may not collect that much.'), code='cod_limit',
            hint=_('Ask the buyer to pay in advance.'))


def reference(document, box, generation, salt=''):
    """Our number of a parcel: letters, digits and dashes, at most 50 characters.

    :param str document: name of the delivery order
    :param int box: 1 for the first box of the delivery
    :param int generation: 1; one more only after a confirmed cancellation
    :param str salt: tells databases and deliveries apart that share one carrier
        account, because carriers answer a known reference with the parcel they have
    """
    tail = ''.join(f'-{part}' for part in (box, generation, salt) if part)
    head = re.sub(r'[^A-Za-z0-9]', '', document)
    return head[-(50 - len(tail)):] + tail
