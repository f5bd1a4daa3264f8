"""Webhooks as the sandboxes make them, delivered by the test: when and how often it
likes, or changed."""

import hashlib
import hmac
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Barrier

import requests

from demo import database, stage
from gtgtools import db, paths, sandbox

from . import world as worlds


@dataclass(frozen=True)
class Letter:
    """One webhook on its way."""

    url: str
    headers: dict
    body: bytes

    def send(self, **changes):
        letter = replace(self, **changes)
        for _attempt in range(60):
            try:
                return requests.post(letter.url, data=letter.body, timeout=120, headers={
                    'Content-Type': 'application/json', **letter.headers})
            except requests.ConnectionError:
                time.sleep(0.5)  # a full backlog; providers try again too
        raise AssertionError('the server takes no connection')

    @property
    def payload(self):
        return json.loads(self.body)


def held_back(world, code, topic, make):
    """What the provider sends because of ``make()``, kept from the server.

    :param str topic: of the pushes to keep, ``*`` for all
    :return: (what make() returned, [Letter])
    """
    seen = len(world.sandbox.call('GET', f'/{code}/pushes'))
    fault = world.sandbox.call('POST', f'/{code}/faults', {
        'operation': topic, 'mode': 'drop_push', 'times': 0})
    try:
        made = make()
    finally:
        world.sandbox.call('DELETE', f'/{code}/faults/{fault["id"]}')
    rows = world.sandbox.call('GET', f'/{code}/pushes')[seen:]
    return made, [Letter(row['url'], row['headers'], row['body'].encode())
                  for row in rows if row['state'] == 'dropped']


def shopee_order(world, **values):
    """An order of which Shopee has not told us; ``held_back`` keeps its pushes."""
    return held_back(world, 'shopee', '*', lambda: world.sandbox.call(
        'POST', '/shopee/orders', values))


def signed(world, payload, url=None):
    """A push with any content, signed as Shopee does."""
    url = url or world.sql('SELECT push_url FROM gtg_marketplace_app')[0][0]
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    key = world.sandbox.providers()['shopee']['credentials']['push_key']
    digest = hmac.new(key.encode(), url.encode() + b'|' + body, hashlib.sha256)
    return Letter(url, {'Authorization': digest.hexdigest()}, body)


# what of two that work at once the database lets one do; the other looks again
COLLISIONS = ('could not serialize access', 'deadlock detected',
              'duplicate key value violates unique constraint')


def unexpected(server):
    """Errors in the server's log, without collisions."""
    return without_collisions(server.log_errors())


def without_collisions(errors):
    """Odoo's cursor calls a statement bad also when its caller then looks again (push
    and poll that store one order, its buyer or its listing at once). A caller that
    does not logs an error of its own.
    """
    return [error for error in errors if not (
        ' odoo.sql_db: bad query' in error
        and any(f'\nERROR: {words}' in error for words in COLLISIONS))]


def other(text):
    """The text with another last character."""
    return text[:-1] + ('b' if text[-1] == 'a' else 'a')


def at_once(count, send):
    """Call ``send(n)`` in ``count`` threads that start together; the results."""
    start = Barrier(count)

    def run(number):
        start.wait(60)
        return send(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def waybill(world):
    """A confirmed COD order with its GHN waybill.

    :return: (id of the parcel, waybill, id of the order)
    """
    order = waybill_order(world)
    row = world.wait('the waybill', lambda: world.sql(
        'SELECT id, tracking_number FROM gtg_parcel'
        f' WHERE order_id = {order} AND tracking_number IS NOT NULL'))[0]
    world.heard()  # that it is ready
    return int(row[0]), row[1], order


def waybill_order(world):
    """A confirmed COD order whose waybill is requested; its id."""
    admin = world.session()
    carrier = admin.one('delivery.carrier', [('delivery_type', '=', 'gtg_ghn')],
                        ['id'], order='id')['id']
    product = admin.one('product.product', [('default_code', '=', 'NON-01')], ['id'])
    buyer = admin.one('res.partner', [('phone', 'like', '0912345678')], ['id'])
    order = admin.create('sale.order', {
        'partner_id': buyer['id'], 'carrier_id': carrier, 'gtg_is_cod': True,
        'order_line': [(0, 0, {'product_id': product['id'], 'product_uom_qty': 1})]})
    admin.press('sale.order', order, 'action_confirm')
    return order


@contextmanager
def world_of_its_own(suffix):
    """A connected shop with sandboxes of its own: tokens that a test uses up are
    nobody else's."""
    name = f'gtg_world_{paths.checkout_key()}_{os.getpid()}_{suffix}'
    with sandbox.server() as running:
        try:
            worlds.connected_template(name, database.template(), running)
            # the calls of many users at once are not what is looked at there
            db.sql(name, 'UPDATE gtg_connector_pace SET slot_seconds = 0, burst = 99')
            yield worlds.World(name, running)
        finally:
            db.drop(name)


def consent_again(world, login='admin'):
    """Let the seller authorize the shop once more, as its button asks for."""
    session = world.session(login)
    shop = session.one('gtg.marketplace.shop', [], ['id'])
    link = session.press('gtg.marketplace.shop', shop['id'], 'action_connect')['url']
    return stage.consent(session, link)
