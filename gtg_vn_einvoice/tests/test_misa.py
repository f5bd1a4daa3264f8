from datetime import timedelta

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.einvoice import GATE
from ..providers.misa import const
from .common import EinvoiceCase
from .conformance import Bench, EinvoiceConformance
from .exactly_one import ExactlyOne


class MisaBench(Bench):
    provider = 'misa'
    create, status = 'publish', 'status'
    questions = [('status', 0), ('status', 1)]  # by both flags
    seller = '0100109106-611'
    flavour = 'portal'
    signing = 'hsm'

    def credentials(self, sb):
        (provider,) = sb.control('GET', '/providers')
        return provider['credentials']

    def account_values(self, sb):
        known = self.credentials(sb)
        seller, keys = known[self.seller], known[self.flavour]
        return {
            'username': seller['username'], 'password': seller['password'],
            'supplier_tax_code': seller['taxcode'], 'custom_url': keys['base'],
            'misa_flavour': self.flavour, 'misa_signing': self.signing,
            'misa_client_id': keys.get('client_id') or keys['appid'],
            'misa_client_secret': keys.get('client_secret')}

    def prepare(self, sb):
        sb.post('/misa/settings', {
            'code_mode': 'manual', 'files_after_seconds': 0,
            'correction_seen_after_ms': 0})

    def approve(self, sb, einvoice):
        sb.post(f'/misa/invoices/{einvoice.lookup_code}/approve')

    def refuse(self, sb, einvoice, reason):
        sb.post(f'/misa/invoices/{einvoice.lookup_code}/refuse', {'reason': reason})

    def told(self, reason):
        return 'MISA tells the reason on its site.'

    def created(self, sb):
        numbers = [row['object_id'].split() for row in sb.ledger(
            'misa', 'create_invoice')]
        return [f'{series[1:]}{int(number)}' for series, number in numbers]


class IntegrationBench(MisaBench):
    flavour = 'integration'


class DraftBench(MisaBench):
    seller = '0100109106-612'  # has no HSM
    signing = 'draft'


