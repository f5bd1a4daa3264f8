"""The pictures of the README, taken from the running system."""

import io

from PIL import Image

from .browser import chromium


def take(shop, folder):
    """Work a few orders, then photograph what the people of the shop see.

    :param Shop shop: a freshly connected demo
    :param Path folder: where the PNG files go
    """
    folder.mkdir(parents=True, exist_ok=True)
    moved = shop.first_orders()
    done = shop.phone_order(2, [('AT-SG-TRANG-L', 1), ('NON-01', 1)])
    waybill = shop.labelled(done)['tracking_number']
    for verb in ('picking', 'pick', 'store', 'deliver', 'fail', 'store', 'deliver',
                 'delivered', 'cod_transfer'):
        shop.ghn(verb, waybill)
    einvoice = shop.admin.wait('the e-invoice', lambda: (
        (row := shop.einvoice(done)) and row['state'] == 'coded' and row['xml_state']
        and row), 180)
    # two more for the packing table, and one that nobody has looked at yet
    packing = shop.labelled(shop.phone_order(3, [('AT-SG-TRANG-L', 2), ('NON-01', 1)]))
    shop.phone_order(1, [('NON-01', 3)])
    url = shop.admin.url
    with chromium() as page:
        page.log_in(shop.admin)

        def shoot(name, address, ready, scan=None):
            page.open(address, ready)
            if scan:
                page.scan(scan)
                page.wait('!!document.querySelector(".o_gtg_scan_open")')
            # pictures of products and fonts come a moment after the markup
            page.run('document.fonts.ready.then(() => new Promise('
                     'done => setTimeout(() => done(1), 1500)))')
            _save(page.picture(), folder / f'{name}.png')
            print(f'  docs/images/{name}.png')

        action = _actions(shop)
        board = action['gtg_order_flow.action_order_board']
        shoot('board', f'{url}/odoo/action-{board}', '.o_kanban_record')
        shoot('order', f'{url}/odoo/action-{board}/{moved}', '.o_form_view')
        parcels = action['gtg_vn_carriers.action_parcels']
        parcel = shop.parcel(done)['id']
        shoot('parcel', f'{url}/odoo/action-{parcels}/{parcel}', '.o_form_view')
        moves = action['account.action_move_out_invoice_type']
        shoot('einvoice', f'{url}/odoo/action-{moves}/{einvoice["move_id"][0]}',
              '.o_form_view')
        deadlines = action['gtg_vn_einvoice.watch_action']
        shoot('deadlines', f'{url}/odoo/action-{deadlines}', '.o_kanban_record')
        shops = action['gtg_marketplace_connector.action_shop']
        first = shop.admin.call('gtg.marketplace.shop', 'search', [])[0]
        shoot('shop', f'{url}/odoo/action-{shops}/{first}', '.o_form_view')
        tasks = action['gtg_connector_base.connector_task_action']
        shoot('activity', f'{url}/odoo/action-{tasks}', '.o_list_view, .o_nocontent_help')
        shoot('today', f'{url}/odoo/shop-today', '.o_gtg_home .o_gtg_tile')
        report = action['gtg_order_flow.action_order_report']
        shoot('numbers', f'{url}/odoo/action-{report}', '.o_graph_renderer canvas')
        shoot('scan_out', f'{url}/odoo/scan-out', '.o_gtg_scan_code',
              scan=packing['tracking_number'])
        shoot('sandbox', f'{shop.providers.control}/', 'table')


def _actions(shop):
    """{xml id: database id} of the actions that are photographed."""
    rows = shop.admin.call('ir.model.data', 'search_read', [
        ('model', '=', 'ir.actions.act_window')], ['complete_name', 'res_id'])
    return {row['complete_name']: row['res_id'] for row in rows}


def _save(png, path):
    """Store with a palette: a fifth of the size, no visible difference."""
    image = Image.open(io.BytesIO(png)).convert('RGB')
    image.quantize(colors=200, dither=Image.Dither.NONE).save(path, optimize=True)
