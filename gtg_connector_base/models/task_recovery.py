"""What an attempt that ended badly leaves behind, and how it is taken up again."""

import logging

from odoo import api, fields, models

from .task_drain import UNKNOWN_ROUNDS
from .transaction import CONFLICTS, LOCK_CLASS, own_transaction

_logger = logging.getLogger(__name__)


class ConnectorTask(models.Model):
    _inherit = 'gtg.connector.task'

    @api.model
    def _recover_dead(self):
        """``sending`` without a living runner becomes ``unknown``: look up first."""
        try:
            with own_transaction(self.env):
                dead = self._mark_dead()
        except CONFLICTS:
            return self.browse()  # a runner ended just now, with its outcome stored
        if dead:
            _logger.warning('tasks %s were in the air when a server died', dead.ids)
        return dead

    def _mark_dead(self):
        self.env.cr.execute("""
            SELECT id FROM gtg_connector_task task
             WHERE state = 'sending' AND NOT EXISTS (
                SELECT 1 FROM pg_locks
                 WHERE locktype = 'advisory' AND objsubid = 2
                   AND database = (SELECT oid FROM pg_database
                                    WHERE datname = current_database())
                   AND classid = %s AND objid = task.runner::oid)
               FOR UPDATE SKIP LOCKED""", (LOCK_CLASS,), log_exceptions=False)
        dead = self.browse([row[0] for row in self.env.cr.fetchall()])
        now = fields.Datetime.now()
        for task in dead:
            adapter = self._adapter_of(task)
            ending = {'state': 'unknown', 'next_try_at': max(now, fields.Datetime.add(
                task.sent_at or now, seconds=adapter._unknown_delay(task.operation)))}
            if task.attempt >= UNKNOWN_ROUNDS:
                # it may be this very call that kills: a person looks before the next
                ending = {'state': 'failed', 'ended_at': now}
            task.write({
                **ending, 'unsure': True, 'error_class': 'OutcomeUnknown',
                'error_code': False, 'error_hint': False,
                'error_text': self.env._('The server stopped during the call.')})
            if task.state == 'failed':
                self._tell_dead(task)
        return dead

    def _tell_dead(self, task):
        try:
            with self.env.cr.savepoint():
                subject = self._subject_of(task)
                if subject is not None and subject.exists():
                    subject._gtg_task_failed(task)
        except CONFLICTS:
            raise  # all of it again, in a new snapshot
        except Exception:
            _logger.exception('task %s: subject not told', task.id)
