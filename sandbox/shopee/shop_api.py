"""Tokens, shops, push configuration: the small modules (README 3, 6 and 8)."""

from .errors import Refused
from .gateway import Api, Flat
from .tokens import owner_key

IP_RANGES = ['127.0.0.0/8']


class ShopApi:
    """Answers /api/v2/auth/*, public/*, shop/* and push/*."""

    def __init__(self, world):
        self.world = world

    def table(self):
        public = {'level': 'public'}
        return [
            Api('POST', 'auth/token/get', self.token_get, **public),
            Api('POST', 'auth/access_token/get', self.token_refresh, **public),
            Api(
                'GET', 'public/get_shops_by_partner', self.shops_by_partner, **public
            ),
            Api('GET', 'public/get_shopee_ip_ranges', self.ip_ranges, **public),
            Api('GET', 'shop/get_shop_info', self.shop_info),
            Api('GET', 'shop/get_profile', self.profile),
            Api('GET', 'shop/get_warehouse_detail', self.warehouse_detail),
            Api('POST', 'push/set_app_push_config', self.set_push, **public),
            Api('GET', 'push/get_app_push_config', self.get_push, **public),
            Api('GET,POST', 'push/get_lost_push_message', self.lost, **public),
            Api(
                'POST',
                'push/confirm_consumed_lost_push_message',
                self.confirm_lost,
                **public,
            ),
        ]

    # === TOKENS === #

    def _owner(self, call, kinds):
        """Return (name, id) of the one owner named in the body, and check the app."""
        params = call.params
        if params.integer('partner_id', required=True) != call.app['partner_id']:
            raise Refused('error_auth', 'Invalid partner_id or shopid.')
        given = [(kind, params.integer(kind)) for kind in kinds]
        given = [(kind, number) for kind, number in given if number is not None]
        if len(given) != 1:
            raise Refused(
                'error_param', f'Please send exactly one of {", ".join(kinds)}.'
            )
        return given[0]

    def token_get(self, call):
        code = call.params.text('code', required=True)
        kind, number = self._owner(call, ('shop_id', 'main_account_id'))
        pair, owners = self.world.tokens.exchange(
            call.app['partner_id'], code, kind, number, call.now
        )
        shop_ids = [int(owner.split(':')[1]) for owner in owners]
        call.request.account = ','.join(map(str, shop_ids))
        self.world.effect('token_exchange', number, call.request.account)
        lists = {'shop_id_list': shop_ids}
        if kind == 'main_account_id':
            lists['merchant_id_list'] = []
        return Flat(pair, **lists)

    def token_refresh(self, call):
        token = call.params.text('refresh_token', required=True)
        kind, number = self._owner(
            call, ('shop_id', 'merchant_id', 'supplier_id', 'user_id', 'principal_id')
        )
        call.request.account = str(number)
        owner = owner_key(kind.removesuffix('_id'), number)
        pair = self.world.tokens.refresh(
            call.app['partner_id'], token, owner, call.now
        )
        self.world.effect('token_refresh', number, number)
        return Flat({'partner_id': call.app['partner_id'], kind: number}, **pair)

    # === SHOPS === #

    def shops_by_partner(self, call):
        size = call.params.integer('page_size', low=1, high=100, default=40)
        page = call.params.integer('page_no', low=1, default=1)
        rows = []
        for number in self.world.data['shops']:
            owner = owner_key('shop', number)
            link = self.world.tokens.link(call.app['partner_id'], owner)
            if link and not link['over'] and link['until'] > call.now:
                rows.append(
                    {
                        'shop_id': int(number),
                        'region': 'VN',
                        'auth_time': link['since'],
                        'expire_time': link['until'],
                        'sip_affi_shops': [],
                    }
                )
        first = (page - 1) * size
        return Flat(
            authed_shop_list=rows[first : first + size], more=len(rows) > first + size
        )

    def ip_ranges(self, call):
        return Flat(ip_list=list(IP_RANGES))

    def _shop(self, call):
        return self.world.data['shops'][str(call.shop_id)]

    def shop_info(self, call):
        shop = self._shop(call)
        return Flat(
            shop_name=shop['name'],
            region='VN',
            status=shop['status'],
            is_cb=False,
            auth_time=call.link['since'],
            expire_time=call.link['until'],
            is_sip=False,
            sip_affi_shops=[],
            merchant_id=None,
            is_upgraded_cbsc=False,
            shop_fulfillment_flag='Others',
            is_main_shop=False,
            is_direct_shop=False,
            linked_main_shop_id=0,
            linked_direct_shop_list=[],
            is_one_awb=True,
            is_mart_shop=False,
            is_outlet_shop=False,
            mart_shop_id=None,
        )

    def profile(self, call):
        return {
            'shop_logo': '', 'description': '', 'shop_name': self._shop(call)['name']
        }

    def warehouse_detail(self, call):
        raise Refused(
            'warehouse.error_not_in_whitelist',
            'Your shop is not in multi-warehouse whitelist.',
        )

    # === PUSH === #

    def set_push(self, call):
        params = call.params
        url = params.text('callback_url') or call.app['callback_url']
        if not url:
            raise Refused('error_param', 'callback_url is required.')
        switched_on = params.integers('set_push_config_on')
        switched_off = params.integers('set_push_config_off')
        blocked = params.integers('blocked_shop_id_list')
        if url != call.app['callback_url'] and not self.world.postman.verify(
            call.app, url
        ):
            raise Refused(
                'error_param', 'The callback_url did not answer 2xx within 3 seconds.'
            )
        off = set(call.app['push_off']) - set(switched_on)
        call.app['push_off'] = sorted(off | set(switched_off))
        call.app['callback_url'] = url
        if 'blocked_shop_id_list' in params.values:
            call.app['blocked_shops'] = list(blocked)
        self.world.effect('set_app_push_config', call.app['partner_id'], url)
        return {'result': 'success'}

    def get_push(self, call):
        app = call.app
        known = self.world.postman.codes
        return {
            'callback_url': app['callback_url'],
            'live_push_status': 'Normal',
            'suspended_time': 0,
            'blocked_shop_id': list(app['blocked_shops']),
            'push_config_on_list': [c for c in known if c not in app['push_off']],
            'push_config_off_list': list(app['push_off']),
        }

    def lost(self, call):
        return self.world.postman.lost_page(call.app)

    def confirm_lost(self, call):
        last = call.params.integer('last_message_id', required=True)
        self.world.postman.confirm(call.app, last)
        return {}
