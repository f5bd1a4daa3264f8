import logging

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

_logger = logging.getLogger(__name__)

# holds that say that amounts, articles or the buyer are not certain
DOUBTS = ('total_mismatch', 'unmatched_sku', 'invoice_buyer')
ISSUE_GROUP = 'gtg_vn_einvoice_sale.group_issue_einvoice'


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    gtg_einvoice_number = fields.Char(
        'E-invoice', compute='_compute_gtg_einvoice', compute_sudo=True)
    gtg_einvoice_state = fields.Selection(
        lambda self: self.env['gtg.einvoice']._fields['state'].selection,
        'E-invoice state', compute='_compute_gtg_einvoice', compute_sudo=True)

    def _compute_gtg_einvoice(self):
        for order in self:
            einvoices = order.invoice_ids.gtg_einvoice_id
            order.gtg_einvoice_number = ', '.join(
                filter(None, einvoices.mapped('number')))
            order.gtg_einvoice_state = einvoices[:1].state

    # === WHEN === #

    def _gtg_after_shipped(self):
        result = super()._gtg_after_shipped()
        self._gtg_invoice_due('shipped')
        return result

    def _gtg_after_delivered(self):
        result = super()._gtg_after_delivered()
        self._gtg_invoice_due('delivered')
        return result

    def _gtg_after_completed(self):
        result = super()._gtg_after_completed()
        self._gtg_invoice_due('completed')
        return result

    def _gtg_invoice_due(self, event):
        """Invoice those orders whose channel or company wants it at this event."""
        for order in self:
            if order.gtg_return_state in ('returned', 'lost'):
                continue  # what was taken back is not sold anew
            order._gtg_keep_left()
            if order._gtg_is_left_to_others() or not order._gtg_is_chosen():
                continue  # a person invoices it, or the cash register
            if order._gtg_invoice_setting('invoice_trigger') == event and (
                order._gtg_invoice_setting('auto_invoice')
            ) and (not order._gtg_corrections() or order._gtg_never_invoiced()):
                order._gtg_invoice_or_hold()

    def _gtg_invoice_setting(self, name):
        """The channel's choice, else the company's.

        :param str name: field name without prefix
        """
        self.ensure_one()
        chosen = self.gtg_channel_id[f'gtg_{name}'] or self.company_id[f'gtg_{name}']
        return {'yes': True, 'no': False}.get(chosen, chosen)

    # === WHAT COMES AFTERWARDS === #

    def write(self, vals):
        result = super().write(vals)
        if vals.get('gtg_return_state') in ('returned', 'lost') or (
                vals.get('gtg_refunded_at')):
            self._gtg_tell_accountant()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self._gtg_tell_accountant()
        return result

    def _gtg_tell_accountant(self):
        """The sale was undone and its e-invoice stands: only a person corrects it."""
        for einvoice in self.sudo().invoice_ids.gtg_einvoice_id:
            if einvoice._gtg_says_sold():
                einvoice.sale_undone = True
                einvoice._alarm(self.env._(
                    'The sale of e-invoice %s was cancelled, returned or refunded. '
                    'Correct the e-invoice: adjust or replace it.',
                    einvoice.display_name))

    # === HOW === #

    def action_gtg_invoice(self):
        """Next step: make the invoice, confirm it, issue the e-invoice."""
        self._gtg_check_may_issue()
        for order in self:
            problem = order._gtg_elsewhere_problem()
            if problem:
                raise UserError(problem)
            order.sudo()._gtg_invoice(issue=True)
            for einvoice in order._gtg_refused_einvoices():
                raise UserError(einvoice.refusal)
            order._gtg_release('einvoice')
        return True

    def _gtg_refused_einvoices(self):
        """:return: what the tax office has refused and nobody has decided about"""
        return self.sudo().invoice_ids.filtered(
            lambda move: move.move_type == 'out_invoice' and not move._gtg_kind()
        ).gtg_einvoice_id.filtered(lambda einvoice: einvoice.state == 'refused')

    def action_gtg_refused(self):
        """Next step: whoever keeps the books decides, others hear what is wrong."""
        einvoice = self._gtg_refused_einvoices()[:1]
        if self.env.user.has_group('account.group_account_invoice'):
            return einvoice.sudo(False).action_refused()
        raise UserError(einvoice.refusal)

    def _gtg_check_may_issue(self):
        """A click that makes a legal document needs its own right; what the settings
        do by themselves does not.

        :raise AccessError: for whom the click is not meant
        """
        self.check_access('write')
        if not self.env.su and not self.env.user.has_group(ISSUE_GROUP):
            raise AccessError(self.env._(
                'Issuing e-invoices needs the right "Issue e-invoices of orders", which '
                'everybody of Invoicing has. Ask your accountant to issue it, or your '
                'administrator for the right.'))

    def _gtg_elsewhere_problem(self):
        """:return: why nothing of ours may issue for this order, or None"""
        self.ensure_one()
        channel = self.gtg_channel_id.sudo()
        if not channel.gtg_invoiced_elsewhere:
            return self.env._(
                '%s: our cash register issues the invoice of this sale. One sale has one '
                'e-invoice. If it does not, tick "Buyer wants an invoice" on the order.',
                self.name) if self.sudo()._gtg_is_left_to_others() else None
        return self.env._(
            '%(order)s: on %(channel)s the platform issues the invoices. One sale has one '
            'e-invoice. If that is not so, untick "The platform issues the invoices" on '
            'the channel.', order=self.name, channel=channel.name)

    def _gtg_invoice_or_hold(self, issue=None):
        """What must not fail: a delivery is true whatever the invoice does."""
        self._gtg_try_einvoice(lambda: self.sudo()._gtg_invoice(issue))

    def _gtg_try_einvoice(self, step):
        """Whatever goes wrong with the e-invoice holds the order and stops nothing.

        :param step: function without arguments
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                step()
        except CONFLICTS:
            raise
        except Exception as error:
            _logger.info('order %s: no e-invoice', self.name,
                         exc_info=not isinstance(error, UserError))
            self._gtg_hold('einvoice', str(error))

    def _gtg_invoice(self, issue):
        """The invoice of the order, confirmed, and its e-invoice asked for.

        Idempotent: what exists is taken up where it stands.

        :param issue: ask for the e-invoice too; None: if the rule wants it
        :raise UserError: what is wrong, and how to correct it
        """
        self.ensure_one()
        self._gtg_check_invoice()
        # the books' date is Vietnam's, as the law's: drains run without a time zone
        order = self.with_company(self.company_id).with_context(tz='Asia/Ho_Chi_Minh')
        # what is only less than invoiced is credited on the invoice, by a person
        if any(line.qty_to_invoice > 0
               for line in order._get_invoiceable_lines(final=True)) and not (
                   order._gtg_is_only_returned()):
            order._gtg_check_not_corrected()
            order._gtg_check_made(order._create_invoices(final=True))
        invoices = order.invoice_ids.filtered(  # corrections are a person's work
            lambda m: m.move_type == 'out_invoice' and not m._gtg_kind())
        if not invoices and not order.currency_id.is_zero(order.amount_total):
            raise UserError(self.env._('%s: there is nothing to invoice yet.', self.name))
        # what forbids the e-invoice is told here, and undoes what was made
        invoices.filtered(lambda move: move.state == 'draft').with_context(
            gtg_issue_later=True).action_post()
        for move in invoices.filtered(lambda m: m.state == 'posted'):
            if not (move._gtg_issue_rule() if issue is None else issue):
                continue
            if (not move.gtg_einvoice_id or move.gtg_einvoice_state == 'draft') and not (
                    move._gtg_is_undone() or move.gtg_outside_key):
                move._gtg_issue_einvoice()

    def _gtg_doubts(self):
        """:return: open holds that forbid a legal invoice"""
        return self._gtg_open_holds().filtered(
            lambda hold: hold.reason_id.code in DOUBTS)

    def _gtg_check_invoice(self):
        """Never a legal invoice of amounts in doubt, or of goods that have not left.

        :raise UserError: what must be decided before
        """
        doubts = self._gtg_doubts()
        if doubts:
            raise UserError(doubts[0]._gtg_sentence())
        late = self.order_line.filtered(
            lambda line: line.product_id.type == 'consu' and not line.display_type
            and line.product_id.invoice_policy == 'delivery'
            and line.qty_delivered < line.product_uom_qty)
        if not late or self.gtg_return_state:
            return
        if self._gtg_left_in_part():
            late._gtg_check_kept()
        else:
            raise UserError(self.env._(
                '%(order)s: %(product)s has not left the stock in Odoo. Validate the '
                'delivery, then issue the e-invoice.',
                order=self.name, product=late[0].product_id.display_name))

    # === NEXT STEP === #

    def _gtg_next_action(self):
        code = super()._gtg_next_action()
        if code == 'end_hold' and 'einvoice' in self.gtg_open_hold_ids.reason_id.mapped(
                'code') and len(self.gtg_open_hold_ids) == 1 and all(
                    move._gtg_adjustment_due() for move in self._gtg_corrections()):
            return 'refused' if self._gtg_refused_einvoices() else 'invoice'
        return code

    def _gtg_next_actions(self):
        return {
            **super()._gtg_next_actions(),
            'invoice': (self.env._('Issue the e-invoice'), 'action_gtg_invoice'),
            'refused': (self.env._('Tax office refused: decide'), 'action_gtg_refused')}
