import logging
import time

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields, models

from ..lib.clock import naive_utc
from ..lib.errors import AuthExpired, Retryable

_logger = logging.getLogger(__name__)


class ConnectorAccount(models.AbstractModel):
    _inherit = 'gtg.connector.account'

    def _token(self, stale=None):
        """A valid access token, renewed first when it is about to end.

        However many workers ask at once, one of them renews: the row lock is taken
        as the first statement of a transaction of its own, and whoever waited for it
        gets a serialization failure and reads the fresh token in a new snapshot.

        :param stale: a token that the provider just refused
        :raise AuthExpired: a person must connect the account again
        """
        self.ensure_one()
        token = self._stored_token(stale)
        if token:
            return token
        for attempt in range(20):
            try:
                return self._lease_token(stale, waited=attempt > 0)
            except SerializationFailure:
                time.sleep(0.05)
        raise Retryable(self.env._('The access token is being renewed.'), after=5)

    def _stored_token(self, stale):
        """The token if it needs no renewal, read without a lock: this is paid by every
        call. In a transaction of its own: the caller's snapshot may be an hour old."""
        with self.env.registry.cursor() as cr:
            cr.execute("""
                SELECT access_token, expires_at FROM gtg_connector_token
                 WHERE account_model = %s AND account_id = %s""",
                (self._name, self.id))
            row = cr.fetchone()
        margin = self._adapter()._token_margin
        return row[0] if row and _is_usable(*row, stale, margin) else None

    def _lease_token(self, stale, waited):
        """:param waited: another worker changed the lease while we waited for it"""
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {
                'gtg_connecting': self.env.context.get('gtg_connecting', False)})
            account = env[self._name].browse(self.id)
            cr.execute("""
                SELECT id FROM gtg_connector_token
                 WHERE account_model = %s AND account_id = %s FOR UPDATE""",
                (self._name, self.id), log_exceptions=False)
            row = cr.fetchone()
            token = env['gtg.connector.token'].browse(row[0] if row else [])
            if _is_usable(token.access_token, token.expires_at, stale,
                          self._adapter()._token_margin):
                return token.access_token
            if waited and account.state == 'reconnect':
                # whoever came before us learned it: do not knock eight times
                raise AuthExpired(self.env._(
                    'The provider no longer accepts us: connect again.'))
            try:
                grant = account._adapter()._refresh_token(account, token.refresh_token)
            except AuthExpired as error:
                # committed here: the caller's transaction may be rolled back
                account._authorization_lost(error)
                # changes the row, so that those who wait read again
                cr.execute('UPDATE gtg_connector_token SET access_token = NULL '
                           'WHERE id = %s', (token.id,))
                cr.commit()  # pylint: disable=invalid-commit
                raise
            # committed before anybody uses it: a single-use refresh token that was
            # spent and not stored cuts the shop off
            account._store_token(**grant)
            cr.commit()  # pylint: disable=invalid-commit
            _logger.info('access token of %s,%s renewed', self._name, self.id)
            return grant['access_token']

    def _store_token(self, access_token, refresh_token=None, expires_at=None):
        """Keep a token.

        :param expires_at: end of the access token, aware or naive UTC datetime
        """
        self.ensure_one()
        self._token_rows().write({
            'access_token': access_token, 'refresh_token': refresh_token,
            'expires_at': naive_utc(expires_at)})

    def _drop_tokens(self):
        self._token_rows().write({
            'access_token': False, 'refresh_token': False, 'expires_at': False})

    def _token_rows(self):
        return self.env['gtg.connector.token'].sudo().search([
            ('account_model', '=', self._name), ('account_id', 'in', self.ids)])


def _is_usable(token, expires_at, stale, margin):
    """Whether a stored token may be used for the next calls.

    :param stale: a token known to be refused
    :param margin: seconds that it must still live
    """
    limit = fields.Datetime.add(fields.Datetime.now(), seconds=margin)
    return bool(token) and token != stale and (not expires_at or expires_at > limit)
