from odoo import api, models
from odoo.tools import SQL

from ..lib import clean, phone


class ResPartner(models.Model):
    _inherit = "res.partner"

    # the same telephone, however it is written
    _gtg_phone_end_idx = models.Index(
        r"(RIGHT(REGEXP_REPLACE(phone, '\D', '', 'g'), 9)) WHERE phone IS NOT NULL"
    )


class GtgOrderEntry(models.AbstractModel):
    """The buyer of a typed order: found by telephone, made when new."""

    _inherit = "gtg.order.entry"

    @api.model
    def find_customer(self, number):
        """:return: {phone, error, customer}: customer is False when nobody has it"""
        self._check_staff()
        key = phone.national(clean.text(number, 60))
        if not key:
            return {"phone": "", "customer": False, "error": self._phone_error()}
        partner, order = self._customer_of(key)
        if not partner:
            return {"phone": key, "customer": False, "error": False}
        place = order.partner_shipping_id or partner
        return {
            "phone": key,
            "error": False,
            "customer": {
                "id": partner.id,
                "name": partner.name or "",
                "street": place.street or "",
                "ward": place.street2 or "",
                "province": place.state_id.name or "",
                "channel_id": order.gtg_channel_id.id or False,
                "orders": self.env["sale.order"].search_count(
                    [("partner_id", "=", partner.id), ("state", "=", "sale")]
                ),
                "last": order.name or "",
            },
        }

    @api.model
    def _phone_error(self):
        return self.env._("Type a Vietnamese number, for instance 0912 345 678.")

    @api.model
    def _customer_of(self, key):
        """:return: (customer with this telephone or none, their last order or none)"""
        # what is typed and not yet written counts too
        self.env["res.partner"].flush_model(["phone", "company_id", "active"])
        rows = self.env.execute_query(
            SQL(
                r"""SELECT id FROM res_partner
                     WHERE RIGHT(REGEXP_REPLACE(phone, '\D', '', 'g'), 9) = %s
                       AND phone IS NOT NULL AND active""",
                key[-9:],
            )
        )
        partners = self.env["res.partner"].search(
            [
                ("id", "in", [row[0] for row in rows]),
                ("company_id", "in", (False, self.env.company.id)),
            ],
            order="id desc",
        )
        partners = partners.filtered(lambda p: phone.national(p.phone) == key)
        people = partners.commercial_partner_id | partners
        order = self.env["sale.order"].search(
            [
                ("partner_id", "in", people.ids),
                ("company_id", "=", self.env.company.id),
                ("gtg_channel_id", "in", self._channels().ids),
            ],
            order="date_order desc, id desc",
            limit=1,
        )
        return order.partner_id or (partners.commercial_partner_id or partners)[:1], order

    @api.model
    def _address(self, typed):
        return {
            "street": typed["street"] or False,
            "street2": typed["ward"] or False,
            "state_id": typed["state"].id,
            "country_id": self._country().id,
        }

    @api.model
    def _known_place(self, typed, partner, order):
        """:return: the address of the customer that is the typed one, or none"""
        wanted = {**self._address(typed), "name": typed["name"]}
        places = order.partner_shipping_id | partner | partner.child_ids
        return next(
            (
                place
                for place in places
                if all(
                    (place[name].id if name.endswith("_id") else place[name] or False)
                    == (value or False)
                    for name, value in wanted.items()
                )
            ),
            partner.browse(),
        )

    @api.model
    def _buyer_in_sight(self, typed):
        """:return: as `_buyer`, but nothing is written: who is new is not stored"""
        partners = self.env["res.partner"]
        partner, order = partners, self.env["sale.order"]
        if typed["phone"]:
            partner, order = self._customer_of(typed["phone"])
        place = partner and self._known_place(typed, partner, order)
        if not place:
            vals = {
                **self._address(typed),
                "name": typed["name"] or "-",
                "phone": typed["phone"] or False,  # carriers quote no price without it
            }
            place = partners.new({**vals, "company_id": self.env.company.id})
        return partner or place, place

    @api.model
    def _buyer(self, typed):
        """:return: (customer, delivery address), made where missing; what is known of
        a customer is never overwritten, another address becomes one of its own
        """
        address = self._address(typed)
        partner, order = self._customer_of(typed["phone"])
        if not partner:
            partner = (
                self.env["res.partner"]
                .sudo()
                .create(
                    {
                        **address,
                        "name": typed["name"],
                        "phone": typed["phone"],
                        "company_id": self.env.company.id,
                        "lang": self.env.lang,
                    }
                )
                .sudo(self.env.su)
            )
            return partner, partner
        if known := self._known_place(typed, partner, order):
            return partner, known
        if not (partner.street or partner.street2 or partner.state_id):
            partner.sudo().write(address)
            if partner.name == typed["name"]:
                return partner, partner
        if not (address["street"] or address["street2"]):
            return partner, order.partner_shipping_id or partner
        place = (
            self.env["res.partner"]
            .sudo()
            .create(
                {
                    **address,
                    "name": typed["name"],
                    "type": "delivery",
                    "parent_id": partner.id,
                    "phone": typed["phone"],
                    "company_id": partner.company_id.id,
                }
            )
        )
        return partner, place.sudo(self.env.su)
