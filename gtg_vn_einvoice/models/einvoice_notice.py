import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.lib.clock import UTC, VIETNAM
from odoo.addons.gtg_connector_base.models.transaction import contained

_logger = logging.getLogger(__name__)
SHOWN = 30
KEPT = timedelta(days=400)


class EinvoiceNotice(models.Model):
    """What the accountants were told. A row is written in the transaction that makes
    the mail, and its unique key lets one worker of many do it."""

    _name = 'gtg.einvoice.notice'
    _description = 'Notice to the accountants'
    _order = 'id desc'

    company_id = fields.Many2one('res.company', required=True, ondelete='cascade')
    key = fields.Char(required=True)

    _told_once = models.UniqueIndex('(company_id, key)')

    @api.model
    def _claim(self, company, keys):
        """:return: set of those keys that nobody has told yet; they are ours now"""
        rows = self.env.execute_query(SQL("""
            INSERT INTO gtg_einvoice_notice (
                company_id, key, create_uid, create_date, write_uid, write_date)
            SELECT %(company)s, unnest(%(keys)s), %(uid)s, %(now)s, %(uid)s, %(now)s
            ON CONFLICT (company_id, key) DO NOTHING
            RETURNING key""", company=company.id, keys=list(keys), uid=self.env.uid,
            now=fields.Datetime.now()))
        return {row[0] for row in rows}

    @api.autovacuum
    def _gc_notices(self):
        old = [('create_date', '<', fields.Datetime.now() - KEPT)]
        self.search(old, limit=1000).unlink()

    # === CRON === #

    @api.model
    def _cron_tell(self):
        """Every ten minutes; hours and days are Vietnam's, whatever the server's."""
        now = fields.Datetime.now().replace(tzinfo=UTC).astimezone(VIETNAM)
        for company in self.env['res.company'].search([
                ('gtg_einvoice_watch_from', '!=', False)]):
            for tell in self._tellers():
                with contained(self.env, _logger, 'notices of company %s: %s',
                               company.id, tell):
                    tell(company, now)

    @api.model
    def _tellers(self):
        """Functions (company, Vietnamese time) that may tell something; extend."""
        return [self._tell_digest, self._tell_unsent]

    @api.model
    def _is_time(self, company, now, hour):
        return now.hour >= hour and self.env['gtg.holiday']._working_days(
            ).is_working(now.date())

    # === DIGEST === #

    @api.model
    def _tell_digest(self, company, now):
        if not company.gtg_einvoice_digest or not self._is_time(
                company, now, company.gtg_einvoice_digest_hour):
            return
        users = company._gtg_accountants()
        watches = self.env['gtg.einvoice.watch'].with_context(
            allowed_company_ids=company.ids)
        if not users or not any(watches.search(
                [('is_note', '=', False)]).mapped('count')):
            return
        if not self._claim(company, [f'digest:{now.date()}']):
            return
        for lang, group in users.grouped('lang').items():
            cards = watches.with_context(lang=lang).search([]).filtered('count')
            self._mail(
                'gtg_vn_einvoice.mail_template_digest', company, group, lang,
                cards=cards.read(['name', 'count', 'days_late', 'hint']))

    # === 16:00: STILL NOT THERE === #

    @api.model
    def _tell_unsent(self, company, now):
        if not company.gtg_einvoice_alarm or not self._is_time(
                company, now, company.gtg_einvoice_alarm_hour):
            return
        users = company._gtg_accountants()
        if not users:
            return
        count, records = 0, []
        for model in self.env['gtg.holiday']._watched_models():
            due = Domain('company_id', '=', company.id) & self._due(model, now.date())
            count += self.env[model].search_count(due)
            records += self.env[model].search(
                due, order='gtg_legal_deadline, id', limit=SHOWN)
        # one an evening: the list behind the link tells what comes later
        if not records or not self._claim(company, [f'alarm:{now.date()}']):
            return
        records.sort(key=lambda record: record.gtg_legal_deadline)
        for lang, group in users.grouped('lang').items():
            self._mail(
                'gtg_vn_einvoice.mail_template_unsent', company, group, lang,
                count=count, more=max(count - SHOWN, 0),
                lines=[record.with_context(lang=lang)._gtg_due_line()
                       for record in records[:SHOWN]])

    @api.model
    def _due(self, model, today):
        due = Domain('gtg_legal_deadline', '<=', today)
        # what waits for its code has reached the tax office
        return due & Domain('unsent', '=', True) if model == 'gtg.einvoice' else due

    # === MAIL === #

    @api.model
    def _mail(self, template, company, users, lang, **values):
        """One mail to the users of one language, sent by the mail queue."""
        self.env.ref(template).with_context(
            notice_lang=lang, link=f'{company.get_base_url()}/odoo/e-invoice-deadlines',
            **values,
        ).send_mail(company.id, email_values={
            'recipient_ids': [fields.Command.set(users.partner_id.ids)]},
            email_layout_xmlid='mail.mail_notification_light')
        self.env.ref('mail.ir_cron_mail_scheduler_action')._trigger()
