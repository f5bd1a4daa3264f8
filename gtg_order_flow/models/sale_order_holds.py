from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .order_hold import FOUND

BLOCKS = {
    "reservation": "blocks_reservation",
    "print": "blocks_print",
    "ship": "blocks_ship",
}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    gtg_hold_ids = fields.One2many(
        "gtg.order.hold",
        "order_id",
        string="Holds",
        copy=False,
        groups="base.group_user",
    )
    gtg_open_hold_ids = fields.One2many(
        "gtg.order.hold",
        "order_id",
        string="Open Holds",
        domain=[("state", "=", "open")],
        copy=False,
        groups="base.group_user",
    )
    gtg_held_at = fields.Datetime(
        string="Held since", copy=False, readonly=True, groups="base.group_user"
    )

    # === HOLD AND RELEASE === #

    def _gtg_hold(self, reason, note="", task=None, findings=None):
        """Put the orders on hold; one already held for the reason stays so.

        :param reason: code of a `gtg.hold.reason` (or the record)
        :param str note: what is wrong, in words for the staff
        :param task: `gtg.connector.task` whose refusal is the cause: its sentence and
            hint are shown, its retry is offered
        :param dict findings: of an automatic check, which also ends the hold:
            {order id: {"note": sentence, "finding": key}}
        :return: the open holds for this reason
        :raise ValueError: no reason has this code
        """
        reason = self._gtg_hold_reason(reason)
        orders = self.sudo()
        vals = self._gtg_hold_vals(reason, note, task)
        if findings is not None:
            vals["cause"] = FOUND
        elif not task:
            keys = orders._gtg_cause_keys(reason)
            findings = {order_id: {"finding": key} for order_id, key in keys.items()}
        vals_of = {o.id: {**vals, **(findings or {}).get(o.id, {})} for o in orders}
        held = orders._gtg_open_holds(reason, vals["cause"])
        news = held.filtered(lambda hold: hold._gtg_is_news(vals_of[hold.order_id.id]))
        for hold in held:
            new = vals_of[hold.order_id.id]
            if hold in news:
                hold.write({key: new[key] for key in new if key != "user_id"})
            elif new.get("finding", hold.finding) != hold.finding:
                hold.finding = new["finding"]  # in the same words: what is released
        new_orders = orders - held.order_id
        # Two transactions that hold the same order at once both write its row: the
        # later one is refused by PostgreSQL and run again, when it finds the hold.
        new_orders.write({"gtg_held_at": fields.Datetime.now()})
        new_orders.flush_recordset(["gtg_held_at"])
        new = (
            self.env["gtg.order.hold"]
            .sudo()
            .create(
                [
                    {
                        **vals_of[order.id],
                        "order_id": order.id,
                        "user_id": order.user_id.id or vals["user_id"],
                    }
                    for order in new_orders
                ]
            )
        )
        (news | new)._gtg_log_open()
        new_orders._gtg_after_hold(reason)
        return (held | new).sudo(self.env.su)

    @api.model
    def _gtg_hold_reason(self, reason):
        if isinstance(reason, str):
            return self.env["gtg.hold.reason"]._gtg_get(reason).sudo()
        return reason.sudo()

    @api.model
    def _gtg_hold_vals(self, reason, note, task):
        deadline = reason.deadline_hours and fields.Datetime.now() + timedelta(
            hours=reason.deadline_hours
        )
        vals = {
            "reason_id": reason.id,
            "note": note or False,
            "user_id": reason.user_id.id,
            "deadline": deadline or False,
            "cause": task.id if task else 0,
        }
        if task:
            task = task.sudo()
            vals.update(
                task_id=task.id,
                provider_text=task.error_text,
                provider_hint=task.error_hint,
            )
        return vals

    def _gtg_release(self, reason, task=None):
        """End the open holds for `reason` (code or record): the cause has ended.

        :param task: end only the hold that this `gtg.connector.task` caused
        :return: the holds that were open
        """
        reason = self._gtg_hold_reason(reason)
        holds = self.sudo()._gtg_open_holds(reason, task and task.id)
        holds._gtg_close()
        return holds.sudo(self.env.su)

    def _gtg_open_holds(self, reason=None, cause=None):
        domain = [("order_id", "in", self.ids), ("state", "=", "open")]
        if reason:
            domain.append(("reason_id", "=", reason.id))
        if cause is not None:
            domain.append(("cause", "=", cause))
        return self.env["gtg.order.hold"].sudo().search(domain)

    def _gtg_after_hold(self, reason):
        """The orders have just been put on hold: what they had reserved is freed."""
        if reason.blocks_reservation:
            self._gtg_free_stock()

    def _gtg_free_stock(self):
        """Give back what is reserved for these orders and not picked yet."""
        self.picking_ids.move_ids.filtered(
            lambda move: (
                move.state in ("assigned", "partially_available")
                and move.picking_code != "incoming"
                and not move.picked
            )
        )._do_unreserve()

    # === WHAT HOLDS FORBID === #

    def _gtg_kept_from_stock(self):
        """:return: those of the orders for which nothing is reserved now. Extend."""
        return self._gtg_blocks("reservation").order_id

    def _gtg_blocks(self, what):
        """:param str what: reservation, print or ship
        :return: the open holds of these orders that block it
        """
        if not self.ids:
            return self.env["gtg.order.hold"]
        return (
            self.env["gtg.order.hold"]
            .sudo()
            .search(
                [
                    ("order_id", "in", self.ids),
                    ("state", "=", "open"),
                    (f"reason_id.{BLOCKS[what]}", "=", True),
                ]
            )
        )

    def _gtg_check_blocks(self, what):
        """:raise UserError: a hold blocks `what`; names order, reason and way out"""
        holds = self._gtg_blocks(what)
        if not holds:
            return
        lines = "\n".join(hold._gtg_sentence() for hold in holds)
        if what == "ship":
            message = self.env._(
                "Not shipped: the order is on hold.\n%(holds)s\n"
                "End the hold on the order, then validate again.",
                holds=lines,
            )
        elif what == "print":
            message = self.env._(
                "Not printed: the order is on hold.\n%(holds)s\n"
                "End the hold on the order, then print again.",
                holds=lines,
            )
        else:
            message = self.env._(
                "Nothing reserved: the order is on hold.\n%(holds)s", holds=lines
            )
        raise UserError(message)

    def _action_cancel(self):
        res = super()._action_cancel()
        # what is cancelled waits for nothing
        self.filtered(
            lambda order: order.state == "cancel"
        )._gtg_open_holds()._gtg_close()
        return res

    # === BUTTONS === #

    def action_gtg_hold(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put on hold"),
            "res_model": "gtg.order.hold.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": self.ids},
        }

    def action_gtg_release(self):
        """End every open hold of the orders: a person takes the responsibility."""
        self.check_access("write")
        self.env["gtg.order.hold"].check_access("write")
        self._gtg_open_holds()._gtg_close()
        return True

    def action_gtg_show_holds(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "gtg_order_flow.action_order_holds"
        )
        return {
            **action,
            "domain": [("order_id", "in", self.ids)],
            "context": {"search_default_open": 1},
        }
