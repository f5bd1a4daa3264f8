"""Beside Odoo's own S-Invoice module: run by ``tests/system/test_core_modules.py`` in
a database that has it. Both programs talk to one sandbox, whose ledger is the judge."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.l10n_vn_edi_viettel.models import account_move as core

from ..lib.symbol import parse_symbol
from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench

OURS, THEIRS = 'gtg_einvoice', 'vn_sinvoice_send'


@tagged('post_install', '-at_install')
class TestCoreSInvoice(EinvoiceCase):
    """Whichever program is asked first: one sale gets one e-invoice."""

    bench = SInvoiceBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        login = cls.bench.account_values(cls.sandbox)
        cls.company.write({
            'vat': cls.bench.seller, 'street': 'Số 1 Trần Hữu Dực',
            'phone': '+84 24 6266 1275', 'country_id': cls.env.ref('base.vn').id,
            'state_id': cls.env.ref('base.state_vn_VN-HN').id,
            'l10n_vn_edi_username': login['username'],
            'l10n_vn_edi_password': login['password']})
        series = cls.account.series_ids.filtered(
            lambda s: s.code_kind == 'later' and s.form == '1')[:1]
        cls.symbol = cls.core_symbol(series.name, series.template)
        host = cls.sandbox.url('sinvoice')
        cls.startClassPatcher(patch.object(
            core, 'SINVOICE_API_URL', core.SINVOICE_API_URL.replace(
                'https://api-vinvoice.viettel.vn', host)))
        cls.startClassPatcher(patch.object(
            core, '_l10n_vn_edi_send_request', cls.redirected(
                core._l10n_vn_edi_send_request, host)))

    @staticmethod
    def redirected(real, host):
        def send(method, url, **options):
            return real(method, url.replace(
                'https://api-vinvoice.viettel.vn', host), **options)
        return send

    @classmethod
    def core_symbol(cls, name, template):
        Template = cls.env['l10n_vn_edi_viettel.sinvoice.template']
        return cls.env['l10n_vn_edi_viettel.sinvoice.symbol'].create({
            'name': name, 'invoice_template_id': (
                Template.search([('name', '=', template)]) or Template.create({
                    'name': template, 'template_invoice_type': template[0]})).id})

    def make_invoice(self, *lines, **values):
        lines = lines or ((100000, 1, self.rates['8%']),)
        move = super().make_invoice(*lines, **values)
        move.l10n_vn_edi_invoice_symbol = self.symbol
        return move

    def wizard(self, move):
        return self.env['account.move.send.wizard'].with_context(
            active_model='account.move', active_ids=move.ids).create({})

    def send_there(self, move):
        """As an account of ours did not exist: the dialog of a company that moves over."""
        self.account.state = 'draft'
        wizard = self.wizard(move)
        self.assertEqual(list(wizard.extra_edi_checkboxes), [THEIRS])
        wizard.action_send_and_print()
        self.account.state = 'connected'

    def created(self):
        return self.bench.created(self.sandbox)

    def test_theirs_then_ours(self):
        move = self.make_invoice()
        self.send_there(move)
        self.assertEqual(self.created(), [move.l10n_vn_edi_invoice_number])
        self.assertFalse(move.gtg_einvoice_possible)
        with self.assertRaisesRegex(UserError, 'one e-invoice'):
            move.action_gtg_issue()
        self.assertTrue(move._gtg_issue_many()[move])
        self.assertFalse(self.wizard(move).extra_edi_checkboxes)
        self.assertFalse(move.gtg_legal_deadline)

    def test_the_dialog_offers_one(self):
        move = self.make_invoice()
        wizard = self.wizard(move)
        self.assertEqual(list(wizard.extra_edi_checkboxes), [OURS])
        wizard.action_send_and_print()
        self.assertFalse(move.l10n_vn_edi_invoice_number)
        self.assertEqual(list(self.wizard(move).extra_edi_checkboxes), [OURS])
        self.drain('create_invoice')
        self.assertEqual(self.created(), [move.gtg_einvoice_number])
        self.assertFalse(self.wizard(move).extra_edi_checkboxes)

    def test_both_in_one_run_is_refused(self):
        """By whoever calls core's own method, or by a dialog that was open before."""
        move = self.make_invoice()
        with self.assertRaisesRegex(UserError, 'two e-invoice programs'):
            self.env['account.move.send']._generate_and_send_invoices(
                move, sending_methods=[], extra_edis={OURS, THEIRS})
        self.drain('create_invoice')
        self.assertEqual(self.created(), [])

    def test_theirs_while_and_after_ours(self):
        move = self.make_invoice()
        open_dialog = {'sending_methods': [], 'extra_edis': {THEIRS}}
        send = self.env['account.move.send']._generate_and_send_invoices
        move.action_gtg_issue()
        with self.assertRaisesRegex(UserError, 'just being issued'):
            send(move, **open_dialog)
        self.drain('create_invoice')
        with self.assertRaisesRegex(UserError, 'just being issued'):
            send(move, **open_dialog)
        # many at once: the others go on, and this one says why
        other = self.make_invoice()
        send(move | other, allow_raising=False, **open_dialog)
        self.assertEqual(
            self.created(), [move.gtg_einvoice_number, other.l10n_vn_edi_invoice_number])
        self.assertIn('Untick', str(move.message_ids.mapped('body')))

    def test_our_lost_answer_forbids_theirs(self):
        self.sandbox.faults('sinvoice', 'create', 'lose_response', times=1)
        move = self.make_invoice()
        self.issue(move)
        with self.assertRaisesRegex(UserError, 'just being issued'):
            self.env['account.move.send']._generate_and_send_invoices(
                move, sending_methods=[], extra_edis={THEIRS})
        self.assertEqual(len(self.created()), 1)

    def test_their_lost_answer_forbids_ours(self):
        self.sandbox.faults('sinvoice', 'create', 'lose_response', times=1)
        move = self.make_invoice()
        self.account.state = 'draft'
        self.env['account.move.send']._generate_and_send_invoices(
            move, allow_raising=False, sending_methods=[], extra_edis={THEIRS})
        self.account.state = 'connected'
        self.assertFalse(move.l10n_vn_edi_invoice_number)
        with self.assertRaisesRegex(UserError, 'may have issued it'):
            move.action_gtg_issue()
        self.assertEqual(list(self.wizard(move).extra_edi_checkboxes), [THEIRS])
        self.wizard(move).action_send_and_print()
        self.assertEqual(self.created(), [move.l10n_vn_edi_invoice_number])

    def test_asked_again_when_it_is_sent(self):
        move = self.make_invoice()
        move.action_gtg_issue()
        move.l10n_vn_edi_invoice_state = 'sent'
        self.drain('create_invoice')
        self.assertEqual(self.created(), [])
        self.assertEqual(move.gtg_einvoice_state, 'draft')
        self.assertIn('one e-invoice', move.gtg_einvoice_message)

    def test_their_replacement_is_theirs(self):
        move = self.make_invoice()
        self.send_there(move)
        new = self.make_invoice()
        new.l10n_vn_edi_replacement_origin_id = move
        with self.assertRaisesRegex(UserError, 'It replaces'):
            new.action_gtg_issue()

    # === SYMBOLS === #

    def test_symbols_are_taken_over(self):
        year = parse_symbol(self.symbol.name).year % 100
        self.core_symbol(f'C{year}TZZ', '1/001')
        self.core_symbol('AA/20E', '1/001')  # of the old law
        theirs = self.core_symbol(f'C{year}TYY', '1/001')
        other = self.setup_other_company(name='Other')
        self.env['account.move'].create({
            'move_type': 'out_invoice', 'company_id': other['company'].id,
            'journal_id': other['default_journal_sale'].id,
            'partner_id': self.buyer.id}).l10n_vn_edi_invoice_symbol = theirs
        self.assertTrue(self.account.has_core_symbols)
        known = self.account.series_ids
        self.account.action_take_core_symbols()
        self.assertEqual(
            (self.account.series_ids - known).mapped('name'), [f'C{year}TZZ'])

    def test_only_managers_take_over(self):
        self.core_symbol(f'{self.symbol.name[:4]}ZZ', '1/001')
        biller = new_test_user(
            self.env, 'biller', groups='account.group_account_invoice',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError):
            self.account.with_user(biller).action_take_core_symbols()
