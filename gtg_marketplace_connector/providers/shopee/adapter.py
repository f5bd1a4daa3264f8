"""Shopee for Odoo: records <-> client and dataclasses. See README.md beside."""

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta

from odoo import fields, models

from odoo.addons.gtg_connector_base.lib.clock import UTC, to_unix
from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    RateLimited,
    Rejected,
    Retryable,
)

from ...lib.orders import SOLD, Unreadable
from . import const, mapping
from .client import ShopeeClient, authorization_link

_logger = logging.getLogger(__name__)


class MarketplaceAccount(models.AbstractModel):
    _inherit = 'gtg.marketplace.account'

    provider = fields.Selection(
        selection_add=[('shopee', 'Shopee')], ondelete={'shopee': 'cascade'})


class Unanswered(Retryable):
    """No order of a batch was answered: Shopee is in trouble, or all of them are."""

    def __init__(self, error, refs):
        super().__init__(error.text, error.code, error.hint, error.after)
        self.refs = refs


class ShopeeAdapter(models.AbstractModel):
    _name = 'gtg.marketplace.shopee'
    _inherit = ['gtg.marketplace.adapter']
    _description = 'Shopee'

    _base_urls = const.API_HOSTS
    _consent_pages = const.AUTH_PAGES
    _token_margin = 300
    _resend_fetch_tracking = _resend_fetch_label = True
    _log_visible = (
        'partner_id', 'shop_id', 'timestamp', 'order_sn', 'order_sn_list',
        'package_number', 'package_number_list', 'time_from', 'time_to', 'cursor',
        'page_size', 'error', 'message', 'request_id', 'order_status', 'update_time')

    def _client(self, account, shop_ref=None, token=None):
        """A `ShopeeClient`; use as a context manager.

        :param account: app or shop; its limits count
        """
        app = account.sudo()
        if account._name != 'gtg.marketplace.app':
            app = account.sudo().app_id
            shop_ref, token = shop_ref or account.shop_ref, token or account._token
        if not (app.partner_id or '').strip().isdigit() or not app.partner_key:
            raise Rejected(
                self.env._('The app has no partner ID (a number) or no partner key.'),
                hint=self.env._('Enter both as the Shopee console shows them.'))
        return ShopeeClient(account._wire(), app.partner_id.strip(),
                            app.partner_key.strip(), shop_ref, token)

    # === AUTHORIZATION === #

    def _consent_link(self, app, redirect_uri, state):
        page = self._consent_pages.get(app.environment)
        if not page:  # a custom address serves its own page
            page = f'{app._base_url().rstrip("/")}/auth'
        return authorization_link(page, app.partner_id.strip(), redirect_uri, state)

    def _exchange_code(self, app, params):
        shop_ref, code = params.get('shop_id'), params.get('code')
        account_ref = params.get('main_account_id')
        if not code or not (shop_ref or account_ref or '').isdigit():
            raise Rejected(self.env._('Shopee did not name the authorized shop.'))
        with self._client(app) as client:
            payload = client.token_from_code(code, shop_ref, account_ref)
        pair = self._tokens(payload)
        if not pair.shop_refs and shop_ref:
            pair = mapping.o.TokenPair(pair.access_token, pair.refresh_token,
                                       pair.lifetime, (shop_ref,))
        if shop_ref and shop_ref not in pair.shop_refs:
            raise Rejected(self.env._(
                'Shopee gave the tokens of another shop than the one it named.'))
        return pair

    def _tokens(self, payload):
        try:
            return mapping.tokens(payload, int(time.time()))
        except Unreadable as error:
            raise AuthExpired(str(error)) from error

    def _refresh_token(self, account, refresh_token):
        if account._name == 'gtg.marketplace.app' or not refresh_token:
            raise AuthExpired(
                self.env._('The shop has not been connected yet.'),
                hint=self.env._('Press "Connect" on the shop.'))
        with self._client(account) as client:
            pair = self._tokens(client.refresh(refresh_token))
        return {
            'access_token': pair.access_token, 'refresh_token': pair.refresh_token,
            'expires_at': datetime.now(UTC) + timedelta(seconds=pair.lifetime)}

    def _shop_info(self, account, shop_ref, token):
        with self._client(account, shop_ref, token) as client:
            return mapping.shop_info(client.shop_info(), shop_ref)

    def _test_connection(self, account):
        if account._name == 'gtg.marketplace.app':
            with self._client(account) as client:
                shops = client.shops_by_partner().get('authed_shop_list') or []
            return self.env._(
                'Shopee knows the app. Shops that authorize it: %s', len(shops))
        info = self._shop_info(account, account.shop_ref, account._token)
        account.sudo()._take_info(info)
        return self.env._('Connected to %(name)s (%(region)s).',
                          name=info.name, region=info.region)

    # === READS === #

    def _fetch_orders(self, shop, refs):
        """
        :return: (orders, {number: (reason, key)}), without key if it may be had later
        :raise Unanswered: nothing could be had
        """
        orders, problems = [], {}
        with self._client(shop) as client:
            for start in range(0, len(refs), const.DETAIL_BATCH):
                batch = refs[start:start + const.DETAIL_BATCH]
                for row in self._one_by_one(client.order_detail, batch, problems):
                    self._read_order(client, row, orders, problems)
            orders = self._with_invoice_buyers(client, shop, orders)
        seen = {order.ref for order in orders}
        for ref in refs:
            if ref not in seen and ref not in problems:
                # README 4: absent from an answer does not mean deleted
                problems[ref] = (self.env._('Shopee does not show this order.'), None)
        return orders, problems

    def _with_invoice_buyers(self, client, shop, orders):
        """README 4: buyers may say it after ordering, and no push tells us, so it is
        asked with every change; an order is taken in without it too."""
        if (shop.region or 'VN') not in const.INVOICE_REGIONS or (
                not self.env['sale.order']._gtg_takes_invoice_buyer):
            return orders
        refs = [order.ref for order in orders if order.status in SOLD]
        wishes = {}
        for start in range(0, len(refs), const.DETAIL_BATCH):
            try:
                rows = client.buyer_invoice_info(refs[start:start + const.DETAIL_BATCH])
            except RateLimited:
                raise
            except (Rejected, Retryable) as error:
                _logger.info('no invoice data from %s: %s', shop.name, error.text)
                break
            wishes.update((mapping.text(row.get('order_sn')), mapping.invoice_buyer(row))
                          for row in rows)
        return [replace(order, invoice_buyer=wishes.get(order.ref)) for order in orders]

    def _one_by_one(self, ask, refs, problems):
        """Rows about orders. README 4: one order may spoil a batch; then each is asked
        for alone, and those that Shopee fails at become problems.

        :raise Unanswered: no order was answered, for three or all of them tried
        """
        if len(refs) > 1:
            try:
                return ask(refs)
            except (Rejected, Retryable) as error:
                _raise_if_general(error)
        rows, answered, failed = [], False, {}
        for ref in refs:
            try:
                rows += ask([ref])
                answered = True
            except Rejected:
                answered = True
            except Retryable as error:
                _raise_if_general(error)
                failed[ref] = error
                if not answered and (error.code == 'no_answer'  # takes long
                                     or len(failed) == const.GIVE_UP_AFTER):
                    break
        if not answered:
            raise Unanswered(list(failed.values())[-1], list(failed))
        problems.update((ref, (error.text, None)) for ref, error in failed.items())
        return rows

    def _read_order(self, client, row, orders, problems):
        try:
            order = mapping.order(row)
            if mapping.needs_escrow(row, order):
                order = mapping.order(row, self._escrow(client, order.ref)) or order
            orders.append(order)
        except Unreadable as error:
            ref = mapping.reference(row.get('order_sn'))
            if ref:
                problems[ref] = (str(error), mapping.text(row.get('update_time')))
        except Retryable as error:  # its money, which only some orders need
            _raise_if_general(error)
            problems[order.ref] = (error.text, None)

    def _escrow(self, client, ref):
        """The money of an order in parts; not there before payment."""
        try:
            income = client.escrow_detail(ref).get('order_income')
        except Rejected:
            return None
        return income if isinstance(income, dict) else None

    def _fetch_listings(self, shop):
        offset, seen = 0, set()
        with self._client(shop) as client:
            while offset not in seen and len(seen) < const.MAX_PAGES:
                seen.add(offset)
                page = client.item_list(offset)
                items = [row.get('item_id') for row in mapping.dicts(page.get('item'))]
                for start in range(0, len(items), const.DETAIL_BATCH):
                    yield self._listings(client, items[start:start + const.DETAIL_BATCH])
                if not mapping.flag(page.get('has_next_page')):
                    return
                offset = int(mapping.number(page.get('next_offset'), 0))

    def _listings(self, client, items):
        found = []
        for base in client.item_base_info(items):
            models_ = client.model_list(base['item_id']) if mapping.flag(
                base.get('has_model')) else None
            try:
                found.append(mapping.listing(base, models_))
            except Unreadable:
                continue  # a listing without id names nothing that could be sold
        return found

    def _order_link(self, shop, order_ref):
        domain = {'VN': 'vn', 'TH': 'co.th', 'SG': 'sg', 'MY': 'com.my', 'ID': 'co.id',
                  'PH': 'ph', 'TW': 'tw'}.get(shop.region)
        return domain and (
            f'https://banhang.shopee.{domain}/portal/sale/order?search={order_ref}'
            if domain == 'vn' else
            f'https://seller.shopee.{domain}/portal/sale/order?search={order_ref}')

    def _cursor_of(self, shop):
        """Unix seconds from which changed orders are asked for."""
        if shop.order_cursor:
            return to_unix(shop.order_cursor) - const.OVERLAP_SECONDS
        return int(time.time()) - max(shop.history_days, 1) * 86400

    # === SHIPMENT === #

    def _parcel_of(self, task):
        package = task._subject_of(task).exists()
        if not package:
            raise Rejected(self.env._('The parcel does not exist any more.'))
        return package, package.order_id.gtg_channel_ref, (
            package.name if package.is_split else None)

    def _send_ship_order(self, account, task):
        package, ref, number = self._parcel_of(task)
        if package.order_id.gtg_platform_state in ('cancelled', 'cancel_requested'):
            raise Rejected(self.env._('The buyer cancels this order.'))
        if package.order_id.gtg_own_carrier:
            raise Rejected(self.env._('We ship this order ourselves.'))
        with self._client(account) as client:
            try:
                way, details = mapping.hand_over(
                    client.shipping_parameter(ref, number), account.ship_method)
                client.ship_order(ref, way, details, number)
            except Unreadable as error:
                raise Rejected(str(error), hint=self.env._(
                    'Choose another hand-over on the shop, or arrange this order in '
                    'Seller Centre.')) from error
            except Rejected as error:
                # README 4: a second request is refused, and so is the question how
                # to ship; both may mean that it is arranged already
                if not self._is_arranged(client, package.name):
                    raise
                return {'already': error.code}
        return {'way': way}

    def _lookup_ship_order(self, account, task):
        package, _ref, _number = self._parcel_of(task)
        with self._client(account) as client:
            arranged = self._is_arranged(client, package.name)
        if arranged is None:
            raise Retryable(self.env._('Shopee does not show the parcel.'))
        return {'looked_up': True} if arranged else None

    def _is_arranged(self, client, package_number):
        """:return: None if Shopee does not show the parcel"""
        for row in client.package_detail([package_number]):
            if mapping.text(row.get('package_number')) == package_number:
                return mapping.package(row).arranged
        return None

    def _send_fetch_tracking(self, account, task):
        _package, ref, number = self._parcel_of(task)
        with self._client(account) as client:
            found = client.tracking_number(ref, number)
        if not found:  # README 4: minutes to hours; push 4 comes earlier
            raise Retryable(self.env._('The carrier has not given a number yet.'),
                            after=min(5 * 2 ** min(task.attempt, 10), 3600))
        return {'tracking_number': found}


def _raise_if_general(error):
    """What is not about the orders that were asked for."""
    if isinstance(error, RateLimited) or error.code == 'no_connection':
        raise error
