"""Hundreds of distorted messages that are signed all the same: what is not
understood is refused or set aside, and never holds up a good one (X19)."""

import copy
import json
import random

from . import webhooks

ODD = (None, True, False, 0, -1, 10**30, 1.5, float('inf'), float('nan'), '', ' ', '0',
       '\0', 'a\0b', '\ud800', '../../x', "'; DROP TABLE x; --", '%s%d{}', 'x' * 3000,
       'Á' * 700, [], {}, [[]], [None], {'a': {'b': []}}, [{'ordersn': 1}], '1e999999',
       '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00', '240101AAAAAAAA')


def distorted(rng, payload):
    """One of many ways in which a message can be wrong; bytes."""
    kind = rng.randrange(10)
    if kind == 0:
        raw = bytearray(json.dumps(payload).encode())
        for _ in range(rng.randint(1, 6)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        return bytes(raw)
    if kind == 1:
        raw = json.dumps(payload).encode()
        return raw[:rng.randrange(len(raw))]
    if kind == 2:
        return json.dumps([payload] * rng.randint(0, 3)).encode()
    found = copy.deepcopy(payload)
    for _ in range(rng.randint(1, 3)):
        place = rng.choice([row for row in places(found) if row] or [found])
        key = rng.choice(list(place))
        if kind in (3, 4):
            del place[key]
        else:
            place[key] = rng.choice(ODD)
        if not found:
            break
    if kind == 9 and 'code' in found:
        found['code'] = rng.randint(-3, 60)
    return json.dumps(found).encode()


def places(value):
    """The dicts in a JSON value."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from places(item)


def send_all(letters, threads=4):
    """{status: how many}"""
    count = {}
    for answers in webhooks.at_once(threads, lambda n: [
            letter.send() for letter in letters[n::threads]]):
        for answer in answers:
            assert 'Traceback' not in answer.text
            count[answer.status_code] = count.get(answer.status_code, 0) + 1
    return count


def no_work_of_ours(server):
    """Neither the route nor the inbox met anything that it was not prepared for."""
    assert webhooks.unexpected(server) == []
    assert 'Traceback' not in server.log.read_text(errors='replace')


def test_shopee(world):
    rng = random.Random(19)
    # garbage is looked up like anything else; at five calls a second that takes long
    world.sql('UPDATE gtg_connector_pace SET slot_seconds = 0, burst = 100')
    with world.server() as server:
        made, letters = webhooks.shopee_order(world, paid=True)
        ref = made['order_sn']
        _done, more = webhooks.held_back(world, 'shopee', '*', lambda: [
            world.sandbox.call('POST', f'/shopee/orders/{ref}/edit', {
                'ship_by_date': 1900000000}),
            world.sandbox.call('POST', f'/shopee/orders/{ref}/cancel_request', {})])
        seeds = [letter.payload for letter in letters + more]
        assert len(seeds) >= 2
        bad = [webhooks.signed(world, distorted(rng, rng.choice(seeds)))
               for _ in range(200)]
        count = send_all(bad)
        assert set(count) <= {200, 400}, count
        assert min(count.get(200, 0), count.get(400, 0)) > 20, count
        good = world.sandbox.call('POST', '/shopee/orders', {})['order_sn']
        world.wait('the good order', lambda: world.sql(
            f"SELECT id FROM sale_order WHERE gtg_channel_ref = '{good}'"))
        world.wait('every message was looked at', lambda: world.sql(
            "SELECT count(*) FROM gtg_connector_event e JOIN gtg_connector_health h"
            ' USING (account_model, account_id)'
            " WHERE e.state = 'new' AND e.attempt = 0 AND h.is_open") == [['0']])
        # nothing that Shopee does not have was made up
        known = {row['order_sn'] for row in world.sandbox.call('GET', '/shopee/orders')}
        ours = {row[0] for row in world.sql(
            'SELECT gtg_channel_ref FROM sale_order WHERE gtg_shop_id IS NOT NULL')}
        assert {good} <= ours <= known
        no_work_of_ours(server)


def test_ghn(world):
    rng = random.Random(91)
    world.sql('UPDATE gtg_connector_pace SET slot_seconds = 0, burst = 100')
    world.sandbox.call('POST', '/ghn/settings', {'rate_limit': 0})
    with world.server() as server:
        parcel, number, _order = webhooks.waybill(world)
        _made, letters = webhooks.held_back(world, 'ghn', '*', lambda: [
            world.sandbox.call('POST', f'/ghn/orders/{number}/{verb}', {})
            for verb in ('picking', 'pick', 'update_weight')])
        headers = letters[0].headers
        seeds = [letter.payload for letter in letters]
        bad = [webhooks.Letter(letters[0].url, headers,
                               distorted(rng, rng.choice(seeds))) for _ in range(200)]
        count = send_all(bad)
        assert set(count) <= {200, 400}, count
        assert min(count.get(200, 0), count.get(400, 0)) > 20, count
        world.sandbox.call('POST', f'/ghn/orders/{number}/deliver', {})
        world.sandbox.call('POST', f'/ghn/orders/{number}/delivered', {})
        world.wait('the good message', lambda: world.sql(
            f"SELECT 1 FROM gtg_parcel WHERE id = {parcel} AND status = 'delivered'"))
        world.wait('every message was looked at', lambda: world.sql(
            "SELECT count(*) FROM gtg_connector_event"
            " WHERE state = 'new' AND attempt = 0 AND error_text IS NULL"
        ) == [['0']])
        assert len(world.effects('ghn', 'create_order')) == 1
        no_work_of_ours(server)
