import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.gtg_connector_base.lib.errors import Rejected

LIFETIME = timedelta(minutes=30)


class MarketplaceConnect(models.Model):
    """A connection that a user has begun: the secret sent through the consent page.

    Only its hash is stored; it serves once, for the user and account that began it.
    """

    _name = 'gtg.marketplace.connect'
    _description = 'Connection in progress'

    secret_hash = fields.Char(required=True, index=True)
    user_id = fields.Many2one('res.users', required=True, ondelete='cascade')
    app_id = fields.Many2one('gtg.marketplace.app', required=True, ondelete='cascade')
    shop_id = fields.Many2one('gtg.marketplace.shop', ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True)
    expires_at = fields.Datetime(required=True)
    used_at = fields.Datetime()

    @api.model
    def _new(self, app, shop=None):
        """:return: the secret to send along"""
        secret = secrets.token_urlsafe(32)
        self.create({
            'secret_hash': _hash(secret), 'user_id': self.env.uid, 'app_id': app.id,
            'shop_id': shop.id if shop else False,
            'company_id': (shop.company_id if shop else self.env.company).id,
            'expires_at': fields.Datetime.now() + LIFETIME})
        return secret

    @api.model
    def _take(self, secret, user, provider):
        """Use up the secret.

        :raise Rejected: unknown, used, too old, or of another user
        """
        found = self.search([('secret_hash', '=', _hash(secret or ''))])
        if found and found.user_id == user and found.app_id.provider == provider:
            self.env.cr.execute(
                """UPDATE gtg_marketplace_connect SET used_at = %s
                    WHERE id = %s AND used_at IS NULL AND expires_at > %s""",
                (fields.Datetime.now(), found.id, fields.Datetime.now()))
            if self.env.cr.rowcount:
                found.invalidate_recordset()
                return found
        raise Rejected(
            self.env._('This connection was not begun here, or it took too long.'),
            hint=self.env._('Go back to the shop and press "Connect" again.'))

    def _exchange(self, params):
        """Use up the code and ask whose it is; writes nothing.

        :param dict params: query of the callback
        :return: (`lib.orders.TokenPair`, list of `lib.orders.ShopInfo`)
        :raise ConnectorError: the provider refuses, or gave us another shop
        """
        self.ensure_one()
        app, adapter = self.app_id, self.app_id._adapter()
        pair = adapter._exchange_code(app, params)
        wanted = self.shop_id.shop_ref
        if not pair.shop_refs or (wanted and wanted not in pair.shop_refs):
            raise Rejected(
                self.env._('Another shop was authorized than the one to connect.'),
                hint=self.env._('Log in at the marketplace with the account of the '
                                'shop that you want to connect.'))
        refs = [wanted] if wanted else pair.shop_refs
        return pair, [
            adapter._shop_info(app, ref, lambda stale=None: pair.access_token)
            for ref in refs]

    def _keep(self, pair, infos):
        """Store what `_exchange` brought; may be run again after a collision.

        :return: the connected shops
        """
        self.ensure_one()
        app = self.app_id
        shops = self.env['gtg.marketplace.shop']
        for info in infos:
            shop = self.shop_id or app._shop_for(info.ref, self.company_id)
            shop._keep_authorization(info, pair)
            shops |= shop
        app._gtg_connected()
        return shops

    @api.autovacuum
    def _gc_old(self):
        self.search([('expires_at', '<', fields.Datetime.now())]).unlink()


class MarketplaceApp(models.Model):
    _inherit = 'gtg.marketplace.app'

    def _shop_for(self, ref, company):
        """The shop with this id, made if it is new to us."""
        shop = self.env['gtg.marketplace.shop'].with_context(
            active_test=False).search([
                ('provider', '=', self.provider), ('shop_ref', '=', ref),
                ('environment', '=', self.environment)], limit=1)
        if shop and (shop.company_id != company or shop.app_id != self):
            raise Rejected(
                self.env._('Shop %s is connected already, by another company or app.',
                           ref),
                hint=self.env._('Open that shop, or archive it first.'))
        return shop or self.env['gtg.marketplace.shop'].create({
            'name': ref, 'app_id': self.id, 'company_id': company.id})


class MarketplaceShop(models.Model):
    _inherit = 'gtg.marketplace.shop'

    def _keep_authorization(self, info, pair):
        """Store who the shop is and its tokens, and open it for the drains.

        :param info: `lib.orders.ShopInfo`
        :param pair: `lib.orders.TokenPair`
        """
        self.ensure_one()
        self.write({'shop_ref': info.ref, 'active': True})
        self._take_info(info)
        self._store_token(
            pair.access_token, pair.refresh_token,
            fields.Datetime.now() + timedelta(seconds=pair.lifetime))
        self._gtg_connected(self.authorization_expires_at)


def _hash(secret):
    return hashlib.sha256(secret.encode()).hexdigest()
