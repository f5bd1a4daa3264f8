from odoo import api, fields, models


class ConnectorHealth(models.Model):
    """What the engine writes about an account: open or not, last contacts.

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
        (Odoo's duplicate), or restored from a dump, whatever its name, has another one
        and calls nobody. Only copies of PostgreSQL's own files stay unnoticed."""
        uuid = self.env['ir.config_parameter'].sudo().get_param('database.uuid')
        cr = self.env.cr
        # as long as this connection lives it is this very database; the process may
        # see another one of the same name
        if 'gtg_database' not in cr.cache:
            cr.execute("""
                SELECT oid || '@' || (SELECT system_identifier FROM pg_control_system())
                  FROM pg_database WHERE datname = current_database()""")
            cr.cache['gtg_database'] = cr.fetchone()[0]
        return f'{uuid}/{cr.dbname}/{cr.cache["gtg_database"]}'

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
