from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date


class LegalDeadline(models.AbstractModel):
    """Mixin of what the law wants done until a day: `gtg_legal_deadline` is empty as
    soon as it is done. How late it is depends on today and is not stored."""

    _name = 'gtg.legal.deadline'
    _description = 'Something with a legal deadline'

    gtg_legal_deadline = fields.Date(
        'Legal deadline', compute='_compute_gtg_legal_deadline', store=True,
        compute_sudo=True, copy=False, index='btree_not_null')
    gtg_days_late = fields.Integer(
        'Days late', compute='_compute_gtg_days_late', search='_search_gtg_days_late',
        help='Working days since the legal deadline.')

    def _compute_gtg_legal_deadline(self):
        self.gtg_legal_deadline = False

    @api.depends('gtg_legal_deadline')
    def _compute_gtg_days_late(self):
        working, today = self.env['gtg.holiday']._working_days(), self._gtg_today()
        for record in self:
            record.gtg_days_late = bool(record.gtg_legal_deadline) and working.late(
                record.gtg_legal_deadline, today)

    def _search_gtg_days_late(self, operator, value):
        if operator not in ('>', '>='):
            return NotImplemented
        late = int(value) + (operator == '>')
        if late <= 0:
            return NotImplemented
        return [('gtg_legal_deadline', '<=', self.env['gtg.holiday']._working_days(
            ).latest_deadline(late, self._gtg_today()))]

    @api.model
    def _gtg_today(self):
        """The day in Vietnam, whoever asks."""
        return vietnam_date(fields.Datetime.now())

    def _gtg_due_line(self):
        """One line of a notice."""
        self.ensure_one()
        return self.env._('%(name)s of %(partner)s, %(days)s working days late',
                          name=self.display_name, days=self.gtg_days_late,
                          partner=self.partner_id.display_name)

    # === SETTINGS CHANGED === #

    @api.model
    def _gtg_recompute(self, where, name='gtg_legal_deadline'):
        """Compute the deadlines of the rows of a condition anew.

        :param SQL where: condition on columns of the table
        :param str name: field on which the deadline depends
        """
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            'SELECT id FROM %s WHERE %s', SQL.identifier(self._table), where))
        records = self.sudo().browse([row[0] for row in rows])
        self.env.add_to_compute(self._fields[name], records)
        self.env[self._name].sudo().browse(records.ids).modified([name])
