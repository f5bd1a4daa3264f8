from odoo import fields, models


class GtgReturnReason(models.Model):
    _name = "gtg.return.reason"
    _description = "Return Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    photo_required = fields.Boolean(
        help="The buyer has to send a photo with a request for this reason."
    )
