"""Amounts of one line and of the whole document, exact to the dong.

Two rules of strict providers shape everything: unit price x quantity must meet the
line's net, and net x rate the line's tax, each by less than one dong. So the paid
total comes first, the tax is what the rounded net leaves of it, and the unit price
follows from the net.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from odoo.addons.gtg_connector_base.lib.money import dec, round_half_up, split

# Names of the legal XML format. 0 %, not subject and not declared are three things.
PERCENT = {
    '10%': Decimal(10), '8%': Decimal(8), '5%': Decimal(5), '0%': Decimal(0),
    'KKKNT': Decimal(0), 'KCT': Decimal(0),
}
PRICE_DECIMALS = 4


@dataclass(frozen=True)
class Amounts:
    """Signed amounts of a line; ``discount`` has the sign of ``net``.

    net (before discount) - discount = after; after + tax = total.
    """

    unit_price: Decimal
    quantity: Decimal
    discount: Decimal
    after: Decimal
    tax: Decimal

    @property
    def net(self):
        return self.after + self.discount

    @property
    def total(self):
        return self.after + self.tax

    @property
    def discount_percent(self):
        """At most two decimals: providers refuse more."""
        return round_half_up(self.discount * 100 / self.net, 2) if self.net else dec(0)


def from_parts(after, tax, discount, quantity, unit_price=None,
               price_decimals=PRICE_DECIMALS, digits=0):
    """Amounts around given net and tax; the unit price is kept if it fits.

    :param Decimal unit_price: net price of the price list, if there is one
    :param int digits: decimals of the currency: a dong off fits, a dollar does not
    """
    net = after + discount
    price = unit_price and round_half_up(unit_price, price_decimals)
    if price is None or abs(price * quantity - net) >= Decimal(1).scaleb(-digits):
        price = round_half_up(net / quantity, price_decimals)
    return Amounts(_short(price), _short(quantity), discount, after, tax)


def included_line(unit_gross, quantity, rate, discount_gross=0, digits=0,
                  price_decimals=PRICE_DECIMALS):
    """A line whose prices include VAT: total first.

    :param unit_gross: price of one unit with VAT
    :param str rate: key of `PERCENT`
    :param discount_gross: discount of the whole line with VAT
    :param int digits: decimals of the currency (VND 0)
    """
    quantity, discount_gross = dec(quantity), dec(discount_gross)
    factor = 1 + PERCENT[rate] / 100
    paid = round_half_up(dec(unit_gross) * quantity - discount_gross, digits)
    after = round_half_up(paid / factor, digits)
    discount = round_half_up(discount_gross / factor, digits)
    return from_parts(
        after, paid - after, discount, quantity, None, price_decimals, digits)


def excluded_line(unit_price, quantity, rate, discount_percent=0, digits=0,
                  price_decimals=PRICE_DECIMALS):
    """A line whose prices do not include VAT; tax rounded per line."""
    unit_price, quantity = dec(unit_price), dec(quantity)
    net = round_half_up(unit_price * quantity, digits)
    discount = round_half_up(net * dec(discount_percent) / 100, digits)
    after = net - discount
    tax = round_half_up(after * PERCENT[rate] / 100, digits)
    return from_parts(
        after, tax, discount, quantity, unit_price, price_decimals, digits)


def fit(lines, rate, after_total, tax_total, digits=0, price_decimals=PRICE_DECIMALS):
    """Move single dongs between the lines of one rate until they sum to the books.

    Accounting may round per document instead of per line; the legal document must
    show the accounting's sums and still pass the checks of each line.

    :param lines: list of `Amounts`, all of this rate
    :param Decimal after_total: net of the rate in the books
    :param Decimal tax_total: tax of the rate in the books
    :return: list of `Amounts` of the same length
    """
    gap = after_total - sum(line.after for line in lines)
    parts = split(gap, [abs(line.after) for line in lines], digits)
    afters = [line.after + part for line, part in zip(lines, parts, strict=True)]
    taxes = [line.tax for line in lines]
    if sum(taxes) != tax_total or any(
        abs(after * PERCENT[rate] / 100 - tax) >= Decimal(1).scaleb(-digits)
        for after, tax in zip(afters, taxes, strict=True)
    ):
        taxes = share_tax(tax_total, afters, rate, digits)
    return [
        line if (line.after, line.tax) == (after, tax) else from_parts(
            after, tax, line.discount, line.quantity, line.unit_price, price_decimals,
            digits)
        for line, after, tax in zip(lines, afters, taxes, strict=True)
    ]


def share_tax(tax_total, afters, rate, digits=0):
    """Tax of each line, less than one unit off its rate, summing to the total.

    :param Decimal tax_total: tax of all lines
    :param afters: net of each line
    """
    unit = Decimal(1).scaleb(-digits)
    exact = [after * PERCENT[rate] / 100 for after in afters]
    taxes = [tax.quantize(unit, rounding=ROUND_FLOOR) for tax in exact]
    order = sorted(range(len(taxes)), key=lambda i: (taxes[i] - exact[i], i))
    rest = max(int((tax_total - sum(taxes)) / unit), 0)
    for i in order[:rest]:
        taxes[i] += unit
    # only books that were changed by hand leave more than one unit per line
    taxes[order[0]] += tax_total - sum(taxes)
    return taxes


def failing_checks(net, unit_price, quantity, discount, tax, rate):
    """What a strict provider would find in one line.

    :return: list of ``price`` and ``tax``
    """
    failing = []
    if abs(quantity * unit_price - net) >= 1:
        failing.append('price')
    if abs((net - discount) * PERCENT[rate] / 100 - tax) >= 1:
        failing.append('tax')
    return failing


def by_rate(pairs):
    """Net and tax per rate, highest rate first.

    :param pairs: (rate, `Amounts`) with signs
    :return: list of (rate, net, tax)
    """
    sums = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for rate, amounts in pairs:
        sums[rate][0] += amounts.after
        sums[rate][1] += amounts.tax
    return [(rate, *sums[rate]) for rate in PERCENT if rate in sums]


def _short(number):
    """Without trailing zeros: 100926.0000 -> 100926."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() \
        else number.normalize()
