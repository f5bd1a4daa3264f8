from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.gtg_connector_base.lib.clock import VIETNAM, naive_utc

from ..lib.listing import number_writings
from .account_move_outside import OUTSIDE
from .einvoice import GATE, STANDING
from .einvoice_correction import KINDS, NOON

ISSUERS = [('same', 'Another program, at this provider'), ('other', 'Another provider')]


class EinvoiceSeries(models.Model):
    _inherit = 'gtg.einvoice.series'

    outside = fields.Boolean(
        'Of another provider', readonly=True, copy=False,
        help='Of e-invoices that are only corrected here.')

    _symbol_of_issuer_unique = models.UniqueIndex(
        # our provider may publish a symbol later that another one had
        '(account_id, template, name, (outside IS TRUE))',
        'This series is listed already.')
    _outside_never_issues = models.Constraint(
        'CHECK (outside IS NOT TRUE OR active IS NOT TRUE)',
        'A series of another provider cannot be used here.')

    def _of_original(self, account, template, name, outside):
        """The series of an e-invoice that was issued elsewhere; listed if it is not."""
        known = self.with_context(active_test=False).search([
            ('account_id', '=', account.id), ('template', '=', template),
            ('name', '=', name), ('outside', '=', outside == 'other')], limit=1)
        return known or self.create({
            'account_id': account.id, 'template': template, 'name': name,
            'active': False, 'outside': outside == 'other'})


