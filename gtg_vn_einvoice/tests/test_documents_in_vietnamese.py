import json

from odoo import Command
from odoo.tests import tagged

from .common import DocumentCase


@tagged('post_install', '-at_install')
class TestDocumentsInVietnamese(DocumentCase):
    """The law wants goods named in Vietnamese, whatever language the contact has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('vi_VN')
        cls.env['res.lang']._activate_lang('fr_FR')
        cls.goods.with_context(lang='en_US').write(
            {'name': 'T-shirt', 'description_sale': 'Cotton'})
        cls.goods.with_context(lang='vi_VN').write(
            {'name': 'Áo thun', 'description_sale': 'Vải bông'})
        cls.goods.with_context(lang='fr_FR').name = 'Maillot'
        cls.unit = cls.goods.uom_id
        cls.unit.with_context(lang='en_US').name = 'Units'
        cls.unit.with_context(lang='vi_VN').name = 'Cái'

    def line(self, lang, name=None, product=None):
        """The printed line of an invoice to a contact of this language."""
        self.buyer.lang = lang
        move = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.buyer.id,
            'company_id': self.company.id, 'invoice_line_ids': [(0, 0, {
                'product_id': (product or self.goods).id, 'quantity': 1,
                'price_unit': 109000, 'tax_ids': [Command.set(self.included['8%'].ids)],
                **({'name': name} if name else {})})]})
        move.invalidate_recordset()
        return self.document(move.with_context(lang='en_US')).lines[0]

    def test_units_and_goods(self):
        for lang in ('en_US', 'fr_FR', 'vi_VN', False):
            with self.subTest(lang=lang):
                line = self.line(lang)
                self.assertEqual((line.code, line.unit), ('AT01', 'Cái'))
                self.assertIn(line.name, ('Áo thun', 'Áo thun Vải bông'))

    def test_words_of_a_person_stay(self):
        self.assertEqual(self.line('en_US', 'Shirt, red').name, 'Shirt, red')
        self.assertEqual(self.line('en_US', 'Áo thun (T-shirt)').name,
                         'Áo thun (T-shirt)')
        self.assertEqual(self.line('en_US', 'T-shirt, printed').name, 'Áo thun, printed')
        self.assertEqual(self.line('en_US', 'T-shirts').name, 'T-shirts')
        self.goods.with_context(lang='vi_VN').name = 'T-shirt'
        self.assertEqual(self.line('fr_FR', 'T-shirt').name, 'T-shirt')

    def test_variants(self):
        attribute = self.env['product.attribute'].create({
            'name': 'Colour', 'value_ids': [(0, 0, {'name': 'Red'}),
                                            (0, 0, {'name': 'Blue'})]})
        template = self.env['product.template'].create({
            'name': 'T-shirt', 'attribute_line_ids': [Command.create({
                'attribute_id': attribute.id,
                'value_ids': [Command.set(attribute.value_ids.ids)]})]})
        template.with_context(lang='vi_VN').name = 'Áo thun'
        red = template.product_variant_ids[0]
        attribute.value_ids[0].with_context(lang='vi_VN').name = 'Đỏ'
        self.assertEqual(self.line('en_US', product=red).name, 'Áo thun (Đỏ)')

    def test_nationality_where_the_provider_has_no_field_for_it(self):
        korea = self.env.ref('base.kr')
        korea.with_context(lang='vi_VN').name = 'Hàn Quốc'
        tourist = self.env['res.partner'].create({
            'name': 'Kim', 'gtg_id_number': 'M12345678', 'street': 'Khách sạn Sen',
            'city': 'Huế', 'country_id': self.env.ref('base.vn').id,
            'gtg_nationality_id': korea.id})
        move = self.make_invoice(partner=tourist)
        misa = self.env['gtg.einvoice.account'].create({
            'name': 'MISA', 'provider': 'misa', 'company_id': self.company.id})
        series = self.vat_series.copy({'account_id': misa.id})

        def sent():
            doc, problems = move._gtg_document(series, 'r' * 36)
            self.assertFalse(problems)
            return json.loads(misa._adapter()._payload(misa, doc))['publish']

        self.assertEqual(sent()['BuyerAddress'], 'Khách sạn Sen, Huế (Hàn Quốc)')
        tourist.country_id = korea
        self.assertEqual(sent()['BuyerAddress'], 'Khách sạn Sen, Huế, Hàn Quốc')
        tourist.write({'street': 'a' * 395, 'city': False,
                       'country_id': self.env.ref('base.vn').id})
        self.assertIn('with the nationality', self.problems(move, series))
