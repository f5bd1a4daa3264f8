from odoo import api, fields, models
from odoo.exceptions import UserError

from ...lib import symbol
from ...lib.document import Template

SYMBOLS = 'l10n_vn_edi_viettel.sinvoice.symbol'


class EinvoiceAccount(models.Model):
    """What was entered in Odoo's own S-Invoice module need not be entered again."""

    _inherit = 'gtg.einvoice.account'

    has_core_symbols = fields.Boolean(compute='_compute_has_core_symbols')

    @api.depends('provider', 'series_ids')
    def _compute_has_core_symbols(self):
        for account in self:
            account.has_core_symbols = (
                account.provider == 'sinvoice' and bool(account._core_templates()))

    def action_take_core_symbols(self):
        """Button: series of the symbols and templates of Odoo's own module."""
        self.ensure_one()
        self.check_access('write')
        taken = self._add_series(self._core_templates())
        if not taken:
            raise UserError(self.env._(
                "Every symbol of Odoo's own S-Invoice module is listed already, or is "
                'none of the law in force.'))
        return {'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
            'type': 'success', 'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            'message': self.env._('Taken over: %s', ', '.join(taken.mapped('name')))}}

    def _core_templates(self):
        """:return: list of ``lib.document.Template`` that the account does not list"""
        if SYMBOLS not in self.env:
            return []
        known = {(series.template, series.name) for series in self.with_context(
            active_test=False).series_ids.filtered(lambda s: not s.outside)}
        found = []
        for row in self.env[SYMBOLS].sudo().search([]) - self._core_symbols_of_others():
            template = row.invoice_template_id
            # there the kind is a field of its own, here the template's first character
            if not template.name.startswith(template.template_invoice_type):
                continue
            try:
                parsed = symbol.parse_symbol(row.name)
            except ValueError:
                continue  # of the old law
            name = row.name.strip().upper()
            if parsed.form:
                name = name[1:]
            if (template.name, name) not in known:
                found.append(Template(template.name, name))
        return found

    def _core_symbols_of_others(self):
        """Odoo's own rows belong to no company: those with which only other companies
        have ever issued are theirs."""
        users = {}
        for used, company in self.env['account.move'].sudo()._read_group(
                [('l10n_vn_edi_invoice_symbol', '!=', False)],
                ['l10n_vn_edi_invoice_symbol', 'company_id']):
            users.setdefault(used.id, set()).add(company.id)
        return self.env[SYMBOLS].sudo().browse([
            row for row, companies in users.items()
            if self.company_id.id not in companies])
