import base64
import json
from datetime import timedelta
from decimal import Decimal

from odoo import fields, models

from odoo.addons.gtg_connector_base.lib.clock import UTC, vietnam_date
from odoo.addons.gtg_connector_base.lib.errors import AuthExpired, Rejected, Retryable
from odoo.addons.gtg_connector_base.lib.transport import dumps

from . import client, const, correction, files, mapping


class EinvoiceAccount(models.Model):
    _inherit = 'gtg.einvoice.account'

    provider = fields.Selection(
        selection_add=[('sinvoice', 'Viettel S-Invoice')],
        ondelete={'sinvoice': 'cascade'}, default='sinvoice')
    answer_seconds = fields.Integer(default=90)  # README 1
    auth_style = fields.Selection([
        ('token', 'Token'), ('basic', 'User and password on every call'),
    ], 'Login', default='token', required=True)
    decrease_style = fields.Selection([
        ('official', 'Positive amounts, marked as decrease'),
        ('negative_unit_price', 'Negative unit price'),
        ('all_negative', 'All amounts negative'),
    ], 'Decreases', default='official', required=True,
        help='How S-Invoice wants adjustments that lower an amount. Tenants differ: check '
             'a preview with your accountant before the first one.')


class SInvoiceAdapter(models.AbstractModel):
    _name = 'gtg.einvoice.sinvoice'
    _inherit = 'gtg.einvoice.adapter'
    _description = 'Viettel S-Invoice'

    # README 1: production and test tenants share the host
    _base_urls = {'production': const.BASE_URL, 'test': const.BASE_URL}
    _log_visible = ('content-type', 'errorCode', 'code', 'message', 'invoiceSeries',
                    'templateCode', 'invoiceNo', 'transactionUuid', 'exchangeStatus')
    _token_margin = const.TOKEN_MARGIN
    _unknown_delay_create_invoice = const.UNKNOWN_DELAY
    _not_found_gap = const.NOT_FOUND_GAP
    _can_correct = frozenset({'adjust', 'inform', 'replace'})
    _corrects_outside = frozenset({'same'})  # README 9: only what its tenant holds
    _can_list = True
    _counts_numbers = True
    _list_days = const.LIST_DAYS
    _longest_item, _longest_unit = const.LIMITS['itemName'], const.LIMITS['unitName']
    _quantity_decimals = const.QUANTITY_DECIMALS

    # === CALLS === #

    def _refresh_token(self, account, refresh_token):
        # README 2: the refresh token has no use, one logs in again
        user = self._user(account)
        with account.sudo()._wire() as wire:
            token = client.login(wire, *user)
        expires = fields.Datetime.now() + timedelta(seconds=token.seconds)
        return {'access_token': token.value, 'refresh_token': None,
                'expires_at': expires.replace(tzinfo=UTC)}

    def _user(self, account):
        """:raise Rejected: nobody to log in as: the provider is not even asked"""
        account = account.sudo()
        if not (account.username and account.password):
            raise Rejected(self.env._('User or password is missing.'), hint=self.env._(
                'Enter the API user that Viettel gave you.'))
        return account.username, account.password

    def _call(self, account, method, *args):
        """Call the client; a token that died before its time is renewed once.

        README 2: a refused login means that the call was not processed, so that even
        a create may be repeated.
        """
        account = account.sudo()
        if account.auth_style == 'basic':
            headers = client.basic(*self._user(account))
            return self._call_with(account, headers, method, args)
        token = account._token()
        try:
            return self._call_with(account, client.bearer(token), method, args)
        except AuthExpired:
            token = account._token(stale=token)
            return self._call_with(account, client.bearer(token), method, args)

    def _call_with(self, account, headers, method, args):
        with account._wire() as wire:
            seller = client.SInvoiceClient(wire, account._seller_tax_code(), headers)
            return getattr(seller, method)(*args)

    def _test_connection(self, account):
        self._user(account)
        published = self._call(account, 'templates')
        return self.env._(
            'S-Invoice accepted the login and knows %s series.', len(published))

    def _list(self, account, first, last, page):
        return self._call(account, 'listed', first, last, page)

    def _fetch_series(self, account):
        return self._call(account, 'templates')

    def _payload(self, account, document):
        return dumps(self._body(account, document)).decode()

    def _body(self, account, document):
        return mapping.payload(
            document, account.discount_style, account.decrease_style)

    def _document_problems(self, account, document):
        if document.is_information and not mapping.note_fits(document):
            # README 9: never half of what was corrected
            return [self.env._(
                'Text as corrected: it is longer than S-Invoice takes. Shorten it, or '
                'replace the e-invoice.')]
        if document.is_adjustment:
            return [self.env._(
                'VAT %s: its net and its tax go in opposite directions, which S-Invoice '
                'cannot say. Make one credit note for each direction.', rate)
                for rate in correction.torn_rates(document)]
        return []

    def _longest_person(self, buyer):
        return const.LIMITS['buyerName']

    def _printed_name(self, document, line):
        if document.is_adjustment:
            return correction.prefix(line.amounts.total > 0) + line.name
        return super()._printed_name(document, line)

    def _long_texts(self, document):
        made = document.correction
        if document.is_information:  # has a sentence of its own
            return []
        texts = [(self.env._('Note on the e-invoice'), mapping.note(document),
                  const.LIMITS['invoiceNote'])]
        if made:
            texts += [
                (self.env._('Reason'), made.reason, const.LIMITS['adjustedNote']),
                (self.env._('Agreement'), made.agreement_ref,
                 const.LIMITS['additionalReferenceDesc'])]
        return texts

    def _preview(self, account, document):
        return self._call(account, 'preview', self._body(account, document))

    # === ISSUE === #

    def _send_create_invoice(self, account, task):
        einvoice = task._subject_of(task)
        body = json.loads(einvoice._unchanged_payload(), parse_float=Decimal)
        return self._facts(self._call(account, 'create', body))

    def _find(self, account, task):
        return self._call(account, 'find', task.reference)

    def _send_send_to_tax(self, account, task):
        now = fields.Datetime.now()
        issued = task._subject_of(task).issued_at or now
        # README 6: days in Vietnam; one more on both sides costs nothing
        self._call(account, 'send_to_tax', task.reference,
                   vietnam_date(issued) - timedelta(days=1),
                   vietnam_date(now) + timedelta(days=1))
        return {}

    def _send_count_numbers(self, account, task):
        series = task._subject_of(task)
        try:
            return {'counts': self._call(
                account, 'numbers', series.template, series.name)}
        except Rejected:
            return {}  # it only warns: nobody need mend a series that was withdrawn

    # === FILES === #

    def _send_fetch_files(self, account, task):
        einvoice = task._subject_of(task)
        names = (einvoice.number, einvoice.series_id.template)
        try:
            archive = self._call(account, 'file', *names, 'ZIP')
            xml = archive and files.find_xml(archive)
            pdf = xml and self._call(account, 'file', *names, 'PDF')
        except files.BadFile as error:
            raise Rejected(str(error), code='bad_file', hint=self.env._(
                'Press "Fetch files" to try again; if it stays so, ask Viettel.'
            )) from error
        if not pdf:
            # README 7: stored some seconds after the issue
            raise Retryable(
                self.env._('S-Invoice is still preparing the files.'), code='not_ready',
                after=account._time_scale() * min(3 * 2 ** task.attempt, 3600))
        return {'xml': base64.b64encode(xml).decode(),
                'pdf': base64.b64encode(pdf).decode()}
