from odoo import api, fields, models
from odoo.exceptions import UserError


class EinvoiceRefused(models.TransientModel):
    """The tax office has refused an e-invoice: only a person knows why and what now."""

    _name = 'gtg.einvoice.refused'
    _description = 'Refused e-invoice'

    einvoice_id = fields.Many2one(
        'gtg.einvoice', 'E-invoice', required=True, readonly=True, ondelete='cascade')
    tax_message = fields.Char(related='einvoice_id.tax_message', related_sudo=False)
    accepted_late = fields.Boolean(
        related='einvoice_id.accepted_late', related_sudo=False)
    chosen = fields.Selection(
        related='einvoice_id.refused_choice', related_sudo=False)
    can_correct = fields.Boolean(compute='_compute_can')
    can_give_up = fields.Boolean(compute='_compute_can')
    can_go_unasked = fields.Boolean(compute='_compute_can')
    reason = fields.Char(help='Kept in the history of the invoice.')

    @api.depends('einvoice_id')
    def _compute_can(self):
        for wizard in self:
            einvoice = wizard.einvoice_id.sudo()
            open_ = einvoice.state == 'refused' and not (
                einvoice.given_up or einvoice.refused_choice)
            # without code: it was issued by law, whatever the office says of its data
            wizard.can_give_up = open_ and einvoice.code_kind != 'none'
            wizard.can_go_unasked = einvoice._cannot_be_asked()
            wizard.can_correct = (
                open_ and einvoice.refused_stands and not einvoice.original_id
                and bool(einvoice.account_id._adapter()._can_correct))

    def action_ask(self):
        """Button: the data was corrected at the provider."""
        einvoice = self._einvoice()
        einvoice._lock_refused()
        einvoice._tell_choice('ask', self.reason)
        einvoice.action_ask_code()

    def action_anew(self):
        """Button: another e-invoice with the same data and a new number."""
        self._give_up('anew')

    def action_change(self):
        """Button: the invoice is changed, credited or issued elsewhere instead."""
        self._give_up('change')

    def action_undecide(self):
        """Button: the decision is taken back before it is done."""
        self._einvoice()._take_choice_back(self.reason)

    def action_unasked(self):
        """Button: the provider gives no answer; a person knows that it is refused."""
        self._einvoice(needs_reason=True)._do_unasked(self.reason)

    def action_correct(self):
        """Button: it stands, so it is adjusted or replaced."""
        einvoice = self._einvoice()
        if not self.can_correct:
            raise UserError(self.env._(
                'Only what needs no code of the tax office can be corrected while it is '
                'refused. Issue it anew instead.'))
        if self.reason:
            einvoice._tell_choice('correct', self.reason)
        return self.einvoice_id.action_correct()

    def action_counts(self):
        """Button: of two documents the first one counts; the other was never made."""
        self._einvoice(needs_reason=True)._end_twice(True, self.reason)

    def action_settled(self):
        """Button: of two documents one was corrected."""
        self._einvoice(needs_reason=True)._end_twice(False, self.reason)

    def _give_up(self, choice):
        einvoice = self._einvoice(needs_reason=True)
        if einvoice.code_kind == 'none':
            raise UserError(self.env._(
                '%s needs no code, so it was issued all the same. Adjust or replace it.',
                einvoice.display_name))
        einvoice._choose(choice, self.reason)

    def _einvoice(self, needs_reason=False):
        self.ensure_one()
        self.einvoice_id.check_access('write')
        if needs_reason and not (self.reason or '').strip():
            raise UserError(self.env._('Reason: say why.'))
        return self.einvoice_id.sudo()
