from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

MOST = 500  # deliveries of one file: a browser and a printer shall still cope with it
SHOWN = 20  # reasons


class Box(NamedTuple):
    """What leaves with a waybill of its own.

    `record` is of the model that knows it and has a field `label_printed_at`; it and
    the `label` (an attachment) are read as superuser. None: only a number is known.
    """

    name: str
    code: str = ""  # on its waybill; "": it has none yet
    record: models.Model | None = None
    label: models.Model | None = None
    why: str = ""  # there is no label

    @property
    def to_print(self):
        return bool(self.label) and not self.record.label_printed_at


class StockPicking(models.Model):
    """The boxes of a delivery and their labels, whoever made them."""

    _inherit = "stock.picking"

    def _gtg_boxes(self):
        """Extend: an addon that makes waybills puts its boxes in.

        :return: {delivery: [Box, ...]}
        """
        result = {}
        for picking in self:
            numbers = (picking.carrier_tracking_ref or "").split(",")
            numbers = filter(None, (number.strip() for number in numbers))
            result[picking] = [Box(number, number) for number in dict.fromkeys(numbers)]
        return result

    def _gtg_why_no_label(self, boxes):
        """:return: why a label of this delivery cannot be printed, or ''"""
        self.ensure_one()
        if not boxes:
            return self.env._("No waybill has been requested yet.")
        return "\n".join(
            box.why or self.env._("%s: there is no label here.", box.name)
            for box in boxes
            if not box.label
        )

    def _gtg_boxes_once(self):
        """:return: [Box, ...] of these deliveries in their order. Of an order in several
        deliveries nobody may know which box goes with which: then both have it.
        """
        found = {}
        for boxes in self._gtg_boxes().values():
            for box in boxes:
                found.setdefault(box.code if box.record is None else box.record, box)
        return list(found.values())

    def action_gtg_print_labels(self):
        """Button: the labels of these deliveries in one PDF; counts as printed."""
        self.check_access("read")
        if len(self) > MOST:
            raise UserError(
                self.env._(
                    "One file holds the labels of %(most)s deliveries; you selected "
                    "%(total)s. Print them in parts.",
                    most=MOST,
                    total=len(self),
                )
            )
        boxes = self._gtg_boxes()
        ready = self.filtered(lambda p: any(box.label for box in boxes[p]))
        if not ready:
            raise UserError(
                self._gtg_why_not_printed(boxes)
                or self.env._("There is no delivery yet: confirm the order first.")
            )
        ready._gtg_leaving().sale_id._gtg_check_blocks("print")
        ready._gtg_labels_printed()
        action = ready._gtg_labels_action()
        if why := self._gtg_why_not_printed(boxes):
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "title": self.env._("Not printed"),
                    "message": why,
                    "type": "warning",
                    "sticky": True,
                    "next": action,
                },
            }
        return action

    def _gtg_why_not_printed(self, boxes):
        """:return: what is missing, a line per delivery, or ''"""
        lines = [
            self.env._("%(name)s: %(why)s", name=picking.name, why=why)
            for picking in self
            if (why := picking._gtg_why_no_label(boxes[picking]))
        ]
        if len(lines) > SHOWN:
            lines[SHOWN:] = [self.env._("And %s more.", len(lines) - SHOWN)]
        return "\n".join(lines)

    def _gtg_labels_action(self, slips=False):
        """:return: action that opens the labels, in the order of these records"""
        ids = ",".join(map(str, self.ids))
        return {
            "type": "ir.actions.act_url",
            "target": "new",
            "url": f"/gtg/labels?ids={ids}" + ("&slips=1" if slips else ""),
        }

    def _gtg_labels_printed(self):
        """The labels that are here are on paper."""
        now = fields.Datetime.now()
        by_model = {}
        for box in self._gtg_boxes_once():
            if box.label:
                records = by_model.setdefault(box.record._name, box.record.browse())
                by_model[box.record._name] = records | box.record
        for records in by_model.values():
            records.label_printed_at = now
        self.sale_id.sudo()._gtg_read_printed(now)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_gtg_print_labels(self):
        """Button: the labels of all deliveries of these orders in one PDF; what has
        left is left out when something has not."""
        deliveries = self._gtg_deliveries()
        boxes = deliveries._gtg_boxes()
        halves = deliveries._gtg_leaving().sale_id
        gone = deliveries.filtered(
            lambda p: (
                p.state == "done"
                and p.sale_id in halves
                and not any(box.to_print for box in boxes[p])
            )
        )
        return (deliveries - gone).action_gtg_print_labels()

    def _gtg_deliveries(self):
        return self.picking_ids.filtered(
            lambda p: p.picking_type_code == "outgoing" and p.state != "cancel"
        )

    def _gtg_read_printed(self, now):
        """An order is printed when the labels of all its boxes are."""
        open_orders = self.filtered(lambda order: not order.gtg_label_printed_at)
        for order, boxes in open_orders._gtg_label_boxes().items():
            if boxes and all(box.label and not box.to_print for box in boxes):
                order.gtg_label_printed_at = now

    def _gtg_read_labels(self):
        """Waybills or labels have changed: what was ready or printed may be so no more."""
        waiting = self.filtered(lambda o: o.state == "sale" and not o.gtg_shipped_at)
        for order, boxes in waiting._gtg_label_boxes().items():
            here = boxes and all(box.label for box in boxes)
            if order.gtg_label_ready_at and not here:
                order.gtg_label_ready_at = False
            on_paper = here and not any(box.to_print for box in boxes)
            if order.gtg_label_printed_at and not on_paper:
                order.gtg_label_printed_at = False

    def _gtg_label_boxes(self):
        """:return: {order: [Box, ...] that have or get a label of their own}"""
        boxes = self._gtg_deliveries()._gtg_boxes()
        return {
            order: [
                box
                for picking in order._gtg_deliveries()
                for box in boxes[picking]
                if box.record is not None
            ]
            for order in self
        }

    @api.model
    def _gtg_next_actions(self):
        return {
            **super()._gtg_next_actions(),
            "print_labels": (self.env._("Print labels"), "action_gtg_print_labels"),
        }
