from odoo import models

DONE, FAILED = "done", "failed"


class GtgOrderBulk(models.Model):
    """What each bulk step does.

    An addon adds a step by ``selection_add`` of the operation and two methods:
    ``_gtg_check_<operation>(orders)`` returns {order id: (done or failed, message)} of
    the orders that need nothing or cannot be done, ``_gtg_do_<operation>(orders)``
    does it for the others, all at once.
    """

    _inherit = "gtg.order.bulk"

    def _gtg_call(self, part, orders):
        return getattr(self, f"_gtg_{part}_{self.operation}")(orders)

    def _gtg_asks(self):
        """:return: {operation: (field without which it cannot start, view that asks)}"""
        view = "gtg_order_flow.view_order_bulk_start"
        return {"carrier": ("carrier_id", view), "warehouse": ("warehouse_id", view)}

    def _gtg_follow_up(self):
        """:return: the action with what the step made, or False"""
        if self.operation == "batch" and self.batch_ids:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Batches"),
                "res_model": "stock.picking.batch",
                "views": [(False, "list"), (False, "form")],
                "domain": [("id", "in", self.batch_ids.ids)],
            }
        return False

    def _gtg_held(self, orders, what=None):
        """:return: {order id: (failed, sentence)} of the orders a hold stops"""
        holds = orders._gtg_blocks(what) if what else orders._gtg_open_holds()
        return {
            order.id: (FAILED, "\n".join(hold._gtg_sentence() for hold in of_order))
            for order, of_order in holds.grouped("order_id").items()
        }

    def _gtg_ended(self, orders):
        """:return: {order id: (failed, sentence)} of what nobody works on any more"""
        known = {}
        for order in orders:
            if order.state == "cancel":
                known[order.id] = FAILED, self.env._("The order is cancelled.")
            elif order.gtg_shipped_at or order.gtg_delivered_at:
                known[order.id] = FAILED, self.env._("The goods have left already.")
        return known

    def _gtg_gone(self, orders):
        """:return: {order id: (failed, sentence)} of what cannot be changed any more"""
        known = self._gtg_ended(orders)
        for order in orders - orders.browse(known):
            if order.gtg_label_ready_at or any(
                order._gtg_pickings_to_ship().mapped("carrier_tracking_ref")
            ):
                known[order.id] = (
                    FAILED,
                    self.env._("It has a waybill: cancel that first, then try again."),
                )
        return known

    # === APPROVE === #

    def _gtg_check_confirm(self, orders):
        known = self._gtg_held(orders)
        for order in orders:
            if order.state == "cancel":
                known[order.id] = FAILED, self.env._("The order is cancelled.")
            elif order.state == "sale":
                known[order.id] = DONE, self.env._("Was approved already.")
        return known

    def _gtg_do_confirm(self, orders):
        orders.action_confirm()

    # === RELEASE === #

    def _gtg_check_release(self, orders):
        free = orders - orders._gtg_open_holds().order_id
        return dict.fromkeys(free.ids, (DONE, self.env._("Was not on hold.")))

    def _gtg_do_release(self, orders):
        orders.action_gtg_release()

    # === DELIVERY METHOD === #

    def _gtg_check_carrier(self, orders):
        known = self._gtg_gone(orders)
        for order in orders._gtg_shipped_by_channel():
            known.setdefault(
                order.id,
                (
                    FAILED,
                    self.env._(
                        "The marketplace ships it. Else tick We ship it ourselves on "
                        "the order first."
                    ),
                ),
            )
        for order in orders:
            fits = self.carrier_id._match(order.partner_shipping_id, order)
            if order.id not in known and not fits:
                known[order.id] = (
                    FAILED,
                    self.env._(
                        "%(carrier)s does not deliver this order: look at its address, "
                        "weight and products.",
                        carrier=self.carrier_id.name,
                    ),
                )
        return known

    def _gtg_do_carrier(self, orders):
        orders.write({"carrier_id": self.carrier_id.id})
        orders._gtg_pickings_to_ship().write({"carrier_id": self.carrier_id.id})

    # === WAREHOUSE === #

    def _gtg_check_warehouse(self, orders):
        known = self._gtg_gone(orders)
        for order in orders - orders.browse(known):
            if order.warehouse_id == self.warehouse_id:
                known[order.id] = DONE, self.env._("Is in this warehouse already.")
            elif order.company_id != self.warehouse_id.company_id:
                known[order.id] = (
                    FAILED,
                    self.env._("The warehouse belongs to another company."),
                )
            elif order.gtg_packed_at or any(
                picking.state == "done" or any(picking.move_ids.mapped("picked"))
                for picking in order.picking_ids
            ):
                known[order.id] = FAILED, self.env._("It is being packed already.")
        return known

    def _gtg_do_warehouse(self, orders):
        """Confirmed orders leave the old warehouse: their deliveries are made anew."""
        confirmed = orders.filtered(lambda order: order.state == "sale")
        confirmed.picking_ids.filtered(lambda p: p.state != "cancel").action_cancel()
        orders.write({"warehouse_id": self.warehouse_id.id})
        confirmed.order_line.warehouse_id = self.warehouse_id
        confirmed.order_line._action_launch_stock_rule()

    # === BATCH === #

    def _gtg_check_batch(self, orders):
        known = self._gtg_held(orders, "ship")
        for order in orders - orders.browse(known):
            if order._gtg_pickings_for_batch():
                continue
            batches = order.picking_ids.batch_id.filtered(
                lambda batch: batch.state in ("draft", "in_progress")
            )
            if batches:
                names = ", ".join(batches.mapped("name"))
                known[order.id] = DONE, self.env._("Is in %s already.", names)
            else:
                known[order.id] = (
                    FAILED,
                    self.env._("Nothing is reserved: approve and reserve it first."),
                )
        return known

    def _gtg_do_batch(self, orders):
        orders._gtg_touch(wait=True)  # a hold at this moment makes one of us run again
        pickings = orders._gtg_pickings_for_batch()
        for kind, of_kind in pickings.grouped("picking_type_id").items():
            batch = self.batch_ids.filtered(
                lambda b, kind=kind: (
                    b.picking_type_id == kind and b.state in ("draft", "in_progress")
                )
            )[:1]
            if not batch:
                batch = self.env["stock.picking.batch"].create(
                    {
                        "company_id": kind.company_id.id,
                        "picking_type_id": kind.id,
                        "user_id": self.env.uid,
                    }
                )
                self.batch_ids += batch
            of_kind.write({"batch_id": batch.id})
            batch.sudo()._gtg_in_work_order()
            if batch.state == "draft":
                batch.action_confirm()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_gtg_bulk(self):
        """Button on many orders: the step that the context names."""
        bulk = self.env["gtg.order.bulk"]._gtg_prepare(
            self.env.context["gtg_bulk"], self
        )
        asked = bulk._gtg_asks().get(bulk.operation)
        if not asked:
            return bulk.action_start()
        return {
            "type": "ir.actions.act_window",
            "name": bulk.display_name,
            "res_model": bulk._name,
            "res_id": bulk.id,
            "views": [(self.env.ref(asked[1]).id, "form")],
            "target": "new",
        }

    def _gtg_pickings_to_ship(self):
        """:return: deliveries to the buyers that have not left yet"""
        return self.picking_ids._gtg_leaving()

    def _gtg_pickings_for_batch(self):
        """:return: reserved transfers of the orders, in no batch yet"""
        return self.picking_ids.filtered(
            lambda p: (
                p.state == "assigned"
                and not p.batch_id
                and p.picking_type_code != "incoming"
            )
        )
