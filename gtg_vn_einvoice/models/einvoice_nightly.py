import logging

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.gtg_connector_base.lib.clock import UTC, VIETNAM, vietnam_date
from odoo.addons.gtg_connector_base.models.transaction import contained

_logger = logging.getLogger(__name__)

HOUR = 1  # of Vietnam; a server that slept makes up for it later in the day
MONTH_DAYS = 3  # so long after its end a month is compared as a whole


class EinvoiceAccount(models.Model):
    _inherit = 'gtg.einvoice.account'

    nightly_compare = fields.Boolean(
        'Compare every night', default=True,
        help='The list of the provider is laid beside ours in the night; you hear of '
             'it only if something differs. In the first days of a month the month '
             'before is compared as a whole.')
    nightly_days = fields.Integer('Days back', default=7)
    can_list = fields.Boolean(compute='_compute_can_list')

    _nightly_days_few = models.Constraint(
        'CHECK (nightly_days BETWEEN 1 AND 31)', 'Compare 1 to 31 days every night.')

    @api.depends('provider')
    def _compute_can_list(self):
        for account in self:
            account.can_list = bool(account.provider) and account._adapter()._can_list

    def _nightly_period(self, today):
        """:return: (first, last) Vietnamese day; last before first if there is none"""
        first = fields.Date.subtract(today, days=self.nightly_days)
        if today.day <= MONTH_DAYS:
            first = min(first, fields.Date.subtract(today, months=1).replace(day=1))
        # what is older was issued elsewhere
        known = [vietnam_date(self.create_date), self.company_id.gtg_einvoice_watch_from]
        return max([first, *filter(None, known)]), fields.Date.subtract(today, days=1)

    def _night_jobs(self):
        """What is done for this account once a night; one that fails stops no other.
        Extend.

        :return: {name: function of the Vietnamese day}
        """
        return {'comparison': self._compare_night} if self.nightly_compare else {}

    def _compare_night(self, today):
        """Begin this night's comparison, once however many workers try."""
        self.ensure_one()
        first, last = self._nightly_period(today)
        # a copy would ask as the original
        if first > last or self.is_copy or not self.can_list:
            return
        if not self.env['gtg.einvoice.notice']._claim(
                self.company_id, [f'compare:{self.id}:{today}']):
            return
        Comparison = self.env['gtg.einvoice.comparison']
        Comparison._end_nights(self)
        Comparison.create({
            'account_id': self.id, 'first': first, 'last': last, 'night': today,
        })._start()


class EinvoiceComparison(models.Model):
    _inherit = 'gtg.einvoice.comparison'

    @api.model
    def _begin_due(self):
        super()._begin_due()
        now = fields.Datetime.now().replace(tzinfo=UTC).astimezone(VIETNAM)
        if now.hour < HOUR:
            return
        for account in self.env['gtg.einvoice.account'].search([
                ('state', '=', 'connected')]):
            for name, job in account._night_jobs().items():
                with contained(self.env, _logger, "this night's %s of account %s",
                               name, account.id):
                    job(now.date())

    @api.model
    def _end_nights(self, account):
        """What an earlier night has left hanging ends: its list is out of date."""
        old = self.search(Domain('account_id', '=', account.id) & Domain([
            ('night', '!=', False), ('state', 'in', ('running', 'comparing'))]))
        old._end_incomplete()
        old._drop_tasks()
