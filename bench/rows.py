"""The rows of the bench. Each function measures some and names them in ``.rows``."""

import hashlib
import hmac
import json
import time
from datetime import datetime
from itertools import count
from statistics import median, quantiles

from bench import inside, load
from demo import stage
from tests.system import webhooks
from tests.system.world import World

ROUND = 200  # calls of one round of throughput
RACE = 40  # tasks of one race between shards
LIMIT = 10  # calls per second that the account may make
# of the waybills alone: what they lead to waits until the race is over
ONLY_SHARDS = """UPDATE ir_cron SET active = code LIKE 'model._drain_shard(%'
    FROM ir_act_server action WHERE action.id = ir_actions_server_id AND active"""
WITH_INBOX = """UPDATE ir_cron SET active = TRUE
    FROM ir_act_server action WHERE action.id = ir_actions_server_id
     AND code IN ('model._drain()', 'model._poll_accounts()')"""


def row(*names):
    """Name the rows that a function measures."""
    def mark(measure):
        measure.rows = names
        return measure
    return mark


# === ORDERS === #

@row('P1')
def imports(db_name, providers):
    return inside.run(db_name, 'imports.p1')


@row('P2')
def confirmed(db_name, providers):
    return inside.run(db_name, 'imports.p2')


@row('P3')
def unchanged(db_name, providers):
    return inside.run(db_name, 'imports.p3')


# === WAREHOUSE === #

@row('P11')
def shortage(db_name, providers):
    return inside.run(db_name, 'warehouse.shortage')


@row('P10')
def board(db_name, providers):
    return inside.run(db_name, 'board.p10')


@row('P10_axes')
def axes(db_name, providers):
    return inside.run(db_name, 'board.axes')


@row('P10_bulk')
def bulk(db_name, providers):
    return inside.run(db_name, 'board.bulk')


# === E-INVOICES === #

@row('P15', 'P15_send')
def einvoices(db_name, providers):
    return inside.run(db_name, 'einvoices.bulk')


@row('P15_payload')
def payload(db_name, providers):
    return inside.run(db_name, 'einvoices.payload')


@row('P15_poll')
def poll(db_name, providers):
    """At VNPT, which tells the state of a hundred in one call."""
    known = providers.providers()['vnpt']['credentials']['giomoi']
    providers.call('POST', '/vnpt/settings', {'code_mode': 'manual'})

    def asked():
        return sum(call['operation'] == 'GetMCCQThueByFkeys'
                   for call in providers.call('GET', '/vnpt/calls'))
    before = asked()
    result = inside.run(
        db_name, 'einvoices.poll', name='VNPT', provider='vnpt', sequence=90,
        environment='custom', custom_url=known['base'], username=known['Account'],
        password=known['ACpass'], supplier_tax_code=known['tax_code'],
        vnpt_service_user=known['username'], vnpt_service_password=known['password'])
    return {'P15_poll': {'value': asked() - before, **result['P15_poll']}}


# === WEBHOOKS === #

@row('P4')
def webhook(db_name, providers):
    """Shopee's signed pushes, each new, against a core route of the same server."""
    world, numbers = World(db_name, providers), count(1)
    # nobody processes: the route alone is measured
    with world.server(workers=2, cron_threads=0) as server:
        address = world.sql('SELECT push_url FROM gtg_marketplace_app')[0][0]
        key = providers.providers()['shopee']['credentials']['push_key'].encode()

        def push():
            body = json.dumps({
                'code': 3, 'shop_id': int(stage.SHOP), 'timestamp': 1700000000,
                'data': {'ordersn': f'BENCH{next(numbers)}', 'update_time': 1700000000,
                         'status': 'READY_TO_SHIP'}}).encode()
            digest = hmac.new(key, address.encode() + b'|' + body, hashlib.sha256)
            return load.raw('POST', address, {
                'Content-Type': 'application/json',
                'Authorization': digest.hexdigest()}, body)

        def pushes(how_many):
            return [push() for _number in range(how_many)]
        bare = [load.raw('GET', f'{server.url}/web/health')] * ROUND
        for requests in (bare[:50], pushes(50)):  # both workers are warm
            load.throughput(server.url, requests)
        pairs = [(load.throughput(server.url, pushes(ROUND)),
                  load.throughput(server.url, bare)) for _round in range(5)]
        waits = load.paced(server.url, pushes(500), 50)
        assert server.log_errors() == []
    stored = int(world.sql("SELECT count(*) FROM gtg_connector_event"
                           " WHERE object_ref LIKE 'BENCH%'")[0][0])
    assert stored == 50 + 5 * ROUND + 500, stored
    world.sql("DELETE FROM gtg_connector_event WHERE object_ref LIKE 'BENCH%'")
    return {'P4': {
        'value': round(median(ours / theirs for ours, theirs in pairs), 3),
        'p99_ms': round(quantiles(waits, n=100)[98], 1),
        'p50_ms': round(median(waits), 1),
        'per_second': round(median(ours for ours, _ in pairs)),
        'bare_per_second': round(median(theirs for _, theirs in pairs))}}


