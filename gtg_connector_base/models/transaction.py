"""Transactions of the drains."""

import hashlib
import logging
import random
from contextlib import contextmanager

from psycopg2 import Error, errors
from psycopg2.pool import PoolError

from odoo import SUPERUSER_ID, fields, modules

_logger = logging.getLogger(__name__)

# somebody else was quicker: the same again, in a new snapshot, succeeds
CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected,
             errors.LockNotAvailable)
LOCK_CLASS = 0x475447  # 'GTG': the first key of our two-key advisory locks


@contextmanager
def own_transaction(env):
    """Commit what the block did, or roll all of it back and re-raise.

    For the drains only, which own their cursor. Odoo's tests forbid both on their
    cursor; there a savepoint gives the same atomicity, and what really needs commits
    is proven in real server processes (``tests/system``).
    """
    if modules.module.current_test:
        with env.cr.savepoint():
            yield
        return
    try:
        yield
        env.cr.commit()
    except BaseException:
        env.cr.rollback()
        raise


class Turn:
    """How one item of a cron fared: `done`, or why it is not."""

    done = False
    conflict = False
    error = None


@contextmanager
def contained(env, logger, text, *args):
    """One of many items that a cron does, in a transaction of its own. Never raises: what
    fails is logged, what another worker was quicker at is left for later, and either way
    the next item has its turn.

    :param logger: of the caller
    :param str text: what is done, with %s for ``args``
    :return: yields the item's `Turn`, which is told after the block
    """
    turn = Turn()
    try:
        with own_transaction(env):
            yield turn
        turn.done = True
    except CONFLICTS:
        turn.conflict = True
        logger.info('%s: somebody else is at it', text % args)
    except Exception as error:
        turn.error = error
        logger.exception(text, *args)


def discard(env):
    """Forget what a drain read or left half done before it stores an outcome."""
    if not modules.module.current_test:
        env.cr.rollback()


def lock_key(*parts):
    """A signed 32-bit number for an advisory lock, the same on every host."""
    digest = hashlib.sha256('\0'.join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], 'big', signed=True)


@contextmanager
def cluster_lock(env, key):
    """Hold an advisory lock while the block runs; yields whether we got it.

    The lock lives in a transaction of its own connection, so that it ends with the
    process whatever kills it, and commits of the block do not release it.
    """
    with env.registry.cursor() as cr:
        cr.execute('SELECT pg_try_advisory_xact_lock(%s, %s)', (LOCK_CLASS, key))
        yield cr.fetchone()[0]


@contextmanager
def runner_lock(env):
    """A lock under a random number that nobody else holds; yields the number.

    Rows marked with the number are in work as long as the lock lives.
    """
    while True:
        runner = random.getrandbits(31)
        with cluster_lock(env, runner) as mine:
            if mine:
                yield runner
                return


def seconds_to(env, query, params):
    """Seconds that a query tells, None when nothing waits. In a transaction of its own:
    who waits holds no snapshot."""
    with own_transaction(env):
        env.cr.execute(query, params)
        seconds = env.cr.fetchone()[0]
    return None if seconds is None else float(seconds)


def leave_cron(env, done, remaining, wake):
    """End a drain's run in its cron. One that leaves work behind is called again at
    once, in a transaction of its own: somebody who changes the cron at this moment must
    not make the run fail. It then goes on with the cron's next tick, up to a minute away.

    :param int done: what this run has looked at
    :param int remaining: what is due still
    :param wake: function that calls `wake_once`
    """
    if done and remaining:
        try:
            with own_transaction(env):
                wake()
        except CONFLICTS:
            _logger.info('crons are not woken, they look within a minute')
    env['ir.cron']._commit_progress(done, remaining=remaining)


def tell_cron(env, done):
    """Tell the cron that runs us how much more is done; elsewhere nobody asks."""
    if env.context.get('ir_cron_progress_id'):
        env['ir.cron']._commit_progress(done)


def wake_cron(env, xmlid, again_after=None):
    """`wake_once` for one cron; nothing fails because an administrator has deleted it."""
    wake_once(env, xmlid, lambda: (
        env.ref(xmlid, raise_if_not_found=False) or env['ir.cron']).sudo(), again_after)


def wake_once(env, name, find_crons, again_after=None):
    """Trigger crons once per transaction, however often it is asked.

    :param again_after: seconds after the commit when they are to look once more
    """
    woken = env.cr.precommit.data.setdefault('gtg.connector.woken', set())
    if name in woken:
        return
    woken.add(name)

    @env.cr.precommit.add
    def _trigger():
        # what `cron._trigger()` does for each, in one statement: this is paid by every
        # webhook and by every click
        crons = find_crons()
        env.cr.execute("""
            INSERT INTO ir_cron_trigger (
                cron_id, call_at, create_uid, create_date, write_uid, write_date)
            -- the database's clock, as that of a worker which compares with it
            SELECT id, date_trunc('second', moment AT TIME ZONE 'UTC'),
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM ir_cron, unnest(ARRAY[now(), clock_timestamp()
                       + %(later)s::float * interval '1 second']) AS moment
             WHERE id = ANY(%(ids)s) AND active AND moment IS NOT NULL""",
            {'now': fields.Datetime.now(), 'ids': crons.ids, 'later': again_after,
             # an author marks it as asked for, see `ir_cron.py`
             'uid': env.uid or SUPERUSER_ID})


        @env.cr.postcommit.add
        def _notify():
            # everything is stored already: that nobody is told now (a storm uses all
            # connections) must not become an error; the crons look every minute
            try:
                crons._notifydb()
            except (PoolError, Error):
                _logger.info('crons are not woken, they look within a minute')
