import random
import time

from psycopg2.errors import SerializationFailure

from odoo import api, fields, models


class ConnectorPace(models.Model):
    """How fast an account may be called, shared by all workers of all hosts.

    A row of its own: calls are counted in transactions of their own, and must not
    collide with what the caller's transaction writes about the account.
    """

    _name = 'gtg.connector.pace'
    _description = 'Pace of calls to a provider'

    account_model = fields.Char(required=True)
    account_id = fields.Many2oneReference(model_field='account_model', required=True)
    slot_seconds = fields.Float(help='Seconds between two calls; 0 is unlimited.')
    burst = fields.Integer(default=1, help='Calls that may go at once after a pause.')
    next_slot = fields.Datetime(default='2000-01-01 00:00:00')
    not_before = fields.Datetime(default='2000-01-01 00:00:00')

    _account_unique = models.Constraint(
        'UNIQUE (account_model, account_id)', 'An account has one pace.')

    @api.model
    def _of(self, account):
        return self.sudo().search([
            ('account_model', '=', account._name), ('account_id', '=', account.id)],
            limit=1)

    @api.model
    def _take_slot(self, account, patience=3.0):
        """Count one call against the limit, in a transaction of its own.

        :param float patience: seconds the caller is ready to sleep
        :return: seconds to sleep before the call; None if longer than ``patience``
        """
        row = self._own_update("""
                UPDATE gtg_connector_pace
                   SET next_slot = GREATEST(
                        next_slot, not_before, (now() AT TIME ZONE 'UTC')
                        - (burst - 1) * slot_seconds * '1 s'::interval
                    ) + slot_seconds * '1 s'::interval
                 WHERE account_model = %s AND account_id = %s
                   AND GREATEST(next_slot, not_before)
                        <= (now() AT TIME ZONE 'UTC') + %s * '1 s'::interval
                RETURNING EXTRACT(EPOCH FROM next_slot
                    - slot_seconds * '1 s'::interval - (now() AT TIME ZONE 'UTC'))""",
            (account._name, account.id, patience))
        return None if row is None else max(float(row[0]), 0.0)

    @api.model
    def _pause(self, account, seconds):
        """No call for the account for so many seconds: the provider is annoyed."""
        self._own_update("""
                UPDATE gtg_connector_pace
                   SET not_before = GREATEST(not_before,
                        (now() AT TIME ZONE 'UTC') + %s * '1 s'::interval)
                 WHERE account_model = %s AND account_id = %s
                RETURNING not_before""",
            (min(max(float(seconds), 0.0), 86400.0), account._name, account.id))
        self.invalidate_model()

    def _own_update(self, query, params):
        """Run one UPDATE in a transaction of its own, again when another worker's
        update came first (REPEATABLE READ refuses to wait and go on).

        :return: the row it returns, None if it changed none
        """
        for _attempt in range(50):
            try:
                with self.env.registry.cursor() as cr:
                    cr.execute(query, params, log_exceptions=False)
                    return cr.fetchone()
            except SerializationFailure:
                time.sleep(random.uniform(0.001, 0.02))
        return None
