import json

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..providers.vnpt import const
from ..providers.vnpt.client import VnptClient
from .common import EinvoiceCase
from .conformance import Bench, EinvoiceConformance


class VnptBench(Bench):
    provider = 'vnpt'
    create, status = 'ImportAndPublishInv', 'GetMCCQThueByFkeys'
    questions = [('listInvByCusFkey', 0), ('GetMCCQThueByFkeys', 0)]
    seller = 'giomoi'

    def account_values(self, sb):
        (provider,) = sb.control('GET', '/providers')
        seller = provider['credentials'][self.seller]
        return {
            'custom_url': seller['base'], 'supplier_tax_code': seller['tax_code'],
            'username': seller['Account'], 'password': seller['ACpass'],
            'vnpt_service_user': seller['username'],
            'vnpt_service_password': seller['password']}

    def prepare(self, sb):
        sb.post('/vnpt/settings', {'code_mode': 'manual'})

    def _id(self, sb, einvoice):
        return next(row['id'] for row in sb.get('/vnpt/invoices')
                    if row['key'] == einvoice.lookup_code)

    def approve(self, sb, einvoice):
        sb.post(f'/vnpt/invoices/{self._id(sb, einvoice)}/approve')

    release = approve  # README 6: files only of what the tax office has accepted

    def refuse(self, sb, einvoice, reason):
        sb.post(f'/vnpt/invoices/{self._id(sb, einvoice)}/refuse', {'reason': reason})

    def created(self, sb):
        parts = [row['object_id'].split(';') for row in sb.ledger('vnpt')
                 if row['operation'].endswith('_invoice')]
        return [f'{serial}{int(number)}' for _pattern, serial, number in parts]

    def expire_tokens(self, sb):
        """There are none."""


