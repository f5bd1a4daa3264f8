"""How the law corrects an issued invoice (Circular 91/2026, article 10).

An issued invoice is never cancelled: a notice to the tax office, an adjustment by
the difference, or a replacement with the complete new content.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from .amounts import PRICE_DECIMALS, fit, from_parts

METHODS = ('adjust', 'replace')
TEXTS = ('text', 'buyer')  # of these an adjustment may name the right words alone


@dataclass(frozen=True)
class Decision:
    """``ways``: of ``notice``, ``adjust``, ``inform`` (an adjustment of mere texts) and
    ``replace``, the best first; empty if nothing can be done through us. ``why`` names
    the reason."""

    ways: tuple[str, ...]
    why: str


def decide(what, cash_register=False, method=None, register_returns='adjust',
           can=METHODS, in_summary=False, register_names='replace'):
    """What to do about an issued invoice.

    :param str what: ``name`` (name or address of the buyer, a remark), ``text`` (name,
        unit or description of goods), ``amount`` (price, quantity, rate or goods of some
        lines), ``buyer`` (wrong buyer or tax code), ``all`` or ``return`` (goods came
        back or the price was lowered afterwards: no error)
    :param bool cash_register: the original is of a cash register (letter M)
    :param str method: how the first correction of the original was done
    :param str register_returns: what the accountant chose for returns of cash registers
    :param can: corrections that the provider does through us
    :param bool in_summary: the tax office got the original in a summary table
    :param str register_names: ``replace`` or ``notice``, what the accountant chose for
        wrong names on invoices of cash registers: the law says both of them
    :rtype: Decision
    """
    if what == 'return':
        ways, why = (('adjust',), 'return') if not cash_register else (
            (register_returns,), 'register_return')
    elif what == 'name' and in_summary:  # article 10.1dd: no notice
        return Decision((), 'next_table')
    elif cash_register and (what != 'name' or register_names == 'replace'):
        ways, why = ('replace',), 'register'
    elif what == 'name':
        return Decision(('notice',), 'words')
    elif method:
        ways, why = (method,), 'same_method'
        if method == 'adjust' and what in TEXTS:
            if 'inform' not in can:
                return Decision((), 'texts_by_adjustment')
            ways = ('inform',)
    elif what == 'text':
        ways = ('inform', 'replace')
        why = 'texts' if 'inform' in can else 'texts_replaced'
    elif what == 'buyer' and 'inform' in can:
        ways, why = ('replace', 'inform'), 'buyer'
    elif what in ('buyer', 'all'):
        ways, why = ('replace',), 'whole'
    else:
        ways, why = METHODS, 'choice'
    if method == 'adjust' and ways == ('replace',):
        # a replacement beside adjustments that stay: the sums would be wrong
        return Decision((), 'adjusted_before')
    possible = tuple(way for way in ways if way in can)
    return Decision(possible, why if possible else 'provider')


def needs_agreement(what, buyer_kind, exempt=False, in_summary=False):
    """Whether the law wants a written agreement with this buyer first.

    :param str buyer_kind: ``kind`` of `document.Buyer`
    :param bool exempt: sold on a digital platform, or the papers of a return exist
    :param bool in_summary: reported in a summary table, article 10.1b
    """
    return what != 'name' and not exempt and not in_summary and buyer_kind in (
        'company', 'budget', 'household')


def change(line, sign, price_decimals=PRICE_DECIMALS):
    """A line of the books as a signed change, its discount within the price.

    :param document.Line line: with the amounts of the books
    :param int sign: -1 where the books' positive amounts lower the original
    """
    values = line.amounts
    after, tax = sign * values.after, sign * values.tax
    direction = -1 if (after or tax or sign) < 0 else 1
    price = None if values.discount else abs(values.unit_price)
    return replace(line, amounts=from_parts(
        after, tax, Decimal(0), direction * abs(values.quantity), price, price_decimals))


def take_the_rest(lines, left, earlier, digits=0, price_decimals=PRICE_DECIMALS):
    """Let the adjustment that ends a rate take exactly what is left of it.

    Each return is rounded for itself, so that three returns of one unit may miss the
    invoice of three by single dongs. The last one carries the difference.

    :param lines: of the adjustment, signed
    :param dict left: {rate: (net, tax)} of the original after its adjustments
    :param int earlier: number of adjustments before this one
    :return: (list of lines, Decimal of what may lie between them and the books)
    """
    unit = Decimal(1).scaleb(-digits)
    groups, slack = defaultdict(list), unit * 0
    for number, line in enumerate(lines):
        groups[line.rate].append(number)
    result = list(lines)
    for rate, numbers in groups.items():
        values = [lines[number].amounts for number in numbers]
        net = sum(value.after for value in values)
        tax = sum(value.tax for value in values)
        left_net, left_tax = left.get(rate, (Decimal(0), Decimal(0)))
        near = unit * len(numbers) * (1 + earlier)
        if net >= 0 or left_net <= 0 or (
                max(abs(left_net + net), abs(left_tax + tax)) > near) or (
                (net, tax) == (-left_net, -left_tax)):
            continue
        slack += abs(left_net + net) + abs(left_tax + tax)
        fitted = fit(values, rate or 'KCT', -left_net, -left_tax, digits, price_decimals)
        for number, value in zip(numbers, fitted, strict=True):
            result[number] = replace(lines[number], amounts=value)
    return result, slack


def overdrawn(lines, left):
    """Rates of which an adjustment takes more than is left.

    :param lines: signed lines of the adjustment
    :param dict left: {rate: (net, tax)} of the original after its adjustments
    :return: list of (rate, net that is left)
    """
    sums = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in lines:
        sums[line.rate][0] += line.amounts.after
        sums[line.rate][1] += line.amounts.tax
    over = []
    for rate, (net, tax) in sums.items():
        left_net, left_tax = left.get(rate, (Decimal(0), Decimal(0)))
        if left_net + net < 0 or left_tax + tax < 0:
            over.append((rate, left_net))
    return over
