from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .common import EinvoiceCase
from .correction_conformance import CorrectionConformance, CorrectionTools
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestSInvoiceCorrections(CorrectionConformance, EinvoiceCase):
    bench = SInvoiceBench()

    def test_decrease_styles(self):
        for tenant, style in (('A', 'official'), ('B', 'negative_unit_price')):
            self.sandbox.post(f'/sinvoice/tenants/{self.bench.seller}/set',
                              {'decrease': tenant})
            move = self.valid_invoice()
            self.account.decrease_style = 'negative_unit_price' \
                if style == 'official' else 'official'
            note = self.credit(move, 1)
            self.assertEqual(self.issue(note).state, 'draft', 'the wrong style')
            self.account.decrease_style = style
            self.assertEqual(self.issue(note).state, 'waiting_code')

    def test_preview_of_a_credit_note(self):
        move = self.valid_invoice()
        action = self.credit(move, 1).action_gtg_preview()
        number = int(action['url'].split('/')[3].split('?')[0])
        self.assertTrue(self.env['ir.attachment'].browse(number).raw.startswith(b'%PDF'))
        self.assertEqual(self.created(), [move.gtg_einvoice_number])

    def test_sales_invoice(self):
        series = self.series('later', form='2')
        move = self.make_invoice((50000, 2, self.env['account.tax']), series=series)
        self.complete(self.issue(move))
        adjustment = self.issue(self.credit(move, 1))
        self.assertEqual(adjustment.series_id, series)
        self.complete(adjustment)
        self.assertEqual(adjustment.xml_state, 'ok', adjustment.xml_message)
        self.assertEqual(adjustment.amount_total, -50000)


