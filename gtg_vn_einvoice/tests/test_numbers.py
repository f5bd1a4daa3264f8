from datetime import datetime

from freezegun import freeze_time

from odoo import SUPERUSER_ID
from odoo.tests import tagged

from . import test_notices
from .test_sinvoice import SInvoiceBench
from .test_watch import WatchCase


@tagged('post_install', '-at_install')
class TestNumbers(WatchCase):
    """A series that is nearly used up is told in time, and never stops issuing."""

    bench = SInvoiceBench()
    tell = test_notices.TestNotices.tell

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.env['res.company'].search([]) - cls.company).gtg_einvoice_watch_from = False
        cls.company.gtg_einvoice_watch_from = '2026-01-01'
        cls.env['res.users'].search([]).gtg_einvoice_notices = False
        cls.accountant = cls.member('accountant', 'account.group_account_invoice')
        cls.accountant.email = 'ketoan@shop.example'
        cls.env['gtg.einvoice.account'].search([]).nightly_compare = False

    def night(self, day):
        with freeze_time(datetime.combine(day, datetime.min.time()).replace(
                hour=3).isoformat() + '+07:00'):
            self.env['gtg.einvoice.comparison'].with_user(SUPERUSER_ID)._cron_compare()
            self.env.flush_all()
        self.drain('count_numbers')
        self.env.invalidate_all()

    def told(self, mails):
        return [line for mail in mails for line in (mail.body_html or '').splitlines()
                if 'TZZ' in line]

    def test_told_once_and_shown(self):
        few = self.account.series_ids.filtered(lambda s: s.name.endswith('TZZ'))
        self.assertFalse(few.numbers_few, 'nobody has asked yet')
        self.issue(self.make_invoice(series=few))
        today = self.env['gtg.legal.deadline']._gtg_today()
        self.night(today)
        self.assertEqual((few.numbers_used, few.numbers_registered, few.numbers_left),
                         (1, 3, 2))
        self.assertIn('numOfpublishInv 3', few.numbers_told)
        others = self.account.series_ids - few
        self.assertFalse(any(others.mapped('numbers_few')))
        card = self.env['gtg.einvoice.watch'].search([('code', '=', 'numbers')])
        self.assertEqual(card.with_user(self.accountant).with_context(
            allowed_company_ids=self.company.ids).count, 1)
        self.patch(type(self.env['gtg.einvoice.notice']), '_is_time', lambda *_args: True)
        self.assertTrue(self.told(self.tell(f'{today} 03:00:00')))
        self.assertFalse(self.told(self.tell(f'{today} 03:10:00')))
        # asked once a day; and it only warns
        self.night(today)
        self.assertEqual(len([call for call in self.sandbox.calls('sinvoice')
                              if call['operation'] == 'numbers_left']),
                         len(self.account.series_ids))
        self.assertTrue(self.issue(self.make_invoice(series=few)).number)
        self.company.gtg_einvoice_few_numbers = 2
        few.invalidate_recordset()
        self.assertFalse(few.numbers_few)

    def test_what_is_not_told_warns_nobody(self):
        series = self.unknown_series()  # withdrawn by the provider
        self.night(self.env['gtg.legal.deadline']._gtg_today())
        self.assertFalse(series.numbers_asked_at or series.numbers_few)
        self.assertFalse(series.gtg_task_state)
