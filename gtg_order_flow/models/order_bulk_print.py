from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.pdf import is_readable
from .order_bulk_steps import FAILED

# of one file: a browser and a printer shall still cope with it
MOST = {"labels": 500, "both": 200, "slips": 200}


class GtgOrderBulk(models.Model):
    """The step Print: labels of carriers and marketplaces, delivery slips, or both.

    Labels count as printed when a person has opened the file; a delivery that cannot be
    printed is left out of it with the reason.
    """

    _inherit = "gtg.order.bulk"

    papers = fields.Selection(
        [
            ("labels", "Labels"),
            ("both", "Labels, then delivery slips"),
            ("slips", "Delivery slips"),
        ],
        string="Print",
    )

    @api.model
    def _gtg_prepare(self, operation, orders):
        bulk = super()._gtg_prepare(operation, orders)
        if operation == "print":
            plain = all(order._gtg_paper_is_label() for order in orders)
            bulk.papers = "slips" if plain else "labels"
        return bulk

    def _gtg_asks(self):
        view = "gtg_order_flow.view_order_bulk_start"
        return {**super()._gtg_asks(), "print": ("papers", view)}

    def action_start(self):
        if self.operation == "print" and self.papers:
            most = MOST[self.papers]
            if self.total > most:
                raise UserError(
                    self.env._(
                        "One file holds the papers of %(most)s orders; you selected "
                        "%(total)s. Print them in parts.",
                        most=most,
                        total=self.total,
                    )
                )
        return super().action_start()

    def _gtg_check_print(self, orders):
        known = self._gtg_held(orders, "print")
        boxes = orders._gtg_pickings_to_ship()._gtg_boxes()
        for order in orders - orders.browse(known):
            if why := self._gtg_why_not_printed(order, boxes):
                known[order.id] = FAILED, why
        return known

    def _gtg_why_not_printed(self, order, boxes):
        pickings = order._gtg_pickings_to_ship()
        if not pickings:
            return self.env._("There is no open delivery: approve the order first.")
        if self.papers == "slips":
            return ""
        if order._gtg_paper_is_label():
            if self.papers == "both":
                return ""
            return self.env._(
                "Its delivery method gives no labels: print the delivery slip."
            )
        missing = [picking._gtg_why_no_label(boxes[picking]) for picking in pickings]
        broken = [
            box.name
            for picking in pickings
            for box in boxes[picking]
            if box.label and not is_readable(box.label.raw)
        ]
        if broken:
            missing.append(
                self.env._(
                    "These labels cannot be read. Fetch them again: %s",
                    ", ".join(broken),
                )
            )
        return "\n".join(filter(None, missing))

    def _gtg_do_print(self, orders):
        if self.papers == "slips":
            self._gtg_slips_printed(orders)

    def _gtg_slips_printed(self, orders):
        orders.filtered(
            lambda order: not order.gtg_label_printed_at and order._gtg_paper_is_label()
        ).write({"gtg_label_printed_at": fields.Datetime.now()})

    def _gtg_follow_up(self):
        if self.operation == "print":
            return self._gtg_papers()
        return super()._gtg_follow_up()

    def _gtg_papers(self):
        """:return: action with the papers of what is done, in the work list's order"""
        lines = self.line_ids.filtered(lambda line: line.state == "done")
        left_out = self._gtg_leave_out(lines) if self.papers != "slips" else 0
        orders = lines.filtered(lambda line: line.state == "done").order_id
        pickings = orders._gtg_pickings_to_ship()
        if not pickings and left_out:
            return self._gtg_result_action()
        if not pickings:
            raise UserError(self.env._("Nothing can be printed: see the reasons."))
        ready = self.env["gtg.work.order"].search([("id", "in", pickings.ids)])
        pickings = ready.picking_id | pickings
        if self.papers == "slips":
            action = self.env.ref("stock.action_report_delivery").report_action(
                pickings, config=False
            )
            return {**action, "close_on_report_download": True}
        url = pickings._gtg_labels_action(slips=self.papers == "both")["url"]
        return {
            "type": "ir.actions.client",
            "tag": "gtg_order_bulk_file",
            "name": self.display_name,
            "target": "new",
            "params": {
                "bulk_id": self.id,
                "url": url,
                "picking_ids": pickings.ids,
                "left_out": left_out,
            },
        }

    def _gtg_leave_out(self, lines):
        """What became impossible since its row was done must not stop the file.

        :return: how many rows failed now
        """
        leaving = lines.filtered(lambda line: line.order_id._gtg_pickings_to_ship())
        known = self._gtg_check_print(leaving.order_id)
        for line in leaving.filtered(lambda line: line.order_id.id in known):
            state, message = known[line.order_id.id]
            line.write({"state": state, "message": message})
        return len(known)

    def action_printed(self, picking_ids):
        """The file with the papers of these deliveries is open on the screen."""
        self.ensure_one()
        self.check_access("write")
        orders = self.line_ids.order_id
        pickings = orders.picking_ids.filtered(lambda p: p.id in picking_ids)
        pickings._gtg_labels_printed()
        if self.papers == "both":
            self._gtg_slips_printed(pickings.sale_id)
        return True


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _gtg_paper_is_label(self):
        """Whether the delivery slip is all that the parcel needs. Extend: not where a
        carrier or marketplace gives the label.
        """
        self.ensure_one()
        types = set(self._gtg_pickings_to_ship().carrier_id.mapped("delivery_type"))
        return self.gtg_channel_kind != "marketplace" and types <= {
            "fixed",
            "base_on_rule",
        }
