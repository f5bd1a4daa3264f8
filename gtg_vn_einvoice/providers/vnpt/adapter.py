import base64
import json
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date
from odoo.addons.gtg_connector_base.lib.errors import Rejected, Retryable
from odoo.addons.gtg_connector_base.lib.transport import dumps

from ...lib.listing import Page
from ...lib.symbol import parse_symbol, split_number
from . import client, const, mapping, soap


class EinvoiceAccount(models.Model):
    _inherit = 'gtg.einvoice.account'

    provider = fields.Selection(
        selection_add=[('vnpt', 'VNPT Invoice')], ondelete={'vnpt': 'cascade'})
    vnpt_url = fields.Char(
        'Administration site', tracking=True, help='From your contract mail, for example '
        'https://0312345678-tt78admin.vnpt-invoice.com.vn')
    vnpt_service_user = fields.Char(
        'Service user', groups='base.group_system', copy=False,
        help='The technical account with the role ServiceRole. User and password above '
             'are those of the person who issues.')
    vnpt_service_password = fields.Char(
        'Service password', groups='base.group_system', copy=False)
    vnpt_certificate = fields.Char(
        'Certificate serial', help='Only if VNPT asks for it when invoices of cash '
        'registers are passed on to the tax office.')
    vnpt_rate_style = fields.Selection([
        ('number', 'Numbers (8, -1, -2)'), ('text', 'As in law (8%, KCT, KKKNT)'),
    ], 'VAT rates', default='number', required=True,
        help='How your build of VNPT wants them. Ask VNPT if invoices are refused '
             '(ERR:3).')
    vnpt_combined = fields.Boolean(
        'Adjustments both ways',
        help='One adjustment may raise some amounts and lower others (Type 6 at VNPT, '
             'newer versions only). Ask VNPT before you switch it on.')
    vnpt_wsdl = fields.Text(
        'Service descriptions', groups='base.group_system', copy=False, prefetch=False,
        help='{service: WSDL} of the server, read when the connection is tested.')

    def write(self, vals):
        if {'vnpt_url', 'environment', 'custom_url'} & set(vals):
            vals = {**vals, 'vnpt_wsdl': False}
        return super().write(vals)

    @api.model
    def _identity(self):
        return (*super()._identity(), 'vnpt_url')

    def _is_moved(self, name, value):
        # a customer's documents move with his server; those of a test never become real
        return super()._is_moved(name, value) or (
            name == 'vnpt_url' and self.environment == 'production'
            and self.env.is_system() and _is_production(self.vnpt_url)
            and _is_production(value))

    @api.onchange('vnpt_url')
    def _onchange_vnpt_url(self):
        before = self._origin.vnpt_url
        if before and before != self.vnpt_url and self._origin._is_used():
            return {'warning': {'title': self.env._('Another server'), 'message': self.env._(
                'E-invoices were issued with this account. Only change the address if '
                'VNPT has moved the same seller to another server; else archive the '
                'account and make a new one. Then test the connection.')}}
        return None

    @api.depends('vnpt_url')
    def _compute_lookup_url(self):
        return super()._compute_lookup_url()


def _is_production(url):
    host = urlsplit(url or '').hostname or ''
    return host.endswith(f'-tt78admin{const.HOST}')  # README 1: those of tests differ


