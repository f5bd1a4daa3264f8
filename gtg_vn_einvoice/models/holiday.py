from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..lib.working_days import WorkingDays


class Holiday(models.Model):
    """The calendar of the state, by which legal deadlines run. The same for every
    company; days that follow the moon or a decision of the year are corrected here."""

    _name = 'gtg.holiday'
    _description = 'Public holiday'
    _order = 'day'

    name = fields.Char(required=True, translate=True)
    day = fields.Date(required=True)
    kind = fields.Selection([
        ('off', 'Day off'), ('worked', 'Worked day at the weekend'),
    ], default='off', required=True)
    active = fields.Boolean(
        default=True, help='Off: the day counts as usual. Days that are not certain yet '
        'are listed so: deadlines are then rather too early than too late.')
    note = fields.Char(
        translate=True, help='Why it is switched off and who decides. Delete the note '
        'once it is decided.')

    _one_per_day = models.Constraint(
        'UNIQUE (day)', 'This day is in the calendar already.')

    @api.constrains('day', 'kind')
    def _check_weekend(self):
        if self.filtered(lambda h: h.kind == 'worked' and h.day.weekday() < 5):
            raise ValidationError(self.env._(
                'Only a Saturday or Sunday can be worked in exchange.'))

    @api.model
    def _working_days(self):
        """:rtype: WorkingDays"""
        return WorkingDays(*self._days())

    @api.model
    @tools.ormcache()
    def _days(self):
        days = {'off': [], 'worked': []}
        for row in self.sudo().search_fetch([], ['day', 'kind']):
            days[row.kind].append(row.day)
        return frozenset(days['off']), frozenset(days['worked'])

    # === DEADLINES FOLLOW === #

    @api.model_create_multi
    def create(self, vals_list):
        result = super().create(vals_list)
        result._changed()
        return result

    def write(self, vals):
        before = self.mapped('day')
        result = super().write(vals)
        self._changed(before)
        return result

    def unlink(self):
        before = self.mapped('day')
        result = super().unlink()
        self.browse()._changed(before)
        return result

    def _changed(self, more_days=()):
        self.env.registry.clear_cache()
        days = [*self.mapped('day'), *more_days]
        if days and not self.env.context.get('install_mode'):
            self._refresh_deadlines(min(days))

    @api.model
    def _refresh_deadlines(self, first):
        """Compute anew what is open and may be due on a changed day or after it."""
        for model in self._watched_models():
            records = self.env[model].sudo().search([
                ('gtg_legal_deadline', '>=', fields.Date.subtract(first, days=15))])
            self.env.add_to_compute(records._fields['gtg_legal_deadline'], records)

    @api.model
    def _watched_models(self):
        """Names of the models with the mixin ``gtg.legal.deadline``; extend."""
        return ['account.move', 'gtg.einvoice']
