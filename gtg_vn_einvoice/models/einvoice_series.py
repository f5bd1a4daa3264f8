from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from ..lib.symbol import parse_symbol

SLIPS = 'NB'  # letters of what goes with goods that are moved, not sold
PRINTED = ('name', 'template', 'account_id')


class KnownSeries(dict):
    """{company id: id of its series of today}, found once for many invoices. A class of
    its own: a request may send any context, but never this."""


class EinvoiceSeries(models.Model):
    """A symbol of e-invoices (C26TAA) with the template that prints it."""

    _name = 'gtg.einvoice.series'
    _description = 'E-invoice series'
    _order = 'year desc, sequence, id'

    account_id = fields.Many2one(
        'gtg.einvoice.account', required=True, ondelete='restrict', index=True)
    company_id = fields.Many2one(related='account_id.company_id', store=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char('Symbol', required=True, help='Without form digit: C26TAA.')
    template = fields.Char(
        required=True, default='1/001', help='Template code, begins with the form digit.')
    form = fields.Selection([
        ('1', 'VAT invoice'), ('2', 'Sales invoice'), ('3', 'Public assets'),
        ('4', 'National reserve'), ('5', 'Stamps, tickets'), ('6', 'Delivery note'),
        ('7', 'Commercial invoice'), ('8', 'VAT invoice with fee receipt'),
        ('9', 'Sales invoice with fee receipt'),
    ], compute='_compute_kind', store=True)
    year = fields.Integer(compute='_compute_kind', store=True)
    code_kind = fields.Selection([
        ('later', 'Code of the tax office, later'),
        ('at_once', 'Code of the tax office, at once (cash register)'),
        ('none', 'Without code'),
    ], 'Tax-authority code', compute='_compute_kind', store=True)
    in_summary = fields.Boolean(
        'In summary table', help='The provider reports these invoices to the tax office '
        'in a table instead of one by one.')


    @api.depends('name', 'template')
    def _compute_kind(self):
        forms = dict(self._fields['form'].selection)
        for series in self:
            series.form = (series.template or '')[:1]
            if series.form not in forms:
                series.form = False
            try:
                parsed = parse_symbol(series.name)
            except ValueError:
                series.year, series.code_kind = 0, False
                continue
            series.year = parsed.year
            series.code_kind = (
                'none' if not parsed.with_code
                else 'at_once' if parsed.cash_register else 'later')

    @api.constrains('name', 'template')
    def _check_symbol(self):
        for series in self:
            if not series.year or parse_symbol(series.name).form:
                raise ValidationError(self.env._(
                    '"%s" is no symbol. Write C or K, two digits of the year, the letter '
                    'of the kind and two letters or digits, for example C26TAA.', series.name))
            if series.name[:1].upper() == 'K' and series.name[3:4].upper() == 'M':
                raise ValidationError(self.env._(
                    '"%s" is no symbol: cash registers have a code, so it begins with C.',
                    series.name))
            if not series.form:
                raise ValidationError(self.env._(
                    'Template "%s": the first character must be the form digit, for '
                    'example 1/001.', series.template))

    def write(self, vals):
        if any(name in vals for name in PRINTED):
            changed = self.filtered(lambda series: any(
                name in vals and vals[name] != series._fields[name].convert_to_write(
                    series[name], series) for name in PRINTED))
            # one that was mistyped has only drafts: the provider refused it
            changed._check_unused([('state', '!=', 'draft')])
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        self._check_unused()

    def _check_unused(self, domain=()):
        """Corrections name the symbol and the template of what they correct."""
        used = self.env['gtg.einvoice'].sudo().search(
            [('series_id', 'in', self.ids), *domain], limit=1).series_id
        if used:
            raise UserError(self.env._(
                'E-invoices were made with series %s, so it stays as it is. Add a new '
                'series and switch this one off.', used.display_name))

    def _issues_here(self):
        """Whether invoices of sales are issued in it."""
        return self.form in ('1', '2') and (
            self.name or '')[3:4].upper() not in SLIPS

    @api.depends('name', 'form')
    def _compute_display_name(self):
        for series in self:
            series.display_name = f'{series.form or ""}{series.name or ""}'

    def _lane(self):
        """Numbers of a series run in sequence: its tasks go one at a time."""
        return f'series-{self.id}'

    def _of_this_year(self):
        """This series; else, best first, what has its kind of code and its letters, one
        of its form. Empty if its account has none in use."""
        self.ensure_one()
        year = vietnam_date(fields.Datetime.now()).year
        if self.year == year and self.active:
            return self
        register = self.code_kind == 'at_once'
        others = self.search([
            ('account_id', '=', self.account_id.id), ('form', '=', self.form),
            ('year', '=', year)]).filtered(
                lambda other: (other.code_kind == 'at_once') == register)
        # a seller may have been told to change from K to C
        return others.sorted(lambda other: (
            other.code_kind != self.code_kind, other.name[3:] != self.name[3:],
            other.sequence, other.id))[:1]

    @api.model
    def _of_company(self, company):
        """The series in which a company issues today, empty if none is ready."""
        known = self.env.context.get('gtg_known_series')
        if not isinstance(known, KnownSeries):
            known = KnownSeries()
        if company.id not in known:
            account = self.env['gtg.einvoice.account']._of_company(company)
            known[company.id] = account and self.sudo().search([
                ('account_id', '=', account.id), ('form', 'in', ('1', '2')),
                ('year', '=', vietnam_date(fields.Datetime.now()).year)],
                order='sequence, id', limit=1).id
        return self.sudo().browse(known[company.id] or [])
