"""The outbox drain: claim one task, commit, call, commit the outcome.

Two commits and three statements per call (claim, read the account, store) beside what
adapter and subject need. The order is the whole point: the row says ``sending`` on
disk before the first byte leaves, so that whatever dies later leaves a row that says
"look first".
"""

import json
import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import MissingError, UserError

from ..lib import backoff
from ..lib.attempt import Attempt
from ..lib.errors import (
    AuthExpired,
    Blocked,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Retryable,
)
from ..lib.text import line, storable
from .transaction import (
    CONFLICTS,
    discard,
    leave_cron,
    own_transaction,
    runner_lock,
    seconds_to,
)

_logger = logging.getLogger(__name__)

TELL_EVERY = 0.5  # seconds between two messages to open screens
UNKNOWN_ROUNDS = 40  # look-ups without an answer before a person is asked

# the tasks that wait for accounts we may call from this database
WAITING = """
  FROM gtg_connector_task task
  JOIN gtg_connector_health health
    ON health.account_model = task.account_model
   AND health.account_id = task.account_id
  JOIN gtg_connector_pace pace
    ON pace.account_model = task.account_model
   AND pace.account_id = task.account_id
 WHERE task.state IN ('queued', 'unknown')
   AND health.is_open AND health.database_pin = %(pin)s
   AND (task.state = 'unknown' OR task.unsure OR NOT EXISTS (
        SELECT 1 FROM gtg_connector_pause pause
         WHERE pause.account_model = task.account_model
           AND pause.account_id = task.account_id
           AND pause.operation = task.operation
           AND (pause.lane IS NULL OR pause.lane = task.lane)))
"""

CLAIM = f"""
WITH picked AS (
    SELECT task.id, pace.id AS pace_id {WAITING}
       AND task.next_try_at <= now() AT TIME ZONE 'UTC'
       AND GREATEST(pace.next_slot, pace.not_before)
            <= now() AT TIME ZONE 'UTC'
       AND (task.lane IS NULL OR NOT EXISTS (
            SELECT 1 FROM gtg_connector_task other
             WHERE other.account_model = task.account_model
               AND other.account_id = task.account_id
               AND other.lane = task.lane AND other.state = 'sending'))
     ORDER BY task.priority, task.next_try_at, task.id
     LIMIT 1
       FOR UPDATE OF task, pace SKIP LOCKED
), slot AS (
    UPDATE gtg_connector_pace pace
       SET next_slot = GREATEST(pace.next_slot, (now() AT TIME ZONE 'UTC')
            - (pace.burst - 1) * pace.slot_seconds * '1 s'::interval)
            + pace.slot_seconds * '1 s'::interval
      FROM picked WHERE pace.id = picked.pace_id
)
UPDATE gtg_connector_task task
   SET unsure = task.unsure OR task.state = 'unknown', state = 'sending',
       attempt = task.attempt + 1, runner = %(runner)s,
       sent_at = now() AT TIME ZONE 'UTC'
  FROM picked WHERE task.id = picked.id
RETURNING task.id, task.attempt, task.runner, task.unsure, task.operation,
          task.account_model, task.account_id, task.provider, task.company_id,
          task.res_model, task.res_id, task.reference, task.sent_at
"""  # noqa: S608 - constants only

DUE = f"""
SELECT 1 {WAITING}
   AND GREATEST(task.next_try_at, pace.not_before) <= now() AT TIME ZONE 'UTC'
 LIMIT 1
"""

# seconds until the next task may be claimed, NULL when none waits
NEXT_DUE = f"""
SELECT EXTRACT(EPOCH FROM min(GREATEST(
        task.next_try_at, pace.next_slot, pace.not_before))
        - now() AT TIME ZONE 'UTC') {WAITING}
"""  # noqa: S608


