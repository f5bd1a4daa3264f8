from datetime import datetime, time

from odoo import api, fields, models
from odoo.tools import date_utils

from odoo.addons.gtg_connector_base.lib.clock import VIETNAM, naive_utc, vietnam_date


class Einvoice(models.Model):
    """Late is late for good: fines count what was issued late, too."""

    _inherit = 'gtg.einvoice'

    days_late_issued = fields.Integer(
        'Issued late by', readonly=True, copy=False,
        help='Working days between the legal deadline and the issue.')

    def _lateness(self, issued_at):
        """Asked before the number is kept: the invoice's deadline ends with it.

        :param datetime issued_at: UTC, naive
        :return: working days
        """
        deadline, day = self.move_id.gtg_legal_deadline, vietnam_date(issued_at)
        if not deadline or day <= deadline:
            return 0
        return self.env['gtg.holiday']._working_days().late(deadline, day)


class EinvoiceWatch(models.Model):
    _inherit = 'gtg.einvoice.watch'

    @api.model
    def _watched(self, code):
        if code != 'issued_late':
            return super()._watched(code)
        first = date_utils.start_of(self.env['gtg.legal.deadline']._gtg_today(), 'quarter')
        since = naive_utc(datetime.combine(first, time(), VIETNAM))
        return ('gtg.einvoice', [
            ('days_late_issued', '>', 0), ('issued_at', '>=', since)],
            'gtg_vn_einvoice.einvoice_view_list_late')

    def _count(self):
        count, deadline = super()._count()
        return count, self.code != 'issued_late' and deadline