class Einvoice(models.Model):
    """E-invoices of the time before, issued by another program or provider: they are
    never sent, only corrected. Everything else about them is as of our own."""

    _inherit = 'gtg.einvoice'

    outside = fields.Selection(
        ISSUERS, 'Issued elsewhere by', readonly=True, copy=False)
    outside_method = fields.Selection(
        KINDS, 'Corrected elsewhere by', readonly=True, copy=False,
        help='How it was corrected before it came here; one that is a replacement '
             'itself is replaced.')
    number_before = fields.Char(
        readonly=True, copy=False, help='What somebody had typed on the invoice as the '
        'number of another program.')

    _outside_number_unique = models.UniqueIndex(
        '(series_id, number) WHERE outside IS NOT NULL',
        'Another e-invoice from elsewhere has this number.')

    @api.model
    def _take_over(self, move, series, buyer, values):
        """Name the e-invoice that somebody else has issued for an invoice.

        :param buyer: ``lib.document.Buyer`` as the e-invoice names him
        :param dict values: ``outside`` and what its paper says
        :raise UserError: the lines of the books cannot be those of an e-invoice
        """
        drafts, problems = move._gtg_lines(series)
        if problems:
            raise UserError('\n'.join(problems))
        day = datetime.combine(move.gtg_outside_date, NOON, VIETNAM)
        rates = {}
        for draft in drafts:
            net, tax = rates.get(draft.rate, (Decimal(0), Decimal(0)))
            rates[draft.rate] = (net + draft.amounts.after, tax + draft.amounts.tax)
        before = move._gtg_foreign_number()
        # a reference of its own: the one of the invoice may be with the provider
        einvoice = self.create({
            'move_id': move.id, 'series_id': series.id,
            'generation': max(1, move._gtg_next_generation())})
        einvoice.with_context(gtg_state_gate=GATE).write({
            **values, 'number': move.gtg_outside_key, 'issued_at': naive_utc(day),
            'number_before': before,
            'state': 'coded' if values.get('authority_code') else 'issued',
            'tax_state': 'accepted', 'buyer_tax_code': buyer.tax_code or False,
            'buyer_named': move._gtg_buyer_named(buyer),
            'amounts_by_rate': [
                (rate, str(net), str(tax)) for rate, (net, tax) in rates.items()],
            'amount_untaxed': move.amount_untaxed, 'amount_tax': move.amount_tax,
            'amount_total': move.amount_total})
        return einvoice

    def action_forget_outside(self):
        """Button: it was entered wrongly. What was corrected stays."""
        self.ensure_one()
        self.check_access('write')
        if not self.outside:
            raise UserError(self.env._(
                'It is an e-invoice of this database, so it stays.'))
        move, before = self.move_id, self.number_before
        move._gtg_lock_to_issue()
        self.sudo()._gtg_lock_original()
        # what was refused or never asked for names the wrong original
        self.sudo().correction_ids.filtered(
            lambda e: e.state == 'draft' and not e._outcome_unknown()).unlink()
        self.sudo().unlink()
        # it was taken from here; what was typed before still forbids to issue
        move.sudo().l10n_vn_e_invoice_number = before
        return {
            'type': 'ir.actions.act_window', 'res_model': 'account.move',
            'res_id': move.id, 'views': [(False, 'form')]}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        ours = self.filtered(lambda e: not e.outside)
        for einvoice in self - ours:
            if einvoice.correction_ids or einvoice.notice_ids or self.env[
                    'account.move'].sudo().search_count([
                        ('gtg_corrects_id', '=', einvoice.id)], limit=1):
                raise UserError(self.env._(
                    '%s is being corrected or was corrected here, so it stays.',
                    einvoice.number))
        return super(Einvoice, ours)._unlink_except_issued()

    # === AS AN ORIGINAL === #

    @api.depends('outside_method', 'move_id.reversal_move_ids.gtg_outside_key')
    def _compute_correction_method(self):
        return super()._compute_correction_method()

    def _gtg_method(self, without=None):
        return super()._gtg_method(without) or self.outside_method or bool(
            self._gtg_adjusted_elsewhere()) and 'adjust'

    def _gtg_adjusted_elsewhere(self):
        """Credit notes whose e-invoice was issued elsewhere, too."""
        return super()._gtg_adjusted_elsewhere() | (
            self.move_id.reversal_move_ids if self.outside else self.move_id.browse()
        ).filtered(lambda note: note.state == 'posted' and note.gtg_outside_key)

    def _gtg_left(self, without=None):
        left, count = super()._gtg_left(without)
        for note in self._gtg_adjusted_elsewhere():
            count += 1
            for draft in note._gtg_lines(self.series_id)[0]:
                net, tax = left.get(draft.rate, (Decimal(0), Decimal(0)))
                left[draft.rate] = (
                    net - draft.amounts.after, tax - draft.amounts.tax)
        return left, count

    def _gtg_original(self):
        original = super()._gtg_original()
        if not self.outside:
            return original
        # no provider knows it by our reference, and another one's code says nothing here
        return replace(
            original, outside=self.outside, reference='',
            lookup_code=original.lookup_code if self.outside == 'same' else '')

    def _gtg_can(self):
        """Corrections of this document that its provider does through us."""
        return self.account_id._adapter()._can_correct_of(self.account_id, self)

    def _gtg_why(self, decision):
        if decision.why == 'provider' and self.outside:
            return self.env._(
                '%(account)s cannot correct %(number)s, which was issued elsewhere. '
                'Correct it in the program that issued it; then enter symbol, number '
                'and date of that correction on its credit note or invoice in Odoo.',
                account=self.account_id.name, number=self.number)
        return super()._gtg_why(decision)

    def _files_fetched(self, task):
        """Once per e-invoice, and not where its number is stored: there every statement
        counts for hundreds."""
        result = super()._files_fetched(task)
        for wrong in self.sudo().search([
                ('company_id', '=', self.company_id.id), ('outside', '!=', False),
                ('number', 'in', list(number_writings(self.number))),
                ('series_id.form', '=', self.series_id.form)]):
            wrong._alarm(self.env._(
                '%(number)s was entered here as issued elsewhere, but it is the e-invoice '
                'of %(move)s. Look at the paper; if it was entered wrongly, press '
                '"Entered wrongly".', number=wrong.number,
                move=self.move_id.display_name))
        return result

    # === NEVER ASKED ABOUT === #

    def action_ask_code(self):
        return super(Einvoice, self.filtered(lambda e: not e.outside)).action_ask_code()

    def action_fetch_files(self):
        return super(
            Einvoice, self.filtered(lambda e: not e.outside)).action_fetch_files()


