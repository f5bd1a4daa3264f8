import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.money import dec

from ..lib.words import money_in_words

ISSUED = ('issued', 'waiting_code', 'coded', 'refused', 'corrected', 'replaced')
# the provider holds it: a person there may make it a legal document at any moment
HELD = ('to_sign', *ISSUED)
# another one may take its place
DEAD = ('refused', 'replaced')
# what is a legal document of the buyer now; only such can be corrected
STANDING = ('issued', 'coded', 'corrected')
# a legal document never goes back; only what was not issued may return to draft
MOVES = {
    'draft': ('queued', 'to_sign', 'issued', 'waiting_code', 'coded'),
    'queued': ('draft', 'to_sign', 'issued', 'waiting_code', 'coded'),
    'to_sign': ('draft', 'issued', 'waiting_code', 'coded'),
    'issued': ('waiting_code', 'coded', 'refused', 'corrected', 'replaced'),
    'waiting_code': ('coded', 'refused'),
    'refused': ('waiting_code', 'issued', 'coded', 'corrected', 'replaced'),
    # a cash register's code is given before the tax office has looked
    'coded': ('refused', 'corrected', 'replaced'),
    'corrected': ('replaced',),
    'replaced': (),
}
# what makes a document the document it is
FROZEN = {
    'move_id', 'series_id', 'reference', 'generation', 'payload', 'number',
    'amount_untaxed', 'amount_tax', 'amount_total', 'buyer_tax_code',
    'authority_code', 'lookup_code', 'provider_id', 'issued_at',
    'xml_file', 'xml_sha256', 'xml_state', 'xml_message', 'pdf_file',
    'original_id', 'correction_kind', 'correction_sentence', 'correction_reason',
    'agreement_ref', 'agreed_on', 'amounts_by_rate', 'given_up', 'corrected_text', 'buyer_named',
    'shown_on_ids', 'outside', 'outside_method', 'number_before', 'refused_at',
    'watched_from',
    'refused_choice', 'accepted_late', 'checked_on',
    'days_late_issued',
}
# what only the provider and the tax office tell
TOLD = {'state', 'tax_state', 'tax_message', 'polls', 'missing_since', 'mailed_at'}
# an object and not a word: a request may send any context, but never this
GATE = object()


