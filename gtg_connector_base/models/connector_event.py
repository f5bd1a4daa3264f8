from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..lib import backoff
from ..lib.text import line
from .transaction import wake_once


class ConnectorEvent(models.Model):
    """Inbox: one row per fact that a provider's webhook named.

    Never the truth, only where to look: ``event_drain.py`` has the object fetched.
    """

    _name = 'gtg.connector.event'
    _description = 'Message of a provider'
    _order = 'id desc'
    _rec_name = 'object_ref'

    account_model = fields.Char(required=True, readonly=True)
    account_id = fields.Many2oneReference(
        model_field='account_model', required=True, readonly=True)
    provider = fields.Char(readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    dedupe_key = fields.Char(required=True, readonly=True)
    topic = fields.Char(readonly=True)
    object_ref = fields.Char('Object', readonly=True)
    body = fields.Text(groups='base.group_system', readonly=True)
    received_at = fields.Datetime('Received', required=True, readonly=True)
    state = fields.Selection(
        [('new', 'Waiting'), ('done', 'Done'), ('failed', 'Needs you')],
        default='new', required=True, readonly=True)
    attempt = fields.Integer(default=0, readonly=True)
    next_try_at = fields.Datetime('Next try', readonly=True)
    done_at = fields.Datetime('Done on', readonly=True)
    error_text = fields.Char('Problem', readonly=True)

    _fact_unique = models.UniqueIndex(
        '(account_model, account_id, dedupe_key)', 'This is known already.')
    _due_index = models.Index("(next_try_at, id) WHERE state = 'new'")
    _object_index = models.Index('(account_model, account_id, object_ref)')

    @api.model
    def _store(self, account, notices, body):
        """Keep what a webhook said, each fact once.

        :param account: whose address was called
        :param notices: list of `Notice`
        :param bytes body: as received
        :return: number of new facts
        """
        if not notices:
            return 0
        now = fields.Datetime.now()
        rows = []
        for notice in notices:
            owner = account if notice.account is None else notice.account
            rows.append(SQL('%s', (
                owner._name, owner.id, owner.provider, owner.company_id.id or None,
                line(notice.dedupe_key)[:500], line(notice.topic),
                (line(notice.object_ref) or '')[:500], line(notice.body or body), now,
                'new', 0, now)))
        insert = SQL("""
            INSERT INTO gtg_connector_event (
                account_model, account_id, provider, company_id, dedupe_key, topic,
                object_ref, body, received_at, state, attempt, next_try_at)
            VALUES %s
            ON CONFLICT (account_model, account_id, dedupe_key) DO NOTHING""",
            SQL(', ').join(rows))
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(insert, log_exceptions=False)
        except SerializationFailure:
            if len(rows) > 1:
                raise  # Odoo runs the request again: the others must not be lost
            return 0  # stored by the same message a moment ago
        stored = self.env.cr.rowcount
        if stored:
            self._wake()
        return stored

    def _gtg_postpone(self, seconds, reason):
        """Not now: come back to these events."""
        self.write({
            'next_try_at': fields.Datetime.add(
                fields.Datetime.now(), seconds=max(seconds or 0, 1)),
            'error_text': line(reason)})

    def _gtg_try_later(self, reason, tries=8):
        """Not to be had yet: come back, later every time, and then ask a person."""
        for event in self:
            event.attempt += 1
            if event.attempt < tries:
                event._gtg_postpone(backoff.delay(event.attempt, base=30.0), reason)
            else:
                event._gtg_fail(reason)

    def _gtg_fail(self, reason):
        """A person is needed for these events."""
        self.write({'state': 'failed', 'error_text': line(reason)})

    def action_retry(self):
        """Button: look at failed messages again."""
        self.check_access('read')
        self.sudo().filtered(lambda event: event.state != 'done').write({
            'state': 'new', 'attempt': 0, 'next_try_at': fields.Datetime.now()})
        self._wake()

    @api.model
    def _wake(self):
        wake_once(self.env, 'receive', lambda: self._cron('receive'))

    @api.model
    def _wake_poll(self):
        wake_once(self.env, 'poll', lambda: self._cron('poll'))

    def _cron(self, name):
        # cached, unlike env.ref, which asks whether the record still exists
        return self.env['ir.cron'].sudo().browse(
            self.env['ir.model.data']._xmlid_to_res_id(
                f'gtg_connector_base.cron_{name}') or [])

    @api.autovacuum
    def _gc_done(self):
        """Delete messages dealt with long ago; failed ones stay."""
        days = int(self.env['ir.config_parameter'].sudo().get_param(
            'gtg_connector.keep_events_days', 30))
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=days)
        self.sudo().search([
            ('state', '=', 'done'), ('received_at', '<', limit)],
            limit=GC_UNLINK_LIMIT).unlink()
