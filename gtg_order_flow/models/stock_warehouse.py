from odoo import fields, models

from .work_order import WORK_SORTS


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    gtg_wave_sort = fields.Selection(
        WORK_SORTS,
        string="Order of Work",
        default="promised",
        help="What the next wave takes first, unless the person chooses otherwise.",
    )
    gtg_wave_size = fields.Integer(string="Deliveries per Wave", default=20)
