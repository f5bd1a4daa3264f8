"""What corrections must do at every provider that does them through us.

A provider's test class inherits `CorrectionConformance` and `EinvoiceCase`, and has
the ``bench`` of its `EinvoiceConformance`.
"""

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from ..models.einvoice import GATE
from .conformance import EinvoiceConformance


class CorrectionTools:
    """Invoices, credit notes and the wizard as people use them."""

    created, fault = EinvoiceConformance.created, EinvoiceConformance.fault
    complete = EinvoiceConformance.complete

    def valid_invoice(self, *lines, **values):
        """An invoice whose e-invoice is valid."""
        move = self.make_invoice(*lines, **{
            'series': self.series('later'), **values})
        self.complete(self.issue(move))
        self.assertEqual(move.gtg_einvoice_state, 'coded', move.gtg_einvoice_message)
        return move

    def credit(self, move, *quantities, prices=(), **values):
        """A posted credit note over a part of an invoice, made as core does."""
        reversal = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=move.ids).create({
                'journal_id': move.journal_id.id})
        reversal.refund_moves()
        note = reversal.new_move_ids
        for number, quantity in enumerate(quantities):
            note.invoice_line_ids[number].quantity = quantity
        for number, price in enumerate(prices):
            note.invoice_line_ids[number].price_unit = price
        note.invoice_line_ids.filtered(lambda line: not line.quantity).unlink()
        note.write({'gtg_agreement_ref': 'BB-01', 'gtg_agreed_on': vietnam_date(
            fields.Datetime.now()), **values})
        note.action_post()
        return note

    def wizard(self, move, what, **values):
        """The dialog as a person fills it in."""
        form = Form(move.env['gtg.einvoice.correct'].with_context(
            **move.action_gtg_correct()['context']))
        form.what = what
        if form.way:
            form.reason = 'Sai'
        if form.way in ('adjust', 'replace'):
            form.agreement_ref = 'BB-02'
            form.agreed_on = vietnam_date(fields.Datetime.now())
        for name, value in values.items():
            setattr(form, name, value)
        return form

    def corrected(self, form):
        """What the wizard makes."""
        wizard = form.save()
        action = wizard.action_confirm()
        return wizard.env[action['res_model']].browse(action['res_id'])

    def assert_untouched(self, original):
        self.assertEqual(original.state, 'coded')
        self.assertFalse(original.correction_method)

    def raised(self, move):
        """The adjustment, not complete yet, that adds 1,000 to the first line's price."""
        form = self.wizard(move, 'amount', direction='up')
        with form.line_ids.edit(0) as line:
            line.chosen = True
            line.price_unit = 1000
        more = self.corrected(form)
        more.action_post()
        return self.issue(more)


