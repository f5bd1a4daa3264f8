"""What the tests of every provider need, whatever its family."""

from odoo import SUPERUSER_ID

import sandbox

LONG_AGO = '2000-01-01'  # PostgreSQL's now() is when the test's transaction began


class ProviderCase:
    """Stands before Odoo's test class: a sandbox, and the drains by hand.

    Time stands still in a test, so whatever waits is made due before it is run. The
    drains run as the crons do, without a person's rights.
    """

    # how often `drain` goes on with what its tasks have left
    drain_rounds = 5

    @classmethod
    def start_sandbox(cls, *providers):
        """Start it as ``cls.sandbox`` until the class has ended."""
        if not getattr(cls, 'registry_test_mode', False):  # HttpCase did it
            # rate limits, token leases and drains use cursors of their own
            cls.registry_enter_test_mode_cls()
        cls.sandbox = sandbox.start(base_port=0, providers=list(providers))
        cls.addClassCleanup(cls.sandbox.stop)

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        # Odoo's guard of outside calls compares the time-out with a number; ours is
        # a pair (connect, read)
        if isinstance(options.get('timeout'), tuple):
            options['timeout'] = max(options['timeout'])
        return super()._request_handler(session, request, **options)

    @classmethod
    def reset_pace(cls):
        """No account waits for its rate limit or for a throttling to end."""
        cls.env.flush_all()
        cls.env.cr.execute('UPDATE gtg_connector_pace SET not_before = %s, '
                           'next_slot = %s', [LONG_AGO, LONG_AGO])
        cls.env.invalidate_all()

    @classmethod
    def drain(cls, *operations, rounds=None):
        """Make waiting tasks due and run each once; `rounds` times.

        :param operations: only these, else all
        :return: the tasks of the first round
        """
        task = cls.env['gtg.connector.task'].with_user(SUPERUSER_ID)
        first = task.browse()
        for _round in range(rounds or cls.drain_rounds):
            waiting = task.search([
                ('state', 'in', ('queued', 'unknown')),
                *([('operation', 'in', operations)] if operations else [])])
            first = first or waiting
            if not waiting:
                break
            cls.reset_pace()
            cls.env.cr.execute('UPDATE gtg_connector_task SET next_try_at = %s '
                               'WHERE id = ANY(%s)', [LONG_AGO, waiting.ids])
            task._drain(max_tasks=len(waiting))
            cls.env.invalidate_all()
        return first

    @classmethod
    def drain_inbox(cls):
        """Work on all messages that wait, also those that shall wait longer."""
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE gtg_connector_event SET next_try_at = %s "
                           "WHERE state = 'new'", [LONG_AGO])
        cls.env.invalidate_all()
        cls.env['gtg.connector.event'].with_user(SUPERUSER_ID)._drain()
        cls.env.invalidate_all()
