from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """The profit was stored before the carriers' fees were known."""
    if version:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env['sale.order']._gtg_compute_again(
            [('gtg_parcel_ids', '!=', False), ('state', '=', 'sale')],
            ['gtg_profit', 'gtg_fees', 'gtg_fees_known'])
