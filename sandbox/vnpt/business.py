"""BusinessService: adjust, replace, cancel, payment marks (README 5)."""

import re
from datetime import datetime
from decimal import Decimal

from lxml import etree

from . import invoice as inv
from . import sums
from .errors import Err
from .reading import Reader, root_of, text_of
from .tenants import with_code

ADJUST, REPLACE = 'DieuChinhHD', 'ThayTheHD'
UP, DOWN, INFORMATION, COMBINED = '2', '3', '4', '6'


class Business:
    """Part of Provider."""

    # === CORRECTIONS === #

    def AdjustInvoiceAction(self, tenant, a):
        return self.correct(tenant, a, ADJUST)

    def ReplaceInvoiceAction(self, tenant, a):
        return self.correct(tenant, a, REPLACE)

    def AdjustInvMTT(self, tenant, a):
        return self.correct(tenant, a, ADJUST, register=True)

    def ReplaceInvMTT(self, tenant, a):
        return self.correct(tenant, a, REPLACE, register=True)

    def correct(self, tenant, a, root_name, register=False):
        """One new invoice that corrects ``fkey``."""
        original = self.by_key(tenant, a['fkey'])
        if not original:
            raise Err(2)
        self.may_correct(original, root_name)
        row = self.row(tenant, a['pattern'], a['serial'], register)
        self.same_kind(original, row)
        if (a.get('OldPattern') or original['pattern']) != original['pattern']:
            raise Err(19)
        key, read, correction = self.read_correction(
            tenant, row, a['xmlInvData'], root_name)
        correction.update(
            pattern=original['pattern'], serial=original['serial'],
            number=original['number'], date=original['date'], fkey=original['key'])
        made = self.issue_correction(tenant, row, key, read, correction)
        original['status'] = inv.REPLACED if root_name == REPLACE else inv.ADJUSTED
        if register:
            return 'OK: ' + self.ok(row, [made])[3:]
        return f'OK: {inv.token(made)}'

    def may_correct(self, original, root_name):
        """README 5: 8 already corrected, 9 its state does not allow it."""
        self.advance_if_issued(original)
        again = self.settings['second_adjustment'] and root_name == ADJUST
        if original['status'] == inv.REPLACED or (
            original['status'] == inv.ADJUSTED and not again
        ):
            raise Err(8)
        if original['status'] in (inv.DRAFT, inv.CANCELLED) or not (
            inv.has_value(original)
        ):
            raise Err(9)

    def same_kind(self, original, row):
        if original['pattern'][0] != row['pattern'][0]:
            raise Err(61)
        if original['pattern'] != row['pattern']:
            raise Err(19)
        if with_code(original['serial']) != with_code(row['serial']):
            raise Err(60)

    def read_correction(self, tenant, row, xml, root_name):
        """(key, content, correction dict)"""
        try:
            root = root_of(xml, root_name)
        except Err as error:
            raise Err(15 if self.is_xml(xml) else 3, error.reason) from None
        reader = Reader(self.settings, row['pattern'][0])
        key = reader.key(root)
        kind = text_of(root, 'Type') if root_name == ADJUST else ''
        if root_name == ADJUST and kind not in (UP, DOWN, INFORMATION, COMBINED):
            raise Err(3, 'Type')
        if kind == COMBINED and self.settings['build'] == 'old':
            raise Err(3, 'Type 6')
        read = reader.invoice(root, lines_required=kind != INFORMATION)
        if kind == INFORMATION:
            self.words_only(read)
        if self.settings['sums_checked'] and read['totals']:
            sums.check(read, self.settings['amount_tolerance'], signed=kind == COMBINED)
        self.free_key(tenant, key)
        if row['total'] <= row['last_no']:
            raise Err(14)
        self.may_sign(tenant)
        self.dates(row, [(key, read)])
        return key, read, {
            'replaces': root_name == REPLACE, 'type': kind,
            'note': text_of(root, 'LDo') or text_of(root, 'Description')}

    def words_only(self, read):
        """README 5: an adjustment of information has no amount anywhere."""
        amounts = [line.get(name) for line in read['lines']
                   for name in ('ThTien', 'TThue', 'TSThue')]
        amounts += [(read['totals'] or {}).get('TgTTTBSo')]
        if any(Decimal(amount) for amount in amounts if amount):
            raise Err(3, 'Type 4')

    def is_xml(self, xml):
        try:
            etree.fromstring((xml or '').encode(), etree.XMLParser(
                resolve_entities=False, no_network=True, load_dtd=False))
        except (etree.XMLSyntaxError, ValueError):
            return False
        return True

    def issue_correction(self, tenant, row, key, read, correction):
        made = self.keep(tenant, key, row['pattern'], read)
        made['correction'] = correction
        operation = 'replace_invoice' if correction['replaces'] else 'adjust_invoice'
        return self.give_number(tenant, row, made, operation=operation)

    def AdjustInvoiceNote(self, tenant, a):
        """Information only: no new number. README 5: its OK is unsure."""
        original = self.by_key(tenant, a['fkey'])
        if not original:
            raise Err(2)
        self.may_correct(original, ADJUST)
        if a['pattern'] != original['pattern']:
            raise Err(19)
        note = text_of(root_of(a['xmlInvData'], ADJUST), 'Description', required=True)
        self.effect('note_invoice', original['key'], note)
        return 'OK:'

    # === ORIGINALS OF ANOTHER SYSTEM === #

    def AdjustWithoutInv(self, tenant, a):
        return self.correct_foreign(tenant, a, ADJUST)

    def ReplaceWithoutInv(self, tenant, a):
        return self.correct_foreign(tenant, a, REPLACE)

    def correct_foreign(self, tenant, a, root_name):
        row = self.row(tenant, a['pattern'], a['serial'])
        if not a['oldPattern'] or not a['oldSerial'] or a['oldNo'] < 1:
            raise Err(2)
        if re.fullmatch(r'[CK]\d\d[A-Z]{3}', a['oldSerial']):  # of the present law
            if a['oldPattern'][0] != row['pattern'][0]:
                raise Err(61)
            if with_code(a['oldSerial']) != with_code(row['serial']):
                raise Err(60)
        day = None
        if 'strOldArisingDate' in a:
            day = self.vietnamese_day(a['strOldArisingDate'], 12)
        key, read, correction = self.read_correction(
            tenant, row, a['invXml'], root_name)
        correction.update(
            pattern=a['oldPattern'], serial=a['oldSerial'], number=int(a['oldNo']),
            date=day, kind=a.get('relatedInvType', 1))
        made = self.issue_correction(tenant, row, key, read, correction)
        return f'OK: {inv.token(made)}'

    def vietnamese_day(self, text, code):
        """dd/MM/yyyy as ISO day."""
        if not re.fullmatch(r'\d\d/\d\d/\d{4}', text or '', re.ASCII):
            raise Err(code)
        try:
            return datetime.strptime(text, '%d/%m/%Y').date().isoformat()
        except ValueError:
            raise Err(code) from None

    # === CANCEL === #

    def cancelInv(self, tenant, a):
        return self.cancel(tenant, a, paid_refused=True)

    def cancelInvNoPay(self, tenant, a):
        return self.cancel(tenant, a, paid_refused=False)

    def cancel(self, tenant, a, paid_refused):
        """README 5: since July 2026 not once the tax office has accepted it."""
        found = self.by_key(tenant, a['fkey'])
        if not found:
            raise Err(2)
        self.advance_if_issued(found)
        if found['status'] != inv.ISSUED:
            raise Err(8)
        if paid_refused and found['paid']:
            raise Err(9)
        if inv.has_value(found) and not self.settings['cancel_accepted']:
            raise Err(8)
        found['status'] = inv.CANCELLED
        self.effect('cancel_invoice', found['key'], inv.token(found))
        return 'OK:'

    # === PAYMENT === #

    def confirmPaymentFkey(self, tenant, a):
        return self.pay([self.by_key(tenant, k) for k in self.keys(a['lstFkey'])], True)

    def UnConfirmPaymentFkey(self, tenant, a):
        return self.pay([self.by_key(tenant, k) for k in self.keys(a['lstFkey'])], False)

    def confirmPayment(self, tenant, a):
        names = [t for t in (a['lstInvToken'] or '').split('_') if t]
        return self.pay([self.by_token(tenant, name) for name in names], True)

    def pay(self, found, paid):
        if not found or any(not one or not one['number'] for one in found):
            raise Err(6)
        if paid and any(one['paid'] for one in found):
            raise Err(13)
        for one in found:
            one['paid'] = paid
            self.effect('mark_paid' if paid else 'mark_unpaid', one['key'],
                        inv.token(one))
        return 'OK'

    def deliverInvFkey(self, tenant, a):
        found = [self.by_key(tenant, k) for k in self.keys(a['lstFkey'])]
        if not found or any(not one or not one['number'] for one in found):
            raise Err(6)
        for one in found:
            one['converted'] = True
        return 'OK'

    def advance_if_issued(self, invoice):
        if invoice['number']:
            self.advance(invoice)


