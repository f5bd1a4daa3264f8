import ast
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.gtg_connector_base.models.transaction import CONFLICTS

_logger = logging.getLogger(__name__)


class GtgOrderRule(models.Model):
    """What is done by itself with orders that meet a condition, when they arrive."""

    _name = "gtg.order.rule"
    _description = "Order Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    channel_ids = fields.Many2many(
        "gtg.sale.channel",
        string="Channels",
        domain="[('company_id', 'in', (company_id, False))]",
        help="Empty: orders of every channel.",
    )
    domain = fields.Char(string="Condition", required=True, default="[]")
    hold_reason_id = fields.Many2one(
        "gtg.hold.reason", string="Put on Hold", ondelete="restrict"
    )
    hold_note = fields.Char(translate=True)
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        check_company=True,
        help="The price that the buyer pays for the delivery stays as it is.",
    )
    warehouse_id = fields.Many2one("stock.warehouse", check_company=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", check_company=True)
    tag_ids = fields.Many2many("crm.tag", string="Tags")
    urgent = fields.Boolean(help="Before others where orders are reserved and packed.")
    confirm = fields.Boolean(
        help="Confirm the order unless something holds it. Orders of marketplaces "
        "follow the setting of their shop; what staff types, they confirm themselves."
    )
    stop = fields.Boolean(
        string="Last Rule", help="Rules further down do not look at these orders."
    )

    @api.constrains("domain")
    def _check_domain(self):
        """A condition that cannot be read is refused here, not when an order comes."""
        for rule in self:
            try:
                with self.env.cr.savepoint():
                    # with the rights of who writes it: no looking at hidden fields
                    self.env["sale.order"].search(rule._gtg_domain(), limit=1)
            except CONFLICTS:
                raise
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: the condition cannot be used. Choose its fields and "
                        "values again. (%(error)s)",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    @api.constrains(
        "name",
        "hold_reason_id",
        "carrier_id",
        "warehouse_id",
        "team_id",
        "tag_ids",
        "urgent",
        "confirm",
        "stop",
    )
    def _check_does_something(self):
        for rule in self:
            if not (rule._gtg_actions() or rule.confirm or rule.stop):
                raise ValidationError(
                    self.env._("%s does nothing yet. Choose an action.", rule.name)
                )

    def _gtg_domain(self):
        """:return: the orders this rule is for; conditions are literals, never code"""
        self.ensure_one()
        domain = Domain(ast.literal_eval(self.domain or "[]"))
        domain &= Domain("company_id", "=", self.company_id.id)
        if self.channel_ids:
            domain &= Domain("gtg_channel_id", "in", self.channel_ids.ids)
        return domain

    def action_matching(self):
        """Button: the orders that meet the condition, whenever they arrived."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Matching: %s", self.name),
            "res_model": "sale.order",
            "views": [
                (self.env.ref("gtg_order_flow.view_order_board_list").id, "list"),
                (False, "form"),
            ],
            "domain": list(self._gtg_domain() & Domain("gtg_arrived_at", "!=", False)),
            "help": self.env._("No order of the past would have met this condition."),
        }

    # === ON ARRIVAL === #

    def _gtg_treat(self, orders):
        """Let the rules treat orders that have just arrived, one rule after another.

        A rule that is impossible for an order holds this order, and that is all.

        :return: the orders that a rule wants to be confirmed
        """
        to_confirm = orders.browse()
        for rule in self:
            if not orders:
                break
            met = rule._gtg_meet(orders)
            done = rule._gtg_apply(met)
            if rule.confirm:
                to_confirm |= done
            if rule.stop:
                orders -= met
        return to_confirm

    def _gtg_meet(self, orders):
        """:return: those of the orders that meet the condition; all are held when it
        cannot be read, for nobody knows which of them it was made for
        """
        orders = orders.filtered(lambda o: o.company_id == self.company_id)
        if not orders:
            return orders
        try:
            with self.env.cr.savepoint():
                return orders.search(self._gtg_domain() & Domain("id", "in", orders.ids))
        except CONFLICTS:
            raise
        except Exception as error:
            self._gtg_failed(orders, error)
            return orders.browse()

    def _gtg_apply(self, orders):
        """:return: the orders that the rule has treated"""
        orders = orders.filtered(lambda order: self not in order.gtg_rule_ids)
        if not orders:
            return orders
        # our own sentence tells it, core would track each field of each order
        quiet = orders.with_context(mail_notrack=True)
        try:
            with self.env.cr.savepoint():
                quiet.gtg_rule_ids = [fields.Command.link(self.id)]
                for action in self._gtg_actions():
                    action(quiet)
                orders._gtg_log(self._gtg_sentence())
                self.env.flush_all()
            return orders
        except CONFLICTS:
            raise
        except Exception as error:
            if len(orders) == 1:
                self._gtg_failed(orders, error)
                return orders.browse()
        return orders.browse().concat(*(self._gtg_apply(order) for order in orders))

    def _gtg_failed(self, orders, error):
        _logger.warning("rule %s on %s: %s", self.id, orders, error)
        text = str(error) if isinstance(error, UserError) else repr(error)
        note = self.env._("Rule %(rule)s: %(error)s", rule=self.name, error=text[:500])
        orders._gtg_hold("rule", note=note)

    def _gtg_actions(self):
        """:return: what this rule does, as functions of many orders. Extend."""
        self.ensure_one()
        actions = []
        if self.carrier_id:
            actions.append(self._gtg_set_carrier)
        if self.warehouse_id:
            actions.append(self._gtg_set_warehouse)
        if self.team_id:
            actions.append(lambda orders: orders.write({"team_id": self.team_id.id}))
        if self.tag_ids:
            tags = [fields.Command.link(tag.id) for tag in self.tag_ids]
            actions.append(lambda orders: orders.write({"tag_ids": tags}))
        if self.urgent:
            actions.append(lambda orders: orders.write({"gtg_urgent": True}))
        if self.hold_reason_id:
            actions.append(
                lambda orders: orders._gtg_hold(
                    self.hold_reason_id, note=self.hold_note or self.name
                )
            )
        return actions

    def _gtg_set_carrier(self, orders):
        theirs = orders._gtg_shipped_by_channel()
        theirs._gtg_log(
            self.env._("The marketplace ships it: its delivery method stays.")
        )
        (orders - theirs).write({"carrier_id": self.carrier_id.id})

    def _gtg_set_warehouse(self, orders):
        late = orders.filtered("picking_ids")
        if late:
            raise UserError(
                self.env._(
                    "%s has deliveries already, its warehouse cannot be changed.",
                    ", ".join(late.mapped("name")),
                )
            )
        orders.write({"warehouse_id": self.warehouse_id.id})

    def _gtg_sentence(self):
        """:return: what the rule did, for the order's history"""
        done = [
            (self.env._("delivery method"), self.carrier_id.name),
            (self.env._("warehouse"), self.warehouse_id.name),
            (self.env._("sales team"), self.team_id.name),
            (self.env._("tags"), ", ".join(self.tag_ids.mapped("name"))),
            (self.env._("urgent"), self.urgent and self.env._("yes")),
            (self.env._("on hold"), self.hold_reason_id.name),
        ]
        parts = "; ".join(f"{label}: {value}" for label, value in done if value)
        return self.env._("Rule %(rule)s - %(done)s", rule=self.name, done=parts)