@row('P9')
def push_to_order(db_name, providers):
    """Seconds from the buyer's order to the committed sale order, 40 times."""
    world, seconds = World(db_name, providers), []
    with world.server(cron_threads=4) as server:
        settle(world)
        for _order in range(40):
            started = time.monotonic()
            ref = providers.call('POST', '/shopee/orders', {})['order_sn']
            world.wait(f'order {ref}', lambda ref=ref: world.sql(
                f"SELECT 1 FROM sale_order WHERE gtg_channel_ref = '{ref}'"))
            seconds.append(time.monotonic() - started)
            time.sleep(0.25)
        assert server.log_errors() == []
    return {'P9': {
        'value': round(quantiles(seconds, n=20)[18], 2),
        'median': round(median(seconds), 2), 'max': round(max(seconds), 2)}}


# === OUTBOX === #

@row('P8')
def overhead(db_name, providers):
    return inside.run(db_name, 'engine.overhead')


@row('P8_shards', 'P8_limit')
def shards(db_name, providers):
    """Real GHN waybills by real cron worker processes."""
    world = World(db_name, providers)
    plan = [(1, 'race'), (2, 'race'), (2, 'race'), (1, 'race')]
    tasks = inside.run(db_name, 'engine.parcels', count=(len(plan) + 2) * RACE)['tasks']
    world.sql(ONLY_SHARDS)
    try:
        # each waybill takes GHN 0.1 s; no limit on either side
        world.sql('UPDATE gtg_connector_pace SET slot_seconds = 0')
        providers.call('POST', '/ghn/settings', {
            'rate_limit': 0, 'create_seconds': 0.1, 'create_event': 'none'})
        speeds = {1: [], 2: []}
        for workers, _what in plan:
            mine, tasks = tasks[:RACE], tasks[RACE:]
            rows = race(world, mine, workers)
            speeds[workers].append(len(rows) / (
                max(end for _start, end in rows) - rows[0][0]))
        # an answer in 0.03 s; GHN counts where calls arrive, so it gets some slack
        world.sql(f'UPDATE gtg_connector_pace SET slot_seconds = {1 / LIMIT}, burst = 1')
        providers.call('POST', '/ghn/settings', {
            'rate_limit': LIMIT + 2, 'create_seconds': 0.03})
        rows = race(world, tasks, 1)
        limited = (len(rows) - 1) / (rows[-1][0] - rows[0][0])
    finally:
        world.sql(WITH_INBOX)
        providers.call('POST', '/ghn/settings', {'create_event': 'at_once'})
    assert world.tasks('create_waybill') and len(
        world.effects('ghn', 'create_order')) == (len(plan) + 2) * RACE
    return {
        'P8_shards': {
            'value': round(max(speeds[2]) / max(speeds[1]), 2),
            'one_per_second': [round(speed, 1) for speed in speeds[1]],
            'two_per_second': [round(speed, 1) for speed in speeds[2]]},
        'P8_limit': {
            'value': round(limited / LIMIT, 3),
            'per_second': round(limited, 2), 'limit': LIMIT},
    }


def race(world, tasks, workers):
    """Let ``workers`` cron processes carry out the tasks.

    :return: [(sent at, ended at)] in seconds, in the order in which they were sent
    """
    with world.server(workers=1, cron_threads=workers) as server:
        settle(world)
        server.call('gtg.connector.task', 'action_retry', tasks)
        numbers = ', '.join(map(str, tasks))
        mine = f'FROM gtg_connector_task WHERE id IN ({numbers})'
        world.wait('the waybills', lambda: world.sql(
            f"SELECT count(*) {mine} AND state != 'done'") == [['0']], 180)
        rows = world.sql(f'SELECT sent_at, write_date {mine} ORDER BY sent_at')
        settle(world)
        assert server.log_errors() == []
    assert world.sql(f'SELECT max(attempt) {mine}') == [['1']]
    return [tuple(datetime.fromisoformat(at).timestamp() for at in pair)
            for pair in rows]


def settle(world):
    """Wait until the server that has just started, or ended its work, is idle."""
    world.wait('idle drains', lambda: world.sql(
        "SELECT count(*) FROM gtg_connector_task WHERE state = 'sending'"
        " OR state IN ('queued', 'unknown') AND next_try_at < now() at time zone 'UTC'"
    ) == [['0']], 120)
    time.sleep(2)


# === TOKENS === #

@row('P14')
def refresh(db_name, providers):
    """Eight worker processes need an expired token at the same moment."""
    world, most = World(db_name, providers), 0
    with world.server(workers=8, cron_threads=0):
        shop = world.session().one('gtg.marketplace.shop', [], ['id'])['id']
        sessions = [world.session() for _worker in range(8)]
        for _round in range(3):
            world.sql("UPDATE gtg_connector_token SET expires_at = now() at time zone"
                      f" 'UTC' WHERE account_model = 'gtg.marketplace.shop'"
                      f' AND account_id = {shop}')
            before = len(world.effects('shopee', 'token_refresh'))
            answers = webhooks.at_once(8, lambda n: sessions[n].press(
                'gtg.marketplace.shop', shop, 'action_test_connection'))
            assert {answer['params']['type'] for answer in answers} == {'success'}
            most = max(most, len(world.effects('shopee', 'token_refresh')) - before)
    # the log is not looked at: eight presses of one button make Odoo repeat some
    return {'P14': {'value': most, 'rounds': 3}}


ALL = [imports, confirmed, unchanged, webhook, overhead, shards, push_to_order, refresh]
ALL += [shortage, board, axes, bulk, einvoices, payload, poll]
