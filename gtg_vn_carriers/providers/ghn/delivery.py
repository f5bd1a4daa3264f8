from odoo import fields, models


class DeliveryCarrier(models.Model):
    _inherit = 'delivery.carrier'

    delivery_type = fields.Selection(
        selection_add=[('gtg_ghn', 'GHN')],
        ondelete={'gtg_ghn': lambda carriers: carriers.write({
            'delivery_type': 'fixed', 'active': False})})

    def gtg_ghn_rate_shipment(self, order):
        return self._gtg_rate_shipment(order)

    def gtg_ghn_send_shipping(self, pickings):
        return self._gtg_send_shipping(pickings)

    def gtg_ghn_get_tracking_link(self, picking):
        return self._gtg_tracking_link(picking)

    def gtg_ghn_cancel_shipment(self, pickings):
        return self._gtg_cancel_shipment(pickings)


class PackageType(models.Model):
    _inherit = 'stock.package.type'

    package_carrier_type = fields.Selection(selection_add=[('gtg_ghn', 'GHN')])
