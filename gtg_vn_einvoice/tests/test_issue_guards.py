from odoo import SUPERUSER_ID, Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..models.einvoice import GATE
from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


class GuardCase(EinvoiceCase):
    bench = SInvoiceBench()

    @classmethod
    def member(cls, login, *groups):
        return new_test_user(
            cls.env, login, groups=','.join(groups), company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)])

    def created(self):
        return self.bench.created(self.sandbox)


@tagged('post_install', '-at_install')
class TestOlderInvoices(GuardCase):
    """What may have been issued in another program is issued by its own button only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.gtg_einvoice_watch_from = '2026-06-01'

    def wizard(self, moves):
        name = 'account.move.send.wizard' if len(moves) == 1 else (
            'account.move.send.batch.wizard')
        return self.env[name].with_context(
            active_model='account.move', active_ids=moves.ids).create({})

    def test_sent_once_more_is_not_issued(self):
        old = self.make_invoice(invoice_date='2026-05-31')
        wizard = self.wizard(old)
        self.assertNotIn('gtg_einvoice', wizard.extra_edi_checkboxes or {})
        wizard.action_send_and_print()
        self.assertTrue(old.is_move_sent)
        self.assertFalse(old.gtg_einvoice_id)
        new = self.make_invoice(invoice_date='2026-06-01')
        self.assertTrue(
            self.wizard(new).extra_edi_checkboxes['gtg_einvoice']['checked'])
        both = old + self.make_invoice(invoice_date='2026-05-30')
        self.assertNotIn('gtg_einvoice', str(self.wizard(both).summary_data))
        self.assertIn('gtg_einvoice', str(self.wizard(old + new).summary_data))

    def test_many_name_it_and_issue_the_others(self):
        old = self.make_invoice(invoice_date='2026-05-31')
        new = self.make_invoice(invoice_date='2026-06-01')
        bulk = self.env['gtg.einvoice.bulk']._start(old + new)
        self.env['gtg.einvoice.bulk'].with_user(SUPERUSER_ID)._issue_waiting()
        self.assertFalse(old.gtg_einvoice_id)
        self.assertIn('another program', bulk.trouble_line_ids.reason)
        self.assertEqual(new.gtg_einvoice_state, 'queued')
        old.action_gtg_issue()
        self.drain('create_invoice')
        self.assertEqual(len(self.created()), 2, 'its own button still does')
        self.assertFalse(old.gtg_einvoice_problem)


@tagged('post_install', '-at_install')
class TestAlarmsReachPeople(GuardCase):

    def automatic(self):
        """An invoice that a cron has made of an order without salesman, issued."""
        move = self.make_invoice(series=self.series('none'), invoice_user_id=False)
        self.env.cr.execute('UPDATE account_move SET create_uid = %s, invoice_user_id = '
                            'NULL WHERE id = %s', [SUPERUSER_ID, move.id])
        move.invalidate_recordset()
        return self.issue(move)

    def test_nobody_made_it(self):
        accountant = self.member('a_accountant', 'account.group_account_manager',
                                 'account.group_account_user')
        self.member('a_biller', 'account.group_account_invoice')
        einvoice = self.automatic().with_user(SUPERUSER_ID)
        einvoice._alarm('The XML differs')
        self.assertTrue(einvoice.activity_ids.user_id.active)
        self.assertTrue(einvoice.activity_ids.user_id.has_group(
            'account.group_account_user'))
        self.assertIn(self.company, accountant.company_ids)
        self.assertIn(self.company, einvoice.activity_ids.user_id.company_ids)

    def test_a_salesman_cannot_do_anything_about_it(self):
        salesman = self.member('a_salesman', 'base.group_user')
        move = self.make_invoice(series=self.series('none'))
        move.invoice_user_id = salesman
        einvoice = self.issue(move)
        einvoice._alarm('The XML differs')
        self.assertNotEqual(einvoice.activity_ids.user_id, salesman)
        biller = self.member('a_biller', 'account.group_account_invoice')
        move.invoice_user_id = biller
        einvoice._alarm('Second')
        self.assertIn(biller, einvoice.activity_ids.user_id)

    def test_files_that_differ_have_a_card(self):
        einvoice = self.issue(self.make_invoice(series=self.series('none')))
        card = self.env.ref('gtg_vn_einvoice.watch_mismatch').with_company(self.company)
        self.assertEqual(card.count, 0)
        einvoice.with_context(gtg_state_gate=GATE).amount_total = 1
        self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'mismatch')
        self.env.invalidate_all()
        self.assertEqual(card.count, 1)
        self.assertEqual(
            self.env['gtg.einvoice'].search(card.action_open()['domain']), einvoice)
        self.assertFalse(card.is_note, 'the digest is sent because of it')


@tagged('post_install', '-at_install')
class TestSeriesAndAccount(GuardCase):
    """Never in the name of another seller, nor with numbers of a test."""

    def stranger(self):
        """:return: (company, its account, its series)"""
        company = self.env['res.company'].create({
            'name': 'Other', 'country_id': self.env.ref('base.vn').id})
        self.env.user.company_ids |= company
        account = self.env['gtg.einvoice.account'].create({
            'name': 'Other', 'provider': 'sinvoice', 'company_id': company.id})
        series = self.env['gtg.einvoice.series'].create({
            'account_id': account.id, 'name': self.series('later').name})
        return company, account, series

    def test_series_of_another_company(self):
        company, account, series = self.stranger()
        move = self.make_invoice()
        with self.assertRaises(UserError):
            move.gtg_series_id = series
        # as an import of before has left it
        self.env.cr.execute('UPDATE account_move SET gtg_series_id = %s WHERE id = %s',
                            [series.id, move.id])
        account.state = 'connected'
        move.invalidate_recordset()
        with self.assertRaisesRegex(UserError, 'belongs to Other'):
            move.action_gtg_issue()
        self.assertFalse(self.created())

    def test_another_seller_takes_its_own_series(self):
        company, _account, _series = self.stranger()
        move = self.env['account.move'].create({
            'move_type': 'out_invoice', 'gtg_series_id': self.series('later').id})
        self.assertTrue(move.gtg_series_id)
        journal = self.env['account.journal'].create({
            'name': 'Sales', 'code': 'SX', 'type': 'sale', 'company_id': company.id})
        move.journal_id = journal
        self.assertEqual(move.company_id, company)
        self.assertFalse(move.gtg_series_id)

    def test_account_keeps_its_provider_once_used(self):
        company, *_rest = self.stranger()
        self.account.supplier_tax_code = self.account.supplier_tax_code
        self.account.environment = 'test'
        self.account.environment = 'custom'
        einvoice = self.issue(self.make_invoice())
        for values in ({'environment': 'production'}, {'company_id': company.id},
                       {'custom_url': 'http://127.0.0.1:1'}, {'provider': 'misa'},
                       {'supplier_tax_code': '0100109106'}):
            with self.assertRaisesRegex(UserError, 'Archive it'):
                self.account.write(values)
        self.account.write({'environment': 'custom', 'name': 'Still ours'})
        self.assertEqual([einvoice.number], self.created())

    def test_another_user_is_asked_about(self):
        form = Form(self.account)
        self.issue(self.make_invoice())
        with self.assertLogs('odoo.tests.form.onchange', 'WARNING') as logs:
            form.username = 'test'
        self.assertIn('same seller', str(logs.output))

    def test_used_series_stays_as_it_is(self):
        einvoice = self.issue(self.make_invoice())
        series = einvoice.series_id
        for values in ({'name': 'C99TAA'}, {'template': '2/001'}):
            with self.assertRaisesRegex(UserError, 'stays as it is'):
                series.write(values)
        with self.assertRaisesRegex(UserError, 'stays as it is'):
            series.unlink()
        series.write({'name': series.name, 'sequence': 3, 'active': False})
        free = self.unknown_series()
        move = self.make_invoice(series=free)
        self.assertEqual(self.issue(move).state, 'draft', 'mistyped, so refused')
        free.name = free.name[:4] + 'QX'
        with self.assertRaisesRegex(UserError, 'stays as it is'):
            free.unlink()
        move.button_draft()
        move.gtg_einvoice_id.unlink()
        free.unlink()

    def test_symbols_that_are_none(self):
        series = self.unknown_series()
        year = series.name[1:3]
        with self.assertRaisesRegex(ValidationError, 'cash registers'), \
                self.cr.savepoint():
            series.name = f'K{year}MAA'
        series.invalidate_recordset()
        for values in ({'template': '6/001'}, {'name': f'C{year}NAA'}):
            slip = series.copy({'template': '1/009', **values})
            with self.assertRaisesRegex(UserError, 'not for invoices of sales'):
                self.make_invoice(series=slip).action_gtg_issue()

    def test_series_that_was_switched_off(self):
        series = self.series('later')
        move = self.make_invoice(series=series)
        series.active = False
        with self.assertRaisesRegex(UserError, 'switched off'):
            move.action_gtg_issue()

    def test_archived_account(self):
        original = self.issue(self.make_invoice(series=self.series('none')))
        self.drain('fetch_files')
        move = self.make_invoice(series=self.series('later'))
        self.account.active = False
        second = self.account.copy({'name': 'Second', 'active': True})
        second.state = 'connected'
        note = original.move_id._reverse_moves([{'invoice_date': False}])
        note.action_post()
        for asked in (move, note):
            with self.assertRaisesRegex(UserError, 'archived'):
                asked.action_gtg_issue()
        with self.assertRaisesRegex(UserError, 'archived'):
            move.action_gtg_preview()

    def test_what_waits_for_its_account_says_so_and_is_taken_back(self):
        biller = self.member('a_biller', 'account.group_account_invoice')
        move = self.make_invoice().with_user(biller)
        move.action_gtg_issue()
        self.assertFalse(move.gtg_einvoice_message)
        self.account.active = False
        self.env.invalidate_all()
        self.assertIn('Take back', move.gtg_einvoice_message)
        with self.assertRaisesRegex(UserError, 'Take back'):
            move.button_draft()
        move.gtg_einvoice_id.action_take_back()
        self.account.active = True
        self.drain('create_invoice')
        self.assertFalse(self.created())
        move.button_draft()
        move.action_post()
        move.action_gtg_issue()
        self.drain('create_invoice')
        self.assertEqual([move.gtg_einvoice_number], self.created())

    def test_what_may_have_been_sent_is_not_taken_back(self):
        self.sandbox.faults('sinvoice', 'create', 'lose_response', times=1)
        einvoice = self.issue(self.make_invoice())
        with self.assertRaisesRegex(UserError, 'certainly not'):
            einvoice.action_take_back()
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())

    def test_who_may_not_see_the_password_is_sent_to_who_does(self):
        manager = self.member('a_manager', 'account.group_account_manager')
        for user, shown in ((manager, False), (self.env.ref('base.user_admin'), True)):
            arch = self.env['gtg.einvoice.account'].with_user(user).get_view(
                view_type='form')['arch']
            self.assertEqual('name="password"' in arch, shown)
            self.assertEqual('ask yours to enter' in arch, not shown)

    def test_lost_connection_is_not_passed_over(self):
        second = self.account.copy({'name': 'Second', 'sequence': 99})
        second.state = 'connected'
        self.account.state = 'reconnect'
        move = self.make_invoice()
        with self.assertRaisesRegex(UserError, 'Test is not connected.*with Second now'):
            move.action_gtg_issue()
        chosen = self.make_invoice(gtg_series_id=self.account.series_ids[:1].id)
        with self.assertRaisesRegex(UserError, 'Test it.$'):
            chosen.action_gtg_issue()
        self.account.active = False
        with self.assertRaisesRegex(UserError, 'series: there is none for'):
            move.action_gtg_issue()

    def test_preview_without_series(self):
        self.account.series_ids.active = False
        move = self.make_invoice()
        with self.assertRaisesRegex(UserError, 'there is none for'):
            move.action_gtg_preview()


@tagged('post_install', '-at_install')
class TestAmountsAndLinks(GuardCase):

    def test_currency_without_any_rate(self):
        yen = self.env['res.currency'].with_context(active_test=False).search(
            [('name', '=', 'JPY')])
        yen.active = True
        yen.rate_ids.unlink()
        move = self.make_invoice(currency_id=yen.id)
        with self.assertRaisesRegex(UserError, 'JPY: enter its exchange rate'):
            move.action_gtg_issue()
        move.button_draft()
        self.env['res.currency.rate'].create({
            'currency_id': yen.id, 'company_id': self.company.id,
            'name': '2026-01-01', 'rate': 1 / 170.0})
        move.invoice_currency_rate = 1 / 170.0
        move.action_post()
        self.assertTrue(self.issue(move).number)

    def test_prices_that_round_to_nothing(self):
        with self.assertRaisesRegex(UserError, 'over 0'):
            self.make_invoice((0.4, 1, self.rates['10%'])).action_gtg_issue()
        gift = self.make_invoice((109000, 1, self.rates['10%'], 100))
        self.assertTrue(self.issue(gift).number)

    def test_number_of_ours_is_not_typed_over(self):
        einvoice = self.issue(self.make_invoice())
        move = einvoice.move_id.with_user(
            self.member('a_biller', 'account.group_account_invoice'))
        with self.assertRaisesRegex(UserError, 'follows from issuing'):
            move.l10n_vn_e_invoice_number = 'X'
        move.l10n_vn_e_invoice_number = einvoice.number
        other = self.make_invoice()
        other.l10n_vn_e_invoice_number = '00000017'
        self.assertEqual(other.l10n_vn_e_invoice_number, '00000017')

    def test_links_to_the_e_invoice_are_not_imported(self):
        biller = self.member('a_biller', 'account.group_account_invoice')
        einvoice = self.issue(self.make_invoice())
        move, other = einvoice.move_id.with_user(biller), self.make_invoice()
        for record, values in (
            (move, {'gtg_einvoice_id': False}), (move, {'gtg_einvoice_state': False}),
            (other.with_user(biller), {'gtg_einvoice_id': einvoice.id}),
            (move, {'gtg_einvoice_number': 'C26TAA9'}),
        ):
            with self.assertRaisesRegex(UserError, 'follows from issuing'):
                record.write(values)
        with self.assertRaisesRegex(UserError, 'follows from issuing'):
            move.create({'move_type': 'out_invoice', 'gtg_einvoice_id': einvoice.id})
        with self.assertRaisesRegex(UserError, 'follows from issuing'):
            move.with_context(default_gtg_einvoice_state='coded').create(
                {'move_type': 'out_invoice'})
        self.assertFalse(other.gtg_einvoice_id)
