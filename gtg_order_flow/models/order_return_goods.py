from odoo import api, fields, models
from odoo.exceptions import UserError


class GtgOrderReturn(models.Model):
    """The goods of a return: core's return transfer, and what came with it."""

    _inherit = "gtg.order.return"

    move_ids = fields.Many2many("stock.move", compute="_compute_move_ids")
    picking_ids = fields.Many2many("stock.picking", compute="_compute_picking_ids")
    picking_count = fields.Integer(compute="_compute_picking_ids")
    received_at = fields.Datetime(readonly=True, copy=False)
    sets_returning = fields.Boolean(
        readonly=True, copy=False, help="The whole order comes back with this return."
    )
    may_be_lost = fields.Boolean(compute="_compute_may_be_lost")

    @api.depends("line_ids.move_ids")
    def _compute_move_ids(self):
        for one in self:
            # not those by which goods that came go out again
            one.move_ids = one.sudo().line_ids.move_ids.filtered(
                lambda move: move.location_usage == "customer"
            )

    @api.depends("line_ids.move_ids.picking_id")
    def _compute_picking_ids(self):
        for one in self:
            one.picking_ids = one.sudo().move_ids.picking_id
            one.picking_count = len(one.picking_ids)

    def _gtg_open_moves(self):
        return self.move_ids.filtered(lambda m: m.state not in ("done", "cancel"))

    def _gtg_goods(self):
        """:return: list of what is counted when the goods arrive"""
        return [goods for line in self.line_ids for goods in line._gtg_goods()]

    # === ANNOUNCED === #

    def _gtg_expect_goods(self):
        """Prepare core's return transfers, one per delivery the goods left with."""
        self.ensure_one()
        wanted = {}
        for goods in self._gtg_goods():
            for move, quantity in goods._gtg_spread().items():
                wanted[move] = quantity
        for delivery, moves in (
            self.env["stock.move"].concat(*wanted).grouped("picking_id").items()
        ):
            wizard = self.env["stock.return.picking"].create(
                {"picking_id": delivery.id}
            )
            for line in wizard.product_return_moves:
                line.quantity = wanted[line.move_id] if line.move_id in moves else 0
            picking = wizard._create_return()
            picking.origin = f"{self.name} ({delivery.name})"
            # what is exchanged stays sold: nothing to credit
            picking.move_ids.to_refund = self.wish != "exchange"
            for move in picking.move_ids:
                move.gtg_return_line_id = self.line_ids.filtered(
                    lambda ln, move=move: ln.order_line_id == move.sale_line_id
                )

    def _gtg_is_whole(self):
        """Whether nothing stays with the buyer once what is accepted is back."""
        self.ensure_one()
        accepted = self.order_id.gtg_return_ids.filtered(
            lambda one: one.state == "accepted" and one.wish != "exchange"
        )
        return self in accepted and not self.order_id._gtg_with_buyer(accepted)

    def _gtg_mark_returning(self):
        for one in self:
            if not one.order_id.gtg_return_state and one._gtg_is_whole():
                one.sets_returning = True
                one.order_id.gtg_return_state = "returning"

    def _gtg_unmark_returning(self):
        mine = self.filtered("sets_returning")
        mine.sets_returning = False
        mine.order_id.filtered(
            lambda order: order.gtg_return_state == "returning"
        ).gtg_return_state = False

    # === ARRIVED === #

    def action_all_good(self):
        """Everything came and can be sold again: fill in the lines."""
        for one in self._gtg_in_warehouse()._gtg_claim("accepted"):
            for goods in one._gtg_goods():
                goods.write({"good": goods.quantity, "damaged": 0})
        return True

    def action_receive(self):
        """Book what the lines say: good to stock, damaged aside, the rest is missing.

        :raise UserError: damaged goods without a word on the damage
        """
        for one in self._gtg_in_warehouse()._gtg_claim("accepted"):
            one._gtg_check_arrival()
            moves = one._gtg_open_moves()
            for goods in one._gtg_goods():
                goods._gtg_book(goods._gtg_own_moves(moves))
            moves = one._gtg_open_moves()
            came = moves.filtered(lambda m: not m.product_uom.is_zero(m.quantity))
            moves.picked = False
            came.picked = True
            empty = moves.picking_id - came.picking_id
            empty.with_context(gtg_nothing_came=True).action_cancel()
            came.picking_id.with_context(cancel_backorder=True)._action_done()
            one._gtg_set_received()  # if no transfer was left to tell
        return True

    def _gtg_check_arrival(self):
        for goods in self._gtg_goods():
            if goods.damaged and not (goods.damage_note or "").strip():
                raise UserError(
                    self.env._(
                        "%(product)s: write in Damage what is damaged.",
                        product=goods.product_id.display_name,
                    )
                )

    def _gtg_read_arrival(self):
        """Take from the transfers what came; they may be validated anywhere."""
        for one in self.sudo().filtered(lambda one: one.state == "accepted"):
            if not one.move_ids or one._gtg_open_moves():
                continue
            done = one.move_ids.filtered(lambda m: m.state == "done")
            if not done and not self.env.context.get("gtg_nothing_came"):
                one.state = "cancelled"  # somebody cancelled the transfer
                one._gtg_unmark_returning()
                continue
            for goods in one._gtg_goods():
                goods._gtg_read_moves(goods._gtg_own_moves(done))
            one._gtg_set_received()

    def _gtg_set_received(self):
        for one in self.filtered(lambda one: one.state == "accepted"):
            one.write({"state": "received", "received_at": fields.Datetime.now()})
            came = any(line.good or line.damaged for line in one.line_ids)
            if one.sets_returning and not came:
                one._gtg_ask_where()
            one._gtg_unmark_returning()
            one._gtg_log_arrival()
            one._gtg_tell_surplus()
            one._gtg_owe()
            if came:
                one._gtg_tell("return_received")
            one._gtg_after_received()

    def _gtg_ask_where(self):
        """Nothing came of a whole order: kept by the buyer, or lost? A person knows."""
        owner = self.user_id or self.order_id._gtg_owner()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("Nothing came: ask the buyer"),
            note=self.env._("If it was lost on the way, press Lost on the way."),
            user_id=owner.id or self.env.uid,
        )

    def action_lost(self):
        """The goods of the whole order neither came nor does the buyer have them."""
        for one in self._gtg_claim("closed").filtered("may_be_lost"):
            one.order_id.gtg_return_state = "lost"
            one.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        return True

    @api.depends(
        "state", "wish", "line_ids.good", "line_ids.damaged", "order_id.gtg_return_state"
    )
    def _compute_may_be_lost(self):
        for one in self:
            one.may_be_lost = (
                one.state == "closed"
                and one.wish != "exchange"
                and not one.order_id.gtg_return_state
                and not any(line.good or line.damaged for line in one.line_ids)
                and not one.order_id._gtg_with_buyer(one)
            )

    def _gtg_arrival_rows(self):
        """:return: what came, in words for the staff"""
        return [
            self.env._(
                "%(product)s: %(good)s good, %(damaged)s damaged %(note)s, "
                "%(missing)s missing",
                product=goods.product_id.display_name,
                good=f"{goods.good:g}",
                damaged=f"{goods.damaged:g}",
                note=f"({goods.damage_note})" if goods.damage_note else "",
                missing=f"{goods.missing:g}",
            )
            for goods in self._gtg_goods()
        ]

    def _gtg_log_arrival(self):
        self._message_log(body="\n".join(self._gtg_arrival_rows()))

    def _gtg_tell_surplus(self):
        """Somebody asks the buyer about goods that nobody announced."""
        self.ensure_one()
        rows = [
            (goods.product_id, goods.surplus)
            for goods in self._gtg_goods()
            if goods.product_uom_id.compare(goods.surplus, 0) > 0
        ]
        others = self.picking_ids.move_ids.filtered(
            lambda m: m.state == "done" and not m.gtg_return_line_id
        )
        rows += [(move.product_id, move.quantity) for move in others]
        if not rows:
            return
        goods = ", ".join(
            f"{quantity:g} × {product.display_name}" for product, quantity in rows
        )
        text = self.env._("More came than was announced: %s. Ask the buyer.", goods)
        self._message_log(body=text)
        owner = self.user_id or self.order_id.user_id
        if owner:
            self.activity_schedule(
                "mail.mail_activity_data_todo", summary=text, user_id=owner.id
            )

    def action_show_transfers(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_picking_tree_all"
        )
        return {**action, "domain": [("id", "in", self.picking_ids.ids)], "context": {}}


