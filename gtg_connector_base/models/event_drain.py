"""The inbox drain and the poll: fetch again what was named, and what nobody named."""

import logging
import time
from contextlib import suppress
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import MissingError

from ..lib import backoff
from ..lib.errors import AuthExpired, ConnectorError, RateLimited, Rejected
from ..lib.text import line
from .transaction import CONFLICTS, leave_cron, own_transaction, seconds_to

_logger = logging.getLogger(__name__)

BATCH = 200
MAX_ATTEMPTS = 15
POLL_SECONDS = 30.0  # one account's share of a cron run
LINGER = 8.0  # seconds that a cron waits for what was postponed for a moment

WAITING = """
  FROM gtg_connector_event event
  JOIN gtg_connector_health health
    ON health.account_model = event.account_model
   AND health.account_id = event.account_id
  JOIN gtg_connector_pace pace
    ON pace.account_model = event.account_model
   AND pace.account_id = event.account_id
 WHERE event.state = 'new'
   AND health.is_open AND health.database_pin = %(pin)s
"""

FIRST_DUE = f"""
SELECT event.account_model, event.account_id, event.attempt {WAITING}
   AND GREATEST(event.next_try_at, pace.not_before) <= now() AT TIME ZONE 'UTC'
 ORDER BY event.next_try_at, event.id
 LIMIT 1
"""

# seconds until the next event may be looked at, NULL when none waits
NEXT_DUE = f"""
SELECT EXTRACT(EPOCH FROM min(GREATEST(event.next_try_at, pace.not_before))
        - now() AT TIME ZONE 'UTC') {WAITING}
"""  # noqa: S608

BATCH_DUE = """
SELECT id FROM gtg_connector_event
 WHERE account_model = %(model)s AND account_id = %(id)s
   AND state = 'new' AND next_try_at <= now() AT TIME ZONE 'UTC'
   AND attempt = %(attempt)s
 ORDER BY next_try_at, id
 LIMIT %(batch)s
   FOR UPDATE SKIP LOCKED
"""