class VnptAdapter(models.AbstractModel):
    _name = 'gtg.einvoice.vnpt'
    _inherit = 'gtg.einvoice.adapter'
    _description = 'VNPT Invoice'

    _log_visible = ('content-type', 'SOAPAction')
    _known_codes = const.KNOWN
    _can_correct = frozenset({'adjust', 'inform', 'replace'})  # README 7
    _corrects_outside = frozenset({'same', 'other'})
    _names_by_lookup = True
    _can_list = True
    _refused_days = 2  # README 6: final
    _list_days = const.LIST_DAYS
    _list_by_series = True
    _longest_item, _longest_unit = const.LIMITS['item'], const.LIMITS['unit']

    def _lookup_url(self, account):
        # README 1: buyers have a site of their own beside the administration site
        host = urlsplit(account.vnpt_url or '').hostname or ''
        if not host.endswith(const.HOST) or '-tt78admin' not in host:
            return ''
        return f'https://{host.replace("-tt78admin", "-tt78")}'

    # === CALLS === #

    def _wire(self, account):
        """README 1: every customer has a host of his own.

        :raise Rejected: none is entered, or it is not VNPT's
        """
        if account.environment == 'custom':
            return account._wire()
        url = account.vnpt_url or ''
        if not f'.{urlsplit(url).hostname}'.endswith(const.HOST):
            raise Rejected(self.env._('The administration site is missing or not of VNPT.'),
                           hint=self.env._('Enter the address of your contract mail.'))
        return account._wire(url)

    def _login(self, account):
        """:raise Rejected: a login is missing: VNPT is not even asked"""
        account = account.sudo()
        values = (account.username, account.password, account.vnpt_service_user,
                  account.vnpt_service_password)
        if not all(values):
            raise Rejected(self.env._('User or password is missing.'), hint=self.env._(
                'Enter the login of the person who issues and that of the service.'))
        return client.Login(*values)

    def _wsdls(self, account):
        stored = account.sudo().vnpt_wsdl
        if not stored:
            raise Rejected(
                self.env._('The service of VNPT is not known yet.'), code='no_wsdl',
                hint=self.env._('Test the connection on the account.'))
        return {name: text.encode() for name, text in json.loads(stored).items()}

    def _call(self, account, method, *args):
        login, wsdls = self._login(account), self._wsdls(account)
        with self._wire(account) as wire:
            return getattr(client.VnptClient(wire, wsdls, login), method)(*args)

    def _test_connection(self, account):
        """Read the server's descriptions, then prove both logins."""
        self._login(account)
        with self._wire(account) as wire:
            wsdls = {name: client.fetch_wsdl(wire, name).decode('utf-8', 'replace')
                     for name in const.SERVICES}
        account.sudo().vnpt_wsdl = json.dumps(wsdls)
        series = account.series_ids[:1]
        self._call(account, 'check', series.template or const.PATTERNS[0],
                   series.name or '')
        return self.env._('VNPT accepted both logins.')

    def _fetch_series(self, account):
        by_hand = Rejected(self.env._('VNPT does not list the series.'), hint=self.env._(
            'Enter pattern and serial of your contract under Series.'))
        try:
            published = self._call(account, 'templates')
        except Rejected as error:
            if error.code == 'no_operation':
                raise by_hand from error
            raise
        if not published:
            raise by_hand
        return published

    # === DOCUMENT === #

    def _payload(self, account, document):
        company = account.company_id.partner_id
        seller = mapping.Seller(
            company.name or '', account._seller_tax_code(), company._gtg_address())
        return dumps({
            **(mapping.original(document.correction) if document.correction else {}),
            'pattern': document.template, 'serial': document.series,
            'register': parse_symbol(document.series).cash_register,
            'xml': mapping.xml(
                document, seller, account.discount_style, account.vnpt_rate_style,
                with_email=not account.send_mail),
        }).decode()

    def _document_problems(self, account, document):
        buyer, problems = document.buyer, []
        if buyer.budget_code or buyer.kind == 'foreigner' and buyer.id_number:
            # README 5: no element for them is known
            problems.append(self.env._(
                'Buyer: passport numbers and budget codes cannot be sent to VNPT. Issue '
                "this invoice on VNPT's site."))
        if document.correction:
            problems += self._correction_problems(account, document)
        return problems

    def _long_texts(self, document):
        texts = super()._long_texts(document)
        if document.correction and parse_symbol(document.series).cash_register:
            texts.append((self.env._('Reason'), mapping.cause(document),
                          const.LIMITS['note']))
        return texts

    def _longest_person(self, buyer):
        return const.LIMITS['person' if buyer.legal_name else 'name']

    def _can_correct_of(self, account, original):
        """README 7: originals that VNPT does not hold have calls of their own."""
        can = super()._can_correct_of(account, original)
        if original.outside != 'other':
            return can
        if original.code_kind == 'at_once' or not account.sudo().vnpt_wsdl:
            return can & {'notice'}
        offered = soap.operations(
            self._wsdls(account)[const.BUSINESS], const.BUSINESS)
        return frozenset(way for way in can if const.CORRECT_OUTSIDE.get(
            'adjust' if way == 'inform' else way) in offered)

    def _correction_problems(self, account, document):
        """README 7: what VNPT refuses, or what nobody has confirmed."""
        original, problems = document.correction.original, []
        mine, other = parse_symbol(document.series), parse_symbol(original.series)
        pattern = (document.template if original.outside == 'other'
                   else original.template)  # another provider has its own
        if (document.template, mine.with_code, mine.cash_register) != (
                pattern, other.with_code, other.cash_register):
            problems.append(self.env._(
                'E-invoice series: VNPT corrects %(number)s only by a series of the same '
                'pattern (%(pattern)s) and kind.',
                number=original.number, pattern=pattern))
        if document.is_information and not mapping.note_fits(document):
            problems.append(self.env._(
                'Text as corrected: it is longer than VNPT takes. Shorten it, or replace '
                'the e-invoice.'))
        if not account.vnpt_combined and (
                mapping.adjustment_type(document) == const.COMBINED):
            problems.append(self.env._(
                'Lines: the adjustment raises some amounts and lowers others. Ask VNPT '
                'whether your version takes that and tick "Adjustments both ways" on the '
                'account, or make one credit note for each direction.'))
        return problems

    def _preview(self, account, document):
        return None  # README 3: VNPT shows stored documents only

    # === ISSUE === #

    def _send_create_invoice(self, account, task):
        body = json.loads(task._subject_of(task)._unchanged_payload())
        request = (mapping.fkey(task.reference), body['pattern'], body['serial'],
                   body['xml'])
        try:
            if 'outside' in body:
                return self._facts(self._call(
                    account, 'correct_outside', *body['outside'], *request))
            request += (body['register'],)
            if 'corrects' not in body:
                return self._facts(self._call(account, 'publish', *request))
            if 'typed' in body:
                self._check_typed(account, body)
            return self._facts(self._call(
                account, 'correct', *body['corrects'], *request))
        except Rejected as error:
            if error.code in const.CORRECTED and {'corrects', 'outside'} & set(body):
                return self._ours_or(account, task, error)
            raise

    def _check_typed(self, account, body):
        """README 7: the Fkey of another program alone decides what is corrected.

        :raise Rejected: it is that of another document
        """
        key, (number, day) = body['corrects'][1], body['typed']
        if const.SEPARATORS & set(key):
            return  # it cannot be asked for alone
        day = date.fromisoformat(day)
        found = self._call(account, 'find', key, body['pattern'],
                           day - timedelta(days=1), day + timedelta(days=1))
        with suppress(ValueError):  # an answer that nobody can read proves nothing
            # README 6: the symbol may come with its form
            if not found or split_number(
                    found.number.lstrip('123456789')) == split_number(number):
                return
            raise Rejected(
                self.env._('The look-up code %(key)s is that of %(found)s, not of '
                           '%(number)s.', key=key, found=found.number, number=number),
                code='typed', hint=self.env._(
                    'Press "Entered wrongly" on e-invoice %s and name it anew.', number))

    def _find(self, account, task):
        fkey = mapping.fkey(task.reference)
        day = vietnam_date(task.create_date)
        found = self._call(
            account, 'find', fkey, task._subject_of(task).series_id.template,
            day - timedelta(days=1),
            vietnam_date(fields.Datetime.now()) + timedelta(days=1))
        return found and self._with_code(task._subject_of(task), found)

    def _list(self, account, first, last, page):
        """README 8: series by series; one with too many a day block by block."""
        series = account.with_context(active_test=False).series_ids.filtered(
            lambda s: not s.outside and first.year <= s.year <= last.year).sorted('id')
        place, block = divmod(page - 1, const.PART)
        if place >= len(series):
            return Page(())
        following = Page((), more=place + 1 < len(series), onward=True,
                         next=(place + 1) * const.PART + 1)
        names = (series[place].template, series[place].name)
        if block:
            return self._list_block(account, names, block, (first, last), page, following)
        try:
            return replace(following, rows=tuple(
                self._call(account, 'invoices', *names, first, last)))
        except Rejected as error:
            if error.code != const.TOO_MANY:
                raise
        block = self._by_number(account, 'first_block', *names, first)
        return replace(following, more=True, next=page + block + 1)

    def _list_block(self, account, names, block, days, page, following):
        """:return: Page of one block; after the last one comes ``following``"""
        rows = self._by_number(account, 'next_block', *names, block - 1)
        told = {row: vietnam_date(row.issued_at) for row in rows}
        mine = tuple(row for row, day in told.items() if days[0] <= day <= days[1])
        if rows and max(told.values()) <= days[1]:
            return replace(following, rows=mine, more=True, next=page + 1)
        return replace(following, rows=mine)

    def _by_number(self, account, method, *args):
        try:
            return self._call(account, method, *args)
        except Rejected as error:
            if error.code != 'no_operation':
                raise
            raise Rejected(
                self.env._('VNPT lists at most 500 invoices of a series and day, and '
                           'your version has no list by number.'), code='no_operation',
                hint=self.env._("Compare such days on VNPT's site.")) from error

    def _send_poll_code(self, account, task):
        einvoice = task._subject_of(task)
        keys = {document: mapping.fkey(document.reference) for document in (
            einvoice | einvoice._poll_peers(const.BATCH - 1))}
        rows = self._call(account, 'tax_states', einvoice.series_id.template,
                          list(keys.values()))
        return self._facts_of_many(einvoice, {
            document: self._with_code(document, rows[key])
            for document, key in keys.items() if key in rows})

    def _with_code(self, einvoice, found):
        """README 6: cash registers have their code from the start; the state may not
        repeat it."""
        return replace(found, tax_code=found.tax_code or einvoice.authority_code or '')

    def _send_send_to_tax(self, account, task):
        series = task._subject_of(task).series_id
        self._call(
            account, 'send_to_tax', mapping.fkey(task.reference), series.template,
            series.name, series.code_kind == 'at_once', account.vnpt_certificate or '')
        return {}

    # === FILES === #

    def _send_fetch_files(self, account, task):
        contents = {}
        for kind in ('xml', 'pdf'):
            content = self._call(account, 'file', mapping.fkey(task.reference), kind)
            if not content:
                # README 6: only after the tax office has accepted
                raise Retryable(
                    self.env._('VNPT does not give the files yet.'), code='not_ready',
                    after=account._time_scale() * min(3 * 2 ** task.attempt, 3600))
            contents[kind] = base64.b64encode(content).decode()
        return contents
