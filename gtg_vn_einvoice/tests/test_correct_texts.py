"""Adjustments of mere texts: no amount, the right words, the right buyer."""

import json

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .common import EinvoiceCase
from .correction_conformance import CorrectionTools
from .test_corrections_misa_vnpt import VnptCorrectionBench
from .test_misa import DraftBench, MisaBench
from .test_sinvoice import SInvoiceBench


class TextTools(CorrectionTools):

    def texts(self, move, **values):
        """What the wizard makes of wrong texts."""
        form = self.wizard(move, 'text')
        self.assertEqual((form.way, form.ways), ('inform', 'inform,replace'))
        form.agreement_ref = 'BB-03'
        form.agreed_on = vietnam_date(fields.Datetime.now())
        form.wrong_text, form.right_text = 'Áo 1, Cái', 'Áo 1, Bộ'
        for name, value in values.items():
            setattr(form, name, value)
        return self.corrected(form)

    def new_buyer(self):
        return self.buyer.copy({'name': 'Công ty TNHH Sao Hôm', 'vat': '0100109106'})


class TextConformance(TextTools):
    """At every provider that takes adjustments of mere texts."""

    allow_inherited_tests_method = True

    def test_texts_are_adjusted(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        original = move.gtg_einvoice_id
        draft = self.texts(move)
        self.assertEqual((draft.state, draft.amount_total, draft.partner_id),
                         ('draft', 0, self.buyer))
        draft.action_post()
        adjustment = self.issue(draft)
        self.assertTrue(adjustment.number, adjustment.gtg_task_message)
        self.complete(adjustment)
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        self.assertEqual(
            (adjustment.amount_total, adjustment.correction_kind, original.state),
            (0, 'adjust', 'corrected'))
        self.assertIn('Áo 1, Cái; nay điều chỉnh thành: Áo 1, Bộ',
                      adjustment.corrected_text)
        self.assertIn(adjustment.corrected_text, json.loads(adjustment.payload).get(
            'xml') or adjustment.payload)
        self.assertNotIn('"paymentStatus":true', adjustment.payload, 'nothing was paid')
        # goods that come back afterwards: all of them are left
        back = self.issue(self.credit(move, 2))
        self.assertEqual(back.amount_total, -218000, back.gtg_task_message)
        self.assertEqual(self.wizard(move, 'amount').ways, 'adjust', 'the same way')

    def test_the_right_buyer(self):
        move = self.valid_invoice((109000, 3, self.included['8%']))
        right = self.new_buyer()
        form = self.wizard(move, 'buyer')
        self.assertEqual((form.way, form.ways), ('replace', 'replace,inform'))
        form.way = 'inform'
        form.partner_id = right
        self.assertIn('0101243150', form.wrong_text)
        self.assertIn('0100109106', form.right_text)
        draft = self.corrected(form)
        draft.action_post()
        adjustment = self.issue(draft)
        self.complete(adjustment)
        self.assertEqual((adjustment.buyer_tax_code, adjustment.xml_state),
                         ('0100109106', 'ok'), adjustment.xml_message)
        # from now on every adjustment names the right one
        back = self.issue(self.credit(move, 1))
        self.complete(back)
        self.assertEqual((back.buyer_tax_code, back.buyer_named, back.xml_state), (
            '0100109106', adjustment.buyer_named, 'ok'), back.xml_message)
        self.assertEqual(back.mail_partner_id, right)
        self.assertFalse(self.mails_to_buyer(back), 'the wrong buyer hears nothing')
        # whom neither of both names is a person's decision
        note = self.credit(move, 1, partner_id=self.buyer.copy({
            'name': 'Công ty Khác', 'vat': '0300588569'}).id)
        with self.assertRaisesRegex(UserError, f'since adjustment {adjustment.number} .*'
                                    'Sao Hôm.*set that customer'):
            note.action_gtg_issue()
        note.button_draft()
        note.unlink()
        # so do texts of goods that are adjusted now
        form = self.wizard(
            move, 'text', agreement_ref='BB-03', wrong_text='a', right_text='b',
            agreed_on=vietnam_date(fields.Datetime.now()))
        again = self.corrected(form)
        self.assertEqual(again.partner_id, right)
        again.unlink()
        self.assertTrue(self.issue(self.credit(move, 1, partner_id=right.id)).number)

    def test_texts_of_goods_never_change_the_buyer(self):
        move = self.valid_invoice()
        code, name, address = self.buyer.vat, self.buyer.name, self.buyer.street
        draft = self.texts(move)
        draft.action_post()
        self.buyer.write({
            'vat': '0100109106', 'name': 'Công ty TNHH Sao Hôm', 'street': '9 Phố Mới'})
        with self.assertRaisesRegex(UserError, 'names tax code "0101243150"'):
            draft.action_gtg_issue()
        self.buyer.vat = code
        adjustment = self.issue(draft)
        self.complete(adjustment)
        self.assertEqual((adjustment.buyer_tax_code, adjustment.xml_state),
                         (code, 'ok'), adjustment.xml_message)
        payload = json.loads(adjustment.payload).get('xml') or adjustment.payload
        self.assertIn(name, payload)
        self.assertIn(address, payload)
        self.assertNotIn('Sao Hôm', payload)
        self.assertNotIn('9 Phố Mới', payload)

    def test_corrected_contact_is_named_by_the_adjustment_of_the_buyer(self):
        move, name = self.valid_invoice(), self.buyer.name
        self.buyer.write({'vat': '0100109106', 'name': 'Công ty TNHH Sao Hôm'})
        form = self.wizard(move, 'buyer')
        form.way = 'inform'
        form.partner_id = self.buyer
        self.assertIn(name, form.wrong_text)
        self.assertIn('Sao Hôm', form.right_text)
        draft = self.corrected(form)
        draft.action_post()
        adjustment = self.issue(draft)
        self.assertEqual(adjustment.buyer_tax_code, '0100109106')
        self.assertIn('Sao Hôm', json.loads(adjustment.payload).get(
            'xml') or adjustment.payload)

    def test_wrong_buyer_of_an_adjusted_invoice(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        self.complete(self.issue(self.credit(move, 1)))
        form = self.wizard(move, 'buyer')
        self.assertEqual(form.ways, 'inform')

    def test_lost_answer_is_one_document(self):
        move = self.valid_invoice()
        draft = self.texts(move)
        draft.action_post()
        before = self.created()
        self.fault('lose_response')
        adjustment = self.issue(draft)
        self.assertEqual(adjustment._create_task().state, 'unknown')
        self.assertEqual(move.gtg_einvoice_state, 'coded')
        draft.action_gtg_issue()
        for _round in range(3):
            self.drain('create_invoice')
        self.assertEqual(self.created(), [*before, adjustment.number])
        self.complete(adjustment)
        self.assertEqual(move.gtg_einvoice_state, 'corrected')

    def test_refused_and_tried_again(self):
        move = self.valid_invoice()
        draft = self.texts(move)
        draft.gtg_series_id = self.unknown_series()
        draft.action_post()
        adjustment = self.issue(draft)
        self.assertEqual((adjustment.state, move.gtg_einvoice_state), ('draft', 'coded'))
        draft.gtg_series_id = self.series('later')
        self.assertTrue(self.issue(draft).number, draft.gtg_einvoice_message)
        self.assertEqual(len(self.created()), 2)

    def test_too_long_a_text_is_not_cut(self):
        draft = self.texts(self.valid_invoice(), right_text='Áo ' * 200)
        draft.action_post()
        with self.assertRaisesRegex(UserError, 'longer than'):
            draft.action_gtg_issue()

    def test_no_amounts(self):
        draft = self.texts(self.valid_invoice())
        draft.invoice_line_ids.price_unit = 1000
        draft.action_post()
        with self.assertRaisesRegex(UserError, 'has no amounts'):
            draft.action_gtg_issue()


@tagged('post_install', '-at_install')
class TestTextsSInvoice(TextConformance, EinvoiceCase):
    bench = SInvoiceBench()

    def test_cash_registers_and_replaced_ones_are_replaced(self):
        move = self.make_invoice(series=self.series('at_once'))
        self.issue(move)
        self.assertEqual(self.wizard(move, 'text').ways, 'replace')
        move = self.valid_invoice()
        new = self.corrected(self.wizard(move, 'all'))
        new.action_post()
        self.complete(self.issue(new))
        self.assertEqual(self.wizard(new, 'text').ways, 'replace')

    def test_entered_texts_are_needed(self):
        for values in ({'wrong_text': ' '}, {'right_text': ' '}):
            with self.assertRaisesRegex(UserError, 'enter the wrong words'):
                self.texts(self.valid_invoice(), **values)

    def test_what_makes_it_one_of_texts_is_fixed(self):
        draft, other = self.texts(self.valid_invoice()), self.make_invoice()
        draft.gtg_corrected_text = 'Nội dung khác'
        with self.assertRaisesRegex(UserError, 'is chosen by'):
            draft.gtg_corrects_buyer = True
        for move, text in ((draft, False), (other, 'x')):
            with self.assertRaisesRegex(UserError, 'is chosen by'):
                move.gtg_corrected_text = text
        with self.assertRaisesRegex(UserError, 'is chosen by'):
            self.env['account.move'].create({
                'move_type': 'out_invoice', 'partner_id': self.buyer.id,
                'gtg_corrected_text': 'x'})
        draft.action_post()
        draft.action_gtg_issue()
        with self.assertRaisesRegex(UserError, 'is chosen by'):
            draft.gtg_corrected_text = 'y'

    def test_preview(self):
        draft = self.texts(self.valid_invoice())
        draft.action_post()
        action = draft.action_gtg_preview()
        number = int(action['url'].split('/')[3].split('?')[0])
        self.assertTrue(self.env['ir.attachment'].browse(number).raw.startswith(b'%PDF'))


@tagged('post_install', '-at_install')
class TestTextsVnpt(TextConformance, EinvoiceCase):
    bench = VnptCorrectionBench()


class TextsRefused(TextTools):
    """A provider without them says what to do instead, before anything is made."""

    allow_inherited_tests_method = True

    def test_replaced_instead(self):
        move = self.valid_invoice()
        form = self.wizard(move, 'text')
        self.assertEqual((form.ways, form.way), ('replace', 'replace'))
        self.assertIn('no adjustment of mere texts', form.why)
        self.assertEqual(self.wizard(move, 'buyer').ways, 'replace')
        wizard = form.save()
        wizard.way = 'inform'
        with self.assertRaisesRegex(UserError, 'no adjustment of mere texts'):
            wizard.action_confirm()

    def test_adjusted_before(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        self.complete(self.issue(self.credit(move, 1)))
        for what in ('text', 'buyer'):
            form = self.wizard(move, what)
            self.assertFalse(form.ways)
            self.assertIn('on its site', form.why)


@tagged('post_install', '-at_install')
class TestTextsMisa(TextsRefused, EinvoiceCase):
    bench = MisaBench()


@tagged('post_install', '-at_install')
class TestTextsMisaDrafts(TextTools, EinvoiceCase):
    bench = DraftBench()

    def test_nothing_becomes_a_draft_there(self):
        move = self.make_invoice(series=self.series('later'))
        einvoice = self.issue(move)
        self.sandbox.post(f'/misa/drafts/{einvoice.reference}/sign')
        self.drain('poll_code')
        self.complete(einvoice)
        draft = self.make_invoice(
            (0, 1, self.included['8%']), gtg_agreement_ref='BB',
            gtg_agreed_on='2026-01-01')
        draft.sudo().write({
            'gtg_corrects_id': einvoice.id, 'gtg_correction_kind': 'adjust',
            'gtg_corrected_text': 'a; b'})
        with self.assertRaisesRegex(UserError, 'no adjustment of mere texts'):
            draft.action_gtg_issue()
