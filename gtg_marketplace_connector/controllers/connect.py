import logging

from odoo import SUPERUSER_ID, api, http
from odoo.http import request

from odoo.addons.gtg_connector_base.lib.errors import ConnectorError

_logger = logging.getLogger(__name__)


class MarketplaceConnectController(http.Controller):
    """Where the marketplace's consent page sends the user back to."""

    @http.route('/gtg/marketplace/callback/<string:provider>', type='http', auth='user',
                methods=['GET'])
    def callback(self, provider, state='', **params):
        if not request.env['gtg.marketplace.app'].has_access('write'):
            raise request.not_found()
        try:
            shops = self._connect(provider, state, params)
        except ConnectorError as error:
            _logger.info('connection refused: %s', error.code or error.text)
            return request.render('gtg_marketplace_connector.connect_failed', {
                'text': error.text, 'hint': error.hint}, status=400)
        if len(shops) == 1:
            return request.redirect(f'/odoo/gtg.marketplace.shop/{shops.id}')
        return request.redirect('/odoo/action-gtg_marketplace_connector.action_shop')

    def _connect(self, provider, state, params):
        """Use up the state, then the code, each in a committed transaction.

        Odoo runs a request again when its transaction collides with another, and
        both serve only once.
        """
        user = request.env.user
        with request.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, dict(request.env.context))
            begun = env['gtg.marketplace.connect']._take(state, user, provider)
            begun_id, company = begun.id, begun.company_id.id
        with request.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {
                **request.env.context, 'allowed_company_ids': [company],
                'gtg_connecting': True})
            shops = env['gtg.marketplace.connect'].browse(begun_id)._finish(params)
            shop_ids = shops.ids
        return request.env['gtg.marketplace.shop'].browse(shop_ids)
