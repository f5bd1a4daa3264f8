from datetime import date, datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..models.einvoice import GATE
from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


class WatchCase(EinvoiceCase):
    bench = SInvoiceBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.gtg_einvoice_watch_from = '2026-01-01'

    def sold(self, day, **values):
        return self.make_invoice(invoice_date=day, **values)

    def card(self, code, user=None):
        self.env.invalidate_all()
        card = self.env.ref(f'gtg_vn_einvoice.watch_{code}')
        return card.with_user(user or self.env.user).with_company(self.company)

    @classmethod
    def member(cls, login, *groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env, login, groups=','.join(groups), company_id=company.id,
            company_ids=[Command.set(company.ids)])

    def statements(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        call()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


@tagged('post_install', '-at_install')
class TestWatch(WatchCase):
    """What the law waits for is seen, with its days; what is done disappears."""

    def test_deadline_is_the_next_working_day(self):
        for sold, deadline in (
            ('2026-11-20', '2026-11-23'),  # a weekend between
            ('2026-02-13', '2026-02-23'),  # Tet
            ('2026-08-21', '2026-08-22'),  # a worked Saturday
            ('2026-12-31', '2027-01-04'),
        ):
            self.assertEqual(str(self.sold(sold).gtg_legal_deadline), deadline)

    def test_the_day_changes_at_midnight_in_vietnam(self):
        move = self.sold('2026-11-19')  # due on Friday the 20th
        for now, late in (('2026-11-20 16:59:59', 0), ('2026-11-20 17:00:00', 1),
                          ('2026-11-22 17:00:00', 1), ('2026-11-23 17:00:00', 2)):
            with freeze_time(now):
                move.invalidate_recordset(['gtg_days_late'])
                self.assertEqual(move.gtg_days_late, late, now)
                found = move.search([('id', '=', move.id), ('gtg_days_late', '>', 0)])
                self.assertEqual(bool(found), bool(late), now)
                self.assertFalse(move.search([
                    ('id', '=', move.id), ('gtg_days_late', '>', late)]))

    def test_fine_of_what_reaches_the_office_late(self):
        hint = self.env['gtg.penalty.step']._transfer_hint
        self.assertFalse(hint(0))
        for days, fine, above in ((1, '2,000,000', 'From 6'), (5, '2,000,000', 'From 6'),
                                  (6, '5,000,000', 'From 11'), (11, '10,000,000', '')):
            text = hint(days).replace('.', ',')
            self.assertIn(fine, text)
            self.assertEqual('From' in text, bool(above))
            self.assertIn(above, text)
        einvoice = self.issue(self.sold('2026-11-20', series=self.series('none')))
        einvoice.with_context(gtg_state_gate=GATE).issued_at = '2026-11-16 03:00:00'
        with freeze_time('2026-11-25 03:00:00'):
            card = self.card('unsent')
            self.assertEqual((card.count, card.days_late), (1, 6))
            self.assertIn('5,000,000', card.hint.replace('.', ','))

    def test_undecided_holidays_are_told_before_they_come(self):
        with freeze_time('2026-12-20 03:00:00'):
            self.assertFalse(self.card('holidays').count)
        with freeze_time('2027-01-20 03:00:00'):
            card = self.card('holidays')
            self.assertEqual(card.count, 2)
            days = self.env['gtg.holiday'].search(card.action_open()['domain'])
            self.assertEqual([str(day.day) for day in days.sorted('day')],
                             ['2027-02-04', '2027-02-11'])
            self.assertEqual(str(self.sold('2027-02-03').gtg_legal_deadline),
                             '2027-02-04', 'rather too early')
            days[0].active = True
            days[1].note = False
            self.assertFalse(self.card('holidays').count)

    def test_cards_and_ladder(self):
        with freeze_time('2026-11-23 03:00:00'):
            self.sold('2026-11-20')
            for day in ('2026-11-16', '2026-11-17'):
                self.sold(day)
            self.assertEqual(self.card('to_issue').count, 1)
            late = self.card('late')
            self.assertEqual((late.count, late.days_late), (2, 4))
            self.assertIn('2,000,000', late.hint.replace('.', ','))
            self.assertIn('10', late.hint)
            opened = self.env['account.move'].search(late.action_open()['domain'])
            self.assertEqual(len(opened), 2)

    def test_issued_late_stays_late(self):
        today = self.env['gtg.legal.deadline']._gtg_today()
        day, none = today - timedelta(days=10), self.series('none')
        late = self.sold(day, series=none)
        self.sold(day)  # still to issue
        self.assertFalse(self.card('issued_late').count)
        days = late.gtg_days_late
        einvoice = self.issue(late)
        self.assertEqual((einvoice.state, einvoice.days_late_issued), ('issued', days))
        self.assertTrue(4 <= days <= 8, days)
        self.assertFalse(late.gtg_legal_deadline)
        self.assertFalse(
            self.issue(self.sold(today, series=none)).days_late_issued, 'in time')
        card = self.card('issued_late')
        self.assertEqual((card.count, card.first_deadline), (1, False))
        self.assertEqual(
            self.env['gtg.einvoice'].search(card.action_open()['domain']), einvoice)
        self.assertIn('2 late', self.card('late').hint, 'both climb the ladder')
        with self.assertRaises(UserError):
            einvoice.days_late_issued = 0
        with freeze_time(datetime.combine(today + timedelta(days=93), time(3))):
            self.assertFalse(self.card('issued_late').count, 'another quarter')

    def test_late_by_the_day_in_vietnam(self):
        move = self.sold('2026-11-20')  # due on Monday the 23rd
        einvoice = self.env['gtg.einvoice'].new({'move_id': move.id})
        for at, days in ((datetime(2026, 11, 23, 16, 59), 0),
                         (datetime(2026, 11, 23, 17), 1),
                         (datetime(2026, 11, 29, 17), 5)):
            self.assertEqual(einvoice._lateness(at), days, at)

    def test_issued_is_done_and_refused_has_its_own_card(self):
        move = self.make_invoice(series=self.series('later'))
        self.assertTrue(move.gtg_legal_deadline)
        einvoice = self.issue(move)
        self.assertFalse(move.gtg_legal_deadline)
        self.assertEqual(self.card('waiting').count, 1)
        self.assertTrue(einvoice.gtg_legal_deadline)
        self.bench.refuse(self.sandbox, einvoice, 'sai địa chỉ')
        self.drain('poll_code')
        self.assertEqual(
            [self.card(code).count for code in ('waiting', 'refused', 'to_issue')],
            [0, 1, 0])

    def test_unsent_until_the_tax_office_has_it(self):
        self.sandbox.post('/sinvoice/settings', {'tax_sending': 'manual'})
        einvoice = self.issue(self.make_invoice(series=self.series('none')))
        self.assertEqual(self.card('unsent').count, 1)
        self.drain('poll_code')
        self.assertEqual(einvoice.tax_state, 'unsent')
        self.drain('send_to_tax')
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.assertEqual(einvoice.tax_state, 'accepted')
        self.assertEqual(self.card('unsent').count, 0)
        self.assertFalse(einvoice.gtg_legal_deadline)

    def test_credit_note_is_to_issue_as_adjustment(self):
        move = self.make_invoice(
            (109000, 2, self.included['8%']), series=self.series('none'))
        early = move._reverse_moves([{'invoice_date': '2026-11-20'}])
        early.invoice_line_ids.quantity = 1
        early.action_post()
        self.assertFalse(early.gtg_legal_deadline, 'there is nothing to adjust yet')
        self.issue(move)
        self.assertEqual(early.gtg_legal_deadline, date(2026, 11, 23))

    def test_calendar_is_edited(self):
        move = self.sold('2026-11-20')
        holiday = self.env['gtg.holiday'].create({
            'name': 'Typhoon', 'day': '2026-11-23'})
        self.assertEqual(move.gtg_legal_deadline, date(2026, 11, 24))
        holiday.day = '2026-11-25'
        self.assertEqual(move.gtg_legal_deadline, date(2026, 11, 23))
        self.env['gtg.holiday'].create({
            'name': 'Worked', 'day': '2026-11-21', 'kind': 'worked'})
        self.assertEqual(move.gtg_legal_deadline, date(2026, 11, 21))
        # what is not certain yet counts as usual until it is switched on
        before = self.sold('2026-11-23')
        holiday.unlink()
        self.assertEqual(before.gtg_legal_deadline, date(2026, 11, 24))
        self.env.ref('gtg_vn_einvoice.holiday_2026_11_24').active = True
        self.assertEqual(before.gtg_legal_deadline, date(2026, 11, 25))

    def test_only_from_the_day_on_which_it_is_watched(self):
        old, new = self.sold('2026-03-02'), self.sold('2026-06-01')
        self.company.gtg_einvoice_watch_from = '2026-06-01'
        self.assertFalse(old.gtg_legal_deadline)
        self.assertTrue(new.gtg_legal_deadline)
        self.company.gtg_einvoice_watch_from = False
        self.assertFalse(new.gtg_legal_deadline)
        self.company.gtg_einvoice_watch_from = '2026-01-01'
        self.assertTrue(old.gtg_legal_deadline)

    def test_first_account_begins_the_watch(self):
        company = self.env['res.company'].create({'name': 'New shop'})
        self.assertFalse(company.gtg_einvoice_watch_from)
        with freeze_time('2026-11-22 17:30:00'):
            self.env['gtg.einvoice.account'].create({
                'name': 'New', 'provider': 'sinvoice', 'company_id': company.id})
        self.assertEqual(company.gtg_einvoice_watch_from, date(2026, 11, 23))

    def test_statements_do_not_grow(self):
        def read():
            cards = self.env['gtg.einvoice.watch'].search([])
            cards.read(['count', 'days_late', 'hint'])
            moves = self.env['account.move'].search([('gtg_days_late', '>', 0)])
            moves.mapped('gtg_days_late')

        def edit():
            self.env['gtg.holiday'].create({'name': 'x', 'day': free.pop()})

        free = ['2026-11-27', '2026-11-26']
        for day in ('2026-11-16', '2026-11-17'):
            self.sold(day)
        self.statements(read)
        few, few_edit = self.statements(read), self.statements(edit)
        for _number in range(10):
            self.sold('2026-11-18')
        self.statements(read)
        self.assertLessEqual(self.statements(read), few)
        self.assertLessEqual(self.statements(edit), few_edit)

    # === WHO === #

    def test_access(self):
        self.sold('2026-11-16')
        reader = self.member('reader', 'account.group_account_readonly')
        late = self.card('late', reader)
        self.assertEqual(late.count, 1)
        move = self.env['account.move'].with_user(reader).search(
            late.action_open()['domain'])
        with self.assertRaises(AccessError):
            move.action_gtg_issue()
        for model in ('gtg.holiday', 'gtg.penalty.step'):
            with self.assertRaises(AccessError):
                self.env[model].with_user(reader).search([], limit=1).write(
                    {'active': False} if model == 'gtg.holiday' else {'count_from': 3})
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = self.member(
            'stranger', 'account.group_account_manager', company=other)
        theirs = self.env.ref('gtg_vn_einvoice.watch_late').with_user(stranger)
        self.assertEqual(
            theirs.with_context(allowed_company_ids=other.ids).count, 0)
        outsider = self.member('outsider', 'base.group_user')
        with self.assertRaises(AccessError):
            self.card('late', outsider).read(['count'])


@tagged('post_install', '-at_install')
class TestWatchTour(WatchCase, HttpCase):

    def test_open_click_issue(self):
        self.sales = self.sold('2026-01-05') | self.sold('2026-01-05')
        self.start_tour('/odoo/action-gtg_vn_einvoice.watch_action',
                        'gtg_einvoice_watch', login=self.env.user.login)
        self.assertEqual(self.env['gtg.einvoice.bulk'].search(
            [], limit=1).line_ids.move_id, self.sales)
