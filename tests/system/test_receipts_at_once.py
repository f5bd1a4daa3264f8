"""Goods come in while people work on the orders that wait for them."""

import itertools

import pytest

from . import webhooks
from . import world as worlds
from .test_warehouse_at_once import both

ROUNDS = 2
names = itertools.count(1)


@pytest.fixture(scope='module')
def shop(connected, sandbox):
    """A running server with two workers and two people, for all tests of the file."""
    with worlds.clone_world('r', connected, sandbox) as world, world.server(
            workers=2, cron_threads=1) as server:
        world.people = [world.session() for _person in range(2)]
        yield world
        assert webhooks.unexpected(server) == []


def quotations(shop, count, quantity=1, stock=0):
    """(a product of which ``stock`` are there, ids of quotations over ``quantity``)"""
    admin = shop.people[0]
    product = admin.create('product.product', {
        'name': f'Scarce {next(names)}', 'is_storable': True, 'taxes_id': False})
    if stock:
        receive(shop, admin, receipts(shop, product, stock)[0])
    buyer = admin.create('res.partner', {'name': 'Buyer', 'phone': '0912345678'})
    found = admin.call('sale.order', 'create', [{
        'partner_id': buyer, 'order_line': [[0, 0, {
            'product_id': product, 'product_uom_qty': quantity}]]}] * count)
    admin.call('sale.order', 'action_gtg_release', found)
    return product, found


def waiting(shop, count, quantity=1):
    """(a product that is missing, ids of confirmed orders that wait for it)"""
    product, orders = quotations(shop, count, quantity)
    shop.people[0].call('sale.order', 'action_confirm', orders)
    assert reserved(shop, orders) == [0] * count
    return product, orders


def receipts(shop, product, *quantities):
    """Ids of receipts that have been announced."""
    admin = shop.people[0]
    kind = admin.one('stock.picking.type', [('code', '=', 'incoming')], [
        'default_location_src_id', 'default_location_dest_id'])
    places = {'location_id': kind['default_location_src_id'][0],
              'location_dest_id': kind['default_location_dest_id'][0]}
    found = admin.call('stock.picking', 'create', [{
        'picking_type_id': kind['id'], **places, 'move_ids': [[0, 0, {
            'product_id': product, 'product_uom_qty': quantity, **places}]]}
        for quantity in quantities])
    admin.call('stock.picking', 'action_confirm', found)
    return found


def receive(shop, person, receipt):
    person.press('stock.picking', receipt, 'button_validate')


def reserved(shop, orders):
    """How much each order has got."""
    rows = shop.sql(
        'SELECT o.id, coalesce(sum(l.quantity_product_uom), 0) FROM sale_order o'
        ' LEFT JOIN stock_picking p ON p.sale_id = o.id'
        ' LEFT JOIN stock_move_line l ON l.picking_id = p.id'
        f" AND l.state != 'cancel' WHERE o.id IN ({ids(orders)}) GROUP BY o.id")
    found = {int(order): float(quantity) for order, quantity in rows}
    return [found[order] for order in orders]


def stock(shop, product):
    """(how many are there, how many of them are reserved)"""
    [[there, taken]] = shop.sql(
        'SELECT sum(q.quantity), sum(q.reserved_quantity) FROM stock_quant q'
        " JOIN stock_location l ON l.id = q.location_id AND l.usage = 'internal'"
        f' WHERE q.product_id = {product}')
    return float(there), float(taken)


def ids(orders):
    return ', '.join(map(str, orders))


def race(shop, first, second):
    """What the two people do at once; nobody is told of an error."""
    answers = both(shop, lambda person: (
        first if person is shop.people[0] else second)(person))
    assert [refused for _done, refused in answers] == ['', '']


@pytest.mark.parametrize('_round', range(ROUNDS))
def test_staff_edits_the_orders_that_a_receipt_releases(shop, _round):
    product, orders = waiting(shop, 6)
    [receipt] = receipts(shop, product, 4)
    lines = {int(order): int(line) for order, line in shop.sql(
        f'SELECT order_id, id FROM sale_order_line WHERE order_id IN ({ids(orders)})')}

    def edit(person):
        for order in orders:
            person.call('sale.order', 'write', [order], {
                'gtg_seller_note': f'Wrap {order}', 'order_line': [
                    [1, lines[order], {'price_unit': 1000 + order}]]})

    race(shop, lambda person: receive(shop, person, receipt), edit)
    assert [(note, float(total)) for note, total in shop.sql(
        'SELECT gtg_seller_note, amount_total FROM sale_order'
        f' WHERE id IN ({ids(orders)}) ORDER BY id')] == [
            (f'Wrap {order}', 1000 + order) for order in orders]
    assert reserved(shop, orders) == [1, 1, 1, 1, 0, 0]  # in work order
    assert stock(shop, product) == (4, 4)


@pytest.mark.parametrize('_round', range(ROUNDS))
def test_the_first_order_grows_while_its_goods_come(shop, _round):
    product, orders = waiting(shop, 3)
    [receipt] = receipts(shop, product, 3)
    [[line]] = shop.sql(f'SELECT id FROM sale_order_line WHERE order_id = {orders[0]}')
    race(shop, lambda person: receive(shop, person, receipt),
         lambda person: person.call('sale.order', 'write', [orders[0]], {
             'order_line': [[1, int(line), {'product_uom_qty': 3}]]}))
    # whoever was first: what came is given out once, and the order wants three
    assert reserved(shop, orders) in ([1, 1, 1], [3, 0, 0])
    assert stock(shop, product) == (3, 3)
    assert float(shop.sql(
        'SELECT sum(m.product_qty) FROM stock_move m JOIN stock_picking p ON p.id ='
        f" m.picking_id WHERE p.sale_id = {orders[0]} AND m.state != 'cancel'"
    )[0][0]) == 3


