from odoo import SUPERUSER_ID, api

from odoo.addons.gtg_vn_einvoice_sale.models.res_company import PARTLY


def migrate(cr, version):
    """Parts of orders that were handed over before get their deadline."""
    if version:
        api.Environment(cr, SUPERUSER_ID, {})['sale.order']._gtg_recompute(
            PARTLY, 'gtg_part_day')
