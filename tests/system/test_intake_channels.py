"""However an order reaches us - push, lost push, asking, or all at once - it is there
once, and nobody sees an error (X11, X12)."""

import threading

from . import webhooks
from .world import due_crons

ORDERS = ("SELECT gtg_channel_ref, count(*), min(state) FROM sale_order"
          " WHERE gtg_channel_ref IN ({}) GROUP BY gtg_channel_ref")


def each_once(world, refs):
    """Wait until every order is here and confirmed; never one twice."""
    wanted = sorted([ref, '1', 'sale'] for ref in refs)
    names = ', '.join(f"'{ref}'" for ref in refs)
    world.wait(f'{len(refs)} orders', lambda: sorted(
        world.sql(ORDERS.format(names))) == wanted)
    pickings = world.sql(
        'SELECT s.gtg_channel_ref, count(*) FROM sale_order s'
        ' JOIN stock_picking p ON p.sale_id = s.id'
        f' WHERE s.gtg_channel_ref IN ({names}) GROUP BY 1')
    assert sorted(pickings) == sorted([ref, '1'] for ref in refs)


def poll_now(world, account_model):
    """As soon as a server runs."""
    due_crons(world.db)
    world.sql("UPDATE gtg_connector_health SET next_poll_at = now() AT TIME ZONE 'UTC'"
              f" WHERE account_model = '{account_model}'")


def test_an_order_nobody_told_of_is_fetched(world):
    with world.server() as server:
        made, letters = webhooks.shopee_order(world)
        assert letters, 'the push was kept from us'
        admin = world.session()
        shop = admin.one('gtg.marketplace.shop', [], ['id'])
        admin.press('gtg.marketplace.shop', shop['id'], 'action_fetch_now')
        each_once(world, [made['order_sn']])
        # the push comes at last: nothing new
        for letter in letters:
            assert letter.send().status_code == 200
        world.wait('the late pushes', lambda: world.sql(
            "SELECT count(*) FROM gtg_connector_event WHERE state = 'done'"
            f" AND object_ref = '{made['order_sn']}'") == [[str(len(letters))]])
        each_once(world, [made['order_sn']])
        assert webhooks.unexpected(server) == []


def test_a_status_nobody_told_of_is_fetched(world):
    with world.server() as server:
        parcel, number, _order = webhooks.waybill(world)
        _made, letters = webhooks.held_back(world, 'ghn', '*', lambda: [
            world.sandbox.call('POST', f'/ghn/orders/{number}/{verb}', {})
            for verb in ('pick', 'deliver', 'delivered')])
        assert len(letters) == 3
        # silent for long enough to be asked
        world.sql("UPDATE gtg_parcel SET heard_at = heard_at - interval '1 day',"
                  " polled_at = NULL, requested_at = requested_at - interval '1 day'")
        admin = world.session()
        account = admin.one('gtg.parcel', [('id', '=', parcel)], ['account_id'])
        admin.press('gtg.carrier.account', account['account_id'][0],
                    'action_fetch_now')
        world.wait('the status', lambda: world.sql(
            f"SELECT 1 FROM gtg_parcel WHERE id = {parcel} AND status = 'delivered'"))
        for letter in reversed(letters):
            assert letter.send().status_code == 200
        world.wait('no message left', lambda: world.sql(
            "SELECT count(*) FROM gtg_connector_event WHERE state != 'done'"
        ) == [['0']])
        assert world.sql(f'SELECT status FROM gtg_parcel WHERE id = {parcel}') == [
            ['delivered']]
        assert webhooks.unexpected(server) == []


def test_lost_pushes_are_fetched_when_the_server_is_back(world):
    with world.server():
        pass  # Shopee now knows an address where nobody is
    made = world.sandbox.call('POST', '/shopee/orders', {'count': 3})
    for _attempt in range(6):
        world.sandbox.call('POST', '/shopee/pushes/flush')
    states = {row['state'] for row in world.sandbox.call('GET', '/shopee/pushes')
              if row['reference'] in made['orders']}
    assert states == {'lost'}
    # only the lost queue may bring them, not the list of orders
    poll_now(world, 'gtg.marketplace.app')
    with world.server() as server:
        each_once(world, made['orders'])
        names = ', '.join(f"'{ref}'" for ref in made['orders'])
        world.wait('the messages', lambda: world.sql(
            "SELECT count(DISTINCT object_ref) FROM gtg_connector_event"
            f" WHERE state = 'done' AND object_ref IN ({names})") == [['3']])
        confirmed = [row for row in world.sandbox.call('GET', '/shopee/calls')
                     if row['operation'] == 'confirm_consumed_lost_push_message']
        assert confirmed and confirmed[-1]['verdict'] == 'ok'
        assert webhooks.unexpected(server) == []


def test_push_and_poll_at_the_same_time(world):
    """Two server processes with cron workers of their own, pushes twice, and users
    who press "Sync now" all the time."""
    with world.server(workers=2, cron_threads=3) as server:
        session = world.session()
        shop = session.one('gtg.marketplace.shop', [], ['id'])['id']
        world.sql('UPDATE gtg_connector_pace SET slot_seconds = 0.02, burst = 20')
        stop, errors = threading.Event(), []

        def hammer():
            user = world.session()
            while not stop.wait(0.2):
                try:
                    user.press('gtg.marketplace.shop', shop, 'action_fetch_now')
                except Exception as error:
                    errors.append(error)

        threads = [threading.Thread(target=hammer) for _ in range(2)]
        for thread in threads:
            thread.start()
        fault = world.sandbox.call('POST', '/shopee/faults', {
            'operation': '*', 'mode': 'duplicate_push', 'times': 0})
        try:
            refs = [world.sandbox.call('POST', '/shopee/orders', {})['order_sn']
                    for _ in range(10)]
            each_once(world, refs)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            world.sandbox.call('DELETE', f'/shopee/faults/{fault["id"]}')
        assert errors == []
        world.wait('every message dealt with', lambda: world.sql(
            "SELECT count(*) FROM gtg_connector_event WHERE state != 'done'"
        ) == [['0']])
        each_once(world, refs)
        assert webhooks.unexpected(server) == []
