"""A person at a screen: one Shopee order from its arrival to its end."""

import json

from demo.browser import chromium


def shows(field, word):
    """JavaScript: whether the order card says this."""
    return (f"document.querySelector('.o_gtg_card [name={field}]')?.innerText"
            f' == {json.dumps(word)}')


def test_staff_works_one_order_to_the_end(world):
    with world.server():
        made = world.sandbox.call('POST', '/shopee/orders', {})
        order = world.wait('the order', lambda: world.sql(
            'SELECT id, name FROM sale_order'
            f" WHERE gtg_channel_ref = '{made['order_sn']}' AND state = 'sale'"))[0]
        staff = world.session('kho')
        words = {name: dict(about['selection']) for name, about in staff.call(
            'sale.order', 'fields_get', ['gtg_stage', 'gtg_goods'],
            context={'lang': 'vi_VN'}).items()}
        board = world.session().one('ir.model.data', [
            ('module', '=', 'gtg_order_flow'), ('name', '=', 'action_order_board')],
            ['res_id'])
        home = f'{world.url}/odoo/action-{board["res_id"]}'
        with chromium() as page:
            page.log_in(staff)
            page.open(home, '.o_kanban_record')
            page.wait(f'document.body.innerText.includes({json.dumps(order[1])})')
            page.open(f'{home}/{order[0]}', 'button.o_gtg_next')
            page.click('button.o_gtg_next')
            # nobody reloads: the form does when the drain has ended
            page.wait(shows('gtg_goods', words['gtg_goods']['to_print']), 240)
            for verb in ('pickup', 'deliver', 'complete'):
                world.sandbox.call(
                    'POST', f'/shopee/orders/{made["order_sn"]}/{verb}', {})
            world.wait('completed', lambda: world.sql(
                f'SELECT 1 FROM sale_order WHERE id = {order[0]}'
                " AND gtg_stage = 'completed'"))
            page.open(f'{home}/{order[0]}', '.o_gtg_card')
            page.wait(shows('gtg_stage', words['gtg_stage']['completed']))
    assert len([row for row in world.effects('shopee', 'ship_order')
                if row['reference'] == made['order_sn']]) == 1
