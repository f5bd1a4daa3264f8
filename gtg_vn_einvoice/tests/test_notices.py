import contextlib
import threading
import time

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.sql_db import db_connect
from odoo.tests import tagged

from odoo.addons.gtg_connector_base.lib.errors import Rejected

from ..models import einvoice_notice
from .test_watch import WatchCase


@tagged('post_install', '-at_install')
class TestNotices(WatchCase):
    """The accountants hear of what is due, in time, once, and not for nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # other companies of this database stay silent
        (cls.env['res.company'].search([]) - cls.company).gtg_einvoice_watch_from = False
        cls.env['res.users'].search([]).gtg_einvoice_notices = False
        cls.accountant = cls.member('accountant', 'account.group_account_invoice')
        cls.accountant.email = 'ketoan@shop.example'

    def tell(self, now, kind=None):
        """Run the cron at a time (UTC), as the scheduler does.

        :return: mails it made
        """
        before = self.env['mail.mail'].search([])
        with freeze_time(now):
            self.env['gtg.einvoice.notice'].with_user(SUPERUSER_ID)._cron_tell()
            self.env.flush_all()
        return self.env['mail.mail'].search([]) - before

    def test_digest_once_a_day_from_its_hour(self):
        self.sold('2026-11-16')
        self.company.gtg_einvoice_alarm = False
        self.assertFalse(self.tell('2026-11-23 00:59:00'), '7:59 in Vietnam')
        mail = self.tell('2026-11-23 01:00:00')
        self.assertEqual(mail.recipient_ids, self.accountant.partner_id)
        self.assertIn('Late', mail.body_html)
        self.assertIn('working days late', mail.body_html)
        self.assertIn(self.company.name, mail.subject)
        self.assertFalse(self.tell('2026-11-23 09:00:00'), 'told today')
        self.assertTrue(self.tell('2026-11-24 01:00:00'), 'a new day')

    def test_no_digest_without_need_or_wish(self):
        self.assertFalse(self.tell('2026-11-23 02:00:00'), 'nothing to do')
        self.sold('2026-11-16')
        self.assertFalse(self.tell('2026-11-22 02:00:00'), 'Sunday')
        self.accountant.gtg_einvoice_notices = False
        self.assertFalse(self.tell('2026-11-23 02:00:00'), 'nobody wants it')
        self.accountant.gtg_einvoice_notices = True
        self.company.gtg_einvoice_digest = False
        self.company.gtg_einvoice_alarm = False
        self.assertFalse(self.tell('2026-11-23 02:00:00'), 'switched off')

    def test_digest_of_another_company_is_not_read_here(self):
        self.sold('2026-11-16')
        other = self.env['res.company'].create({
            'name': 'Other', 'gtg_einvoice_watch_from': '2026-01-01'})
        stranger = self.member(
            'stranger', 'account.group_account_manager', company=other)
        stranger.email = 'x@other.example'
        mails = self.tell('2026-11-23 02:00:00')
        self.assertEqual(mails.recipient_ids, self.accountant.partner_id)

    def test_alarm_at_four_once_an_evening(self):
        self.company.gtg_einvoice_digest = False
        self.sold('2026-11-20')  # due on Monday
        tomorrow = self.sold('2026-11-23')  # due on Tuesday
        self.assertFalse(self.tell('2026-11-23 08:59:59'))
        mail = self.tell('2026-11-23 09:00:00')
        self.assertIn('1 e-invoices are due', mail.subject)
        self.assertFalse(self.tell('2026-11-23 09:10:00'))
        late = self.sold('2026-11-19')
        self.assertFalse(self.tell('2026-11-23 09:20:00'), 'not every ten minutes')
        mail = self.tell('2026-11-24 09:00:00')
        self.assertIn('3 e-invoices', mail.subject)
        self.assertLess(mail.body_html.index(late.name), mail.body_html.index(
            tomorrow.name), 'the latest first')

    def test_alarm_waits_for_something_to_tell(self):
        self.company.gtg_einvoice_digest = False
        self.assertFalse(self.tell('2026-11-23 09:00:00'))
        self.sold('2026-11-20')
        self.assertTrue(self.tell('2026-11-23 13:00:00'))

    def test_alarm_reads_only_what_it_shows(self):
        self.company.gtg_einvoice_digest = False
        self.patch(einvoice_notice, 'SHOWN', 2)
        moves = [self.sold('2026-11-20') for _number in range(4)]
        mail = self.tell('2026-11-23 09:00:00')
        self.assertIn('4 e-invoices are due', mail.subject)
        self.assertIn('and 2 more', mail.body_html)
        self.assertEqual([move.name in mail.body_html for move in moves],
                         [True, True, False, False])
        self.assertEqual(self.env['gtg.einvoice.notice'].search_count(
            [('company_id', '=', self.company.id)]), 1)

    def test_alarm_for_what_is_not_at_the_tax_office(self):
        self.company.gtg_einvoice_digest = False
        self.sandbox.post('/sinvoice/settings', {'tax_sending': 'manual'})
        einvoice = self.issue(self.make_invoice(series=self.series('none')))
        einvoice.sudo()._set_state(einvoice.state, issued_at='2026-11-23 08:00:00')
        self.assertFalse(self.tell('2026-11-23 09:05:00'), 'due on Tuesday')
        self.assertIn(einvoice.number, self.tell('2026-11-24 09:00:00').body_html)

    def test_one_company_that_fails_stops_no_other(self):
        self.sold('2026-11-16')
        broken = self.env['res.company'].create({
            'name': 'A broken one', 'sequence': -1,
            'gtg_einvoice_watch_from': '2026-01-01'})
        Notice = type(self.env['gtg.einvoice.notice'])
        original = Notice._tell_digest

        def tell(notice, company, now):
            if company == broken:
                raise ValueError('broken')
            return original(notice, company, now)

        self.patch(Notice, '_tell_digest', tell)
        with self.assertLogs('odoo.addons.gtg_vn_einvoice', 'ERROR'):
            self.assertTrue(self.tell('2026-11-23 02:00:00'))

    # === THE NEW YEAR === #

    def test_rate_that_ends_is_told_once_with_what_it_concerns(self):
        rate = self.env.ref('gtg_vn_einvoice.vat_rate_8')
        rate.valid_until = '2026-12-31'
        self.goods.taxes_id = self.rates['8%']
        self.account.series_ids.active = False  # nothing to tell about series
        self.assertFalse(self.tell('2026-11-27 02:00:00'), 'more than 31 days')
        mail = self.tell('2026-11-30 02:00:00')
        self.assertIn('8% ends on 31/12/2026', mail.subject)
        self.assertIn(self.rates['8%'].name, mail.body_html)
        self.assertIn(self.goods.name, mail.body_html)
        self.assertFalse(self.tell('2026-12-01 02:00:00'), 'told')
        rate.valid_until = '2026-12-30'
        self.env['gtg.vat.rate'].create({'name': '8%', 'valid_from': '2026-12-31'})
        self.assertFalse(self.tell('2026-12-02 02:00:00'), 'extended')

    def test_each_shop_needs_its_own_letters(self):
        own = self.series('later')
        (self.account.series_ids - own).unlink()
        own.name = 'C26TAA'
        shop = own.copy({'name': 'C26TAB'})
        day = fields.Date.to_date('2026-12-15')
        self.assertEqual(self.account._series_due(day), (2027, own | shop))
        new = own.copy({'name': 'C27TAA'})
        self.assertEqual(self.account._series_due(day)[1], shop)
        new.name = 'C27TXA'
        self.assertEqual(self.account._series_due(day)[1], own | shop)
        own.copy({'name': 'C27TXB'})
        self.assertFalse(self.account._series_due(day)[1], 'they chose other letters')

    def test_series_of_the_new_year(self):
        own = self.series('later')
        (self.account.series_ids - own).unlink()
        own.name = 'C26TAA'
        self.assertFalse(self.tell('2026-11-30 02:00:00'))
        mail = self.tell('2026-12-01 02:00:00')
        self.assertIn('1C26TAA', mail.body_html)
        self.assertFalse(self.tell('2026-12-15 02:00:00'), 'told')

        def no_list(adapter, account):  # some builds of VNPT; or nobody answers
            raise Rejected('There is no list.')

        self.patch(type(self.env['gtg.einvoice.sinvoice']), '_fetch_series', no_list)
        with freeze_time('2026-12-15 02:00:00'):
            action = self.account.action_next_series()
            self.account.action_next_series()
        proposed = self.env['gtg.einvoice.series'].with_context(
            active_test=False).search(action['domain'])
        self.assertEqual(proposed.mapped('name'), ['C27TAA'])
        self.assertFalse(proposed.active, 'a person switches it on')
        self.assertIn('There is no list', str(self.account.message_ids[:1].body))
        self.assertTrue(self.tell('2027-01-04 02:00:00'), 'still missing in January')
        proposed.active = True
        with freeze_time('2027-01-05 02:00:00'):
            self.assertFalse(self.account._series_due(
                self.account.env['gtg.legal.deadline']._gtg_today())[1])

    def test_two_workers_tell_once(self):
        """Two real connections claim the same notice at once."""
        company = self.env.ref('base.main_company').id
        key, won, barrier = f'test:{self.id()}', [], threading.Barrier(2)
        connection = db_connect(self.env.cr.dbname)

        def work():
            with connection.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                cr.execute('SELECT 1')  # the snapshot is taken before the claim
                barrier.wait(60)
                with contextlib.suppress(SerializationFailure):
                    won.extend(env['gtg.einvoice.notice']._claim(
                        env['res.company'].browse(company), [key]))
                    time.sleep(.5)  # the other one waits for the commit

        workers = [threading.Thread(target=work) for _number in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        with connection.cursor() as cr:
            cr.execute('DELETE FROM gtg_einvoice_notice WHERE key = %s', [key])
        self.assertEqual(won, [key])
