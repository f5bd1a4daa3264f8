from odoo.http import Controller, request, route
from odoo.tools import consteq

from .portal_requests import MAX_ID


class GtgCartUnsubscribe(Controller):
    """The link in a cart reminder: no more such e-mails to this address.

    A click shows a button, the button does it: programs that open every link of a
    mail must not unsubscribe anybody.
    """

    @route(
        "/shop/cart/unsubscribe/<int:order_id>/<token>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET", "POST"],
    )
    def unsubscribe(self, order_id, token, **_form):
        cart = request.env["sale.order"].sudo()
        if 0 < order_id <= MAX_ID:
            cart = cart.browse(order_id).exists()
        known = cart.access_token and token.isascii()
        if not known or not consteq(cart.access_token, token):
            raise request.not_found()
        email = cart.partner_id.email_normalized
        done = request.httprequest.method == "POST"
        if done and email:
            request.env["mail.blacklist"].sudo()._add(email)
        return request.render(
            "gtg_order_flow.cart_unsubscribe", {"email": email, "done": done}
        )