class ConnectorEvent(models.Model):
    _inherit = 'gtg.connector.event'

    @api.model
    def _drain(self):
        """Process waiting events, account by account. Never raises for an event."""
        cron = self.env['ir.cron']
        in_cron = bool(self.env.context.get('ir_cron_progress_id'))
        ends = time.monotonic() + min(cron._commit_progress() if in_cron else 60.0, 60)
        done = misses = 0
        while time.monotonic() < ends:
            count = self._drain_one_batch()
            done += count
            if count:
                misses = 0
                continue
            wait = (seconds_to(self.env, NEXT_DUE, self._due_params())
                    if in_cron else None)
            if wait is None or wait > LINGER:
                break
            misses += wait <= 0
            if misses > 3:
                break  # due and not to be had: it is in work elsewhere
            # in short steps: what comes in meanwhile is not kept waiting
            time.sleep(min(max(wait, 0.05), 0.5))
        if in_cron:
            self.env.cr.execute(FIRST_DUE, self._due_params())
            leave_cron(self.env, done, self.env.cr.rowcount, self._wake)
        return done

    def _due_params(self):
        return {'pin': self.env['gtg.connector.health']._database_pin()}

    def _drain_one_batch(self):
        """Process the oldest waiting events of one account.

        :return: number of events looked at
        """
        try:
            with own_transaction(self.env):
                self.env.cr.execute(FIRST_DUE, self._due_params())
                row = self.env.cr.fetchone()
                if not row:
                    return 0
                self.env.cr.execute(BATCH_DUE, {
                    'model': row[0], 'id': row[1], 'attempt': row[2],
                    # what failed together is tried in ever smaller parts, so that
                    # one poison event does not hold up the others
                    'batch': max(BATCH >> 3 * min(row[2], 3), 1)},
                    log_exceptions=False)
                events = self.browse([row[0] for row in self.env.cr.fetchall()])
                # nothing: another worker is at this account
                if events:
                    events._process()
                return len(events)
        except CONFLICTS:
            time.sleep(0.1)
            return 1  # changed under us: look again

    def _process(self):
        """Process locked events of one account and number of attempts."""
        try:
            with self.env.cr.savepoint():
                account = self._account()
                due = {event: event.next_try_at for event in self}
                account._adapter()._process_events(account, self)
                # compared with itself: a slow batch may outlive a postponement
                self.filtered(lambda event: event.state == 'new'
                              and event.next_try_at == due[event]).write({
                    'state': 'done', 'done_at': fields.Datetime.now(),
                    'error_text': False})
                self.env.flush_all()
        except CONFLICTS:
            raise
        except Exception as error:
            if not isinstance(error, ConnectorError):
                _logger.exception('events %s', self.ids)
            self._note_failure(error)

    def _account(self):
        first = self[0]
        return self.env[first.account_model].sudo().browse(
            first.account_id).with_company(first.company_id)

    def _note_failure(self, error):
        now = fields.Datetime.now()
        text = getattr(error, 'text', f'{type(error).__name__}: {error}')
        with suppress(KeyError, MissingError):  # account or addon are gone
            text = self._account()._said(text)
        values = {'error_text': line(text)}
        seconds = min(getattr(error, 'after', None) or 0, 86400)
        if isinstance(error, (AuthExpired, RateLimited)):
            # no attempt is spent: it is the account that waits
            account = self._account()
            if isinstance(error, AuthExpired):
                account._authorization_lost(error)
            else:
                self.env['gtg.connector.pace']._pause(account, seconds or 5)
            self.write({**values, 'next_try_at': now + timedelta(seconds=seconds)})
            return
        tries = self[0].attempt + 1
        ours = isinstance(error, Rejected) or not isinstance(error, ConnectorError)
        if len(self) == 1 and (isinstance(error, Rejected) or tries >= MAX_ATTEMPTS):
            values['state'] = 'failed'
        elif len(self) == 1 or not ours:
            # the provider is in trouble, or only this event is
            seconds = seconds or backoff.delay(tries)
        self.write({**values, 'attempt': tries,
                    'next_try_at': now + timedelta(seconds=seconds)})

    # === POLL === #

    @api.model
    def _poll_accounts(self):
        """Ask every provider whose turn it is for what no message told."""
        health = self.env['gtg.connector.health'].sudo()
        rows = health.search([
            ('is_open', '=', True), ('database_pin', '=', health._database_pin()),
            '|', ('next_poll_at', '=', False),
            ('next_poll_at', '<=', fields.Datetime.now())], order='next_poll_at, id')
        ends = time.monotonic() + 2 * POLL_SECONDS
        for row in rows:
            # a cron that runs too long is killed; the others come first next time
            if time.monotonic() > ends:
                break
            if row.account_model in self.env:
                self._poll_one(row)

    def _poll_one(self, row):
        account = self.env[row.account_model].browse(row.account_id).with_company(
            row.company_id)
        ends = time.monotonic() + POLL_SECONDS
        error, more = None, False
        try:
            with account._exclusive('poll') as mine:
                more, collisions = mine, 0
                while more and time.monotonic() < ends:
                    try:
                        with own_transaction(self.env):
                            more = account._adapter()._poll(account)
                    except CONFLICTS:
                        # a message about the same object came in: look again
                        collisions += 1
                        if collisions > 5:
                            raise
                        time.sleep(0.2 * collisions)
            if not mine:
                return
        except Exception as problem:
            error = problem
            if not isinstance(problem, (ConnectorError, *CONFLICTS)):
                _logger.exception('poll of %s', account)
        try:
            with own_transaction(self.env):
                row._note_poll(account, error, more)
        except CONFLICTS:
            _logger.info('poll of %s is noted next time', account)
        except Exception:
            _logger.exception('poll of %s could not be noted', account)


class ConnectorHealth(models.Model):
    _inherit = 'gtg.connector.health'

    def _note_poll(self, account, error, more=False):
        """Plan the next poll and show how this one ended.

        :param bool more: time was over before everything was fetched
        """
        now = fields.Datetime.now()
        minutes = max(account.poll_minutes, 1)
        if error is None:
            self.write({
                'last_pull_at': now,
                'next_poll_at': now if more else now + timedelta(minutes=minutes),
                'last_error': False, 'last_error_at': False})
            return
        seconds = getattr(error, 'after', None) or 60 * min(minutes, 5)
        self.write({
            'next_poll_at': now + timedelta(seconds=seconds),
            'last_error': line(account._said(
                getattr(error, 'text', None) or str(error))),
            'last_error_at': now})
        if isinstance(error, AuthExpired):
            account._authorization_lost(error)
