"""The product module: listings read, and stock, price, listing state written.

README 6.
"""

from .errors import Refused
from .gateway import Api

STATUSES = (
    'NORMAL', 'BANNED', 'UNLIST', 'REVIEWING', 'SELLER_DELETE', 'SHOPEE_DELETE'
)
LOCATION = 'VNZ'
MAX_PRICE_RATIO = 5  # dearest to cheapest model of one item, in Vietnam


class ProductApi:
    """Answers /api/v2/product/*."""

    def __init__(self, world):
        self.world = world

    def table(self):
        return [
            Api('GET', 'product/get_item_list', self.get_item_list),
            Api('GET', 'product/get_item_base_info', self.get_item_base_info),
            Api('GET', 'product/get_model_list', self.get_model_list),
            Api('POST', 'product/update_stock', self.update_stock),
            Api('POST', 'product/update_price', self.update_price),
            Api('POST', 'product/unlist_item', self.unlist_item),
        ]

    def items(self, shop_id):
        """Return the shop's listings, oldest id first."""
        rows = self.world.data['items'].values()
        return sorted(
            (row for row in rows if row['shop_id'] == shop_id),
            key=lambda row: row['item_id'],
        )

    def item(self, shop_id, item_id):
        """Return one listing of the shop or None."""
        item = self.world.data['items'].get(str(item_id))
        return item if item and item['shop_id'] == shop_id else None

    # === READING === #

    def get_item_list(self, call):
        params = call.params
        offset = params.integer('offset', required=True, low=0)
        size = params.integer('page_size', required=True, low=1, high=100)
        wanted = params.values.get('item_status') or []
        if not wanted:
            raise params.missing('item_status')
        if not set(wanted) <= set(STATUSES):
            raise Refused('error_param_item_status', 'Item status is invalid.')
        start = params.integer('update_time_from')
        end = params.integer('update_time_to')
        if start and end and start > end:
            raise Refused('error_update_time_range', 'Update time range is invalid.')
        found = [
            item
            for item in self.items(call.shop_id)
            if item['status'] in wanted
            and (not start or item['update_time'] >= start)
            and (not end or item['update_time'] <= end)
        ]
        more = len(found) > offset + size
        return {
            'item': [
                {
                    'item_id': item['item_id'],
                    'item_status': item['status'],
                    'update_time': item['update_time'],
                    'tag': {'kit': False},
                }
                for item in found[offset : offset + size]
            ],
            'total_count': len(found),
            'has_next_page': more,
            'next_offset': offset + size if more else 0,
            '_warning': '',
        }

    def get_item_base_info(self, call):
        numbers = call.params.names('item_id_list', required=True, most=50)
        found = [self.item(call.shop_id, number) for number in numbers]
        if not any(found):
            raise Refused('error_item_not_found', 'Product is not found')
        rows = [self._base_info(item) for item in found if item]
        return {'item_list': rows, '_warning': ''}

    def _base_info(self, item):
        has_model = bool(item['tiers'])
        info = {
            'item_id': item['item_id'],
            'category_id': 100017,
            'item_name': item['name'],
            'description': item['name'],
            'description_type': 'normal',
            'item_sku': item['sku'],
            'create_time': item['create_time'],
            'update_time': item['update_time'],
            'attribute_list': [],
            'image': {
                'image_id_list': [f'vn-{item["item_id"]}'],
                'image_url_list': [f'https://cf.shopee.vn/file/vn-{item["item_id"]}'],
                'image_ratio': '1:1',
            },
            'weight': item['weight'],
            'dimension': {
                'package_length': 25, 'package_width': 20, 'package_height': 3
            },
            'logistic_info': [
                {
                    'logistic_id': 5001, 'logistic_name': 'Nhanh', 'enabled': True,
                    'shipping_fee': 0, 'size_id': 0, 'is_free': False,
                    'estimated_shipping_fee': 0,
                }
            ],
            'pre_order': {'is_pre_order': False, 'days_to_ship': 2},
            'wholesales': [],
            'condition': 'NEW',
            'size_chart': '',
            'item_status': item['status'],
            'deboost': 'FALSE',
            'has_model': has_model,
            'has_promotion': bool(item['locked']),
            'video_info': [],
            'brand': {'brand_id': 0, 'original_brand_name': 'NoBrand'},
            'item_dangerous': 0,
            'gtin_code': '',
            'tag': {'kit': False},
            'is_fulfillment_by_shopee': False,
        }
        info['stock_info_v2'] = self._stock(item['models'])
        if not has_model:
            # README 6: with variations the prices are with the models only.
            info['price_info'] = self._price(item['models'][0])
        return info

    def _price(self, model):
        return [
            {
                'currency': 'VND',
                'original_price': model['price'],
                'current_price': model['price'],
                'inflated_price_of_original_price': model['price'],
                'inflated_price_of_current_price': model['price'],
            }
        ]

    def _stock(self, models):
        stock = sum(model['stock'] for model in models)
        reserved = sum(model['reserved'] for model in models)
        return {
            'summary_info': {
                'total_reserved_stock': reserved,
                'total_available_stock': stock - reserved,
            },
            'seller_stock': [
                {'location_id': LOCATION, 'stock': stock, 'if_saleable': True}
            ],
            'shopee_stock': [],
            'advance_stock': {
                'sellable_advance_stock': 0, 'in_transit_advance_stock': 0
            },
        }

    def get_model_list(self, call):
        item = self._need(call)
        models = [
            {
                'model_id': model['model_id'],
                'tier_index': model['tier_index'],
                'model_sku': model['sku'],
                'model_status': 'MODEL_NORMAL',
                'has_promotion': bool(item['locked']),
                'promotion_id': 0,
                'price_info': self._price(model),
                'stock_info_v2': self._stock([model]),
                'pre_order': {'is_pre_order': False, 'days_to_ship': 2},
                'gtin_code': '',
                'weight': item['weight'],
                'is_fulfillment_by_shopee': False,
            }
            for model in item['models']
            if item['tiers']
        ]
        return {
            'tier_variation': [
                {'name': name, 'option_list': [{'option': text} for text in options]}
                for name, options in item['tiers']
            ],
            'standardise_tier_variation': [
                {
                    'variation_id': 0,
                    'variation_name': name,
                    'variation_group_id': 0,
                    'variation_option_list': [
                        {'variation_option_id': 0, 'variation_option_name': text}
                        for text in options
                    ],
                }
                for name, options in item['tiers']
            ],
            'model': models,
            '_warning': '',
        }

    # === WRITING === #

    def _need(self, call):
        number = call.params.integer('item_id', required=True)
        call.request.reference = str(number)
        item = self.item(call.shop_id, number)
        if not item:
            raise Refused('product.error_item_not_found', 'Product is not found')
        return item

    def _model(self, item, row, code):
        """Return the model a row means; model_id 0 only without variations."""
        number = row.integer('model_id', default=0)
        if not number and item['tiers']:
            raise Refused(code, 'The item has variations, please send model_id.')
        for model in item['models']:
            if model['model_id'] == number:
                return model
        return None

    def _editable(self, item, promotion_code):
        if item['locked']:
            raise Refused(promotion_code, 'The item is locked by a promotion.')
        if item['status'] in ('BANNED', 'SELLER_DELETE', 'SHOPEE_DELETE'):
            raise Refused('error_item_uneditable', 'The item can not be edited.')

    def update_stock(self, call):
        item = self._need(call)
        self._editable(item, 'error_cannt_edit_stock_in_promotion')
        done, failed = [], []
        for row in call.params.rows('stock_list'):
            model = self._model(item, row, 'error_edit_item_stock_for_item_has_model')
            stocks = row.rows('seller_stock')
            stock = sum(one.integer('stock', required=True, low=0) for one in stocks)
            number = row.integer('model_id', default=0)
            reason = ''
            if not model:
                reason = 'Model not found.'
            elif stock < model['reserved']:
                reason = 'Stock should be larger than reserved stock.'
            if reason:
                failed.append({'model_id': number, 'failed_reason': reason})
                continue
            model['stock'] = stock
            done.append({'model_id': number, 'location_id': LOCATION, 'stock': stock})
            self.world.effect('update_stock', model['sku'], stock)
        return self._written(item, call, done, failed, 'error_busi_update_stock_failed')

    def _written(self, item, call, done, failed, code):
        lists = {'success_list': done, 'failure_list': failed}
        if failed and not done:
            raise Refused(code, failed[0]['failed_reason'], response=lists)
        item['update_time'] = call.now
        return {**lists, '_warning': ''}

    def update_price(self, call):
        item = self._need(call)
        self._editable(item, 'error_cannt_edit_price_in_promotion')
        done, failed, prices = [], [], {}
        for row in call.params.rows('price_list'):
            model = self._model(item, row, 'error_edit_item_price_for_item_has_model')
            number = row.integer('model_id', default=0)
            price = row.raw('original_price', required=True)
            whole = type(price) in (int, float) and price % 1 == 0
            if not model:
                reason = 'Model not found.'
            elif not whole or not 1000 <= price <= 120_000_000:
                reason = 'Price is invalid.'
            else:
                reason = ''
            if reason:
                failed.append({'model_id': number, 'failed_reason': reason})
                continue
            prices[number] = int(price)
            done.append({'model_id': number, 'original_price': int(price)})
        after = [prices.get(m['model_id'], m['price']) for m in item['models']]
        if max(after) > MAX_PRICE_RATIO * min(after):
            raise Refused(
                'product.error_param', 'The price ratio of the models is over the limit.'
            )
        for model in item['models']:
            if model['model_id'] in prices:
                model['price'] = prices[model['model_id']]
                self.world.effect('update_price', model['sku'], model['price'])
        return self._written(item, call, done, failed, 'error_busi_update_price_failed')

    def unlist_item(self, call):
        done, failed = [], []
        for row in call.params.rows('item_list'):
            number = row.integer('item_id', required=True)
            unlist = row.raw('unlist')
            if not isinstance(unlist, bool):
                raise row.missing('unlist')
            item = self.item(call.shop_id, number)
            if not item or item['status'] not in ('NORMAL', 'UNLIST'):
                reason = 'Item can not be changed.' if item else 'Item not found.'
                failed.append({'item_id': number, 'failed_reason': reason})
                continue
            item.update(
                status='UNLIST' if unlist else 'NORMAL', update_time=call.now
            )
            self.world.effect('unlist_item', number, item['status'])
            done.append({'item_id': number, 'unlist': unlist})
        lists = {'success_list': done, 'failure_list': failed}
        if failed and not done:
            raise Refused(
                'error_unlist_item_all_failed', failed[0]['failed_reason'],
                response=lists,
            )
        return lists
