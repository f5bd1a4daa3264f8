import logging
import time

from odoo import SUPERUSER_ID, api, http
from odoo.http import request

from odoo.addons.gtg_connector_base.lib.errors import ConnectorError
from odoo.addons.gtg_connector_base.models.connector_account import CONNECTING
from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

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
        """Use up the state, then the code, then keep the tokens, each in a
        transaction of its own.

        Odoo runs a request again when its transaction collides with another, and
        state and code serve only once. Only the last step may collide, for the
        marketplace tells us of the consent at the same moment: it is run again.
        """
        user = request.env.user
        with request.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, dict(request.env.context))
            begun = env['gtg.marketplace.connect']._take(state, user, provider)
            begun_id, company = begun.id, begun.company_id.id
        context = {**request.env.context, 'allowed_company_ids': [company],
                   'gtg_connecting': CONNECTING}

        def run(method, *args):
            with request.env.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, context)
                begun = env['gtg.marketplace.connect'].browse(begun_id)
                return getattr(begun, method)(*args)

        pair, infos = run('_exchange', params)
        for attempt in range(1, 11):
            try:
                shop_ids = run('_keep', pair, infos).ids
                break
            except CONFLICTS:
                if attempt == 10:
                    raise
                time.sleep(0.1 * attempt)
        return request.env['gtg.marketplace.shop'].browse(shop_ids)
