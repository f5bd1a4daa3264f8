from odoo import models


class MarketplaceAdapter(models.AbstractModel):
    """What every marketplace offers beside the engine's own methods.

    Outbox operations: ``ship_order``, ``fetch_tracking`` and ``fetch_label``, all on
    a `gtg.marketplace.package`. Their results are described on that model.
    """

    _name = 'gtg.marketplace.adapter'
    _inherit = ['gtg.connector.adapter']
    _description = 'Marketplace adapter'

    # {environment: page where the seller agrees}
    _consent_pages = {}

    def _consent_link(self, app, redirect_uri, state):
        """:return: address of the page where a seller authorizes the app"""
        raise NotImplementedError

    def _exchange_code(self, app, params):
        """Turn what the consent page sent back into tokens. Not repeatable.

        :param dict params: query of the callback
        :return: `lib.orders.TokenPair` with the authorized shops
        :raise ConnectorError: the provider refuses
        """
        raise NotImplementedError

    def _shop_info(self, account, shop_ref, token):
        """Ask a shop who it is.

        :param account: app or shop whose limits the call counts against
        :param token: callable ``token(stale=None)`` giving the shop's access token
        :return: `lib.orders.ShopInfo`
        """
        raise NotImplementedError

    def _fetch_orders(self, shop, refs):
        """Read orders in the largest batches.

        :return: (orders, {ref: why it could not be read})
        """
        raise NotImplementedError

    def _fetch_listings(self, shop):
        """:return: iterator of lists of `lib.orders.Listing`"""
        raise NotImplementedError

    def _order_link(self, shop, order_ref):
        """:return: address of the order in the seller's back office, or False"""
        return False
