from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
    gtg_parent_id = fields.Many2one(
        "stock.warehouse",
        string="Belongs to",
        domain="[('id', '!=', id), ('company_id', '=', company_id)]",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="A branch belongs to a main warehouse, a sub-warehouse to a branch.",
    )
    gtg_child_ids = fields.One2many(
        "stock.warehouse", "gtg_parent_id", string="Warehouses below"
    )
    gtg_level = fields.Selection(
        [("1_main", "Main"), ("2_branch", "Branch"), ("3_sub", "Sub-warehouse")],
        string="Level",
        compute="_compute_gtg_level",
        store=True,
        recursive=True,
    )

    @api.depends("gtg_parent_id.gtg_level")
    def _compute_gtg_level(self):
        for warehouse in self:
            above = warehouse.gtg_parent_id.gtg_level
            warehouse.gtg_level = (
                "1_main" if not above else "2_branch" if above == "1_main" else "3_sub"
            )

    @api.constrains("gtg_parent_id")
    def _check_gtg_parent(self):
        if self._has_cycle("gtg_parent_id"):
            raise ValidationError(
                self.env._(
                    "A warehouse cannot belong to itself. Choose another one under "
                    "Belongs to."
                )
            )
