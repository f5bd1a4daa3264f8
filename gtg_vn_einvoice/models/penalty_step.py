from odoo import api, fields, models
from odoo.tools import format_amount


class PenaltyStep(models.Model):
    """A step of the ladder of fines: violations of one case are added up, so that a
    backlog climbs it. Figures are data, for the decree changes."""

    _name = 'gtg.penalty.step'
    _description = 'Fine for late e-invoices'
    _order = 'count_from'
    _rec_name = 'count_from'

    count_from = fields.Integer('From (invoices)', required=True)
    late_min = fields.Monetary('Wrong time, from')
    late_max = fields.Monetary('Wrong time, up to')
    missing_min = fields.Monetary('Not issued, from')
    missing_max = fields.Monetary('Not issued, up to')
    currency_id = fields.Many2one(
        'res.currency', required=True, default=lambda self: self.env.ref('base.VND'))
    source = fields.Char(help='The decree that says so.')

    _count_unique = models.Constraint(
        'UNIQUE (count_from)', 'There is a step for this number already.')
    _count_positive = models.Constraint(
        'CHECK (count_from > 0)', 'A step begins at one invoice or more.')

    @api.model
    def _hint(self, count):
        """What so many late invoices may cost, and where the next step begins.

        :rtype: str
        """
        steps = self.sudo().search([])
        reached = steps.filtered(lambda step: step.count_from <= count)[-1:]
        if not reached:
            return ''
        text = self.env._(
            '%(count)s late: fine %(late)s if issued late, %(missing)s if not issued.',
            count=count, late=reached._range('late'), missing=reached._range('missing'))
        above = steps.filtered(lambda step: step.count_from > count)[:1]
        return text if not above else ' '.join([text, self.env._(
            'Next step from %(count)s: %(late)s.',
            count=above.count_from, late=above._range('late'))])

    def _range(self, kind):
        return ' – '.join(
            format_amount(self.env, self[f'{kind}_{end}'], self.currency_id)
            for end in ('min', 'max'))
