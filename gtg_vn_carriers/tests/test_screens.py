from odoo import Command
from odoo.tests import HttpCase, tagged

LOOK = """
const until = async (ready, what) => {
    for (let i = 0; i < 600; i++) {
        if (document.querySelector('.o_error_dialog')) {
            throw new Error(document.querySelector('.o_error_dialog').textContent);
        }
        if (ready()) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('not shown: ' + what);
};
until(() => document.querySelector('%(selector)s'), '%(selector)s').then(
    () => console.log('test successful'), (error) => console.error(error.message));
"""


@tagged('post_install', '-at_install')
class TestScreens(HttpCase):
    """A real browser draws what staff and administrator work with."""

    def test_parcels_orders_and_accounts(self):
        account = self.env['gtg.carrier.account'].create({
            'name': 'GHN', 'provider': 'ghn', 'environment': 'test'})
        carrier = self.env['delivery.carrier'].create({
            'name': 'GHN', 'delivery_type': 'gtg_ghn', 'gtg_account_id': account.id,
            'product_id': self.env['product.product'].create({
                'name': 'Shipping', 'type': 'service'}).id})
        product = self.env['product.product'].create({
            'name': 'Shirt', 'is_storable': True, 'weight': 1})
        warehouse = self.env['stock.warehouse'].search(
            [('company_id', '=', self.env.company.id)], limit=1)
        self.env['stock.quant']._update_available_quantity(
            product, warehouse.lot_stock_id, 1)
        order = self.env['sale.order'].create({
            'partner_id': self.env['res.partner'].create({'name': 'Buyer'}).id,
            'carrier_id': carrier.id,
            'order_line': [Command.create({'product_id': product.id})]})
        order.action_confirm()
        parcel = order.gtg_parcel_ids
        self.assertTrue(parcel.problem)
        for path, selector in (
            ('parcels', '.o_data_row'),
            (f'parcels/{parcel.id}', '[name=problem]'),
            (f'sales/{order.id}', '[name=gtg_parcel_ids] .o_data_row'),
            (f'm-stock.picking/{order.picking_ids.id}', 'button[name=action_gtg_request]'),
            (f'm-gtg.carrier.account/{account.id}', '[name=ghn_token]'),
            (f'm-delivery.carrier/{carrier.id}', '[name=gtg_account_id]'),
        ):
            with self.subTest(path):
                self.browser_js(f'/odoo/{path}', LOOK % {'selector': selector},
                                login='admin', timeout=120)
