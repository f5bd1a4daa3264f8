from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """What was stored of the orders of before without knowing of marketplaces."""
    if not version:
        return
    # until now the date to ship by was always the marketplace's
    cr.execute(
        """
        UPDATE sale_order SET gtg_platform_ship_by = gtg_ship_by
         WHERE gtg_shop_id IS NOT NULL AND gtg_platform_ship_by IS NULL
           AND gtg_ship_by IS NOT NULL
        """)
    orders = api.Environment(cr, SUPERUSER_ID, {})['sale.order']
    orders.invalidate_model()
    sold = [('gtg_shop_id', '!=', False), ('state', '=', 'sale')]
    orders._gtg_compute_again(sold, ['gtg_profit', 'gtg_fees', 'gtg_fees_known'])
    orders._gtg_compute_again(
        [*sold, ('gtg_shipped_at', '!=', False), ('gtg_delivered_at', '=', False)],
        ['gtg_unscanned_since'])
