import json

from odoo import api, fields, models
from odoo.exceptions import MissingError, UserError
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

OPEN_STATES = ('queued', 'sending', 'unknown')


class ConnectorTask(models.Model):
    """Outbox: one row per effect at a provider, from the wish to the proof.

    Its life is drawn in docs/ARCHITECTURE.md; ``task_drain.py`` moves it.
    """

    _name = 'gtg.connector.task'
    _description = 'Exchange task'
    _order = 'id desc'
    _rec_name = 'subject_name'

    account_model = fields.Char(required=True, readonly=True)
    account_id = fields.Many2oneReference(
        model_field='account_model', required=True, readonly=True)
    account_name = fields.Char(compute='_compute_account_name')
    provider = fields.Char(readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    operation = fields.Char(required=True, readonly=True)
    operation_label = fields.Char('Task', compute='_compute_operation_label')
    res_model = fields.Char('Subject model', required=True, readonly=True)
    res_id = fields.Many2oneReference(
        'Subject', model_field='res_model', required=True, readonly=True)
    subject_name = fields.Char('About', readonly=True)
    generation = fields.Integer(default=0, readonly=True)
    reference = fields.Char(
        'Our reference', readonly=True, help="The provider's idempotency key.")
    lane = fields.Char(readonly=True, help='Tasks of one lane go one at a time.')
    payload = fields.Json(groups='base.group_system', readonly=True)
    priority = fields.Integer(default=10, readonly=True)

    state = fields.Selection(
        [('queued', 'Waiting'), ('sending', 'Sending'), ('unknown', 'Checking'),
         ('done', 'Done'), ('failed', 'Needs you')],
        default='queued', required=True, readonly=True)
    attempt = fields.Integer(default=0, readonly=True)
    runner = fields.Integer(readonly=True)
    unsure = fields.Boolean(
        readonly=True, help='An earlier attempt may have been applied: look up first.')
    applied = fields.Boolean(
        readonly=True, help='The result has been written to the subject.')
    next_try_at = fields.Datetime('Next try', readonly=True)
    sent_at = fields.Datetime('Last try', readonly=True)
    ended_at = fields.Datetime('Ended', readonly=True)
    result = fields.Json(groups='base.group_system', readonly=True)
    error_class = fields.Char(readonly=True)
    error_code = fields.Char('Code', readonly=True)
    error_text = fields.Char("Provider's answer", readonly=True)
    error_hint = fields.Char('What to do', readonly=True)

    _effect_unique = models.UniqueIndex(
        '(account_model, account_id, operation, res_model, res_id, generation)',
        'This has been requested already.')
    _due_index = models.Index(
        "(priority, next_try_at, id) WHERE state IN ('queued', 'unknown')")
    _sending_index = models.Index(
        "(account_model, account_id, lane) WHERE state = 'sending'")
    _subject_index = models.Index('(res_model, res_id)')
    _unapplied_index = models.Index(
        "(next_try_at) WHERE state = 'done' AND applied IS NOT TRUE")

    # === COMPUTES === #

    def _compute_account_name(self):
        for model, tasks in self.grouped('account_model').items():
            accounts = () if model not in self.env else (  # its addon is gone
                self.env[model].sudo().browse(tasks.mapped('account_id')).exists())
            names = {account.id: account.display_name for account in accounts}
            for task in tasks:
                task.account_name = names.get(task.account_id)

    @api.depends('operation')
    def _compute_operation_label(self):
        for task in self:
            task.operation_label = (task.operation or '').replace('_', ' ').capitalize()

    def _error_sentences(self):
        """:return: what was said against it and what to do, two sentences, or ''"""
        text, hint = self.error_text or '', self.error_hint or ''
        stop = '' if text.endswith(('.', '!', '?', ':')) else '.'
        return f'{text}{stop} {hint}' if text and hint else text or hint

    # === ENQUEUE === #

    @api.model
    def _enqueue(self, account, operation, subject, *, generation=0, reference=None,
                 lane=None, priority=10, delay=0, payload=None):
        """Ask for one effect at a provider, in the caller's transaction.

        The same account, operation, subject and generation is the same effect: asking
        twice returns the first task. Nothing is called here.

        :param account: record with the mixin ``gtg.connector.account``
        :param str operation: the adapter has ``_send_<operation>``
        :param subject: record with the mixin ``gtg.connector.subject``
        :param int generation: a new one is a new effect (after a confirmed cancel)
        :param str reference: our key at the provider, kept for life
        :param str lane: tasks of one lane of the account never run side by side
        :param int priority: smaller goes first
        :param float delay: seconds to wait before the first try
        :param dict payload: JSON data for the adapter
        :return: the task
        """
        subject.ensure_one()
        return self._enqueue_many(
            account, operation, subject, references=[reference], generation=generation,
            lane=lane, priority=priority, delay=delay, payload=payload)

    @api.model
    def _enqueue_many(self, account, operation, subjects, *, references=None,
                      generation=0, lane=None, priority=10, delay=0, payload=None):
        """`_enqueue` for many subjects of one model, in one statement.

        :param list references: our keys, in the order of the subjects
        :return: the tasks, in the order of the subjects
        """
        account.ensure_one()
        now = fields.Datetime.now()
        at = fields.Datetime.add(now, seconds=delay)
        company, uid = account.company_id.id or None, self.env.uid
        payload = json.dumps(payload) if payload is not None else None
        names = subjects.mapped('display_name')
        rows = [SQL('%s', (
            account._name, account.id, account.provider, company, operation,
            subject._name, subject.id, name, generation, reference, lane, payload,
            priority, 'queued', 0, False, False, at, uid, now, uid, now,
        )) for subject, name, reference in zip(
            subjects, names, references or [None] * len(subjects), strict=True)]
        self.env.cr.execute(SQL("""
            INSERT INTO gtg_connector_task (
                account_model, account_id, provider, company_id, operation,
                res_model, res_id, subject_name, generation, reference, lane, payload,
                priority, state, attempt, unsure, applied, next_try_at,
                create_uid, create_date, write_uid, write_date)
            VALUES %s
            ON CONFLICT (account_model, account_id, operation, res_model, res_id,
                         generation) DO NOTHING
            RETURNING res_id, id""", SQL(', ').join(rows)),
            log_exceptions=False)  # the same task at once: the loser runs again
        tasks = dict(self.env.cr.fetchall())
        subjects.invalidate_recordset(
            [name for name in ('gtg_task_state', 'gtg_task_message', 'gtg_task_ids')
             if name in subjects._fields])
        if tasks and not delay:
            self._wake()
        if len(tasks) < len(subjects):
            # sudo: who may press the button need not see the outbox
            known = self.sudo().search([
                ('account_model', '=', account._name), ('account_id', '=', account.id),
                ('operation', '=', operation), ('res_model', '=', subjects._name),
                ('res_id', 'in', subjects.ids), ('generation', '=', generation)])
            tasks.update((task.res_id, task.id) for task in known)
        return self.browse(tasks[subject.id] for subject in subjects)

    # === PEOPLE === #

    def action_retry(self):
        """Button: try failed tasks again, one or hundreds; others are left alone."""
        self.check_access('read')
        # lock, then look at the state: two people may click at once
        tasks = self.sudo().try_lock_for_update()
        failed = tasks.filtered_domain([('state', '=', 'failed')])
        for unsure, group in failed.grouped('unsure').items():
            group.write({
                'state': 'unknown' if unsure else 'queued', 'attempt': 0,
                'ended_at': False})
        tasks.filtered_domain([
            '|', ('state', 'in', ('queued', 'unknown')),
            '&', ('state', '=', 'done'), ('applied', '=', False),
        ]).write({'next_try_at': fields.Datetime.now()})
        self._wake()

    def action_mark_done(self):
        """Button: a person saw at the provider that the effect exists."""
        self._check_manager()
        tasks = self.sudo().try_lock_for_update()
        if len(tasks) < len(self):
            raise UserError(self.env._(
                'This is being looked up at the provider just now. Wait a moment.'))
        for task in tasks.filtered_domain([('state', '=', 'failed')]):
            task.write({
                'state': 'done', 'applied': True, 'unsure': False,
                'ended_at': fields.Datetime.now()})
            subject = task._subject_of(task)
            if subject is not None and subject.exists():
                subject._gtg_task_settled(task)

    def action_send_again(self):
        """Button: a person made sure that the provider does not know the effect."""
        self._check_manager()
        self.sudo().filtered(lambda task: task.state == 'failed').write({
            'unsure': False})
        self.action_retry()

    def action_cancel(self):
        """Button: give up a task that has certainly had no effect."""
        self._check_manager()
        told = [(task._subject_of(task), task.operation) for task in self.sudo()]
        self._give_up()
        for subject, operation in told:
            if subject is not None and subject.exists():
                subject._gtg_task_given_up(operation)

    def _give_up(self):
        """:raise UserError: one of them may have had an effect"""
        if self.sudo().filtered(
                lambda task: task.state not in ('queued', 'failed') or task.unsure):
            raise UserError(self.env._(
                'Only tasks that have certainly not been carried out can be given up. '
                'Look at the provider first.'))
        self.sudo().unlink()

    def action_open_subject(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': self.res_model,
            'res_id': self.res_id, 'views': [(False, 'form')]}

    def _check_manager(self):
        if not (self.env.su or self.env.user.has_group(
                'gtg_connector_base.group_connector_manager')):
            raise UserError(self.env._('Ask a connector manager to decide this.'))

    # === SERVICES === #

    def _account_of(self, row):
        """The account, as the superuser in the account's company sees it.

        :param row: the task, or the claimed row with the same names
        """
        company = row.company_id
        return self.env[row.account_model].sudo().with_company(company).browse(
            row.account_id)

    def _adapter_of(self, row):
        """The account's adapter; the plain one if account or addon are gone."""
        try:
            return self._account_of(row)._adapter()
        except (KeyError, MissingError):
            return self.env['gtg.connector.adapter']

    def _subject_of(self, row):
        """The subject record; None if its addon was uninstalled."""
        if row.res_model not in self.env:
            return None
        return self.env[row.res_model].sudo().with_company(row.company_id).browse(
            row.res_id)

    @api.autovacuum
    def _gc_done(self):
        """Delete tasks done long ago; failed ones stay until somebody decides."""
        days = int(self.env['ir.config_parameter'].sudo().get_param(
            'gtg_connector.keep_tasks_days', 90))
        self.sudo().search([
            ('state', '=', 'done'), ('applied', '=', True),
            ('ended_at', '<', fields.Datetime.subtract(fields.Datetime.now(), days=days)),
        ], limit=GC_UNLINK_LIMIT).unlink()
