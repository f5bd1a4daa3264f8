"""One invoice: its dict, its states, how it reads for paper and tax office."""

from decimal import Decimal

from sandbox.einvoice import tax_office
from sandbox.einvoice.document import Document, Line, Party, Related, local

from .sums import sign
from .tenants import cash_register

VNPT = '0100684378'
DRAFT, ISSUED, REPLACED, ADJUSTED, CANCELLED = 0, 1, 3, 4, 5  # README 6
T_STATES = {'not_sent': 0, 'failed': 0, 'sent': 1, 'accepted': 2, 'refused': 3}
REDUCED = ('2025-07-01', '2026-12-31')  # days of the 8 % rate


def new(tenant, key, pattern, read, now, index):
    """A draft: no number, no tax office yet."""
    return {
        'id': index, 'tenant': tenant['name'], 'key': key, 'pattern': pattern,
        'serial': None, 'number': None, 'date': None, 'status': DRAFT, 'made': now,
        'published': None, 'paid': False, 'converted': False, 'verified': False,
        'mails': 0, 'filing': None, 'read': read, 'correction': None,
    }


def issue(invoice, row, number, day, now):
    """Give it its number: from here on it exists."""
    serial = row['serial']
    code = tax_office.register_code(serial, number) if cash_register(serial) else None
    invoice.update(
        pattern=row['pattern'], serial=serial, number=number, date=day, published=now,
        status=ISSUED, filing=tax_office.filing(now, code))


def token(invoice):
    return f'{invoice["pattern"]};{invoice["serial"]};{invoice["number"]:07d}'


def t_state(invoice):
    return T_STATES[invoice['filing']['state']]


def has_value(invoice):
    """May it be shown? A cash register's has its code from the start."""
    filing = invoice['filing']
    return filing['state'] == 'accepted' or (
        cash_register(invoice['serial']) and bool(filing['code']))


def doom(invoice, settings):
    """Why the tax office will refuse it, or None."""
    read = invoice['read']
    names = [line['THHDVu'] for line in read['lines']]
    rates = {line['rate'] for line in read['lines']}
    if '8%' in rates and not invoice['correction'] and not (
        REDUCED[0] <= invoice['date'] <= REDUCED[1]
    ):
        return 'Thuế suất 8% không còn hiệu lực'
    return tax_office.doom(settings, read['buyer'].get('MST'), names)


def total(invoice):
    totals = invoice['read']['totals']
    return Decimal(totals['TgTTTBSo']) if totals else Decimal(0)


def buyer_name(invoice):
    buyer = invoice['read']['buyer']
    return buyer.get('Ten') or buyer.get('HVTNMHang') or ''


def _number(text):
    return Decimal(text) if text else None


def document(invoice, tenant, draft=False):
    """The Document for paper and legal XML."""
    read = invoice['read']
    general, buyer, totals = read['general'], read['buyer'], read['totals'] or {}
    moment = local(invoice['published'] or invoice['made'])
    year, month, day = (int(x) for x in (
        invoice['date'] or moment.date().isoformat()).split('-'))
    filing = invoice['filing'] or {'code': None, 'state': None}
    down = -1 if (invoice['correction'] or {}).get('type') == '3' else 1
    zero = Decimal(0)
    return Document(
        form=invoice['pattern'][0], series=invoice['serial'] or '',
        number='' if draft else str(invoice['number']),
        day=moment.replace(year=year, month=month, day=day), signed=moment,
        seller=Party(name=tenant['title'], tax_code=tenant['tax_code'],
                     address=tenant['address'], phone=tenant['phone']),
        buyer=Party(
            name=buyer.get('Ten', ''), person=buyer.get('HVTNMHang', ''),
            tax_code=buyer.get('MST', ''), address=buyer.get('DChi', ''),
            code=buyer.get('MKHang', ''), phone=buyer.get('SDThoai', ''),
            email=buyer.get('DCTDTu', ''), bank_account=buyer.get('STKNHang', ''),
            bank=buyer.get('TNHang', ''), citizen_id=buyer.get('CCCDan', '')),
        lines=[_line(line, down) for line in read['lines']],
        rates=[(row['rate'], down * Decimal(row['net']), down * Decimal(row['tax']))
               for row in read['rates']],
        net=down * (_number(totals.get('TgTCThue')) or zero),
        tax=down * (_number(totals.get('TgTThue')) or zero), total=down * total(invoice),
        words=totals.get('TgTTTBChu', ''),
        discount=_number(totals.get('TTCKTMai')) or zero,
        currency=general['DVTTe'], exchange_rate=_number(general.get('TGia')) or 1,
        payment=general.get('HTTToan', ''), transmitter=VNPT, code=filing['code'] or '',
        lookup=invoice['key'], accepted=filing['state'] == 'accepted',
        related=_related(invoice['correction']), extra={'Fkey': invoice['key']},
    )


def _line(line, down):
    amount = _number(line.get('ThTien')) or Decimal(0)
    return Line(
        kind=line['TChat'], position=line.get('STT', ''), code=line.get('MHHDVu', ''),
        name=line['THHDVu'], unit=line.get('DVTinh', ''),
        quantity=_number(line.get('SLuong')), price=_number(line.get('DGia')),
        discount_rate=_number(line.get('TLCKhau')),
        discount=_number(line.get('STCKhau')),
        amount=down * amount if sign(line) >= 0 else amount, rate=line['rate'],
    )


def _related(correction):
    if not correction:
        return None
    return Related(
        replaces=correction['replaces'], form=correction['pattern'][:1],
        series=correction['serial'], number=str(correction['number']),
        day=correction['date'] or '', note=correction.get('note') or '',
        kind=str(correction.get('kind', 1)))
