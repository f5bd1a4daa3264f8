import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date
from odoo.addons.gtg_connector_base.lib.errors import ConnectorError

from .einvoice import DEAD, HELD, ISSUED

# the buyer reads his invoice on the portal, but not what we write about it
READERS = 'account.group_account_invoice,account.group_account_readonly'
# of what is only checked or shown
NO_REFERENCE = '00000000-0000-0000-0000-000000000000'


class AccountMove(models.Model):
    _inherit = 'account.move'

    gtg_einvoice_ids = fields.One2many('gtg.einvoice', 'move_id', 'E-invoices')
    gtg_einvoice_id = fields.Many2one(
        'gtg.einvoice', 'E-invoice', compute='_compute_gtg_einvoice', store=True,
        compute_sudo=True, copy=False, index='btree_not_null')
    # the e-invoice's own history tells the steps
    gtg_einvoice_state = fields.Selection(
        related='gtg_einvoice_id.state', string='E-invoice state', store=True,
        tracking=False)
    gtg_einvoice_number = fields.Char(
        related='gtg_einvoice_id.number', string='E-invoice number', store=True,
        tracking=False)
    # where Odoo's own reports look for it; a number from elsewhere stays
    l10n_vn_e_invoice_number = fields.Char(
        compute='_compute_l10n_vn_e_invoice_number', store=True, readonly=False)
    gtg_authority_code = fields.Char(related='gtg_einvoice_id.authority_code')
    # not as superuser: whoever bills could group by it, whatever its groups
    gtg_lookup_code = fields.Char(
        related='gtg_einvoice_id.lookup_code', related_sudo=False,
        groups='account.group_account_user,account.group_account_manager')
    gtg_einvoice_issued_at = fields.Datetime(related='gtg_einvoice_id.issued_at')
    gtg_xml_file = fields.Binary(related='gtg_einvoice_id.xml_file')
    gtg_xml_name = fields.Char(related='gtg_einvoice_id.xml_name')
    gtg_pdf_file = fields.Binary(related='gtg_einvoice_id.pdf_file')
    gtg_pdf_name = fields.Char(related='gtg_einvoice_id.pdf_name')
    gtg_xml_state = fields.Selection(related='gtg_einvoice_id.xml_state')
    gtg_einvoice_message = fields.Char(compute='_compute_gtg_einvoice_message')
    gtg_einvoice_possible = fields.Boolean(compute='_compute_gtg_einvoice_possible')
    gtg_series_id = fields.Many2one(
        'gtg.einvoice.series', 'E-invoice series', copy=False, check_company=True,
        compute='_compute_gtg_series', store=True, readonly=False,
        domain="[('company_id', '=', company_id), ('form', 'in', ('1', '2'))]",
        help="Empty: the company's first series of the year.")

    # === COMPUTES === #

    # not on their states: its `write` tells when one has died or come back
    @api.depends('gtg_einvoice_ids')
    def _compute_gtg_einvoice(self):
        for move in self:
            live = move.gtg_einvoice_ids.filtered(lambda e: e.state not in DEAD)
            # what was given up has left its place to another one
            move.gtg_einvoice_id = live[:1] or move.gtg_einvoice_ids.filtered(
                lambda e: not (e.given_up and e.state == 'refused'))[:1]

    @api.depends('company_id')
    def _compute_gtg_series(self):
        for move in self:  # with another journal the seller may be another
            series = move.gtg_series_id
            move.gtg_series_id = (
                series.sudo().company_id == move.company_id and series)

    @api.depends('gtg_einvoice_number')
    def _compute_l10n_vn_e_invoice_number(self):
        for move in self:
            number = move.l10n_vn_e_invoice_number
            given_up = number and number in move.sudo().gtg_einvoice_ids.filtered(
                'given_up').mapped('number')
            move.l10n_vn_e_invoice_number = (
                move.gtg_einvoice_number or not given_up and number)

    @api.depends('gtg_einvoice_state')
    def _compute_gtg_einvoice_message(self):
        for move in self:
            einvoice = move.gtg_einvoice_id.sudo()
            move.gtg_einvoice_message = (
                einvoice.gtg_task_message or einvoice.xml_message
                or einvoice.refusal or einvoice.tax_message)

    @api.depends('state', 'move_type', 'company_id', 'gtg_einvoice_state')
    def _compute_gtg_einvoice_possible(self):
        for move in self:
            move.gtg_einvoice_possible = move._gtg_can_issue()

    def _gtg_can_issue(self):
        """Whether this invoice may get an e-invoice of ours now."""
        self.ensure_one()
        return bool(
            self.move_type == 'out_invoice' and self.state == 'posted'
            and self.gtg_einvoice_state not in HELD
            and self.env['gtg.einvoice.account']._of_company(self.company_id))

    # === ISSUE === #

    def action_gtg_issue(self):
        """Button: issue the e-invoice. Problems are told before anything is asked."""
        for move in self:
            move._gtg_issue_einvoice()

    def action_gtg_retry(self):
        """Button: try again what failed."""
        self.gtg_einvoice_id.action_gtg_retry()

    def action_gtg_preview(self):
        """Button: the provider's picture of the invoice, before it is issued."""
        self.ensure_one()
        self.check_access('write')
        series = self._gtg_series()
        problems = self._gtg_series_problems(series)
        if not problems:
            doc, problems = self._gtg_document(series, NO_REFERENCE)
        if problems:
            raise UserError('\n'.join(problems))
        account = series.account_id.sudo()
        try:
            content = account._adapter()._preview(account, doc)
        except ConnectorError as error:
            raise account._user_error(error) from None
        if not content:  # the provider shows nothing before the issue
            return self.env.ref('gtg_vn_einvoice.report_preview').report_action(
                self, config=False)
        if isinstance(content, str):
            return {'type': 'ir.actions.act_url', 'target': 'new', 'url': content}
        attachment = self.env['ir.attachment'].create({
            'name': self.env._('Preview %s.pdf', (self.name or '').replace('/', '-')),
            'datas': base64.b64encode(content), 'mimetype': 'application/pdf',
            'res_model': 'mail.compose.message', 'res_id': 0})
        return {'type': 'ir.actions.act_url', 'target': 'new',
                'url': f'/web/content/{attachment.id}?download=false'}

    def action_gtg_open_einvoice(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'gtg.einvoice',
            'res_id': self.gtg_einvoice_id.id, 'views': [(False, 'form')]}

    def _gtg_issue_einvoice(self):
        """Check, store and ask for the e-invoice; idempotent, calls nobody.

        :raise UserError: with every problem and how to fix it
        """
        self.ensure_one()
        self.check_access('write')
        self._gtg_lock_to_issue()
        self.gtg_original_id.sudo()._gtg_lock_original()
        self._gtg_check_issue()
        einvoice = self.gtg_einvoice_id.sudo()
        if einvoice.state in HELD:
            return einvoice
        series = self._gtg_series()
        if not einvoice:
            einvoice = einvoice.create({
                'move_id': self.id, 'series_id': series.id,
                'generation': self._gtg_next_generation()})
        elif einvoice.state == 'draft' and not einvoice._outcome_unknown():
            einvoice.series_id = series
        einvoice._queue_issue(*self._gtg_request(einvoice.series_id, einvoice.reference))
        return einvoice

    def _gtg_next_generation(self):
        """:return: of the next e-invoice of this invoice, after those given up"""
        return max(self.sudo().gtg_einvoice_ids.mapped('generation'), default=-1) + 1

    def _gtg_lock_to_issue(self):
        # two clicks at once: the second waits, then starts anew and finds the first
        self.env.cr.execute(
            'SELECT id FROM account_move WHERE id = ANY(%s) ORDER BY id FOR UPDATE',
            [self.ids])

    def _gtg_check_issue(self):
        """:raise UserError: with every problem and how to fix it"""
        problems = self._gtg_einvoice_problems()
        if problems:
            raise UserError(self.env._(
                'The e-invoice of %(name)s cannot be issued yet:\n%(problems)s',
                name=self.display_name, problems='\n'.join(
                    f'- {problem}' for problem in problems)))

    def _gtg_request(self, series, reference):
        """What the provider is asked, and what the e-invoice keeps of the invoice.

        :return: (JSON text of the request, values of the e-invoice)
        """
        doc, problems = self._gtg_document(series, reference)
        account = series.account_id
        return account._adapter()._payload(account, doc), {
            'amount_untaxed': float(doc.net), 'amount_tax': float(doc.tax),
            'amount_total': float(doc.total),
            'amounts_by_rate': [
                (rate, str(net), str(tax)) for rate, net, tax in doc.rates or [
                    (None, doc.net, doc.tax)]],
            'buyer_tax_code': doc.buyer.tax_code or False,
            'buyer_named': self._gtg_buyer_named(doc.buyer),
            **self._gtg_correction_values(doc)}

    def _gtg_series(self):
        self.ensure_one()
        series = self.gtg_series_id or self.env['gtg.einvoice.series']._of_company(
            self.company_id)
        return series.sudo()

    def _gtg_einvoice_problems(self):
        """Everything that forbids to issue; each sentence names field and fix."""
        self.ensure_one()
        if self.move_type not in ('out_invoice', 'out_refund'):
            return [self.env._(
                'Only customer invoices and credit notes get an e-invoice here.')]
        if self.state != 'posted':
            return [self.env._('Status: confirm the invoice first.')]
        if self.gtg_einvoice_state in HELD:
            return []
        series = self._gtg_series()
        problems = self._gtg_series_problems(series)
        if problems:
            return problems
        today = vietnam_date(fields.Datetime.now())
        if series.year != today.year:
            problems.append(self.env._(
                'E-invoice series: %(series)s is for %(year)s. Choose one for %(now)s.',
                series=series.name, year=series.year, now=today.year))
        if self.invoice_date and self.invoice_date > today:
            problems.append(self.env._(
                'Invoice date: it lies in the future. E-invoices carry the day of issue.'))
        return problems + self._gtg_document(series, NO_REFERENCE)[1]

    def _gtg_series_problems(self, series):
        """
        :param series: that of `_gtg_series`, as superuser; may be empty
        :return: why nothing can be issued or shown in it
        """
        account, company = series.account_id, self.company_id
        if series and account.company_id != company:
            return [self.env._(
                'E-invoice series: %(series)s belongs to %(other)s. Choose one of '
                '%(own)s.', series=series.name, other=account.company_id.name,
                own=company.name)]
        account = account or self.env['gtg.einvoice.account']._of_company(company)
        if not account:
            return [self.env._(
                'E-invoice account: %s has none that is connected. Enter one under '
                'Configuration > E-invoice accounts and test it.', company.name)]
        if not account.active:
            return [self.env._(
                'E-invoice account: %s is archived. Restore it and test it, or choose a '
                'series of another account.', account.name)]
        if account.state != 'connected':
            other = not self.gtg_series_id and not self._gtg_kind() and (
                account._instead())
            return [self.env._(
                'E-invoice account: %(account)s is not connected, so nothing can be '
                'issued with it. Test it, or archive it if you issue with %(other)s now.',
                account=account.name, other=other.name) if other else self.env._(
                'E-invoice account: %s is not connected, so nothing can be issued with '
                'it. Test it.', account.name)]
        if not series:
            return [self.env._(
                'E-invoice series: there is none for %s. Fetch the series on the e-invoice '
                'account.', vietnam_date(fields.Datetime.now()).year)]
        if not series.active:
            return [self.env._(
                'E-invoice series: %s is switched off. Choose another one.',
                series.name)]
        if not series._issues_here():
            return [self.env._(
                'E-invoice series: %s is not for invoices of sales. Choose one of form 1 '
                'or 2.', series.display_name)]
        return []

    # === HOOKS FOR OTHER ADDONS === #

    def _gtg_einvoice_issued(self, einvoice):
        """A number was given. Others extend it."""
        self._message_log(body=self.env._(
            'E-invoice %s has been issued.', einvoice.number))

    def _gtg_einvoice_failed(self, text, task=None):
        """A person is needed for the e-invoice. Others extend it.

        :param str text: the provider's sentence and what to do
        :param task: the failed ``gtg.connector.task``, if one failed
        """

    # === GUARDS === #

    def button_draft(self):
        self._gtg_check_not_issued()
        return super().button_draft()

    def button_cancel(self):
        self._gtg_check_not_issued()
        return super().button_cancel()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_einvoice(self):
        self._gtg_check_not_issued()
        self.gtg_einvoice_ids.sudo().unlink()

    def _gtg_check_not_issued(self):
        for einvoice in self.gtg_einvoice_ids.sudo():
            if einvoice.given_up and einvoice.state == 'refused':
                continue  # its place may be taken by another one
            if einvoice.state == 'refused' and einvoice.original_id:
                raise UserError(self.env._(
                    'The tax office refused e-invoice %s. If it will not be sent there '
                    'again, press "Give up" on it; then this can be changed.',
                    einvoice.number))
            if einvoice.state in ISSUED:
                raise UserError(self.env._(
                    '%(move)s has e-invoice %(number)s, which the tax office knows. It '
                    'cannot be changed or cancelled: add a credit note.',
                    move=einvoice.move_id.display_name, number=einvoice.number))
            if einvoice.state == 'to_sign':
                raise UserError(self.env._(
                    'A draft of the e-invoice of %s waits at the provider and may be '
                    'signed at any moment. Delete the draft there, then press "Ask for '
                    'the code" on the e-invoice.', einvoice.move_id.display_name))
            if einvoice.state == 'queued' or einvoice._outcome_unknown():
                raise UserError(einvoice._waits_for_account() or self.env._(
                    'The e-invoice of %s is just being issued. Wait for the answer.',
                    einvoice.move_id.display_name))