class ConnectorTask(models.Model):
    _inherit = 'gtg.connector.task'

    @api.model
    def _drain(self, max_tasks=None, linger=0.0):
        """Run due tasks until none is left or the cron's time is over. Never raises
        for a task: each failure ends in the task's own row.

        :param int max_tasks: stop after so many (tests and benches)
        :param float linger: seconds to wait for a task that is due soon
        :return: number of attempts made
        """
        cron = self.env['ir.cron']
        in_cron = bool(self.env.context.get('ir_cron_progress_id'))
        seconds = cron._commit_progress() if in_cron else 60.0
        ends = time.monotonic() + min(seconds, 60.0)
        pin = self.env['gtg.connector.health']._database_pin()
        done, misses, ended, told = 0, 0, set(), time.monotonic()
        stored = []  # attempts whose subjects have not seen the result yet
        with runner_lock(self.env) as runner:
            self._recover_dead()
            self._apply_pending()
            while time.monotonic() < ends and (max_tasks is None or done < max_tasks):
                attempt = self._claim(runner, pin)
                if attempt:
                    if stored and not self._may_wait(stored, attempt):
                        self._apply_stored(stored, ended)
                    self._run(attempt)
                    done, misses = done + 1, 0
                    if attempt.stored:
                        stored.append(attempt)
                    else:
                        ended.add((attempt.res_model, attempt.res_id))
                    if time.monotonic() - told > TELL_EVERY:
                        self._tell_screens(ended)
                        told = time.monotonic()
                    continue
                self._apply_stored(stored, ended)
                self._tell_screens(ended)
                asked = time.monotonic()
                wait = self._seconds_to_next(pin)
                if wait is None or wait > linger or asked + wait > ends:
                    break
                # what asking took counts: an account paced at ten calls a second gets ten
                pause = max(asked + wait - time.monotonic() + 0.001, 0.001)
                if misses > 1 or not wait:
                    # due but not to be had: another shard holds the account or the lane
                    pause = max(pause, min(0.005 * 2 ** misses, 0.25))
                time.sleep(pause)
                misses += 1
            self._apply_stored(stored, ended)
            self._tell_screens(ended)
        if in_cron:
            self.env.cr.execute(DUE, {'pin': pin})
            leave_cron(self.env, done, self.env.cr.rowcount, self._wake)
        return done

    def _claim(self, runner, pin):
        """Take the next due task: ``sending`` is on disk when this returns."""
        try:
            with own_transaction(self.env):
                self.env.cr.execute(
                    CLAIM, {'runner': runner, 'pin': pin}, log_exceptions=False)
                row = self.env.cr.dictfetchone()
        except CONFLICTS:
            return None  # another shard was quicker with this very row
        self.invalidate_model()
        return Attempt(row) if row else None

    def _seconds_to_next(self, pin):
        """Seconds until a task may go (0 = now), None when none waits."""
        seconds = seconds_to(self.env, NEXT_DUE, {'pin': pin})
        return None if seconds is None else max(seconds, 0.0)

    # === ONE ATTEMPT === #

    def _run(self, attempt):
        """Look up or send the claimed task and store how it ended."""
        started = time.monotonic()
        try:
            outcome, value = self._call(attempt)
        except Exception as error:
            outcome, value = self._outcome_of(error, attempt)
        _logger.info(
            'task %s %s(%s) attempt %s: %s in %.2f s', attempt.id, attempt.operation,
            attempt.reference or attempt.res_id, attempt.attempt, outcome,
            time.monotonic() - started)
        discard(self.env)
        self._finish(attempt, outcome, value)

    def _call(self, attempt):
        """:return: ('done', result) or ('undecided', None)"""
        # in the context, so that no way to the account loses track of what has left
        task = self.with_context(gtg_attempt=attempt).browse(attempt.id)
        self._remember(attempt.row)
        account = task._account_of(attempt)
        adapter = attempt.adapter = account._adapter()
        if attempt.unsure and not adapter._may_resend(attempt.operation):
            if not adapter._can_lookup(attempt.operation):
                return 'undecided', None
            attempt.asking = True
            result = adapter._lookup(account, task)
            attempt.asking = attempt.left = False
            if result is not None:
                return 'done', result
            # the provider does not know it: this is a first sending again
            attempt.unsure = False
        return 'done', adapter._send(account, task)

    def _outcome_of(self, error, attempt):
        """Sort an exception into an outcome of the state diagram."""
        for kind, outcome in ((AuthExpired, 'auth'), (RateLimited, 'limited'),
                              (OutcomeUnknown, 'unknown'), (Retryable, 'retry')):
            if isinstance(error, kind):
                return outcome, error
        if isinstance(error, Blocked) and not attempt.asking and (
                self._adapter_of(attempt)._pauses(attempt.operation)):
            return 'blocked', error
        if isinstance(error, Rejected):
            if not attempt.asking:
                return 'failed', error
            # a refused look-up tells nothing about the effect; where it found what
            # belongs to somebody else, asking again would not tell more
            return ('undecided' if error.code == 'FOREIGN' else 'unknown'), error
        if isinstance(error, CONFLICTS) and not attempt.left:
            return 'retry', Retryable(self.env._('The database was busy.'), after=1)
        _logger.exception('task %s %s', attempt.id, attempt.operation)
        text = getattr(error, 'text', f'{type(error).__name__}: {error}')
        if attempt.left or attempt.asking:
            return 'unknown', OutcomeUnknown(text, code='internal')
        if isinstance(error, UserError):
            return 'failed', Rejected(str(error))
        return 'failed', Rejected(text, code='internal', hint=self.env._(
            'Nothing was sent. Correct the data named above and retry; if it names '
            'none, tell your administrator.'))

    def _finish(self, attempt, outcome, value):
        """Store the outcome; a result that cannot be applied now is kept."""
        for tries in range(4):
            try:
                with own_transaction(self.env):
                    if outcome == 'done':
                        self._store_done(attempt, value)
                    else:
                        self._store_error(attempt, outcome, value)
                return
            except CONFLICTS:
                time.sleep(0.05 * 2 ** tries)
            except Exception:
                _logger.exception('task %s: outcome not applied', attempt.id)
                break
        try:
            with own_transaction(self.env):
                if outcome == 'done':
                    self._store_unapplied(attempt, value)
                else:
                    self._store_error(attempt, outcome, value, tell=False)
        except Exception as error:
            # the row stays ``sending`` and its runner ends: it will be looked up
            _logger.warning('task %s: outcome not stored', attempt.id,
                            exc_info=not isinstance(error, CONFLICTS))

    def _fenced(self, attempt, values, result=None):
        """Write to the row only if it is still this attempt's.

        :param result: what the subject sees as the task's result
        :return: whether it was
        """
        columns = ', '.join(f'{name} = %({name})s' for name in values)
        self.env.cr.execute(
            f"UPDATE gtg_connector_task SET {columns}, "  # noqa: S608
            "write_date = now() AT TIME ZONE 'UTC' "
            # the runner too: a retry by hand starts counting attempts anew
            "WHERE id = %(id)s AND attempt = %(mine)s AND runner = %(runner)s "
            "AND state = 'sending'",
            {**values, 'id': attempt.id, 'mine': attempt.attempt,
             'runner': attempt.runner},
            log_exceptions=False)
        mine = self.env.cr.rowcount == 1
        if not mine:
            _logger.warning('task %s: attempt %s is too late', attempt.id,
                            attempt.attempt)
        self.invalidate_model()
        if mine:
            told = {} if result is None else {'result': result}
            self._remember({**attempt.row, **values, **told})
        return mine

    def _remember(self, row):
        """Spare adapter and subject reading the row, which is ours alone just now."""
        task = self.browse(row['id'])
        for name, value in row.items():
            if name in self._fields and name not in ('id', 'write_date'):
                self._fields[name]._insert_cache(task, [value])

    def _store_done(self, attempt, result):
        if attempt.adapter._applies_together(attempt.operation):
            if self._store_unapplied(attempt, result):
                attempt.stored = time.monotonic()
            return
        values = self._done_values(attempt.adapter._kept(result), applied=True)
        # as it would be read from the row
        if not self._fenced(attempt, values, json.loads(_dumps(result))):
            return
        task = self.browse(attempt.id)
        subject = task._subject_of(attempt)
        if subject is not None:
            try:
                subject._gtg_task_done(task)
            except MissingError:
                if subject.exists():
                    raise  # something else is missing: nothing half applied
                _logger.info('task %s: %s was deleted', attempt.id, subject)

    def _store_unapplied(self, attempt, result):
        return self._fenced(attempt, {
            **self._done_values(result, applied=False),
            'next_try_at': fields.Datetime.add(fields.Datetime.now(), seconds=10)})

    def _done_values(self, result, applied):
        return {
            'state': 'done', 'result': _dumps(result),
            'applied': applied, 'unsure': False, 'ended_at': fields.Datetime.now(),
            'error_class': None, 'error_code': None, 'error_text': None,
            'error_hint': None}

    def _store_error(self, attempt, outcome, error, tell=True):
        task = self.browse(attempt.id)
        adapter = self._adapter_of(attempt)
        company = self.env['res.company'].browse(attempt.company_id)
        if outcome == 'undecided' and error is None:
            error = OutcomeUnknown(
                self.env._('It is not known whether the provider carried this out.'),
                hint=self.env._('Look there: then mark this as done or send it again.'))
        values = {
            'error_class': type(error).__name__, 'error_code': line(error.code),
            'error_text': line(adapter._said(error.text, company)),
            'error_hint': line(adapter._said(error.hint, company)),
            **self._after_error(attempt, outcome, error, adapter)}
        if not self._fenced(attempt, values):
            return
        if outcome == 'auth':
            task._account_of(attempt)._authorization_lost(error)
        elif outcome == 'limited':
            account = task._account_of(attempt)
            self.env['gtg.connector.pace']._pause(account, error.after or 5)
            account._note_error(account._said(error.text))
        elif outcome == 'blocked':
            account = task._account_of(attempt)
            pause = self.env['gtg.connector.pause']._begin(
                account, attempt.operation, None if error.whole else task.lane,
                values['error_text'], values['error_hint'])
            if pause and tell:
                account._note_error(values['error_text'])
                account._gtg_paused(pause)
        if tell and values['state'] == 'failed':
            subject = task._subject_of(attempt)
            if subject is not None and subject.exists():
                subject._gtg_task_failed(task)

    def _after_error(self, attempt, outcome, error, adapter):
        """:return: state and time of the next try"""
        tries = attempt.attempt
        unsure = attempt.unsure or outcome in ('unknown', 'undecided')
        state = 'unknown' if unsure else 'queued'
        if outcome in ('limited', 'auth', 'blocked'):
            # no attempt is spent: it is the account that waits
            return {'state': state, 'unsure': unsure, 'attempt': tries - 1,
                    'next_try_at': fields.Datetime.now()}
        if outcome in ('failed', 'undecided') or tries >= (
                UNKNOWN_ROUNDS if unsure else adapter._max_attempts):
            return {'state': 'failed', 'unsure': unsure,
                    'ended_at': fields.Datetime.now()}
        if outcome == 'unknown' and not attempt.unsure:
            seconds = error.after or adapter._unknown_delay(attempt.operation)
        else:
            seconds = error.after or backoff.delay(tries)
        return {'state': state, 'unsure': unsure, 'next_try_at':
                fields.Datetime.now() + timedelta(seconds=seconds)}

    def _tell_screens(self, ended):
        """Open forms of the subjects reload by themselves. Not part of a task's own
        transaction: a screen that is not told costs nobody money.

        :param set ended: {(model, id)}, emptied
        """
        if not ended:
            return
        records, group = list(ended), self.env['ir.model.data']._xmlid_to_res_id(
            'gtg_connector_base.group_connector_user')  # cached, unlike env.ref
        ended.clear()
        try:
            with own_transaction(self.env):
                self.env['res.groups'].browse(group)._bus_send(
                    'gtg.connector/ended', {'records': records})
        except Exception:
            _logger.warning('open screens were not told', exc_info=True)


def _dumps(result):
    return json.dumps(storable(result), default=str)
