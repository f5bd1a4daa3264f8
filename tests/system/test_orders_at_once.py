"""Two people at two worker processes do things to the same orders in the same second."""

import pytest

from demo.web import WebError

from . import webhooks
from . import world as worlds
from .test_warehouse_at_once import both

APPROVED = """SELECT o.state, count(DISTINCT p.id), count(m.id),
       count(m.id) FILTER (WHERE m.state = 'assigned')
  FROM sale_order o JOIN stock_picking p ON p.sale_id = o.id
  JOIN stock_move m ON m.picking_id = p.id
 WHERE o.id IN ({}) GROUP BY o.id"""


@pytest.fixture(scope='module')
def shop(connected, sandbox):
    """A running server with two workers and two people, for all tests of the file."""
    with worlds.clone_world('o', connected, sandbox) as world, world.server(
            workers=2, cron_threads=0) as server:
        world.people = [world.session() for _person in range(2)]
        world.buyer = world.people[0].create('res.partner', {
            'name': 'Buyer', 'phone': '0912345678', 'email': 'buyer@example.com'})
        world.goods = world.people[0].create('product.product', {
            'name': 'Plenty', 'is_storable': True, 'taxes_id': False})
        world.sql(
            'INSERT INTO stock_quant (product_id, location_id, company_id, quantity,'
            f' reserved_quantity, in_date) SELECT {world.goods}, lot_stock_id,'
            ' company_id, 1000, 0, now() FROM stock_warehouse')
        yield world
        assert webhooks.unexpected(server) == []


def quotations(shop, count):
    admin = shop.people[0]
    found = admin.call('sale.order', 'create', [{
        'partner_id': shop.buyer, 'order_line': [[0, 0, {
            'product_id': shop.goods, 'product_uom_qty': 1}]]}] * count)
    admin.call('sale.order', 'action_gtg_release', found)
    return found


def approved(shop, orders):
    """[state, deliveries, moves, reserved moves] of each order."""
    rows = shop.sql(APPROVED.format(', '.join(map(str, orders))))
    return [[row[0], *map(int, row[1:])] for row in rows]


def bulk(person, orders):
    opened = person.press('sale.order', orders, 'action_gtg_bulk', gtg_bulk='confirm')
    return opened['params']['bulk_id']


def drive(person, job):
    """What the open dialog does; its Continue button is pressed at most three times."""
    tired = 3
    while True:
        try:
            if not person.call('gtg.order.bulk', 'action_chunk', [job])['waiting']:
                return
        except WebError:
            tired -= 1
            if not tired:
                raise


def lines(shop, job):
    return dict(shop.sql('SELECT state, count(*) FROM gtg_order_bulk_line'
                         f' WHERE bulk_id = {job} GROUP BY 1'))


def test_two_pages_drive_one_bulk_job(shop):
    orders = quotations(shop, 30)
    job = bulk(shop.people[0], orders)
    assert [refused for _done, refused in both(shop, lambda p: drive(p, job))] == ['', '']
    assert approved(shop, orders) == [['sale', 1, 1, 1]] * 30
    assert lines(shop, job) == {'done': '30'}


def test_two_bulk_jobs_of_the_same_orders(shop):
    orders = quotations(shop, 30)
    jobs = {person: bulk(person, orders) for person in shop.people}
    answers = both(shop, lambda person: drive(person, jobs[person]))
    assert [refused for _done, refused in answers] == ['', '']
    assert approved(shop, orders) == [['sale', 1, 1, 1]] * 30
    for job in jobs.values():
        assert lines(shop, job) == {'done': '30'}


def test_a_bulk_job_and_a_person_who_cancels(shop):
    orders = quotations(shop, 20)
    job = bulk(shop.people[0], orders)

    def work(person):
        if person is shop.people[0]:
            return drive(person, job)
        for order in orders[::2]:
            person.call('sale.order', 'action_cancel', [order])

    assert [refused for _done, refused in both(shop, work)] == ['', '']
    ids = ', '.join(map(str, orders[::2]))
    assert shop.sql(f'SELECT DISTINCT state FROM sale_order WHERE id IN ({ids})') == [
        ['cancel']]
    assert shop.sql('SELECT count(*) FROM stock_picking WHERE state != '
                    f"'cancel' AND sale_id IN ({ids})") == [['0']]
    assert approved(shop, orders[1::2]) == [['sale', 1, 1, 1]] * 10
    assert set(lines(shop, job)) <= {'done', 'failed'}


def test_one_approves_the_other_cancels(shop):
    for order in quotations(shop, 4):
        both(shop, lambda person, o=order: person.call(
            'sale.order',
            'action_confirm' if person is shop.people[0] else 'action_cancel', [o]))
        [[state]] = shop.sql(f'SELECT state FROM sale_order WHERE id = {order}')
        alive = shop.sql('SELECT state FROM stock_picking WHERE state != '
                         f"'cancel' AND sale_id = {order}")
        assert (state, alive) in [('sale', [['assigned']]), ('cancel', [])]


def test_one_releases_the_other_approves(shop):
    [[reason]] = shop.sql('SELECT id FROM gtg_hold_reason WHERE blocks_reservation'
                          ' AND active ORDER BY id LIMIT 1')
    for order in quotations(shop, 4):
        shop.people[0].create('gtg.order.hold', {
            'order_id': order, 'reason_id': int(reason)})
        answers = both(shop, lambda person, o=order: person.call(
            'sale.order',
            'action_confirm' if person is shop.people[0] else 'action_gtg_release', [o]))
        assert [refused for _done, refused in answers] == ['', '']
        # neither waits for the other's news: the stock is reserved whoever was last
        assert approved(shop, [order]) == [['sale', 1, 1, 1]]
        assert shop.sql('SELECT gtg_info, gtg_goods FROM sale_order'
                        f' WHERE id = {order}') == [['approved', 'allocated']]


def test_two_release_one_hold(shop):
    [[reason]] = shop.sql("SELECT id FROM gtg_hold_reason WHERE code = 'manual'")
    for order in quotations(shop, 4):
        hold = shop.people[0].create('gtg.order.hold', {
            'order_id': order, 'reason_id': int(reason)})
        told = ("SELECT count(*) FROM mail_message WHERE model = 'sale.order'"
                f" AND res_id = {order} AND body LIKE '%Released:%'")
        before = int(shop.sql(told)[0][0])
        both(shop, lambda person, h=hold: person.call(
            'gtg.order.hold', 'action_release', [h]))
        assert shop.sql(f'SELECT state FROM gtg_order_hold WHERE id = {hold}') == [
            ['released']]
        assert int(shop.sql(told)[0][0]) == before + 1


def test_one_accepts_the_cancellation_the_other_refuses(shop):
    orders = quotations(shop, 4)
    shop.people[0].call('sale.order', 'action_confirm', orders)
    for order in orders:
        request = shop.people[0].create('gtg.cancel.request', {
            'order_id': order, 'answer': 'It is on the van'})
        both(shop, lambda person, r=request: person.call(
            'gtg.cancel.request',
            'action_accept' if person is shop.people[0] else 'action_refuse', [r]))
        [[answer, state]] = shop.sql(
            'SELECT r.state, o.state FROM gtg_cancel_request r'
            f' JOIN sale_order o ON o.id = r.order_id WHERE r.id = {request}')
        assert (answer, state) in [('accepted', 'cancel'), ('refused', 'sale')]
        assert shop.sql("SELECT count(*) FROM mail_mail m JOIN mail_message s ON s.id ="
                        " m.mail_message_id WHERE s.model = 'gtg.cancel.request'"
                        f' AND s.res_id = {request}') == [['1']]
