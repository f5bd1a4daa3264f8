"""What every provider of e-invoices must do, asserted against its sandbox.

A provider's test class inherits `EinvoiceConformance` and `EinvoiceCase`, and sets
``bench`` to an object that speaks its sandbox's dialect.
"""

import base64
import re
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from ..lib.listing import number_key
from ..models.einvoice import GATE
from .exactly_one import ExactlyOne


class Bench:
    """What differs between sandboxes. Methods get the running sandbox first."""

    provider = None
    create = 'create'  # name of the route that issues
    status = None  # name of the route that tells the state of many at once
    questions = ()  # of one look-up: (name of the route, calls of it before)

    def account_values(self, sb):
        """Credentials and seller of the seed."""
        raise NotImplementedError

    def prepare(self, sb):
        """Before each test: codes come only when told to."""
        raise NotImplementedError

    def approve(self, sb, einvoice):
        """The tax office gives the code."""
        raise NotImplementedError

    def refuse(self, sb, einvoice, reason):
        raise NotImplementedError

    def release(self, sb, einvoice):
        """A series without code: what must happen before its files can be had."""

    def told(self, reason):
        """What the provider passes on of the tax office's reason."""
        return reason

    def created(self, sb):
        """Numbers of business effects "invoice issued", from the ledger."""
        raise NotImplementedError

    def expire_tokens(self, sb):
        sb.faults(self.provider, self.create, 'expire_token', times=1)


