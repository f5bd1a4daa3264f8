from odoo import api, fields, models
from odoo.exceptions import AccessError

# who may let go on what waits, beside the managers of connections
ACCOUNTANTS = 'account.group_account_invoice'


class EinvoiceAccount(models.Model):
    """Nothing is issued while the provider would refuse every invoice: no numbers left, an
    expired certificate. What waits stays asked for, and one notice tells of it."""

    _inherit = 'gtg.einvoice.account'

    pause_text = fields.Char(
        'Paused', compute='_compute_pause_text', compute_sudo=True)

    def _compute_pause_text(self):
        pauses = self.env['gtg.connector.pause']._of(self).grouped('account_id')
        for account in self:
            account.pause_text = ' '.join(
                pause._sentence() for pause in pauses.get(account.id, ())) or False

    @api.depends('pause_text')
    def _compute_next_action(self):
        result = super()._compute_next_action()
        for account in self.filtered('pause_text'):
            account.next_action = account.next_action or account.pause_text
        return result

    def action_go_on(self):
        """Button: the cause has ended. The first invoice tries it, the rest follow."""
        self._check_may_go_on()
        self.env['gtg.connector.pause']._of(self)._end()
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    def action_take_back(self):
        """Button: what waits is a draft again, to be changed or issued otherwise."""
        self._check_may_go_on()
        for pause in self.env['gtg.connector.pause']._of(self):
            tasks = pause._waiting_tasks().try_lock_for_update()
            einvoices = self.env['gtg.einvoice'].sudo().browse(tasks.mapped('res_id'))
            tasks._give_up()
            for einvoice in einvoices:
                einvoice._gtg_task_given_up('create_invoice')
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    def _check_may_go_on(self):
        self.check_access('read')
        if not (self.env.su or self.env.user.has_groups(
                f'{ACCOUNTANTS},gtg_connector_base.group_connector_manager')):
            raise AccessError(self.env._('Ask your accountant to decide this.'))

    def _gtg_paused(self, pause):
        """One notice for all that waits, in the company's books."""
        result = super()._gtg_paused(pause)
        users = self.company_id._gtg_accountants()
        # by the mail queue: a drain waits for no mail server
        self.with_context(mail_notify_force_send=False).message_post(
            subject=self.env._('E-invoices wait: %s', self.name),
            body=self.env._(
                'The provider refuses every e-invoice at the moment, so those that were '
                'asked for wait. %s', pause._sentence()),
            partner_ids=users.partner_id.ids)
        return result


class Einvoice(models.Model):
    """What waits says so itself."""

    _inherit = 'gtg.einvoice'

    def _pauses(self):
        return self.env['gtg.connector.pause']._of(self.account_id)

    def _waits_for_pause(self, pause):
        return bool(pause) and self.env._(
            '%(name)s waits, as account %(account)s is paused: %(why)s Press "Go on" on '
            'the account when that is done, or "Take back" on the e-invoice.',
            name=self.display_name, account=self.account_id.sudo().name,
            why=pause._sentence())


class ConnectorPause(models.Model):
    _inherit = 'gtg.connector.pause'

    @api.model
    def _waiting_domain(self):
        """:return: of the e-invoices that are asked for and not sent"""
        pauses = self.sudo().search([
            ('account_model', '=', 'gtg.einvoice.account'),
            ('operation', '=', 'create_invoice')])
        whole = pauses.filtered(lambda pause: not pause.lane).mapped('account_id')
        lanes = set(filter(None, pauses.mapped('lane')))
        series = lanes and self.env['gtg.einvoice.series'].sudo().search([
            ('account_id', 'in', pauses.mapped('account_id'))]).filtered(
                lambda series: series._lane() in lanes).ids or []
        return [('state', '=', 'queued'), '|', ('account_id', 'in', whole),
                ('series_id', 'in', series)]

    def _sentence(self):
        return ' '.join(filter(None, [self.text, self.hint]))


class EinvoiceBulk(models.Model):
    _inherit = 'gtg.einvoice.bulk'

    pause_text = fields.Char(compute='_compute_pause_text')

    @api.depends('asked')
    def _compute_pause_text(self):
        for bulk in self:
            bulk.pause_text = bulk.asked and ' '.join(filter(
                None, bulk._accounts().mapped('pause_text')))

    def _accounts(self):
        return self.env['gtg.einvoice.account'].search([
            ('company_id', 'in', self.company_id.ids)])

    def action_go_on(self):
        """Button: the cause of the pause has ended."""
        return self._accounts().action_go_on()
