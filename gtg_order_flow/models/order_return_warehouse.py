from odoo import models
from odoo.exceptions import AccessError

ARRIVAL = {"good", "damaged", "damage_note"}


class GtgOrderReturn(models.Model):
    """Who unpacks returns says what came and in which condition: no more, no money."""

    _inherit = "gtg.order.return"

    def _gtg_by_office(self):
        staff = "gtg_order_flow.group_shop_staff"
        return self.env.su or self.env.user.has_group(staff)

    def _gtg_check_office(self):
        if not self._gtg_by_office():
            raise AccessError(
                self.env._("Only shop staff may do this. Enter what came and receive it.")
            )

    def _gtg_claim(self, *states):
        self._gtg_check_office()
        return super()._gtg_claim(*states)

    def _gtg_in_warehouse(self):
        """:return: the returns, with the rights that receiving them needs"""
        self.check_access("write")
        return self.sudo()

    def write(self, vals):
        if vals.keys() - {"line_ids", "part_ids"}:
            self._gtg_check_office()
        return super().write(vals)


class GtgOrderReturnLine(models.Model):
    _inherit = "gtg.order.return.line"

    def write(self, vals):
        if vals.keys() - ARRIVAL or any(line.state != "accepted" for line in self):
            self.return_id._gtg_check_office()
        return super().write(vals)


class GtgOrderReturnPart(models.Model):
    _inherit = "gtg.order.return.part"

    def write(self, vals):
        if vals.keys() - ARRIVAL or any(part.state != "accepted" for part in self):
            self.return_id._gtg_check_office()
        return super().write(vals)