@tagged('post_install', '-at_install')
class TestVnpt(EinvoiceConformance, EinvoiceCase):
    bench = VnptBench()

    def settings(self, **values):
        self.sandbox.post('/vnpt/settings', values)

    def test_lost_answer_is_not_called_a_stranger_by_the_comparison(self):
        self.fault('lose_response')
        move = self.make_invoice()
        einvoice = self.issue(move)
        self.assertFalse(einvoice.number)

        def compare():
            today = self.env['gtg.legal.deadline']._gtg_today()
            comparison = self.env['gtg.einvoice.comparison'].create({
                'account_id': self.account.id, 'first': today, 'last': today})
            comparison.action_start()
            self.compare_listed(rounds=5)
            self.assertEqual((comparison.state, comparison.listed), ('done', 1))
            # VNPT tells nothing of series that are not entered: a person is told so
            self.assertIn(einvoice.series_id.name, comparison.series_names)
            return comparison.difference_ids

        # VNPT lists no reference: it cannot be told whose it is, only whose it may be
        perhaps = compare()
        self.assertEqual((perhaps.kind, perhaps.ours, perhaps.einvoice_id),
                         ('maybe', move.name, einvoice))
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())
        self.assertFalse(compare())

    def test_more_invoices_a_day_than_it_lists_are_taken_by_number(self):
        self.settings(list_limit=2)
        self.patch(const, 'BLOCK', 2)
        numbers = [self.issue(self.make_invoice()).number for _number in range(5)]
        comparison = self.compare()
        self.assertEqual((comparison.state, comparison.listed), ('done', 5))
        self.assertEqual(set(comparison.row_ids.mapped('number')), set(numbers))
        self.assertFalse(comparison.difference_ids)
        # a page that fails is one attempt
        self.sandbox.faults('vnpt', 'listInvFromNoToNo', 'status:500', times=1, after=1)
        self.assertEqual(self.compare().listed, 5)

    def test_numbers_that_are_left_out_are_no_whole_list(self):
        self.settings(list_limit=2)
        self.patch(const, 'BLOCK', 2)
        for _number in range(5):
            self.issue(self.make_invoice())
        numbered = VnptClient.numbered
        for left_out in (0, 1):
            self.patch(VnptClient, 'numbered', lambda *args, left_out=left_out: (
                [] if args[-1] == left_out else numbered(*args)))
            comparison = self.compare()
            self.assertEqual(comparison.state, 'running')
            self.assertIn('no readable list', comparison.gtg_task_message)
            self.assertFalse(comparison.difference_ids)
            comparison.unlink()

    def test_build_without_list_by_number_is_told(self):
        self.settings(list_limit=0)
        self.issue(self.make_invoice())
        wsdls = json.loads(self.account.sudo().vnpt_wsdl)
        self.account.sudo().vnpt_wsdl = json.dumps({
            **wsdls, 'PortalService': wsdls['PortalService'].replace(
                'listInvFromNoToNo', 'listOther')})
        comparison = self.compare()
        self.assertEqual(comparison.state, 'running')
        self.assertIn('at most 500 invoices', comparison.gtg_task_message)

    def compare(self):
        today = self.env['gtg.legal.deadline']._gtg_today()
        comparison = self.env['gtg.einvoice.comparison'].create({
            'account_id': self.account.id, 'first': today, 'last': today})
        comparison.action_start()
        self.compare_listed()
        return comparison

    def test_preview_issues_nothing(self):
        move = self.make_invoice()
        action = move.action_gtg_preview()
        self.assertEqual(action['report_name'], 'gtg_vn_einvoice.einvoice_preview')
        self.assertEqual(self.created(), [])
        self.assertFalse(move.gtg_einvoice_id)

    def picture(self, move):
        """The words of the preview, as a person reads them."""
        page, _kind = self.env['ir.actions.report']._render_qweb_html(
            move.action_gtg_preview()['report_name'], move.ids)
        root = html.fromstring(page)
        return ' '.join(' '.join(root.itertext()).split()), root

    def test_preview_is_the_e_invoice(self):
        self.buyer.street = '12 Lê Lợi <b>'
        move = self.make_invoice(
            (109000, 3, self.included['8%'], 10), (55000, 1, self.rates['10%']),
            (0, 2, self.rates['8%']), series=self.series('later'))
        text, root = self.picture(move)
        for words in (
            'BẢN XEM TRƯỚC KHÔNG PHẢI HÓA ĐƠN', 'HÓA ĐƠN GIÁ TRỊ GIA TĂNG',
            f'Ký hiệu: 1{move._gtg_series().name}', 'Số: (chưa cấp)',
            f'Mã số thuế: {self.account._seller_tax_code()}',
            'Tên đơn vị: Công ty TNHH Sao Mai', 'Mã số thuế: 0101243150',
            '12 Lê Lợi <b>', 'Hình thức thanh toán: TM/CK', 'Áo 1',
            'Hàng khuyến mại, không thu tiền: Áo 3',
            # 109,000 x 3 - 10 % = 294,300 with VAT; 55,000 + 10 %
            'Thuế suất 8% Tiền chưa thuế: 272.500 Tiền thuế: 21.800',
            'Thuế suất 10% Tiền chưa thuế: 55.000 Tiền thuế: 5.500',
            'Cộng 327.500 27.300', 'Tổng tiền thanh toán: 354.800 VND',
            'Ba trăm năm mươi bốn nghìn tám trăm đồng',
        ):
            self.assertIn(words, text)
        self.assertEqual(len(root.xpath('//tbody/tr')), 3)
        self.assertNotIn('người tiêu dùng', text)
        self.assertEqual(self.created(), [])

    def test_preview_is_for_who_may_issue(self):
        move = self.make_invoice()
        reader = new_test_user(
            self.env, 'reader', 'base.group_user,account.group_account_readonly',
            company_id=self.company.id, company_ids=[self.company.id])
        self.assertTrue(move.with_user(reader).name)
        report = self.env['report.gtg_vn_einvoice.einvoice_preview'].with_user(reader)
        with self.assertRaises(AccessError):
            report._get_report_values(move.ids)

    def test_preview_of_a_consumer_in_the_words_of_the_account(self):
        self.account.write({'consumer_words': 'Bán cho người tiêu dùng lẻ',
                            'zero_tens': 'lẻ'})
        move = self.make_invoice((1005, 1, self.rates['0%']), partner=self.person)
        text, _root = self.picture(move)
        self.assertIn('Người mua hàng: Bán cho người tiêu dùng lẻ', text)
        self.assertIn('Một nghìn không trăm lẻ năm đồng', text)
        einvoice = self.issue(move)
        self.assertEqual(einvoice.amount_words, 'Một nghìn không trăm lẻ năm đồng')
        for words in ('người tiêu dùng lẻ', 'không trăm lẻ năm'):
            self.assertIn(words, einvoice.sudo().payload)
        self.account.zero_tens = 'linh'
        einvoice.invalidate_recordset()
        self.assertEqual(einvoice.amount_words, 'Một nghìn không trăm lẻ năm đồng')

    def test_words_follow_the_setting_until_they_are_issued(self):
        move = self.make_invoice((1005, 1, self.rates['0%']),
                                 series=self.unknown_series())
        einvoice = self.issue(move)
        self.assertEqual((einvoice.state, einvoice.amount_words),
                         ('draft', 'Một nghìn không trăm linh năm đồng'))
        self.account.zero_tens = 'lẻ'
        move.gtg_series_id = self.series('later')
        self.issue(move)
        self.assertEqual(einvoice.amount_words, 'Một nghìn không trăm lẻ năm đồng')
        self.assertIn('lẻ năm', einvoice.sudo().payload)

    def test_consumer_words_that_are_too_long_are_told_on_the_account(self):
        self.account.consumer_words = 'Bán cho người tiêu dùng ' * 30
        move = self.make_invoice(partner=self.person)
        for button in (move.action_gtg_preview, move.action_gtg_issue):
            with self.assertRaisesRegex(UserError, 'Words for consumers.*account'):
                button()
        self.assertEqual(self.created(), [])

    def test_preview_of_a_correction_names_its_original(self):
        move = self.make_invoice((109000, 3, self.included['8%']),
                                 series=self.series('later'))
        self.complete(self.issue(move))
        reversal = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=move.ids).create({
                'journal_id': move.journal_id.id})
        reversal.refund_moves()
        note = reversal.new_move_ids
        note.write({'gtg_agreement_ref': 'BB-1', 'gtg_agreed_on': note.invoice_date,
                    'gtg_correction_reason': 'Trả hàng'})
        note.action_post()
        text, _root = self.picture(note)
        number = move.gtg_einvoice_id._gtg_number_parts()[1]
        for words in ('Điều chỉnh cho hóa đơn Mẫu số 1', f'số {number}', 'Lý do: Trả hàng',
                      'Tổng tiền thanh toán: -327.000 VND', 'Âm ba trăm'):
            self.assertIn(words, text)

    def test_wrong_logins_are_told(self):
        for wrong in ({'password': 'x'}, {'vnpt_service_password': 'x'}):
            with self.assertRaisesRegex(UserError, 'Correct both logins'):
                self.make_account(**wrong)
        with self.assertRaisesRegex(UserError, 'User or password is missing'):
            self.make_account(vnpt_service_user=False)

    def test_only_hosts_of_vnpt_are_called(self):
        for url in (False, 'https://evil.example', 'https://vnpt-invoice.com.vn.evil.vn',
                    'http://a-tt78admin.vnpt-invoice.com.vn'):
            with self.assertRaises(UserError):
                self.make_account(environment='production', vnpt_url=url)
        self.assertFalse(self.sandbox.calls('vnpt', 'wsdl')[3:])

    def test_server_stays_once_used(self):
        self.issue(self.make_invoice())
        with self.assertRaisesRegex(UserError, 'Archive it'):
            self.account.vnpt_url = (
                'https://0312345678-tt78admin.vnpt-invoice.com.vn')

    def test_server_moves_with_its_documents(self):
        self.issue(self.make_invoice())
        account, host = self.account, 'https://{}.vnpt-invoice.com.vn'
        self.env.cr.execute(
            "UPDATE gtg_einvoice_account SET environment = 'production', vnpt_url = %s "
            "WHERE id = %s", [host.format('0312345678-tt78admin'), account.id])
        account.invalidate_recordset()
        for other in (host.format('0312345678-tt78admindemo'), False,
                      'https://evil.example/-tt78admin.vnpt-invoice.com.vn'):
            with self.assertRaisesRegex(UserError, 'Archive it'):
                account.vnpt_url = other
        manager = new_test_user(
            self.env, 'manager_vnpt', groups='gtg_connector_base.group_connector_manager',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        moved = host.format('0312345678b-tt78admin')
        with self.assertRaisesRegex(UserError, 'Archive it'):
            account.with_user(manager).vnpt_url = moved
        account.sudo().vnpt_url = moved
        self.assertFalse(account.vnpt_wsdl, 'nothing is sent before it is tested')
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE gtg_einvoice_account SET vnpt_url = %s WHERE id = %s",
            [host.format('0312345678-tt78admindemo'), account.id])
        account.invalidate_recordset()
        with self.assertRaisesRegex(UserError, 'Archive it'):
            account.vnpt_url = moved

    def test_another_address_forgets_the_description(self):
        self.assertTrue(self.account.vnpt_wsdl)
        self.account.custom_url = 'http://127.0.0.1:1'
        self.assertFalse(self.account.vnpt_wsdl)
        einvoice = self.issue(self.make_invoice())
        self.assertIn('Test the connection', einvoice.gtg_task_message)

    def test_crash_and_empty_result_are_looked_up(self):
        for mode in ('crash', 'empty_result'):
            with self.subTest(mode):
                before = len(self.created())
                self.fault(mode)
                einvoice = self.issue(self.make_invoice())
                self.assertEqual(einvoice._create_task().state, 'unknown')
                for _round in range(3):
                    self.drain('create_invoice')
                self.assertEqual(self.created()[before:], [einvoice.number])

    def test_a_duplicate_is_adopted(self):
        self.fault('lose_response')
        einvoice = self.issue(self.make_invoice())
        # as if somebody had said that it is certainly not there
        einvoice._create_task().write({'state': 'queued', 'unsure': False})
        self.drain('create_invoice')
        self.assertEqual(einvoice._create_task().state, 'unknown')
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())

    def test_every_way_to_say_that_nothing_is_there(self):
        for settings in ({'nothing_listed': 'empty'}, {'nothing_listed': 'error'},
                         {'nothing_listed': 'absent'}, {'list_says_ok': True},
                         {'build': 'old'}):
            with self.subTest(settings):
                self.settings(**settings)
                before = len(self.created())
                self.fault('html', process=False)
                einvoice = self.issue(self.make_invoice())
                self.assertEqual(einvoice._create_task().state, 'unknown')
                self.drain('create_invoice')
                self.assertEqual(len(self.created()), before)
                self.drain('create_invoice')
                self.assertEqual(self.created()[before:], [einvoice.number])

    def test_older_build_without_cash_registers(self):
        self.settings(build='old')
        self.account.action_test_connection()
        einvoice = self.issue(self.make_invoice(series=self.series('later')))
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        move = self.make_invoice(series=self.series('at_once'))
        self.issue(move)
        self.assertIn('does not offer this call', move.gtg_einvoice_message)

    def test_invoice_that_the_provider_keeps_is_pushed(self):
        self.settings(tax_sending='manual')
        for kind in ('later', 'at_once'):
            einvoice = self.issue(self.make_invoice(series=self.series(kind)))
            self.drain('poll_code')
            self.drain('send_to_tax')
            self.bench.approve(self.sandbox, einvoice)
            self.drain('poll_code')
            self.assertEqual(einvoice.state, 'coded')
        sent = {call['operation'] for call in self.sandbox.calls('vnpt')}
        self.assertLessEqual({'SendInvToCQTByFkeys', 'SendInvMTTFkey'}, sent)

    def test_rates_as_texts(self):
        self.settings(rate_style='schema')
        self.account.vnpt_rate_style = 'text'
        einvoice = self.issue(self.make_invoice(
            *((10000, 1, tax) for tax in self.rates.values()),
            series=self.series('later')))
        self.complete(einvoice)
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)

    def test_expired_certificate_then_retry(self):
        self.sandbox.post(f'/vnpt/tenants/{self.bench.seller}/set',
                          {'certificate': 'expired'})
        move = self.make_invoice()
        einvoice = self.issue(move)
        self.assertEqual(einvoice.state, 'queued')
        self.assertIn('Renew the certificate', move.gtg_einvoice_message)
        self.sandbox.post(f'/vnpt/tenants/{self.bench.seller}/set',
                          {'certificate': 'ok'})
        self.account.action_go_on()
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())

    def test_passport_cannot_be_sent(self):
        self.person.write({
            'name': 'Ann Smith', 'gtg_id_number': 'X1234567', 'street': 'Via Roma 1',
            'country_id': self.env.ref('base.it').id})
        with self.assertRaisesRegex(UserError, 'cannot be sent to VNPT'):
            self.make_invoice(partner=self.person).action_gtg_issue()
