from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

FORM = 'gtg_vn_einvoice_sale.buyer_form'


class BuyerOfInvoice(CustomerPortal):
    """The buyer says whom the e-invoice shall name: in the web shop and afterwards."""

    @http.route('/shop/einvoice', type='http', auth='public', methods=['GET', 'POST'],
                website=True, sitemap=False)
    def shop_invoice_buyer(self, **values):
        order = request.cart
        if not order or order._is_anonymous_cart():
            return request.redirect('/shop/address' if order else '/shop')
        return self._buyer_form(order, values, '/shop/payment', '/shop/einvoice')

    @http.route('/my/orders/<int:order_id>/einvoice', type='http', auth='public',
                methods=['GET', 'POST'], website=True, sitemap=False)
    def portal_invoice_buyer(self, order_id, access_token=None, **values):
        if order_id >= 2 ** 31:  # no number of a record
            return request.redirect('/my')
        try:
            order = self._document_check_access('sale.order', order_id, access_token)
        except (AccessError, MissingError):
            return request.redirect('/my')
        return self._buyer_form(order.sudo(), values, order.get_portal_url(),
                                order.get_portal_url(suffix='/einvoice'))

    def _buyer_form(self, order, values, back, here):
        """Show the form; on POST take it over, or show what is wrong with it."""
        errors = {}
        if request.httprequest.method == 'POST':
            errors = order._gtg_set_invoice_buyer(values)
            if not errors:
                return request.redirect(back)
        known = order._gtg_invoice_buyer()
        return request.render(FORM, {
            'order': order, 'errors': errors, 'back': back, 'here': here,
            'buyer': {**known, **{name: values[name] for name in known
                                  if isinstance(values.get(name), str)}},
            'states': request.env.ref('base.vn').sudo().state_ids,
            'nations': order.sudo()._gtg_nations(),
            'page_name': 'order'})
