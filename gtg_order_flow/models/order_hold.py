from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

FOUND = -1  # `cause` of what an automatic check found


class GtgOrderHold(models.Model):
    """One reason why one order stands still. Kept when it ended: the history."""

    _name = "gtg.order.hold"
    _description = "Order Hold"
    _inherit = "gtg.own.fields"
    _order = "state, deadline, id desc"

    order_id = fields.Many2one(
        "sale.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id")
    channel_id = fields.Many2one(related="order_id.gtg_channel_id", store=True)
    reason_id = fields.Many2one("gtg.hold.reason", required=True, ondelete="restrict")
    what_to_do = fields.Text(compute="_compute_what_to_do")
    note = fields.Text()
    state = fields.Selection(
        [("open", "On hold"), ("released", "Released")],
        default="open",
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users", string="Owner", domain=[("share", "=", False)]
    )
    deadline = fields.Datetime(string="Until")
    reminded_at = fields.Datetime(
        readonly=True, help="When the owner was told that the hold is late."
    )
    blocks = fields.Char(compute="_compute_blocks")
    ends = fields.Selection(
        [("itself", "By itself when its cause ends"), ("person", "By a person")],
        compute="_compute_ends",
    )
    task_id = fields.Many2one(
        "gtg.connector.task",
        string="Exchange",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    cause = fields.Integer(
        default=0,
        readonly=True,
        help="Id of the exchange, also when that has been cleaned up meanwhile: two "
        "refused exchanges of one order are two holds.",
    )
    finding = fields.Char(
        readonly=True,
        help="What an automatic check found, in short. A released hold that keeps it "
        "was released by a person: the same is not held again. Of other holds: what was "
        "true when they were put; they end when it is corrected.",
    )
    provider_text = fields.Text(
        string="Provider says", readonly=True, help="The provider's own sentence."
    )
    provider_hint = fields.Text(readonly=True)
    can_retry = fields.Boolean(compute="_compute_can_retry")
    released_at = fields.Datetime(readonly=True)
    released_by_id = fields.Many2one("res.users", readonly=True)

    _open_unique = models.UniqueIndex(
        "(order_id, reason_id, cause) WHERE state = 'open'",
        "The order is already held for this reason.",
    )

    @api.depends("order_id.name", "reason_id.name")
    def _compute_display_name(self):
        for hold in self:
            hold.display_name = f"{hold.order_id.name}: {hold.reason_id.name}"

    @api.depends("provider_hint", "reason_id.what_to_do")
    def _compute_what_to_do(self):
        for hold in self:
            hold.what_to_do = hold.provider_hint or hold.reason_id.what_to_do

    @api.depends(
        "reason_id.blocks_reservation", "reason_id.blocks_print", "reason_id.blocks_ship"
    )
    def _compute_blocks(self):
        names = {
            "blocks_reservation": self.env._("Reserving"),
            "blocks_print": self.env._("Printing"),
            "blocks_ship": self.env._("Shipping"),
        }
        for hold in self:
            blocked = [name for field, name in names.items() if hold.reason_id[field]]
            hold.blocks = ", ".join(blocked) or self.env._("Nothing")

    @api.depends("reason_id.ends", "cause", "finding")
    def _compute_ends(self):
        orders = self.env["sale.order"]
        seen = {*orders._gtg_causes(), *orders._gtg_checks()}
        for hold in self:
            stays = hold.reason_id.code in seen and not (hold.cause or hold.finding)
            hold.ends = "person" if stays else hold.reason_id.ends

    @api.depends("state", "task_id.state")
    def _compute_can_retry(self):
        for hold in self:
            task = hold.task_id.sudo()
            hold.can_retry = hold.state == "open" and task.state == "failed"

    # === BUTTONS === #

    def action_release(self):
        """A person says that the cause is gone."""
        self.check_access("write")
        self._gtg_close()
        return True

    def action_retry(self):
        """Send again what the provider refused; the answer ends or renews the hold."""
        self.check_access("write")
        self.task_id.sudo().action_retry()
        return True

    # === LIFE === #

    def _gtg_own_fields(self):
        return super()._gtg_own_fields() | {
            "state",
            "reminded_at",
            "task_id",
            "cause",
            "finding",
            "provider_text",
            "provider_hint",
            "released_at",
            "released_by_id",
        }

    def _gtg_fixed_fields(self):
        return super()._gtg_fixed_fields() | {"order_id", "reason_id"}

    def write(self, vals):
        res = super().write(vals)
        if vals.get("deadline") and "reminded_at" not in vals:
            self.sudo().reminded_at = False  # a new deadline, a new reminder
        return res

    def _gtg_tell_late(self):
        """Remind the owners of these holds that they are late, each hold once."""
        if not self:
            return
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE gtg_order_hold SET reminded_at = now() AT TIME ZONE 'UTC'
                 WHERE id IN (
                       SELECT id FROM gtg_order_hold
                        WHERE id IN %s AND state = 'open' AND reminded_at IS NULL
                          FOR NO KEY UPDATE SKIP LOCKED)
             RETURNING id
                """,
                tuple(self.ids),
            )
        )
        self.invalidate_recordset(["reminded_at"])
        late = self.browse([row[0] for row in rows])
        for holds in late.grouped("reason_id").values():
            summary = self.env._("Hold is late: %s", holds.reason_id.name)
            holds.order_id._gtg_remind(
                {h.order_id: (h.user_id or h.order_id._gtg_owner(), summary) for h in holds}
            )

    def _gtg_is_news(self, vals):
        """Whether `vals` tell something that the open hold does not say yet."""
        self.ensure_one()
        return (vals["note"] and vals["note"] != self.note) or (
            vals.get("provider_text") and vals["provider_text"] != self.provider_text
        )

    def _gtg_close(self):
        holds = self.sudo().filtered(lambda hold: hold.state == "open")
        if not holds:
            return
        holds.write(
            {
                "state": "released",
                "released_at": fields.Datetime.now(),
                "released_by_id": self.env.uid,
            }
        )
        for reason, of_reason in holds.grouped("reason_id").items():
            of_reason.order_id._gtg_log(
                self.env._("Released: %(reason)s", reason=reason.name)
            )
        freed = holds.filtered("reason_id.blocks_reservation").order_id
        if freed:
            freed._gtg_reserve()

    def _gtg_sentence(self):
        """:return: the hold in one line: order, reason, what is wrong, what to do"""
        self.ensure_one()
        details = [self.note, self.provider_text, self.what_to_do]
        return " - ".join([self.display_name, *filter(None, details)])

    def _gtg_log_open(self):
        bodies = {}
        for hold in self:
            lines = [
                self.env._("On hold: %(reason)s", reason=hold.reason_id.name),
                hold.note,
                hold.provider_text,
                hold.what_to_do,
            ]
            bodies[hold.order_id.id] = Markup("<br/>").join(filter(None, lines))
        self.order_id._gtg_log(bodies)