@tagged('post_install', '-at_install')
class TestMisa(EinvoiceConformance, EinvoiceCase):
    bench = MisaBench()

    def test_each_page_of_a_list_is_an_attempt_of_its_own(self):
        self.patch(const, 'PAGE', 2)
        for _number in range(3):
            self.issue(self.make_invoice())
        today = self.env['gtg.legal.deadline']._gtg_today()
        comparison = self.env['gtg.einvoice.comparison'].create({
            'account_id': self.account.id, 'first': today, 'last': today})
        comparison.action_start()
        self.drain('list_invoices', rounds=1)
        self.assertEqual((comparison.state, comparison.listed), ('running', 2))
        self.sandbox.faults('misa', 'list', 'status:500', times=1)
        self.drain('list_invoices', rounds=1)
        self.assertEqual((comparison.state, comparison.listed), ('running', 2))
        self.compare_listed(rounds=3)
        self.assertEqual((comparison.state, comparison.listed), ('done', 3))
        self.assertFalse(comparison.difference_ids)

    def settings(self, **values):
        self.sandbox.post('/misa/settings', values)

    def licence(self, left):
        self.sandbox.post(f'/misa/tenants/{self.bench.seller}/set', {'licence': left})

    def test_a_pause_between_two_invoices_whoever_made_the_account(self):
        account = self.env['gtg.einvoice.account'].create({
            'name': 'Imported', 'provider': 'misa', 'company_id': self.company.id})
        self.assertEqual((account.rate_limit, account.rate_burst), (1, 1))
        pace = self.env['gtg.connector.pace']._of(account)
        self.assertEqual((pace.slot_seconds, pace.burst), (1, 1))

    def test_wrong_password_is_told(self):
        with self.assertRaisesRegex(UserError, 'Correct user, password, keys'):
            self.make_account(password='wrong')
        with self.assertRaisesRegex(UserError, 'Correct user, password, keys'):
            self.make_account(misa_client_secret='wrong')
        with self.assertRaisesRegex(UserError, 'Keys, user or password are missing'):
            self.make_account(misa_client_secret=False)

    def test_every_dialect_is_understood(self):
        for settings in (
            {'casing': 'pascal', 'data_as': 'array', 'result_series': 'short'},
            {'casing': 'camel', 'zone_in_replies': False, 'numbers_as_int': False},
            {'web_token_as_object': True, 'dead_token': 'status', 'no_error': ''},
        ):
            with self.subTest(settings):
                self.settings(**settings)
                self.bench.expire_tokens(self.sandbox)
                einvoice = self.issue(self.make_invoice(series=self.series('later')))
                self.complete(einvoice)
                self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
                self.assertEqual(self.created()[-1], einvoice.number)

    def test_answer_without_number_is_unknown(self):
        for mode in ('no_number', 'exception'):
            with self.subTest(mode):
                self.fault(mode)
                einvoice = self.issue(self.make_invoice())
                self.assertEqual(einvoice._create_task().state, 'unknown')
                self.drain('create_invoice')
                self.assertEqual(self.created()[-1], einvoice.number)

    def test_a_duplicate_is_adopted(self):
        self.fault('lose_response')
        einvoice = self.issue(self.make_invoice())
        # as if somebody had said that it is certainly not there
        einvoice._create_task().write({'state': 'queued', 'unsure': False})
        self.drain('create_invoice')
        self.assertEqual(einvoice._create_task().state, 'unknown')
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())

    def test_another_one_is_at_the_series(self):
        self.settings(series_gap_seconds=3600)
        first = self.issue(self.make_invoice())
        einvoice = self.issue(self.make_invoice())
        self.assertEqual(einvoice._create_task().state, 'queued')
        self.assertEqual(
            einvoice._create_task().error_code, 'InvoiceNumberNotCotinuous')
        self.settings(series_gap_seconds=0)
        self.drain('create_invoice')
        self.assertEqual([first.number, einvoice.number], self.created())

    def test_no_invoices_left(self):
        self.licence(0)
        move = self.make_invoice()
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'queued')
        self.assertIn('Buy more invoices from MISA', move.gtg_einvoice_message)
        self.licence(10)
        self.account.action_go_on()
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())

    def test_throttled_create_is_tried_again(self):
        self.fault('rate_limit')
        einvoice = self.issue(self.make_invoice())
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())

    def test_files_come_late_or_as_links(self):
        self.settings(files_after_seconds=3600)
        einvoice = self.issue(self.make_invoice(series=self.series('none')))
        self.drain('fetch_files')
        self.assertFalse(einvoice.xml_state)
        self.settings(files_after_seconds=0, download_as='link')
        self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)

    def test_summary_flag_follows_the_series(self):
        series = self.account.series_ids.filtered('in_summary')[:1]
        self.assertTrue(series)
        einvoice = self.issue(self.make_invoice(series=series))
        self.assertEqual(einvoice.state, 'issued', einvoice.gtg_task_message)
        self.assertFalse(einvoice.unsent, 'it goes by the table')

    def test_what_misa_has_not_sent_is_seen(self):
        self.settings(tax_sending='manual')
        einvoice = self.issue(self.make_invoice(series=self.series('none')))
        for fail in (False, True):
            if fail:
                self.sandbox.post(f'/misa/invoices/{einvoice.lookup_code}/fail')
            self.drain('poll_code')
            self.assertEqual((einvoice.tax_state, einvoice.unsent), ('unsent', True))
        self.assertTrue(einvoice.gtg_legal_deadline)
        self.assertFalse(self.env['gtg.connector.task'].search([
            ('operation', '=', 'send_to_tax'), ('res_id', '=', einvoice.id)]),
            'MISA repeats by itself')
        einvoice.with_context(gtg_state_gate=GATE).issued_at = (
            fields.Datetime.now() - timedelta(hours=25))
        einvoice._plan_poll()
        self.assertIn('not reached the tax office', einvoice.activity_ids.summary)
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.assertEqual((einvoice.tax_state, einvoice.unsent), ('accepted', False))
        self.assertFalse(einvoice.activity_ids)
        self.assertFalse(einvoice.gtg_legal_deadline)

    def test_a_code_that_misa_could_not_ask_for_is_seen(self):
        einvoice = self.issue(self.make_invoice(series=self.series('later')))
        self.sandbox.post(f'/misa/invoices/{einvoice.lookup_code}/fail')
        self.drain('poll_code')
        self.assertEqual((einvoice.state, einvoice.unsent), ('waiting_code', True))

    def test_foreign_currency(self):
        einvoice = self.issue(self.make_invoice(
            (19.99, 3, self.rates['0%'], 10), (5.55, 1, self.rates['8%']),
            currency_id=self.dollars().id, series=self.series('later')))
        self.assertEqual(einvoice.state, 'waiting_code', einvoice.gtg_task_message)
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)

    def test_too_many_lines_are_told_before_sending(self):
        move = self.make_invoice(*[(1000, 1, self.rates['8%'])] * 200)
        with self.assertRaisesRegex(UserError, 'fewer than 200'):
            move.action_gtg_issue()
        # a discount per rate is a line, too
        move = self.make_invoice(*[(1000, 1, self.rates['8%'], 10)] * 199)
        self.account.discount_style = 'discount_line'
        with self.assertRaisesRegex(UserError, 'fewer than 200'):
            move.action_gtg_issue()
        self.account.discount_style = 'item_discount'
        move.action_gtg_issue()
        self.assertEqual(move.gtg_einvoice_state, 'queued')


