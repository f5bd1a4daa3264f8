from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date


def _today():
    return vietnam_date(fields.Datetime.now())


class Einvoice(models.Model):
    """What waited, or is tried again from a list, is looked at once more before it
    leaves: the year may have changed, or the sale was taken back."""

    _inherit = 'gtg.einvoice'

    checked_on = fields.Date(
        readonly=True, copy=False, help='Vietnamese day of the checks of its request.')

    def _unchanged_payload(self):
        today, move = _today(), self.move_id
        # a credit note that is confirmed meanwhile empties the day of the checks
        if self.state == 'draft' or self.checked_on != today:
            self._check_year(today)
            if move._gtg_is_credited():
                raise UserError(move._gtg_undone_text())
            move._gtg_check_issue()
        return super()._unchanged_payload()

    def _check_year(self, today):
        if self.series_id.year != today.year:
            raise UserError(self.env._(
                '%(series)s is for %(year)s and was not used in time. Press "Issue '
                'e-invoice" on %(move)s: it takes the series of %(now)s.',
                series=self.series_id.name, year=self.series_id.year, now=today.year,
                move=self.move_id.display_name))

    def _is_unchanged(self):
        return (self.series_id.year == _today().year
                and not self.move_id._gtg_einvoice_problems()
                and super()._is_unchanged())

    def _queue_issue(self, payload, values):
        task = self._create_task()
        if task.state in ('queued', 'failed') and not task.unsure:
            self._follow_series(task)
        return super()._queue_issue(payload, values)

    def _follow_series(self, task):
        """Its request was for another series: numbers run by the new one's lane, and
        another account is another task."""
        account = self.account_id
        if (task.account_model, task.account_id) != (account._name, account.id):
            task._give_up()
        elif task.lane != self.series_id._lane():
            task.lane = self.series_id._lane()


class AccountMove(models.Model):
    _inherit = 'account.move'

    def _gtg_request(self, series, reference):
        payload, values = super()._gtg_request(series, reference)
        return payload, {**values, 'checked_on': _today()}
