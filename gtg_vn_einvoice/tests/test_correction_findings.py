from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..lib import sentences
from .common import EinvoiceCase
from .correction_conformance import CorrectionTools
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestCorrectionFindings(CorrectionTools, EinvoiceCase):
    """What people do around a correction."""

    bench = SInvoiceBench()

    def test_goods_that_came_back_never_raise(self):
        move = self.valid_invoice()
        form = self.wizard(move, 'amount', direction='up')
        form.what = 'return'
        with form.line_ids.edit(0) as line:
            line.chosen = True
        self.assertEqual(self.corrected(form).move_type, 'out_refund')

    def test_a_draft_correction_is_not_turned_round(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        note = self.credit(move, 1)
        note.button_draft()
        form = self.wizard(self.valid_invoice(), 'return')
        with form.line_ids.edit(0) as line:
            line.chosen = True
        for draft in (note, self.corrected(form)):
            with self.assertRaisesRegex(UserError, 'stays what it is'):
                draft.action_switch_move_type()
        plain = self.make_invoice().copy()
        plain.action_switch_move_type()
        self.assertEqual(plain.move_type, 'out_refund')

    def test_two_clicks_are_one_notice(self):
        move = self.valid_invoice()
        first, second = (self.corrected(self.wizard(move, 'name')) for _click in 'ab')
        self.assertEqual(first, second)
        with self.assertRaisesRegex(UserError, 'not filed yet'):
            self.corrected(self.wizard(move, 'name', reason='Khác'))
        first.action_filed()
        self.assertNotEqual(self.corrected(self.wizard(move, 'name')), first)

    def test_the_buyer_does_not_read_what_we_write(self):
        move = self.valid_invoice()
        note = self.credit(move, 1, gtg_correction_reason='Khách khó tính')
        portal = new_test_user(self.env, 'buyer', groups='base.group_portal')
        portal.partner_id.parent_id = self.buyer
        self.env.flush_all()
        mine = note.with_user(portal)
        self.assertTrue(mine.read(['name'])[0]['name'])
        for name in ('gtg_correction_reason', 'gtg_agreement_ref', 'gtg_agreed_on',
                     'gtg_agreement_file', 'gtg_einvoice_problem', 'gtg_corrected_text'):
            with self.assertRaises(AccessError):
                mine.read([name])

    def test_second_replacement_is_not_adopted(self):
        move = self.valid_invoice()
        second = self.corrected(self.wizard(move, 'all'))
        second.gtg_series_id = self.unknown_series()
        second.action_post()
        refused = self.issue(second)
        self.assertEqual((refused.state, refused.correction_kind), ('draft', 'replace'))
        first = self.make_invoice(
            gtg_agreement_ref='BB', gtg_agreed_on='2026-01-01',
            series=self.series('later'))
        first.sudo().write({
            'gtg_corrects_id': move.gtg_einvoice_id.id,
            'gtg_correction_kind': 'replace'})
        self.complete(self.issue(first))
        self.assertEqual(move.gtg_einvoice_state, 'replaced')
        with self.assertRaisesRegex(UserError, 'second replacement'):
            refused.action_adopt()
        # found by a look-up that was under way: one alarm, no trying for ever
        task = refused.sudo()._enqueue('adopt_invoice', generation=0)
        for _time in range(2):
            refused.sudo()._gtg_task_done(task)
        self.assertFalse(refused.number)
        self.assertEqual(len(refused.activity_ids.filtered(
            lambda activity: 'second replacement' in activity.summary)), 1)

    def test_corrected_ones_are_attached(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        self.complete(self.issue(self.credit(move, 1)))
        self.assertEqual(move.gtg_einvoice_state, 'corrected')
        files = self.env['account.move.send']._get_invoice_extra_attachments(move)
        self.assertIn(move.gtg_xml_name, files.mapped('name'))

    # === BUYERS WITHOUT TAX CODE === #

    def test_person_is_named_as_on_the_original(self):
        person = self.env['res.partner'].create({
            'name': 'Nguyễn Văn An', 'street': '1 Lê Lợi', 'city': 'Huế',
            'country_id': self.env.ref('base.vn').id})
        move = self.valid_invoice((109000, 3, self.included['8%']), partner=person)
        person.write({'name': 'Trần Thị Bình', 'street': '2 Hai Bà Trưng'})
        first = self.issue(self.credit(move, 1))
        self.assertIn('Nguyễn Văn An', first.payload)
        self.assertIn('1 Lê Lợi', first.payload)
        self.assertNotIn('Bình', first.payload)
        self.complete(first)
        self.assertEqual(first.xml_state, 'ok', first.xml_message)
        self.corrected(self.wizard(move, 'name')).action_filed()
        self.assertIn('Bình', self.issue(self.credit(move, 1)).payload)

    def test_consumer_stays_one(self):
        move = self.valid_invoice(partner=self.person)
        self.person.write({'name': 'Nguyễn Văn An', 'street': '1 Lê Lợi', 'city': 'Huế'})
        payload = self.issue(self.credit(move, 1)).payload
        self.assertIn(sentences.CONSUMER, payload)
        self.assertNotIn('Văn An', payload)

    # === MONEY === #

    def paid_and_replaced(self, amount, partner=None):
        """A paid invoice and the draft of the one that replaces it."""
        move = self.valid_invoice()
        self.pay(move, self.company_data['default_journal_bank'], amount)
        self.assertIn(move.payment_state, ('paid', 'in_payment', 'partial'))
        new = self.corrected(self.wizard(move, 'all'))
        self.assertEqual(move.payment_state, 'reversed')
        if partner:
            new.partner_id = partner
        return move, new

    def test_payment_follows(self):
        _move, new = self.paid_and_replaced(109000)
        new.action_post()
        self.assertIn(new.payment_state, ('paid', 'in_payment'))
        self.assertEqual(new.amount_residual, 0)
        self.assertFalse(new.message_ids.filtered(lambda m: 'be taken over' in m.body))
        self.assertIn('"paymentStatus": true', self.issue(new).payload.replace(
            '":true', '": true'))

    def test_part_payment_and_a_dearer_replacement(self):
        _move, new = self.paid_and_replaced(60000)
        new.invoice_line_ids.price_unit = 120000
        new.action_post()
        self.assertEqual((new.payment_state, new.amount_residual), ('partial', 60000))

    def test_payment_follows_though_the_first_draft_was_deleted(self):
        move, new = self.paid_and_replaced(109000)
        new.unlink()
        new = self.corrected(self.wizard(move, 'all'))
        new.action_post()
        self.assertEqual(new.amount_residual, 0)
        new.button_draft()
        new.action_post()  # once more: nothing is taken twice
        self.assertEqual(new.amount_residual, 0)

    def test_money_of_another_buyer_stays(self):
        other = self.buyer.copy({'name': 'Công ty TNHH Sao Hôm', 'vat': '0100109106'})
        move, new = self.paid_and_replaced(109000, partner=other)
        new.action_post()
        self.assertEqual((new.payment_state, new.amount_residual), ('not_paid', 109000))
        (line,) = move.gtg_paid_by_ids
        self.assertEqual(line.amount_residual, -109000, 'free for the old buyer')
        (told,) = new.message_ids.filtered(lambda m: 'could not be taken' in m.body)
        self.assertIn(line.move_id.name, told.body)
        self.assertIn('109,000', told.body)

    def test_payment_without_an_entry_follows_too(self):
        # with Odoo's Accounting app the bank statement makes the entry
        self.patch(type(self.env['account.move']), '_get_invoice_in_payment_state',
                   lambda move: 'in_payment')
        journal = self.company_data['default_journal_bank']
        journal.inbound_payment_method_line_ids.payment_account_id = False
        move = self.valid_invoice()
        self.pay(move, journal, 109000)
        payment = move.matched_payment_ids
        self.assertFalse(payment.move_id)
        new = self.corrected(self.wizard(move, 'all'))
        new.action_post()
        self.assertEqual(payment.invoice_ids, new)
        self.assertEqual(new.payment_state, 'in_payment')

    def test_money_used_meanwhile_is_not_taken(self):
        move, new = self.paid_and_replaced(109000)
        other = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.buyer.id,
            'invoice_date': fields.Date.today(), 'invoice_line_ids': [Command.create({
                'name': 'x', 'price_unit': 109000, 'tax_ids': [Command.clear()]})]})
        other.action_post()
        (move.gtg_paid_by_ids | other.line_ids.filtered(
            lambda line: line.account_id.account_type == 'asset_receivable')).reconcile()
        new.action_post()
        self.assertEqual(new.amount_residual, 109000)
        self.assertEqual(other.amount_residual, 0)
