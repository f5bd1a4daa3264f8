from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from ..lib import symbol
from ..models.einvoice_correction import KINDS
from ..models.einvoice_outside import ISSUERS


class EinvoiceOutside(models.TransientModel):
    """What the law and the provider want to know of an e-invoice that was issued
    elsewhere, before it can be corrected here. Nothing is sent by it."""

    _name = 'gtg.einvoice.outside'
    _description = 'E-invoice from elsewhere'
    _check_company_auto = True

    move_id = fields.Many2one(
        'account.move', 'Invoice', required=True, readonly=True, ondelete='cascade')
    note_id = fields.Many2one('account.move', readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='move_id.company_id')
    account_id = fields.Many2one(
        'gtg.einvoice.account', 'Corrections are issued by', required=True,
        check_company=True,
        domain="[('company_id', '=', company_id), ('state', '=', 'connected')]")
    provider = fields.Selection(related='account_id.provider')
    outside = fields.Selection(ISSUERS, 'It was issued by', required=True)
    cannot = fields.Char(compute='_compute_cannot')
    form = fields.Selection(
        [('1', 'VAT invoice'), ('2', 'Sales invoice')], required=True, default='1')
    series = fields.Char('Symbol', required=True)
    number = fields.Char(required=True)
    date = fields.Date('Date of the e-invoice', required=True)
    template = fields.Char(
        compute='_compute_template', store=True, readonly=False, precompute=True,
        compute_sudo=False, required=True,
        help='As the provider names it, for example 1/001.')
    authority_code = fields.Char('Tax-authority code')
    lookup_code = fields.Char(
        'Look-up code', help='Of VNPT the Fkey that the other program gave to it.')
    buyer_tax_code = fields.Char(
        "Buyer's tax code", compute='_compute_buyer_tax_code', store=True,
        compute_sudo=False, readonly=False, help='As the e-invoice names it, empty if it names none.')
    method = fields.Selection(
        KINDS, 'Corrected before by', help='An adjusted e-invoice is adjusted again. One '
        'that replaces another is replaced again. Empty: this is the first error.')
    other_notes = fields.Char('Other credit notes', compute='_compute_other_notes')
    notes_to_issue = fields.Boolean(
        'None of them was issued elsewhere', help='On credit notes that were: enter '
        'symbol, number and date of that adjustment first.')

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        move = self.env['account.move'].browse(values.get('move_id'))
        account = self.env['gtg.einvoice.account']._of_company(move.company_id)
        if move._gtg_outside_form() == '2':
            values['form'] = '2'
        return {
            'account_id': account.id, 'date': move.gtg_outside_date,
            'series': (move.gtg_outside_series or '').strip().upper()[-6:],
            'number': move.gtg_outside_number, **values}

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        wizards._check_companies()
        return wizards

    def write(self, vals):
        result = super().write(vals)
        self._check_companies()
        return result

    def _check_companies(self):
        """What is read as superuser is of those whom the user works for."""
        (self.move_id | self.note_id).check_access('read')
        self.account_id.check_access('read')

    @api.depends('outside', 'account_id')
    def _compute_cannot(self):
        for wizard in self:
            account = wizard.account_id.sudo()
            able = not wizard.outside or not account or wizard.outside in (
                account._adapter()._corrects_outside)
            wizard.cannot = not able and self.env._(
                '%s corrects only what was issued in it. Here you can make the notice '
                '04/SS; an adjustment or a replacement you issue in the program that '
                'issued the original.', account.name)

    @api.depends('form', 'series', 'account_id')
    def _compute_template(self):
        for wizard in self:
            known = wizard.account_id.with_context(active_test=False).series_ids.filtered(
                lambda s, w=wizard: (s.form, s.name) == (w.form, (w.series or '').upper()))
            wizard.template = known[:1].template or f'{wizard.form or "1"}/001'

    @api.depends('move_id', 'account_id')
    def _compute_buyer_tax_code(self):
        for wizard in self:
            wizard.buyer_tax_code = wizard._buyer().tax_code

    @api.depends('move_id', 'note_id')
    def _compute_other_notes(self):
        for wizard in self:
            wizard.other_notes = ', '.join(
                wizard._other_notes().sorted('id').mapped('name')) or False

    def _other_notes(self):
        """Credit notes that are to be issued here as soon as the original is named."""
        return (self.move_id.reversal_move_ids - self.note_id).filtered(
            lambda note: note.state == 'posted' and note._gtg_kind() != 'books'
            and not note.gtg_outside_key)

    def _buyer(self):
        return self.move_id.partner_id._gtg_einvoice_buyer(
            self.account_id.sudo().person_style)[0]

    # === DO IT === #

    def action_confirm(self):
        """Button: name it, then go on with what was wanted."""
        self.ensure_one()
        move = self.move_id
        move.check_access('write')
        # two people at once: the second finds what the first has named
        move._gtg_lock_to_issue()
        if not move.gtg_einvoice_id.sudo().outside:
            self._take_over(move)
        if self.note_id:
            return {'type': 'ir.actions.client', 'tag': 'soft_reload'}
        return move.action_gtg_correct()

    def _take_over(self, move):
        told = {'gtg_outside_series': self._symbol(),
                'gtg_outside_number': (self.number or '').strip(),
                'gtg_outside_date': self.date}
        if any(move[name] != value for name, value in told.items()):
            move.write(told)
        if not move._gtg_takes_over():
            raise UserError(self.env._(
                'Only a confirmed customer invoice without an e-invoice of ours.'))
        parsed = self._checked()
        own = move.sudo().gtg_einvoice_ids.filtered(lambda e: e.state == 'draft')
        own.unlink()
        series = self.env['gtg.einvoice.series'].sudo()._of_original(
            self.account_id, self.template, told['gtg_outside_series'][-6:],
            self.outside)
        return self.env['gtg.einvoice'].sudo()._take_over(
            move.sudo(), series, self._named(), {
                'outside': self.outside, 'outside_method': self.method,
                'authority_code': parsed.with_code and self.authority_code.strip(),
                'lookup_code': self.outside == 'same' and (
                    self.lookup_code or '').strip()})

    def _symbol(self):
        """With its form where that is not 1: both forms may have one number."""
        written = (self.series or '').strip().upper()
        return f'2{written}' if self.form == '2' and len(written) == 6 else written

    def _checked(self):
        """:return: the symbol, read
        :raise UserError: what is missing, and where it stands
        """
        parsed = symbol.parse_symbol(self.series)
        problems = []
        if parsed.form not in (None, self.form) or self.template[:1] != self.form:
            problems.append(self.env._(
                'Symbol, Template: their first digit is the form, here %s.', self.form))
        if self.date > vietnam_date(fields.Datetime.now()) or (
                self.date.year != parsed.year):
            problems.append(self.env._(
                'Date: it lies in the year that the symbol names, not ahead.'))
        if parsed.with_code and not (self.authority_code or '').strip():
            problems.append(self.env._(
                'Tax-authority code: without it an e-invoice with the symbol %s is not '
                'valid. It is printed on it.', self.series))
        if self.other_notes and not self.notes_to_issue:
            problems.append(self.env._(
                'Other credit notes: %s will be issued here now. If another program has '
                'adjusted the e-invoice by one of them, enter symbol, number and date '
                'elsewhere on it. Then tick that none of the rest was issued.',
                self.other_notes))
        if self.account_id.state != 'connected':
            problems.append(self.env._(
                'Corrections are issued by: %s is not connected. Test it first.',
                self.account_id.name))
        if self.outside == 'same' and not (self.lookup_code or '').strip() and (
                self.account_id.sudo()._adapter()._names_by_lookup):
            problems.append(self.env._(
                'Look-up code: %s names the original by it.', self.account_id.name))
        if problems:
            raise UserError('\n'.join(problems))
        return parsed

    def _named(self):
        """The buyer as the e-invoice names him."""
        buyer = self._buyer()
        if buyer.kind == 'consumer':
            buyer = replace(buyer, name=self.account_id.sudo().consumer_words)
        return replace(buyer, tax_code=(self.buyer_tax_code or '').strip())


class AccountMove(models.Model):
    _inherit = 'account.move'

    def action_gtg_correct(self):
        """One that was issued elsewhere is named first."""
        if len(self) == 1 and self._gtg_takes_over():
            return self._gtg_name_outside()
        return super().action_gtg_correct()

    def action_gtg_name_original(self):
        """Button of a credit note: name the e-invoice that it adjusts."""
        self.ensure_one()
        original = self.reversed_entry_id
        if not original._gtg_takes_over():
            raise UserError(self.env._(
                'The invoice that it belongs to has no e-invoice from elsewhere.'))
        return original._gtg_name_outside(self)

    def _gtg_name_outside(self, note=None):
        return {
            'type': 'ir.actions.act_window', 'res_model': 'gtg.einvoice.outside',
            'name': self.env._('E-invoice from elsewhere'), 'views': [(False, 'form')],
            'target': 'new', 'context': {
                'default_move_id': self.id, 'default_note_id': note and note.id}}