class AccountMove(models.Model):
    _inherit = 'account.move'

    gtg_outside_original = fields.Boolean(compute='_compute_gtg_outside_original')
    gtg_outside_unnamed = fields.Boolean(compute='_compute_gtg_outside_original')

    @api.depends('move_type', 'gtg_original_id', 'reversed_entry_id.gtg_outside_key')
    def _compute_gtg_outside_original(self):
        for move in self:
            unnamed = move.move_type == 'out_refund' and not move.gtg_original_id and (
                move.reversed_entry_id.gtg_outside_key)
            move.gtg_outside_unnamed = bool(unnamed)
            move.gtg_outside_original = bool(
                unnamed or move.gtg_original_id.sudo().outside)

    @api.depends('gtg_einvoice_state', 'gtg_outside_key', 'state')
    def _compute_gtg_can_correct(self):
        result = super()._compute_gtg_can_correct()
        for move in self:
            move.gtg_can_correct = move.gtg_can_correct or move._gtg_takes_over()
        return result

    def _gtg_takes_over(self):
        """Whether its e-invoice was issued elsewhere and nobody has named it yet."""
        self.ensure_one()
        return bool(
            self.move_type == 'out_invoice' and self.state == 'posted'
            and self.gtg_outside_key and self.gtg_einvoice_state not in STANDING
            and not self.gtg_einvoice_id.outside)

    def _gtg_law_day(self):
        if self.gtg_outside_date and not self._gtg_kind():
            return self.gtg_outside_date
        return super()._gtg_law_day()

    def _gtg_original_problems(self, original, kind, series):
        unnamed = self.reversed_entry_id.gtg_outside_key
        if not original.number and unnamed and kind != 'books':
            return [self.env._(
                'E-invoice %s was issued elsewhere. Press "Name the original" on this '
                'credit note and say what it is.', unnamed)]
        # what such a credit note has left must be known in full
        return super()._gtg_original_problems(original, kind, series) or [
            self.env._('Credit note %(note)s, issued elsewhere: %(problem)s',
                       note=note.name, problem=problem)
            for note in original._gtg_adjusted_elsewhere()
            for problem in note._gtg_lines(original.series_id)[1]]

    @api.constrains(*OUTSIDE)
    def _check_gtg_outside(self):
        for move in self.filtered(lambda move: not move.gtg_outside_key):
            move._gtg_check_named()
        return super()._check_gtg_outside()

    def _gtg_check_issued_here(self):
        self._gtg_check_named()
        return super()._gtg_check_issued_here()

    def _gtg_check_named(self):
        taken = self.gtg_einvoice_ids.sudo().filtered('outside')
        if taken:
            raise UserError(self.env._(
                '%s is named as the original of corrections. If it was entered wrongly, '
                'open it and press "Entered wrongly" first.', taken[:1].number))


class EinvoiceWatch(models.Model):
    _inherit = 'gtg.einvoice.watch'

    @api.model
    def _notes_domain(self):
        """Also those of an e-invoice from elsewhere that nobody has named."""
        unnamed = self._watched_moves() & Domain([
            ('move_type', '=', 'out_refund'), ('state', '=', 'posted'),
            ('gtg_correction_kind', '!=', 'books'), ('gtg_outside_key', '=', False),
            ('reversed_entry_id.gtg_outside_key', '!=', False),
            ('reversed_entry_id.gtg_einvoice_id', '=', False)])
        return Domain(super()._notes_domain()) | unnamed


class EinvoiceComparison(models.Model):
    _inherit = 'gtg.einvoice.comparison'

    def _own_domain(self):
        return super()._own_domain() & Domain('outside', '!=', 'other')
