"""How the provider's answers reach their subjects when that is not part of storing them.

The answer is in the task's row (``done``, not ``applied``) before its subject sees it, so
nothing is lost whatever dies in between: who comes next applies it.
"""

import logging
import time

from odoo import api, fields, models

from .transaction import CONFLICTS, contained, own_transaction

_logger = logging.getLogger(__name__)

TOGETHER, TOGETHER_SECONDS = 20, 2.0  # results that wait for one transaction, at most


class ConnectorTask(models.Model):
    _inherit = 'gtg.connector.task'

    @api.model
    def _apply_pending(self):
        """Write known results to their subjects that could not be written before."""
        self.search([
            ('state', '=', 'done'), ('applied', '=', False),
            ('next_try_at', '<=', fields.Datetime.now())], limit=50)._apply_each()

    def _may_wait(self, stored, attempt):
        """Whether what is stored may wait while this attempt runs, however long."""
        return (
            len(stored) < TOGETHER
            and time.monotonic() - stored[0].stored < TOGETHER_SECONDS
            and self._adapter_of(attempt)._applies_together(attempt.operation))

    def _apply_stored(self, stored, ended):
        """
        :param list stored: attempts, emptied
        :param set ended: gets (model, id) of their subjects
        """
        self.browse(attempt.id for attempt in stored)._apply_together()
        ended.update((attempt.res_model, attempt.res_id) for attempt in stored)
        stored.clear()

    def _apply_together(self):
        """Write results to their subjects in one transaction: what they read and store
        alike costs one statement for all. One that fails must not stop the others."""
        if not self:
            return
        try:
            with own_transaction(self.env):
                self._apply()
        except CONFLICTS:
            self._apply_each()
        except Exception:
            _logger.info('tasks %s: results are applied one by one', self.ids)
            self._apply_each()

    def _apply_each(self):
        for task in self:
            # what is left for later: the next run
            with contained(self.env, _logger, 'Apply the result of task %s',
                           task.id) as turn:
                task._apply()
            if turn.error:
                self._postpone_apply(task, turn.error)

    def _apply(self):
        """In the caller's transaction. What another shard is at, or was, is left out."""
        tasks = self.try_lock_for_update()
        tasks.invalidate_recordset()  # as they are under the lock
        tasks = tasks.filtered(lambda task: task.state == 'done' and not task.applied)
        for _key, group in tasks.grouped(
                lambda task: (task.res_model, task.company_id)).items():
            for task, subject in group._with_subjects():
                subject._gtg_task_done(task)
        for task in tasks:
            task.write({'applied': True, 'error_text': False,
                        'result': self._adapter_of(task)._kept(task.result)})

    def _with_subjects(self):
        """:return: [(task, subject)] of one model and company, read ahead together,
            where the subject still exists"""
        subject = self._subject_of(self[0])
        if subject is None:
            return []
        subjects = subject.browse(self.mapped('res_id')).exists()
        by_id = {one.id: one for one in subjects}
        return [(task, by_id[task.res_id]) for task in self if task.res_id in by_id]

    def _postpone_apply(self, task, error):
        try:
            with own_transaction(self.env):
                task.write({
                    'error_text': self.env._(
                        'Done at the provider, but not written here yet: %s', error),
                    'next_try_at': fields.Datetime.add(
                        fields.Datetime.now(), minutes=5)})
        except CONFLICTS:
            _logger.info('task %s is being changed elsewhere', task.id)
