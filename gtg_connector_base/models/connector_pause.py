from odoo import api, fields, models


class ConnectorPause(models.Model):
    """What a provider refuses whatever is asked, until a person has acted: its tasks stay
    queued meanwhile, instead of failing one by one.

    Look-ups go on: what may have been done must be known.
    """

    _name = 'gtg.connector.pause'
    _description = 'Paused operation of a connection'

    account_model = fields.Char(required=True)
    account_id = fields.Many2oneReference(model_field='account_model', required=True)
    operation = fields.Char(required=True)
    lane = fields.Char(help='Empty: all lanes of the account.')
    text = fields.Char()
    hint = fields.Char()

    _once = models.UniqueIndex(
        "(account_model, account_id, operation, COALESCE(lane, ''))")

    @api.model
    def _of(self, account):
        return self.sudo().search([
            ('account_model', '=', account._name), ('account_id', 'in', account.ids)])

    @api.model
    def _begin(self, account, operation, lane, text, hint):
        """:return: the pause if it is a new one: of several drains one begins it"""
        now, uid = fields.Datetime.now(), self.env.uid
        self.env.cr.execute("""
            INSERT INTO gtg_connector_pause (
                account_model, account_id, operation, lane, text, hint,
                create_uid, create_date, write_uid, write_date)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT DO NOTHING RETURNING id""", (
                account._name, account.id, operation, lane or None, text, hint,
                uid, now, uid, now), log_exceptions=False)
        return self.browse(row[0] for row in self.env.cr.fetchall())

    def _end(self):
        """What waited goes on by itself; the first that is refused pauses it again."""
        self.sudo().unlink()
        self.env['gtg.connector.task']._wake()

    def _waiting_tasks(self):
        """:return: the tasks that it keeps from being sent"""
        self.ensure_one()
        return self.env['gtg.connector.task'].sudo().search([
            ('account_model', '=', self.account_model),
            ('account_id', '=', self.account_id), ('operation', '=', self.operation),
            ('state', '=', 'queued'), ('unsure', '=', False),
            *([('lane', '=', self.lane)] if self.lane else [])])
