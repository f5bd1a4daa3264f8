from odoo import fields, models


class ConnectorToken(models.Model):
    """Access tokens, apart from the accounts: renewing one locks only this row."""

    _name = 'gtg.connector.token'
    _description = 'Access token of an account'

    account_model = fields.Char(required=True)
    account_id = fields.Many2oneReference(model_field='account_model', required=True)
    access_token = fields.Char(groups='base.group_system', copy=False)
    refresh_token = fields.Char(groups='base.group_system', copy=False)
    expires_at = fields.Datetime(groups='base.group_system')

    _account_unique = models.Constraint(
        'UNIQUE (account_model, account_id)', 'An account has one token.')