@pytest.mark.parametrize('_round', range(ROUNDS))
def test_the_first_order_is_cancelled_while_its_goods_come(shop, _round):
    product, orders = waiting(shop, 3)
    [receipt] = receipts(shop, product, 2)
    race(shop, lambda person: receive(shop, person, receipt),
         lambda person: person.call('sale.order', 'action_cancel', [orders[0]]))
    assert shop.sql('SELECT o.state, p.state FROM sale_order o JOIN stock_picking p'
                    f' ON p.sale_id = o.id WHERE o.id = {orders[0]}') == [
                        ['cancel', 'cancel']]
    # who got the goods of the first, or they lie free
    assert reserved(shop, orders) in ([0, 1, 1], [0, 1, 0])
    assert stock(shop, product) == (2, sum(reserved(shop, orders)))


@pytest.mark.parametrize('_round', range(ROUNDS))
def test_the_first_order_is_held_while_its_goods_come(shop, _round):
    product, orders = waiting(shop, 3)
    [receipt] = receipts(shop, product, 2)
    reason = blocking(shop)
    race(shop, lambda person: receive(shop, person, receipt),
         lambda person: person.create('gtg.order.hold', {
             'order_id': orders[0], 'reason_id': reason}))
    assert shop.sql("SELECT gtg_info, gtg_goods FROM sale_order"
                    f' WHERE id = {orders[0]}') == [['on_hold', 'waiting']]
    assert reserved(shop, orders) in ([0, 1, 1], [0, 1, 0])
    assert stock(shop, product) == (2, sum(reserved(shop, orders)))


def given_out(shop, product, orders):
    """Receipt and order did not see each other; who comes after both sees them."""
    shop.wait('the goods that came in', lambda: reserved(shop, orders) == [1] * len(
        orders), 60)
    assert stock(shop, product) == (len(orders), len(orders))


def blocking(shop):
    [[reason]] = shop.sql("SELECT id FROM gtg_hold_reason WHERE code = 'risk_check'"
                          ' AND blocks_reservation')
    return int(reason)


@pytest.mark.parametrize('_round', range(ROUNDS))
def test_the_hold_of_the_first_order_ends_while_its_goods_come(shop, _round):
    product, orders = waiting(shop, 3)
    shop.people[0].create('gtg.order.hold', {
        'order_id': orders[0], 'reason_id': blocking(shop)})
    [receipt] = receipts(shop, product, 3)
    race(shop, lambda person: receive(shop, person, receipt),
         lambda person: person.call('sale.order', 'action_gtg_release', [orders[0]]))
    given_out(shop, product, orders)


@pytest.mark.parametrize('_round', range(ROUNDS))
def test_one_releases_a_hold_the_other_cancels(shop, _round):
    product, orders = quotations(shop, 2, stock=2)
    admin = shop.people[0]
    for order in orders:
        admin.create('gtg.order.hold', {'order_id': order, 'reason_id': blocking(shop)})
    admin.call('sale.order', 'action_confirm', orders)
    assert reserved(shop, orders) == [0, 0]
    race(shop, lambda person: person.call('sale.order', 'action_gtg_release', orders),
         lambda person: person.call('sale.order', 'action_cancel', [orders[0]]))
    assert shop.sql('SELECT state FROM sale_order WHERE id IN'
                    f' ({ids(orders)}) ORDER BY id') == [['cancel'], ['sale']]
    assert shop.sql('SELECT DISTINCT state FROM gtg_order_hold WHERE order_id IN'
                    f' ({ids(orders)})') == [['released']]
    assert reserved(shop, orders) == [0, 1]
    assert stock(shop, product) == (2, 1)


@pytest.mark.parametrize('_round', range(ROUNDS))
def test_two_receipts_at_once(shop, _round):
    product, orders = waiting(shop, 5)
    first, second = receipts(shop, product, 2, 2)
    race(shop, lambda person: receive(shop, person, first),
         lambda person: receive(shop, person, second))
    assert reserved(shop, orders) == [1, 1, 1, 1, 0]
    assert stock(shop, product) == (4, 4)


@pytest.mark.parametrize('_round', range(ROUNDS))
def test_an_order_is_approved_while_its_goods_come(shop, _round):
    product, orders = quotations(shop, 2)
    [receipt] = receipts(shop, product, 2)
    race(shop, lambda person: receive(shop, person, receipt),
         lambda person: person.call('sale.order', 'action_confirm', orders))
    given_out(shop, product, orders)


@pytest.mark.parametrize('_round', range(ROUNDS))
def test_two_approve_two_orders_of_the_last_piece(shop, _round):
    product, orders = quotations(shop, 2, stock=1)
    race(shop, lambda person: person.call('sale.order', 'action_confirm', orders[:1]),
         lambda person: person.call('sale.order', 'action_confirm', orders[1:]))
    assert sorted(reserved(shop, orders)) == [0, 1]
    assert stock(shop, product) == (1, 1)
