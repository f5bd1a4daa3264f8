from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import EinvoiceCase
from .conformance import Bench, EinvoiceConformance


class SInvoiceBench(Bench):
    provider = 'sinvoice'
    seller = '0100109106-507'
    questions = [('search', 0)]

    def account_values(self, sb):
        (provider,) = sb.control('GET', '/providers')
        seller = provider['credentials'][self.seller]
        return {'username': seller['username'], 'password': seller['password'],
                'supplier_tax_code': seller['supplierTaxCode']}

    def prepare(self, sb):
        sb.post('/sinvoice/settings', {'code_mode': 'manual'})

    def _row(self, sb, einvoice):
        return next(row for row in sb.get('/sinvoice/invoices')
                    if row['invoiceNo'] == einvoice.number)

    def approve(self, sb, einvoice):
        sb.post(f'/sinvoice/invoices/{self._row(sb, einvoice)["id"]}/approve')

    def refuse(self, sb, einvoice, reason):
        sb.post(f'/sinvoice/invoices/{self._row(sb, einvoice)["id"]}/refuse',
                {'reason': reason})

    def created(self, sb):
        return [row['object_id'] for row in sb.ledger('sinvoice', 'create_invoice')]


@tagged('post_install', '-at_install')
class TestSInvoice(EinvoiceConformance, EinvoiceCase):
    bench = SInvoiceBench()
    gift_kinds, gift_words = ['1'] * 4, 'Hàng khuyến mại, không thu tiền: '

    def settings(self, **values):
        self.sandbox.post('/sinvoice/settings', values)

    def test_wrong_password_is_told(self):
        with self.assertRaisesRegex(UserError, 'refused user name or password'):
            self.make_account(password='wrong', username='0100109106-507')

    def test_what_is_wrong_and_what_to_do_are_two_sentences(self):
        einvoice = self.issue(self.make_invoice(series=self.unknown_series()))
        self.assertIn('không tồn tại. Template', einvoice.gtg_task_message)
        self.assertIn('không tồn tại. Template', einvoice.activity_ids.summary)

    def test_basic_login(self):
        self.account.auth_style = 'basic'
        einvoice = self.issue(self.make_invoice())
        self.assertEqual([einvoice.number], self.created())

    def test_answer_without_number_is_unknown(self):
        self.fault('no_number')
        einvoice = self.issue(self.make_invoice())
        self.assertEqual(einvoice._create_task().state, 'unknown')
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())

    def test_files_come_late_and_flat(self):
        self.settings(files_late_calls=2, zip='flat')
        einvoice = self.issue(self.make_invoice(series=self.series('none')))
        for _try in range(5):
            self.drain('fetch_files')
        self.assertEqual(einvoice.xml_state, 'ok', einvoice.xml_message)
        self.assertFalse(einvoice.gtg_task_state == 'failed')

    def test_invoice_that_the_provider_keeps_is_pushed(self):
        self.settings(tax_sending='manual')
        einvoice = self.issue(self.make_invoice(series=self.series('later')))
        self.drain('poll_code')
        self.drain('send_to_tax')
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.assertEqual(einvoice.state, 'coded')
        self.assertIn('send_to_tax', [
            call['operation'] for call in self.sandbox.calls('sinvoice')])

    def test_throttled_create_is_tried_again(self):
        self.fault('rate_limit')
        einvoice = self.issue(self.make_invoice())
        self.drain('create_invoice')
        self.assertEqual([einvoice.number], self.created())
