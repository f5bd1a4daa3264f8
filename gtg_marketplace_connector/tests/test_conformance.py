from odoo.tests import tagged

from .common import SHOP, ShopeeCase
from .conformance import MarketplaceConformance, MarketplaceFacts


@tagged('post_install', '-at_install')
class TestShopee(MarketplaceConformance, ShopeeCase):

    facts = MarketplaceFacts(
        code='shopee', known_sku='AT-SG-DEN-L', unknown_sku='NON-01',
        list_operation='get_order_list', detail_operation='get_order_detail',
        ship_operation='ship_order', ship_effect='ship_order',
        refresh_effect='token_refresh', expire_tokens=f'/shops/{SHOP}/expire_tokens')

    def order_at_shop(self, sku, qty, **values):
        return self.order_at_shopee(sku, qty, **values)
