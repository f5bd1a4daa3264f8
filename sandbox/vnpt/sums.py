"""The sums of an invoice (README 4)."""

from decimal import ROUND_HALF_UP, Decimal

from .reading import bad

ZERO = Decimal(0)
GOODS, PROMOTION, DISCOUNT, NOTE, SPECIAL = '1', '2', '3', '4', '5'


def number(row, name):
    return Decimal(row.get(name) or 0)


def sign(line):
    """How a line counts: its ThTien may be written with or without the minus."""
    kind = line['TChat']
    if kind in (PROMOTION, NOTE):
        return 0
    return -1 if kind == DISCOUNT and number(line, 'ThTien') > 0 else 1


def check(read, tolerance, signed=False):
    """:raise Err: a sum does not follow from the lines

    :param tolerance: dong (or last digits) that a product may be off by
    :param signed: amounts may be negative (a combined adjustment)
    """
    unit = Decimal(1) if read['general']['DVTTe'] == 'VND' else Decimal('0.01')
    near = unit * tolerance
    net, tax, table = ZERO, ZERO, {}
    for line in read['lines']:
        kind = line['TChat']
        amount, vat = number(line, 'ThTien'), number(line, 'TThue')
        if not signed and kind != DISCOUNT and (amount < 0 or vat < 0):
            raise bad('số tiền âm')
        if kind in (PROMOTION, NOTE):
            continue
        _line(line, amount, vat, unit, near)
        net += sign(line) * amount
        tax += sign(line) * vat
        sums = table.setdefault(line['rate'], [ZERO, ZERO])
        sums[0] += sign(line) * amount
        sums[1] += sign(line) * vat
    _totals(read, net, tax, table)


def _line(line, amount, vat, unit, near):
    quantity, price = number(line, 'SLuong'), number(line, 'DGia')
    if line.get('SLuong') and line.get('DGia') and line['TChat'] != DISCOUNT:
        wanted = quantity * price - number(line, 'STCKhau')
        if abs(amount - wanted) > near:
            raise bad('ThTien')
    percent = line['rate'].removeprefix('KHAC:').rstrip('%')
    percent = Decimal(percent) if line['rate'].endswith('%') else ZERO
    wanted = (amount * percent / 100).quantize(unit, ROUND_HALF_UP)
    if abs(vat - wanted) > (near if percent else 0):
        raise bad('TThue')
    if line.get('TSThue') and number(line, 'TSThue') != amount + vat:
        raise bad('TSThue')


def _totals(read, net, tax, table):
    totals = read['totals']
    for name, wanted in (('TgTCThue', net), ('TgTThue', tax), ('TgTTTBSo', net + tax)):
        if totals[name] and Decimal(totals[name]) != wanted:
            raise bad(name)
    table.pop('', None)
    given = [(row['rate'], [Decimal(row['net']), Decimal(row['tax'])])
             for row in read['rates'] if row['rate']]
    # a rate that only promotions have may stand there with nothing
    given = [(rate, pair) for rate, pair in given if any(pair) or rate in table]
    if dict(given) != table or len(given) != len(table):
        raise bad('THTTLTSuat')
