"""S-Invoice over HTTP: one method per call, dataclasses out, `lib.errors` raised."""

import base64
from dataclasses import dataclass

from odoo.addons.gtg_connector_base.lib.errors import AuthExpired, Rejected, Retryable

from ...lib.document import Template
from . import answers, const, files

_ = str  # marks texts for the translators; they are translated when shown


@dataclass(frozen=True)
class Token:
    """``seconds`` is its life as announced, never a constant (README 2)."""

    value: str
    seconds: float


def bearer(token):
    """Headers for a token: some servers read one, some the other (README 2)."""
    return {'Authorization': f'Bearer {token}', 'Cookie': f'access_token={token}'}


def basic(username, password):
    """Headers for tenants without token login (README 2)."""
    secret = base64.b64encode(f'{username}:{password}'.encode()).decode()
    return {'Authorization': f'Basic {secret}'}


def login(wire, username, password):
    """Get a token.

    :param Transport wire: the provider's host
    :rtype: Token
    :raise AuthExpired: user or password is wrong
    """
    answer = wire.send('POST', const.LOGIN, safe=True, json={
        'username': username, 'password': password})
    value = answers.body(answer) or {}
    if answer.status in (400, 401, 403):
        raise AuthExpired(_('S-Invoice refused user name or password'),
                          code=str(answer.status),
                          hint=_('Enter the user and password of the API user.'))
    # README 2: older samples name it id_token
    token = value.get('access_token') or value.get('id_token')
    if answer.status >= 300 or not token:
        # README 1: a server that does not know our address answers 500 as well
        raise Retryable(_('S-Invoice did not answer the login'), hint=_(
            'If it stays so, ask Viettel to allow the address of this server.'),
            code=f'http_{answer.status}')
    try:
        seconds = float(value.get('expires_in') or 300)
    except (TypeError, ValueError):
        seconds = 300.0
    return Token(str(token), seconds)


class SInvoiceClient:
    """Calls of one seller.

    :param Transport wire: the provider's host
    :param str tax_code: tax code of the seller as Viettel knows it
    :param dict headers: from `bearer` or `basic`
    """

    def __init__(self, wire, tax_code, headers):
        self.wire = wire
        self.tax_code = tax_code
        self.headers = headers

    def create(self, body):
        """Issue an invoice. Must never run twice at once for one reference.

        :param dict body: from `mapping.payload`
        :rtype: Issued
        :raise OutcomeUnknown, Rejected, RateLimited, AuthExpired:
        """
        return answers.created(self.wire.send(
            'POST', const.CREATE + self.tax_code, json=body, headers=self.headers,
            safe=False))

    def preview(self, body):
        """PDF of an invoice that is not issued."""
        value = self._read(const.PREVIEW + self.tax_code, json=body)
        content = files.decode(value.get('fileToBytes'))
        if not content:
            raise Rejected(_('S-Invoice gave no preview'), hint=_('Try again later.'))
        return content

    def find(self, reference):
        """The invoice of our reference.

        :rtype: Issued or None
        :raise Retryable: it cannot be told at the moment
        """
        try:
            return answers.found(self._read(const.FIND, data={
                'supplierTaxCode': self.tax_code, 'transactionUuid': reference}))
        except Rejected as error:
            if error.code == const.NOT_FOUND:
                return None
            raise

    def file(self, number, template, kind):
        """Content of ``PDF`` or ``ZIP``; None while the provider has not stored it.

        README 7: the reference is not sent, some tenants refuse it.
        """
        try:
            value = self._read(const.FILE, json={
                'supplierTaxCode': self.tax_code, 'invoiceNo': number,
                'templateCode': template, 'fileType': kind})
        except Rejected as error:
            if error.code == const.NOT_FOUND:
                return None
            raise
        return files.decode(value.get('fileToBytes'))

    def templates(self):
        """Published templates and series: harmless, so it also tests the connection.

        :rtype: list[Template]
        """
        value = self._read(const.TEMPLATES, json={
            'taxCode': self.tax_code, 'invoiceType': 'all'})
        return [
            Template(str(row['templateCode']), str(row['invoiceSeri']), raw=row)
            for row in value.get('template') or []
            if isinstance(row, dict) and row.get('templateCode')
            and row.get('invoiceSeri')
        ]

    def listed(self, first, last, page):
        """One page of what was issued between two Vietnamese days (README 9).

        :param int page: from 1
        :rtype: Page
        """
        return answers.listed(self._read(const.LIST + self.tax_code, json={
            'startDate': f'{first:%Y-%m-%d}', 'endDate': f'{last:%Y-%m-%d}',
            'rowPerPage': const.LIST_ROWS, 'pageNum': page}), page)

    def numbers(self, template, series):
        """Numbers of a series, as they are told (README 10).

        :return: {name of the provider: count}, empty if they are not both told
        """
        value = self._read(const.NUMBERS_LEFT, json={
            'supplierTaxCode': self.tax_code, 'templateCode': template,
            'serial': series})
        try:
            return {name: int(value[name]) for name in ('numOfpublishInv', 'totalInv')}
        except (KeyError, TypeError, ValueError):
            return {}

    def send_to_tax(self, reference, day_from, day_to):
        """Ask to pass an invoice on that still waits at the provider (README 6).

        :param datetime.date day_from: Vietnamese days between which it was issued
        :raise Retryable: it was not passed on
        """
        value = self._read(const.SEND_TO_TAX, data={
            'supplierTaxCode': self.tax_code, 'transactionUuid': reference,
            'startDate': f'{day_from:%Y-%m-%d}', 'endDate': f'{day_to:%Y-%m-%d}'})
        for row in value.get('errorlist') or []:
            message = str(row.get('message') or '') if isinstance(row, dict) else ''
            if message and message != 'INVOICE_SENT':  # sent before is fine
                raise Retryable(str(row.get('detail') or message), code=message,
                                after=600)

    def _read(self, path, json=None, data=None):
        return answers.read(self.wire.send(
            'POST', path, json=json, data=data, headers=self.headers, safe=True))
