import math
from collections import namedtuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib import packing

# what a carrier takes per box, packing included: grams, centimetres; 0 = no limit
BoxLimits = namedtuple("BoxLimits", "carrier weight side", defaults=("", 0, 0))


class StockPackageType(models.Model):
    _inherit = "stock.package.type"

    def _gtg_sides(self):
        """:return: (length, width, height) in centimetres, rounded up"""
        unit = self.env["product.template"]._get_length_uom_id_from_ir_config_parameter()
        cm = self.env.ref("uom.product_uom_cm")
        return tuple(
            math.ceil(round(unit._compute_quantity(side, cm, round=False), 3))
            for side in (self.packaging_length, self.width, self.height)
        )

    def _gtg_kinds(self, limits):
        """:return: [packing.Kind] of those of these boxes that the carrier takes"""
        kinds = []
        for box in self:
            sides = box._gtg_sides()
            most = box._gtg_most(limits)
            weight = most and most - box._gtg_grams(box.base_weight)
            if most and weight <= 0 or limits.side and max(sides) > limits.side:
                continue
            kinds.append(packing.Kind(box, weight, math.prod(sides)))
        return kinds

    def _gtg_most(self, limits):
        """:return: grams that this box may weigh, also if it is none; 0 = no limit"""
        return min(
            filter(None, (self._gtg_grams(self.max_weight), limits.weight)), default=0
        )

    @api.model
    def _gtg_grams(self, weight):
        """Grams, rounded up, of a weight in the database's unit."""
        unit = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        gram = self.env.ref("uom.product_uom_gram")
        return math.ceil(round(unit._compute_quantity(weight, gram, round=False), 3))

    @api.model
    def _gtg_from_grams(self, grams):
        """:return: (weight in the database's unit, that unit)"""
        unit = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        gram = self.env.ref("uom.product_uom_gram")
        return gram._compute_quantity(grams, unit, round=False), unit

    @api.model
    def _gtg_weight_text(self, grams):
        """A weight as people read it."""
        weight, unit = self._gtg_from_grams(grams)
        return f"{round(weight, 3):g} {unit.display_name}"


