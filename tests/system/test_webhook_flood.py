"""The same message fifty times at once, and again much later: one fact, one effect."""

import pytest

from . import webhooks

EVENTS = """SELECT state, count(*) FROM gtg_connector_event
             WHERE object_ref = '{}' GROUP BY state ORDER BY state"""


@pytest.mark.parametrize('workers', [0, 2], ids=['threaded', 'prefork'])
def test_fifty_at_once_are_one_order(world, workers):
    with world.server(workers=workers) as server:
        made, letters = webhooks.shopee_order(world)
        answers = webhooks.at_once(50, lambda n: letters[0].send())
        # anything but 2xx without a body would be sent again
        assert {(answer.status_code, answer.content) for answer in answers} == {
            (200, b'')}
        ref = made['order_sn']
        world.wait('the event', lambda: world.sql(
            EVENTS.format(ref)) == [['done', '1']])
        orders = f"SELECT id, state FROM sale_order WHERE gtg_channel_ref = '{ref}'"
        (first,) = world.sql(orders)
        assert first[1] == 'sale'
        # X9: the old message again, after everything was done
        later = [letters[0].send() for _ in range(3)]
        assert {(answer.status_code, answer.content) for answer in later} == {
            (200, b'')}
        # a fresh message proves that the inbox has looked at everything before it
        other = world.sandbox.call('POST', '/shopee/orders', {})['order_sn']
        world.wait('another order', lambda: world.sql(
            f"SELECT id FROM sale_order WHERE gtg_channel_ref = '{other}'"))
        assert world.sql(EVENTS.format(ref)) == [['done', '1']]
        assert world.sql(orders) == [first]
        assert world.sql(
            'SELECT count(*) FROM stock_picking p JOIN sale_order s ON s.id = p.sale_id'
            f" WHERE s.gtg_channel_ref = '{ref}'") == [['1']]
        assert webhooks.unexpected(server) == []


@pytest.mark.parametrize('workers', [0, 2], ids=['threaded', 'prefork'])
def test_fifty_callbacks_are_one_report(world, workers):
    with world.server(workers=workers) as server:
        parcel, number, order = webhooks.waybill(world)
        picked, letters = webhooks.held_back(world, 'ghn', '*', lambda: [
            world.sandbox.call('POST', f'/ghn/orders/{number}/{verb}', {})
            for verb in ('picking', 'pick')][-1])
        assert len(letters) == 2, picked
        answers = webhooks.at_once(50, lambda n: letters[1].send())
        assert {answer.status_code for answer in answers} == {200}
        status = f'SELECT status FROM gtg_parcel WHERE id = {parcel}'
        world.wait('the pickup', lambda: world.sql(status) == [['picked']])
        reports = ('SELECT count(*) FROM gtg_parcel_event WHERE pushed'
                   f" AND parcel_id = {parcel} AND code = 'picked'")
        assert world.sql(reports) == [['1']]
        told = ('SELECT count(*) FROM gtg_buyer_message'
                f" WHERE order_id = {order} AND event = 'shipped'")
        before = world.sql(told)
        # X9: delivered meanwhile, then the earlier messages come again
        world.sandbox.call('POST', f'/ghn/orders/{number}/deliver', {})
        world.sandbox.call('POST', f'/ghn/orders/{number}/delivered', {})
        world.wait('the delivery', lambda: world.sql(status) == [['delivered']])
        for letter in letters:
            assert letter.send().status_code == 200
        world.wait('no message left', lambda: world.sql(
            "SELECT count(*) FROM gtg_connector_event WHERE state != 'done'"
        ) == [['0']])
        assert world.sql(status) == [['delivered']]
        assert world.sql(reports) == [['1']]
        assert world.sql(told) == before
        assert webhooks.unexpected(server) == []