@tagged('post_install', '-at_install')
class TestMisaIntegration(ExactlyOne, EinvoiceCase):
    bench = IntegrationBench()

    def test_the_other_kind_of_api(self):
        self.bench.expire_tokens(self.sandbox)
        einvoice = self.issue(self.make_invoice(series=self.series('later')))
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertEqual(self.bench.created(self.sandbox), [einvoice.number])

    def test_keys_of_the_other_kind_are_told(self):
        portal = MisaBench().account_values(self.sandbox)
        with self.assertRaises(UserError):
            self.make_account(misa_client_id=portal['misa_client_id'])


@tagged('post_install', '-at_install')
class TestMisaDrafts(EinvoiceCase):
    """Sellers who sign on MISA's site."""

    bench = DraftBench()
    complete = EinvoiceConformance.complete

    def drafts(self):
        return self.sandbox.get('/misa/drafts')

    def sign(self, einvoice):
        self.sandbox.post(f'/misa/drafts/{self.draft_of(einvoice)["id"]}/sign')

    def draft_of(self, einvoice):
        (draft,) = [row for row in self.drafts() if einvoice.reference in row.values()]
        return draft

    def signed(self):
        return [row['number'] for row in self.sandbox.get('/misa/invoices')]

    def test_signed_on_the_site(self):
        move = self.make_invoice(series=self.series('later'))
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
        self.assertFalse(einvoice.number or self.signed())
        self.drain('poll_code')
        self.assertEqual(move.gtg_einvoice_state, 'to_sign')
        with self.assertRaisesRegex(UserError, 'signed at any moment'):
            move.button_draft()
        move.action_gtg_issue()
        self.assertFalse(self.drain('create_invoice'), 'one draft is enough')
        self.sign(einvoice)
        self.drain('poll_code')
        self.assertEqual(einvoice.state, 'waiting_code', einvoice.gtg_task_message)
        self.assertTrue(einvoice.number.startswith(einvoice.series_id.name))
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertEqual(einvoice.amount_total, move.amount_total)
        self.assertEqual(len(self.signed()), 1)

    def test_bulk_waits_for_the_signatures(self):
        moves = self.env['account.move'].union(*(
            self.make_invoice(series=self.series('later')) for _number in range(2)))
        bulk = self.env['gtg.einvoice.bulk'].browse(
            moves.action_gtg_issue_bulk()['res_id'])
        bulk.with_user(SUPERUSER_ID)._issue_waiting()
        self.drain('create_invoice')
        self.env.invalidate_all()
        self.assertEqual((bulk.to_sign, bulk.issued, bulk.gtg_progress), (2, 0, 0))
        self.sign(moves[0].gtg_einvoice_id)
        self.drain('poll_code')
        self.env.invalidate_all()
        self.assertEqual((bulk.to_sign, bulk.issued, bulk.gtg_progress), (1, 1, 50))
        shown = bulk.with_context(fare='to_sign').action_open_moves()
        self.assertEqual(moves.search(shown['domain']), moves[1])

    def test_signatures_of_many_are_asked_in_one_call(self):
        issued = [self.issue(self.make_invoice(series=self.series('later')))
                  for _number in range(3)]
        for einvoice in issued[1:]:
            self.sign(einvoice)
        before = len(self.sandbox.calls('misa', 'draft_list'))
        self.drain('poll_code')
        self.assertEqual([einvoice.state for einvoice in issued],
                         ['to_sign', 'waiting_code', 'waiting_code'])
        self.assertEqual(len(self.sandbox.calls('misa', 'draft_list')), before + 1)
        self.assertEqual(len({einvoice.number for einvoice in issued[1:]}), 2)
        self.assertEqual(len({einvoice.lookup_code for einvoice in issued[1:]}), 2)
        secrets = {einvoice.lookup_code for einvoice in issued[1:]}
        self.env.invalidate_all()
        for task in self.env['gtg.connector.task'].search([]):
            self.assertFalse([code for code in secrets if code in str(task.result)])

    def test_lost_answers_make_one_draft(self):
        for mode in ('lose_response', 'truncated', 'empty', 'html'):
            with self.subTest(mode):
                options = {'process': True} if mode in ('empty', 'html') else {}
                before = len(self.drafts())
                self.sandbox.faults('misa', 'insert_draft', mode, times=1, **options)
                einvoice = self.issue(self.make_invoice(series=self.series('later')))
                self.assertEqual(einvoice._create_task().state, 'unknown')
                self.drain('create_invoice')
                self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
                self.assertEqual(len(self.drafts()), before + 1)

    def test_half_a_look_up_is_no_miss(self):
        """Three questions: is there a draft, was it signed with or without a code?"""
        self.sandbox.faults('misa', 'insert_draft', 'html', times=1, process=False)
        task = self.issue(self.make_invoice(series=self.series('later')))._create_task()
        for operation, after in (('draft_list', 0), ('status', 0), ('status', 1)):
            self.sandbox.faults('misa', operation, 'status:503', times=1, after=after)
            self.drain('create_invoice')
            self.assertEqual(task.state, 'unknown')
            self.assertNotEqual(task.error_code, 'missed_once')
        self.assertFalse(self.drafts())
        self.drain('create_invoice', rounds=2)
        self.assertEqual(len(self.drafts()), 1)

    def test_signed_before_we_knew_of_the_draft(self):
        self.sandbox.faults('misa', 'insert_draft', 'lose_response', times=1)
        einvoice = self.issue(self.make_invoice(series=self.series('later')))
        self.sign(einvoice)
        self.drain('create_invoice')
        self.assertEqual(einvoice.state, 'waiting_code', einvoice.gtg_task_message)
        self.assertEqual(len(self.signed()), 1)

    def test_draft_deleted_on_the_site_is_issued_anew(self):
        move = self.make_invoice(series=self.series('later'))
        einvoice = self.issue(move)
        self.sandbox.post(f'/misa/drafts/{self.draft_of(einvoice)["id"]}/delete')
        self.drain('poll_code')
        self.assertEqual(einvoice.state, 'to_sign', 'one miss proves nothing')
        self.drain('poll_code')
        self.assertEqual(einvoice.state, 'draft')
        self.assertIn('deleted at the provider', einvoice.activity_ids.summary)
        move.button_draft()
        move.invoice_line_ids.price_unit = 216000
        move.action_post()
        self.assertEqual(self.issue(move), einvoice)
        self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
        self.assertFalse(einvoice.activity_ids)
        self.sign(einvoice)
        self.drain('poll_code')
        self.complete(einvoice)
        self.assertEqual((einvoice.xml_state, einvoice.amount_total), ('ok', 216000))

    def test_all_rates_in_a_draft(self):
        taxes = [*self.rates.values(), *self.included.values()]
        for style in ('item_discount', 'discount_line'):
            self.account.discount_style = style
            einvoice = self.issue(self.make_invoice(*(
                (99999 + 7 * n, 1 + n % 4, tax, 5 * (n % 3))
                for n, tax in enumerate(taxes)),
                (-10000, 1, self.included['8%']), series=self.series('later')))
            self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
            self.sign(einvoice)
            self.drain('poll_code')
            self.complete(einvoice)
            self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)

    def test_cash_register_needs_no_signature(self):
        einvoice = self.issue(self.make_invoice(series=self.series('at_once')))
        self.assertEqual(einvoice.state, 'coded', einvoice.gtg_task_message)

    def test_preview_stores_nothing(self):
        action = self.make_invoice(series=self.series('later')).action_gtg_preview()
        number = int(action['url'].split('/')[3].split('?')[0])
        self.assertTrue(self.env['ir.attachment'].browse(number).raw.startswith(b'%PDF'))
        self.assertFalse(self.drafts())

    def test_series_without_template_is_told(self):
        series = self.series('later').copy({'name': 'C26TZZ', 'template': '1/001'})
        with self.assertRaisesRegex(UserError, "MISA's own template"):
            self.make_invoice(series=series).action_gtg_issue()

    def test_seller_without_hsm_is_told_about_drafts(self):
        self.account.misa_signing = 'hsm'
        move = self.make_invoice(series=self.series('later'))
        einvoice = self.issue(move)
        self.assertIn('On the site of MISA', move.gtg_einvoice_message)
        self.account.misa_signing = 'draft'
        self.account.action_go_on()
        move.action_gtg_retry()
        self.drain('create_invoice')
        self.assertEqual(einvoice.state, 'to_sign', einvoice.gtg_task_message)
