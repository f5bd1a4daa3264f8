from odoo import api, fields, models

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .einvoice_exchange import ALARM_AFTER


class Einvoice(models.Model):
    """Whether an issued document has reached the tax office, and until when it must:
    the working day after its issue."""

    _name = 'gtg.einvoice'
    _inherit = ['gtg.einvoice', 'gtg.legal.deadline']

    tax_state = fields.Selection([
        ('unsent', 'Not sent'), ('pending', 'Sent'), ('accepted', 'Accepted'),
        ('rejected', 'Refused'),
    ], 'At the tax office', readonly=True, copy=False,
        help='What the provider said last. Empty: it has not said anything yet.')
    unsent = fields.Boolean(
        'Not at the tax office', compute='_compute_unsent', store=True,
        compute_sudo=True)

    @api.depends('state', 'tax_state', 'series_id.code_kind', 'series_id.in_summary')
    def _compute_unsent(self):
        for einvoice in self:
            # a code is the proof, but a cash register has it before the office looks;
            # what goes by a summary table is not sent one by one
            state, code_kind = einvoice.state, einvoice.series_id.code_kind
            valid = state in ('coded', 'corrected', 'replaced')
            einvoice.unsent = not einvoice.series_id.in_summary and (
                einvoice.tax_state == 'unsent' and (
                    valid or state in ('issued', 'waiting_code'))
                or not einvoice.tax_state and (
                    state == 'issued' or valid and code_kind == 'at_once'
                    or state in ('corrected', 'replaced') and code_kind == 'none'))

    @api.depends('state', 'unsent', 'issued_at')
    def _compute_gtg_legal_deadline(self):
        working = self.env['gtg.holiday']._working_days()
        for einvoice in self:
            waits = einvoice.unsent or einvoice.state == 'waiting_code'
            einvoice.gtg_legal_deadline = waits and einvoice.issued_at and working.next(
                vietnam_date(einvoice.issued_at))

    def _apply_poll(self, facts):
        state = facts.get('tax_state')
        if state == 'pending' and facts.get('unsent'):
            state = 'unsent'
        if state in dict(self._fields['tax_state'].selection):
            self._set_state(self.state, tax_state=state)
            if state in ('pending', 'accepted'):
                self.activity_ids.filtered(
                    lambda activity: activity.summary == self._unsent_text()).unlink()
        return super()._apply_poll(facts)

    def _plan_poll(self, push=False, late=False):
        result = super()._plan_poll(push=push, late=late)
        issued = self.issued_at
        if self.unsent and issued and fields.Datetime.now() - issued > ALARM_AFTER:
            self._alarm(self._unsent_text())
        return result

    def _unsent_text(self):
        return self.env._(
            'E-invoice %s has not reached the tax office for more than a day. Ask the '
            'provider.', self.number)
