from odoo import fields, models


class SaleChannel(models.Model):
    _inherit = 'gtg.sale.channel'

    gtg_platform_lowers = fields.Boolean(
        'Vouchers of the marketplace lower the invoice',
        help='Vouchers and coins that the marketplace pays are then a discount on order '
             'and invoice. Otherwise they are part of the price: the marketplace pays '
             'them to us. Ask your accountant. It counts for new orders.')


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    # of the day of the order: the channel may choose anew, the order's total stays
    gtg_platform_lowers = fields.Boolean(
        'They lower the sale', copy=False, readonly=True)
