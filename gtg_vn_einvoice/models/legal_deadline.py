import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date
from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

_logger = logging.getLogger(__name__)
SHOWN = 5


class LegalDeadline(models.AbstractModel):
    """Mixin of what the law wants done until a day: `gtg_deadline` is empty as soon as
    it is done. How late it is depends on today and is not stored."""

    _name = 'gtg.legal.deadline'
    _description = 'Something with a legal deadline'

    gtg_deadline = fields.Date(
        'Legal deadline', compute='_compute_gtg_deadline', store=True,
        compute_sudo=True, copy=False, index='btree_not_null')
    gtg_days_late = fields.Integer(
        'Days late', compute='_compute_gtg_days_late', search='_search_gtg_days_late',
        help='Working days since the legal deadline.')

    def _compute_gtg_deadline(self):
        self.gtg_deadline = False

    @api.depends('gtg_deadline')
    def _compute_gtg_days_late(self):
        working, today = self.env['gtg.holiday']._working_days(), self._gtg_today()
        for record in self:
            record.gtg_days_late = bool(record.gtg_deadline) and working.late(
                record.gtg_deadline, today)

    def _search_gtg_days_late(self, operator, value):
        if operator not in ('>', '>='):
            return NotImplemented
        late = int(value) + (operator == '>')
        if late <= 0:
            return NotImplemented
        return [('gtg_deadline', '<=', self.env['gtg.holiday']._working_days(
            ).latest_deadline(late, self._gtg_today()))]

    @api.model
    def _gtg_today(self):
        """The day in Vietnam, whoever asks."""
        return vietnam_date(fields.Datetime.now())

    # === MANY AT ONCE === #

    def _gtg_issue_each(self, issue):
        """Ask for the e-invoices of many records; what fails stops no other.

        :param issue: function of one record, raises UserError with what is wrong
        :return: action that tells the outcome
        """
        self.check_access('write')
        failed = []
        for record in self:
            try:
                with self.env.cr.savepoint():
                    issue(record)
            except CONFLICTS:
                raise
            except Exception as error:
                if not isinstance(error, UserError):
                    _logger.exception('%s not issued', record)
                failed.append(str(error))
        message = self.env._(
            '%(count)s e-invoices are being issued.', count=len(self) - len(failed))
        if failed:
            message = '\n'.join([
                message, self.env._('%s cannot be issued yet:', len(failed)),
                *failed[:SHOWN], *(['…'] if len(failed) > SHOWN else [])])
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification', 'params': {
                'message': message, 'type': 'warning' if failed else 'success',
                'sticky': bool(failed),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'}}}

    # === SETTINGS CHANGED === #

    @api.model
    def _gtg_recompute(self, where):
        """Compute the deadlines of the rows of a condition anew.

        :param SQL where: condition on columns of the table
        """
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            'SELECT id FROM %s WHERE %s', SQL.identifier(self._table), where))
        records = self.sudo().browse([row[0] for row in rows])
        self.env.add_to_compute(self._fields['gtg_deadline'], records)
