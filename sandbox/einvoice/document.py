"""One invoice as paper and legal XML show it; every provider's folder fills it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal

VIETNAM = timezone(timedelta(hours=7))
GOODS, PROMOTION, DISCOUNT, NOTE = '1', '2', '3', '4'


def local(seconds):
    """Unix seconds as Vietnamese time."""
    return datetime.fromtimestamp(seconds, VIETNAM)


def number(value):
    """Plain digits without an exponent."""
    value = Decimal(value).normalize()
    return format(value.quantize(1) if value == value.to_integral_value() else value, 'f')


@dataclass
class Party:
    name: str = ''  # of the company
    person: str = ''
    tax_code: str = ''
    address: str = ''
    code: str = ''
    phone: str = ''
    email: str = ''
    bank_account: str = ''
    bank: str = ''
    citizen_id: str = ''
    passport: str = ''
    budget_code: str = ''


@dataclass
class Line:
    """Amounts as they count: signed, without tax. None = not shown."""

    kind: str = GOODS
    position: object = ''
    code: str = ''
    name: str = ''
    unit: str = ''
    quantity: Decimal | None = None
    price: Decimal | None = None
    discount_rate: Decimal | None = None
    discount: Decimal | None = None
    amount: Decimal = Decimal(0)
    rate: str = ''  # '8%', 'KCT', 'KKKNT', 'KHAC:3.5%'


@dataclass
class Related:
    """The invoice that this one corrects."""

    replaces: bool
    form: str
    series: str
    number: str
    day: str
    note: str = ''
    kind: str = '1'


@dataclass
class Document:
    """
    :ivar form: '1' VAT invoice, '2' sales invoice
    :ivar series: six characters, ``C26TAA``
    :ivar id: the Id of DLHDon, what the signatures point at
    :ivar transmitter: tax code of the provider
    :ivar rates: [(rate, net, tax)]
    :ivar accepted: the tax office signed it
    """

    form: str
    series: str
    number: str
    day: datetime
    signed: datetime
    seller: Party
    buyer: Party
    lines: list
    rates: list
    net: Decimal
    tax: Decimal
    total: Decimal
    words: str
    discount: Decimal = Decimal(0)
    currency: str = 'VND'
    exchange_rate: Decimal = Decimal(1)
    payment: str = ''
    id: str = 'data'
    transmitter: str = ''
    code: str = ''
    lookup: str = ''
    note: str = ''
    accepted: bool = False
    related: Related | None = None
    extra: dict = field(default_factory=dict)

    @property
    def title(self):
        return ('Hóa đơn giá trị gia tăng' if self.form == '1' else 'Hóa đơn bán hàng')

    @property
    def with_code(self):
        return self.series.startswith('C')
