"""The warehouse: two people do the same thing in the same second."""

import pytest

from demo.web import WebError

from . import webhooks
from . import world as worlds


@pytest.fixture(scope='module')
def shop(connected, sandbox):
    """A running server and two people at work, for all tests of the file."""
    with worlds.clone_world('w', connected, sandbox) as world, world.server(
            cron_threads=0) as server:
        world.people = [world.session() for _person in range(2)]
        yield world
        assert webhooks.unexpected(server) == []


def orders(world, count, product='NON-01', **values):
    """Ids of confirmed orders with one product each, carried by nobody."""
    admin = world.people[0]
    product = admin.one('product.product', [('default_code', '=', product)],
                        ['id'])['id']
    partner = admin.create('res.partner', {'name': 'Buyer', 'phone': '0912345678'})
    found = [admin.create('sale.order', {
        'partner_id': partner, 'order_line': [[0, 0, {
            'product_id': product, 'product_uom_qty': 1}]], **values})
        for _order in range(count)]
    admin.call('sale.order', 'action_confirm', found)
    # so many alike look like duplicates
    admin.call('sale.order', 'action_gtg_release', found)
    return found


def both(world, job):
    """Two people do it at once; [(result or None, what was refused or '')]."""
    def run(person):
        try:
            return job(world.people[person]), ''
        except WebError as error:
            return None, str(error)
    return webhooks.at_once(2, run)


def test_two_stations_scan_one_parcel(shop):
    for order in orders(shop, 5):
        name = shop.sql(f'SELECT name FROM sale_order WHERE id = {order}')[0][0]
        parcel = shop.people[0].call('stock.picking', 'gtg_scan_open', name)
        scanned = [[line['product_id'], line['lot_id'], line['quantity']]
                   for line in parcel['lines']]
        answers = both(shop, lambda person, p=parcel, s=scanned: person.call(
            'stock.picking', 'gtg_scan_finish', [p['id']], s))
        [shipped] = [answer for answer, _refused in answers if answer]
        [refused] = [refused for _answer, refused in answers if refused]
        assert shipped['order'] == name
        assert 'has left already' in refused
        done = shop.sql('SELECT state, quantity FROM stock_move'
                        f" WHERE picking_id = {parcel['id']}")
        assert [(state, float(number)) for state, number in done] == [('done', 1.0)]


def test_a_station_asks_again_before_the_first_answer(shop):
    for order in orders(shop, 5):
        name = shop.sql(f'SELECT name FROM sale_order WHERE id = {order}')[0][0]
        parcel = shop.people[0].call('stock.picking', 'gtg_scan_open', name)
        scanned = [[line['product_id'], line['lot_id'], line['quantity']]
                   for line in parcel['lines']]
        first, second = both(shop, lambda person, p=parcel, s=scanned: person.call(
            'stock.picking', 'gtg_scan_finish', [p['id']], s, token=f"try-{p['id']}"))
        assert first[0] == second[0] and first[0]['order'] == name, (first, second)
        done = shop.sql('SELECT state, quantity FROM stock_move'
                        f" WHERE picking_id = {parcel['id']}")
        assert [(state, float(number)) for state, number in done] == [('done', 1.0)]


def test_two_people_make_waves(shop):
    shop.people[0].call('stock.picking', 'do_unreserve', [int(row[0]) for row in shop.sql(
        "SELECT id FROM stock_picking WHERE state = 'assigned'")])
    wanted = orders(shop, 9)
    warehouse = shop.sql('SELECT warehouse_id FROM sale_order'
                         f' WHERE id = {wanted[0]}')[0][0]

    def wave(person):
        wizard = person.create('gtg.next.wave', {
            'warehouse_id': int(warehouse), 'count': 6, 'sort': 'promised'})
        return person.call('gtg.next.wave', 'action_create', [wizard])['res_id']

    batches = [batch for batch, _refused in both(shop, wave) if batch]
    while True:  # who met only locked rows presses again
        try:
            batches.append(wave(shop.people[0]))
        except WebError as error:
            assert 'Nothing waits' in str(error)
            break
    # core writes in the batch's history what was put in
    rows = shop.sql('SELECT batch_id, count(*) FROM stock_picking'
                    f" WHERE sale_id IN ({', '.join(map(str, wanted))}) GROUP BY 1")
    assert sum(int(row[1]) for row in rows) == 9
    assert {int(row[0]) for row in rows} == set(batches), (rows, batches)
    assert all(row[0] == 'in_progress' for row in shop.sql(
        'SELECT state FROM stock_picking_batch'
        f" WHERE id IN ({', '.join(map(str, batches))})"))


def test_hold_and_wave_at_once(shop):
    reason = shop.people[0].one('gtg.hold.reason', [('code', '=', 'manual')],
                                ['id'])['id']
    for order in orders(shop, 5):
        warehouse, picking = shop.sql(
            'SELECT o.warehouse_id, p.id FROM sale_order o JOIN stock_picking p'
            f' ON p.sale_id = o.id WHERE o.id = {order}')[0]

        def job(person, order=order, warehouse=warehouse):
            if person is shop.people[0]:
                wizard = person.create('gtg.order.hold.wizard', {
                    'order_ids': [[6, 0, [order]]], 'reason_id': reason})
                return person.call('gtg.order.hold.wizard', 'action_hold', [wizard])
            wizard = person.create('gtg.next.wave', {
                'warehouse_id': int(warehouse), 'count': 500})
            return person.call('gtg.next.wave', 'action_create', [wizard])

        both(shop, job)
        assert shop.sql("SELECT count(*) FROM gtg_order_hold WHERE state = 'open'"
                        f' AND order_id = {order}') == [['1']]
        assert shop.sql('SELECT batch_id IS NULL FROM stock_picking'
                        f' WHERE id = {picking}')[0][0] in ('t', 'True', True)


def test_two_people_buy_the_shortage(shop):
    admin = shop.people[0]
    vendor = admin.create('res.partner', {'name': 'Vendor'})
    admin.create('product.product', {
        'name': 'Bought at once', 'default_code': 'ATONCE', 'is_storable': True,
        'seller_ids': [[0, 0, {'partner_id': vendor, 'price': 1000}]]})
    orders(shop, 3, product='ATONCE')

    def buy(person):
        shortage = person.call('gtg.shortage', 'action_open')['res_id']
        return person.call('gtg.shortage', 'action_buy', [shortage])

    for _round in range(2):
        both(shop, buy)
    assert [float(row[0]) for row in shop.sql(
        'SELECT product_qty FROM purchase_order_line l JOIN product_product p'
        " ON p.id = l.product_id WHERE p.default_code = 'ATONCE'")] == [3.0]