class GtgOrderReturnLine(models.Model):
    _inherit = "gtg.order.return.line"

    move_ids = fields.One2many("stock.move", "gtg_return_line_id")

    def _gtg_delivered_moves(self):
        return self.order_line_id._gtg_delivered_moves()

    def _gtg_own_moves(self, moves):
        return moves.filtered(lambda move: move._gtg_is_for(self))

    def _gtg_goods(self):
        """:return: what is counted of the line: it itself. Extend: kits have parts."""
        self.ensure_one()
        return self


class StockMove(models.Model):
    _inherit = "stock.move"

    gtg_return_line_id = fields.Many2one(
        "gtg.order.return.line",
        string="Return Line",
        index="btree_not_null",
        ondelete="set null",
    )
    gtg_return_id = fields.Many2one(related="gtg_return_line_id.return_id")

    def _gtg_is_for(self, return_line):
        self.ensure_one()
        return self.gtg_return_line_id == return_line

    def _prepare_merge_moves_distinct_fields(self):
        return [*super()._prepare_merge_moves_distinct_fields(), "gtg_return_line_id"]

    def _gtg_returns(self):
        """:return: the returns whose goods come (not go) with these moves"""
        return self.sudo().filtered(lambda m: m.location_usage == "customer").gtg_return_id


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        res = super()._action_done()
        self.move_ids._gtg_returns()._gtg_read_arrival()
        return res

    def action_cancel(self):
        res = super().action_cancel()
        self.move_ids._gtg_returns()._gtg_read_arrival()
        return res


class StockWarehouse(models.Model):
    _inherit = "stock.warehouse"

    gtg_manager_id = fields.Many2one(
        "res.users", string="Person in Charge", domain=[("share", "=", False)]
    )
    gtg_damage_location_id = fields.Many2one(
        "stock.location",
        string="Damage Location",
        domain="[('usage', 'in', ('internal', 'inventory')), "
        "('company_id', 'in', (company_id, False))]",
        check_company=True,
        help="Damaged goods of returns go here. They are not for sale: the place is "
        "outside of the warehouse's stock. Made by itself when first needed.",
    )

    def _gtg_damage_location(self):
        """:return: where damaged goods of this warehouse go, made when missing"""
        self.ensure_one()
        warehouse = self.sudo()
        if not warehouse.gtg_damage_location_id:
            warehouse.gtg_damage_location_id = self.env["stock.location"].sudo().create(
                {
                    "name": self.env._("%s Damaged goods", self.code),
                    "usage": "internal",
                    "company_id": self.company_id.id,
                }
            )
        return warehouse.gtg_damage_location_id
