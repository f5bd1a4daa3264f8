import secrets
import time
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.attempt import Attempt
from ..lib.errors import ConnectorError, RateLimited, Rejected
from ..lib.redaction import Redactor
from ..lib.text import line
from ..lib.transport import Transport
from .transaction import cluster_lock, lock_key

# an object and not a word: a request may send any context, but never this
CONNECTING = object()


class ConnectorAccount(models.AbstractModel):
    """Mixin of everything that holds credentials at a provider.

    The inheriting model defines ``provider`` (a Selection that provider folders
    extend) and ``_adapter_family``; its record is what tasks and events belong to.
    """

    _name = 'gtg.connector.account'
    _description = 'Account at a provider'
    _adapter_family = None  # e.g. 'gtg.carrier': adapter gtg.carrier.<provider>

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        'res.company', required=True, default=lambda self: self.env.company)
    provider = fields.Selection([], required=True)
    environment = fields.Selection(
        [('production', 'Production'), ('test', 'Test'), ('custom', 'Custom address')],
        default='production', required=True, copy=False,
        help='Custom is for administrators: another address, for instance a sandbox '
             'on this machine.')
    custom_url = fields.Char('Address', groups='base.group_system', copy=False)
    state = fields.Selection(
        [('draft', 'Not connected'), ('connected', 'Connected'),
         ('reconnect', 'Connect again')],
        default='draft', required=True, copy=False, readonly=True)
    authorization_expires_at = fields.Datetime(
        'Authorization ends', copy=False, readonly=True)
    rate_limit = fields.Float(
        'Calls per second', default=5.0, help='0 means no limit of ours.')
    rate_burst = fields.Integer('Calls at once', default=2)
    poll_minutes = fields.Integer(
        'Fetch every (minutes)', default=10,
        help='What no message of the provider told is fetched this often.')
    answer_seconds = fields.Integer(
        'Wait for an answer (seconds)', default=30,
        help='After that the outcome of a call counts as unknown and is looked up.')
    webhook_url = fields.Char(
        'Webhook address', compute='_compute_webhook_url',
        groups='gtg_connector_base.group_connector_manager',
        help='Its token is a secret between us and the provider.')
    is_copy = fields.Boolean(compute='_compute_health', compute_sudo=True)
    last_push_at = fields.Datetime('Last message', compute='_compute_health', compute_sudo=True)
    last_pull_at = fields.Datetime(
        'Last fetch', compute='_compute_health', compute_sudo=True)
    last_error = fields.Char(compute='_compute_health', compute_sudo=True)
    last_error_at = fields.Datetime(compute='_compute_health', compute_sudo=True)
    next_action = fields.Char('What to do', compute='_compute_next_action')

    # === COMPUTES === #

    def _compute_webhook_url(self):
        health = self.env['gtg.connector.health']._of_many(self)
        base = self.get_base_url() if self else ''
        for account in self:
            row = health.get(account.id)
            account.webhook_url = row and (
                f'{base}/gtg/webhook/{account.provider}/{row.webhook_token}')

    def _compute_health(self):
        health = self.env['gtg.connector.health']._of_many(self)
        pin = self.env['gtg.connector.health']._database_pin()
        pushed = dict(self.env['gtg.connector.event'].sudo()._read_group(
            [('account_model', '=', self._name), ('account_id', 'in', self.ids)],
            ['account_id'], ['received_at:max']))
        for account in self:
            row = health.get(account.id, self.env['gtg.connector.health'])
            account.is_copy = account.state == 'connected' and row.database_pin != pin
            account.last_push_at = pushed.get(account.id, False)
            account.last_pull_at = row.last_pull_at
            account.last_error = row.last_error
            account.last_error_at = row.last_error_at

    @api.depends('state', 'authorization_expires_at')
    def _compute_next_action(self):
        soon = fields.Datetime.add(fields.Datetime.now(), days=14)
        for account in self:
            ends = account.authorization_expires_at
            if account.state == 'draft':
                text = self.env._('Enter the credentials and connect.')
            elif account.is_copy:
                text = self.env._(
                    'This database is a copy, so nothing is sent. If it is the live '
                    'one now, connect again.')
            elif account.state == 'reconnect':
                text = self.env._('The provider no longer accepts us: connect again.')
            elif ends and ends < soon:
                text = self.env._('The authorization ends soon: connect again.')
            else:
                text = False
            account.next_action = text

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        keys = {account: {'account_model': self._name, 'account_id': account.id}
                for account in accounts}
        self.env['gtg.connector.health'].sudo().create([{
            **keys[account], 'webhook_token': secrets.token_urlsafe(24),
            **account._health_vals(),
        } for account in accounts])
        self.env['gtg.connector.pace'].sudo().create([
            {**keys[account], **account._pace_vals()} for account in accounts])
        # the row exists from the start: it is what all leases lock
        self.env['gtg.connector.token'].sudo().create(list(keys.values()))
        return accounts

    def write(self, vals):
        result = super().write(vals)
        if {'provider', 'company_id', 'state', 'active'} & set(vals):
            health = self.env['gtg.connector.health']._of_many(self)
            for account in self:
                health[account.id].write(account._health_vals())
        if {'rate_limit', 'rate_burst'} & set(vals):
            for account in self:
                self.env['gtg.connector.pace']._of(account).write(
                    account._pace_vals())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_without_unfinished_work(self):
        if self.env['gtg.connector.task'].sudo().search_count(
                [('account_model', '=', self._name), ('account_id', 'in', self.ids),
                 '|', ('state', 'not in', ('done', 'failed')),
                 '&', ('state', '=', 'done'), ('applied', '=', False)], limit=1):
            raise UserError(self.env._(
                'There is unfinished work for this account. Archive it instead.'))

    def unlink(self):
        domain = [('account_model', '=', self._name), ('account_id', 'in', self.ids)]
        result = super().unlink()
        for model in ('gtg.connector.health', 'gtg.connector.pace',
                      'gtg.connector.pause', 'gtg.connector.token', 'gtg.connector.event',
                      'gtg.connector.task'):
            self.env[model].sudo().search(domain).unlink()
        return result

    def _health_vals(self):
        self.ensure_one()
        return {
            'provider': self.provider,
            'company_id': self.company_id.id,
            'is_open': self.state == 'connected' and self.active,
        }

    def _pace_vals(self):
        self.ensure_one()
        return {
            'slot_seconds': 1 / self.rate_limit if self.rate_limit > 0 else 0,
            'burst': max(self.rate_burst, 1),
        }

    # === CONNECTION === #

    def action_test_connection(self):
        """Button: prove the credentials with a harmless call, then open the account."""
        self.ensure_one()
        self.check_access('write')
        try:
            account = self.with_context(gtg_connecting=CONNECTING)
            message = account._adapter()._test_connection(account)
        except ConnectorError as error:
            raise self._user_error(error) from None
        self._gtg_connected()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': message,
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    def _gtg_connected(self, expires_at=None):
        """The provider accepted us: let the drains call it from this database.

        :param expires_at: naive UTC end of the authorization, if it has one
        """
        health = self.env['gtg.connector.health']
        for account in self.sudo():
            account.write({
                'state': 'connected',
                **({'authorization_expires_at': expires_at} if expires_at else {}),
            })
            row, pin = health._of(account), health._database_pin()
            if row.database_pin and row.database_pin != pin:
                # what waited when this copy was made may have been sent since then
                self.env['gtg.connector.task'].sudo().search([
                    ('account_model', '=', account._name),
                    ('account_id', '=', account.id), ('state', '=', 'queued'),
                ]).write({'unsure': True})
            row.write({
                'database_pin': pin,
                'next_poll_at': fields.Datetime.now(),
                'last_error': False, 'last_error_at': False,
            })
            self.env['gtg.connector.pause']._of(account).unlink()
        self.env['gtg.connector.task']._wake()
        self.env['gtg.connector.event']._wake()
        self.env['gtg.connector.event']._wake_poll()

    def action_disconnect(self):
        """Button: stop all exchange; what waits stays and goes on after connecting."""
        self.check_access('write')
        self.sudo()._drop_tokens()
        self.sudo().write({'state': 'draft'})

    def action_fetch_now(self):
        """Button "Sync now": ask the provider for news in the next moments."""
        self.check_access('read')
        health = self.env['gtg.connector.health']
        for account in self:
            health._of(account).next_poll_at = fields.Datetime.now()
        self.env['gtg.connector.event']._wake_poll()

    def _authorization_lost(self, error):
        """The provider does not know us any more; waits for a person."""
        self.sudo().write({'state': 'reconnect'})
        self._note_error(self._said(error.text))

    def _gtg_paused(self, pause):
        """An operation waits for a person from now on; told once. Others extend it."""

    def _said(self, text):
        return self._adapter()._said(text, self.company_id)

    def _user_error(self, error):
        """What a person who waits for the provider reads.

        :param ConnectorError error: how the call ended
        """
        return UserError('\n'.join(
            self._said(part) for part in (error.text, error.hint) if part))

    def _note_error(self, text):
        """Show what went wrong last. Several drains may say so at once: none waits,
        and whoever comes too late has nothing to add."""
        self.env['gtg.connector.health'].flush_model()
        self.env.cr.execute("""
            UPDATE gtg_connector_health
               SET last_error = %s, last_error_at = now() AT TIME ZONE 'UTC'
             WHERE id IN (
                SELECT id FROM gtg_connector_health
                 WHERE account_model = %s AND account_id = ANY(%s)
                   FOR UPDATE SKIP LOCKED)""",
            (line(text), self._name, self.ids), log_exceptions=False)
        self.env['gtg.connector.health'].invalidate_model()

    # === SERVICES FOR ADAPTERS === #

    def _adapter(self):
        self.ensure_one()
        return self.env[f'{self._adapter_family}.{self.provider}']

    def _base_url(self):
        """The provider's address for this account.

        :raise UserError: the provider has no such environment
        """
        self.ensure_one()
        url = self.sudo().custom_url if self.environment == 'custom' else (
            self._adapter()._base_urls.get(self.environment))
        if not url:
            raise UserError(self.env._(
                '%s: no address is known for this environment. Choose another one.',
                self.name))
        return url

    def _wire(self, base_url=None, **options):
        """A `Transport` to this account's provider that counts every call.

        :param base_url: another address of the provider, if not the main one
        :param options: passed to `Transport`
        :raise Rejected: this database is a copy
        """
        self.ensure_one()
        if not self._attempt():  # its claim has looked
            self._check_not_copy()
        adapter = self._adapter()
        options.setdefault('read_timeout', self.answer_seconds or 30)
        return Transport(
            base_url or self._base_url(),
            allow_loopback=self.environment == 'custom',
            redact=Redactor(adapter._log_visible),
            before_send=self._before_send, **options)

    def _check_not_copy(self):
        """Buttons of a copy must not use up the single-use tokens of the original;
        connecting again makes this database the live one."""
        health = self.env['gtg.connector.health']
        pin = health._of(self).database_pin
        if (pin and pin != health._database_pin()
                and self.env.context.get('gtg_connecting') is not CONNECTING):
            raise Rejected(
                self.env._('This database is a copy, so nothing is sent.'),
                code='copy',
                hint=self.env._('If it is the live one now, connect again.'))

    def _attempt(self):
        """The attempt of the outbox that we are in, if it is one and no mere claim of
        a request."""
        attempt = self.env.context.get('gtg_attempt')
        return attempt if isinstance(attempt, Attempt) else None

    def _before_send(self, safe):
        """Pace the call; inside a task note that something irreversible leaves."""
        attempt = self._attempt()
        if attempt is None or not attempt.use_slot():
            seconds = self.env['gtg.connector.pace']._take_slot(self)
            if seconds is None:
                raise RateLimited(self.env._(
                    'Too many calls to the provider just now.'), after=5)
            time.sleep(seconds)
        if attempt is not None and not safe:
            attempt.left = True

    @contextmanager
    def _exclusive(self, name):
        """Let one worker of the cluster at a time do something for this account.

        Yields False when another one is at it: come back later, never wait, for a
        lock waited for inside a snapshot does not protect it.
        """
        self.ensure_one()
        with cluster_lock(self.env, lock_key(self._name, self.id, name)) as mine:
            yield mine
