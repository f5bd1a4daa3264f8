"""What a marketplace tells us, in words that no marketplace owns.

The mapping of each provider makes these; the neutral models read nothing else. They are
frozen: a payload that says the same twice is equal and has the same digest.

Money is `Decimal` in major units of the order's currency, prices include VAT, times are
aware (UTC), quantities `Decimal`, an unknown text is ``''`` and an unknown time ``None``.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal

# --- order status: every provider's words are translated to these ----------------
UNPAID = 'unpaid'  # ordered, money still missing
PENDING = 'pending'  # the platform checks the order, nothing to do yet
TO_SHIP = 'to_ship'  # the seller may arrange shipment
ARRANGED = 'arranged'  # shipment arranged, parcel still with the seller
RETRY_SHIP = 'retry_ship'  # the pickup failed, arrange it again
SHIPPED = 'shipped'  # with the carrier
DELIVERED = 'delivered'  # with the buyer, not confirmed yet
COMPLETED = 'completed'
CANCEL_REQUESTED = 'cancel_requested'  # the buyer asks, the seller answers
CANCELLED = 'cancelled'
RETURNING = 'returning'
UNKNOWN = 'unknown'  # a word we do not know: never acted upon
SOLD = (TO_SHIP, ARRANGED, RETRY_SHIP, SHIPPED, DELIVERED, COMPLETED)

# --- package status --------------------------------------------------------------
PACKAGE_WAITING = 'waiting'
PACKAGE_READY = 'ready'
PACKAGE_ARRANGED = 'arranged'
PACKAGE_RETRY = 'retry'
PACKAGE_SHIPPED = 'shipped'
PACKAGE_DELIVERED = 'delivered'
PACKAGE_CANCELLED = 'cancelled'
PACKAGE_RETURNING = 'returning'
PACKAGE_LOST = 'lost'

MASK = re.compile(r'\*{2,}')


def is_masked(text):
    """Whether the platform hides (a part of) this value behind asterisks."""
    return bool(text and MASK.search(text))


class Unreadable(ValueError):
    """A payload that lacks what an order cannot be without."""


@dataclass(frozen=True)
class Recipient:
    """Who receives the goods; any part may be masked or missing."""

    name: str = ''
    phone: str = ''
    street: str = ''
    ward: str = ''
    district: str = ''
    province: str = ''
    zipcode: str = ''
    country: str = ''  # ISO code of two letters

    @property
    def masked(self):
        """Names of the fields that are masked."""
        return frozenset(
            key for key, value in asdict(self).items() if is_masked(value))

    @property
    def empty(self):
        return not any((self.name, self.phone, self.street, self.district,
                        self.province))


@dataclass(frozen=True)
class OrderLine:
    """One article of an order. `line_key` is stable and unique in the order."""

    line_key: str
    item_ref: str
    model_ref: str
    sku: str
    name: str
    quantity: Decimal
    price: Decimal  # paid per unit after the seller's price cuts, VAT included
    list_price: Decimal = Decimal(0)
    total: Decimal | None = None  # when it is not price x quantity (bundles)

    @property
    def amount(self):
        return self.price * self.quantity if self.total is None else self.total


@dataclass(frozen=True)
class Package:
    """One parcel of an order as the platform sees it."""

    number: str
    status: str = PACKAGE_WAITING
    carrier: str = ''
    tracking_number: str = ''
    arranged: bool = False
    shippable: bool = True  # the platform lets the seller arrange this one by API
    quantities: tuple = ()  # ((line_key, quantity), …)


@dataclass(frozen=True)
class InvoiceBuyer:
    """Whom the buyer wants the e-invoice to name, nothing in it masked.

    ``kind``: company, household (business) or person.
    """

    kind: str
    name: str
    tax_code: str = ''
    id_number: str = ''
    address: str = ''
    email: str = ''


@dataclass(frozen=True)
class Order:
    """One order as the platform knows it at `update_time`."""

    ref: str
    status: str
    platform_status: str  # the platform's own word, shown to the user
    currency: str
    created_at: datetime | None
    update_time: datetime | None
    lines: tuple[OrderLine, ...]
    packages: tuple[Package, ...] = ()
    recipient: Recipient = field(default_factory=Recipient)
    buyer_ref: str = ''
    buyer_name: str = ''
    buyer_note: str = ''
    seller_note: str = ''
    is_cod: bool = False
    payment_method: str = ''
    paid_at: datetime | None = None
    ship_by: datetime | None = None
    shipped_at: datetime | None = None
    split: bool = False
    platform_fulfilled: bool = False
    cancel_reason: str = ''
    total: Decimal | None = None  # what the buyer pays; None while unknown
    shipping: Decimal = Decimal(0)  # paid by the buyer
    seller_discount: Decimal = Decimal(0)  # vouchers the seller pays, positive
    platform_discount: Decimal = Decimal(0)  # what the platform pays, positive
    invoice_buyer: InvoiceBuyer | None = None  # None: asked for none, or not known

    @property
    def goods(self):
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def sale_total(self):
        """What the seller sells for, VAT included: the total of the sale order."""
        return self.goods + self.shipping - self.seller_discount

    def as_sold(self, platform_lowers):
        """The order as our books name it.

        :param bool platform_lowers: what the platform pays is a discount, too
        """
        return replace(
            self, seller_discount=self.seller_discount + self.platform_discount,
            platform_discount=Decimal(0)) if platform_lowers else self

    @property
    def difference(self):
        """Buyer's total minus what the parts explain; 0 when all is understood."""
        if self.total is None:
            return Decimal(0)
        return self.total - (self.sale_total - self.platform_discount)

    @property
    def digest(self):
        """Same text for the same content, whatever the payload looked like."""
        text = json.dumps(asdict(self), sort_keys=True, default=_plain)
        return hashlib.sha256(text.encode()).hexdigest()


def priced_parts(line, decimals):
    """(quantity, unit price) pairs whose sum is the line's amount to the last unit.

    A bundle's price rarely divides by its quantity: then some pieces cost one
    smallest unit more, which is what the platform's own total says too.

    :param int decimals: of the currency, 0 for VND
    """
    unit = Decimal(1).scaleb(-decimals)
    whole = line.quantity == line.quantity.to_integral_value()
    if line.total is None or not whole:
        return [(line.quantity, line.price)]
    pieces = int(line.quantity)
    total = int((line.total / unit).to_integral_value())
    low, more = divmod(total, pieces)
    parts = [(Decimal(pieces - more), low * unit), (Decimal(more), (low + 1) * unit)]
    return [part for part in parts if part[0]]


def _plain(value):
    if isinstance(value, Decimal):
        return f'{value.normalize():f}' if value else '0'
    return value.isoformat()


@dataclass(frozen=True)
class ListingSku:
    """One sellable choice of a listing; `model_ref` is '0' when there is no choice."""

    item_ref: str
    model_ref: str
    sku: str = ''
    barcode: str = ''
    name: str = ''
    price: Decimal | None = None
    stock: Decimal | None = None


@dataclass(frozen=True)
class Listing:
    item_ref: str
    name: str
    status: str = ''
    skus: tuple[ListingSku, ...] = ()


@dataclass(frozen=True)
class ShopInfo:
    ref: str
    name: str
    region: str
    status: str = ''
    authorization_expires_at: datetime | None = None


@dataclass(frozen=True)
class TokenPair:
    """What an authorization gives. `shop_refs` may be empty for a single shop."""

    access_token: str
    refresh_token: str
    lifetime: int  # seconds
    shop_refs: tuple[str, ...] = ()
