from odoo import api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name


class TwoCursorsCase(BaseCase):
    """Real cursors, real commits on an order that is removed again."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, 1, {})
            product = env["product.product"].create({"name": "Tea", "list_price": 9})
            partner = env["res.partner"].create(
                {"name": "Two workers", "email": "two@example.com"}
            )
            order = env["sale.order"].create(
                {
                    "partner_id": partner.id,
                    "website_id": env["website"].search([], limit=1).id,
                    "order_line": [Command.create({"product_id": product.id})],
                }
            )
            self.order_id = order.id
            self.made = product.id, partner.id
        self.addCleanup(self._remove)

    def _remove(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, 1, {})
            requests = env["gtg.cancel.request"].search(
                [("order_id", "=", self.order_id)]
            )
            for model, ids in (
                ("gtg.cancel.request", requests.ids),
                ("sale.order", [self.order_id]),
            ):
                env["mail.mail"].search(
                    [("model", "=", model), ("res_id", "in", ids)]
                ).unlink()
                env[model].browse(ids).unlink()
            env["product.product"].browse(self.made[0]).unlink()
            env["res.partner"].browse(self.made[1]).unlink()
