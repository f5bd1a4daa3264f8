from datetime import timedelta

from odoo import api, fields, models


class ConnectorHealth(models.Model):
    """What the engine writes about an account: throttle, last contacts, last error.

    Kept apart from the account so that the engine's constant writes never collide
    with a person editing the account, and one claim query can see all families.
    """

    _name = 'gtg.connector.health'
    _description = 'State of a connection'

    account_model = fields.Char(required=True)
    account_id = fields.Many2oneReference(model_field='account_model', required=True)
    provider = fields.Char(required=True)
    company_id = fields.Many2one('res.company')
    webhook_token = fields.Char(required=True)
    is_open = fields.Boolean(help='The drains may call the provider.')
    database_pin = fields.Char(help='The database that may call the provider.')
    slot_seconds = fields.Float(help='Seconds between two calls; 0 is unlimited.')
    burst = fields.Integer(default=1, help='Calls that may go at once after a pause.')
    next_slot = fields.Datetime(default='2000-01-01 00:00:00')
    not_before = fields.Datetime(default='2000-01-01 00:00:00')
    next_poll_at = fields.Datetime()
    last_pull_at = fields.Datetime()
    last_error = fields.Char()
    last_error_at = fields.Datetime()

    _account_unique = models.Constraint(
        'UNIQUE (account_model, account_id)', 'An account has one state.')
    _token_unique = models.Constraint(
        'UNIQUE (webhook_token)', 'A webhook address serves one account.')

    @api.model
    def _database_pin(self):
        """Identity of this database: a copy under another name, or with a new uuid
        (Odoo's duplicate), has another one and calls nobody."""
        uuid = self.env['ir.config_parameter'].sudo().get_param('database.uuid')
        return f'{uuid}/{self.env.cr.dbname}'

    @api.model
    def _of(self, account):
        """The health row of one account (sudo)."""
        return self.sudo().search([
            ('account_model', '=', account._name), ('account_id', '=', account.id)],
            limit=1)

    @api.model
    def _of_many(self, accounts):
        """{account id: health row}, for accounts of one model."""
        rows = self.sudo().search([
            ('account_model', '=', accounts._name), ('account_id', 'in', accounts.ids)])
        return {row.account_id: row for row in rows}

    def _take_slot(self, patience=3.0):
        """Count one call against the limit, in a transaction of its own.

        :param float patience: seconds the caller is ready to sleep
        :return: seconds to sleep before the call; None if longer than ``patience``
        """
        with self.env.registry.cursor() as cr:
            cr.execute("""
                UPDATE gtg_connector_health
                   SET next_slot = GREATEST(
                        next_slot, not_before,
                        (now() AT TIME ZONE 'UTC') - burst * slot_seconds * '1 s'::interval
                    ) + slot_seconds * '1 s'::interval
                 WHERE id = %s
                   AND GREATEST(next_slot, not_before)
                        <= (now() AT TIME ZONE 'UTC') + %s * '1 s'::interval
                RETURNING EXTRACT(EPOCH FROM next_slot
                    - slot_seconds * '1 s'::interval - (now() AT TIME ZONE 'UTC'))""",
                (self.id, patience))
            row = cr.fetchone()
            return None if row is None else max(float(row[0]), 0.0)

    def _pause(self, seconds, reason):
        """No call for the account until then: the provider said we are too fast."""
        self.sudo().write({
            'not_before': fields.Datetime.now() + timedelta(seconds=seconds),
            'last_error': reason, 'last_error_at': fields.Datetime.now()})
