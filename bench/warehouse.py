"""P11, inside an Odoo process: the shortage of all waiting orders."""

from odoo import Command

from bench.imports import Spent

PRODUCTS = 300
LINES = 3


def shortage(env):
    """SQL statements of looking at the shortage, and of buying it, by orders waiting."""
    products = _sold_by_vendors(env)
    few, _found = _look(env, products, 200)
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
    """Orders whose moves wait for stock.

    Their transfers are left out: nobody here looks at them, and thousands take minutes.
    """
    partner = env['res.partner'].search([('customer_rank', '>', 0)], limit=1) or (
        env.user.partner_id)
    orders = env['sale.order'].create([{
        'partner_id': partner.id, 'order_line': [
            Command.create({
                'product_id': products[(order * 7 + line) % len(products)].id,
                'product_uom_qty': 1})
            for line in range(LINES)],
    } for order in range(count)])
    env.flush_all()
    env.cr.execute("UPDATE sale_order SET state = 'sale' WHERE id = ANY(%s)",
                   [orders.ids])
    env.invalidate_all()
    env['stock.move'].create([{
        'product_id': line.product_id.id, 'product_uom_qty': line.product_uom_qty,
        'product_uom': line.product_uom_id.id, 'sale_line_id': line.id,
        'company_id': line.company_id.id, 'state': 'confirmed',
        'location_id': line.order_id.warehouse_id.lot_stock_id.id,
        'location_dest_id': partner.property_stock_customer.id,
    } for line in orders.order_line])
