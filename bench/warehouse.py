"""P11, inside an Odoo process: the shortage of all waiting orders."""

from odoo import Command

from bench import copies
from bench.imports import Spent

PRODUCTS = 300
LINES = 3


def shortage(env):
    """SQL statements of looking at the shortage, and of buying it, by orders waiting."""
    products = _sold_by_vendors(env)
    _look(env, products, 100)  # what is cached per registry
    few, _found = _look(env, products, 100)
    many, found = _look(env, products, 1800)
    lines = found.line_ids.filtered(lambda line: line.product_id in products)
    assert sum(lines.mapped('missing')) == 2000 * LINES, sum(lines.mapped('missing'))
    assert len(lines) == PRODUCTS and all(lines.mapped('vendor_id'))
    with Spent() as bought:
        found.action_buy()
        env.flush_all()
    env.cr.rollback()
    return {'P11': {
        'value': many.statements, 'of_200_orders': few.statements,
        'seconds': round(many.seconds, 2), 'buying': bought.statements,
        'buying_seconds': round(bought.seconds, 2)}}


def _look(env, products, count):
    _waiting_orders(env, products, count)
    env.flush_all()
    env.invalidate_all()
    with Spent() as spent:
        answer = env['gtg.shortage'].action_open()
        env.flush_all()
    return spent, env['gtg.shortage'].browse(answer['res_id'])


def _sold_by_vendors(env):
    vendors = env['res.partner'].create([{'name': f'Vendor {n}'} for n in range(10)])
    return env['product.product'].create([{
        'name': f'Bench {number}', 'default_code': f'BENCH{number}',
        'is_storable': True, 'seller_ids': [Command.create({
            'partner_id': vendors[number % len(vendors)].id, 'price': 1000 + number})],
    } for number in range(PRODUCTS)])


def _waiting_orders(env, products, count):
    """Confirmed orders that wait for stock, with their transfers."""
    made = len(products) // LINES  # every product once
    buyers = env['res.partner'].create([
        {'name': f'Khách {number}'} for number in range(count)])
    orders = env['sale.order'].create([{
        'partner_id': buyer.id, 'order_line': [
            Command.create({'product_id': products[order * LINES + line].id,
                            'product_uom_qty': 1}) for line in range(LINES)],
    } for order, buyer in enumerate(buyers[:made])])
    orders.action_confirm()
    orders.action_gtg_release()
    assert set(orders.picking_ids.mapped('state')) == {'confirmed'}
    copies.copy(orders, buyers[made:])
