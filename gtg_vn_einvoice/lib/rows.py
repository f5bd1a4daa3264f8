"""The rows that an invoice prints: goods and trade discounts, all amounts positive.

Providers print a discount inside its line or as a row of its own per VAT rate. In
the second case the tax of the goods is the tax before the discount, so that goods
and discount both pass the checks of a strict provider.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from .amounts import PERCENT, share_tax

TRADE_DISCOUNT = 'Chiết khấu thương mại'


@dataclass(frozen=True)
class Row:
    """net - discount = after. ``goods`` is False on a trade discount, whose amounts
    are subtracted from the document. ``gift``: promotion goods; all amounts are zero."""

    goods: bool
    name: str
    rate: str | None
    net: Decimal
    discount: Decimal
    after: Decimal
    tax: Decimal
    unit_price: Decimal
    quantity: Decimal
    discount_percent: Decimal
    code: str = ''
    unit: str = ''
    gift: bool = False


@dataclass(frozen=True)
class Change:
    """A row of an adjustment, all amounts positive: ``increase`` carries the sign.
    Discounts lie inside net and price."""

    increase: bool
    name: str
    rate: str | None
    net: Decimal
    tax: Decimal
    unit_price: Decimal
    quantity: Decimal
    code: str = ''
    unit: str = ''


def changes(document):
    """The rows of an adjustment.

    :param Document document: one whose ``is_adjustment`` is True
    :rtype: list[Change]
    """
    return [Change(
        line.amounts.total > 0, line.name, line.rate, abs(line.amounts.after),
        abs(line.amounts.tax), abs(line.amounts.unit_price),
        abs(line.amounts.quantity), line.code, line.unit,
    ) for line in document.lines]


def signed_rows(document, sign=1):
    """The rows of an adjustment, with their signs.

    :param Document document: one whose ``is_adjustment`` is True
    :param int sign: -1 where the whole document is marked as a decrease
    :rtype: list[Row]
    """
    none, made = Decimal(0), []
    for line in document.lines:
        # + 0: there is no minus zero on an invoice
        after, tax, quantity = (sign * value + 0 for value in (
            line.amounts.after, line.amounts.tax, line.amounts.quantity))
        made.append(Row(True, line.name, line.rate, after, none, after, tax,
                        line.amounts.unit_price, quantity, none, line.code, line.unit))
    return made


def rows(document, style):
    """Goods first, gifts among them, then discounts.

    :param Document document: neutral document
    :param str style: ``item_discount`` (inside the line) or ``discount_line`` (one
        row per rate)
    :rtype: list[Row]
    """
    goods = [_free(line) if line.is_gift else line
             for line in document.lines if not line.is_discount]
    discounts = [(line.name, line.rate, -line.amounts.after, -line.amounts.tax)
                 for line in document.lines if line.is_discount and line.amounts.total]
    if style == 'discount_line':
        taxes = _taxes_before_discount(goods, document.digits)
        printed = [_goods(line, Decimal(0), line.amounts.net, taxes[id(line)])
                   for line in goods]
        discounts += _discounts_per_rate(goods, taxes)
    else:
        printed = [_goods(line, line.amounts.discount, line.amounts.after,
                          line.amounts.tax) for line in goods]
    return printed + [
        Row(False, name, rate, net, Decimal(0), net, tax, net, Decimal(1), Decimal(0))
        for name, rate, net, tax in discounts]


def _goods(line, discount, after, tax):
    amounts = line.amounts
    return Row(
        True, line.name, line.rate, amounts.net, discount, after, tax,
        amounts.unit_price, amounts.quantity,
        amounts.discount_percent if discount else Decimal(0), line.code, line.unit,
        line.is_gift)


def _free(line):
    """A gift has no price that a discount could take back."""
    none = Decimal(0)
    return replace(line, amounts=replace(
        line.amounts, unit_price=none, discount=none, after=none, tax=none))


def _taxes_before_discount(goods, digits):
    """Tax of each line before its discount, so that line and discount both check."""
    taxes, groups = {}, defaultdict(list)
    for line in goods:
        groups[line.rate].append(line)
    for rate, lines in groups.items():
        if rate is None:
            taxes.update((id(line), Decimal(0)) for line in lines)
            continue
        discount = sum(line.amounts.discount for line in lines) * PERCENT[rate] / 100
        after = sum(line.amounts.tax for line in lines)
        exact = sum(line.amounts.net for line in lines) * PERCENT[rate] / 100
        # up or down, whichever leaves the lines nearest to their own tax: the sums
        # are fixed, so what one side rounds away the other has to carry
        unit = Decimal(1).scaleb(-digits)
        total = min((after + discount.quantize(unit, rounding=rounding)
                     for rounding in (ROUND_FLOOR, ROUND_CEILING)),
                    key=lambda tax: abs(tax - exact))
        shares = share_tax(total, [line.amounts.net for line in lines], rate, digits)
        taxes.update(zip(map(id, lines), shares, strict=True))
    return taxes


def _discounts_per_rate(goods, taxes):
    groups = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in goods:
        groups[line.rate][0] += line.amounts.discount
        groups[line.rate][1] += taxes[id(line)] - line.amounts.tax
    return [(TRADE_DISCOUNT, rate, net, tax)
            for rate, (net, tax) in groups.items() if net]
