from odoo import api, fields, models
from odoo.exceptions import UserError


class ConnectorSubject(models.AbstractModel):
    """Mixin of what tasks are about: a parcel, an order, an e-invoice."""

    _name = 'gtg.connector.subject'
    _description = 'Subject of exchange tasks'

    gtg_task_ids = fields.One2many(
        'gtg.connector.task', 'res_id', string='Exchange',
        domain=lambda self: [('res_model', '=', self._name)], readonly=True,
        groups='gtg_connector_base.group_connector_user')
    gtg_task_state = fields.Selection(
        [('busy', 'In progress'), ('failed', 'Needs you')],
        string='Exchange state', compute='_compute_gtg_task')
    gtg_task_message = fields.Char('Exchange message', compute='_compute_gtg_task')

    def _compute_gtg_task(self):
        by_subject = self._gtg_open_tasks().grouped('res_id')
        for subject in self:
            mine = by_subject.get(subject.id, self.env['gtg.connector.task'])
            # done there and not writable here needs a person too
            failed = mine.filtered(lambda task: task.state == 'failed' or (
                task.state == 'done' and task.error_text))[:1]
            busy = mine.filtered('error_text')[:1] or mine[:1]
            subject.gtg_task_state = (
                'failed' if failed else 'busy' if busy else False)
            subject.gtg_task_message = (failed or busy)._error_sentences() or False

    def action_gtg_retry(self):
        """Button: try again what failed for these records; whoever may change them
        may have them sent again."""
        self.check_access('write')
        self.env['gtg.connector.task'].sudo().search([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids),
            '|', ('state', 'in', ('failed', 'queued', 'unknown')),
            '&', ('state', '=', 'done'), ('applied', '=', False)]).action_retry()

    def _gtg_task_done(self, task):
        """A task has been carried out; ``task.result`` says with what.

        In the transaction that stores the result, and again if that fails, so it
        must be idempotent.
        """

    def _gtg_task_failed(self, task):
        """A person is needed; ``task.error_text`` and ``task.error_hint`` say why."""

    def _gtg_task_settled(self, task):
        """A person saw at the provider that the effect exists; there is no result.

        End what waited for the failed task.

        :raise UserError: the subject cannot go on without the provider's answer
        """

    def _gtg_task_given_up(self, operation):
        """A person gave up a task that has certainly had no effect; it is gone."""

    @api.ondelete(at_uninstall=False)
    def _unlink_not_in_the_air(self):
        """Nothing disappears while a provider may be acting on it."""
        tasks = self._gtg_open_tasks()
        if tasks.filtered(lambda task: task.attempt and task.state != 'failed'):
            raise UserError(self.env._(
                'This is being exchanged with a provider just now. Wait until that '
                'has ended.'))
        if tasks.filtered('unsure'):
            raise UserError(self.env._(
                'The provider may know this. Look there first and settle the failed '
                'task under "Activity".'))

    def unlink(self):
        """What was never sent is not sent any more."""
        tasks = self._gtg_open_tasks().filtered(lambda task: not task.unsure)
        result = super().unlink()
        tasks.unlink()
        return result

    def _gtg_open_tasks(self):
        return self.env['gtg.connector.task'].sudo().search([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids),
            '|', ('state', '!=', 'done'), ('applied', '=', False)])
