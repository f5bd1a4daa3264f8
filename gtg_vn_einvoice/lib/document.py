"""The legal document, neutral of providers: what accounting hands to an adapter."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from .amounts import Amounts, by_rate
from .words import money_in_words


@dataclass(frozen=True)
class Buyer:
    """``kind``: company, budget, person, foreigner, household or consumer.
    ``nationality``: the printed name of a foreigner's country."""

    kind: str
    name: str = ''
    legal_name: str = ''
    tax_code: str = ''
    budget_code: str = ''
    id_number: str = ''
    country_code: str = ''
    nationality: str = ''
    address: str = ''
    phone: str = ''
    email: str = ''


@dataclass(frozen=True)
class Line:
    """``rate`` is a key of `amounts.PERCENT`, or None on sales invoices (form 2).

    A line with a negative net is a trade discount. Not so in an adjustment: there
    every line is a signed change, a decrease has negative quantity, net and tax, and
    ``trade_discount`` marks the change of a discount.
    """

    name: str
    amounts: Amounts
    rate: str | None
    code: str = ''
    unit: str = ''
    trade_discount: bool = False

    @property
    def is_discount(self):
        return self.amounts.net < 0 or self.amounts.after < 0

    @property
    def is_gift(self):
        """Promotion goods that cost nothing: no price, or all of it discounted."""
        amounts = self.amounts
        return not (amounts.after or amounts.tax) and bool(
            not amounts.unit_price or amounts.net and amounts.discount == amounts.net)


@dataclass(frozen=True)
class Original:
    """The legal document that a correction corrects.

    :param str form: form digit, ``1`` or ``2``
    :param str number: series + number, ``C26TAA123``
    :param datetime issued_at: aware, UTC
    :param str reference: our reference of that document
    :param str outside: ``same`` or ``other`` provider, of one that somebody else issued
    """

    form: str
    series: str
    template: str
    number: str
    issued_at: datetime
    reference: str = ''
    provider_id: str = ''
    authority_code: str = ''
    lookup_code: str = ''
    outside: str = ''


@dataclass(frozen=True)
class Correction:
    """What makes a document an adjustment or a replacement.

    :param str kind: ``adjust`` (lines are signed changes) or ``replace`` (lines are
        the complete new content)
    :param str sentence: the sentence of the law that names the original
    :param str reason: what was wrong, free words
    :param str agreement_ref: number or name of the agreement with the buyer; of a
        platform sale or a return the number of that
    :param date agreed_on: Vietnamese date of it
    :param str text: wrong and right words of an adjustment without amounts
    """

    kind: str
    original: Original
    sentence: str
    reason: str = ''
    agreement_ref: str = ''
    agreed_on: date | None = None
    text: str = ''


@dataclass(frozen=True)
class Document:
    """One original invoice, or one that corrects another.

    :param str reference: our reference, the same for every attempt of its life
    :param str series: symbol without form digit, ``C26TAA``
    :param bool in_summary: the tax office gets it in a summary table
    :param Decimal exchange_rate: VND per unit of a foreign currency
    :param str zero_tens: word of a zero between hundred and unit, see `lib.words`
    """

    reference: str
    form: str
    series: str
    template: str
    buyer: Buyer
    lines: tuple[Line, ...]
    currency: str = 'VND'
    exchange_rate: Decimal | None = None
    paid: bool = False
    payment_method: str = 'TM/CK'
    note: str = ''
    digits: int = 0
    in_summary: bool = False
    correction: Correction | None = None
    zero_tens: str = 'linh'

    @property
    def is_adjustment(self):
        return bool(self.correction and self.correction.kind == 'adjust')

    @property
    def is_information(self):
        """An adjustment of mere texts: no lines, no amounts."""
        return self.is_adjustment and bool(self.correction.text)

    @property
    def net(self):
        return sum((line.amounts.after for line in self.lines), Decimal(0))

    @property
    def tax(self):
        return sum((line.amounts.tax for line in self.lines), Decimal(0))

    @property
    def total(self):
        return self.net + self.tax

    @property
    def words(self):
        return self.in_words(self.total)

    def in_words(self, amount):
        return money_in_words(amount, self.currency, self.zero_tens)

    @property
    def rates(self):
        """List of (rate, net, tax), highest rate first; empty on form 2."""
        return by_rate(
            (line.rate, line.amounts) for line in self.lines if line.rate)


@dataclass(frozen=True)
class Issued:
    """What a provider answered for a created or found document.

    :param str number: series + number, ``C26TAA123``; empty on a draft
    :param str lookup_code: secret of the buyer, never logged
    :param str tax_state: pending, accepted, rejected or unknown
    :param bool unsent: the provider has not passed it on to the tax office
    :param bool draft: stored at the provider, where a person must sign it
    """

    number: str
    provider_id: str = ''
    lookup_code: str = ''
    tax_code: str = ''
    tax_state: str = 'unknown'
    unsent: bool = False
    draft: bool = False
    tax_message: str = ''
    issued_at: datetime | None = None


@dataclass(frozen=True)
class Template:
    """A template and series that the provider has published for the seller."""

    template: str
    series: str
    in_summary: bool = False
    raw: dict = field(default_factory=dict, compare=False)