class CorrectionConformance(CorrectionTools):

    allow_inherited_tests_method = True  # or Odoo's own runner leaves these out

    # === ADJUSTMENT === #

    def test_credit_note_is_an_adjustment(self):
        move = self.valid_invoice((109000, 3, self.included['8%']))
        original = move.gtg_einvoice_id
        note = self.credit(move, 1)
        self.assertTrue(note.gtg_einvoice_possible)
        adjustment = self.issue(note)
        self.assertEqual(
            adjustment.state, 'waiting_code', adjustment.gtg_task_message)
        self.assertEqual(adjustment.amount_total, -109000)
        self.assertEqual((original.state, original.correction_method),
                         ('coded', 'adjust'), 'without a code it corrects nothing')
        self.complete(adjustment)
        self.assertEqual(original.state, 'corrected')
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        self.assertTrue(adjustment.amount_words.startswith('Âm '))
        mail = self.mails_to_buyer(adjustment)
        self.assertIn(adjustment.correction_sentence, mail.body_html)
        self.assertEqual(self.created(), [original.number, adjustment.number])

    def test_returns_one_by_one_end_at_nothing(self):
        move = self.valid_invoice(
            (33333, 3, self.included['8%']), (777, 3, self.rates['10%']))
        notes = [self.issue(self.credit(move, 1, 1)) for _number in range(3)]
        for adjustment in notes:
            self.assertTrue(adjustment.number, adjustment.gtg_task_message)
            self.complete(adjustment)
            self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        left, _count = move.gtg_einvoice_id._gtg_left()
        self.assertEqual(set(left.values()), {(0, 0)})

    def test_discounts_rates_and_a_whole_return(self):
        taxes = [*self.rates.values(), *self.included.values()]
        move = self.valid_invoice(*(
            (99999 + 7 * n, 1 + n % 4, tax, 5 * (n % 3))
            for n, tax in enumerate(taxes)), (-10000, 1, self.included['8%']))
        adjustment = self.issue(self.credit(move))
        self.assertTrue(adjustment.number, adjustment.gtg_task_message)
        self.complete(adjustment)
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        self.assertEqual(adjustment.amount_total, -move.amount_total)

    def test_wrong_rate_is_taken_back_and_put_right(self):
        move = self.valid_invoice((100000, 1, self.rates['10%']))
        form = self.wizard(move, 'amount')
        with form.line_ids.edit(0) as line:
            line.chosen = True
        note = self.corrected(form)
        note.write({'invoice_line_ids': [(0, 0, {
            'name': 'Áo 8%', 'quantity': -1, 'price_unit': 100000,
            'tax_ids': [(6, 0, self.rates['8%'].ids)]})]})
        note.action_post()
        adjustment = self.issue(note)
        self.complete(adjustment)
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        self.assertEqual((adjustment.amount_untaxed, adjustment.amount_tax), (0, -2000))

    def test_raised_by_an_adjustment(self):
        move = self.valid_invoice()
        adjustment = self.raised(move)
        self.complete(adjustment)
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        self.assertEqual((adjustment.amount_total, adjustment.correction_kind),
                         (1000, 'adjust'))
        self.assertEqual(move.gtg_einvoice_state, 'corrected')

    def test_rates_are_those_of_the_original(self):
        move = self.valid_invoice()
        note = self.credit(move, 1)
        issued = move.gtg_einvoice_id.issued_at
        move.gtg_einvoice_id.with_context(gtg_state_gate=GATE).issued_at = (
            fields.Datetime.subtract(issued, days=2))
        self.env.ref('gtg_vn_einvoice.vat_rate_8').valid_until = fields.Date.subtract(
            move.invoice_date, days=1)
        with self.assertRaisesRegex(UserError, 'is not law'):
            self.make_invoice().action_gtg_issue()
        self.assertTrue(self.issue(note).number, note.gtg_einvoice_message)

    def test_never_more_than_the_original(self):
        move = self.valid_invoice(
            (109000, 2, self.included['8%']), (50000, 1, self.rates['10%']))
        self.credit(move, 1, 0).action_gtg_issue()  # only asked for: it counts
        with self.assertRaisesRegex(UserError, 'left of e-invoice'):
            self.credit(move, 2, 0).action_gtg_issue()
        with self.assertRaisesRegex(UserError, 'left of e-invoice'):
            self.credit(move, 0, 1, prices=(0, 50010)).action_gtg_issue()
        self.drain('create_invoice')
        self.assertTrue(self.issue(self.credit(move, 1, 1)).number)
        self.assertEqual(len(self.created()), 3)

    def test_goods_are_not_taken_back_twice_in_the_name_of_others(self):
        other = self.env['product.product'].create({'name': 'Quần', 'default_code': 'Q1'})
        move = self.make_invoice(
            (109000, 1, self.included['8%']), (109000, 1, self.included['8%']),
            series=self.series('later'))
        move.button_draft()
        move.invoice_line_ids[1].write({
            'product_id': other.id, 'price_unit': 109000,
            'tax_ids': [(6, 0, self.included['8%'].ids)]})
        move.action_post()
        self.complete(self.issue(move))
        self.assertTrue(self.issue(self.credit(move, 1, 0)).number)
        with self.assertRaisesRegex(UserError, 'more is taken off'):
            self.credit(move, 1, 0).action_gtg_issue()

    # === EXACTLY ONE, AND THE ORIGINAL WAITS FOR IT === #

    def test_lost_answer_of_an_adjustment(self):
        move = self.valid_invoice()
        original = move.gtg_einvoice_id
        note = self.credit(move, 1)
        self.fault('lose_response')
        adjustment = self.issue(note)
        self.assertEqual(adjustment._create_task().state, 'unknown')
        self.assertEqual(original.state, 'coded', 'not before the provider has said so')
        note.action_gtg_issue()
        self.drain('create_invoice')
        self.assertEqual(self.created(), [original.number, adjustment.number])
        self.complete(adjustment)
        self.assertEqual(original.state, 'corrected')

    def test_refused_adjustment_leaves_the_original(self):
        move = self.valid_invoice()
        original = move.gtg_einvoice_id
        note = self.credit(move, 1, gtg_series_id=self.unknown_series().id)
        adjustment = self.issue(note)
        self.assertEqual(adjustment.state, 'draft')
        self.assertTrue(adjustment.activity_ids)
        self.assert_untouched(original)
        note.gtg_series_id = self.series('later')
        adjustment._create_task().action_retry()  # in bulk: nothing is sent unchecked
        self.drain('create_invoice')
        self.assertEqual(self.created(), [original.number])
        note.action_gtg_retry()
        self.drain('create_invoice')
        self.assertEqual(self.created(), [original.number, adjustment.number])
        self.complete(adjustment)
        self.assertEqual(original.state, 'corrected')

    def test_two_clicks_are_one_adjustment(self):
        move = self.valid_invoice()
        note = self.credit(move, 1)
        for _click in range(3):
            note.action_gtg_issue()
            self.drain('create_invoice')
        self.assertEqual(
            self.created(), [move.gtg_einvoice_number, note.gtg_einvoice_number])

    def test_xml_about_another_invoice_is_an_alarm(self):
        move, other = self.valid_invoice(), self.valid_invoice()
        adjustment = self.issue(self.credit(move, 1))
        adjustment.with_context(gtg_state_gate=GATE).original_id = other.gtg_einvoice_id
        self.complete(adjustment)
        self.assertEqual(adjustment.xml_state, 'mismatch')
        self.assertFalse(self.mails_to_buyer(adjustment))

    # === REPLACEMENT === #

    def test_replacement(self):
        move = self.valid_invoice()
        move.gtg_invoice_note = 'Đã giảm 20%'
        original = move.gtg_einvoice_id
        new = self.corrected(self.wizard(move, 'all'))
        self.assertEqual((new.state, move.payment_state), ('draft', 'reversed'))
        self.assertEqual(new.gtg_invoice_note, 'Đã giảm 20%', 'the complete content')
        (books,) = move.reversal_move_ids
        with self.assertRaisesRegex(UserError, 'belongs to a replacement'):
            books.action_gtg_issue()
        self.assertFalse(books.gtg_einvoice_possible)
        new.invoice_line_ids.price_unit = 120000
        new.action_post()
        self.assert_untouched(original)
        replacement = self.issue(new)
        self.assertTrue(replacement.number, replacement.gtg_task_message)
        self.assert_waits(move, original)
        self.complete(replacement)
        self.assertEqual((original.state, move.gtg_einvoice_state),
                         ('replaced', 'replaced'))
        with self.assertRaisesRegex(UserError, 'which was replaced'):
            books.button_draft()
        self.assertEqual(replacement.xml_state, 'ok', replacement.xml_message)
        self.assertEqual(replacement.amount_total, 120000)
        self.assertEqual(self.created(), [original.number, replacement.number])

    def assert_waits(self, move, original):
        """The original is valid until the replacement is, and nothing else corrects
        it meanwhile."""
        self.assertEqual(original.state, 'coded')
        with self.assertRaisesRegex(UserError, 'is being replaced'):
            self.corrected(self.wizard(move, 'all'))
        back = self.credit(move, 1)
        with self.assertRaisesRegex(UserError, 'is being replaced'):
            back.action_gtg_issue()
        back.button_draft()
        back.unlink()

    def test_replacement_that_the_tax_office_refuses(self):
        move = self.valid_invoice()
        original = move.gtg_einvoice_id
        new = self.corrected(self.wizard(move, 'all'))
        new.action_post()
        with self.assertRaisesRegex(UserError, 'not issued yet'):
            self.corrected(self.wizard(move, 'all'))
        refused = self.issue(new)
        self.drain('poll_code')
        self.bench.refuse(self.sandbox, refused, 'sai')
        self.drain('poll_code')
        self.assertEqual((refused.state, original.state), ('refused', 'coded'))
        with self.assertRaisesRegex(UserError, 'Give up'):
            self.corrected(self.wizard(move, 'all'))
        with self.assertRaisesRegex(UserError, 'Give up'):
            new.button_cancel()
        refused.action_give_up()
        new.button_cancel()
        self.assert_untouched(original)
        self.assertTrue(self.corrected(self.wizard(move, 'all')))

    def test_replacement_is_replaced_again(self):
        move = self.valid_invoice()
        new = self.corrected(self.wizard(move, 'buyer'))
        new.action_post()
        self.complete(self.issue(new))
        with self.assertRaisesRegex(UserError, 'was replaced by'):
            self.credit(move, 1).action_gtg_issue()
        self.assertEqual(self.wizard(new, 'amount').ways, 'replace')
        wrong = self.credit(new, 1, gtg_correction_cause='error')
        with self.assertRaisesRegex(UserError, 'the same way'):
            wrong.action_gtg_issue()
        wrong.button_draft()
        wrong.unlink()
        again = self.corrected(self.wizard(new, 'amount'))
        again.action_post()
        self.complete(self.issue(again))
        # goods that come back are no error: an adjustment of what is valid now
        self.assertTrue(self.issue(self.credit(again, 1)).number)

    def test_adjusted_is_not_replaced(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        self.complete(self.issue(self.credit(move, 1)))
        form = self.wizard(move, 'all')
        self.assertEqual(form.ways, 'adjust')
        forced = self.make_invoice(gtg_agreement_ref='BB', gtg_agreed_on='2026-01-01')
        forced.sudo().write({
            'gtg_corrects_id': move.gtg_einvoice_id.id, 'gtg_correction_kind': 'replace'})
        with self.assertRaisesRegex(UserError, 'the same way'):
            forced.action_gtg_issue()

    def test_cash_register(self):
        move = self.make_invoice(
            (109000, 2, self.included['8%']), series=self.series('at_once'))
        self.issue(move)
        self.assertEqual(self.wizard(move, 'amount').ways, 'replace')
        self.assertEqual(self.wizard(move, 'name').ways, 'replace')
        self.account.register_names = 'notice'
        self.assertEqual(self.wizard(move, 'name').ways, 'notice')
        self.assertEqual(self.wizard(move, 'text').ways, 'replace')
        self.account.register_returns = 'replace'
        with self.assertRaisesRegex(UserError, 'account says: Replace.*choose "Adjust"'):
            self.credit(move, 1).action_gtg_issue()
        self.account.register_returns = 'adjust'
        adjustment = self.issue(self.credit(move, 1))
        self.assertEqual(adjustment.state, 'coded', adjustment.gtg_task_message)
        self.assertEqual(adjustment.code_kind, 'at_once')
