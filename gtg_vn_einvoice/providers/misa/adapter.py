import base64
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from odoo import api, fields, models

from odoo.addons.gtg_connector_base.lib.clock import UTC, VIETNAM, vietnam_date
from odoo.addons.gtg_connector_base.lib.errors import AuthExpired, Rejected, Retryable
from odoo.addons.gtg_connector_base.lib.transport import dumps

from ...lib import symbol
from ...lib.listing import Page
from . import client, const, mapping

MAX_LINES = 200  # README 3
LINK_HOSTS = ('.meinvoice.vn', '.misa.vn')  # README 6
# README 4: a second or more between two invoices
PACE = {'rate_limit': 1, 'rate_burst': 1}
ACCESS = {'misa_flavour', 'misa_client_id', 'misa_client_secret', 'misa_signing',
          'supplier_tax_code'}


class EinvoiceAccount(models.Model):
    _inherit = 'gtg.einvoice.account'

    provider = fields.Selection(
        selection_add=[('misa', 'MISA meInvoice')], ondelete={'misa': 'cascade'})
    misa_flavour = fields.Selection([
        ('portal', 'Portal (developer.misa.vn)'),
        ('integration', 'Integration (app id from MISA)'),
    ], 'Kind of API', default='portal', required=True)
    misa_client_id = fields.Char(
        'Client ID / app ID', groups='base.group_system', copy=False)
    misa_client_secret = fields.Char(
        'Client secret', groups='base.group_system', copy=False)
    misa_signing = fields.Selection([
        ('hsm', 'At once, by HSM or eSign advanced'),
        ('draft', 'On the site of MISA, by a person'),
    ], 'Signing', default='hsm', required=True,
        help='With an ordinary eSign or a USB token, drafts are stored at MISA and '
             'signed there. Cash-register series need no signature either way.')

    def write(self, vals):
        if ACCESS & set(vals):
            self.sudo()._drop_tokens()
        return super().write(vals)

    @api.onchange('provider')
    def _onchange_provider_misa(self):
        if self.provider == 'misa':
            self.update(PACE)

    @api.model_create_multi
    def create(self, vals_list):
        # also of accounts that no screen has made
        return super().create([
            {**PACE, **vals} if vals.get('provider') == 'misa' else vals
            for vals in vals_list])


