from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal

MAX_ID = 2**31 - 1


class GtgPortalRequests(CustomerPortal):
    """The buyer asks for a return or to cancel, on the page of the order.

    Who may see the order (core's rule: its owner, or who has its link) may ask.
    What comes in is text until the model has judged it; a mistake gives the form back
    with a sentence, and nothing is written.
    """

    def _determine_is_down_payment(self, order_sudo, *args, **kwargs):
        """Core asks the order's total, or else what is required of it: of an exchange
        that is what the returned goods have not paid."""
        if order_sudo.gtg_exchange_credit:
            return True
        return super()._determine_is_down_payment(order_sudo, *args, **kwargs)

    def _gtg_order(self, order_id, access_token):
        """:raise AccessError, MissingError: not theirs, or not there"""
        if not 0 < order_id <= MAX_ID:
            raise MissingError(request.env._("This order does not exist."))
        return self._document_check_access(
            "sale.order", order_id, access_token=access_token
        )

    @route(
        "/my/orders/<int:order_id>/return",
        type="http",
        auth="public",
        website=True,
        methods=["GET", "POST"],
    )
    def portal_order_return(self, order_id, access_token=None, **form):
        try:
            order = self._gtg_order(order_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        form = _texts(form)
        error = order._gtg_why_no_return()
        if request.httprequest.method == "POST" and not error:
            try:
                with request.env.cr.savepoint():
                    order._gtg_ask_return(
                        form, request.httprequest.files.getlist("photos")
                    )
                return request.redirect(order.get_portal_url(anchor="gtg_requests"))
            except UserError as refusal:
                error = str(refusal)
        values = {
            "sale_order": order,
            "page_name": "order",
            "error": error,
            "form": form,
            "returnable": order._gtg_portal_returnable().items(),
            "reasons": request.env["gtg.return.reason"].sudo().search([]),
        }
        values = self._get_page_view_values(
            order, access_token, values, "my_orders_history", False
        )
        return request.render("gtg_order_flow.portal_return_form", values)

    @route(
        "/my/orders/<int:order_id>/cancel_request",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def portal_order_cancel_request(self, order_id, access_token=None, **form):
        try:
            order = self._gtg_order(order_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if not order._gtg_why_no_cancel():
            order._gtg_ask_cancel(_texts(form))
        # if not possible any more, the page says why
        return request.redirect(order.get_portal_url(anchor="gtg_requests"))


def _texts(form):
    """What was typed: a file in the place of a text is none."""
    return {name: value for name, value in form.items() if isinstance(value, str)}
