import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

_logger = logging.getLogger(__name__)

NEWS_DAYS = 2


class GtgOrderReminder(models.Model):
    """That a clock has run out for an order, and that this was told: once."""

    _name = "gtg.order.reminder"
    _description = "Order Reminder"
    _order = "id desc"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    clock_id = fields.Many2one(
        "gtg.order.clock", required=True, ondelete="cascade", index=True
    )
    started_at = fields.Datetime(
        required=True, help="When the clock began to run, as it may run more than once."
    )
    activity_id = fields.Many2one(
        "mail.activity", ondelete="set null", index="btree_not_null"
    )
    error = fields.Text(help="Why it could not be told.")

    _once = models.Constraint(
        "UNIQUE(order_id, clock_id, started_at)", "This has been told already."
    )

    def _gtg_claim(self, due):
        """:param due: [(order, clock, start)]
        :return: the reminders among them that nobody has claimed before

        One statement: of two workers that claim at once, PostgreSQL lets one succeed
        and refuses the other, whose transaction is then given up.
        """
        if not due:
            return self.browse()
        values = SQL(", ").join(
            SQL(
                "(%s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC', %s, "
                "now() AT TIME ZONE 'UTC')",
                order.id,
                order.company_id.id,
                clock.id,
                start,
                self.env.uid,
                self.env.uid,
            )
            for order, clock, start in due
        )
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO gtg_order_reminder
                       (order_id, company_id, clock_id, started_at,
                        create_uid, create_date, write_uid, write_date)
                VALUES %s
                ON CONFLICT (order_id, clock_id, started_at) DO NOTHING
                RETURNING id
                """,
                values,
            )
        )
        self.invalidate_model()
        return self.browse([row[0] for row in rows])

    def _gtg_tell(self):
        """Do what the clock says, for many orders of one clock; what is impossible
        for one order is noted there and stops no other.
        """
        try:
            with self.env.cr.savepoint():
                self._gtg_write_to_buyers()
                self._gtg_tell_delayed()
                self._gtg_remind_owners()
                self.env.flush_all()
        except CONFLICTS:
            raise
        except Exception as error:
            if len(self) > 1:
                for reminder in self:
                    reminder._gtg_tell()
                return
            _logger.warning("reminder %s: %s", self.id, error)
            self.error = str(error)[:1000]
            self.order_id._gtg_log(
                self.env._(
                    "%(clock)s: nobody was reminded. Repair the clock or its e-mail "
                    "template: %(error)s",
                    clock=self.clock_id.name,
                    error=str(error)[:300],
                )
            )

    def _gtg_write_to_buyers(self):
        template = self.clock_id.template_id
        # a clock that began anew, say by the confirmation, writes no second time
        told = (
            self.search(
                [
                    ("order_id", "in", self.order_id.ids),
                    ("clock_id", "=", self.clock_id.id),
                ]
            )
            - self
        ).order_id
        orders = (self.order_id - told).filtered(
            lambda order: (
                order.partner_id.email and order.gtg_channel_id.kind != "marketplace"
            )
        )
        if not template or not orders:
            return
        template.send_mail_batch(
            orders.ids, email_layout_xmlid="mail.mail_notification_light"
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        orders._gtg_log(
            self.env._("%s: the buyer was reminded by e-mail.", self.clock_id.name)
        )

    def _gtg_tell_delayed(self):
        """A promise of long ago is no news: its buyer is not written to by itself."""
        if not self.clock_id.tell_delayed:
            return
        now = fields.Datetime.now()
        broken = self.order_id.filtered(
            lambda order: (
                order.gtg_ship_by
                and now - timedelta(days=NEWS_DAYS) < order.gtg_ship_by <= now
            )
        )._gtg_buyer_waits()
        told = broken._gtg_tell_buyer("delayed")
        told._gtg_log(self.env._("The buyer was told that it takes longer."))

    def _gtg_remind_owners(self):
        if not self.clock_id.tell_owner:
            return
        managers = {
            company: self._gtg_manager(company) for company in self.order_id.company_id
        }
        told = {}
        for order in self.order_id:
            owner = order._gtg_owner() or managers[order.company_id]
            told[order] = owner, self.clock_id.name
        activities = self.order_id._gtg_remind(told)
        for reminder, activity in zip(self, activities, strict=True):
            reminder.activity_id = activity

    @api.model
    def _gtg_manager(self, company):
        """:return: who is told of what nobody looks after"""
        managers = self.env.ref("gtg_order_flow.group_shop_manager").sudo().all_user_ids
        return managers.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        ).sorted("id")[:1]

    def _gtg_forget(self):
        """The activities of clocks that have stopped are over."""
        running = {
            (order.id, clock.id, start)
            for order, clock, start, _end in self.order_id._gtg_running_clocks()
        }
        over = self.filtered(
            lambda r: (r.order_id.id, r.clock_id.id, r.started_at) not in running
        )
        over.activity_id.filtered("active").unlink()  # what is done is history
        over.activity_id = False