class MisaAdapter(models.AbstractModel):
    _name = 'gtg.einvoice.misa'
    _inherit = 'gtg.einvoice.adapter'
    _description = 'MISA meInvoice'

    _log_visible = ('content-type', 'success', 'errorCode', 'descriptionErrorCode',
                    'errors', 'RefID', 'InvSeries', 'InvNo', 'SendTaxStatus',
                    'PublishStatus', 'invoiceWithCode', 'invoiceCalcu', 'inputType')
    _token_margin = 0  # `_refresh_token` stores an earlier end
    _unknown_delay_create_invoice = const.UNKNOWN_DELAY
    _known_codes = const.DUPLICATE_CODES
    _can_correct = frozenset({'adjust', 'replace'})  # README 10
    _corrects_outside = frozenset({'same', 'other'})
    _can_list = True
    _refused_days = 2  # README 6: final

    # === CALLS === #

    def _wire(self, account):
        # README 1: the two kinds of API live on hosts of their own
        urls = const.FLAVOURS[account.misa_flavour].urls
        return account._wire(urls.get(account.environment))

    def _keys(self, account):
        """:raise Rejected: keys or user are missing: MISA is not even asked"""
        account = account.sudo()
        if not (account.misa_client_id and account.username and account.password) or (
                account.misa_flavour == 'portal' and not account.misa_client_secret):
            raise Rejected(self.env._('Keys, user or password are missing.'), hint=(
                self.env._('Enter the keys of the API and the meInvoice login.')))
        return client.Keys(account.misa_flavour, account.misa_client_id,
                           account.misa_client_secret or '')

    def _refresh_token(self, account, refresh_token):
        """README 2: both groups of calls have tokens of their own, kept together."""
        account, keys, now = account.sudo(), self._keys(account), fields.Datetime.now()
        user = (account._seller_tax_code(), account.username, account.password)
        groups = [False, True] if account.misa_signing == 'draft' else [False]
        with self._wire(account) as wire:
            tokens = [client.login(wire, keys, *user, web=web) for web in groups]
        expires = min(token.expires_at for token in tokens)
        life = expires - now.replace(tzinfo=UTC)
        return {'access_token': ' '.join(token.value for token in tokens),
                'refresh_token': None,
                'expires_at': expires - min(
                    timedelta(seconds=const.TOKEN_MARGIN), life / 10)}

    def _call(self, account, method, *args):
        """Call the client; a token that died before its time is renewed once.

        README 2: a refused token means that the call was not processed.
        """
        token = account._token()
        try:
            return self._call_with(account, token, method, args)
        except AuthExpired:
            token = account._token(stale=token)
            return self._call_with(account, token, method, args)

    def _call_with(self, account, token, method, args):
        publish, _blank, web = token.partition(' ')
        with self._wire(account) as wire:
            seller = client.MisaClient(
                wire, self._keys(account), account._seller_tax_code(), publish, web)
            return getattr(seller, method)(*args)

    def _test_connection(self, account):
        published = self._call(account, 'templates')
        return self.env._('MISA accepted the login and knows %s series.', len(published))

    def _fetch_series(self, account):
        today = vietnam_date(fields.Datetime.now())
        years = [today.year + 1] if today.month == 12 else []
        return self._call(account, 'templates', *years)

    # === DOCUMENT === #

    def _drafts(self, account, series):
        """Whether a person signs this series on MISA's site (README 7)."""
        return account.misa_signing == 'draft' and not (
            symbol.parse_symbol(series).cash_register)

    def _payload(self, account, document):
        if self._drafts(account, document.series):
            return dumps({'draft': mapping.web_invoice(
                document, account.discount_style)}).decode()
        return dumps({'publish': mapping.invoice(
            document, account.discount_style)}).decode()

    def _lookup_url(self, account):
        return const.LOOKUP_URL

    def _document_problems(self, account, document):
        problems = []
        if len(mapping.address(document.buyer)) > const.LIMITS['name']:
            problems.append(self.env._(
                'Address of %s: with the nationality it is longer than MISA takes. '
                'Shorten it on the contact.', document.buyer.name))
        if len(mapping.printed(document, account.discount_style)) + bool(
                document.note) >= MAX_LINES:
            problems.append(self.env._(
                'Invoice lines: MISA takes fewer than %s, discounts included. Split the '
                'invoice.', MAX_LINES))
        if self._drafts(account, document.series) and (
                len(document.template.partition('/')[2]) != 36):
            problems.append(self.env._(
                "E-invoice series: drafts need MISA's own template. Fetch the series on "
                'the account and choose a fetched one.'))
        return problems

    def _long_texts(self, document):
        texts = super()._long_texts(document)
        if document.correction:
            texts.append((self.env._('Reason'), mapping.correction_note(document),
                          const.LIMITS['note']))
        return texts

    def _dated(self, kind, body):
        """README 3: the day of sending, never an older one."""
        now = fields.Datetime.now().replace(tzinfo=UTC)
        day = vietnam_date(now).isoformat()
        if kind == 'publish':
            return {**body, 'InvDate': day}
        moment = now.astimezone(VIETNAM).isoformat(timespec='seconds')
        return {**body, 'InvDate': f'{day}T00:00:00+07:00', 'CreatedDate': moment,
                'ModifiedDate': moment}

    def _preview(self, account, document):
        ((kind, body),) = json.loads(
            self._payload(account, document), parse_float=Decimal).items()
        body = self._dated(kind, body)
        if kind == 'draft':
            return self._call(account, 'preview_draft', body)
        link = self._call(account, 'preview', body)
        content = self._fetch_link(account, link)
        # README 4: a page instead of a file is shown to the person as it is
        return content if content.startswith(b'%PDF') else link

    def _fetch_link(self, account, link):
        """Content behind an address that MISA gave us, if it is one of MISA's."""
        parts = urlsplit(link)
        own = urlsplit(account._base_url()) if account.environment == 'custom' else None
        if own and (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
            base = f'{own.scheme}://{own.netloc}'
        elif parts.scheme == 'https' and f'.{parts.hostname}'.endswith(LINK_HOSTS):
            base = f'https://{parts.hostname}'
        else:
            raise Rejected(self.env._('MISA named an address that is not its own.'))
        # the query apart: it opens the document, so no log may show it
        with account._wire(base) as wire:
            answer = wire.send('GET', parts.path, safe=True,
                               params=parse_qsl(parts.query, keep_blank_values=True))
        if answer.status != 200:
            raise Retryable(self.env._('MISA did not give the file.'),
                            code=f'http_{answer.status}')
        return answer.content

    # === ISSUE === #

    def _send_create_invoice(self, account, task):
        einvoice = task._subject_of(task)
        ((kind, body),) = json.loads(
            einvoice._unchanged_payload(), parse_float=Decimal).items()
        call = ('insert_draft', einvoice.series_id.name) if kind == 'draft' else (
            'publish',)
        try:
            return self._facts(self._call(account, *call, self._dated(kind, body)))
        except Rejected as error:
            if error.code in const.CORRECTED_CODES:
                return self._ours_or(account, task, error)
            raise

    def _send_poll_code(self, account, task):
        einvoice = task._subject_of(task)
        if einvoice.state == 'to_sign':
            return self._ask_signatures(account, einvoice)
        if not einvoice.lookup_code:
            return super()._send_poll_code(account, task)
        asked = einvoice | einvoice._poll_peers(const.BATCH - 1)
        rows = self._call(account, 'status', einvoice.series_id.name,
                          asked.mapped('lookup_code'))
        return self._facts_of_many(einvoice, {
            document: self._explained(rows[document.lookup_code])
            for document in asked if document.lookup_code in rows})

    def _ask_signatures(self, account, einvoice):
        """Of this draft and of those that are asked about soon, in two calls."""
        asked = einvoice | einvoice._poll_peers(const.BATCH - 1)
        keys = {document: document.reference.lower() for document in asked}
        series = einvoice.series_id.name
        found = self._call(account, 'drafts', series, list(keys.values()))
        # no longer in the list: signed after all?
        signed = [key for key in keys.values() if key not in found or not found[key].draft]
        if signed:
            found.update(self._call(account, 'status', series, signed, True))
        return self._facts_of_many(einvoice, {
            document: self._explained(found[key])
            for document, key in keys.items() if key in found})

    def _find(self, account, task):
        einvoice = task._subject_of(task)
        series = einvoice.series_id.name
        if 'draft' not in json.loads(einvoice.payload):
            return self._explained(self._call(account, 'find', series, task.reference))
        draft = self._call(account, 'find_draft', series, task.reference)
        if not draft:
            # no longer in the list: signed after all?
            return self._explained(self._call(account, 'find', series, task.reference))
        if draft.draft:
            return draft
        signed = self._call(account, 'status', series, [draft.lookup_code])
        return self._explained(signed.get(draft.lookup_code, draft))

    def _list(self, account, first, last, page):
        # a page is named by the place of its first row: MISA may give less than asked
        rows, count, total = self._call(account, 'invoices', first, last, page - 1)
        seen = page - 1 + count
        return Page(tuple(rows), total or None, bool(count) and not seen >= total > 0,
                    count=count, next=page + count)

    def _explained(self, issued):
        if issued and issued.tax_state == 'rejected':
            # README 6: no call tells the reason
            return replace(issued, tax_message=self.env._(
                'MISA tells the reason on its site.'))
        return issued

    # === FILES === #

    def _send_fetch_files(self, account, task):
        einvoice = task._subject_of(task)
        contents = {}
        for kind in ('Xml', 'Pdf'):
            content = self._call(account, 'file', einvoice.series_id.name,
                                 einvoice.lookup_code, kind)
            if isinstance(content, str):
                content = self._fetch_link(account, content)
            if not content:
                # README 6: stored some time after the issue
                raise Retryable(
                    self.env._('MISA is still preparing the files.'), code='not_ready',
                    after=account._time_scale() * min(3 * 2 ** task.attempt, 3600))
            contents[kind.lower()] = base64.b64encode(content).decode()
        return contents
