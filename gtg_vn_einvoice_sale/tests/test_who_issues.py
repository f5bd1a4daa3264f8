from datetime import timedelta

from odoo import SUPERUSER_ID, Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .test_orders import OrderCase

STAFF = 'gtg_order_flow.group_shop_staff'
ISSUES = 'gtg_vn_einvoice_sale.group_issue_einvoice'


@tagged('post_install', '-at_install')
class TestWhoIssues(OrderCase):
    """A click makes a legal document only for whom that is meant, and never beside the
    platform that issues by itself."""

    def member(self, login, *groups, company=None):
        company = company or self.company
        return new_test_user(
            self.env, login, groups=','.join(groups), company_id=company.id,
            company_ids=[Command.set(company.ids)])

    def created(self):
        self.drain('create_invoice')
        return self.bench.created(self.sandbox)

    def held_order(self):
        """Delivered, and not invoiced because of a tax code that is right since."""
        self.buyer.vat = '0101243151'
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.buyer.vat = '0101243150'
        self.assertEqual(order.gtg_next_action, 'invoice')
        return order

    def refuses(self, order, user, error='needs the right'):
        with self.assertRaisesRegex(AccessError, error):
            order.with_user(user).action_gtg_invoice()
        self.assertEqual(self.created(), [])

    # === RIGHTS === #

    def test_staff_and_manager_do_not(self):
        order = self.held_order()
        for login, group in (('staff', STAFF),
                             ('boss', 'gtg_order_flow.group_shop_manager')):
            user = self.member(login, group)
            self.refuses(order, user)
            with self.assertRaisesRegex(AccessError, 'needs the right'):
                order.with_user(user).action_gtg_next()
            lines = self.invoice_many(order.with_user(user)).line_ids
            self.assertEqual(lines.state, 'failed')
            self.assertIn('needs the right', lines.message)
        self.assertTrue(order.gtg_open_hold_ids, 'it waits for the accountant')

    def test_staff_with_the_right_does(self):
        order = self.held_order()
        order.with_user(self.member('staff', STAFF, ISSUES)).action_gtg_next()
        self.assertEqual(self.created(), [order.gtg_einvoice_number])
        self.assertFalse(order.gtg_open_hold_ids)

    def test_invoicing_does(self):
        order = self.held_order()
        biller = self.member('biller', 'account.group_account_invoice')
        order.with_user(biller).action_gtg_invoice()
        self.assertEqual(self.created(), [order.gtg_einvoice_number])

    def test_the_rule_does_whoever_packs(self):
        order = self.make_order()
        order.with_user(self.member('staff', STAFF)).gtg_delivered_at = (
            fields.Datetime.now())
        self.assertEqual(self.created(), [order.gtg_einvoice_number])

    def test_retry_of_a_refusal_needs_it_too(self):
        order, _series = self.refused_order()
        hold = order.gtg_open_hold_ids
        self.assertTrue(hold.can_retry)
        with self.assertRaisesRegex(AccessError, 'needs the right'):
            hold.with_user(self.member('staff', STAFF)).action_retry()
        self.assertEqual(order.gtg_einvoice_state, 'draft')

    def test_the_send_dialog_needs_invoicing(self):
        self.company.gtg_auto_einvoice = False
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        move = order.invoice_ids
        staff = self.member('staff', STAFF)
        boxes = {'gtg_einvoice': {'checked': True}}
        dialog = self.env['account.move.send.wizard'].with_context(
            active_model='account.move', active_ids=move.ids)
        self.assertIn('gtg_einvoice', dialog.create({}).extra_edi_checkboxes)
        theirs = dialog.with_user(staff).create({})
        self.assertNotIn('gtg_einvoice', theirs.extra_edi_checkboxes or {})
        theirs.write({'sending_methods': [], 'extra_edi_checkboxes': boxes})
        with self.assertRaisesRegex(UserError, 'cannot be issued yet'):
            theirs.action_send_and_print()
        send = self.env['account.move.send'].with_user(SUPERUSER_ID)
        for user in (staff, self.env.user):  # many at once: core's cron sends them
            self.assertEqual(self.created(), [])
            move.sending_data = {'author_user_id': user.id, 'sending_methods': []}
            send._generate_and_send_invoices(
                move.with_user(SUPERUSER_ID), from_cron=True)
        self.assertEqual(len(self.created()), 1)

    def test_strangers_do_not(self):
        order = self.held_order()
        portal = self.member('portal', 'base.group_portal')
        order.partner_id = portal.partner_id  # even of an order of one's own
        self.refuses(order, portal, 'not allowed')
        other = self.env['res.company'].create({'name': 'Other'})
        stranger = self.member('stranger', STAFF, ISSUES,
                             'account.group_account_manager', company=other)
        self.refuses(order, stranger, 'company|access')

    # === THE PLATFORM ISSUES === #

    def test_the_platform_issues_alone(self):
        self.channel.gtg_invoiced_elsewhere = True
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        move = order.invoice_ids
        self.assertEqual(move.state, 'posted', 'the books')
        self.assertFalse(order.gtg_open_hold_ids)
        with self.assertRaisesRegex(UserError, 'the platform issues'):
            order.action_gtg_invoice()
        self.assertFalse(move.gtg_einvoice_possible)
        with self.assertRaisesRegex(UserError, 'the platform issues'):
            move.action_gtg_issue()
        self.assertIn('the platform issues', move._gtg_issue_many()[move])
        line = self.invoice_many(order).line_ids
        self.assertEqual(line.state, 'failed')
        self.assertIn('the platform issues', line.message)
        dialog = self.env['account.move.send.wizard'].with_context(
            active_model='account.move', active_ids=move.ids).create({})
        self.assertNotIn('gtg_einvoice', dialog.extra_edi_checkboxes or {})
        self.assertEqual(self.created(), [])
        self.channel.gtg_invoiced_elsewhere = False
        move.action_gtg_issue()
        self.assertEqual(len(self.created()), 1)

    def test_an_order_of_the_platform_in_a_common_invoice(self):
        platform = self.channel.copy({
            'code': 'platform_test', 'gtg_invoiced_elsewhere': True})
        self.company.gtg_auto_invoice = False
        orders = self.make_order() | self.make_order(gtg_channel_id=platform.id)
        move = orders._create_invoices(final=True)
        self.assertEqual(len(move), 1)
        move.action_post()
        with self.assertRaisesRegex(UserError, orders[1].name):
            move.action_gtg_issue()

    def test_what_was_ours_before_is_corrected_by_us(self):
        order = self.make_order()
        order.gtg_delivered_at = fields.Datetime.now()
        self.drain('create_invoice')
        einvoice = order.invoice_ids.gtg_einvoice_id
        self.bench.approve(self.sandbox, einvoice)
        self.drain('poll_code')
        self.channel.gtg_invoiced_elsewhere = True
        note = order.invoice_ids._reverse_moves([{'invoice_date': False}])
        note.gtg_agreement_ref, note.gtg_agreed_on = 'BB-1', fields.Date.today()
        note.action_post()
        self.assertNotIn('the platform issues', str(note._gtg_einvoice_problems()))

    # === THE DAY OF THE SALE === #

    def test_the_rate_is_of_the_day_of_the_sale(self):
        """As on 2 January: sold on 31 December, when 8 % were law."""
        now = fields.Datetime.now()
        yesterday = vietnam_date(now) - timedelta(days=1)
        self.env.ref('gtg_vn_einvoice.vat_rate_8').valid_until = yesterday
        order = self.make_order()
        order.gtg_delivered_at = now - timedelta(days=1)
        self.assertEqual(self.created(), [order.gtg_einvoice_number])
        move = order.invoice_ids
        self.assertEqual(move.invoice_date, vietnam_date(now))
        self.bench.approve(self.sandbox, move.gtg_einvoice_id)
        self.drain('poll_code')
        note = move._reverse_moves([{'invoice_date': False}])
        note.action_post()
        self.assertNotIn('is not law', str(note._gtg_einvoice_problems()))
        sold_today = self.make_order()
        sold_today.gtg_delivered_at = now
        self.assertIn('is not law', sold_today.gtg_open_hold_ids.note)
        self.assertEqual(len(self.created()), 1)

    def test_an_early_invoice_does_not_save_the_rate(self):
        """Invoiced on 30 December, when 8 % were law; handed over in January."""
        now = fields.Datetime.now()
        before = vietnam_date(now) - timedelta(days=2)
        self.env.ref('gtg_vn_einvoice.vat_rate_8').valid_until = before
        self.goods.type = 'consu'
        order = self.make_order()
        move = order._create_invoices()
        move.invoice_date = before
        move.action_post()
        self.assertIn('is not law', str(move._gtg_einvoice_problems()), 'nothing left')
        order.gtg_delivered_at = now
        self.assertIn('is not law', str(move._gtg_einvoice_problems()), 'today')
        self.assertEqual(self.created(), [])
        order.gtg_delivered_at = now - timedelta(days=2)
        self.assertNotIn('is not law', str(move._gtg_einvoice_problems()))
