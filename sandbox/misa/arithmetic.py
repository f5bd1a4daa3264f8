"""The sums of an invoice (README 5): line by line, then the totals."""

import re
from decimal import ROUND_HALF_UP, Decimal

from .envelope import Problem

GOODS, PROMOTION, DISCOUNT, NOTE, SPECIAL = 1, 2, 3, 4, 5
COUNTS = {GOODS: 1, SPECIAL: 1, DISCOUNT: -1, PROMOTION: 0, NOTE: 0}
TOTALS = ('SaleAmount', 'DiscountAmount', 'AmountWithoutVAT', 'VATAmount', 'Amount')
OTHER = re.compile(r'KHAC:(\d{1,2}(?:\.\d{1,2})?)%')
FIXED = {'0%': 0, '5%': 5, '8%': 8, '10%': 10, 'KCT': None, 'KKKNT': None}
UNKNOWN_RATE = 'KHAC:?'  # of drafts only: "another rate", its tax is taken as given


def rate(name):
    """Percent as Decimal, None for KCT and KKKNT.

    :raise Problem: no such rate
    """
    if not isinstance(name, str):
        raise Problem('InvalidVatPercentage')
    if name in FIXED:
        return None if FIXED[name] is None else Decimal(FIXED[name])
    found = OTHER.fullmatch(name)
    if not found:
        raise Problem('InvalidVatPercentage')
    return Decimal(found[1])


def rounded(value, digits):
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def number(data, name):
    value = data.get(name)
    return Decimal(0) if value is None else Decimal(value)


class Sums:
    """Checks one invoice.

    :param digits: decimals announced: {'AmountOC': 0, 'Amount': 0…}
    :param tolerance: units of the last digit that a product may be off by
    """

    def __init__(self, data, digits, settings):
        self.data, self.digits = data, digits
        self.exchange = number(data, 'ExchangeRate')
        unit = Decimal(1).scaleb(-digits['AmountOC'])
        self.near = unit * settings['amount_tolerance']
        self.near_vnd = Decimal(1).scaleb(-digits['Amount']) * (
            settings['amount_tolerance'])
        self.exact = unit * settings['total_tolerance']
        self.by_amount = settings['discount_without_rate']
        self.taxed = str(data['InvSeries'])[0] != '2'
        self.corrects = data.get('ReferenceType') == 2

    def check(self):
        rows = self.data['OriginalInvoiceDetail']
        for row in rows:
            self.line(row)
        self.totals(rows)

    def wrong(self, field, what='InvoiceDetail_'):
        return Problem(f'{what}{field}')

    def differ(self, row, name, wanted, near):
        if abs(number(row, name) - wanted) > near:
            raise self.wrong(name)

    # === LINES === #

    def line(self, row):
        kind = row['ItemType']
        if number(row, 'UnitPrice') < 0:
            raise self.wrong('UnitPrice')
        if kind in (PROMOTION, NOTE):
            for name in ('AmountOC', 'DiscountAmountOC', 'VATAmountOC', 'Amount'):
                self.differ(row, name, 0, 0)
            return
        if not self.corrects and any(
            number(row, name) < 0 for name in ('Quantity', 'AmountOC', 'VATAmountOC')
        ):
            raise self.wrong('AmountOC')
        quantity, price = number(row, 'Quantity'), number(row, 'UnitPrice')
        amount = number(row, 'AmountOC')
        bare = kind == DISCOUNT and row.get('UnitPrice') is None
        if not bare and not (self.corrects and not quantity and not price):
            self.differ(row, 'AmountOC', rounded(
                quantity * price, self.digits['AmountOC']), self.near)
        self.discount(row, amount)
        net = amount - number(row, 'DiscountAmountOC')
        self.differ(row, 'AmountWithoutVATOC', net, 0)
        self.tax(row, net)
        for name in ('Amount', 'DiscountAmount', 'AmountWithoutVAT', 'VATAmount'):
            wanted = rounded(number(row, name + 'OC') * self.exchange,
                             self.digits['Amount'])
            self.differ(row, name, wanted, self.near_vnd if self.exchange != 1 else 0)

    def discount(self, row, amount):
        percent = number(row, 'DiscountRate')
        if not 0 <= percent <= 100:
            raise self.wrong('DiscountRate')
        given = number(row, 'DiscountAmountOC')
        if not percent and given and self.by_amount:
            return
        self.differ(row, 'DiscountAmountOC', rounded(
            amount * percent / 100, self.digits['AmountOC']), self.near)
        if given and row['ItemType'] == DISCOUNT:
            raise self.wrong('DiscountAmountOC')

    def tax(self, row, net):
        name = row.get('VATRateName')
        if not self.taxed:
            if name or number(row, 'VATAmountOC'):
                raise Problem('InvalidVatPercentage')
            return
        if name == UNKNOWN_RATE:
            return
        percent = rate(name)
        if percent is None:
            self.differ(row, 'VATAmountOC', 0, 0)
        else:
            self.differ(row, 'VATAmountOC', rounded(
                net * percent / 100, self.digits['AmountOC']), self.near)

    # === TOTALS === #

    def totals(self, rows):
        def total(name, discounts=True):
            return sum(
                COUNTS[row['ItemType']] * number(row, name) for row in rows
                if discounts or row['ItemType'] != DISCOUNT)

        sale, discount = total('AmountOC'), total('DiscountAmountOC', False)
        tax = total('VATAmountOC')
        wanted = (sale, discount, sale - discount, tax, sale - discount + tax)
        for name, value in zip(TOTALS, wanted, strict=True):
            field = f'Total{name}OC'
            if abs(number(self.data, field) - value) > self.exact:
                raise Problem(f'Invalid_[Invoice.{field}]')
            field = f'Total{name}'
            converted = rounded(value * self.exchange, self.digits['Amount'])
            near = self.near_vnd if self.exchange != 1 else self.exact
            if abs(number(self.data, field) - converted) > near:
                raise Problem(f'Invalid_[Invoice.{field}]')
        if not self.corrects and wanted[-1] < 0:
            raise Problem('Invalid_[Invoice.TotalAmountOC]')

    def rate_table(self, needs_template):
        """TaxRateInfo against the lines (README 5)."""
        given = self.data.get('TaxRateInfo') or []
        if not self.taxed:
            if given:
                raise Problem('TaxRateInfo_VATRateName')
            return
        wanted, silent = {}, set()
        for row in self.data['OriginalInvoiceDetail']:
            name, sign = row.get('VATRateName'), COUNTS[row['ItemType']]
            if not sign:
                silent.add(name)
                continue
            sums = wanted.setdefault(name, [Decimal(0), Decimal(0)])
            sums[0] += sign * number(row, 'AmountWithoutVATOC')
            sums[1] += sign * number(row, 'VATAmountOC')
        if needs_template and len(wanted) > 1:
            raise Problem('TaxRateInfo_VATRateName')
        table = {}
        for row in given:
            name = row.get('VATRateName')
            if name in table:
                raise Problem('TaxRateInfo_VATRateName')
            table[name] = [number(row, 'AmountWithoutVATOC'), number(row, 'VATAmountOC')]
        for name in set(table) - set(wanted):
            if name not in silent or any(table.pop(name)):
                raise Problem('TaxRateInfo_VATRateName')
        if set(table) != set(wanted):
            raise Problem('TaxRateInfo_VATRateName')
        for name, sums in wanted.items():
            if any(abs(a - b) > self.exact
                   for a, b in zip(sums, table[name], strict=True)):
                raise Problem('TaxRateInfo_VATRateName')