@tagged('post_install', '-at_install')
class TestCorrections(CorrectionTools, EinvoiceCase):
    """What the law forbids is told before anything is sent."""

    bench = SInvoiceBench()

    # === WHAT IS REFUSED === #

    def test_credit_note_without_an_e_invoice(self):
        note = self.credit(self.make_invoice(), 1)
        self.assertFalse(note.gtg_einvoice_possible)
        with self.assertRaisesRegex(UserError, 'nothing to adjust'):
            note.action_gtg_issue()
        alone = self.env['account.move'].create({
            'move_type': 'out_refund', 'partner_id': self.buyer.id,
            'invoice_line_ids': [Command.create({
                'name': 'x', 'price_unit': 1, 'tax_ids': [Command.set(
                    self.included['8%'].ids)]})]})
        alone.action_post()
        with self.assertRaisesRegex(UserError, 'nothing to adjust'):
            alone.action_gtg_issue()
        self.assertEqual(self.created(), [])

    def test_original_without_its_code(self):
        move = self.make_invoice(series=self.series('later'))
        einvoice = self.issue(move)
        self.assertFalse(move.gtg_can_correct)
        with self.assertRaisesRegex(UserError, 'not valid yet'):
            self.credit(move, 1).action_gtg_issue()
        self.assertEqual(self.created(), [einvoice.number])

    def test_business_must_have_agreed(self):
        move = self.valid_invoice()
        note = self.credit(move, 1, gtg_agreement_ref=False)
        with self.assertRaisesRegex(UserError, 'agreed in writing'):
            note.action_gtg_issue()
        note.gtg_agreement_ref = 'BB-01'
        note.gtg_agreed_on = fields.Date.add(
            vietnam_date(fields.Datetime.now()), days=1)
        with self.assertRaisesRegex(UserError, 'future'):
            note.action_gtg_issue()
        note.gtg_agreed_on = False
        with self.assertRaisesRegex(UserError, 'agreed in writing'):
            note.action_gtg_issue()

    def test_consumer_need_not_agree(self):
        move = self.valid_invoice(partner=self.person)
        form = self.wizard(move, 'return', agreement_ref=False, agreed_on=False)
        self.assertEqual(form.agreement, 'not_needed')
        with form.line_ids.edit(0) as line:
            line.chosen = True
        note = self.corrected(form)
        note.action_post()
        self.assertEqual(self.issue(note).agreement_ref, note.name)

    def test_adjustment_is_not_corrected_itself(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        note = self.credit(move, 1)
        self.complete(self.issue(note))
        with self.assertRaisesRegex(UserError, 'adjusts no other'):
            self.corrected(self.wizard(note, 'all'))

    def test_other_account_or_form(self):
        move = self.valid_invoice()
        note = self.credit(move, 1, gtg_series_id=self.series('later', form='2').id)
        with self.assertRaisesRegex(UserError, 'Choose a series of the same'):
            note.action_gtg_issue()

    def test_next_year_goes_on_in_its_series(self):
        move = self.valid_invoice()
        old = move.gtg_einvoice_id.series_id
        new = old.copy({'name': f'{old.name[:4]}ZZ', 'sequence': 99})
        # as if it were long ago: nobody renames a series that was used
        self.env.cr.execute(
            'UPDATE gtg_einvoice_series SET name = %s, year = 2020 WHERE id = %s',
            [f'C20{old.name[3:]}', old.id])
        old.invalidate_recordset()
        self.assertEqual(self.credit(move, 1)._gtg_series().code_kind, 'later')
        self.assertNotEqual(self.credit(move, 1)._gtg_series(), old)
        self.assertTrue(new)

    def test_refused_money_is_not_free_until_given_up(self):
        move = self.valid_invoice()
        first = self.issue(self.credit(move, 1))
        self.drain('poll_code')
        self.bench.refuse(self.sandbox, first, 'sai')
        self.drain('poll_code')
        self.assertEqual((first.state, move.gtg_einvoice_state), ('refused', 'coded'))
        second = self.credit(move, 1)
        with self.assertRaisesRegex(UserError, 'left of e-invoice'):
            second.action_gtg_issue()
        first.action_give_up()
        self.assertTrue(self.issue(second).number)
        first._apply_poll({'authority_code': 'M1', 'tax_state': 'accepted'})
        self.assertIn('after it was given up',
                      str(move.gtg_einvoice_id.activity_ids.mapped('summary')))

    def test_raise_counts_when_it_is_valid(self):
        move = self.valid_invoice()
        raised = self.raised(move)
        note = self.credit(move, 1, prices=(110000,))
        with self.assertRaisesRegex(UserError, 'left of e-invoice'):
            note.action_gtg_issue()
        self.complete(raised)
        self.assertTrue(self.issue(note).number)

    def test_given_back_when_a_valid_correction_is_refused(self):
        move = self.valid_invoice()
        original = move.gtg_einvoice_id
        new = self.corrected(self.wizard(move, 'all'))
        new.action_post()
        replacement = self.issue(new)
        self.complete(replacement)
        self.assertEqual(original.state, 'replaced')
        replacement._apply_poll({'tax_state': 'rejected', 'tax_message': 'sai'})
        self.assertEqual((replacement.state, original.state), ('refused', 'coded'))
        replacement.action_give_up()
        self.assertFalse(self.credit(move, 1)._gtg_einvoice_problems())

    def test_given_up_replacement_leaves_the_books_before_the_next(self):
        move = self.valid_invoice()
        first = self.corrected(self.wizard(move, 'all'))
        first.action_post()
        replacement = self.issue(first)
        self.complete(replacement)
        replacement._apply_poll({'tax_state': 'rejected', 'tax_message': 'sai'})
        with self.assertRaisesRegex(UserError, 'press "Give up"'):
            first.button_draft()
        replacement.action_give_up()
        with self.assertRaisesRegex(UserError, 'eset it to draft'):
            self.corrected(self.wizard(move, 'all'))
        first.button_cancel()
        second = self.corrected(self.wizard(move, 'all'))
        second.action_post()
        self.assertFalse(second._gtg_einvoice_problems())
        sold = (move | move.reversal_move_ids | first | second).filtered(
            lambda m: m.state == 'posted')
        self.assertEqual(sum(sold.mapped('amount_total_signed')), 109000,
                         'one sale in the books')

    def test_quantities_of_a_correction_have_no_minus(self):
        form = self.wizard(self.valid_invoice(), 'return')
        with form.line_ids.edit(0) as line:
            line.chosen = True
            line.quantity = -1
        with self.assertRaisesRegex(UserError, 'without a minus'):
            self.corrected(form)

    def test_adjusted_after_a_refused_replacement_request(self):
        """The replacement that the provider refused is not sent after all."""
        move = self.valid_invoice((109000, 2, self.included['8%']))
        new = self.corrected(self.wizard(move, 'all'))
        new.gtg_series_id = self.unknown_series()
        new.action_post()
        self.assertEqual(self.issue(new).state, 'draft')
        self.assertTrue(self.issue(self.credit(move, 1)).number)
        new.gtg_series_id = self.series('later')
        with self.assertRaisesRegex(UserError, 'adjusted before|the same way'):
            new.action_gtg_issue()
        self.assertEqual(len(self.created()), 2)

    def test_original_is_sent_on_though_corrected(self):
        move = self.make_invoice(
            (109000, 2, self.included['8%']), series=self.series('at_once'))
        original = self.issue(move)
        adjustment = self.issue(self.credit(move, 1))
        self.assertEqual((adjustment.state, original.state), ('coded', 'corrected'))
        polls = original.polls
        original._apply_poll({'tax_state': 'pending', 'unsent': True})
        self.assertTrue(original.unsent)
        self.assertTrue(original.gtg_task_ids.filtered(
            lambda t: t.operation == 'poll_code' and t.generation == polls + 1))
        original._apply_poll({'tax_state': 'rejected'})
        self.assertIn('corrected meanwhile', str(original.activity_ids.mapped('summary')))
        self.assertEqual(original.state, 'corrected')

    def test_same_currency_and_buyer(self):
        move = self.valid_invoice()
        note = self.credit(move, 1)
        note.button_draft()
        note.currency_id = self.env.ref('base.USD')
        note.action_post()
        with self.assertRaisesRegex(UserError, 'Currency: e-invoice'):
            note.action_gtg_issue()
        note.button_draft()
        note.currency_id = move.currency_id
        note.action_post()
        self.buyer.vat = '0100109106'
        with self.assertRaisesRegex(UserError, 'names tax code "0101243150"'):
            note.action_gtg_issue()
        self.buyer.vat = '0101243150'
        self.assertTrue(self.issue(note).number)

    def test_account_that_is_not_connected_is_told(self):
        move = self.valid_invoice()
        note = self.credit(move, 1)
        self.make_account(name='New provider')
        self.account.sudo().state = 'reconnect'
        with self.assertRaisesRegex(UserError, 'is not connected'):
            note.action_gtg_issue()

    # === WIZARD === #

    def test_replaced_in_the_night_of_vietnam(self):
        with freeze_time('2026-11-20 19:00:00'):  # the 21st in Vietnam
            move = self.valid_invoice()
            self.env.user.tz = False
            self.corrected(self.wizard(move, 'all'))
            (books,) = move.reversal_move_ids
            self.assertEqual((books.state, books.gtg_correction_kind),
                             ('posted', 'books'))
            self.assertEqual(move.payment_state, 'reversed')

    def test_partial_quantities_of_chosen_lines(self):
        move = self.valid_invoice(
            (109000, 3, self.included['8%']), (50000, 2, self.rates['10%']),
            (70000, 1, self.rates['5%']))
        form = self.wizard(move, 'return')
        with form.line_ids.edit(1) as line:
            line.chosen = True
            line.quantity = 1
        note = self.corrected(form)
        self.assertEqual(
            [(line.name, line.quantity) for line in note.invoice_line_ids],
            [(move.invoice_line_ids[1].name, 1)])
        with self.assertRaisesRegex(UserError, 'still a draft'):
            self.corrected(self.wizard(move, 'all'))
        note.action_post()
        adjustment = self.issue(note)
        self.assertEqual(adjustment.amount_total, -55000)
        self.assertEqual(
            (adjustment.correction_reason, adjustment.agreement_ref), ('Sai', 'BB-02'))

    def test_nothing_chosen(self):
        with self.assertRaisesRegex(UserError, 'Choose the lines'):
            self.corrected(self.wizard(self.valid_invoice(), 'return'))

    def test_a_way_that_the_law_does_not_leave(self):
        form = self.wizard(self.valid_invoice(), 'return')
        wizard = form.save()
        wizard.way = 'replace'
        with self.assertRaisesRegex(UserError, 'are an adjustment'):
            wizard.action_confirm()

    def test_provider_that_cannot(self):
        move = self.valid_invoice()
        adapter = type(self.env['gtg.einvoice.sinvoice'])
        self.patch(adapter, '_can_correct', frozenset())
        form = self.wizard(move, 'return')
        self.assertIn('on its site', form.why)
        self.assertFalse(form.way)
        with self.assertRaisesRegex(UserError, 'on its site'):
            self.credit(move, 1).action_gtg_issue()

    def test_deleted_replacement_is_begun_again(self):
        move = self.valid_invoice()
        self.corrected(self.wizard(move, 'all')).unlink()
        new = self.corrected(self.wizard(move, 'all'))
        self.assertEqual(len(move.reversal_move_ids), 1, 'reversed once')
        self.assertEqual((new.state, new.amount_total), ('draft', move.amount_total))
        new.action_post()
        self.complete(self.issue(new))
        self.assertEqual(move.gtg_einvoice_state, 'replaced')

    def test_words_of_the_account(self):
        with self.assertRaisesRegex(UserError, '{number}'):
            self.account.adjust_words = 'Điều chỉnh hóa đơn {form}{series}'
        self.account.adjust_words = 'ĐC {form}{series}-{number} {day}.{month}.{year}'
        move = self.valid_invoice()
        adjustment = self.issue(self.credit(move, 1))
        self.assertIn(f'ĐC 1{move.gtg_einvoice_id.series_id.name}-',
                      adjustment.correction_sentence)
        self.assertIn('ĐC 1', adjustment.payload)

    # === NOTICE === #

    def test_notice(self):
        move = self.valid_invoice()
        form = self.wizard(move, 'name')
        self.assertEqual((form.way, form.ways), ('notice', 'notice'))
        notice = self.corrected(form)
        self.assertEqual((notice._name, notice.can_send), ('gtg.einvoice.error.notice', False))
        html = self.env['ir.actions.report']._render_qweb_html(
            'gtg_vn_einvoice.report_notice', notice.ids)[0].decode()
        series, number = notice.einvoice_id._gtg_number_parts()
        for text in ('04/SS', series, f'>{number}<', move.gtg_authority_code, 'Sai'):
            self.assertIn(text, html)
        notice.action_filed()
        with self.assertRaises(UserError):
            notice.reason = 'other'
        with self.assertRaises(UserError):
            notice.unlink()
        with self.assertRaisesRegex(UserError, '01/TB-SSDT'):
            notice.action_acknowledged()
        notice.receipt = '123'
        notice.action_acknowledged()
        self.assertEqual(notice.state, 'acknowledged')
        self.assertEqual(move.gtg_einvoice_state, 'coded', 'the invoice stays')
        self.assertEqual(len(self.created()), 1)

    # === WHO === #

    def test_frozen(self):
        move = self.valid_invoice((109000, 2, self.included['8%']))
        note = self.credit(move, 1)
        adjustment = self.issue(note)
        for values in ({'original_id': False}, {'correction_kind': 'replace'},
                       {'agreement_ref': 'x'}, {'amounts_by_rate': []}):
            with self.assertRaises(UserError):
                adjustment.write(values)
        for change in (note.button_draft, move.button_draft):
            with self.assertRaises(UserError):
                change()

    def test_links_only_by_the_dialog(self):
        move = self.valid_invoice()
        new = self.corrected(self.wizard(move, 'all'))
        (books,) = move.reversal_move_ids
        for draft in (True, False):
            for record, values in (
                (new, {'gtg_correction_kind': False}), (new, {'gtg_corrects_id': False}),
                (books, {'gtg_correction_kind': False}),
                (move, {'gtg_corrects_id': move.gtg_einvoice_id.id}),
            ):
                with self.assertRaisesRegex(UserError, 'is chosen by'):
                    record.with_context(gtg_state_gate=True).write(values)
            if draft:
                new.action_post()
        for context, values in (
            ({}, {'gtg_correction_kind': 'books'}),
            ({'default_gtg_correction_kind': 'replace'}, {}),
        ):
            with self.assertRaisesRegex(UserError, 'is chosen by'):
                self.env['account.move'].with_context(**context).create({
                    'move_type': 'out_invoice', 'partner_id': self.buyer.id, **values})

    def test_notice_goes_by_its_buttons(self):
        notice = self.corrected(self.wizard(self.valid_invoice(), 'name')).with_context(
            gtg_state_gate=True)
        notice.action_filed()
        for values in ({'state': 'draft'}, {'state': 'acknowledged'},
                       {'filed_on': False}):
            with self.assertRaisesRegex(UserError, 'follows its buttons'):
                notice.write(values)
        with self.assertRaisesRegex(UserError, 'follows its buttons'):
            notice.with_context(default_state='filed').create({
                'einvoice_id': notice.einvoice_id.id, 'reason': 'x'})

    def test_biller_corrects_and_reader_does_not(self):
        def user(login, group):
            return new_test_user(
                self.env, login, groups=group, company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)])

        move = self.valid_invoice((109000, 2, self.included['8%']))
        biller = user('biller', 'account.group_account_invoice')
        form = self.wizard(move.with_user(biller), 'return')
        with form.line_ids.edit(0) as line:
            line.chosen = True
            line.quantity = 1
        note = self.corrected(form)
        self.assertEqual(note.create_uid, biller)
        note.action_post()
        note.action_gtg_issue()
        self.drain('create_invoice')
        self.assertTrue(note.gtg_einvoice_number)
        reader = user('reader', 'account.group_account_readonly')
        with self.assertRaises(AccessError):
            self.env['gtg.einvoice.correct'].with_user(reader).create({
                'einvoice_id': move.gtg_einvoice_id.id, 'what': 'all'})
        notice = self.corrected(self.wizard(move.with_user(biller), 'name'))
        self.assertTrue(notice.with_user(reader).reason)
        with self.assertRaises(AccessError):
            notice.with_user(reader).action_filed()

    def test_other_companies(self):
        move = self.valid_invoice()
        notice = self.corrected(self.wizard(move, 'name'))
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = new_test_user(
            self.env, 'stranger', groups='account.group_account_manager',
            company_id=other.id, company_ids=[Command.set(other.ids)])
        self.assertFalse(self.env['gtg.einvoice.error.notice'].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            notice.with_user(stranger).action_filed()
        with self.assertRaises(AccessError):
            self.env['gtg.einvoice.correct'].with_user(stranger).create({
                'einvoice_id': move.gtg_einvoice_id.id, 'what': 'all', 'reason': 'x',
            }).action_confirm()

    def test_send_dialog_issues_the_adjustment(self):
        note = self.credit(self.valid_invoice(), 1)
        wizard = self.env['account.move.send.wizard'].with_context(
            active_model='account.move', active_ids=note.ids).create({})
        self.assertTrue(wizard.extra_edi_checkboxes['gtg_einvoice']['checked'])
        wizard.action_send_and_print()
        self.drain('create_invoice')
        self.assertEqual(note.gtg_einvoice_id.correction_kind, 'adjust')
        self.assertEqual(len(self.created()), 2)
