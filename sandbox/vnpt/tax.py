"""What concerns the tax office: status, sending, notice 04/SS, cash-register packages
(README 6)."""

import base64
import secrets

from lxml import etree

from sandbox.einvoice import tax_office

from . import invoice as inv
from .errors import Err
from .reading import root_of, text_of
from .tenants import cash_register, with_code

LIMIT = 100
PACKAGE = 1024 * 1024


def encoded(root):
    return base64.b64encode(etree.tostring(root, encoding='utf-8')).decode()


class Tax:
    """Part of Provider."""

    def advance(self, invoice, poll=False):
        """A cash register's invoice moves only after its package was sent."""
        waiting = invoice['filing']['state'] == tax_office.NOT_SENT
        if waiting and cash_register(invoice['serial']):
            return
        tax_office.advance(
            invoice['filing'], self.settings, self.time(),
            with_code(invoice['serial']), poll, inv.doom(invoice, self.settings))

    # === STATUS === #

    def GetMCCQThueByFkeys(self, tenant, a):
        self.known_pattern(tenant, a['pattern'])
        return self.tax_states([
            self.by_key(tenant, key) for key in self.limited(self.keys(a['fkeys']))])

    def GetMCCQThueByInvTokens(self, tenant, a):
        names = self.limited([t for t in (a['invTokens'] or '').split('_') if t])
        return self.tax_states([self.by_token(tenant, name) for name in names])

    GetMCCQThueByFkeysNoXMLSign = GetMCCQThueByFkeys
    GetMCCQThueByInvTokensNoXMLSign = GetMCCQThueByInvTokens

    def limited(self, names):
        if len(names) > LIMIT:
            raise Err(10)
        return names

    def known_pattern(self, tenant, pattern):
        if pattern not in {row['pattern'] for row in tenant['series']}:
            raise Err(20)

    def tax_states(self, found):
        """README 6: unknown ones are left out, none at all is ERR:2."""
        found = [one for one in found if one and one['number']]
        if not found:
            raise Err(2)
        root = etree.Element('DSHDon')
        for one in found:
            self.advance(one, poll=True)
            filing, node = one['filing'], etree.SubElement(root, 'HDon')
            for name, value in (
                ('KHMSHDon', one['pattern'][0]), ('KHHDon', one['serial']),
                ('SHDon', one['number']), ('MCCQThue', filing['code']),
                ('TThai', inv.t_state(one)), ('MTLoi', filing['reason']),
                ('Fkey', one['key']),
            ):
                etree.SubElement(node, name).text = str(
                    '' if value is None else value)
        return encoded(root)

    def SendInvToCQTByFkeys(self, tenant, a):
        """README 6: the shape of its OK is unsure."""
        self.known_pattern(tenant, a['pattern'])
        keys = self.limited(self.keys(a['fkeys']))
        found = [self.by_key(tenant, key) for key in keys]
        if not keys or any(not one or not one['number'] for one in found):
            raise Err(2)
        for one in found:
            if one['filing']['state'] == tax_office.NOT_SENT:
                tax_office.send(one['filing'])
                self.effect('send_to_tax', one['key'], inv.token(one))
        return 'OK:' + ','.join(keys)

    def GetInvDataByFkey(self, tenant, a):
        found = self.by_key(tenant, a['fkey'])
        if not found or not found['number']:
            raise Err(23)
        self.advance(found, poll=True)
        if with_code(found['serial']) and not found['filing']['code']:
            raise Err(24)
        return base64.b64encode(self.legal_xml(found)).decode()

    # === CASH REGISTER === #

    def SendInvMTTFkey(self, tenant, a):
        """The day's invoices in one package."""
        row = self.row(tenant, a['pattern'], a['serial'], register=True)
        keys = self.keys(a['lstFkey'])
        found = [self.by_key(tenant, key) for key in keys]
        if not keys or any(not one or one['serial'] != row['serial'] for one in found):
            raise Err(6)
        if sum(len(self.legal_xml(one)) for one in found) > PACKAGE:
            raise Err(12)
        for one in found:
            if one['filing']['state'] == tax_office.NOT_SENT:
                tax_office.send(one['filing'])
                self.effect('send_to_tax', one['key'], inv.token(one))
        return f'OK:{self.message_code()}'

    def message_code(self):
        return f'V{inv.VNPT}{secrets.token_hex(16).upper()}'

    # === NOTICE 04/SS === #

    def SendInvNoticeErrors(self, tenant, a):
        self.known_pattern(tenant, a['pattern'])
        root = root_of(a['xml'], 'DLTBao')
        rows = root.findall('DSHDon/HDon')
        for name in ('TNNT', 'NTBao', 'Loai'):
            text_of(root, name, required=True)
        if not rows:
            raise Err(3)
        for node in rows:
            for name in ('KHMSHDon', 'KHHDon', 'SHDon', 'Ngay', 'LDo'):
                text_of(node, name, required=True)
            if text_of(node, 'TCTBao') not in ('1', '2', '3', '4'):
                raise Err(3, 'TCTBao')
            if text_of(node, 'LADHDDT') not in ('1', '2', '3', '4'):
                raise Err(3, 'LADHDDT')
        self.may_sign(tenant)
        code = self.message_code()
        self.notices[code] = {'tenant': tenant['name'], 'at': self.time()}
        self.effect('send_notice', text_of(rows[0], 'Fkey'), code)
        return f'OK:{code}'

    def HandleInvoiceErrors(self, tenant, a):
        """README 6: the shape of the tax office's answer is unsure."""
        notice = self.notices.get(a['mtd'])
        if not notice or notice['tenant'] != tenant['name']:
            raise Err(2)
        root = etree.Element('TBao')
        etree.SubElement(root, 'MTDiep').text = a['mtd']
        etree.SubElement(root, 'TTTNCCQT').text = '1'
        return encoded(root)

    ReceivedInvoiceErrors = HandleInvoiceErrors
