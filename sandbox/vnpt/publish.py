"""PublishService: import, issue, drafts, customers, mail (README 3, 4)."""

from datetime import date

from sandbox.einvoice.document import local

from . import invoice as inv
from . import sums
from .errors import Err
from .reading import Reader, root_of, text_of
from .tenants import cash_register, with_code


class Publish:
    """Part of Provider. Every method is one operation; ``a`` holds its arguments."""

    # === WHERE === #

    def row(self, tenant, pattern, serial, register=False):
        """The series of pattern and serial (README 3).

        :raise Err: 35 nothing given and two kinds registered, 20 they do not fit
        """
        pattern, serial = (pattern or '').strip(), (serial or '').strip()
        rows = [r for r in tenant['series'] if cash_register(r['serial']) == register
                and r['serial'][1:3] == self.today()[2:4]]
        if not pattern and not serial:
            kinds = {with_code(r['serial']) for r in rows}
            if len(kinds) != 1:
                raise Err(35 if kinds else 20)
            return rows[0]
        found = [r for r in rows if r['pattern'] == pattern
                 and (not serial or r['serial'] == serial)]
        if len(found) != 1:
            raise Err(20)
        return found[0]

    def today(self):
        return local(self.time()).date().isoformat()

    # === IMPORT AND ISSUE === #

    def ImportAndPublishInv(self, tenant, a):
        row = self.row(tenant, a['pattern'], a['serial'])
        return self.issue_batch(tenant, row, a['xmlInvData'])

    def ImportAndPublishInvMTT(self, tenant, a):
        row = self.row(tenant, a['pattern'], a['serial'], register=True)
        return self.issue_batch(tenant, row, a['xmlInvData'])

    def ImportAndPublishAssignedNo(self, tenant, a):
        row = self.row(tenant, a['pattern'], a['serial'])
        return self.issue_batch(tenant, row, a['xmlInvData'], assigned=True)

    def issue_batch(self, tenant, row, xml, assigned=False):
        """All or nothing: every check comes before the first number."""
        batch = self.read_batch(tenant, row['pattern'], xml)
        numbers = self.numbers(tenant, row, batch, assigned)
        self.may_sign(tenant)
        self.dates(row, batch)
        issued = []
        for (key, read), number in zip(batch, numbers, strict=True):
            invoice = self.keep(tenant, key, row['pattern'], read)
            issued.append(self.give_number(tenant, row, invoice, number))
        return self.ok(row, issued)

    def ok(self, row, issued):
        items = []
        for one in issued:
            item = f'{one["key"]}_{one["number"]}'
            if cash_register(row['serial']):
                item += f'_{one["filing"]["code"]}'
            items.append(item)
        return f'OK:{row["pattern"]};{row["serial"]}-{",".join(items)}'

    def read_batch(self, tenant, pattern, xml):
        """[(Fkey, content)]"""
        root = root_of(xml, 'DSHDon')
        nodes = root.findall('HDon')
        if len(nodes) > self.settings['max_batch']:
            raise Err(10)
        if not nodes:
            raise Err(3, 'không có HDon')
        reader, batch = Reader(self.settings, pattern[0]), []
        for node in nodes:
            content = node.find('DLHDon')
            if content is None:
                raise Err(3, 'thiếu DLHDon')
            if text_of(node, 'MCCQT'):
                raise Err(3, 'MCCQT phải để trống')
            read = reader.invoice(content)
            if self.settings['sums_checked']:
                sums.check(read, self.settings['amount_tolerance'])
            batch.append((reader.key(node), read))
        keys = [key for key, _read in batch]
        if len(set(keys)) < len(keys):
            raise Err(13, 'key lặp lại')
        for key in keys:
            self.free_key(tenant, key)
        return batch

    def free_key(self, tenant, key, code=13):
        known = self.by_key(tenant, key)
        if known and (known['number'] or self.settings['draft_blocks_fkey']):
            raise Err(code, f'key {key} đã có')

    def numbers(self, tenant, row, batch, assigned):
        if row['total'] - row['last_no'] < len(batch):
            raise Err(6)
        if not assigned:
            return range(row['last_no'] + 1, row['last_no'] + 1 + len(batch))
        found = []
        for _key, read in batch:
            text = read['general'].get('SHDon', '')
            if not text.isdecimal() or not 0 < int(text) <= row['total']:
                raise Err(31)
            number = int(text)
            if number in found or self.by_number(tenant, row, number):
                raise Err(21)
            if number <= max([row['last_no'], *found]):
                raise Err(31)
            found.append(number)
        return found

    def may_sign(self, tenant):
        if tenant['certificate'] != 'ok':
            raise Err(29)

    def dates(self, row, batch):
        """README 4: today, or NLap, never before the last one."""
        last = row['last_date']
        for _key, read in batch:
            day = self.day(read)
            if day < last:
                raise Err(30)
            if day > self.today():
                raise Err(3, 'NLap trong tương lai')
            if day[2:4] != row['serial'][1:3]:
                raise Err(20)
            last = day

    def day(self, read):
        return read['general'].get('NLap') or self.today()

    def keep(self, tenant, key, pattern, read):
        self.count += 1
        invoice = inv.new(tenant, key, pattern, read, self.time(), self.count)
        self.store(invoice)
        return invoice

    def give_number(self, tenant, row, invoice, number=None, operation='issue_invoice'):
        number = number or row['last_no'] + 1
        day = self.day(invoice['read'])
        inv.issue(invoice, row, number, day, self.time())
        row['last_no'], row['last_date'] = number, day
        self.effect(operation, invoice['key'], inv.token(invoice))
        return invoice

    # === DRAFTS === #

    def ImportInv(self, tenant, a):
        return self.import_drafts(tenant, self.row(tenant, '', ''), a['xmlInvData'])

    def ImportInvByPattern(self, tenant, a):
        row = self.row(tenant, a['pattern'], a['serial'])
        return self.import_drafts(tenant, row, a['xmlInvData'])

    def ImportInvByPatternMTT(self, tenant, a):
        row = self.row(tenant, a['pattern'], a['serial'], register=True)
        return self.import_drafts(tenant, row, a['xmlInvData'])

    def import_drafts(self, tenant, row, xml):
        batch = self.read_batch(tenant, row['pattern'], xml)
        for key, read in batch:
            draft = self.keep(tenant, key, row['pattern'], read)
            draft['serial'] = row['serial']
            self.effect('import_draft', key, draft['id'])
        keys = ','.join(key for key, _read in batch)
        return f'OK:{row["pattern"]};{row["serial"]}-{keys}'

    def publishInv(self, tenant, a):
        """README 3: the shape of its OK is unsure."""
        row = self.row(tenant, a['pattern'], a['serial'])
        drafts = [self.invoices.get(str(one)) for one in a['invIDs'] or []]
        if not drafts or not all(
            d and d['tenant'] == tenant['name'] and d['status'] == inv.DRAFT
            for d in drafts
        ):
            raise Err(6)
        return self.ok(row, self.issue_drafts(tenant, row, drafts))

    def PublishInvFkey(self, tenant, a):
        row = self.row(tenant, a['pattern'], a['serial'])
        missing, issued, drafts = [], [], []
        for key in self.keys(a['lsFkey']):
            found = self.by_key(tenant, key)
            (missing if not found else issued if found['number'] else drafts).append(
                found or key)
        done = self.issue_drafts(tenant, row, drafts)
        old = ','.join(one['key'] for one in issued)
        fresh = ','.join(f'{one["key"]}_{one["number"]}' for one in done)
        return f'ERR:6#{",".join(missing)}||ERR:15#{old}||OK:#{fresh}'

    def issue_drafts(self, tenant, row, drafts):
        self.numbers(tenant, row, drafts, assigned=False)
        self.may_sign(tenant)
        if any(d['pattern'] != row['pattern'] for d in drafts):
            raise Err(20)
        self.dates(row, [(d['key'], d['read']) for d in drafts])
        return [self.give_number(tenant, row, draft) for draft in drafts]

    def deleteInvoiceByFkey(self, tenant, a):
        """README 3: its refusals are unsure."""
        keys = self.keys(a['lstFkey'])
        found = [self.by_key(tenant, key) for key in keys]
        if not keys or None in found:
            raise Err(6)
        if any(one['number'] for one in found):
            raise Err(9)
        for one in found:
            self.forget(one)
            self.effect('delete_draft', one['key'], one['id'])
        return 'OK:' + ','.join(keys)

    # === CUSTOMERS, MAIL, SETTINGS === #

    def UpdateCus(self, tenant, a):
        """A number: how many, or negative."""
        try:
            root = root_of(a['XMLCusData'], 'Customers')
        except Err:
            return -3
        rows = [{child.tag: (child.text or '').strip() for child in node}
                for node in root.iterfind('Customer')]
        for row in rows:
            if not all(row.get(name) for name in ('Name', 'Code', 'Address')) or (
                row.get('CusType') not in ('0', '1')
            ):
                return -2
        for row in rows:
            self.customers[f'{tenant["name"]} {row["Code"]}'] = row
        return len(rows)

    def SendAgainEmailServ(self, tenant, a):
        root = root_of(a['xmlDataInvoiceEmail'], 'Invoices')
        found = [(self.by_key(tenant, text_of(node, 'Fkey')), text_of(
            node, 'EmailDeliver')) for node in root.iterfind('Inv')]
        if not found or any(not one or not one['number'] for one, _mail in found):
            raise Err(6)
        for one, address in found:
            one['mails'] += 1
            self.effect('send_mail', one['key'], address)
        return 'OK'

    def getCurrentNo(self, tenant, a):
        found = self.registered(tenant, a['pattern'], a['serial'])
        return str(found['last_no'])

    def registered(self, tenant, pattern, serial):
        found = next((r for r in tenant['series'] if (r['pattern'], r['serial']) == (
            pattern, serial)), None)
        if not found:
            raise Err(20)
        return found

    def getSerialByPattern(self, tenant, a):
        """README 3: comma-joined, unsure."""
        found = [r['serial'] for r in tenant['series'] if r['pattern'] == a['pattern']]
        if not found:
            raise Err(4)
        return ','.join(found)

    def GetCertInfo(self, tenant, a):
        """README 3: its XML is unsure."""
        year = date.fromisoformat(self.today()).year
        last = year - 1 if tenant['certificate'] != 'ok' else year + 1
        return (f'<Cert><OwnCA>CN={tenant["title"]}</OwnCA>'
                f'<SerialNumber>5404FFFEB7033FB316D672201B7BA4FE</SerialNumber>'
                f'<ValidFrom>01/01/{year - 2}</ValidFrom>'
                f'<ValidTo>31/12/{last}</ValidTo></Cert>')

    # === LISTS OF FKEYS === #

    def keys(self, text):
        """Lists are joined by underscores, so an Fkey with one falls apart."""
        return [key for key in (text or '').split('_') if key]


