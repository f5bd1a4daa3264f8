from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import symbol
from ..lib.listing import number_key, number_writings
from .einvoice import HELD

OUTSIDE = ('gtg_outside_series', 'gtg_outside_number', 'gtg_outside_date')


class AccountMove(models.Model):
    """The legal invoice of a sale that somebody else has issued: a platform, or a person
    on the site of the provider. One sale has one: ours is then refused."""

    _inherit = 'account.move'

    gtg_outside_series = fields.Char(
        'Symbol elsewhere', copy=False, help='Of the e-invoice that the platform or '
        'somebody on the site of the provider has issued, for example C26TAA.')
    gtg_outside_number = fields.Char('Number elsewhere', copy=False)
    gtg_outside_date = fields.Date('Date elsewhere', copy=False)
    gtg_outside_key = fields.Char(
        compute='_compute_gtg_outside_key', store=True, copy=False)

    _gtg_outside_once = models.UniqueIndex(
        "(company_id, gtg_outside_key, (left(ltrim(gtg_outside_series), 1) = '2')) "
        'WHERE gtg_outside_key IS NOT NULL',
        'Another invoice has this number from elsewhere already. If one of them is a '
        'sales invoice, write its symbol with the form: 2C26TAA.')

    @api.depends('gtg_outside_series', 'gtg_outside_number')
    def _compute_gtg_outside_key(self):
        for move in self:
            series = (move.gtg_outside_series or '').strip().upper()[-6:]
            number = (move.gtg_outside_number or '').strip()
            move.gtg_outside_key = bool(series and number) and number_key(
                series + number)

    def _gtg_outside_form(self):
        """:return: the form, where the symbol was written with it"""
        try:
            return symbol.parse_symbol(self.gtg_outside_series).form
        except ValueError:
            return None

    @api.constrains(*OUTSIDE)
    def _check_gtg_outside(self):
        for move in self.filtered(lambda move: any(move[name] for name in OUTSIDE)):
            if not all(move[name] for name in OUTSIDE):
                raise ValidationError(self.env._(
                    '%s: enter symbol, number and date of the e-invoice that was issued '
                    'elsewhere.', move.display_name))
            try:
                symbol.parse_symbol(move.gtg_outside_series)
                symbol.split_number(move.gtg_outside_key)
            except ValueError:
                raise ValidationError(self.env._(
                    '%(move)s: "%(series)s %(number)s" is no number of an e-invoice. Write '
                    'the symbol like C26TAA and the number in digits.',
                    move=move.display_name, series=move.gtg_outside_series,
                    number=move.gtg_outside_number)) from None
            move._gtg_check_issued_here()

    def _gtg_check_issued_here(self):
        held = self.gtg_einvoice_ids.sudo().filtered(lambda e: (
            e.state in ('queued', *HELD) and not e.given_up or e.accepted_late
            or e._outcome_unknown()))
        form = self._gtg_outside_form()
        known = self.env['gtg.einvoice'].sudo().search([
            ('company_id', '=', self.company_id.id),
            ('number', 'in', list(number_writings(self.gtg_outside_key))),
            *([('series_id.form', '=', form)] if form else [])], limit=1)
        if held or known:
            raise ValidationError(self.env._(
                '%(move)s: %(number)s was issued here or is being issued. One sale has '
                'one e-invoice.', move=(known or held)[:1].move_id.display_name,
                number=(known or held)[:1].number or '-'))

    # === WHAT IT MEANS === #

    @api.depends('gtg_outside_key')
    def _compute_gtg_legal_deadline(self):
        return super()._compute_gtg_legal_deadline()

    @api.depends('gtg_outside_key')
    def _compute_gtg_einvoice_possible(self):
        return super()._compute_gtg_einvoice_possible()

    def _gtg_to_issue(self):
        return super()._gtg_to_issue() and not self.gtg_outside_key

    def _gtg_can_issue(self):
        return super()._gtg_can_issue() and not self._gtg_number_elsewhere()

    def _gtg_einvoice_problems(self):
        if self._gtg_number_elsewhere():
            return [self._gtg_issued_elsewhere()]
        return super()._gtg_einvoice_problems()

    def _gtg_issued_elsewhere(self):
        """:return: why no program of Odoo may issue for this sale, or None. Others
        extend it."""
        number = self._gtg_number_elsewhere()
        return self.env._(
            'E-invoice %s was issued elsewhere for this sale. One sale has one '
            'e-invoice.', number) if number else None

    def _gtg_number_elsewhere(self):
        return self.gtg_outside_key or not self._gtg_kind() and self._gtg_foreign_number()

    def _gtg_foreign_number(self):
        """:return: what somebody typed as the number of another program, or False"""
        number = (self.l10n_vn_e_invoice_number or '').strip()
        ours = self.sudo().gtg_einvoice_ids.mapped('number')
        return number not in ('', *ours) and number

    def _gtg_total_in_vnd(self):
        return abs(self.amount_total_signed)


class Einvoice(models.Model):
    _inherit = 'gtg.einvoice'

    def _unchanged_payload(self):
        if self.move_id.gtg_outside_key:  # entered since it was asked for
            raise UserError(self.move_id._gtg_einvoice_problems()[0])
        return super()._unchanged_payload()


class EinvoiceComparison(models.Model):
    _inherit = 'gtg.einvoice.comparison'

    def _issued_outside(self, rows):
        """:return: {key: invoice whose number from elsewhere is one of the rows}"""
        moves = self.env['account.move'].sudo().search_fetch([
            ('company_id', '=', self.company_id.id),
            ('gtg_outside_key', 'in', rows.mapped('key'))],
            ['gtg_outside_key', 'amount_total', 'amount_total_signed', 'currency_id'])
        return {move.gtg_outside_key: move for move in moves}

    def _differences_outside(self, row, move):
        if row.untold or self._same_total(row, move):
            return []
        return [{'kind': 'total', 'number': row.number,
                 'theirs': f'{row.total:.2f} {row.currency}',
                 'ours': f'{move.amount_total:.2f} {move.currency_id.name} ({move.name})'}]
