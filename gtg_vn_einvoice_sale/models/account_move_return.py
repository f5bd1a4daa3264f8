from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Credit notes of returns become adjustments by the setting of the invoices."""

    _inherit = 'account.move'

    def _post(self, soft=True):
        posted = super()._post(soft)
        notes = posted.filtered(lambda move: move.move_type == 'out_refund')
        for note in notes._gtg_returns().credit_note_ids & notes:
            note._gtg_adjust_or_tell()
        return posted

    def _gtg_returns(self):
        return self.env['gtg.order.return'].sudo().search([
            ('credit_note_ids', 'in', self.ids)])

    def _gtg_adjustment_due(self):
        """Whether this credit note of a return still waits for its e-invoice."""
        self.ensure_one()
        note = self.sudo()
        return bool(
            note.move_type == 'out_refund' and note.state == 'posted'
            and note.gtg_original_id.number and note._gtg_kind() == 'adjust'
            and note.gtg_einvoice_state in (False, 'draft') and note._gtg_returns())

    def _gtg_adjust_or_tell(self):
        """Ask for the adjustment, or say who has to; posting must not fail by it."""
        self.ensure_one()
        if not self._gtg_adjustment_due():
            return
        note = self.sudo()
        order = note._gtg_returns().order_id[:1]
        if order._gtg_invoice_setting('auto_einvoice'):
            order._gtg_try_einvoice(note._gtg_issue_einvoice)
        if not note.gtg_einvoice_id:
            note.gtg_original_id._alarm(self.env._(
                'Goods of e-invoice %(number)s came back. Press "Issue e-invoice" on '
                'credit note %(note)s.', number=note.gtg_original_id.number,
                note=note.name))

    def _gtg_agreement_exempt(self):
        """A return has its papers; on marketplaces the law wants no agreement."""
        returns = self.sudo()._gtg_returns() if self.ids else None
        if returns:
            name = ', '.join(returns.mapped('name'))
            return self.env._('Return %s is the paper that is kept.', name), name
        orders = self._gtg_sale_orders() or (
            self.gtg_original_id.sudo().move_id._gtg_sale_orders())
        if orders and all(
                order.gtg_channel_id._gtg_needs_no_agreement() for order in orders):
            name = ', '.join(order.gtg_channel_ref or order.name for order in orders)
            return self.env._(
                'Sold on a digital platform: the law wants no written agreement.'), name
        return super()._gtg_agreement_exempt()


class OrderReturn(models.Model):
    _inherit = 'gtg.order.return'

    def _gtg_after_refunded(self):
        """The payment provider gave the money back: nobody has made a credit note."""
        result = super()._gtg_after_refunded()
        for one in self:
            order = one.order_id
            notes = one.credit_note_ids
            if one.set_against:  # made when the rest was asked for, not posted yet
                notes = notes.filtered(lambda note: note.state == 'posted')
            if notes or not one.amount or not (
                order._gtg_invoice_setting('auto_invoice')
                and order._gtg_invoice_setting('auto_einvoice')
                and order.invoice_ids.gtg_einvoice_id.filtered('number')
            ):
                continue
            order._gtg_try_einvoice(one._gtg_credit_by_itself)
        return result

    def _gtg_credit_by_itself(self):
        """Credit note over what came back, confirmed.

        :raise UserError: the money differs from the goods: a person decides
        """
        notes = self._gtg_credit_notes().with_context(tz='Asia/Ho_Chi_Minh')
        worth = sum(notes.mapped('amount_total'))
        money = self.amount + self.set_against
        if self.currency_id.compare_amounts(worth, money):
            raise UserError(self.env._(
                'Return %(name)s: %(money)s was given back for goods of %(worth)s. Make '
                'the credit note yourself and issue it.', name=self.name,
                money=self.currency_id.format(money),
                worth=self.currency_id.format(worth)))
        notes.action_post()


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def action_gtg_invoice(self):
        """Next step: what waits is the adjustment, if goods came back."""
        self._gtg_check_may_issue()
        due = self.env['sale.order']
        for order in self:
            notes = order.sudo().invoice_ids.filtered(
                lambda move: move._gtg_adjustment_due())
            if notes:
                for note in notes:
                    note._gtg_issue_einvoice()
                order._gtg_release('einvoice')
                due |= order
        return super(SaleOrder, self - due).action_gtg_invoice()


class CancelRequest(models.Model):
    _inherit = 'gtg.cancel.request'

    def _gtg_how_by_hand(self):
        text = super()._gtg_how_by_hand()
        asked = self.order_id._gtg_asked_einvoices()
        if not asked:
            return text
        return self.env._(
            '%(how)s. Correct the e-invoice %(number)s too.', how=text,
            number=', '.join(asked.mapped('display_name')))