class Einvoice(models.Model):
    """One legal document at one provider, from the wish to the archived original."""

    _name = 'gtg.einvoice'
    _inherit = ['gtg.connector.subject', 'mail.thread', 'mail.activity.mixin']
    _description = 'E-invoice'
    _order = 'id desc'
    _check_company_auto = True

    move_id = fields.Many2one(
        'account.move', 'Invoice', required=True, readonly=True, ondelete='restrict',
        index=True, check_company=True)
    # where the ORM looks which invoices to recompute, for many at once
    shown_on_ids = fields.One2many(
        'account.move', 'gtg_einvoice_id', 'Shown on', readonly=True)
    company_id = fields.Many2one(related='move_id.company_id', store=True)
    partner_id = fields.Many2one(related='move_id.partner_id', store=True)
    currency_id = fields.Many2one(related='move_id.currency_id', store=True)
    series_id = fields.Many2one(
        'gtg.einvoice.series', required=True, ondelete='restrict',
        readonly=True, check_company=True)
    account_id = fields.Many2one(related='series_id.account_id', store=True)
    code_kind = fields.Selection(related='series_id.code_kind', string='Kind of code')
    generation = fields.Integer(readonly=True)
    reference = fields.Char(
        'Our reference', required=True, readonly=True, copy=False, index=True,
        help='By this the provider knows the document, for its whole life.')
    payload = fields.Text(
        'Request', readonly=True, copy=False, groups='account.group_account_manager')

    state = fields.Selection([
        ('draft', 'To issue'), ('queued', 'Being issued'),
        ('to_sign', 'To sign at the provider'), ('issued', 'Issued'),
        ('waiting_code', 'Waiting for code'), ('coded', 'With code'),
        ('refused', 'Refused by the tax office'), ('corrected', 'Corrected'),
        ('replaced', 'Replaced'),
    ], default='draft', required=True, readonly=True, copy=False, tracking=True)
    number = fields.Char(readonly=True, copy=False, tracking=True, index=True)
    authority_code = fields.Char(
        'Tax-authority code', readonly=True, copy=False, tracking=True)
    lookup_code = fields.Char(
        'Look-up code', readonly=True, copy=False,
        groups='account.group_account_user,account.group_account_manager',
        help='With it the buyer finds the invoice at the provider. Do not pass it on to '
             'anybody else.')
    provider_id = fields.Char("Provider's number", readonly=True, copy=False)
    issued_at = fields.Datetime('Issued on', readonly=True, copy=False)
    tax_message = fields.Char('Tax office says', readonly=True, copy=False)
    refusal = fields.Char(compute='_compute_refusal')
    polls = fields.Integer(readonly=True, copy=False)
    missing_since = fields.Datetime(
        'Draft missing since', readonly=True, copy=False,
        help='The provider no longer lists the draft that was to be signed there.')

    amount_untaxed = fields.Monetary('Without VAT', readonly=True)
    amount_tax = fields.Monetary('VAT', readonly=True)
    amount_total = fields.Monetary('Total', readonly=True)
    # stored: another word for a zero in the account's settings changes no legal file
    amount_words = fields.Char('In words', compute='_compute_amount_words', store=True)
    buyer_tax_code = fields.Char(readonly=True)
    # the buyer as the e-invoice names him, but for his tax code
    buyer_named = fields.Json(
        readonly=True, copy=False, groups='account.group_account_manager')

    xml_file = fields.Binary('XML', attachment=True, readonly=True, copy=False)
    xml_name = fields.Char(compute='_compute_file_names')
    xml_sha256 = fields.Char('SHA-256 of the XML', readonly=True, copy=False)
    pdf_file = fields.Binary('PDF', attachment=True, readonly=True, copy=False)
    pdf_name = fields.Char(compute='_compute_file_names')
    xml_state = fields.Selection([
        ('ok', 'Agrees with the invoice'), ('mismatch', 'Differs from the invoice'),
    ], 'Check of the XML', readonly=True, copy=False)
    xml_message = fields.Char('Differences', readonly=True, copy=False)
    mailed_at = fields.Datetime('Mailed on', readonly=True, copy=False)

    _one_live = models.UniqueIndex(
        "(move_id) WHERE state NOT IN ('refused', 'replaced')",
        'This invoice has its e-invoice already.')
    _reference_unique = models.Constraint(
        'UNIQUE (reference)', 'Two e-invoices cannot have one reference.')
    _number_unique = models.UniqueIndex(
        # by series: forms 1 and 2 may have the same symbol
        # what people typed never stands in the way of what a provider has issued
        '(series_id, number) WHERE number IS NOT NULL AND outside IS NULL',
        'Two e-invoices cannot have one number.')

    # === COMPUTES === #

    @api.depends('number', 'move_id.name')
    def _compute_display_name(self):
        for einvoice in self:
            einvoice.display_name = einvoice.number or einvoice.move_id.name or '/'

    @api.depends('amount_total', 'currency_id')
    def _compute_amount_words(self):
        for einvoice in self:
            currency = einvoice.currency_id.name
            einvoice.amount_words = currency and money_in_words(
                dec(einvoice.amount_total), currency,
                einvoice.account_id.sudo().zero_tens)

    @api.depends('state', 'number', 'tax_message', 'given_up')
    def _compute_refusal(self):
        for einvoice in self:
            einvoice.refusal = (
                einvoice.state == 'refused' and not einvoice.given_up and self.env._(
                    'The tax office refused e-invoice %(number)s: %(reason)s. Ask '
                    'your accountant, who presses "Refused: what now?" on the invoice.',
                    number=einvoice.number,
                    reason=(einvoice.tax_message or '-').rstrip('.')))

    @api.depends('number', 'move_id.name')
    def _compute_file_names(self):
        for einvoice in self:
            stem = (einvoice.number or einvoice.move_id.name or 'einvoice').replace(
                '/', '-')
            einvoice.xml_name, einvoice.pdf_name = f'{stem}.xml', f'{stem}.pdf'

    # === CRUD: the law's guards === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals['reference'] = self._reference_of(
                self.env['account.move'].browse(vals['move_id']),
                vals.get('generation', 0))
        return super().create(vals_list)

    @api.model
    def _reference_of(self, move, generation=0):
        """Derived, not random: the same document asked for twice is the same. With the
        time: after the restore of a dump another sale may get the same id."""
        database = self.env['ir.config_parameter'].sudo().get_param('database.uuid')
        return str(uuid.uuid5(
            uuid.NAMESPACE_URL, f'{database}/account.move/{move.id}/'
            f'{move.create_date.isoformat()}/{generation}'))

    def write(self, vals):
        if self.env.context.get('gtg_state_gate') is not GATE:
            self._check_frozen(set(vals))
        turned = self.filtered(lambda e: 'state' in vals and (
            (e.state in DEAD) != (vals['state'] in DEAD)) or 'given_up' in vals)
        result = super().write(vals)
        if turned:
            turned.move_id.modified(['gtg_einvoice_ids'])  # which one is shown
        return result

    def _check_frozen(self, names):
        """:param set names: of fields that are written past the gate"""
        if 'state' in names or TOLD & names and not self.env.su:
            raise UserError(self.env._(
                'The state of an e-invoice follows the provider and the tax office.'))
        # people change the invoice, never the e-invoice; our own code until it is asked
        if FROZEN & names and (not self.env.su or self.filtered(
                lambda e: e.state in ('queued', *HELD))):
            raise UserError(self.env._(
                'An issued e-invoice cannot be changed. Correct it by an adjustment or a '
                'replacement.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        if self.filtered(lambda e: e.state in HELD or e._outcome_unknown()):
            raise UserError(self.env._(
                'An e-invoice that was issued, or may have been, is never deleted.'))

    def _set_state(self, state, **values):
        """The one gate of the state.

        :param str state: the new state; the present one is accepted and only writes
            ``values``
        :raise UserError: the law knows no such step
        """
        for einvoice in self:
            if state != einvoice.state and state not in MOVES[einvoice.state]:
                raise UserError(self.env._(
                    'E-invoice %(name)s cannot go from "%(old)s" to "%(new)s".',
                    name=einvoice.display_name, old=einvoice.state, new=state))
        changed = {'state': state} if self.filtered(lambda e: e.state != state) else {}
        self.with_context(gtg_state_gate=GATE).write({**values, **changed})

    def _outcome_unknown(self, task=None):
        """Whether the provider may have issued it and we have not noted that yet.

        :param task: its `_create_task`, if that is known
        """
        self.ensure_one()
        task = self._create_task() if task is None else task
        return bool(task.state in ('sending', 'unknown') or task.unsure
                    or task.state == 'done' and not task.applied)

    def _create_task(self):
        self.ensure_one()
        return self.env['gtg.connector.task'].sudo().search([
            ('res_model', '=', self._name), ('res_id', '=', self.id),
            ('operation', '=', 'create_invoice')], order='generation desc', limit=1)
