"""How Shopee's news reach us: pushes, lost pushes, and asking (README 4 and 6)."""

import hashlib
import json
import time
from datetime import datetime

from odoo import models

from odoo.addons.gtg_connector_base.lib.clock import UTC, naive_utc
from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    BadSignature,
    Rejected,
    Retryable,
)
from odoo.addons.gtg_connector_base.lib.notice import Notice
from odoo.addons.gtg_connector_base.models.transaction import own_transaction

from . import const, mapping, signing
from .adapter import Unanswered


class ShopeeAdapter(models.AbstractModel):
    _inherit = 'gtg.marketplace.shopee'

    # === PUSHES === #

    def _webhook_notices(self, account, headers, body):
        app = account.sudo()
        try:
            push = json.loads(body)
        except ValueError:
            push = None
        if isinstance(push, dict) and push.get('code') == 0:
            return []  # README 6: the console's test, answered whatever its signature
        keys = [(app.push_key or '').strip(), (app.partner_key or '').strip()]
        if not signing.push_is_genuine(
                keys, app._signed_url(), body, headers.get('Authorization')):
            raise BadSignature('wrong Authorization header')
        if not isinstance(push, dict):
            raise ValueError('no JSON object')
        return self._notices_of(app, push)

    def _webhook_answer(self, account, outcome):
        status, headers, _body = super()._webhook_answer(account, outcome)
        # README 6: only 2xx with an empty body counts as received
        return (200 if outcome == 'stored' else status), headers, b''

    def _notices_of(self, app, push):
        """One notice per shop that the push is about; the app's own otherwise."""
        try:
            code = int(push.get('code'))
        except (TypeError, ValueError, OverflowError):
            raise ValueError('push without code') from None
        refs = mapping.push_shops(push)
        shops = self.env['gtg.marketplace.shop'].sudo().search_fetch(
            [('app_id', '=', app.id), ('shop_ref', 'in', refs)],
            ['provider', 'company_id']) if refs else ()
        topic = const.PUSH_TOPICS.get(code, f'push {code}')
        key = _fact_key(push, code)
        body = json.dumps(push, ensure_ascii=False).encode()
        return [Notice(key, topic, mapping.push_order(push) or ','.join(refs),
                       account=owner, body=body) for owner in shops or (app,)]

    def _process_events(self, account, events):
        if account._name == 'gtg.marketplace.app':
            return  # about shops that are not connected here
        asked = events.filtered(lambda event: event.topic in const.ORDER_TOPICS)
        refs = list(dict.fromkeys(filter(None, asked.mapped('object_ref'))))
        if refs:
            self._take_named_orders(account, asked, refs)
        if events.filtered(lambda event: event.topic in const.SHOP_TOPICS):
            # an old push may tell of an authorization that has been renewed: ask
            info = self._shop_info(account, account.shop_ref, account._token)
            account._take_info(info)

    def _take_named_orders(self, shop, events, refs):
        orders, problems = self._fetch_orders(shop, refs)
        failures = {}
        try:
            taken = shop._import_orders(orders, failures)
        except Retryable as error:
            if error.code != 'busy':
                raise
            events._gtg_postpone(error.after, error.text)
            return
        for ref, (reason, key) in problems.items():
            about = events.filtered(lambda event, ref=ref: event.object_ref == ref)
            if key:
                about._gtg_fail(reason)
            else:  # a push may come before Shopee shows what it is about
                about._gtg_try_later(reason)
        for ref, reason in failures.items():
            events.filtered(lambda event, ref=ref: event.object_ref == ref)._gtg_fail(
                reason)
        waiting = set(events.filtered(
            lambda event: event.topic in ('tracking', 'label')).mapped('object_ref'))
        taken.filtered(
            lambda order: order.gtg_channel_ref in waiting).gtg_package_ids._wake()

    # === POLL === #

    def _poll(self, account):
        if account._name == 'gtg.marketplace.app':
            self._poll_lost_pushes(account)
        else:
            self._poll_orders(account)
            self._refresh_info(account)

    def _poll_lost_pushes(self, app):
        confirmed = set()
        with self._client(app) as client:
            while True:
                page = client.lost_pushes()
                rows = mapping.dicts(page.get('push_message_list'))
                last = page.get('last_message_id')
                if not rows or last in confirmed:
                    return
                with own_transaction(self.env):
                    for row in rows:
                        self._store_lost(app, row)
                # confirmed only when they are safe here
                client.confirm_lost_pushes(last)
                confirmed.add(last)
                if not mapping.flag(page.get('has_next_page')):
                    return

    def _store_lost(self, app, row):
        """README 6: `data` is the whole push, as text or as an object."""
        push = row.get('data')
        if isinstance(push, str):
            try:
                push = json.loads(push)
            except ValueError:
                push = {}
        if not isinstance(push, dict) or 'code' not in push:
            push = {**row, 'data': push}
        try:
            notices = self._notices_of(app, push)
        except ValueError:
            return
        self.env['gtg.connector.event']._store(app, notices, b'{}')

    def _poll_orders(self, shop):
        """Take in what changed since the last order that we know (README 4)."""
        now = int(time.time())
        start, newest = self._cursor_of(shop), None
        while start < now:
            end = min(start + const.WINDOW_SECONDS, now)
            with self._client(shop) as client:
                refs, complete = self._changed_refs(client, start, end)
            for first in range(0, len(refs), const.DETAIL_BATCH):
                newest = max(filter(None, (newest, self._take_batch(
                    shop, refs[first:first + const.DETAIL_BATCH]))), default=None)
            if not complete:
                raise Retryable(self.env._(
                    "Shopee's list of orders repeats itself; it is read again."),
                    code='paging_loop', after=60)
            if end < now:
                self._move_cursor(shop, datetime.fromtimestamp(end, UTC))
            start = end
        if newest:
            # an order may have changed after the lists were asked for; what else
            # changed until then is in none of them
            self._move_cursor(shop, min(newest, datetime.fromtimestamp(now, UTC)))

    def _changed_refs(self, client, start, end):
        """Numbers of the orders changed in a window.

        An order that changes while we read moves to another page and may push one
        that we have not seen over to a page that we have: several pages are read
        again until nothing new appears.

        :return: (numbers, whether the list came to an end)
        """
        found = {}
        for _round in range(3):
            before = len(found)
            cursor, seen = '', set()
            while cursor not in seen:
                if len(seen) >= const.MAX_PAGES:
                    return list(found), False
                seen.add(cursor)
                page = client.order_list(start, end, cursor)
                found.update((mapping.reference(row.get('order_sn')), True)
                             for row in mapping.dicts(page.get('order_list')))
                if not mapping.flag(page.get('more')):
                    break
                cursor = mapping.text(page.get('next_cursor'))
            else:
                return [ref for ref in found if ref], False
            if len(seen) == 1 or len(found) == before:
                break
        return [ref for ref in found if ref], True

    def _take_batch(self, shop, refs):
        """:return: aware change time of the newest order taken in"""
        ends = time.monotonic() + 60
        while True:
            try:
                orders, problems = self._fetch_orders(shop, refs)
                break
            except Unanswered as error:
                # Shopee itself, or just these: the inbox tries them, and what it has
                # tried in vain holds up nothing any more
                if not self._are_known(shop, error) or time.monotonic() > ends:
                    raise
                refs = [ref for ref in refs if ref not in error.refs]
        with own_transaction(self.env):
            pass  # what follows must see what a push has brought meanwhile
        for _attempt in range(20):
            try:
                with own_transaction(self.env):
                    shop._import_orders(orders)
                    shop._note_unreadable(problems)
                break
            except Retryable as error:
                if error.code != 'busy':
                    raise
                time.sleep(0.25)
        else:
            raise Retryable(self.env._('Orders are being taken in just now.'), after=5)
        return max((order.update_time for order in orders if order.update_time),
                   default=None)

    def _are_known(self, shop, error):
        """Whether all orders of an `Unanswered` have been tried enough; all wait now."""
        with own_transaction(self.env):
            pass  # see what the inbox has done meanwhile
        with own_transaction(self.env):
            waiting = shop._note_unreadable(
                {ref: (error.text, None) for ref in error.refs})
            return all(any(
                event.state == 'failed' or event.attempt >= const.GIVE_UP_AFTER
                for event in waiting.get(ref, ())) for ref in error.refs)

    def _move_cursor(self, shop, moment):
        moment = naive_utc(moment)
        if not shop.order_cursor or shop.order_cursor < moment:
            with own_transaction(self.env):
                shop.order_cursor = moment

    def _refresh_info(self, shop):
        """Name, state and end of the authorization, so that the warning is in time."""
        try:
            shop._take_info(self._shop_info(shop, shop.shop_ref, shop._token))
        except (Rejected, Retryable) as error:
            if isinstance(error, AuthExpired):
                raise


def _fact_key(push, code):
    """README 6: pushes repeat, and only live ones carry an id of their own."""
    if mapping.text(push.get('msg_id')):
        return f'{code}:{mapping.text(push["msg_id"])}'
    fact = [code, push.get('shop_id'), push.get('partner_id'), push.get('data')]
    if code not in const.PUSH_TOPICS or code in (1, 2, 12, 15):
        fact.append(push.get('timestamp'))  # nothing inside tells two of them apart
    text = json.dumps(fact, sort_keys=True, ensure_ascii=False, default=str)
    return f'{code}:{hashlib.sha256(text.encode()).hexdigest()}'
