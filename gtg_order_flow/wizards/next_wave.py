from odoo import api, fields, models

from ..models.work_order import WORK_SORTS


class GtgNextWave(models.TransientModel):
    _name = "gtg.next.wave"
    _description = "Next Wave"

    warehouse_id = fields.Many2one(
        "stock.warehouse",
        required=True,
        default=lambda self: self._default_warehouse(),
    )
    sort = fields.Selection(
        WORK_SORTS,
        string="Order of Work",
        required=True,
        compute="_compute_from_warehouse",
        precompute=True,
        store=True,
        readonly=False,
    )
    count = fields.Integer(
        string="Deliveries",
        required=True,
        compute="_compute_from_warehouse",
        precompute=True,
        store=True,
        readonly=False,
    )
    carrier_id = fields.Many2one("delivery.carrier", string="Only Carrier")
    channel_id = fields.Many2one("gtg.sale.channel", string="Only Channel")
    waiting = fields.Integer(compute="_compute_waiting")

    _count_positive = models.Constraint(
        "CHECK(count BETWEEN 1 AND 1000)", "A wave has 1 to 1,000 deliveries."
    )

    def _default_warehouse(self):
        return self.env.user._get_default_warehouse_id()

    @api.depends("warehouse_id")
    def _compute_from_warehouse(self):
        for wave in self:
            wave.sort = wave.warehouse_id.gtg_wave_sort or "promised"
            wave.count = wave.warehouse_id.gtg_wave_size or 20

    @api.depends("warehouse_id", "carrier_id", "channel_id")
    def _compute_waiting(self):
        for wave in self:
            wave.waiting = wave.env["gtg.work.order"].search_count(
                [
                    ("picking_type_id", "=", wave._gtg_picking_type().id),
                    ("batch_id", "=", False),
                    ("held", "=", False),
                    *wave._gtg_domain(),
                ]
            )

    def _gtg_picking_type(self):
        """The first step that leaves the shelves; where that is all, the delivery."""
        warehouse = self.warehouse_id
        if warehouse.delivery_steps == "ship_only":
            return warehouse.out_type_id
        return warehouse.pick_type_id

    def _gtg_domain(self):
        domain = []
        if self.carrier_id:
            domain.append(("carrier_id", "=", self.carrier_id.id))
        if self.channel_id:
            domain.append(("channel_id", "=", self.channel_id.id))
        return domain

    def action_create(self):
        batch = self.env["gtg.work.order"]._gtg_next_wave(
            self._gtg_picking_type(), self._gtg_domain(), self.sort, self.count
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking.batch",
            "res_id": batch.id,
            "views": [(False, "form")],
        }
