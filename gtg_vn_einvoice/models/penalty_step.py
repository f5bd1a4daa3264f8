from odoo import api, fields, models
from odoo.tools import format_amount


class PenaltyStep(models.Model):
    """A step of a ladder of fines. Invoices not issued in time are added up, so that a
    backlog climbs it; what reaches the tax office late climbs with its working days.
    Figures are data, for the decree changes."""

    _name = 'gtg.penalty.step'
    _description = 'Fine for late e-invoices'
    _order = 'kind, count_from'
    _rec_name = 'count_from'

    kind = fields.Selection([
        ('issue', 'Not issued in time'), ('transfer', 'Sent late to the tax office'),
    ], required=True, default='issue')
    count_from = fields.Integer(
        'From', required=True, help='Invoices; of what is sent late, working days.')
    late_min = fields.Monetary('Wrong time, from')
    late_max = fields.Monetary('Wrong time, up to')
    missing_min = fields.Monetary('Not issued, from')
    missing_max = fields.Monetary('Not issued, up to')
    currency_id = fields.Many2one(
        'res.currency', required=True, default=lambda self: self.env.ref('base.VND'))
    source = fields.Char(help='The decree that says so.')

    _count_unique = models.Constraint(
        'UNIQUE (kind, count_from)', 'There is a step for this number already.')
    _count_positive = models.Constraint(
        'CHECK (count_from > 0)', 'A step begins at one invoice or more.')

    @api.model
    def _hint(self, count):
        """What so many late invoices may cost, and where the next step begins.

        :rtype: str
        """
        reached, above = self._around('issue', count)
        if not reached:
            return ''
        text = self.env._(
            '%(count)s late: fine %(late)s if issued late, %(missing)s if not issued '
            '(households about half).',
            count=count, late=reached._range('late'), missing=reached._range('missing'))
        return text if not above else ' '.join([text, self.env._(
            'Next step from %(count)s: %(late)s.',
            count=above.count_from, late=above._range('late'))])

    @api.model
    def _transfer_hint(self, days):
        """The same for what has not reached the tax office.

        :param int days: working days that the oldest of it is late
        """
        reached, above = self._around('transfer', days)
        if not reached:
            return ''
        text = self.env._('%(days)s working days late: fine %(fine)s.', days=days,
                          fine=reached._range('late'))
        return text if not above else ' '.join([text, self.env._(
            'From %(count)s days: %(late)s.', count=above.count_from,
            late=above._range('late'))])

    def _around(self, kind, count):
        """:return: (step that is reached, the next one), each may be empty"""
        steps = self.sudo().search([('kind', '=', kind)])
        reached = steps.filtered(lambda step: step.count_from <= count)
        return reached[-1:], (steps - reached)[:1]

    def _range(self, kind):
        return ' – '.join(
            format_amount(self.env, self[f'{kind}_{end}'], self.currency_id)
            for end in ('min', 'max'))
