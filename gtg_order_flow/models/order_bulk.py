import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

CHUNK = 25
KEPT_DAYS = 30


class GtgOrderBulk(models.Model):
    """One step for many orders at once, carried out chunk by chunk.

    Whoever started it drives it: the open dialog asks for one chunk after the other,
    each in a request of its own. Nothing is lost when the page is closed: what still
    waits can be continued, what is done is never done again.
    """

    _name = "gtg.order.bulk"
    _description = "Bulk Step"
    _order = "id desc"

    operation = fields.Selection(
        [
            ("confirm", "Approve"),
            ("release", "Release holds"),
            ("carrier", "Choose delivery method"),
            ("warehouse", "Choose warehouse"),
            ("batch", "Make a batch"),
            ("print", "Print delivery papers"),
        ],
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda s: s.env.company
    )
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        check_company=True,
        help="Who carries the parcels. What the buyer pays does not change.",
    )
    warehouse_id = fields.Many2one("stock.warehouse", check_company=True)
    batch_ids = fields.Many2many("stock.picking.batch", readonly=True)
    started_at = fields.Datetime(readonly=True)
    line_ids = fields.One2many("gtg.order.bulk.line", "bulk_id", readonly=True)
    failed_line_ids = fields.One2many(
        "gtg.order.bulk.line",
        "bulk_id",
        domain=[("state", "=", "failed")],
        readonly=True,
    )
    total = fields.Integer(string="Orders", compute="_compute_counts")
    done = fields.Integer(compute="_compute_counts")
    failed = fields.Integer(compute="_compute_counts")
    waiting = fields.Integer(compute="_compute_counts")

    @api.depends("operation")
    def _compute_display_name(self):
        labels = dict(self._fields["operation"]._description_selection(self.env))
        for bulk in self:
            bulk.display_name = labels.get(bulk.operation)

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {
            (bulk.id, state): count
            for bulk, state, count in self.env["gtg.order.bulk.line"]._read_group(
                [("bulk_id", "in", self.ids)], ["bulk_id", "state"], ["__count"]
            )
        }
        for bulk in self:
            for state in ("waiting", "done", "failed"):
                bulk[state] = counts.get((bulk.id, state), 0)
            bulk.total = bulk.waiting + bulk.done + bulk.failed

    @api.model
    def _gtg_prepare(self, operation, orders):
        """:return: a new job with one waiting row per order"""
        orders.check_access("read")
        return self.create(
            {
                "operation": operation,
                "company_id": (
                    orders.company_id if len(orders.company_id) == 1 else
                    self.env.company
                ).id,
                "line_ids": [
                    fields.Command.create({"order_id": order.id}) for order in orders
                ],
            }
        )

    # === WHAT THE PERSON DOES === #

    def action_start(self):
        """Open the dialog that drives the job, also one that was left half way."""
        self.ensure_one()
        asked = self._gtg_asks().get(self.operation)
        if asked and not self[asked[0]]:
            raise UserError(self.env._("Choose first, then start."))
        self.started_at = self.started_at or fields.Datetime.now()
        return {
            "type": "ir.actions.client",
            "tag": "gtg_order_bulk",
            "name": self.display_name,
            "target": "new",
            "params": {"bulk_id": self.id, **self._gtg_progress()},
        }

    def action_again(self):
        """Try the failed ones once more."""
        self.ensure_one()
        self.failed_line_ids.write({"state": "waiting", "message": False})
        return self.action_start()

    def action_chunk(self):
        """Carry out the next chunk; the dialog asks until nothing waits.

        :return: {total, done, failed, waiting, busy}: busy, another page drives it
        """
        self.ensure_one()
        self.check_access("write")
        if not self.try_lock_for_update():
            return {**self._gtg_progress(), "busy": True}
        # A row that somebody else took since our snapshot began is refused by
        # PostgreSQL: Odoo runs this again in a new one.
        lines = (
            self.env["gtg.order.bulk.line"]
            .search([("bulk_id", "=", self.id), ("state", "=", "waiting")], order="id")
            .try_lock_for_update(limit=CHUNK)
        )
        self._gtg_sort_and_do(lines)
        return {**self._gtg_progress(), "busy": False}

    def action_finish(self):
        """:return: the action that follows the last chunk"""
        self.ensure_one()
        if self.failed or self.waiting:
            return self._gtg_result_action()
        if follow_up := self._gtg_follow_up():
            return follow_up
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(step)s: done for %(count)s orders.",
                    step=self.display_name,
                    count=self.done,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_follow_up(self):
        self.ensure_one()
        return self._gtg_follow_up()

    def _gtg_result_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # === CARRYING OUT === #

    def _gtg_progress(self):
        self.line_ids.flush_recordset(["state"])
        self.invalidate_recordset(["total", "done", "failed", "waiting"])
        return {name: self[name] for name in ("total", "done", "failed", "waiting")}

    def _gtg_sort_and_do(self, lines):
        """Set apart what needs nothing or cannot be done, do the rest at once."""
        known = self._gtg_call("check", lines.order_id)
        for (state, message), same in lines.grouped(
            lambda line: known.get(line.order_id.id, (None, None))
        ).items():
            if state:
                same.write({"state": state, "message": message})
            else:
                self._gtg_do(same)

    def _gtg_do(self, lines):
        """Do the step for all; if it fails, by halves, until the culprit is alone."""
        try:
            with self.env.cr.savepoint():
                self._gtg_call("do", lines.order_id)
        except psycopg2.OperationalError:
            raise  # the transaction is lost; Odoo runs the whole chunk again
        except Exception as error:
            if len(lines) > 1:
                half = len(lines) // 2
                self._gtg_do(lines[:half])
                self._gtg_do(lines[half:])
                return
            lines.write({"state": "failed", "message": self._gtg_why(error)})
        else:
            lines.write({"state": "done", "message": False})

    def _gtg_why(self, error):
        if isinstance(error, UserError):
            return str(error)
        _logger.warning("bulk step %s", self.operation, exc_info=error)
        return self.env._(
            "Could not be done: %(error)s. Open the order and try it there.",
            error=error,
        )

    @api.autovacuum
    def _gc_bulk(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        self.search([("create_date", "<", limit)], limit=1000).unlink()


class GtgOrderBulkLine(models.Model):
    """One order of a bulk step: whether it is done, and if not, why."""

    _name = "gtg.order.bulk.line"
    _description = "Order of a Bulk Step"
    _order = "id"
    _rec_name = "order_id"

    bulk_id = fields.Many2one("gtg.order.bulk", required=True, ondelete="cascade")
    order_id = fields.Many2one(
        "sale.order", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    partner_id = fields.Many2one(related="order_id.partner_id")
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")],
        default="waiting",
        required=True,
    )
    message = fields.Text()

    _bulk_idx = models.Index("(bulk_id, state)")
    _once = models.Constraint(
        "UNIQUE(bulk_id, order_id)", "The order is in this step already."
    )

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "views": [(False, "form")],
        }