class EinvoiceConformance(ExactlyOne):

    # === THE WAY OF ONE DOCUMENT === #

    def test_code_later(self):
        move = self.make_invoice(series=self.series('later'))
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'waiting_code', einvoice.gtg_task_message)
        self.assertTrue(einvoice.number.startswith(einvoice.series_id.name))
        self.assertTrue(einvoice.lookup_code)
        self.drain('poll_code')
        self.assertEqual(move.gtg_einvoice_state, 'waiting_code')
        self.assertFalse(self.mails_to_buyer(einvoice), 'never before the code')
        self.complete(einvoice)
        self.assertEqual(move.gtg_einvoice_state, 'coded')
        self.assertTrue(move.gtg_authority_code)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertTrue(einvoice.pdf_file and einvoice.xml_sha256)
        mail = self.mails_to_buyer(einvoice)
        self.assertEqual(sorted(mail.attachment_ids.mapped('name')), [
            f'{einvoice.number}.pdf', f'{einvoice.number}.xml'])
        self.assertEqual(self.created(), [einvoice.number])
        self.assertEqual(einvoice.amount_total, move.amount_total)

    def test_cash_register_has_its_code_at_once(self):
        move = self.make_invoice(series=self.series('at_once'))
        move.gtg_invoice_note = 'Đã giảm 20%'
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'coded', einvoice.gtg_task_message)
        self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertIn('Đã giảm 20%', self.xml_text(einvoice))
        self.assertTrue(self.mails_to_buyer(einvoice))

    def test_issued_in_the_night_of_vietnam(self):
        """Half past midnight there, the day before on the server (X30)."""
        day = fields.Date.today().replace(month=6, day=15)
        with freeze_time(f'{day:%Y-%m}-14 17:30:00', tick=True):
            einvoice = self.issue(self.make_invoice(series=self.series('later')))
            self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertIn(f'NLap>{day}<', self.xml_text(einvoice))

    def test_series_without_code(self):
        einvoice = self.issue(self.make_invoice(series=self.series('none')))
        self.assertEqual(einvoice.state, 'issued', einvoice.gtg_task_message)
        self.bench.release(self.sandbox, einvoice)
        self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertTrue(self.mails_to_buyer(einvoice))

    def test_a_cash_register_code_may_be_refused_later(self):
        einvoice = self.issue(self.make_invoice(series=self.series('at_once')))
        self.assertEqual(einvoice.state, 'coded')
        self.bench.refuse(self.sandbox, einvoice, 'Sai mã số thuế')
        self.drain('poll_code')
        self.assertEqual(einvoice.state, 'refused')
        self.assertIn(self.bench.told('Sai mã số thuế'), einvoice.activity_ids.summary)

    def test_a_question_that_failed_for_good_is_asked_again(self):
        einvoice = self.issue(self.make_invoice(series=self.series('later')))
        task = einvoice._gtg_open_tasks().filtered(
            lambda task: task.operation == 'poll_code')
        task.write({'state': 'failed'})
        einvoice._gtg_task_failed(task)
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.assertEqual(einvoice.state, 'coded')

    def test_refused_by_the_tax_office(self):
        move = self.make_invoice(series=self.series('later'))
        einvoice = self.issue(move)
        self.drain('poll_code')
        self.bench.refuse(self.sandbox, einvoice, 'Sai mã số thuế')
        self.drain('poll_code')
        self.assertEqual(einvoice.state, 'refused')
        told = self.bench.told('Sai mã số thuế')
        self.assertEqual(einvoice.tax_message, told)
        self.assertIn('Ask your accountant', einvoice.move_id.gtg_einvoice_message)
        self.assertIn(told, einvoice.activity_ids.summary)
        self.assertFalse(self.mails_to_buyer(einvoice))

    def test_preview_issues_nothing(self):
        move = self.make_invoice()
        action = move.action_gtg_preview()
        number = int(action['url'].split('/')[3].split('?')[0])
        self.assertTrue(self.env['ir.attachment'].browse(number).raw.startswith(b'%PDF'))
        self.assertEqual(self.created(), [])
        self.assertFalse(move.gtg_einvoice_id)

    def test_codes_of_many_are_asked_in_one_call(self):
        if not self.bench.status:
            return  # the provider tells one at a time
        issued = [self.issue(self.make_invoice(series=self.series('later')))
                  for _number in range(3)]
        for einvoice in issued:
            self.bench.approve(self.sandbox, einvoice)
        codes = len(self.sandbox.calls(self.bench.provider, self.bench.status))
        self.drain('poll_code')
        self.assertEqual([einvoice.state for einvoice in issued], ['coded'] * 3)
        self.assertEqual(len({einvoice.authority_code for einvoice in issued}), 3)
        calls = self.sandbox.calls(self.bench.provider, self.bench.status)[codes:]
        self.assertEqual(len(calls), 1)
        self.drain('fetch_files')
        self.assertEqual([einvoice.xml_state for einvoice in issued], ['ok'] * 3)

    def test_list_of_a_period(self):
        adapter = self.account._adapter()
        if not adapter._can_list:
            return
        issued = [self.issue(self.make_invoice((price, 1, self.included['8%'])))
                  for price in (109000, 216000)]
        day = vietnam_date(fields.Datetime.now())

        def listed(first, last, page=1):
            part = adapter._list(self.account, first, last, page)
            if not part.more:
                return part.rows
            return part.rows + listed(first, last, part.next or page + 1)

        rows = listed(day - timedelta(days=5), day)
        self.assertEqual(
            {(number_key(row.number), row.total) for row in rows},
            {(einvoice.number, einvoice.amount_total) for einvoice in issued})
        self.assertEqual({vietnam_date(row.issued_at) for row in rows}, {day})
        self.assertFalse(listed(day - timedelta(days=6), day - timedelta(days=1)))

    def test_list_of_foreign_currency_does_not_differ(self):
        if not self.account._adapter()._can_list:
            return
        einvoice = self.issue(self.make_invoice(
            (19.99, 3, self.rates['8%']), currency_id=self.dollars().id,
            series=self.series('later')))
        self.assertTrue(einvoice.number, einvoice.gtg_task_message)
        today = self.env['gtg.legal.deadline']._gtg_today()
        comparison = self.env['gtg.einvoice.comparison'].create({
            'account_id': self.account.id, 'first': today, 'last': today})
        comparison.action_start()
        self.compare_listed()
        self.assertEqual((comparison.state, comparison.listed), ('done', 1))
        self.assertFalse(comparison.difference_ids.mapped('theirs'))
        einvoice.with_context(gtg_state_gate=GATE).amount_total += 1
        difference = comparison._compare_rows(comparison.row_ids)
        self.assertEqual([values['kind'] for values in difference], ['total'])

    def test_hostile_texts(self):
        """Of buyers and of providers: they arrive as text, or not at all."""
        buyer = self.buyer.copy({
            'name': 'Công ty <b>"&\x07\u202e]]> {{7*7}}', 'email': 'a@b.example',
            'street': "1' OR '1'='1 \x1b<i>"})
        move = self.make_invoice(partner=buyer, series=self.series('later'))
        move.invoice_line_ids.name = '<script>alert(1)</script>\x07 & Áo \u202eđỏ'
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'waiting_code', einvoice.gtg_task_message)
        for unseen in ('\x07', '\x1b', '\u202e', '\\u0007', '\\u001b', '\\u202e'):
            self.assertNotIn(unseen, einvoice.payload)
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        mail = self.mails_to_buyer(einvoice)
        self.assertNotIn('<b>', str(mail.body_html))
        self.assertIn('{{7*7}}', str(mail.body_html))
        other = self.issue(self.make_invoice(series=self.series('later')))
        self.drain('poll_code')
        self.bench.refuse(self.sandbox, other, '<img src=x onerror=alert(1)>')
        self.drain('poll_code')
        self.assertEqual(other.state, 'refused')
        self.assertNotIn('<img src=x', ' '.join(map(str, (
            other.message_ids | other.move_id.message_ids).mapped('body'))))

    # === WHAT IS WRONG === #

    def test_wrong_tax_code_is_told_before_sending(self):
        self.buyer.vat = '0101243151'
        move = self.make_invoice()
        with self.assertRaisesRegex(UserError, '0101243151'):
            move.action_gtg_issue()
        self.assertFalse(move.gtg_einvoice_id)
        self.buyer.vat = '0101243150'
        self.assertEqual(self.issue(move).number, self.created()[0])

    def test_refusal_of_the_provider_then_fix(self):
        move = self.make_invoice(series=self.unknown_series())
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'draft')
        self.assertEqual(move.gtg_einvoice_message, einvoice.gtg_task_message)
        self.assertTrue(move.gtg_einvoice_message)
        self.assertTrue(einvoice.activity_ids)
        move.gtg_series_id = self.series('later')
        move.action_gtg_retry()
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())
        self.assertFalse(einvoice.activity_ids)

    def test_bulk_retry_sends_no_changed_invoice(self):
        move = self.make_invoice(series=self.unknown_series())
        einvoice = self.issue(move)
        move.button_draft()
        move.invoice_line_ids.price_unit = 216000
        move.action_post()
        einvoice._create_task().action_retry()
        self.drain('create_invoice')
        self.assertEqual(self.created(), [])
        self.assertIn('was changed', move.gtg_einvoice_message)

    def test_xml_that_differs_is_an_alarm(self):
        einvoice = self.issue(self.make_invoice(series=self.series('later')))
        einvoice.with_context(gtg_state_gate=GATE).amount_total = 108999
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'mismatch')
        self.assertIn('109000', einvoice.xml_message)
        self.assertTrue(einvoice.activity_ids)
        self.assertFalse(self.mails_to_buyer(einvoice))

    # === AMOUNTS === #

    def test_all_rates_discounts_and_included_prices(self):
        taxes = [*self.rates.values(), *self.included.values()]
        for style in ('item_discount', 'discount_line'):
            with self.subTest(style):
                self.account.discount_style = style
                move = self.make_invoice(*(
                    (99999 + 7 * n, 1 + n % 4, tax, 5 * (n % 3))
                    for n, tax in enumerate(taxes)),
                    (-10000, 1, self.included['8%']), series=self.series('later'))
                einvoice = self.issue(move)
                self.assertEqual(
                    einvoice.state, 'waiting_code', einvoice.gtg_task_message)
                self.complete(einvoice)
                self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
                self.assertEqual(einvoice.amount_total, move.amount_total)

    def test_consumer(self):
        einvoice = self.issue(self.make_invoice(
            partner=self.person, series=self.series('at_once')))
        self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertIn('Bán cho người tiêu dùng', self.xml_text(einvoice))
        self.assertNotIn('N***g', self.xml_text(einvoice))

    def test_sales_invoice(self):
        series = self.series('later', form='2')
        move = self.make_invoice((50000, 2, self.env['account.tax']), series=series)
        self.assertEqual(self.issue(move).state, 'waiting_code',
                         move.gtg_einvoice_message)

    def test_gifts_are_promotion_goods(self):
        """Given free by price or by discount; a gift of a rate of its own, too."""
        for style in ('item_discount', 'discount_line'):
            with self.subTest(style):
                self.account.discount_style = style
                move = self.make_invoice(
                    (109000, 2, self.included['8%']), (0, 1, self.included['8%']),
                    (50000, 1, self.rates['5%'], 100), (54000, 1, self.included['8%'], 50),
                    series=self.series('at_once'))
                einvoice = self.issue(move)
                self.assertEqual(einvoice.state, 'coded', einvoice.gtg_task_message)
                self.drain('fetch_files')
                self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
                self.assertEqual(einvoice.amount_total, 245000)
                self.assertEqual(
                    [kind for kind, _name in self.printed_lines(einvoice)][:4],
                    self.gift_kinds)
                gifts = [name for kind, name in self.printed_lines(einvoice)
                         if 'Áo 2' in name or 'Áo 3' in name]
                self.assertEqual(gifts, [
                    f'{self.gift_words}Áo 2', f'{self.gift_words}Áo 3'])

    # kinds of the legal format (TChat): 1 goods, 2 promotion
    gift_kinds, gift_words = ['1', '2', '2', '1'], ''

    def printed_lines(self, einvoice):
        """:return: list of (TChat, name)"""
        return re.findall(r'<(?:\w+:)?TChat>(\d)<.*?THHDVu>([^<]*)<',
                          self.xml_text(einvoice), re.S)

    def test_payment_method_is_how_it_was_paid(self):
        cash, bank = (self.company_data[f'default_journal_{kind}']
                      for kind in ('cash', 'bank'))
        for expected, payments in (
            ('TM/CK', []), ('TM', [(cash, 109000)]), ('CK', [(bank, 109000)]),
            ('TM/CK', [(cash, 9000), (bank, 100000)]),
        ):
            with self.subTest(expected, payments=len(payments)):
                move = self.make_invoice(series=self.series('at_once'))
                for journal, amount in payments:
                    self.pay(move, journal, amount)
                self.assertEqual(self.printed_payment(move), expected)
        move = self.make_invoice(
            series=self.series('at_once'), gtg_payment_method='KHAC')
        self.pay(move, cash, 109000)
        self.assertEqual(self.printed_payment(move), 'KHAC', 'people know better')

    def printed_payment(self, move):
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'coded', einvoice.gtg_task_message)
        self.drain('fetch_files')
        return re.search(r'HTTToan>([^<]*)<', self.xml_text(einvoice))[1]

    def xml_text(self, einvoice):
        return base64.b64decode(einvoice.xml_file).decode()
