from datetime import datetime, time, timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain

OPEN = [("gtg_stage", "in", ("new", "processing"))]
NO_CART = ["|", ("website_id", "=", False), ("state", "!=", "draft")]
NOT_LEFT = [("gtg_shipped_at", "=", False), ("gtg_delivered_at", "=", False)]


class GtgOrderHome(models.AbstractModel):
    """Today's work of the shop on one page, in a constant number of statements."""

    _name = "gtg.order.home"
    _description = "Today's Work"

    @api.model
    def today(self):
        """:return: {sections, views}: a section has a title and tiles; a tile opens
        its orders or holds
        """
        self.env["sale.order"].check_access("read")
        return {
            "currency_id": self.env.company.currency_id.id,
            "sections": [
                self._steps(),
                self._deadlines(),
                self._answers(),
                self._holds(),
                self._money(),
                self._arrivals(),
            ],
            "views": {
                "list": self.env.ref("gtg_order_flow.view_order_board_list").id,
                "kanban": self.env.ref("gtg_order_flow.view_order_board").id,
                "search": self.env.ref("gtg_order_flow.view_order_board_search").id,
            },
        }

    @api.model
    def _orders(self, *domains):
        companies = [("company_id", "in", self.env.companies.ids)]
        return list(Domain.AND([Domain(d) for d in (companies, NO_CART, *domains)]))

    @api.model
    def _tile(self, label, count, domain, amount=None, level="", model="sale.order"):
        return {
            "label": label,
            "count": count,
            "amount": amount,
            "domain": domain,
            "level": level if count else "",
            "model": model,
        }

    @api.model
    def _midnight(self, days=0):
        """:return: UTC time at which today (plus days) begins for the user"""
        tz = self.env.tz
        day = datetime.now(tz).date() + timedelta(days=days)
        start = tz.localize(datetime.combine(day, time.min))
        return start.astimezone(timezone.utc).replace(tzinfo=None)

    @api.model
    def _steps(self):
        orders = self.env["sale.order"]
        domain = self._orders(OPEN)
        sums = {
            step: (count, amount)
            for step, count, amount in orders._read_group(
                domain, ["gtg_substage"], ["__count", "amount_total:sum"]
            )
        }
        field = orders._fields["gtg_substage"]
        labels = dict(field._description_selection(self.env))
        shown = orders._gtg_expand_substage(list(sums), [])
        return {
            "key": "steps",
            "title": self.env._("Work"),
            "tiles": [
                self._tile(
                    labels[step],
                    sums.get(step, (0, 0))[0],
                    [*domain, ("gtg_substage", "=", step)],
                    amount=sums.get(step, (0, 0))[1],
                )
                for step in shown
            ],
        }

    @api.model
    def _deadlines(self):
        now = fields.Datetime.now()
        days = [self._midnight(1), self._midnight(2)]
        tiles = []
        for label, since, until, level in (
            (self.env._("Too late"), None, now, "danger"),
            (self.env._("Ship today"), now, days[0], "warning"),
            (self.env._("Ship tomorrow"), *days, ""),
        ):
            domain = self._orders(OPEN, NOT_LEFT, [("gtg_ship_by", "<", until)])
            if since:
                domain = [*domain, ("gtg_ship_by", ">=", since)]
            count = self.env["sale.order"].search_count(domain)
            tiles.append(self._tile(label, count, _plain(domain), level=level))
        return {"key": "deadlines", "title": self.env._("Deadlines"), "tiles": tiles}

    @api.model
    def _answers(self):
        """Who waits for a person: buyers, payments, steps left half way."""
        here = [("company_id", "in", self.env.companies.ids)]
        now = fields.Datetime.now()
        returns, cancels = "gtg.order.return", "gtg.cancel.request"
        asked, late = [("state", "=", "requested")], [("deadline", "<", now)]
        stuck = [("refund_state", "in", ("failed", "unknown"))]
        tiles = [
            self._counted(label, model, [*here, *domain], level)
            for label, model, domain, level in (
                (self.env._("Returns to answer"), returns, asked, "warning"),
                (self.env._("Returns, answer is late"), returns, asked + late, "danger"),
                (
                    self.env._("Returns arriving"),
                    returns,
                    [("state", "=", "accepted")],
                    "",
                ),
                (self.env._("Cancellations to answer"), cancels, asked, "warning"),
                (
                    self.env._("Cancellations, answer is late"),
                    cancels,
                    asked + late,
                    "danger",
                ),
                (self.env._("Refunds of returns stuck"), returns, stuck, "danger"),
                (self.env._("Refunds of cancelled stuck"), cancels, stuck, "danger"),
                (
                    self.env._("Holds are late"),
                    "gtg.order.hold",
                    [("state", "=", "open"), *late],
                    "danger",
                ),
                (
                    self.env._("My holds"),
                    "gtg.order.hold",
                    [("state", "=", "open"), ("user_id", "=", self.env.uid)],
                    "warning",
                ),
            )
        ]
        clocks = self._orders(OPEN, [("gtg_deadline", "<=", now)])
        tiles.append(
            self._counted(self.env._("Clocks run out"), "sale.order", clocks, "danger")
        )
        short = [("gtg_stage", "=", "new"), ("gtg_missing", "!=", False)]
        for label, waiting in (
            (self.env._("To review, goods missing"), short),
            (
                self.env._("Confirmed, wait for stock"),
                [
                    ("state", "=", "sale"),
                    ("gtg_goods", "=", "waiting"),
                    ("gtg_info", "!=", "on_hold"),  # kept from the stock
                ],
            ),
        ):
            domain = self._orders(OPEN, waiting)
            tiles.append(self._counted(label, "sale.order", domain, "warning"))
        unscanned = [*clocks, ("gtg_unscanned_since", "!=", False)]
        label = self.env._("Left us, not scanned")
        tiles.append(self._counted(label, "sale.order", unscanned, "danger"))
        if self.env["gtg.order.bulk"].has_access("read"):
            half = [*here, ("started_at", "!=", False), ("line_ids.state", "=", "waiting")]
            label = self.env._("Bulk steps left half way")
            tiles.append(self._counted(label, "gtg.order.bulk", half, "warning"))
        return {
            "key": "answers",
            "title": self.env._("Waiting for you"),
            "tiles": [tile for tile in tiles if tile["count"]],
        }

    @api.model
    def _counted(self, label, model, domain, level):
        count = self.env[model].search_count(domain)
        return self._tile(label, count, _plain(domain), level=level, model=model)

    @api.model
    def _holds(self):
        domain = [
            ("state", "=", "open"),
            ("company_id", "in", self.env.companies.ids),
        ]
        groups = self.env["gtg.order.hold"]._read_group(
            domain, ["reason_id"], ["__count"]
        )
        return {
            "key": "holds",
            "title": self.env._("On hold"),
            "tiles": [
                self._tile(
                    reason.display_name,
                    count,
                    [*domain, ("reason_id", "=", reason.id)],
                    level="danger",
                    model="gtg.order.hold",
                )
                for reason, count in groups
            ],
        }

    @api.model
    def _money(self):
        tiles = []
        for label, more, amount in (
            (
                self.env._("Delivered, money to come"),
                [("gtg_substage", "=", "to_collect")],
                "amount_total:sum",
            ),
            (
                self.env._("COD on the way"),
                [("gtg_money", "=", "cod"), ("gtg_goods", "=", "shipped")],
                "gtg_cod_amount:sum",
            ),
            (
                self.env._("Not paid yet"),
                [("gtg_money", "=", "unpaid"), ("gtg_goods", "!=", "delivered")],
                "amount_total:sum",
            ),
            (
                self.env._("To give back"),
                [("gtg_money", "=", "refunding")],
                "amount_total:sum",
            ),
        ):
            domain = self._orders([] if more[0][2] == "refunding" else OPEN, more)
            [(count, total)] = self.env["sale.order"]._read_group(
                domain, [], ["__count", amount]
            )
            tiles.append(self._tile(label, count, domain, amount=total or 0))
        return {"key": "money", "title": self.env._("Money"), "tiles": tiles}

    @api.model
    def _arrivals(self):
        domain = self._orders(
            [("date_order", ">=", self._midnight()), ("state", "!=", "cancel")]
        )
        groups = self.env["sale.order"]._read_group(
            domain, ["gtg_channel_id"], ["__count", "amount_total:sum"]
        )
        return {
            "key": "arrivals",
            "title": self.env._("New today"),
            "tiles": [
                self._tile(
                    channel.display_name or self.env._("Without channel"),
                    count,
                    [*_plain(domain), ("gtg_channel_id", "=", channel.id)],
                    amount=amount,
                )
                for channel, count, amount in groups
            ],
        }


def _plain(domain):
    """Times as text: the domain goes to the browser and back."""
    return [
        (*leaf[:2], fields.Datetime.to_string(leaf[2]))
        if not isinstance(leaf, str) and isinstance(leaf[2], datetime)
        else leaf
        for leaf in domain
    ]
