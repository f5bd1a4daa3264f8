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
        with self.env.registry.cursor() as cr:
            cr.execute("""
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
            row = cr.fetchone()
            return None if row is None else max(float(row[0]), 0.0)

    @api.model
    def _pause(self, account, seconds):
        """No call for the account for so many seconds: the provider is annoyed."""
        self._of(account).not_before = fields.Datetime.add(
            fields.Datetime.now(), seconds=seconds)