class StockPicking(models.Model):
    """What a delivery is made of, and into which boxes it may go."""

    _inherit = "stock.picking"

    gtg_package_type_id = fields.Many2one(
        "stock.package.type",
        string="Box",
        copy=False,
        check_company=True,
        help="In which the goods go, where they are not put in packages.",
    )
    # sudo: who sees the order need not see carriers and boxes
    gtg_box_problem = fields.Char(
        compute="_compute_gtg_box_problem", compute_sudo=True, groups="base.group_user"
    )

    @api.depends(
        "state",
        "weight",
        "carrier_id",
        "gtg_package_type_id",
        "move_line_ids.result_package_id",
    )
    def _compute_gtg_box_problem(self):
        """Told before the carrier is asked."""
        boxes = self.env["stock.package.type"]
        for picking in self:
            limits = picking._gtg_box_limits()
            box = picking.gtg_package_type_id
            grams = boxes._gtg_grams(picking.weight + box.base_weight)
            heavy = (
                0 < limits.weight < grams
                and bool(picking._gtg_leaving())
                and not picking.move_line_ids.result_package_id
            )
            picking.gtg_box_problem = heavy and self.env._(
                "%(weight)s: %(carrier)s takes at most %(most)s in one box.",
                weight=boxes._gtg_weight_text(grams),
                carrier=limits.carrier,
                most=boxes._gtg_weight_text(limits.weight),
            )

    def _gtg_box_limits(self):
        """Of the carrier that takes this delivery. Carriers extend it.

        :rtype: BoxLimits
        """
        return BoxLimits()

    def _create_backorder_picking(self):
        second = super()._create_backorder_picking()
        # before it is reserved: a waybill may be asked for at that moment
        second.gtg_package_type_id = self.env.context.get("gtg_package_type")
        return second

    # === PIECES === #

    def _gtg_pieces(self):
        """What does not come apart: one of the unit it is sold in; a whole kit.

        :return: [({move: quantity of one piece in its unit}, how many)]
        """
        self.ensure_one()
        moves = self._gtg_moves_to_split()
        pieces = []
        for kit in self._gtg_kits():
            moves -= kit
            pieces.append(kit._gtg_kit_piece())
        for move in moves:
            whole, rest = divmod(move.product_uom_qty, 1)
            pieces.append(({move: 1}, int(whole)))
            rest = move.product_uom.round(rest)
            if move.product_uom.compare(rest, 0) > 0:
                pieces.append(({move: rest}, 1))
        return [(parts, count) for parts, count in pieces if count]

    def _gtg_kits(self):
        """:return: [the moves of a sold kit], for each one in these deliveries"""
        moves = self._gtg_moves_to_split().filtered("sale_line_id")
        return [
            group
            for line, group in moves.grouped("sale_line_id").items()
            if group.product_id != line.product_id
        ]

    def _gtg_check_kits(self, parts):
        """:param dict parts: {move: quantity} of one delivery
        :raise UserError: a part of a kit would leave alone
        """
        for kit in self._gtg_kits():
            piece, __ = kit._gtg_kit_piece()
            shares = {round(parts.get(move, 0) / each, 6) for move, each in piece.items()}
            if len(shares) > 1 or shares.pop() % 1:
                raise UserError(
                    self.env._(
                        "The parts of %s go together.",
                        kit.sale_line_id.product_id.display_name,
                    )
                )

    def _gtg_boxes_proposed(self, package_types, limits):
        """Few boxes for this delivery.

        :param BoxLimits limits: of any box
        :return: [({move: quantity}, package type)]
        """
        self.ensure_one()
        pieces = self._gtg_pieces()
        none = self.env["stock.package.type"]
        kinds = package_types._gtg_kinds(limits) or [packing.Kind(none, limits.weight)]
        boxes = packing.pack(
            [
                packing.Piece(
                    number,
                    sum(move._gtg_grams(each) for move, each in parts.items()),
                    sum(move._gtg_volume(each) for move, each in parts.items()),
                    count,
                )
                for number, (parts, count) in enumerate(pieces)
            ],
            kinds,
        )
        result = []
        for box in boxes:
            content = {}
            for number, count in box.content.items():
                for move, each in pieces[number][0].items():
                    quantity = content.get(move, 0) + each * count
                    content[move] = move.product_uom.round(quantity)
            result.append((content, box.kind.key))
        return result


class StockMove(models.Model):
    _inherit = "stock.move"

    def _gtg_kit_piece(self):
        """These are the moves of one sold kit.

        :return: ({move: quantity of one kit}, how many kits); where that cannot be
            told, because a part has left already, all of it is one piece
        """
        line = self.sale_line_id
        sold = line.move_ids.filtered(
            lambda move: (
                move.state != "cancel"
                and move.location_dest_id == self.location_dest_id
                and not move.origin_returned_move_id
            )
        )
        ordered = line.product_uom_qty
        shares = {
            product: sum(moves.mapped("product_qty")) / ordered if ordered else 0
            for product, moves in sold.grouped("product_id").items()
        }
        counts = {
            round(sum(moves.mapped("product_qty")) / shares[product], 6)
            for product, moves in self.grouped("product_id").items()
            if shares.get(product)
        }
        count = counts.pop() if counts else 0
        parts = {move: move.product_uom_qty / count if count else 0 for move in self}
        if (
            counts
            or count < 1
            or count % 1
            or self.product_id != sold.product_id
            or any(
                move.product_uom.compare(move.product_uom.round(each), each)
                or (each % 1 and not move.product_uom_qty % 1)
                for move, each in parts.items()
            )
        ):
            return {move: move.product_uom_qty for move in self}, 1
        return parts, int(count)

    def _gtg_grams(self, quantity):
        """:param quantity: in the unit of the move"""
        product = self.product_id
        units = self.product_uom._compute_quantity(quantity, product.uom_id, round=False)
        return self.env["stock.package.type"]._gtg_grams(product.weight * units)

    def _gtg_volume(self, quantity):
        """:return: cubic centimetres, rounded up"""
        product = self.product_id
        units = self.product_uom._compute_quantity(quantity, product.uom_id, round=False)
        unit = product.product_tmpl_id._get_volume_uom_id_from_ir_config_parameter()
        cubic = unit._compute_quantity(
            product.volume * units,
            self.env.ref("uom.product_uom_cubic_meter"),
            round=False,
        )
        return math.ceil(round(cubic * 1000000, 3))
