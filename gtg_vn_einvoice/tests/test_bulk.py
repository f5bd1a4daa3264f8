from datetime import date, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, sql_db
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import EinvoiceCase
from .test_sinvoice import SInvoiceBench


@tagged('post_install', '-at_install')
class TestBulk(EinvoiceCase):
    bench = SInvoiceBench()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk, cls.colleague = (
            new_test_user(cls.env, login, 'account.group_account_invoice',
                          company_id=cls.company.id,
                          company_ids=[Command.set(cls.company.ids)])
            for login in ('clerk', 'colleague'))

    def press(self, moves, user=None):
        action = moves.with_user(user or self.clerk).action_gtg_issue_bulk()
        return self.env[action['res_model']].browse(action['res_id'])

    def work(self):
        """What the crons do."""
        self.env['gtg.einvoice.bulk'].with_user(SUPERUSER_ID)._issue_waiting()
        self.env.invalidate_all()

    def fares(self, bulk):
        self.env.invalidate_all()
        return {name: bulk[name] for name in (
            'waiting', 'refused', 'asked', 'to_sign', 'issued', 'failed')
            if bulk[name]}

    def created(self):
        return self.bench.created(self.sandbox)

    def test_good_ones_are_issued_and_bad_ones_say_why(self):
        good = self.env['account.move'].union(*(
            self.make_invoice() for _number in range(3)))
        other = self.buyer.copy({'vat': '0101243151'})
        bad = self.make_invoice(partner=other)
        before = len(self.sandbox.calls('sinvoice'))
        bulk = self.press(good | bad)
        self.assertEqual(self.fares(bulk), {'waiting': 4})
        self.assertFalse(good.gtg_einvoice_ids, 'the click only stores the wish')
        self.work()
        self.assertEqual(len(self.sandbox.calls('sinvoice')), before)
        self.assertEqual(self.fares(bulk), {'asked': 3, 'refused': 1})
        self.assertIn('0101243151', bad.gtg_einvoice_problem)
        self.assertEqual(bulk.trouble_line_ids.move_id, bad)
        self.assertIn('0101243151', bulk.trouble_line_ids.reason)
        self.assertEqual(self.env['account.move'].search(
            [('gtg_einvoice_problem', '!=', False)]), bad)
        self.drain('create_invoice')
        self.assertEqual(self.fares(bulk), {'issued': 3, 'refused': 1})
        self.assertEqual(bulk.gtg_progress, 100)
        self.assertEqual(
            sorted(self.created()), sorted(good.mapped('gtg_einvoice_number')))
        # the next step: correct it, once more
        other.vat = '0101243150'
        bulk.with_user(self.clerk).action_again()
        self.work()
        self.drain('create_invoice')
        self.assertEqual(self.fares(bulk), {'issued': 4})
        self.assertFalse(bad.gtg_einvoice_problem)
        self.assertEqual(len(self.created()), 4)

    def test_many_cost_hardly_more_statements_than_few(self):
        def statements(count):
            moves = self.env['account.move'].union(*(
                self.make_invoice() for _number in range(count)))  # of no series yet
            bulk = self.press(moves)
            self.env.flush_all()
            self.env.invalidate_all()
            before = sql_db.sql_counter
            self.work()
            spent = sql_db.sql_counter - before
            self.assertEqual(self.fares(bulk), {'asked': count})
            return spent
        statements(2)  # what is cached per registry
        few, many = statements(2), statements(22)
        self.assertLess(many - few, 20)

    def test_each_series_in_the_order_of_the_dates(self):
        later, register = self.series('later'), self.series('at_once')
        day = date.today()
        moves = [self.make_invoice(series=series, invoice_date=day - timedelta(days=ago))
                 for series, ago in ((later, 0), (register, 1), (later, 2))]
        # the oldest first, whatever the order of the selection
        bulk = self.press(self.env['account.move'].union(*moves))
        order = [line.move_id for line in bulk.line_ids.sorted('id')
                 if line.move_id.gtg_series_id == later]
        self.assertEqual(order, [moves[2], moves[0]])
        self.work()
        tasks = self.env['gtg.connector.task'].search(
            [('operation', '=', 'create_invoice')], order='id')
        asked = [self.env['gtg.einvoice'].browse(task.res_id).move_id for task in tasks]
        self.assertEqual([move for move in asked if move in order], order)
        self.assertEqual(len(tasks.grouped('lane')), 2)

    def test_two_people_press_at_once(self):
        moves = self.make_invoice() | self.make_invoice()
        bulks = self.press(moves), self.press(moves, self.colleague)
        moves[0].with_user(self.colleague).action_gtg_issue()
        self.work()
        self.assertEqual(self.env['gtg.connector.task'].search_count(
            [('operation', '=', 'create_invoice')]), 2)
        self.drain('create_invoice')
        for bulk in bulks:
            self.assertEqual(self.fares(bulk), {'issued': 2})
        self.work()
        self.assertEqual(len(self.created()), 2)

    def test_bulk_of_nobody_is_not_issued(self):
        bulk = self.press(self.make_invoice())
        self.env.cr.execute('UPDATE gtg_einvoice_bulk SET create_uid = NULL '
                            'WHERE id = %s', [bulk.id])
        self.env.invalidate_all()
        self.work()
        self.assertEqual(self.fares(bulk), {'refused': 1})
        self.assertIn('no user any more', bulk.line_ids.message)

    def test_a_refusal_of_the_provider_is_told(self):
        good = self.make_invoice()
        bad = self.make_invoice(series=self.unknown_series())
        bulk = self.press(good | bad)
        self.work()
        self.drain('create_invoice')
        self.assertEqual(self.fares(bulk), {'issued': 1, 'failed': 1})
        self.assertEqual(bulk.trouble_line_ids.move_id, bad)
        self.assertEqual(bulk.trouble_line_ids.reason, bad.gtg_einvoice_message)
        shown = bulk.with_context(fare='failed').action_open_moves()
        self.assertEqual(self.env['account.move'].search(shown['domain']), bad)
        bad.gtg_series_id = self.series('later')
        bulk.action_again()
        self.work()
        self.drain('create_invoice')
        self.assertEqual(self.fares(bulk), {'issued': 2})

    def test_what_the_tax_office_refuses_is_not_issued(self):
        good, bad = (self.make_invoice(series=self.series('later'))
                     for _number in range(2))
        bulk = self.press(good | bad)
        self.work()
        self.drain('create_invoice')
        self.bench.refuse(self.sandbox, bad.gtg_einvoice_id, 'Sai mã số thuế')
        self.drain('poll_code')
        self.assertEqual(bad.gtg_einvoice_state, 'refused')
        self.assertEqual(self.fares(bulk), {'issued': 1, 'failed': 1})
        self.assertEqual(bulk.trouble_line_ids.move_id, bad)
        self.assertIn('Sai mã số thuế', bulk.trouble_line_ids.reason)
        self.assertIn(bad.gtg_einvoice_number, bulk.trouble_line_ids.reason)
        bulk.with_user(self.clerk).action_again()
        self.assertEqual(self.fares(bulk), {'issued': 1, 'failed': 1})
        # nor with a new bulk, which issues nothing
        again = self.press(bad)
        self.work()
        self.assertEqual(self.fares(again), {'failed': 1})
        self.assertEqual(len(self.created()), 2)

    def test_one_that_stumbles_holds_nobody_up(self):
        moves = self.env['account.move'].union(*(
            self.make_invoice() for _number in range(5)))
        payload = type(self.account._adapter())._payload

        def stumble(adapter, account, document):
            if document.reference == references[2]:
                raise ZeroDivisionError('ours')
            return payload(adapter, account, document)
        bulk = self.press(moves)
        references = [self.env['gtg.einvoice'].sudo().create({
            'move_id': move.id, 'series_id': self.series('later').id}).reference
            for move in moves]
        with (patch.object(type(self.account._adapter()), '_payload', stumble),
              self.assertLogs('odoo.addons.gtg_vn_einvoice', 'ERROR')):
            self.work()
        self.assertEqual(self.fares(bulk), {'asked': 4, 'refused': 1})
        self.assertIn('ours', moves[2].gtg_einvoice_problem)

    def test_check_that_breaks_stops_no_other(self):
        moves = self.env['account.move'].union(*(
            self.make_invoice() for _number in range(3)))
        Move = type(self.env['account.move'])
        check = Move._gtg_einvoice_problems

        def broken(move):
            if move.id == moves[0].id:
                raise ZeroDivisionError('odd data')
            return check(move)
        bulk = self.press(moves)
        with patch.object(Move, '_gtg_einvoice_problems', broken):
            self.work()
        self.assertEqual(self.fares(bulk), {'asked': 2, 'refused': 1})
        self.assertIn('odd data', bulk.trouble_line_ids.reason)

    def test_lost_rights_stop_no_other(self):
        mine, theirs = self.make_invoice(), self.make_invoice()
        lost, good = self.press(mine), self.press(theirs, self.colleague)
        self.clerk.group_ids = self.env.ref('base.group_user')
        self.work()
        self.assertEqual(self.fares(lost), {'refused': 1})
        self.assertFalse(mine.gtg_einvoice_id)
        self.assertEqual(self.fares(good), {'asked': 1})

    def test_only_who_may_invoice(self):
        move = self.make_invoice()
        auditor = new_test_user(
            self.env, 'auditor', 'account.group_account_readonly',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError):
            self.press(move, auditor)
        bulk = self.press(move)
        self.assertEqual(bulk.with_user(auditor).total, 1)
        self.assertEqual(self.env['gtg.einvoice.bulk'].with_user(auditor).search([]),
                         bulk)
        for model, record in ((bulk, bulk), (bulk.line_ids, bulk.line_ids)):
            with self.assertRaises(AccessError):
                record.with_user(self.clerk).write({'company_id': self.company.id})
            with self.assertRaises(AccessError):
                model.with_user(self.clerk).create({})
        elsewhere = self.setup_other_company()['company']
        stranger = new_test_user(
            self.env, 'stranger', 'account.group_account_invoice',
            company_id=elsewhere.id, company_ids=[Command.set(elsewhere.ids)])
        self.assertFalse(
            self.env['gtg.einvoice.bulk'].with_user(stranger).search([]))
        self.assertFalse(
            self.env['gtg.einvoice.bulk.line'].with_user(stranger).search([]))

    def test_one_company_at_a_time(self):
        elsewhere = self.setup_other_company()['company']
        other = self.env['account.move'].with_company(elsewhere).create({
            'move_type': 'out_invoice', 'partner_id': self.buyer.id,
            'invoice_line_ids': [Command.create({
                'name': 'x', 'price_unit': 1, 'tax_ids': []})]})
        with self.assertRaisesRegex(UserError, 'one company'):
            (self.make_invoice() | other).action_gtg_issue_bulk()
