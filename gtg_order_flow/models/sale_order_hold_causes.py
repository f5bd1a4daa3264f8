from odoo import api, models

from ..lib import phone
from .sale_order_checks import digest


class SaleOrder(models.Model):
    """Holds that no check found, but whose cause can be seen to end: put by a person,
    a rule, a connector. Such a hold keeps what was true when it was put; it ends when
    that has changed and nothing is wrong any more. So a person who doubts what looks
    right is not overruled as long as nothing was corrected.
    """

    _inherit = "sale.order"

    @api.model
    def _gtg_causes(self):
        """:return: {code of the hold reason: method}. Extend.

        A method returns {order: (key, whether nothing is wrong)} for all its orders.
        """
        return {
            "unpaid": "_gtg_cause_unpaid",
            "first_cod": "_gtg_cause_cash",
            "address": "_gtg_cause_address",
            "phone": "_gtg_cause_phone",
            "stock": "_gtg_cause_stock",
        }

    def _gtg_cause_keys(self, reason):
        """:return: {order id: what to keep on a hold put now for this reason}"""
        method = reason.ends == "itself" and self._gtg_causes().get(reason.code)
        if not method:
            return {}
        return {order.id: key for order, (key, __) in getattr(self, method)().items()}

    def _gtg_end_told(self, only=None):
        """End the holds whose cause has ended.

        :param only: codes of the reasons to look at, all by default
        """
        causes = self._gtg_causes()
        codes = [code for code in causes if not only or code in only]
        holds = self.env["gtg.order.hold"].sudo().search(
            [
                ("order_id", "in", self.ids),
                ("state", "=", "open"),
                ("cause", "=", 0),
                ("finding", "!=", False),
                ("reason_id.code", "in", codes),
                ("reason_id.ends", "=", "itself"),
            ]
        )
        for reason, of_reason in holds.grouped("reason_id").items():
            now = getattr(of_reason.order_id, causes[reason.code])()
            of_reason.filtered(
                lambda hold, now=now: (
                    now[hold.order_id][1] and now[hold.order_id][0] != hold.finding
                )
            )._gtg_close()

    # === WHAT IS TRUE NOW === #

    def _gtg_cause_unpaid(self):
        return {order: (order.gtg_money, order.gtg_money == "paid") for order in self}

    def _gtg_cause_cash(self):
        return {
            order: (order.gtg_money, order.gtg_money not in ("unpaid", "cod"))
            for order in self
        }

    def _gtg_cause_address(self):
        problems = self._gtg_to_vietnam()._gtg_address_problems()
        return {
            order: (
                digest("\0".join(order._gtg_place_texts())),
                not problems.get(order),
            )
            for order in self
        }

    def _gtg_place_texts(self):
        """:return: where it goes, whoever takes it there"""
        place = self.partner_shipping_id
        texts = (place.street, place.street2, place.city, place.state_id.name, place.zip)
        return [text or "" for text in texts]

    def _gtg_cause_phone(self):
        local = self._gtg_to_vietnam()
        return {
            order: (
                digest(order._gtg_phone()),
                order not in local or bool(phone.national(order._gtg_phone())),
            )
            for order in self
        }

    def _gtg_cause_stock(self):
        return {
            order: (
                "short" if order.gtg_goods == "waiting" else "there",
                order.gtg_goods != "waiting",
            )
            for order in self
        }
