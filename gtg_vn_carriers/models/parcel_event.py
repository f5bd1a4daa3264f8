from odoo import fields, models

from ..lib import tracking as T
from .parcel import STATUSES


class ParcelEvent(models.Model):
    """One report of the carrier about a parcel. Never changed, only enriched."""

    _name = 'gtg.parcel.event'
    _description = 'Report about a parcel'
    _order = 'moment desc, id desc'
    _rec_name = 'code'

    parcel_id = fields.Many2one(
        'gtg.parcel', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='parcel_id.company_id', store=True)
    code = fields.Char("Carrier's status", required=True, readonly=True)
    status = fields.Selection(STATUSES, readonly=True)
    moment = fields.Char(required=True, readonly=True, help='UTC, to the millisecond')
    at = fields.Datetime('When', required=True, readonly=True)
    place = fields.Char(required=True, default='', readonly=True)
    reason_code = fields.Char('Reason code', readonly=True)
    reason = fields.Char(readonly=True)
    attention = fields.Char(readonly=True)
    pushed = fields.Boolean(readonly=True)

    _report_unique = models.Constraint(
        'UNIQUE (parcel_id, code, moment, place)', 'This report is known already.')

    def _gtg_events(self):
        """:return: {`lib.tracking.Event`: record}"""
        return {T.Event(
            code=row.code, status=row.status or '', at=T.from_moment(row.moment),
            place=row.place or '', reason_code=row.reason_code or '',
            reason=row.reason or '', pushed=row.pushed,
            attention=row.attention or ''): row for row in self}

    def _gtg_vals(self, event):
        return {
            'code': event.code, 'status': event.status or False,
            'moment': T.moment(event.at),
            'at': event.at.replace(tzinfo=None, microsecond=0),
            'place': event.place, 'reason_code': event.reason_code,
            'reason': event.reason, 'attention': event.attention,
            'pushed': event.pushed}
