from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError

WARN_DAYS = 31
SHOWN_PRODUCTS = 10


def _kind(series):
    return series.account_id, series.form, series.code_kind


class EinvoiceAccount(models.Model):
    """Symbols carry their year: on 1 January those of the old one cannot be used."""

    _inherit = 'gtg.einvoice.account'

    def _series_due(self, today):
        """Series that have no successor: in December for the next year, in January
        for this one.

        :return: (year, series of the year before that have none)
        """
        year = today.year + (today.month == 12)
        Series = self.env['gtg.einvoice.series'].sudo()
        old, new = (Series.search([
            ('account_id', 'in', self.ids), ('form', 'in', ('1', '2')),
            ('year', '=', wanted)]) for wanted in (year - 1, year))
        if today.month not in (1, 12):
            return year, Series
        # with fewer than before, whose letters are missing: shops may have their own
        kinds = new.grouped(_kind)
        return year, old.filtered(lambda s: not any(
            other.name[3:] == s.name[3:] for other in kinds.get(_kind(s), Series)
        ) and len(kinds.get(_kind(s), Series)) < len(old.grouped(_kind)[_kind(s)]))

    def action_next_series(self):
        """Button: fetch the series of the new year; propose what is not published.

        A proposal is switched off: a person switches it on once it is registered.
        """
        self.ensure_one()
        self.check_access('write')
        try:
            self.action_fetch_series()
        except UserError as error:  # some providers have no list, or do not answer now
            self.message_post(body=self.env._(
                'The series of the provider could not be fetched: %(why)s The new ones '
                'are only proposed.', why=error))
        year, due = self._series_due(self.env['gtg.legal.deadline']._gtg_today())
        Series = self.env['gtg.einvoice.series'].with_context(active_test=False)
        known = {(s.template, s.name) for s in Series.search(
            [('account_id', '=', self.id), ('year', '=', year)])}
        wanted = {(s.template, f'{s.name[0]}{year % 100:02}{s.name[3:]}'): s for s in due}
        Series.create([{
            'account_id': self.id, 'template': template, 'name': name, 'active': False,
            'in_summary': old.in_summary,
        } for (template, name), old in wanted.items() if (template, name) not in known])
        return {
            'type': 'ir.actions.act_window', 'res_model': 'gtg.einvoice.series',
            'name': self.env._('Series of %s', year), 'views': [(False, 'list')],
            'domain': [('account_id', '=', self.id), ('year', '=', year)],
            'context': {'active_test': False},
            'help': self.env._('<p>No series needs a successor now.</p>')}


class VatRate(models.Model):
    _inherit = 'gtg.vat.rate'

    @api.model
    def _ending(self, today):
        """Rates that end soon and are not extended by another row."""
        last = today + timedelta(days=WARN_DAYS)
        rates = self.sudo().search([('valid_until', '>=', today)])
        every = self.sudo().search([])
        return rates.filtered(lambda rate: rate.valid_until <= last and not any(
            other.name == rate.name
            and other.valid_from <= rate.valid_until + timedelta(days=1)
            and (not other.valid_until or other.valid_until > rate.valid_until)
            for other in every))

    def _concerned(self, company):
        """:return: (taxes, how many products, some of them) that have the rate"""
        self.ensure_one()
        taxes = self.env['account.tax'].sudo().search([
            ('company_id', '=', company.id), ('type_tax_use', '=', 'sale'),
            ('amount_type', '=', 'percent')]).filtered(
                lambda tax: tax._gtg_legal_rate() == self.name)
        Product = self.env['product.template'].sudo().with_company(company)
        domain = [('taxes_id', 'in', taxes.ids), ('sale_ok', '=', True),
                  ('company_id', 'in', (False, company.id))]
        return taxes, Product.search_count(domain), Product.search(
            domain, limit=SHOWN_PRODUCTS)


class EinvoiceNotice(models.Model):
    _inherit = 'gtg.einvoice.notice'

    @api.model
    def _tellers(self):
        return [*super()._tellers(), self._tell_rates, self._tell_series]

    @api.model
    def _tell_rates(self, company, now):
        """A rate of the law ends within a month: told once."""
        rates = self.env['gtg.vat.rate']._ending(now.date())
        users = company._gtg_accountants() if rates else None
        if not users or not self._is_time(
                company, now, company.gtg_einvoice_digest_hour):
            return
        for rate in rates:
            if not self._claim(company, [f'rate:{rate.name}:{rate.valid_until}']):
                continue
            taxes, count, products = rate._concerned(company)
            for lang, group in users.grouped('lang').items():
                _ = self.with_context(lang=lang).env._
                self._mail(
                    'gtg_vn_einvoice.mail_template_change', company, group, lang,
                    title=_('VAT of %(rate)s ends on %(day)s', rate=rate.name,
                            day=f'{rate.valid_until:%d/%m/%Y}'),
                    lines=[
                        _('Taxes: %s', ', '.join(taxes.mapped('name')) or '-'),
                        _('Products: %(count)s (%(some)s)', count=count, some=', '.join(
                            products.with_context(lang=lang).mapped('name')) or '-'),
                        _('Sales after that day need another tax. If the law was '
                          'extended, enter the new date under VAT rates of the law.')])

    @api.model
    def _tell_series(self, company, now):
        """The new year needs new series: told in December and again in January."""
        accounts = self.env['gtg.einvoice.account'].search([
            ('company_id', '=', company.id), ('state', '=', 'connected')])
        year, due = accounts._series_due(now.date())
        users = company._gtg_accountants() if due else None
        if not users or not self._is_time(
                company, now, company.gtg_einvoice_digest_hour):
            return
        if not self._claim(company, [f'series:{year}:{now.month}']):
            return
        for lang, group in users.grouped('lang').items():
            _ = self.with_context(lang=lang).env._
            self._mail(
                'gtg_vn_einvoice.mail_template_change', company, group, lang,
                title=_('E-invoice series of %s are missing', year),
                lines=[
                    *(_('%(account)s: no successor of %(series)s',
                        account=series.account_id.name, series=series.display_name)
                      for series in due),
                    _('Register them at the provider, then press "Series of the new '
                      'year" on the e-invoice account.')])
