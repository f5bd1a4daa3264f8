"""MISA over HTTP: one method per call, dataclasses out, `lib.errors` raised."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import product

from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    OutcomeUnknown,
    Rejected,
)

from ...lib.document import Issued, Template
from ...lib.symbol import parse_symbol
from . import answers, const

_ = str  # marks texts for the translators; they are translated when shown


@dataclass(frozen=True)
class Keys:
    """Who knocks: the partner's keys (README 2).

    ``secret`` is empty on the integration flavour, whose only key is the app id.
    """

    flavour: str
    client_id: str
    secret: str = ''

    @property
    def api(self):
        return const.FLAVOURS[self.flavour]

    def login_headers(self):
        if self.flavour != 'portal':
            return {}
        return {'ClientID': self.client_id, 'ClientSecret': self.secret}

    def headers(self, token):
        headers = {'Authorization': f'Bearer {token}'}
        if self.flavour == 'portal':
            headers['ClientID'] = self.client_id
        return headers


@dataclass(frozen=True)
class Token:
    """``expires_at`` is aware UTC (README 2)."""

    value: str
    expires_at: datetime


def login(wire, keys, tax_code, username, password, web=False, now=None):
    """Get a token of the publish group, or of the draft group.

    :param Transport wire: the provider's host
    :param bool web: for the draft group, whose token is another one
    :rtype: Token
    :raise AuthExpired: keys, tax code, user or password are wrong
    """
    body = {'taxcode': tax_code, 'username': username, 'password': password}
    if keys.flavour == 'integration' and not web:
        body = {'appid': keys.client_id, **body}
    path = keys.api.web + const.WEB_LOGIN if web else keys.api.login
    answer = wire.send('POST', path, json=body, headers=keys.login_headers(), safe=True)
    try:
        reply = answers.read(answer)
    except Rejected as error:
        # README 2: whatever the login is refused for, a person must mend it
        raise AuthExpired(error.text, code=error.code, hint=error.hint) from error
    now = now or datetime.now(timezone.utc)
    data = reply.data
    if isinstance(data, dict):
        value = data.get('access_token')
        seconds = data.get('expires_in')
    else:
        value, seconds = data, None
    if not value or not isinstance(value, str):
        raise AuthExpired(_('MISA gave no token'), code='no_token')
    expires = _expiry(value)
    if not expires:
        try:
            expires = now + timedelta(seconds=int(seconds))
        except (TypeError, ValueError, OverflowError):
            expires = now + timedelta(days=const.TOKEN_DAYS)
    return Token(value, expires)


class MisaClient:
    """Calls of one seller.

    :param Transport wire: the provider's host
    :param Keys keys: the partner's keys
    :param str tax_code: tax code of the seller
    :param str token: of the publish group
    :param str web_token: of the draft group, if drafts are used
    """

    def __init__(self, wire, keys, tax_code, token, web_token=''):
        self.wire = wire
        self.keys = keys
        self.headers = keys.headers(token)
        self.web_headers = {**keys.headers(web_token), 'TaxCode': tax_code}

    # === ISSUE === #

    def publish(self, invoice):
        """Issue one invoice; of one series never two at once (README 4).

        :param dict invoice: from `mapping.invoice`, with its date
        :rtype: Issued
        :raise OutcomeUnknown, Rejected, Retryable, AuthExpired:
        """
        register = invoice['IsInvoiceCalculatingMachine']
        return answers.published(self.wire.send(
            'POST', self.keys.api.publish, headers=self.headers, safe=False, json={
                'SignType': const.CASH_REGISTER if register else const.HSM,
                'InvoiceData': [invoice], 'PublishInvoiceData': None,
            }), invoice['RefID'])

    def preview(self, invoice):
        """Address of the picture of an invoice; also MISA's own check (README 4)."""
        reply = answers.read(self.wire.send(
            'POST', const.PREVIEW, json=invoice, headers=self.headers, safe=True))
        if not isinstance(reply.data, str) or not reply.data.startswith('http'):
            raise Rejected(_('MISA gave no preview'), hint=_('Try again later.'))
        return reply.data

    # === READ === #

    def find(self, series, reference):
        """The issued invoice of our reference.

        :param str series: symbol without form digit, tells where MISA must look
        :rtype: Issued or None
        """
        return self.status(series, [reference], by_reference=True).get(
            reference.lower())

    def status(self, series, ids, by_reference=False):
        """State of many invoices of one series.

        :param ids: TransactionIDs, or our references
        :return: {id: Issued}, unknown ones left out
        """
        found = {}
        symbol = parse_symbol(series)
        for first in range(0, len(ids), const.BATCH):
            part = ids[first:first + const.BATCH]
            rows = self._status(symbol.with_code, symbol.cash_register, part,
                                by_reference)
            if not rows:
                # README 6: a wrong flag gives an empty list instead of an error
                rows = self._status(not symbol.with_code, symbol.cash_register, part,
                                    by_reference)
            found.update(rows)
        return found

    def _status(self, with_code, register, ids, by_reference):
        reply = answers.read(self.wire.send(
            'POST', const.STATUS, json=ids, headers=self.headers, safe=True, params={
                'invoiceWithCode': _flag(with_code), 'invoiceCalcu': _flag(register),
                'inputType': '2' if by_reference else '1'}))
        return answers.status_rows(reply, with_code)

    def invoices(self, day_from, day_to, skip=0):
        """One page of the issued invoices of a period (README 11).

        :param datetime.date day_from: first day, Vietnam
        :param int skip: rows of the pages before
        :return: (list of Listed, rows received, rows in all or 0)
        """
        rows, total = answers.page(answers.read(self.wire.send(
            'POST', const.PAGING, headers=self.headers, safe=True, json={
                'FromDate': f'{day_from}', 'ToDate': f'{day_to}', 'Skip': skip,
                'Take': const.PAGE})))
        return answers.listed(rows), len(rows), total

    def file(self, series, transaction_id, kind):
        """Content of ``Pdf`` or ``Xml``; None while MISA has none yet."""
        symbol = parse_symbol(series)
        try:
            reply = answers.read(self.wire.send(
                'POST', self.keys.api.download, json=[transaction_id],
                headers=self.headers, safe=True, params={
                    'invoiceWithCode': _flag(symbol.with_code),
                    'invoiceCalcu': _flag(symbol.cash_register),
                    'downloadDataType': kind}))
        except Rejected as error:
            if error.code == const.NOT_READY:
                return None
            raise
        return answers.file(reply, transaction_id)

    def templates(self, *years):
        """Series of the seller: harmless, so it also tests the connection.

        The template's key holds the form digit and MISA's id, which drafts need.

        :param int years: asked for as well: a list without year may hold one only
        :rtype: list[Template]
        """
        found = {}
        for with_code, year in product((True, False), (None, *years)):
            reply = answers.read(self.wire.send(
                'GET', const.TEMPLATES, headers=self.headers, safe=True, params={
                    'invoiceWithCode': _flag(with_code), 'ticket': 'false',
                    **({'year': year} if year else {})}))
            for row in answers.templates(reply):
                symbol = str(row['invseries'])
                form = symbol[0] if len(symbol) == 7 else str(
                    row.get('invtemplateno') or '')
                template = Template(
                    f'{form}/{row.get("iptemplateid") or ""}', symbol[-6:],
                    row.get('issendsummary') is True, row)
                found[template.template, template.series] = template
        return list(found.values())

    # === DRAFTS === #

    def insert_draft(self, series, draft):
        """Store a draft that a person signs on MISA's site.

        :param dict draft: from `mapping.web_invoice`, with its dates
        :return: Issued with ``draft``
        :raise OutcomeUnknown: MISA does not say whether it keeps it
        """
        answer = self.wire.send(
            'POST', self.keys.api.web + const.WEB_INSERT, json=[draft],
            headers=self.web_headers, safe=False, params=self._web_flag(series))
        if not answers.inserted(answer, draft['RefID']):
            # README 7: in neither list: it must be looked up
            raise OutcomeUnknown(_('MISA does not list the draft'), code='not_listed')
        return Issued(number='', draft=True)

    def find_draft(self, series, reference):
        """The draft of our reference, signed or not.

        :rtype: Issued or None
        """
        return self.drafts(series, [reference]).get(reference.lower())

    def drafts(self, series, references):
        """Many drafts of one series.

        :return: {reference in lower case: Issued}, unknown ones left out
        """
        found = {}
        for first in range(0, len(references), const.BATCH):
            found.update(answers.draft_rows(answers.read(self.wire.send(
                'POST', self.keys.api.web + const.WEB_LIST,
                json=references[first:first + const.BATCH],
                headers=self.web_headers, safe=True, params=self._web_flag(series)))))
        return found

    def preview_draft(self, draft):
        """Picture (bytes) of a draft that is not stored."""
        reply = answers.read(self.wire.send(
            'POST', self.keys.api.web + const.WEB_PREVIEW, json=draft,
            headers=self.web_headers, safe=True))
        if not isinstance(reply.data, str):
            raise Rejected(_('MISA gave no preview'), hint=_('Try again later.'))
        return answers.decode(reply.data)

    def _web_flag(self, series):
        return {'invoiceWithCode': _flag(parse_symbol(series).with_code)}


def _flag(value):
    return 'true' if value else 'false'


def _expiry(token):
    """End of a JWT, read without verifying (README 2); None if it tells none."""
    parts = token.split('.')
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + '=' * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(int(claims['exp']), timezone.utc)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return None
