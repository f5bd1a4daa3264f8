from dataclasses import replace

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.einvoice import GATE
from ..providers.sinvoice import const
from .test_watch import WatchCase


class ComparisonCase(WatchCase):

    def compare(self, days=0, drain=True):
        today = self.env['gtg.legal.deadline']._gtg_today()
        comparison = self.env['gtg.einvoice.comparison'].create({
            'account_id': self.account.id, 'last': today,
            'first': fields.Date.subtract(today, days=days)})
        comparison.action_start()
        if drain:
            self.compare_listed()
        return comparison

    def portal(self, count=1):
        """Somebody issues on the site of the provider."""
        return [self.sandbox.post('/sinvoice/invoices', {'total': 5000})['invoiceNo']
                for _number in range(count)]

    def found(self, comparison):
        return sorted(comparison.difference_ids.mapped(
            lambda d: (d.kind, d.number or d.einvoice_id.number)))

    def change(self, einvoice, **values):
        einvoice.sudo().with_context(gtg_state_gate=GATE).write(values)


@tagged('post_install', '-at_install')
class TestComparison(ComparisonCase):
    """The provider's list beside ours: what differs is seen, half a list never is."""

    def test_equal(self):
        one = self.issue(self.make_invoice())
        self.change(one, buyer_tax_code='0101-243150')  # a writing is no difference
        self.issue(self.make_invoice(partner=self.person))
        comparison = self.compare()
        self.assertEqual((comparison.state, comparison.listed), ('done', 2))
        self.assertFalse(comparison.difference_ids)

    def test_each_kind_with_its_next_step(self):
        total, code, gone, twice = (
            self.issue(self.make_invoice()) for _number in range(4))
        self.change(total, amount_total=total.amount_total + 1)
        self.change(code, buyer_tax_code='0300588569')
        number = gone.number
        self.change(gone, number=gone.series_id.name + '900', reference='other')
        second = twice.number
        self.change(twice, number=twice.series_id.name + '901')
        (there,) = self.portal()
        comparison = self.compare()
        self.assertEqual(self.found(comparison), sorted([
            ('total', total.number), ('tax_code', code.number),
            ('unknown_here', number), ('unknown_there', gone.number),
            ('twice', second), ('unknown_there', twice.number),
            ('unknown_here', there)]))
        self.assertTrue(all(comparison.difference_ids.mapped('next_step')))
        self.assertEqual(self.card('differences').count, 7)
        comparison.difference_ids[0].settled = True
        self.assertEqual(self.card('differences').count, 6)
        # the newest comparison speaks, and what was settled stays settled
        newer = self.compare()
        self.assertEqual(len(newer.difference_ids), 7)
        self.assertEqual(newer.difference_ids.mapped('settled').count(True), 1)
        self.assertEqual(len(comparison.difference_ids), 1)
        self.assertEqual(self.card('differences').count, 6)

    def test_number_from_elsewhere_is_known(self):
        number, other = self.portal(2)
        move = self.make_invoice((5000, 1, self.rates['KCT']))
        self.assertTrue(move.gtg_legal_deadline)
        move.write({'gtg_outside_series': '1' + number[:6].lower(),
                    'gtg_outside_number': '000' + number[6:],
                    'gtg_outside_date': fields.Date.today()})
        self.assertFalse(move.gtg_legal_deadline)
        self.assertFalse(move.gtg_einvoice_possible)
        with self.assertRaisesRegex(UserError, 'issued elsewhere'):
            move.action_gtg_issue()
        self.assertEqual(self.found(self.compare()), [('unknown_here', other)])
        dearer = self.make_invoice((6000, 1, self.rates['KCT']))
        dearer.write({'gtg_outside_series': other[:6], 'gtg_outside_number': other[6:],
                      'gtg_outside_date': fields.Date.today()})
        self.assertEqual(self.found(self.compare()), [('total', other)])
        self.assertFalse(self.bench.created(self.sandbox))
        self.assertFalse(move.copy().gtg_outside_key)

    def test_number_from_elsewhere_is_checked(self):
        issued, open_move = self.make_invoice(), self.make_invoice()
        einvoice = self.issue(issued)
        today = fields.Date.today()

        def enter(move, series='C26TQQ', number='7', day=today, error=ValidationError):
            with self.assertRaises(error), mute_logger('odoo.sql_db'):
                move.write({'gtg_outside_series': series, 'gtg_outside_number': number,
                            'gtg_outside_date': day})
                move.flush_recordset()
            self.env.invalidate_all()

        enter(issued)
        enter(open_move, day=False)
        enter(open_move, number=False)
        enter(open_move, series='AA/12E')
        enter(open_move, number='x')
        enter(open_move, series=einvoice.number[:6], number=einvoice.number[6:])
        open_move.write({'gtg_outside_series': 'C26TQQ', 'gtg_outside_number': '7',
                         'gtg_outside_date': today})
        enter(self.make_invoice(), number='0007', error=IntegrityError)
        # a refused one that is sent again from the outbox
        refused = self.make_invoice(series=self.unknown_series())
        task = self.issue(refused)._create_task()
        self.assertEqual(task.state, 'failed')
        refused.write({'gtg_outside_series': 'C26TQQ', 'gtg_outside_number': '8',
                       'gtg_outside_date': today})
        before = len(self.sandbox.calls('sinvoice'))
        task.action_retry()
        self.drain('create_invoice')
        self.assertEqual(task.state, 'failed')
        self.assertIn('issued elsewhere', task.error_text)
        self.assertEqual(len(self.sandbox.calls('sinvoice')), before)

    def issued_there_only(self):
        self.sandbox.faults('sinvoice', 'create', 'lose_response', times=1)
        move = self.make_invoice()
        einvoice = self.issue(move)
        # somebody decided that it had not been issued
        einvoice._create_task().write({'state': 'failed', 'unsure': False})
        self.change(einvoice, state='draft')
        return move, einvoice

    def test_number_is_taken_over_by_look_up(self):
        move, einvoice = self.issued_there_only()
        comparison = self.compare()
        (number,) = self.bench.created(self.sandbox)
        self.assertEqual(self.found(comparison), [('not_adopted', number)])
        comparison.difference_ids.action_adopt()
        self.drain('adopt_invoice')
        self.assertEqual(move.gtg_einvoice_number, number)
        self.assertEqual(einvoice._create_task().state, 'done')
        move.action_gtg_issue()
        self.drain('create_invoice')
        self.assertEqual(self.bench.created(self.sandbox), [number])
        self.assertFalse(self.compare().difference_ids)

    def test_what_waited_when_it_was_taken_over_is_not_sent(self):
        move, einvoice = self.issued_there_only()
        self.compare()
        einvoice.action_adopt()
        task = einvoice._create_task()
        task.write({'state': 'queued', 'attempt': 0})
        self.drain('adopt_invoice')
        self.assertEqual(task.state, 'done')
        # a drain that had taken it before sends nothing either, and alarms nobody
        task.write({'state': 'queued', 'attempt': 0})
        self.drain('create_invoice')
        self.assertEqual(task.state, 'done')
        self.assertFalse(einvoice.activity_ids)
        self.assertEqual(self.bench.created(self.sandbox), [move.gtg_einvoice_number])

    def test_proof_of_what_the_provider_has_is_not_deleted(self):
        move, einvoice = self.issued_there_only()
        difference = self.compare().difference_ids
        (number,) = self.bench.created(self.sandbox)
        for change in (move.button_draft, move.button_cancel, einvoice.unlink):
            with self.assertRaisesRegex(UserError, number):
                change()
        difference.settled = True
        move.button_draft()
        move.unlink()
        self.assertEqual((difference.number, difference.kind), (number, 'not_adopted'))
        self.assertFalse(difference.einvoice_id)

    def test_number_is_never_taken_from_nowhere(self):
        move = self.make_invoice(series=self.unknown_series())
        einvoice = self.issue(move)
        einvoice.action_adopt()
        self.drain('adopt_invoice')
        self.assertFalse(einvoice.number)
        self.assertFalse(self.bench.created(self.sandbox))

    def test_what_is_issued_meanwhile_is_not_accused(self):
        comparison = self.compare(drain=False)
        comparison.started_at = fields.Datetime.subtract(
            fields.Datetime.now(), seconds=5)
        self.portal()
        self.compare_listed()
        self.assertEqual((comparison.state, comparison.listed), ('done', 1))
        self.assertFalse(comparison.difference_ids)
        self.assertEqual(len(self.compare().difference_ids), 1)

    def test_what_is_being_looked_up_is_not_accused(self):
        self.sandbox.faults('sinvoice', 'create', 'lose_response', times=1)
        einvoice = self.issue(self.make_invoice())
        comparison = self.compare()
        self.assertEqual((comparison.state, comparison.listed), ('done', 1))
        self.assertFalse(comparison.difference_ids)
        # given up: a person takes the number
        einvoice._create_task().write({'state': 'failed'})
        self.assertEqual(self.compare().difference_ids.kind, 'not_adopted')

    # === PAGES === #

    def test_page_that_fails_in_the_middle_is_repeated(self):
        self.patch(const, 'LIST_ROWS', 2)
        numbers = self.portal(5)
        self.sandbox.faults('sinvoice', 'list', 'status:500', times=1, after=1)
        comparison = self.compare(drain=False)
        self.drain('list_invoices', rounds=2)
        self.assertEqual((comparison.state, comparison.listed), ('running', 2))
        self.assertFalse(comparison.difference_ids)
        self.compare_listed(rounds=5)
        self.assertEqual(comparison.state, 'done')
        self.assertEqual(self.found(comparison), sorted(
            ('unknown_here', number) for number in numbers))
        self.assertEqual(len(self.listed()), 4, 'no page was read in vain')

    def listed(self):
        return [call for call in self.sandbox.calls('sinvoice')
                if call['operation'] == 'list']

    def test_refusal_waits_for_a_person_and_goes_on_there(self):
        self.patch(const, 'LIST_ROWS', 2)
        self.portal(3)
        self.sandbox.faults('sinvoice', 'list', 'refuse', times=1, after=1,
                            key='DONOT_HAVE_PERMISSION')
        comparison = self.compare()
        self.assertEqual(comparison.gtg_task_state, 'failed')
        self.assertEqual((comparison.state, comparison.listed), ('running', 2))
        self.assertFalse(comparison.difference_ids)
        comparison.action_gtg_retry()
        self.compare_listed()
        self.assertEqual((comparison.state, comparison.listed), ('done', 3))

    def test_list_that_grows_meanwhile_is_read_again(self):
        self.patch(const, 'LIST_ROWS', 2)
        self.portal(3)
        comparison = self.compare(drain=False)
        self.drain('list_invoices', rounds=1)
        self.portal(2)
        self.compare_listed(rounds=10)
        self.assertEqual((comparison.state, comparison.listed), ('done', 5))

    def test_list_that_lacks_something_is_not_compared(self):
        self.portal(2)
        Adapter = type(self.env['gtg.einvoice.sinvoice'])
        original = Adapter._list
        self.patch(Adapter, '_list', lambda *args: replace(original(*args), total=3))
        comparison = self.compare()
        self.assertEqual((comparison.state, comparison.missing), ('incomplete', 1))
        self.assertFalse(comparison.difference_ids)

    def test_pages_that_repeat_end(self):
        self.patch(const, 'LIST_ROWS', 2)
        self.portal(2)
        Adapter = type(self.env['gtg.einvoice.sinvoice'])
        original = Adapter._list
        self.patch(Adapter, '_list', lambda adapter, account, first, last, page: replace(
            original(adapter, account, first, last, 1), total=900, more=True))
        comparison = self.compare()
        self.assertEqual(comparison.state, 'incomplete')

    def pages(self, change):
        """Let the provider list otherwise: ``change(page, number, ask)``."""
        Adapter = type(self.env['gtg.einvoice.sinvoice'])
        original = Adapter._list
        self.patch(Adapter, '_list', lambda adapter, account, first, last, number: change(
            original(adapter, account, first, last, number), number,
            lambda other: original(adapter, account, first, last, other)))

    def test_pages_that_repeat_without_a_count_are_no_whole_list(self):
        self.patch(const, 'LIST_ROWS', 2)
        self.portal(4)
        self.pages(lambda page, number, ask: replace(
            ask(1), total=None, more=True))
        comparison = self.compare()
        self.assertEqual((comparison.state, comparison.listed), ('incomplete', 2))
        self.assertFalse(comparison.difference_ids)

    def test_pages_that_repeat_up_to_the_count_are_no_whole_list(self):
        self.patch(const, 'LIST_ROWS', 2)
        self.portal(4)
        self.pages(lambda page, number, ask: replace(ask(1), more=number == 1))
        self.assertEqual(self.compare().state, 'incomplete')

    def test_rows_without_number_and_rows_twice_are_received_too(self):
        self.patch(const, 'LIST_ROWS', 2)
        self.portal(3)

        def page(page, number, ask):
            if page.more:  # one row of the next page is no document yet
                return replace(page, total=6, count=3)
            return replace(page, rows=(*page.rows, ask(1).rows[0]), total=6, count=3)

        self.pages(page)
        comparison = self.compare()
        self.assertEqual((comparison.state, comparison.listed), ('done', 3))

    def test_document_of_two_windows_is_received_in_both(self):
        self.portal()
        today = self.env['gtg.legal.deadline']._gtg_today()
        self.patch(const, 'LIST_DAYS', 1)
        Adapter = type(self.env['gtg.einvoice.sinvoice'])
        original = Adapter._list
        self.patch(Adapter, '_list_days', 1)
        self.patch(Adapter, '_list', lambda adapter, account, first, last, number: (
            original(adapter, account, today, today, number)))
        comparison = self.compare()
        self.assertEqual((comparison.state, comparison.listed), ('done', 1))
        self.assertFalse(comparison.series_names)

    def test_one_old_comparison_that_hangs_blocks_no_clean_up(self):
        hanging, sent, done = (self.compare(drain=False) for _number in range(3))
        hanging.sudo().gtg_task_ids.attempt = 3
        sent.sudo().gtg_task_ids.write({'state': 'sending', 'attempt': 1})
        done.sudo().gtg_task_ids.write({'state': 'done', 'applied': True})
        every = hanging | sent | done
        self.env.cr.execute(
            "UPDATE gtg_einvoice_comparison SET create_date = '2020-01-01' "
            'WHERE id = ANY(%s)', [every.ids])
        self.env.invalidate_all()
        self.env['gtg.einvoice.comparison']._gc_comparisons()
        self.assertEqual(every.exists(), sent)

    def test_long_period_is_asked_in_windows(self):
        self.issue(self.make_invoice())
        comparison = self.compare(days=70)
        self.assertEqual((comparison.state, comparison.listed), ('done', 1))
        self.assertEqual(len(self.listed()), 3)  # 72 days in lists of 31

    def test_list_that_kills_the_server_waits_for_a_person(self):
        move = self.make_invoice()
        move.action_gtg_issue()
        comparison = self.compare(drain=False)
        tasks = comparison.sudo().gtg_task_ids | move.gtg_einvoice_id._create_task()
        tasks.write({'state': 'sending', 'attempt': 40, 'runner': 1})
        tasks._recover_dead()
        self.assertEqual(comparison.gtg_task_state, 'failed')
        self.assertIn('server stopped', comparison.gtg_task_message)
        self.assertIn('server stopped', move.gtg_einvoice_id.activity_ids.summary)
        comparison.action_gtg_retry()
        self.compare_listed()
        self.assertEqual(comparison.state, 'done')

    # === WHO AND WHAT NOT === #

    def test_provider_without_list_is_told(self):
        self.patch(type(self.env['gtg.einvoice.sinvoice']), '_can_list', False)
        with self.assertRaisesRegex(UserError, 'no list'):
            self.compare()

    def test_period_is_checked(self):
        today = self.env['gtg.legal.deadline']._gtg_today()
        comparison = self.env['gtg.einvoice.comparison'].create({
            'account_id': self.account.id, 'first': today,
            'last': fields.Date.add(today, days=1)})
        with self.assertRaisesRegex(UserError, 'ends today'):
            comparison.action_start()

    def test_access(self):
        (number,) = self.portal()
        comparison = self.compare()
        biller = self.member('biller', 'account.group_account_invoice')
        mine = comparison.with_user(biller)
        self.assertEqual(mine.difference_ids.number, number)
        mine.difference_ids.settled = True
        with self.assertRaises(AccessError):
            mine.row_ids.write({'number': 'X'})
        reader = self.member('reader', 'account.group_account_readonly')
        with self.assertRaises(AccessError):
            comparison.with_user(reader).action_start()
        for view, model in (('list', comparison), ('form', comparison),
                            ('list', comparison.difference_ids)):
            shown = self.env[model._name].with_user(reader)
            names = shown.get_view(view_type=view)['models'][model._name]
            (row,) = shown.browse(model.ids).read(names)
            self.assertEqual(row['id'], model.id)
        self.assertEqual(comparison.with_user(reader).listed, 1)
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = self.member(
            'stranger', 'account.group_account_manager', company=other)
        for model in ('gtg.einvoice.comparison', 'gtg.einvoice.difference'):
            self.assertFalse(self.env[model].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            comparison.with_user(stranger).read(['state'])

    def test_statements_do_not_grow(self):
        def count(comparison):
            comparison.write({'state': 'comparing', 'compared_row': 0,
                              'compared_own': 0})
            comparison.difference_ids.sudo().unlink()
            return self.statements(comparison._compare_step)

        self.portal(2)
        self.issue(self.make_invoice())
        few = self.compare()
        self.portal(8)
        self.issue(self.make_invoice())
        many = self.compare()
        count(few)
        self.assertLessEqual(count(many), count(few))
