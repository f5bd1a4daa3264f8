from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.gtg_connector_base.lib.clock import vietnam_date

from .einvoice import GATE

# once told to the tax office it is a document, too
TOLD = ('filed', 'acknowledged')


class EinvoiceErrorNotice(models.Model):
    """Notice of an error to the tax office (form 04/SS-HDDT): for wrong words only, no
    new invoice. Sent where the provider takes it, else printed and filed on its site."""

    _name = 'gtg.einvoice.error.notice'
    _inherit = ['gtg.connector.subject', 'mail.thread']
    _description = 'Error notice of an e-invoice'
    _order = 'id desc'
    _check_company_auto = True

    einvoice_id = fields.Many2one(
        'gtg.einvoice', 'E-invoice', required=True, readonly=True, index=True,
        ondelete='restrict', check_company=True)
    company_id = fields.Many2one(related='einvoice_id.company_id', store=True)
    account_id = fields.Many2one(related='einvoice_id.account_id')
    reason = fields.Char(
        required=True, help='What is wrong and how it reads correctly; the tax office '
        'reads it.')
    date = fields.Date('Day of the notice', required=True, default=lambda self: (
        vietnam_date(fields.Datetime.now())))
    state = fields.Selection([
        ('draft', 'To file'), ('queued', 'Being sent'), ('filed', 'Filed'),
        ('acknowledged', 'Acknowledged'),
    ], default='draft', required=True, readonly=True, copy=False, tracking=True)
    filed_on = fields.Date(readonly=True, copy=False)
    receipt = fields.Char(
        'Receipt of the tax office', copy=False, tracking=True,
        help='Number of the answer 01/TB-SSDT.')
    can_send = fields.Boolean(compute='_compute_can_send')

    @api.depends('einvoice_id.number')
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = f'04/SS {notice.einvoice_id.number or ""}'

    @api.depends('account_id')
    def _compute_can_send(self):
        for notice in self:
            account = notice.account_id.sudo()
            notice.can_send = bool(
                account and 'notice' in account._adapter()._can_correct)

    @api.model_create_multi
    def create(self, vals_list):
        notices = super().create(vals_list)
        # also what a default of the context has set
        if notices.filtered(lambda n: n.state != 'draft' or n.filed_on):
            notices._deny_state()
        return notices

    def write(self, vals):
        if {'state', 'filed_on'} & set(vals) and (
                self.env.context.get('gtg_state_gate') is not GATE):
            self._deny_state()
        if {'reason', 'date', 'einvoice_id'} & set(vals) and self.filtered(
                lambda notice: notice.state in TOLD or notice.state == 'queued'):
            raise UserError(self.env._(
                'A notice that was filed cannot be changed. File another one.'))
        return super().write(vals)

    def _deny_state(self):
        raise UserError(self.env._(
            'The state of a notice follows its buttons and the tax office.'))

    def _go(self, state, **values):
        """The one gate of the state."""
        self.with_context(gtg_state_gate=GATE).write({'state': state, **values})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_filed(self):
        if self.filtered(lambda notice: notice.state != 'draft'):
            raise UserError(self.env._('A notice that was filed is never deleted.'))

    # === BUTTONS === #

    def action_print(self):
        return self.env.ref('gtg_vn_einvoice.report_notice').report_action(
            self, config=False)

    def action_filed(self):
        """Button: a person has filed it on the provider's site."""
        self.check_access('write')
        for notice in self.filtered(lambda notice: notice.state == 'draft'):
            notice._gtg_filed()

    def action_acknowledged(self):
        """Button: the tax office has answered."""
        self.check_access('write')
        for notice in self.filtered(lambda notice: notice.state == 'filed'):
            if not notice.receipt:
                raise UserError(self.env._(
                    'Enter the receipt of the tax office (number of 01/TB-SSDT).'))
            notice._go('acknowledged')

    def action_send(self):
        """Button: let the provider send it; nothing is called here."""
        self.check_access('write')
        for notice in self.filtered(lambda n: n.state == 'draft' and n.can_send):
            notice._go('queued')
            task = self.env['gtg.connector.task']._enqueue(
                notice.account_id.sudo(), 'send_notice', notice,
                reference=f'{notice.einvoice_id.reference}/{notice.id}')
            if task.state == 'failed':
                task.sudo().action_retry()

    def _gtg_filed(self, receipt=None):
        self._go('filed', receipt=receipt or self.receipt,
                 filed_on=vietnam_date(fields.Datetime.now()))
        self.einvoice_id.move_id.message_post(body=self.env._(
            'Notice 04/SS was filed: %s', self.reason))

    # === OUTBOX === #

    def _gtg_task_done(self, task):
        result = super()._gtg_task_done(task)
        if self.state == 'queued':
            self._gtg_filed((task.result or {}).get('receipt'))
        return result

    def _gtg_task_failed(self, task):
        result = super()._gtg_task_failed(task)
        if self.state == 'queued' and not task.unsure:
            self._go('draft')
        self.einvoice_id._alarm(self.env._(
            'Notice 04/SS: %s', task._error_sentences()))
        return result

    def _gtg_task_settled(self, task):
        result = super()._gtg_task_settled(task)
        if self.state in ('draft', 'queued'):
            self._gtg_filed()
        return result


class Einvoice(models.Model):
    _inherit = 'gtg.einvoice'

    notice_ids = fields.One2many('gtg.einvoice.error.notice', 'einvoice_id', 'Notices 04/SS')
