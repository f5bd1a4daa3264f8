from odoo import api, fields, models
from odoo.fields import Domain

from .einvoice_comparison import PRIORITY


class EinvoiceSeries(models.Model):
    """How many numbers a series has left, where its provider tells. It only warns:
    whether one is left in the end, the provider says when it issues."""

    _name = 'gtg.einvoice.series'
    _inherit = ['gtg.einvoice.series', 'gtg.connector.subject']

    numbers_used = fields.Integer('Numbers used', readonly=True, copy=False)
    numbers_registered = fields.Integer('Numbers registered', readonly=True, copy=False)
    numbers_left = fields.Integer(
        'Numbers left', compute='_compute_numbers_left', store=True)
    numbers_few = fields.Boolean(compute='_compute_numbers_few')
    numbers_told = fields.Char(
        'The provider says', readonly=True, copy=False,
        help='Its own words. Which of both is the number of those registered, its '
             'description does not say: the greater one is taken.')
    numbers_asked_at = fields.Datetime('Numbers as of', readonly=True, copy=False)

    @api.depends('numbers_used', 'numbers_registered')
    def _compute_numbers_left(self):
        for series in self:
            series.numbers_left = series.numbers_registered - series.numbers_used

    @api.depends('numbers_left', 'company_id.gtg_einvoice_few_numbers')
    def _compute_numbers_few(self):
        for series in self:
            series.numbers_few = bool(series.numbers_asked_at) and (
                series.numbers_left < series.company_id.gtg_einvoice_few_numbers)

    @api.model
    def _few_domain(self, companies):
        """Series in use this year that will soon be used up."""
        year = self.env['gtg.legal.deadline']._gtg_today().year
        few = Domain.OR(
            Domain('company_id', '=', company.id)
            & Domain('numbers_left', '<', company.gtg_einvoice_few_numbers)
            for company in companies)
        return few & Domain([
            ('numbers_asked_at', '!=', False), ('year', '=', year),
            ('account_id.state', '=', 'connected')])

    def _ask_numbers(self, day):
        """Ask the provider, once a day however often this is called."""
        for account, series in self.grouped('account_id').items():
            self.env['gtg.connector.task']._enqueue_many(
                account.sudo(), 'count_numbers', series, generation=day.toordinal(),
                lane='numbers', priority=PRIORITY)

    def _gtg_task_done(self, task):
        result = super()._gtg_task_done(task)
        counts = (task.result or {}).get('counts')
        # an older answer may come later
        if counts and (self.numbers_asked_at or task.create_date) <= task.create_date:
            self.sudo().write({
                'numbers_used': min(counts.values()),
                'numbers_registered': max(counts.values()),
                'numbers_told': ', '.join(f'{name} {n}' for name, n in counts.items()),
                'numbers_asked_at': task.create_date})
        return result


class EinvoiceAccount(models.Model):
    _inherit = 'gtg.einvoice.account'

    def _night_jobs(self):
        return {**super()._night_jobs(), 'count of numbers': self._count_night}

    def _count_night(self, today):
        """Ask for the numbers left, once a day however many workers try."""
        self.ensure_one()
        # a copy would ask as the original
        if self.is_copy or not self._adapter()._counts_numbers:
            return
        series = self.env['gtg.einvoice.series'].search([
            ('account_id', '=', self.id), ('year', '=', today.year)])
        if series and self.env['gtg.einvoice.notice']._claim(
                self.company_id, [f'numbers:{self.id}:{today}']):
            series._ask_numbers(today)


class EinvoiceNotice(models.Model):
    _inherit = 'gtg.einvoice.notice'

    @api.model
    def _tellers(self):
        return [*super()._tellers(), self._tell_numbers]

    @api.model
    def _tell_numbers(self, company, now):
        """A series will soon be used up: told once, and again after more was bought."""
        few = self.env['gtg.einvoice.series'].search(
            self.env['gtg.einvoice.series']._few_domain(company))
        users = company._gtg_accountants() if few else None
        if not users or not self._is_time(
                company, now, company.gtg_einvoice_digest_hour):
            return
        keys = {f'few:{series.id}:{series.numbers_registered}': series for series in few}
        told = self.env['gtg.einvoice.series'].union(
            *(keys[key] for key in self._claim(company, keys)))
        for lang, group in users.grouped('lang').items() if told else ():
            _ = self.with_context(lang=lang).env._
            self._mail(
                'gtg_vn_einvoice.mail_template_change', company, group, lang,
                title=_('Few e-invoice numbers are left'), lines=[
                    *(_('%(series)s (%(account)s): %(left)s of %(all)s', all=(
                        series.numbers_registered), left=series.numbers_left,
                        series=series.display_name, account=series.account_id.name)
                      for series in told.sorted('id')),
                    _('Register or buy more at the provider in time: without a number '
                      'no e-invoice can be issued.')])


class EinvoiceWatch(models.Model):
    _inherit = 'gtg.einvoice.watch'

    @api.model
    def _watched(self, code):
        if code != 'numbers':
            return super()._watched(code)
        few = self.env['gtg.einvoice.series']._few_domain(self.env.companies)
        return ('gtg.einvoice.series', list(few),
                'gtg_vn_einvoice.einvoice_series_view_list')


class ResCompany(models.Model):
    _inherit = 'res.company'

    gtg_einvoice_few_numbers = fields.Integer(
        'Few numbers are less than', default=100,
        help='So few numbers of a series must be left for accountants to be told.')


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    gtg_einvoice_few_numbers = fields.Integer(
        related='company_id.gtg_einvoice_few_numbers', readonly=False)
