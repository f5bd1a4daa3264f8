"""The USB-token flow (README 3): VNPT hands out hashes, the client signs them."""

import base64
import hashlib
import secrets

from lxml import etree

from . import invoice as inv
from .business import ADJUST, REPLACE
from .errors import Err
from .reading import root_of, text_of

NEW, REPLACED = 0, 1


class TokenFlow:
    """Part of Provider. ``self.hashes`` keeps what waits for its signature."""

    def getHashInvWithToken(self, tenant, a):
        if a['serialCert'] != self.settings['certificate_serial']:
            raise Err(28)
        row = self.row(tenant, a['pattern'], a['serial'])
        if a['type'] == NEW:
            batch = self.read_batch(tenant, row['pattern'], a['xmlInvData'])
            self.numbers(tenant, row, batch, assigned=False)
            waiting = [(key, read, None) for key, read in batch]
        else:
            waiting = [self.hash_correction(tenant, row, a)]
        root = etree.Element('Invoices')
        for key, read, correction in waiting:
            name = secrets.token_hex(8)
            digest = base64.b64encode(hashlib.sha256(
                f'{name}{key}'.encode()).digest()).decode()
            self.hashes[name] = {
                'tenant': tenant['name'], 'key': key, 'read': read,
                'correction': correction, 'row': [row['pattern'], row['serial']]}
            node = etree.SubElement(root, 'Inv')
            for tag, value in (('key', key), ('idInv', name), ('hashValue', digest),
                               ('pattern', row['pattern']), ('serial', row['serial'])):
                etree.SubElement(node, tag).text = value
        return etree.tostring(root, encoding='unicode')

    def hash_correction(self, tenant, row, a):
        if a['type'] not in (1, 2, 3, 4):
            raise Err(3)
        original = self.by_token(tenant, a['invToken'])
        if not original:
            raise Err(2)
        name = REPLACE if a['type'] == REPLACED else ADJUST
        self.may_correct(original, name)
        self.same_kind(original, row)
        key, read, correction = self.read_correction(tenant, row, a['xmlInvData'], name)
        correction.update(
            pattern=original['pattern'], serial=original['serial'],
            number=original['number'], date=original['date'], fkey=original['key'])
        return key, read, correction

    def publishInvWithToken(self, tenant, a):
        row, waiting = self.signed(tenant, a, corrections=False)
        self.dates(row, [(one['key'], one['read']) for one in waiting])
        issued = []
        for one in waiting:
            made = self.keep(tenant, one['key'], row['pattern'], one['read'])
            issued.append(self.give_number(tenant, row, made))
        return self.ok(row, issued)

    def AdjustReplaceInvWithToken(self, tenant, a):
        row, waiting = self.signed(tenant, a, corrections=True)
        made = None
        for one in waiting:
            made = self.issue_correction(
                tenant, row, one['key'], one['read'], one['correction'])
            original = self.by_key(tenant, one['correction']['fkey'])
            original['status'] = inv.REPLACED if one['correction']['replaces'] else (
                inv.ADJUSTED)
        return f'OK: {inv.token(made)}'

    def signed(self, tenant, a, corrections):
        """(series, what waited), all of it signed by the registered certificate."""
        root = root_of(a['xmlInvData'], 'Invoices')
        if text_of(root, 'SerialCert') != self.settings['certificate_serial']:
            raise Err(24)
        row, waiting = self.row(tenant, a['pattern'], a['serial']), []
        for node in root.iterfind('Inv'):
            one = self.hashes.get(text_of(node, 'idInv', required=True))
            text_of(node, 'signValue', required=True)
            if not one or one['tenant'] != tenant['name'] or (
                one['key'] != text_of(node, 'key')
                or bool(one['correction']) != corrections
                or one['row'] != [row['pattern'], row['serial']]
            ):
                raise Err(30)
            if self.by_key(tenant, one['key']):
                raise Err(0)
            waiting.append(one)
        if not waiting:
            raise Err(3)
        if row['total'] - row['last_no'] < len(waiting):
            raise Err(6)
        return row, waiting
