import random
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.gtg_connector_base.lib.clock import UTC

from ..lib import document, sentences
from .common import DocumentCase


@tagged('post_install', '-at_install')
class TestDocuments(DocumentCase):
    """The document is the invoice to the dong, however Odoo rounds."""

    def assert_books(self, move):
        doc = self.document(move)
        self.assertEqual(
            [float(doc.net), float(doc.tax), float(doc.total)],
            [move.amount_untaxed, move.amount_tax, move.amount_total])
        taxes = {}
        for line in move.line_ids.filtered('tax_line_id'):
            rate = line.tax_line_id._gtg_legal_rate()
            taxes[rate] = taxes.get(rate, 0) - line.amount_currency
        for rate, _net, tax in doc.rates:
            self.assertEqual(float(tax), taxes.get(rate, 0), rate)
        return doc

    def test_random_invoices_agree_with_the_books(self):
        rng = random.Random(20261122)
        taxes = [*self.rates.values(), *self.included.values()]
        for method in ('round_globally', 'round_per_line'):
            self.company.tax_calculation_rounding_method = method
            for _case in range(8):
                lines = [(
                    rng.choice([rng.randint(1, 999), rng.randint(1000, 20_000_000)]),
                    rng.choice([1, 2, 3, 7, 1.5, 0.35, 120]), rng.choice(taxes),
                    rng.choice([0, 0, 0, 5, 12.5, 33.33, 100]))
                    for _line in range(rng.randint(1, 25))]
                with self.subTest(method=method, lines=lines):
                    self.assert_books(self.make_invoice(*lines))

    def test_what_does_not_fit_is_told_not_cut(self):
        self.buyer.name = 'Công ty ' + 'x' * 393
        move = self.make_invoice()
        self.assertIn('400 characters', str(move._gtg_einvoice_problems()))
        self.buyer.name = 'Công ty ' + 'x' * 392
        doc = self.document(move)
        line = replace(doc.lines[0], amounts=replace(
            doc.lines[0].amounts, quantity=Decimal('1.23456')))
        adapter = self.account._adapter()
        self.assertFalse(adapter._content_problems(doc))
        self.assertIn('4 decimals', str(adapter._content_problems(
            replace(doc, lines=(line,)))))

    def test_words_before_and_after_are_counted(self):
        """What the law or the provider adds must fit as well."""
        doc, adapter = self.document(self.make_invoice()), self.account._adapter()
        original = document.Original(
            '1', 'C26TAA', '1/001', 'C26TAA1', datetime(2026, 11, 19, tzinfo=UTC))
        made = document.Correction(
            'replace', original, 's' * 100, 'r' * 255, 'a' * 225, date(2026, 11, 20))
        fits = replace(doc, correction=made, note='n' * 398)
        self.assertFalse(adapter._content_problems(fits))
        for wrong, field in (
            (replace(fits, note='n' * 399), 'Note on the e-invoice'),
            (replace(fits, correction=replace(made, reason='r' * 256)), 'Reason'),
            (replace(fits, correction=replace(made, agreement_ref='a' * 226)),
             'Agreement'),
        ):
            self.assertIn(field, str(adapter._content_problems(wrong)))
        line = replace(doc.lines[0], name='x' * 480)
        self.assertFalse(adapter._content_problems(replace(doc, lines=(line,))))
        self.assertIn('description', str(adapter._content_problems(replace(
            fits, correction=replace(made, kind='adjust'), lines=(line,)))))
        misa = self.env['gtg.einvoice.misa']
        self.assertIn('Reason', str(misa._content_problems(fits)))
        short = replace(fits, correction=replace(made, reason='r' * 153))
        self.assertFalse(misa._content_problems(short))

    def test_note(self):
        move = self.make_invoice()
        move.gtg_invoice_note = ' Đã giảm  20%\n'
        self.assertEqual(self.document(move).note, 'Đã giảm 20%')
        move.gtg_invoice_note = 'n' * 501
        self.assertIn('Note on the e-invoice: it has 501', self.problems(move))
        self.assertFalse(move.copy().gtg_invoice_note)
        with self.assertRaisesRegex(ValidationError, '200 characters'):
            self.account.adjust_words += 'x' * 200

    def test_many_small_lines_rounded_globally(self):
        self.company.tax_calculation_rounding_method = 'round_globally'
        doc = self.assert_books(self.make_invoice(
            *[(105, 1, self.rates['10%'])] * 30))
        self.assertEqual(doc.tax, Decimal(315), '10.5 each: 330 if rounded per line')

    def test_negative_line_is_a_discount(self):
        doc = self.assert_books(self.make_invoice(
            (500000, 1, self.rates['8%']), (50000, -1, self.rates['8%'])))
        self.assertEqual([line.is_discount for line in doc.lines], [False, True])

    def test_three_kinds_of_nothing(self):
        doc = self.assert_books(self.make_invoice(
            (1000, 1, self.rates['0%']), (2000, 1, self.rates['KCT']),
            (4000, 1, self.rates['KKKNT'])))
        self.assertEqual(
            [(rate, int(net)) for rate, net, _tax in doc.rates],
            [('0%', 1000), ('KKKNT', 4000), ('KCT', 2000)])

    def test_foreign_currency(self):
        dollar = self.env.ref('base.USD')
        dollar.active = True
        self.env['res.currency.rate'].create({
            'currency_id': dollar.id, 'company_id': self.company.id,
            'name': '2026-01-01', 'inverse_company_rate': 25432.5})
        move = self.make_invoice((13.37, 3, self.rates['10%'], 5), currency_id=dollar.id)
        doc = self.assert_books(move)
        self.assertEqual((doc.currency, doc.exchange_rate, doc.digits),
                         ('USD', Decimal('25432.50'), 2))
        einvoice = self.env['gtg.einvoice'].new({
            'move_id': move.id, 'amount_total': 41.93})
        self.assertEqual(einvoice.amount_words,
                         'Bốn mươi mốt đô la Mỹ và chín mươi ba xu')

    def test_names_and_units(self):
        line = self.document(self.make_invoice()).lines[0]
        self.assertEqual((line.name, line.code), ('Áo 1', 'AT01'))

    # === what would not be there as it is === #

    def by_hand(self, name='Ghế gỗ', partner=None, **values):
        return self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': (partner or self.buyer).id,
            'company_id': self.company.id, 'invoice_line_ids': [Command.create({
                'name': name, 'quantity': 1, 'price_unit': 109000,
                'tax_ids': [Command.set(self.included['8%'].ids)], **values})]})

    def test_goods_have_a_unit(self):
        unit = self.env.ref('uom.product_uom_unit')
        move = self.by_hand()
        self.assertIn('"Ghế gỗ": goods need a unit', self.problems(move))
        self.assertFalse(self.problems(self.by_hand(product_uom_id=unit.id)))
        service = self.env['product.product'].create({'name': 'May', 'type': 'service'})
        self.assertFalse(self.problems(self.by_hand(product_id=service.id)))
        self.assertNotIn('need a unit', self.problems(self.by_hand(price_unit=-1)))
        self.vat_series.account_id.services_without_product = True
        self.assertFalse(self.problems(move))

    def test_texts_that_do_not_fit_are_told_and_not_cut(self):
        def told(name='Ghế', **values):
            return self.problems(self.by_hand(name, **{
                'product_id': self.goods.id, **values}))

        self.assertFalse(told('x' * 500))
        self.assertIn('description has more than the 500', told('x' * 501))
        gift = 500 - len(sentences.GIFT)
        self.assertFalse(told('x' * gift, price_unit=0))
        self.assertIn('500', told('x' * (gift + 1), price_unit=0))
        unit = self.env['uom.uom'].create({'name': 'u' * 51})
        self.assertIn('unit has more than the 50', told(product_uom_id=unit.id))
        person = self.env['res.partner'].create({'name': 'N' * 100, 'street': '1 Lê Lợi'})
        self.assertFalse(told(partner=person))
        person.name = 'N' * 101
        self.assertIn('100 characters', told(partner=person))

    # === problems name field and fix === #

    def test_a_rate_ends_with_its_law(self):
        rate = self.env.ref('gtg_vn_einvoice.vat_rate_8')
        rate.valid_until = '2026-12-31'
        line = (109000, 1, self.included['8%'])
        self.document(self.make_invoice(line, invoice_date='2026-12-31'))
        late = self.make_invoice(line, invoice_date='2027-01-01')
        _doc, problems = late._gtg_document(self.vat_series, 'r' * 36)
        self.assertIn('8%', problems[0])
        rate.valid_until = '2027-06-30'
        self.document(late)

    def test_rate_without_meaning(self):
        unclear = self.rates['0%'].copy({'name': 'Zero', 'tax_group_id': self.env[
            'account.tax.group'].create({'name': 'x'}).id, 'gtg_vat_kind': False})
        seven = self.rates['8%'].copy({'name': 'Seven', 'amount': 7})
        text = self.problems(self.make_invoice(
            (1000, 1, unclear), (1000, 1, seven), (1000, 1, self.env['account.tax'])))
        self.assertIn('"Zero" is no VAT rate', text)
        self.assertIn('"Seven" is no VAT rate', text)
        self.assertIn('choose exactly one VAT rate', text)

    def test_sales_invoice_without_vat(self):
        self.assertIn('form 2', self.problems(self.make_invoice(), self.sales_series))
        move = self.make_invoice((50000, 2, self.env['account.tax'], 10))
        doc, problems = move._gtg_document(self.sales_series, 'r' * 36)
        self.assertEqual((problems, doc.total, doc.rates), ([], Decimal(90000), []))

    def test_buyers(self):
        def kind(**values):
            partner = self.env['res.partner'].create({
                'name': 'An', 'street': '5 Trần Phú',
                'country_id': self.env.ref('base.vn').id, **values})
            buyer, problems = partner._gtg_einvoice_buyer()
            return problems or [buyer.kind]

        self.assertEqual(kind(is_company=True, vat='0100109106-507'), ['company'])
        self.assertEqual(kind(gtg_id_number='077200004194'), ['person'])
        self.assertEqual(kind(vat='077200004194'), ['person'])
        self.assertEqual(kind(), ['person'])
        self.assertEqual(kind(street=False), ['consumer'])
        self.assertEqual(kind(name='N***g'), ['consumer'])
        self.assertIn('hidden or missing', kind(name='N***g', vat='0100109106')[0])
        self.assertIn('hidden or missing', kind(street='1 T***', vat='0100109106')[0])
        self.assertIn('names one of them', kind(
            gtg_id_number='077200004194', vat='0100109106')[0])
        self.assertEqual(kind(gtg_id_number='077200004194', vat='077200004194'),
                         ['person'])
        self.assertEqual(kind(is_company=True, gtg_budget_code='1234567'), ['budget'])
        self.assertEqual(kind(gtg_id_number='C1234567', country_id=self.env.ref(
            'base.fr').id), ['foreigner'])
        self.assertEqual(kind(gtg_id_number='C1234567', gtg_nationality_id=self.env.ref(
            'base.fr').id, street=False), ['foreigner'])
        french = self.env.ref('base.fr')
        for lang in ('en_US', 'vi_VN'):
            self.env['res.lang']._activate_lang(lang)
            partner = self.env['res.partner'].with_context(lang=lang).create({
                'name': 'Anne', 'gtg_id_number': ' ab\t123456',
                'gtg_nationality_id': french.id})
            buyer, problems = partner._gtg_einvoice_buyer()
            self.assertFalse(problems)
            self.assertEqual((buyer.id_number, buyer.country_code), ('AB123456', 'FR'))
        french.with_context(lang='vi_VN').name = 'Pháp'
        for lang in ('en_US', 'vi_VN'):
            self.assertEqual(partner.with_context(lang=lang)._gtg_einvoice_buyer()[
                0].address, 'Pháp')
        self.assertIn('5 to 20', kind(
            gtg_id_number='C<123', country_id=self.env.ref('base.fr').id)[0])
        self.assertIn('Enter it on the contact', kind(is_company=True)[0])
        self.assertIn('Address of An', kind(
            is_company=True, vat='0100109106', street=False)[0])
        self.assertIn('check digit', kind(is_company=True, vat='0100233480')[0])
        self.assertIn('12 digits', kind(gtg_id_number='12345')[0])

    def test_year_of_the_series(self):
        self.vat_series.name = 'C20TAA'
        move = self.make_invoice()
        move.gtg_series_id = self.vat_series
        self.assertIn('C20TAA is for 2020', ' '.join(move._gtg_einvoice_problems()))

    def test_no_series_for_this_year(self):
        (self.vat_series | self.sales_series).active = False
        self.assertIn('Fetch the series', ' '.join(
            self.make_invoice()._gtg_einvoice_problems()))
