"""One method per Shopee call that we use. Knows HTTP, no Odoo (README 2-4)."""

import time
from datetime import datetime
from urllib.parse import urlencode

from odoo.addons.gtg_connector_base.lib.clock import UTC
from odoo.addons.gtg_connector_base.lib.errors import (
    OutcomeUnknown,
    Rejected,
    Retryable,
)

from . import const, envelope, signing

_ = str  # marks texts for the translators; they are translated when shown
LABEL_TIMEOUT = 60  # seconds


def authorization_link(auth_page, partner_id, redirect_uri, state=None):
    """Where the seller agrees (form of 2026: unsigned, does not expire)."""
    query = {'partner_id': partner_id, 'auth_type': 'seller',
             'redirect_uri': redirect_uri, 'response_type': 'code'}
    if state:
        query['state'] = state
    return f'{auth_page}?{urlencode(query)}'


class ShopeeClient:
    """Calls of one shop (or of the app, without a shop).

    :param wire: `lib.transport.Transport` of the API host
    :param int partner_id: the app
    :param str partner_key: the app's API key
    :param int shop_id: whose data; None for public calls
    :param token: callable ``token(stale=None) -> str``; called with the refused token
        at most once per call
    :param clock: callable returning Unix seconds
    """

    def __init__(self, wire, partner_id, partner_key, shop_id=None, token=None,
                 clock=time.time):
        self.wire = wire
        self.partner_id = int(partner_id)
        self.partner_key = partner_key
        self.shop_id = int(shop_id) if shop_id else None
        self.token = token
        self.clock = clock

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.wire.close()

    # === REQUEST HELPERS === #

    def _query(self, path, access_token=None):
        timestamp = int(self.clock())
        query = {'partner_id': self.partner_id, 'timestamp': timestamp}
        owner = self.shop_id if access_token else None
        if access_token:
            query.update(access_token=access_token, shop_id=owner)
        query['sign'] = signing.sign(self.partner_key, signing.base_string(
            self.partner_id, path, timestamp, access_token, owner))
        return query

    def _once(self, method, path, params, body, safe, access_token, binary, timeout):
        answer = self.wire.send(
            method, path,
            params=[*self._query(path, access_token).items(), *_pairs(params)],
            json=body if method == 'POST' else None, safe=safe, read_timeout=timeout)
        if binary and answer.status == 200 and answer.content:
            if answer.content.lstrip()[:1] != b'{':
                return answer
        return envelope.read(answer, safe, datetime.fromtimestamp(self.clock(), UTC))

    def _call(self, method, path, params=None, body=None, *, public=False, safe=True,
              binary=False, timeout=None):
        """Send, and repeat once for an old timestamp or a refused token."""
        access_token = None if public else self.token()
        args = (method, path, params, body, safe)
        try:
            return self._once(*args, access_token, binary, timeout)
        except envelope.StaleTimestamp:
            return self._once(*args, access_token, binary, timeout)
        except envelope.TokenRefused:
            if public:
                raise
        fresh = self.token(stale=access_token)
        try:
            return self._once(*args, fresh, binary, timeout)
        except envelope.TokenRefused as error:
            if 'token' in error.text.lower() or error.code.endswith('token'):
                raise
            # README 3: not every error_auth is about the token, and this one is new
            raise Rejected(error.text, code=error.code, hint=_(
                'The connection is fresh, Shopee refuses this call: see the shop '
                'in Seller Centre.')) from error

    def _get(self, path, **params):
        return self._call('GET', path, params)

    def _post(self, path, body, **options):
        return self._call('POST', path, body=body, **options)

    # === AUTHORIZATION === #

    def token_from_code(self, code, shop_id=None, main_account_id=None):
        """Exchange the code of the consent page. Not repeatable: the code is used up.

        :return: flat payload with access_token, refresh_token, expire_in
        """
        body = {'code': code, 'partner_id': self.partner_id}
        if shop_id:
            body['shop_id'] = int(shop_id)
        else:
            body['main_account_id'] = int(main_account_id)
        return self._post('/api/v2/auth/token/get', body, public=True, safe=False)

    def refresh(self, refresh_token, shop_id=None):
        """The next token pair; the old refresh token is used up.

        README 2: after a lost answer the same token is tried once more, because it
        may not have been used; a second silence is `OutcomeUnknown`.
        """
        body = {'partner_id': self.partner_id, 'refresh_token': refresh_token,
                'shop_id': int(shop_id or self.shop_id)}
        path = '/api/v2/auth/access_token/get'
        try:
            return self._post(path, body, public=True, safe=False)
        except OutcomeUnknown:
            return self._post(path, body, public=True, safe=False)

    # === SHOP === #

    def shop_info(self):
        return self._get('/api/v2/shop/get_shop_info')

    def shops_by_partner(self, page_no=1):
        """Shops that still authorize the app: proves the key without a shop."""
        return self._call('GET', '/api/v2/public/get_shops_by_partner',
                          {'page_size': const.PAGE_SIZE, 'page_no': page_no},
                          public=True)

    def address_list(self):
        return _response(self._get('/api/v2/logistics/get_address_list'))

    # === ORDERS === #

    def order_list(self, time_from, time_to, cursor='', field='update_time'):
        """One page of order numbers; follow `more`/`next_cursor` (README 4).

        :param int time_from: Unix seconds, at most 15 days before `time_to`
        """
        page = _response(self._get(
            '/api/v2/order/get_order_list', time_range_field=field,
            time_from=int(time_from), time_to=int(time_to),
            page_size=const.PAGE_SIZE, cursor=cursor,
            response_optional_fields='order_status',
            request_order_status_pending=True))
        if 'more' not in page:  # half an answer must not look like "no orders"
            raise Retryable(_('Shopee sent an incomplete list of orders'))
        return page

    def order_detail(self, order_sns):
        """Payloads of up to 50 orders; unknown ones are simply missing."""
        return _rows(_response(self._get(
            '/api/v2/order/get_order_detail', order_sn_list=','.join(order_sns),
            request_order_status_pending=True,
            response_optional_fields=const.ORDER_FIELDS)), 'order_list')

    def package_detail(self, package_numbers):
        return _rows(_response(self._get(
            '/api/v2/order/get_package_detail',
            package_number_list=','.join(package_numbers))), 'package_list')

    def search_packages(self, status=2, cursor=''):
        """Packages that the seller still has: 0 all, 1 pending, 2 to process."""
        return _response(self._post('/api/v2/order/search_package_list', {
            'filter': {'package_status': status},
            'pagination': {'page_size': const.PAGE_SIZE, 'cursor': cursor},
            'sort': {'sort_type': 1, 'ascending': True}}))

    def buyer_invoice_info(self, order_sns):
        return _rows(self._post(
            '/api/v2/order/get_buyer_invoice_info',
            {'queries': [{'order_sn': sn} for sn in order_sns]}), 'invoice_info_list')

    def set_note(self, order_sn, note):
        """Overwrite the seller's note; repeating it does no harm."""
        return self._post('/api/v2/order/set_note',
                          {'order_sn': order_sn, 'note': note})

    def answer_cancellation(self, order_sn, accept):
        return self._post(
            '/api/v2/order/handle_buyer_cancellation',
            {'order_sn': order_sn, 'operation': 'ACCEPT' if accept else 'REJECT'},
            safe=False)

    def escrow_detail(self, order_sn):
        return _response(
            self._get('/api/v2/payment/get_escrow_detail', order_sn=order_sn))

    # === SHIPMENT === #

    def shipping_parameter(self, order_sn, package_number=None):
        return _response(self._get('/api/v2/logistics/get_shipping_parameter',
                                   **_parcel(order_sn, package_number)))

    def ship_order(self, order_sn, method, details, package_number=None):
        """Arrange the shipment of a parcel. Not repeatable blindly (README 4).

        :param str method: pickup, dropoff or non_integrated
        :param dict details: may be empty, and is sent all the same
        """
        return self._post(
            '/api/v2/logistics/ship_order',
            {**_parcel(order_sn, package_number), method: details}, safe=False)

    def tracking_number(self, order_sn, package_number=None):
        """The number, or '' while the carrier has not answered."""
        found = _response(self._get('/api/v2/logistics/get_tracking_number',
                                    **_parcel(order_sn, package_number)))
        number = str(found.get('tracking_number') or '').strip()
        return '' if number == '-' else number

    def tracking_info(self, order_sn, package_number=None):
        return _response(self._get('/api/v2/logistics/get_tracking_info',
                                   **_parcel(order_sn, package_number)))

    # === SHIPPING DOCUMENTS === #

    def document_parameter(self, parcels):
        return self._documents('get_shipping_document_parameter', parcels)

    def create_document(self, parcels):
        """Ask for labels; harmless to repeat.

        :param parcels: dicts with order_sn, package_number, tracking_number and
            shipping_document_type
        """
        return self._documents('create_shipping_document', parcels)

    def document_result(self, parcels):
        return self._documents('get_shipping_document_result', parcels)

    def _documents(self, call, parcels):
        """Rows of a batch answer, also when all of them failed (README 4)."""
        try:
            payload = self._post(f'/api/v2/logistics/{call}',
                                 {'order_list': parcels})
        except Rejected as error:
            rows = _rows(_response(getattr(error, 'payload', {})), 'result_list')
            if not rows:
                raise
            return rows
        return _rows(_response(payload), 'result_list')

    def download_document(self, parcels, document_type):
        """The file as bytes (PDF, ZIP or HTML: look at the first bytes)."""
        answer = self._call(
            'POST', '/api/v2/logistics/download_shipping_document',
            body={'shipping_document_type': document_type, 'order_list': parcels},
            binary=True, timeout=LABEL_TIMEOUT)
        if isinstance(answer, dict):
            raise Rejected(_('Shopee sent no label file'), code='no_file')
        return answer.content

    # === LISTINGS === #

    def item_list(self, offset=0, update_from=None, update_to=None):
        return _response(self._get(
            '/api/v2/product/get_item_list', offset=offset,
            page_size=const.PAGE_SIZE, item_status=['NORMAL', 'UNLIST'],
            update_time_from=update_from, update_time_to=update_to))

    def item_base_info(self, item_ids):
        return _rows(_response(self._get(
            '/api/v2/product/get_item_base_info',
            item_id_list=','.join(str(item) for item in item_ids))), 'item_list')

    def model_list(self, item_id):
        return _response(self._get('/api/v2/product/get_model_list',
                                   item_id=int(item_id)))

    # === PUSHES === #

    def lost_pushes(self):
        return _response(self._call(
            'GET', '/api/v2/push/get_lost_push_message', public=True))

    def confirm_lost_pushes(self, last_message_id):
        return self._post('/api/v2/push/confirm_consumed_lost_push_message',
                          {'last_message_id': last_message_id}, public=True)


def _pairs(params):
    """Query pairs: lists repeat their key, booleans are lower case, None is left out."""
    for key, value in (params or {}).items():
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if one is not None:
                yield key, str(one).lower() if isinstance(one, bool) else one


def _parcel(order_sn, package_number):
    """README 4: the package is named only when the order has been split."""
    return {'order_sn': order_sn,
            **({'package_number': package_number} if package_number else {})}


def _response(payload):
    found = payload.get('response')
    return found if isinstance(found, dict) else {}


def _rows(found, key):
    rows = found.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(
        rows, list) else []
